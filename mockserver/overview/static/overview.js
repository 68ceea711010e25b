// What the page at /_mock/ shows: it asks the control API again and again, and changes nothing. Every text goes into the
// page as text: the policy of the page forbids any HTML from here.
"use strict";

const PAUSE = 1000; // milliseconds between two questions
const MOST = 1000; // rows
const here = document.body.dataset.here;
const by = (id) => document.getElementById(id);

// --- small things ---------------------------------------------------------------------------------------------------

const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

const toneOfStatus = (status) => (status >= 500 ? "bad" : status >= 400 ? "odd" : status >= 200 && status < 300 ? "good" : "");
const TONES = { documented: "good", example: "good", prose: "good", rfc: "good", elsewhere: "known", observed: "known", assumed: "odd" };
const chip = (text, tone = "") => make("span", { class: `chip ${tone}` }, text);
const clockOf = (time) => time.slice(11, 23);
const took = (seconds) => (seconds < 0.001 ? `${Math.round(seconds * 1e6)} µs` : `${(seconds * 1000).toFixed(2)} ms`);

const copying = (button, textOf) => {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(textOf());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => (button.textContent = words), 1500);
  });
};

// --- asking ---------------------------------------------------------------------------------------------------------

let token = sessionStorage.getItem("control-token") || "";

const send = async (route) => {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(here + route, { headers, cache: "no-store", credentials: "omit" });
  if (answer.status === 401) {
    askForToken();
    throw new Error("The control token is missing.");
  }
  return answer;
};

const ask = async (route) => {
  const answer = await send(route);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error.message);
  return value;
};

const askForToken = () => {
  if (by("token").hidden) {
    by("token").hidden = false;
    by("token-field").focus();
  }
  if (token) by("token-wrong").textContent = "That is not the token of this mock.";
  token = "";
  sessionStorage.removeItem("control-token");
};

by("token").addEventListener("submit", (event) => {
  event.preventDefault();
  token = by("token-field").value.trim();
  sessionStorage.setItem("control-token", token);
  by("token-field").value = "";
  by("token-wrong").textContent = "";
  turn();
});

// --- requests: rows are added and taken away, never made anew, so that focus stays ------------------------------------

const rows = new Map(); // number -> { entry, row, text }
const list = by("list").tBodies[0];
let newest = 0;
let dropped = 0;
let chosen = null;
let bases = {};

const pathOf = (request) => request.path_with_encoded_slashes ?? request.path;

const rowOf = (entry, fresh) => {
  const { request, response, decision } = entry;
  const path = pathOf(request);
  const last = path.lastIndexOf("/") + 1;
  const open = make(
    "button",
    { type: "button", class: "open", "aria-expanded": "false", "aria-controls": "detail" },
    make("span", { class: "method" }, request.method),
    " ",
    make("span", { class: "prefix" }, path.slice(0, last)),
    make("span", { class: "path" }, path.slice(last)),
  );
  const row = make(
    "tr",
    { class: fresh ? "new" : false, "data-number": entry.number },
    make("td", { class: "wide mono" }, clockOf(entry.time)),
    make("td", {}, open, make("span", { class: "second narrow" }, decision.rule)),
    make("td", {}, chip(String(response.status), toneOfStatus(response.status))),
    make("td", { class: "middle" }, make("span", { class: "mono" }, decision.rule), " ", chip(decision.basis, TONES[decision.basis])),
    make("td", { class: "wide" }, entry.sandbox ? make("span", { class: "mono" }, entry.sandbox.slice(0, 6)) : "–"),
    make("td", { class: "wide right" }, took(entry.seconds)),
  );
  row.addEventListener("click", () => choose(entry.number));
  return { entry, row, text: JSON.stringify(entry).toLowerCase() };
};

const forgetRow = (number) => {
  rows.get(number).row.remove();
  rows.delete(number);
  if (chosen === number) close(false);
};

const takeIn = async () => {
  const told = await ask(`requests?after=${newest}&limit=${MOST}`);
  for (let gone = told.dropped - dropped; gone > 0 && rows.size; gone -= 1) forgetRow(Math.min(...rows.keys()));
  dropped = told.dropped;
  const kept = Math.min(told.entries, MOST);
  if (newest && (told.newest < newest || rows.size + told.requests.length < kept || told.entries < rows.size)) {
    for (const number of [...rows.keys()]) forgetRow(number);
    newest = 0;
    return takeIn();
  }
  const first = newest === 0;
  for (const entry of told.requests.reverse()) {
    if (rows.has(entry.number)) continue;
    const made = rowOf(entry, !first);
    rows.set(entry.number, made);
    list.prepend(made.row);
    newest = Math.max(newest, entry.number);
  }
  newest = Math.max(newest, told.newest);
  while (rows.size > MOST) forgetRow(Math.min(...rows.keys()));
  if (told.requests.length || first) listSandboxes();
  show();
};

