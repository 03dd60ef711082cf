// A review: its changes filtered by words, and walked by keyboard.
"use strict";

(() => {
  const items = [...document.querySelectorAll("article")].filter((item) => item.matches(".entry"));
  const box = first(document, "div", "[data-review-filter]");
  if (!items.length) return;
  const texts = items.map((item) => `${item.closest(".effect")?.querySelector("h2")?.textContent} ${item.textContent}`.toLowerCase());
  const seen = () => items.filter((item) => !item.hidden);

  const input = first(box, "input");
  const said = first(box, "span", ".n");
  if (box && input && said) {
    box.hidden = false;
    const update = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      items.forEach((item, i) => {
        item.hidden = !words.every((word) => texts[i].includes(word));
        if (!item.hidden) n++;
      });
      for (const group of document.querySelectorAll(".effect")) group.toggleAttribute("hidden", !group.querySelector(".entry:not([hidden])"));
      said.textContent = words.length && n ? speak("share.of", { part: n, all: items.length }) : "";
      if (!n) said.append(speak("script.nothing-has-words", { words: input.value }), " ", el("button.plain", { type: "button", onclick: () => { clear(); input.focus(); } }, speak("script.clear-the-filter")));
    };
    const clear = () => { input.value = ""; update(); };
    input.addEventListener("input", update);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (input.value) clear(); else input.blur();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !typing(event) && !document.querySelector(".search:not([hidden])")) { event.preventDefault(); input.focus(); input.select(); }
    });
    // What is printed is all of it.
    addEventListener("beforeprint", () => { if (input.value) clear(); });
    // A place on the page that the filter hides is shown again.
    addEventListener("hashchange", () => { if (input.value && document.getElementById(location.hash.slice(1))?.closest("[hidden]")) clear(); });
  }

  if (document.querySelector(".entry")) help.add(speak("script.this-page"), [["j k", speak("script.key-next-entry")]]);
  document.addEventListener("keydown", (event) => {
    if (typing(event) || (event.key !== "j" && event.key !== "k")) return;
    const all = seen();
    const here = all.findIndex((item) => item.contains(document.activeElement));
    const next = all[event.key === "j" ? here + 1 : Math.max(0, here - 1)];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  });
})();

// Changes between two launches: those commits of the list, and their sum.
(() => {
  const form = first(document, "form", "[data-range]");
  const [from, to] = form?.querySelectorAll("select") || [];
  const reset = first(form, "button");
  const said = first(form, "p");
  if (!form || !from || !to || !reset || !said) return;
  const trs = [...document.querySelectorAll("tr")];
  const rows = trs.filter((row) => row.dataset.step !== undefined);
  const marks = trs.filter((row) => row.matches(".ran"));
  const effects = ["weakens", "rules", "changes", "strengthens"];
  form.hidden = false;
  from.selectedIndex = from.options.length - 1;
  /** @param {HTMLSelectElement} select */
  const launch = (select) => encodeURIComponent(select.selectedOptions[0]?.dataset.launch ?? "");
  /** @param {HTMLSelectElement} select @param {string | null} id */
  const choose = (select, id) => {
    const at = [...select.options].findIndex((option) => option.dataset.launch === id);
    if (at >= 0) select.selectedIndex = at;
    return at >= 0;
  };
  const show = () => {
    // Numbers count from the latest: the older end has the larger one, and its own commit is not between.
    const old = Math.max(+from.value, +to.value);
    const young = Math.min(+from.value, +to.value);
    const sums = [0, 0, 0, 0];
    const seen = rows.filter((row) => {
      const n = Number(row.dataset.step);
      row.hidden = n < young || n >= old;
      if (!row.hidden) [...row.querySelectorAll(".num")].forEach((cell, i) => { sums[i] += Number(cell.textContent?.replace(/\D/g, "")); });
      return !row.hidden;
    });
    for (const mark of marks) mark.hidden = Number(mark.dataset.below) < young || Number(mark.dataset.below) > old;
    reset.hidden = false;
    const counts = sums.map((n, i) => n && speak(`script.sum-${effects[i]}`, { n })).filter(Boolean).join(speak("list.comma"));
    const [latest, oldest] = [seen[0], seen[seen.length - 1]];
    const command = latest && el("code", {}, `tallybook review ${oldest.dataset.base?.slice(0, 12)}..${latest.dataset.commit?.slice(0, 12)}`);
    said.replaceChildren(...command ? speak.parts(counts ? "script.commits-and-sums" : "script.commits", { n: seen.length, sums: counts, command }) : [speak("script.documentation-was-the-same")]);
    history.replaceState(null, "", `#from=${launch(from)}&to=${launch(to)}`);
  };
  const asked = new URLSearchParams(location.hash.slice(1));
  if (choose(from, asked.get("from")) && choose(to, asked.get("to"))) show();
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  reset.addEventListener("click", () => {
    for (const row of [...rows, ...marks]) row.hidden = false;
    said.textContent = "";
    reset.hidden = true;
    history.replaceState(null, "", location.pathname + location.search);
  });
})();
