// Conveniences of the page: everything can be read without them.
"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector(".curl");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.firstChild.data = "Copied";
      setTimeout(() => { button.firstChild.data = "Copy"; }, 1500);
    } catch {
      getSelection().selectAllChildren(code); // no clipboard here: select it, so that it can be copied by hand
    }
  });
}
const only = document.getElementById("only");
only.closest(".filter").hidden = false;
only.addEventListener("change", () => document.getElementById("items").classList.toggle("only", only.checked));
document.getElementById("named")?.addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const part of document.querySelectorAll("[data-name]")) {
    part.hidden = !words.every((word) => part.dataset.name.toLowerCase().includes(word));
  }
});
function open() {
  const there = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = there; part; part = part.parentElement) if (part.localName === "details") part.open = true;
  if (there) there.scrollIntoView();
}
addEventListener("hashchange", open);
open();
