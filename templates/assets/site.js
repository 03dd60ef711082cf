// What every page has: the registry of data scripts, theme, copying, search, times, print.
"use strict";

const tallybook = (() => {
  const found = new Map();
  const waiting = new Map();
  return {
    /** Called by a data script with its one value. */
    push(key, value) {
      found.set(key, value);
      waiting.get(key)?.resolve(value);
      waiting.delete(key);
    },
    /** Loads a data script once; resolves to its value. */
    load(key, src) {
      if (found.has(key)) return Promise.resolve(found.get(key));
      if (waiting.has(key)) return waiting.get(key).promise;
      const entry = {};
      entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
      waiting.set(key, entry);
      const script = document.createElement("script");
      script.src = src;
      script.async = true;
      script.onload = () => { script.remove(); if (waiting.delete(key)) entry.reject(new Error(`${src} holds no ${key}`)); };
      script.onerror = () => { script.remove(); waiting.delete(key); entry.reject(new Error(`cannot load ${src}`)); };
      document.head.append(script);
      return entry.promise;
    },
    /** Drops a value that is large and was shown. */
    drop(key) { found.delete(key); },
    has(key) { return found.has(key); },
  };
})();

/** Makes an element: `el("a.row", {href}, "text", child)`. Text stays text. */
function el(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";
function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The mark of a status. */
function mark(status) {
  return svg("svg", { class: `mark s-${status}`, "aria-hidden": "true" }, svg("use", { href: `#m-${status}` }));
}

const thousands = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Whether keys typed now are meant for a field. */
const typing = (event) => event.target.closest?.("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey;

(() => {
  const root = document.documentElement;
  const button = document.querySelector(".theme");
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
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard && !document.execCommand;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const done = await copy(button.dataset.copy);
  const before = button.textContent;
  button.textContent = done ? "copied" : "select and copy by hand";
  setTimeout(() => { button.textContent = before; }, 1500);
});

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
  const time = event.target.closest?.("time[datetime]:not([data-local])");
  if (!time) return;
  time.dataset.local = "";
  const local = new Date(time.getAttribute("datetime"));
  if (!Number.isNaN(local.getTime())) time.title += `\n${local.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}`;
});

// What is folded is printed.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details:not([open])")) { details.open = true; details.dataset.printed = ""; }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("[data-printed]")) { details.open = false; delete details.dataset.printed; }
});

// The search box.
(() => {
  const box = document.querySelector(".search");
  if (!box || document.body.classList.contains("results")) return;
  const input = box.querySelector("input");
  const hits = box.querySelector(".hits");
  const src = box.dataset.search;
  const up = src.slice(0, -"search.js".length);
  let shown = [];
  let at = 0;
  box.hidden = false;
  input.setAttribute("aria-expanded", "false");

  const close = () => { hits.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const select = (n) => {
    at = Math.max(0, Math.min(shown.length - 1, n));
    [...hits.children].forEach((child, i) => child.setAttribute("aria-selected", String(i === at)));
    hits.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const update = async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    let entries;
    try {
      entries = await tallybook.load("search", src);
    } catch {
      hits.replaceChildren(el("li.none", {}, "The list to search could not be loaded."));
      hits.hidden = false;
      return;
    }
    shown = [];
    for (const entry of entries) {
      const text = `${entry[1]} ${entry[2]}`.toLowerCase();
      if (words.every((word) => text.includes(word)) && shown.push(entry) === 30) break;
    }
    hits.replaceChildren(...shown.map(([kind, text, note, href]) =>
      el("li", { role: "option" }, el("a", { href: up + href }, el("span.kind", {}, kind), el("span", { dir: "auto" }, text), el("small", {}, note)))));
    if (!shown.length) hits.replaceChildren(el("li.none", {}, `Nothing has “${input.value}” in its name, id or tags.`));
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
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(); });
  document.addEventListener("keydown", (event) => {
    const filter = document.querySelector(".filter input");
    if (event.key === "/" && !typing(event)) { event.preventDefault(); (filter || input).focus(); (filter || input).select(); }
  });
})();

// Lists that a script can filter.
(() => {
  const box = document.querySelector("[data-filter]");
  if (!box) return;
  const input = box.querySelector("input");
  const said = box.querySelector(".n");
  const bodies = [...document.querySelectorAll("tbody.section")];
  const rows = bodies.flatMap((body) => [...body.querySelectorAll("tr:not(.group)")].map((row) => [row, `${body.firstElementChild.textContent} ${row.textContent}`.toLowerCase()]));
  box.hidden = false;
  const update = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const [row, text] of rows) n += !(row.hidden = !words.every((word) => text.includes(word)));
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
  const rel = { j: "next", k: "prev" }[event.key];
  const link = rel && document.querySelector(`.turn [rel=${rel}]`);
  if (link) location.href = link.href;
});
