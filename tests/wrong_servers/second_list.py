"""A second list of single faults, written without a look at the checks: what a host may do wrong, by class.

Each is planted in the right server; that some item fails for it is all that is asked. `UNNOTICED` says which are not
noticed, and why.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from tests.wrong_servers.server import JSON, KEY, PATH, Answer, refusal, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_servers.server import Plant, Request, Serve

PLANTS: dict[str, Plant] = {}
"""By name: class and what is wrong."""

UNNOTICED: dict[str, str] = {}
"""By name: why the suite leaves a fault alone."""

Body = dict[str, Any]


def planted(name: str, plant: Plant, unnoticed: str = "") -> None:
    """Put a fault on the list."""
    assert name not in PLANTS, name
    PLANTS[name] = plant
    if unnoticed:
        UNNOTICED[name] = unnoticed


def at(status: int, change: Callable[[Answer], Answer]) -> Plant:
    """Change the answers of one status."""

    def plant(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        return change(answer) if answer.status == status else answer

    return plant


def body(change: Callable[[Body], object]) -> Plant:
    """Change the body of a session; a change that gives nothing has changed it in place."""

    def changed(answer: Answer) -> Answer:
        value = answer.value()
        made = change(value)
        return answer.saying(value if made is None else made)

    return at(200, changed)


def sent(request: Request) -> str:
    return request.headers.get("authorization", "")


def let_in(when: Callable[[Request], object]) -> Plant:
    """Let callers in whom the right server refuses."""
    return lambda request, serve: serve(request.having(authorization=f"Bearer {KEY}") if when(request) else request)


def keep_out(when: Callable[[Request], object]) -> Plant:
    """Refuse callers whom the right server lets in."""
    return lambda request, serve: serve(request.having(authorization="x") if when(request) else request)


def take(when: Callable[[Request], object]) -> Plant:
    """Accept what the right server refuses, as if it had no body."""

    def plant(request: Request, serve: Serve) -> Answer:
        return serve(replace(request, body=b"")) if request.method == "POST" and when(request) else serve(request)

    return plant


def refuse(when: Callable[[Request], object], status: int = 400) -> Plant:
    """Refuse what the right server accepts."""

    def plant(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        return refusal(status, "no") if answer.status == 200 and when(request) else answer

    return plant


def callback(request: Request) -> Any:  # noqa: ANN401 - any JSON
    value = request.value()
    return value.get("CallbackURL") if isinstance(value, dict) else None


def echo(change: Callable[[str], object]) -> Plant:
    """Give CallbackURL back otherwise."""
    return body(lambda made: {**made, "CallbackURL": change(made["CallbackURL"])} if "CallbackURL" in made else made)


def token(change: Callable[[str], object]) -> Plant:
    return body(lambda made: {**made, "BytedToken": change(made["BytedToken"])})


def link(change: Callable[[str], object]) -> Plant:
    return body(lambda made: {**made, "H5Link": change(made["H5Link"])})


def without(name: str) -> Callable[[Body], Body]:
    return lambda made: {known: value for known, value in made.items() if known != name}


def called(name: str, other: str) -> Callable[[Body], Body]:
    return lambda made: {other if known == name else known: value for known, value in made.items()}


def changing(name: str, change: Callable[[Any], Any]) -> Callable[[Body], Body]:
    return lambda made: {known: change(value) if known == name else value for known, value in made.items()}


def as_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=status)


def typed(kind: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer.having(content_type=kind or None)


def is_body(value: object) -> Callable[[Request], bool]:
    return lambda request: request.body.strip() == json.dumps(value).encode()


def is_callback(value: object) -> Callable[[Request], bool]:
    def same(request: Request) -> bool:
        asked = request.value()
        known = isinstance(asked, dict) and "CallbackURL" in asked
        return known and json.dumps(asked["CallbackURL"]) == json.dumps(value)

    return same


def numbered(request: Request) -> int:
    """Count the requests of a run."""
    request.memory["number"] = request.memory.get("number", 0) + 1
    return int(request.memory["number"])


def remembering(name: str, count: int) -> Callable[[Request], bool]:
    """Tell whether this is the request of such a number."""

    def reached(request: Request) -> bool:
        request.memory[name] = request.memory.get(name, 0) + 1
        return bool(request.memory[name] == count)

    return reached


# --- who may call -----------------------------------------------------------------------------------------------------

planted("auth: no check at all", let_in(lambda _: True))
planted("auth: only the presence of the header is checked", let_in(sent))
planted("auth: the empty token is right", let_in(lambda request: sent(request).rstrip() == "Bearer"))
planted("auth: any token of more than ten characters", let_in(lambda request: len(sent(request)) > 17))
planted("auth: any token without blanks", let_in(lambda request: re.fullmatch(r"Bearer \S+", sent(request))))
planted("auth: the token under any word", let_in(lambda request: sent(request).split()[-1:] == [KEY]))
planted("auth: the token alone", let_in(lambda request: sent(request) == KEY))
planted("auth: the token within the header", let_in(lambda request: KEY in sent(request)))
planted("auth: only the first eight characters count", let_in(lambda request: sent(request)[7:15] == KEY[:8]))
planted("auth: a token of capitals is the same", let_in(lambda request: sent(request).lower()[7:] == KEY.lower()))
planted("auth: Basic is taken for Bearer", let_in(lambda request: sent(request).startswith("Basic")))
planted("auth: ?access_token", let_in(lambda request: f"access_token={KEY}" in request.target))
planted("auth: ?token", let_in(lambda request: f"?token={KEY}" in request.target or f"&token={KEY}" in request.target))
planted("auth: X-API-Key", let_in(lambda request: request.headers.get("x-api-key") == KEY))
planted("auth: a cookie", let_in(lambda request: KEY in request.headers.get("cookie", "")))
planted("auth: bearer in small letters is refused", keep_out(lambda request: sent(request).startswith("bearer")))
planted("auth: header names in small letters", keep_out(lambda request: "Authorization" not in request.spelled))


def once_known(request: Request) -> bool:
    """Tell whether the right key was sent before."""
    known = bool(request.memory.get("known"))
    request.memory["known"] = known or sent(request) == f"Bearer {KEY}"
    return known


planted("auth: once the key was there, everybody is let in", let_in(once_known))
planted("auth: 401 without a challenge", at(401, lambda answer: answer.having(www_authenticate=None)))
planted("auth: 401 asks for Digest", at(401, lambda answer: answer.having(www_authenticate='Digest realm="x"')))
planted("auth: an empty challenge", at(401, lambda answer: answer.having(www_authenticate="")))
planted("auth: 401 names the key", at(401, lambda answer: answer.saying({"error": f"{KEY} x"})))
planted(
    "auth: 401 names what was sent",
    lambda request, serve: at(401, lambda answer: answer.saying({"error": sent(request)}))(request, serve),
)
planted("auth: 401 with the session", at(401, lambda answer: answer.saying(session({}))))
planted(
    "auth: 401 is a page",
    at(401, lambda answer: replace(answer, body=b"<html>no</html>").having(content_type="text/html")),
)
planted(
    "auth: an unknown key is 403, none is 401",
    lambda request, serve: at(401, lambda answer: refusal(403, "no") if sent(request) else answer)(request, serve),
)
planted("auth: 401 as 200", at(401, lambda answer: replace(answer, status=200)))
planted("auth: 401 as 404", at(401, lambda answer: replace(answer, status=404)))
planted("auth: 401 as 302 to a login", at(401, lambda _: Answer(302, {"Location": "/login"})))
planted(
    "auth: a key in X-Auth-Token",
    let_in(lambda request: request.headers.get("x-auth-token") == KEY),
    "there are as many such headers as gateways; the suite tries the usual ones in one request",
)
planted(
    "auth: the scheme Token",
    let_in(lambda request: sent(request) == f"Token {KEY}"),
    "of the other schemes only Basic is tried: each would be one more request",
)

# --- the session ------------------------------------------------------------------------------------------------------

WRONG_VALUES: dict[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "empty": lambda _: "",
    "a number": lambda _: 20260702,
    "a boolean": lambda _: True,
    "in an array": lambda value: [value],
    "in an object": lambda value: {"value": value},
}
for name in ("BytedToken", "H5Link"):
    planted(f"body: no {name}", body(without(name)))
    planted(f"body: {name} begins small", body(called(name, name[0].lower() + name[1:])))
    for label, change in WRONG_VALUES.items():
        planted(f"body: {name} {label}", body(changing(name, change)))
planted("body: nothing in it", body(lambda _: {}))
planted("body: null", at(200, lambda answer: replace(answer, body=b"null")))
planted("body: an array", body(lambda made: [made]))
planted("body: a text", body(json.dumps))
planted("body: in data", body(lambda made: {"code": 0, "message": "ok", "data": made}))
planted("body: in Result", body(lambda made: {"ResponseMetadata": {}, "Result": made}))
planted("body: an error", body(lambda _: {"error": {"message": "quota", "type": "x", "code": "x"}}))
planted("body: an error beside it", body(lambda made: made.update(error=None)))
planted("body: success true beside it", body(lambda made: made.update(success=True)))
planted("body: ExpiresIn beside it", body(lambda made: made.update(ExpiresIn=1800)))
planted(
    "body: the two values exchanged",
    body(lambda made: made.update(BytedToken=made["H5Link"], H5Link=made["BytedToken"])),
)
planted("body: twice", at(200, lambda answer: replace(answer, body=answer.body * 2)))
planted("body: half", at(200, lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2])))
planted("body: none", at(200, lambda answer: replace(answer, body=b"")))
planted("body: XML", at(200, lambda answer: replace(answer, body=b"<session/>").having(content_type="application/xml")))
planted("body: a form", at(200, lambda answer: replace(answer, body=urlencode(answer.value()).encode())))
planted(
    "body: Latin-1", at(200, lambda answer: replace(answer, body=answer.body.decode().encode("latin-1", "replace")))
)
planted(
    "body: a member twice", at(200, lambda answer: replace(answer, body=answer.body[:-1] + b', "BytedToken": "x"}'))
)
planted("body: comments in it", at(200, lambda answer: replace(answer, body=b"/* v1 */ " + answer.body)))

planted("token: always the same", token(lambda _: "20261122183002C8CCFC2A46CF7EEBFFB8"))
planted("token: that of the example", token(lambda _: "2026070222152680501D985EA34A3BE3D8"))
planted("token: the same for a minute", token(lambda text: text[:12] + "00" + "A" * 20))
planted("token: in small letters", token(str.lower))
planted("token: a UUID", token(lambda text: f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"))
planted("token: 32 characters", token(lambda text: text[:32]))
planted("token: a blank at its end", token(lambda text: f"{text} "))
planted("token: a prefix", token(lambda text: f"tok_{text}"))
planted("token: the year in two digits", token(lambda text: text[2:] + "00"))
planted(
    "token: of yesterday",
    token(lambda text: f"{datetime.now(timezone.utc) - timedelta(days=1):%Y%m%d%H%M%S}{text[14:]}"),
)
planted(
    "token: of Greenwich less eight",
    token(lambda text: f"{datetime.now(timezone.utc) - timedelta(hours=8):%Y%m%d%H%M%S}{text[14:]}"),
)
planted("token: day and month exchanged", token(lambda text: f"{text[:4]}{text[6:8]}{text[4:6]}{text[8:]}"))
planted("token: zeros for its time", token(lambda text: "0" * 14 + text[14:]))
planted("token: beyond hexadecimal", token(lambda text: text[:33] + "G"))
planted(
    "token: a counter",
    lambda request, serve: token(lambda text: f"{text[:14]}{numbered(request):020X}")(request, serve),
    "nobody says how the rest of a token comes about; real ones may share most of it",
)

planted("link: of the example", link(lambda _: "https://www.byteplus.com/en/liveness-face-manage/authorization?pl=..."))
planted("link: always the same", link(lambda text: text[: text.index("=") + 1] + "abc"))
planted("link: http", link(lambda text: text.replace("https", "http")))
planted(
    "link: localhost in clear", link(lambda text: text.replace("https://www.byteplus.com", "http://localhost:3000"))
)
planted("link: relative", link(lambda text: text.replace("https://www.byteplus.com", "")))
planted("link: without its scheme", link(lambda text: text.replace("https://", "")))
planted("link: no query", link(lambda text: text.partition("?")[0]))
planted("link: an empty pl", link(lambda text: text[: text.index("=") + 1]))
planted("link: undefined", link(lambda text: f"{text}&uid=undefined"))
planted("link: not a URL", link(lambda _: "not a url"))
planted("link: blanks", link(lambda text: text.replace("?", " ?")))
planted("link: a line end behind it", link(lambda text: f"{text}\n"))
planted("link: in angle brackets", link(lambda text: f"<{text}>"))
planted("link: Markdown", link(lambda text: f"[open]({text})"))
planted("link: percent-encoded as a whole", link(quote_plus))
planted("link: HTML entities", link(lambda text: f"{text}&amp;lng=en"))
planted("link: javascript", link(lambda text: f"javascript:location='{text}'"))
planted("link: a host without a dot", link(lambda text: text.replace("www.byteplus.com", "gateway")))
planted("link: with the key", link(lambda text: f"{text}&token={KEY}"))
planted("link: with the key in base64", link(lambda text: f"{text}&t={json.dumps(KEY).encode().hex()}"))
planted("link: deep link of an app", link(lambda text: text.replace("https", "byteplus")))
planted(
    "link: another host",
    link(lambda text: text.replace("www.byteplus.com", "www.example.org")),
    "the page names a host in an example only; gateways that play the page themselves are right",
)

planted("echo: dropped", body(lambda made: made.pop("CallbackURL", None) and None))
planted(
    "echo: when none was sent",
    body(lambda made: made.setdefault("CallbackURL", "https://example.com/callback") and None),
)
planted("echo: empty when none was sent", body(lambda made: made.setdefault("CallbackURL", "") and None))
planted("echo: null when none was sent", body(lambda made: made.setdefault("CallbackURL", None) and None))
planted("echo: always the example", body(lambda made: made.update(CallbackURL="https://example.com/callback")))
planted(
    "echo: called CallbackUrl",
    body(lambda made: made.update(CallbackUrl=made.pop("CallbackURL")) if "CallbackURL" in made else None),
)
planted("echo: of small letters", echo(str.lower))
planted("echo: a slash behind it", echo(lambda url: f"{url}/"))
planted("echo: its origin alone", echo(lambda url: "/".join(url.split("/")[:3])))
planted("echo: without its query", echo(lambda url: url.partition("?")[0]))
planted(
    "echo: its query written anew",
    echo(lambda url: urlsplit(url)._replace(query=urlencode(parse_qsl(urlsplit(url).query))).geturl()),
)
planted("echo: cut at 1,024", echo(lambda url: url[:1024]))
planted("echo: https for http", echo(lambda url: url.replace("http:", "https:")))
planted("echo: ASCII alone", echo(lambda url: url.encode("ascii", "ignore").decode()))
planted("echo: in an array", echo(lambda url: [url]))
planted(
    "echo: with the token behind it",
    body(
        lambda made: (
            made.update(CallbackURL=f"{made['CallbackURL']}&t={made['BytedToken']}") if "CallbackURL" in made else None
        )
    ),
)
planted("echo: apostrophes escaped", echo(lambda url: url.replace("'", "\\'")))

# --- media types ------------------------------------------------------------------------------------------------------

for kind in ("text/html", "text/plain", "text/json", "application/octet-stream", "application/xml", "json", ""):
    planted(f"type: {kind or 'none'}", at(200, typed(kind)))
planted("type: another charset", at(200, lambda answer: answer.having(content_type=f"{JSON}; charset=gbk")))
planted(
    "type: a 400 in plain text",
    at(400, lambda answer: replace(answer, body=b"Bad Request").having(content_type="text/plain")),
)
planted("type: a 400 that is a page called JSON", at(400, lambda answer: replace(answer, body=b"<html>")))
planted("type: half a JSON in a 400", at(400, lambda answer: replace(answer, body=answer.body[:-3])))

# --- what is taken and refused ----------------------------------------------------------------------------------------

planted("request: no body is refused", refuse(lambda request: not request.body))
planted("request: {} is refused", refuse(lambda request: request.body == b"{}"))
planted("request: CallbackURL is required", refuse(lambda request: callback(request) is None))
planted("request: more members are refused", refuse(lambda request: len(request.value() or ()) > 1))
planted("request: a charset is refused", refuse(lambda request: ";" in request.headers.get("content-type", "")))
planted("request: beyond ASCII is refused", refuse(lambda request: not request.body.isascii()))
planted("request: beyond 255 characters is refused", refuse(lambda request: len(callback(request) or "") > 255))
planted("request: beyond 2,000 bytes is 413", refuse(lambda request: len(request.body) > 2000, 413))
planted("request: http callbacks are refused", refuse(lambda request: str(callback(request)).startswith("http:")))
planted("request: the empty callback is refused", refuse(lambda request: callback(request) == ""))
planted("request: quotes are refused", refuse(lambda request: '\\"' in request.body.decode("utf-8", "replace")))
planted("request: without Accept 406", refuse(lambda request: "accept" not in request.headers, 406))
planted(
    "request: the same callback twice is 409",
    refuse(
        lambda request: (
            callback(request) in request.memory.setdefault("urls", [])
            or request.memory["urls"].append(callback(request))
        ),
        409,
    ),
)
planted("request: the sixth session is 402", refuse(remembering("sessions", 6), 402))
planted(
    "request: the third request crashes",
    lambda request, serve: refusal(500, "oops") if numbered(request) == 3 else serve(request),
)
WRONG: dict[str, object] = {"a number": 7, "true": True, "null": None, "an array": [], "a text": "{}", "an object": {}}
for label, wrong in WRONG.items():
    if wrong != {}:
        planted(f"request: {label} is taken", take(is_body(wrong)))
    if wrong != "{}":
        planted(f"request: {label} as CallbackURL is taken", take(is_callback(wrong)))
planted(
    "request: broken JSON is taken",
    take(lambda request: request.body and request.value() is None and request.body != b"null"),
)
planted("request: a comma too many is taken", take(lambda request: request.body.endswith(b",}")))
planted("request: a form is taken", take(lambda request: "form" in request.headers.get("content-type", "")))
planted("request: text is taken", take(lambda request: "text" in request.headers.get("content-type", "")))
planted("request: any type is read as JSON", lambda request, serve: serve(request.having(content_type=JSON)))
planted(
    "request: broken JSON crashes",
    lambda request, serve: (
        refusal(500, "x") if request.body[:1] == b"{" and request.value() is None else serve(request)
    ),
)
planted(
    "request: an array crashes", lambda request, serve: refusal(500, "x") if request.body == b"[]" else serve(request)
)
planted(
    "request: XML is taken",
    take(lambda request: "xml" in request.headers.get("content-type", "")),
    "of the other media types text and forms are tried: what takes those as JSON takes any",
)
planted(
    "request: text behind the JSON is taken",
    take(lambda request: re.fullmatch(rb"\{[^{}]*\} *[a-z].*", request.body)),
    "broken JSON is tried in four ways: each would be one more request",
)

# --- statuses ---------------------------------------------------------------------------------------------------------

STATUSES = {
    "a session": (200, (201, 202, 203, 204, 206, 301, 400, 404, 418, 500, 501)),
    "an invalid body": (400, (200, 401, 403, 404, 409, 413, 415, 422, 500)),
    "another method": (405, (200, 301, 400, 401, 403, 404, 500, 501)),
    "an unknown path": (404, (200, 204, 301, 400, 401, 403, 500)),
}
for label, (right, others) in STATUSES.items():
    for status in others:
        planted(f"status: {status} for {label}", at(right, as_status(status)))
planted(
    "status: GET makes a session",
    lambda request, serve: serve(replace(request, method="POST")) if request.method == "GET" else serve(request),
)
planted(
    "status: PUT makes a session",
    lambda request, serve: serve(replace(request, method="POST")) if request.method == "PUT" else serve(request),
)
planted("status: a 405 without Allow", at(405, lambda answer: answer.having(allow=None)))
planted(
    "status: a 405 that allows what it refuses",
    at(405, lambda answer: answer.having(allow="GET, PUT, DELETE, PATCH, POST")),
)
planted(
    "status: any path below makes a session",
    lambda request, serve: serve(replace(request, target=PATH)) if request.path.startswith(PATH) else serve(request),
)
planted(
    "status: small letters in the path make a session",
    lambda request, serve: (
        serve(replace(request, target=PATH)) if request.path.lower() == PATH.lower() else serve(request)
    ),
    "a host may give a resource more names than one (RFC 9110 4.2)",
)


def late(request: Request, serve: Serve) -> Answer:
    """Take longer than the limit of the test."""
    if request.method == "POST" and not request.memory.setdefault("late", False):
        request.memory["late"] = True
        time.sleep(1.3)
    return serve(request)


planted("status: one answer is late", late)
planted(
    "status: a closed connection",
    lambda request, serve: Answer(0, {}, cut="closed") if request.body == b"[]" else serve(request),
)
planted("status: half an answer", at(200, lambda answer: replace(answer, cut="short")))

# --- what is told -----------------------------------------------------------------------------------------------------

planted(
    "told: a stack trace in a 400", at(400, lambda answer: answer.saying({"error": 'File "/srv/a.py", line 3, in f'}))
)
planted(
    "told: a database's error in a 400", at(400, lambda answer: answer.saying({"error": "SQLSTATE[22P02]: invalid"}))
)
planted(
    "told: the headers of the request in a 400",
    lambda request, serve: at(400, lambda answer: answer.saying(request.headers))(request, serve),
)
planted("told: the key in a header", lambda request, serve: serve(request).having(x_as=sent(request)))
planted("told: the last token in a header", lambda request, serve: _last(request, serve(request)))


def _last(request: Request, answer: Answer) -> Answer:
    last = request.memory.get("token")
    if answer.status == 200:
        request.memory["token"] = answer.value()["BytedToken"]
    return answer.having(x_last=last) if last else answer