const listSandboxes = () => {
  const select = by("filter-sandbox");
  const known = new Set([...select.options].map((one) => one.value));
  for (const { entry } of rows.values()) {
    if (entry.sandbox && !known.has(entry.sandbox)) {
      known.add(entry.sandbox);
      select.append(make("option", { value: entry.sandbox }, `${entry.sandbox.slice(0, 6)} (${entry.credential})`));
    }
  }
};

const fits = ({ entry, text }) => {
  const operation = by("filter-operation").value;
  const status = by("filter-status").value;
  const sandbox = by("filter-sandbox").value;
  const words = by("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    (!operation || (operation === "-" ? !entry.operation : entry.operation === operation)) &&
    (!status || String(entry.response.status).startsWith(status)) &&
    (!sandbox || entry.sandbox === sandbox) &&
    words.every((word) => text.includes(word))
  );
};

const show = () => {
  let seen = 0;
  for (const one of rows.values()) {
    one.row.hidden = !fits(one);
    seen += one.row.hidden ? 0 : 1;
  }
  by("filter").hidden = !rows.size;
  by("list").hidden = !seen;
  by("empty").hidden = rows.size > 0;
  by("none").hidden = !rows.size || seen > 0;
  document.querySelector("[data-count=requests]").textContent = rows.size || "";
  const parts = [];
  if (seen !== rows.size && seen) parts.push(`${seen} of ${rows.size} are shown.`);
  if (dropped) parts.push(`${dropped} older ones had to go: --journal keeps ${document.body.dataset.journal}.`);
  const words = parts.join(" ");
  if (by("note").textContent !== words) by("note").textContent = words;
};

for (const kind of ["input", "change"]) by("filter").addEventListener(kind, show);
by("filter").addEventListener("submit", (event) => event.preventDefault());
by("unfilter").addEventListener("click", () => {
  by("filter").reset();
  show();
  by("filter-text").focus();
});

by("list").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!step) return;
  let row = event.target.closest("tr")[step];
  while (row && row.hidden) row = row[step];
  if (row) {
    event.preventDefault();
    row.querySelector("button").focus();
    if (chosen !== null) choose(Number(row.dataset.number), false);
  }
});

by("har").addEventListener("click", async () => {
  const answer = await send("requests.har");
  const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: "anyfast-mock.har" });
  link.click();
  URL.revokeObjectURL(link.href);
});

// --- one exchange ---------------------------------------------------------------------------------------------------

const choose = (number, focus = true) => {
  if (chosen !== null) mark(chosen, false);
  chosen = number;
  mark(number, true);
  by("detail").replaceChildren(...detailOf(rows.get(number).entry));
  by("detail").hidden = false;
  by("detail").scrollTop = 0;
  document.body.classList.add("shows-detail");
  if (focus) by("detail").focus({ preventScroll: matchMedia("(width >= 64rem)").matches });
};

const mark = (number, on) => {
  const one = rows.get(number);
  if (!one) return;
  one.row.classList.toggle("chosen", on);
  one.row.querySelector("button").setAttribute("aria-expanded", String(on));
};

const close = (focus = true) => {
  const one = rows.get(chosen);
  mark(chosen, false);
  chosen = null;
  by("detail").hidden = true;
  document.body.classList.remove("shows-detail");
  if (focus && one) one.row.querySelector("button").focus();
};

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen !== null) close();
});

const detailOf = (entry) => {
  const { request, response, decision } = entry;
  const back = make("button", { type: "button", class: "button" }, "Close");
  back.addEventListener("click", () => close());
  const copy = make("button", { type: "button", class: "button" }, "Copy as JSON");
  copying(copy, () => JSON.stringify(entry, null, 2));
  const whose = entry.sandbox ? `${entry.sandbox} (${entry.credential})` : "no credential came";
  return [
    make(
      "header",
      {},
      make(
        "h3",
        { id: "detail-title" },
        `${request.method} `,
        chip(String(response.status), toneOfStatus(response.status)),
        make("span", { class: "whole" }, ...pathOf(request).split(/(?<=\/)/).flatMap((part) => [part, make("wbr")])),
      ),
      back,
    ),
    why(decision, response.status),
    facts({
      Operation: entry.operation || "none of the contract",
      Sandbox: whose,
      "Request id": entry.id,
      Time: `${entry.time} by the mock's clock`,
      Took: took(entry.seconds) + (entry.delay ? `, then ${entry.delay} s on purpose` : ""),
    }),
    half("Request", Object.entries(request.headers), request.body, request.query),
    half("Answer", response.headers, response.body, []),
    make("div", {}, copy),
  ];
};

