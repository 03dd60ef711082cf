// What every page has: the registry of data scripts, theme, copying, search, times, print.
"use strict";

const tallybook = (() => {
  /** @type {Map<string, any>} */
  const found = new Map();
  /** @type {Map<string, {promise: Promise<any>, resolve: (value: any) => void, reject: (why: Error) => void}>} */
  const waiting = new Map();
  return {
    /**
     * Called by a data script with its one value.
     * @template {keyof Payloads} K
     * @param {K} key
     * @param {Payloads[K]} value
     */
    push(key, value) {
      found.set(key, value);
      waiting.get(key)?.resolve(value);
      waiting.delete(key);
    },
    /**
     * Loads a data script once; resolves to its value.
     * @template {keyof Payloads} K
     * @param {K} key
     * @param {string} src
     * @returns {Promise<Payloads[K]>}
     */
    load(key, src) {
      if (found.has(key)) return Promise.resolve(found.get(key));
      const under = waiting.get(key);
      if (under) return under.promise;
      let [resolve, reject] = [(/** @type {any} */ _) => {}, (/** @type {Error} */ _) => {}];
      const promise = new Promise((...both) => { [resolve, reject] = both; });
      waiting.set(key, { promise, resolve, reject });
      const script = document.createElement("script");
      script.src = src;
      script.async = true;
      script.onload = () => { script.remove(); if (waiting.delete(key)) reject(new Error(`${src} holds no ${key}`)); };
      script.onerror = () => { script.remove(); waiting.delete(key); reject(new Error(`cannot load ${src}`)); };
      document.head.append(script);
      return promise;
    },
  };
})();

/**
 * Makes an element: `el("a.row", {href}, "text", child)`. Text stays text.
 * @template {string} W
 * @param {W} what
 * @param {Attributes} [attributes]
 * @param {(Child | Child[])[]} children
 * @returns {Made<W>}
 */
function el(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child) node.append(child);
  return /** @type {Made<W>} */ (node);
}

const SVG = "http://www.w3.org/2000/svg";
/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** The mark of a status. @param {string} status */
function mark(status) {
  return svg("svg", { class: `mark s-${status}`, "aria-hidden": "true" }, svg("use", { href: `#m-${status}` }));
}

/** @param {number} n */
const thousands = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** The element that an event is about. @param {Event} event */
const target = (event) => event.target instanceof Element ? event.target : document.documentElement;

/** Whether keys typed now are meant for a field, or for the browser. @param {KeyboardEvent} event */
const typing = (event) => !!target(event).closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey;

/**
 * The first element that fits; what a script cannot do without is looked for before it begins.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {ParentNode | null} within
 * @param {T} tag
 * @param {string} [rest]
 * @returns {HTMLElementTagNameMap[T] | null}
 */
const first = (within, tag, rest = "") => /** @type {HTMLElementTagNameMap[T] | null} */ (within && within.querySelector(tag + rest));

(() => {
  const root = document.documentElement;
  const button = first(document, "button", ".theme");
  if (!button) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const label = () => { button.textContent = current() === "dark" ? "Light" : "Dark"; button.title = `Use the ${button.textContent.toLowerCase()} theme`; };
  button.hidden = false;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    root.dataset.theme = current() === "dark" ? "light" : "dark";
    try { localStorage.setItem("tallybook-theme", root.dataset.theme); } catch { /* for this page only */ }
    label();
  });
})();

// Copy buttons.
for (const button of document.querySelectorAll("button[data-copy]")) button.toggleAttribute("hidden", !navigator.clipboard && !document.execCommand);
document.addEventListener("click", async (event) => {
  const button = target(event).closest("[data-copy]");
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  const done = await copy(button.dataset.copy || "");
  const before = button.textContent;
  button.textContent = done ? "copied" : "select and copy by hand";
  setTimeout(() => { button.textContent = before; }, 1500);
});

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

// Times are in UTC; hovering says them in the reader's zone too.
document.addEventListener("mouseover", (event) => {
  const time = target(event).closest("time");
  if (!time?.dateTime || time.dataset.local !== undefined) return;
  time.dataset.local = "";
  const local = new Date(time.dateTime);
  if (!Number.isNaN(local.getTime())) time.title += `\n${local.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}`;
});

