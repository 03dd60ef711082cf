// A review: its changes filtered by words, and walked by keyboard.
"use strict";

(() => {
  const items = [...document.querySelectorAll(".entry")];
  const box = document.querySelector("[data-review-filter]");
  if (!items.length) return;
  const texts = items.map((item) => `${item.closest(".effect").querySelector("h2").textContent} ${item.textContent}`.toLowerCase());
  const seen = () => items.filter((item) => !item.hidden);

  if (box) {
    const input = box.querySelector("input");
    const said = box.querySelector(".n");
    box.hidden = false;
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      items.forEach((item, i) => { n += !(item.hidden = !words.every((word) => texts[i].includes(word))); });
      for (const group of document.querySelectorAll(".effect")) group.hidden = !group.querySelector(".entry:not([hidden])");
      said.textContent = words.length ? (n ? `${thousands(n)} of ${thousands(items.length)}` : `Nothing has “${input.value}”.`) : "";
    };
    input.addEventListener("input", update);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (input.value) { input.value = ""; update(); } else input.blur();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !typing(event) && !document.querySelector(".search:not([hidden])")) { event.preventDefault(); input.focus(); input.select(); }
    });
    // What is printed is all of it.
    addEventListener("beforeprint", () => { if (input.value) { input.value = ""; update(); } });
    // A place on the page that the filter hides is shown again.
    addEventListener("hashchange", () => { if (input.value && document.querySelector(`${CSS.escape(location.hash.slice(1)) ? `#${CSS.escape(location.hash.slice(1))}` : "main"}[hidden]`)) { input.value = ""; update(); } });
  }

  document.addEventListener("keydown", (event) => {
    if (typing(event) || (event.key !== "j" && event.key !== "k")) return;
    const all = seen();
    const here = all.indexOf(document.activeElement.closest?.(".entry"));
    const next = all[event.key === "j" ? here + 1 : Math.max(0, here - 1)];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  });
})();