const why = (decision, status) => {
  const { basis, reply, nearest } = decision;
  const lines = [make("p", {}, make("strong", {}, decision.detail || sentence(decision.rule, status)))];
  if (nearest && !decision.detail) lines.push(make("p", {}, `Nearest: ${nearest}`));
  lines.push(
    make("p", { class: "basis" }, "Rule ", make("code", {}, decision.rule), " ", chip(basis, TONES[basis]), ` ${bases[basis] || ""}`),
  );
  if (reply) {
    lines.push(
      make("p", { class: "basis" }, "Status and words ", chip(reply, TONES[reply]), ` ${bases[reply] || ""}`),
    );
  }
  return make("div", { class: `why ${toneOfStatus(status)}` }, make("h4", {}, "Why this answer"), ...lines);
};

const sentence = (rule, status) => {
  if (rule === "prefer") return `The caller asked for status ${status}.`;
  return status < 400 ? "The request keeps to the contract and was answered." : "The request was refused.";
};

const facts = (told) =>
  make("dl", { class: "facts" }, ...Object.entries(told).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));

const half = (title, headers, body, query) => {
  const parts = [make("h4", {}, title)];
  if (query.length) parts.push(folded(`Query: ${query.length}`, facts(Object.fromEntries(query)), true));
  parts.push(folded(`Headers: ${headers.length}`, facts(Object.fromEntries(headers)), false));
  const size = body.size === null ? "" : `${body.size} bytes`;
  if (body.size) parts[0].append(make("span", { class: "second" }, size));
  if ("json" in body) parts.push(code(title, ...coloured(JSON.stringify(body.json, null, 2))));
  else if (body.text) parts.push(code(title, body.text));
  if (body.note || !body.size) parts.push(make("p", { class: "second" }, body.note || "No body."));
  return make("section", { "aria-label": title }, ...parts);
};

const folded = (title, content, open) => make("details", { open }, make("summary", {}, title), content);
const code = (title, ...content) => make("pre", { tabindex: "0", role: "region", "aria-label": `Body of the ${title.toLowerCase()}` }, ...content);

const coloured = (text) => {
  const found = [];
  let last = 0;
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)) {
    found.push(text.slice(last, match.index));
    found.push(make("span", { class: match[2] ? "n" : match[1].includes("***") ? "m" : "t" }, match[1]), match[2] || "");
    last = match.index + match[0].length;
  }
  return [...found, text.slice(last)];
};

// --- sessions -------------------------------------------------------------------------------------------------------

const STATES = { created: "", opened: "known", passed: "good", failed: "bad", expired: "odd" };
let sessions = [];
let clock = null; // { now, frozen, at }

const now = () => (clock.frozen ? clock.now : clock.now + performance.now() - clock.at);