// What is folded is printed.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) if (!details.open) { details.open = true; details.dataset.printed = ""; }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details")) if (details.dataset.printed !== undefined) { details.open = false; delete details.dataset.printed; }
});

// The search box.
(() => {
  const box = first(document, "div", ".search");
  const input = first(box, "input");
  const hits = first(box, "ul", ".hits");
  const src = box?.dataset.search;
  if (!box || !input || !hits || !src || document.body.classList.contains("results")) return;
  const up = src.slice(0, -"search.js".length);
  /** @type {Found[]} */
  let shown = [];
  let at = 0;
  box.hidden = false;

  const close = () => { hits.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const select = (/** @type {number} */ n) => {
    at = Math.max(0, Math.min(shown.length - 1, n));
    const all = hits.querySelectorAll("a");
    all.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === at)));
    all[at]?.scrollIntoView({ block: "nearest" });
    if (all[at]) input.setAttribute("aria-activedescendant", all[at].id);
    else input.removeAttribute("aria-activedescendant");
  };
  const update = async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    /** @type {Found[]} */
    let entries;
    try {
      entries = await tallybook.load("search", src);
    } catch {
      hits.replaceChildren(el("li.none", { role: "option", "aria-disabled": "true" }, "The list to search could not be loaded."));
      hits.hidden = false;
      return;
    }
    shown = [];
    for (const entry of entries) {
      const text = `${entry[1]} ${entry[2]}`.toLowerCase();
      if (words.every((word) => text.includes(word)) && shown.push(entry) === 30) break;
    }
    hits.replaceChildren(...shown.map(([kind, text, note, href], i) =>
      el("li", { role: "none" }, el("a", { href: up + href, id: `hit-${i}`, role: "option" }, el("span.kind", {}, kind), el("span", { dir: "auto" }, text), el("small", {}, note)))));
    if (!shown.length) hits.replaceChildren(el("li.none", { role: "option", "aria-disabled": "true" }, `Nothing has “${input.value}” in its name, id or tags.`));
    hits.hidden = false;
    input.setAttribute("aria-expanded", "true");
    select(0);
  };
  input.addEventListener("input", update);
  input.addEventListener("focus", () => { tallybook.load("search", src).catch(() => {}); update(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); select(at + (event.key === "ArrowDown" ? 1 : -1)); }
    if (event.key === "Enter" && shown[at]) location.href = up + shown[at][3];
    if (event.key === "Escape") { if (hits.hidden) input.blur(); else close(); }
  });
  document.addEventListener("click", (event) => { if (!box.contains(target(event))) close(); });
  document.addEventListener("keydown", (event) => {
    const field = first(document, "div", ".filter")?.querySelector("input") || input;
    if (event.key === "/" && !typing(event)) { event.preventDefault(); field.focus(); field.select(); }
  });
})();

// Lists that a script can filter.
(() => {
  const box = first(document, "div", "[data-filter]");
  const input = first(box, "input");
  const said = first(box, "span", ".n");
  if (!box || !input || !said) return;
  const bodies = [...document.querySelectorAll("tbody")].filter((body) => body.matches(".section"));
  const rows = bodies.flatMap((body) => [...body.rows].filter((row) => !row.matches(".group")).map((row) => ({ row, text: `${body.rows[0].textContent} ${row.textContent}`.toLowerCase() })));
  box.hidden = false;
  const update = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) n++;
    }
    for (const body of bodies) body.hidden = !body.querySelector("tr:not(.group):not([hidden])");
    said.textContent = words.length ? `${thousands(n)} of ${thousands(rows.length)}` : "";
    history.replaceState(null, "", words.length ? `#q=${encodeURIComponent(input.value)}` : location.pathname + location.search);
  };
  const asked = new URLSearchParams(location.hash.slice(1)).get("q");
  if (asked) { input.value = asked; update(); }
  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") { if (input.value) { input.value = ""; update(); } else input.blur(); } });
})();

// Neighbouring pages by keyboard.
document.addEventListener("keydown", (event) => {
  if (typing(event) || document.body.classList.contains("results") || document.querySelector(".entry")) return;
  const rel = event.key === "j" ? "next" : event.key === "k" ? "prev" : "";
  const link = rel && first(document.querySelector(".turn"), "a", `[rel=${rel}]`);
  if (link) location.href = link.href;
});