const left = (session) => {
  if (session.state === "expired") return "over";
  const seconds = Math.max(0, Math.ceil((Date.parse(session.expires) - now()) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  return seconds >= 3600
    ? `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
};

const takeSessions = async () => {
  const [listed, told] = await Promise.all([ask("sessions?limit=200"), ask("clock")]);
  clock = { now: Date.parse(told.now), frozen: told.frozen, at: performance.now() };
  const text = JSON.stringify(listed.sessions);
  if (text !== takeSessions.known) {
    takeSessions.known = text;
    sessions = listed.sessions;
    by("sessions").tBodies[0].replaceChildren(
      ...sessions.map((one) =>
        make(
          "tr",
          {},
          make("td", { class: "mono" }, one.session),
          make("td", {}, chip(one.state, STATES[one.state])),
          make("td", { class: "right", "data-left": true }),
          make("td", { class: "mono" }, one.sandbox.slice(0, 6)),
          make("td", { class: "middle mono" }, clockOf(one.created).slice(0, 8)),
          make("td", { class: "wide" }, one.has_callback ? "yes" : "none"),
          make("td", { class: "middle mono" }, one.GroupId || (one.planned ? `${one.planned.outcome} is planned` : "–")),
        ),
      ),
    );
  }
  by("sessions").hidden = !sessions.length;
  by("no-sessions").hidden = sessions.length > 0;
  document.querySelector("[data-count=sessions]").textContent = sessions.length || "";
  tick();
};

const tick = () => {
  if (!clock) return;
  by("clock").hidden = false;
  by("clock").textContent = `${new Date(now()).toISOString().slice(0, 19).replace("T", " ")} UTC${clock.frozen ? ", standing still" : ""}`;
  const cells = by("sessions").querySelectorAll("[data-left]");
  sessions.forEach((one, index) => {
    const words = left(one);
    if (cells[index].textContent !== words) cells[index].textContent = words;
  });
};

// --- fidelity -------------------------------------------------------------------------------------------------------

const takeFidelity = async () => {
  const told = await ask("fidelity");
  bases = Object.fromEntries(Object.entries(told.bases).map(([name, means]) => [name, means.replaceAll("`", "")]));
  const made = told.rules.map((one) => ({
    basis: one.basis,
    row: make(
      "tr",
      {},
      make("td", {}, chip(one.basis, TONES[one.basis])),
      make("td", {}, one.what, make("span", { class: "second" }, one.source)),
      make("td", { class: "middle" }, one.evidence),
    ),
  }));
  by("rules").tBodies[0].replaceChildren(...made.map((one) => one.row));
  by("rules").hidden = !made.length;
  const filter = () => {
    const wanted = new Set([...by("bases").querySelectorAll("[aria-pressed=true]")].map((one) => one.dataset.basis));
    for (const one of made) one.row.hidden = wanted.size > 0 && !wanted.has(one.basis);
  };
  const counted = Object.keys(bases).map((basis) => [basis, made.filter((one) => one.basis === basis).length]);
  by("bases").replaceChildren(
    ...counted
      .filter(([, count]) => count)
      .map(([basis, count]) => {
        const button = make(
          "button",
          { type: "button", "aria-pressed": "false", "data-basis": basis },
          chip(basis, TONES[basis]),
          make("span", { class: "count" }, `${count}`),
          make("span", { class: "means" }, bases[basis]),
        );
        button.addEventListener("click", () => {
          button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
          filter();
        });
        return button;
      }),
  );
};

// --- views ----------------------------------------------------------------------------------------------------------

let view = "requests";

const turnTo = () => {
  const wanted = location.hash.slice(1);
  view = ["requests", "sessions", "fidelity"].includes(wanted) ? wanted : "requests";
  for (const link of document.querySelectorAll("[data-view]")) {
    const current = link.dataset.view === view;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    by(`view-${link.dataset.view}`).hidden = !current;
  }
  document.title = `Anyfast mock: ${view}`;
};

addEventListener("hashchange", () => {
  turnTo();
  turn();
});

for (const button of document.querySelectorAll("[data-copy]")) copying(button, () => by(button.dataset.copy).textContent);

// --- the beat -------------------------------------------------------------------------------------------------------

const say = (state, words) => {
  by("live").dataset.state = state;
  if (by("live").textContent !== words) by("live").textContent = words;
};

let paused = false;
let turning = false;
let turns = 0;

const turn = async () => {
  if (turning || paused) return;
  turning = true;
  try {
    if (!Object.keys(bases).length) await takeFidelity();
    if (document.body.dataset.journal !== "0") await takeIn();
    if (view === "sessions" || turns % 5 === 0) await takeSessions();
    turns += 1;
    by("token").hidden = true;
    say("live", "Live");
  } catch (error) {
    if (by("token").hidden) say("gone", error instanceof TypeError ? "The mock does not answer" : error.message);
    else say("waiting", "Token needed");
  } finally {
    turning = false;
  }
};

by("pause").addEventListener("click", () => {
  paused = !paused;
  by("pause").textContent = paused ? "Go on" : "Pause";
  if (paused) say("paused", "Paused");
  else turn();
});

if (document.body.dataset.journal === "0") {
  by("empty-title").textContent = "No exchanges are kept";
  by("empty-text").textContent = "This mock was started with --journal 0. Start it without, and they appear here. For example:";
  by("empty").hidden = false;
}

by("pause").hidden = false;
turnTo();
turn();
setInterval(() => {
  if (!document.hidden && by("token").hidden) turn();
}, PAUSE);
setInterval(tick, 1000);
