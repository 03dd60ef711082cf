// What every page has: the registry of data scripts, theme, copying, times, help, print, search.
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
    /** Lets go of a value, so that another file may bring one of that name. @param {keyof Payloads} key */
    forget(key) { found.delete(key); },
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
      const own = { promise, resolve, reject };
      waiting.set(key, own);
      const ended = () => waiting.get(key) === own && waiting.delete(key);
      const script = document.createElement("script");
      script.src = src;
      script.async = true;
      script.onload = () => { script.remove(); if (ended()) reject(new Error(speak("script.holds-no", { file: src, what: key }))); };
      script.onerror = () => { script.remove(); ended(); reject(new Error(speak("script.cannot-load", { file: src }))); };
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

/**
 * Says a text of the site by its key, its placeholders filled; the number `n` decides its form. `speak.parts` gives the
 * pieces, of which some may be elements.
 */
const speak = (() => {
  const { language, texts } = tallybookTexts;
  const rules = new Intl.PluralRules(language);
  /** @template P @param {string} key @param {Record<string, string | number | P>} args @returns {(string | P)[]} */
  const parts = (key, args) => {
    const entry = Object.hasOwn(texts, key) ? texts[key] : key;
    const form = typeof entry === "string" ? entry : (typeof args.n === "number" && entry[rules.select(args.n)]) || entry.other || key;
    return form.split(/(\{[a-z_]+\})/).filter(Boolean).map((piece) => {
      const name = /^\{([a-z_]+)\}$/.exec(piece)?.[1];
      const value = name && Object.hasOwn(args, name) ? args[name] : piece;
      return typeof value === "number" ? thousands(value) : value;
    });
  };
  /** @param {string} key @param {Record<string, string | number>} [args] */
  const say = (key, args) => parts(key, args || {}).join("");
  return Object.assign(say, { parts });
})();

/** @param {number} n @returns {string} */
const thousands = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, () => speak("number.group"));

/** What scripts say as pages do. */
const wording = {
  /** @param {string} status */
  status: (status) => speak(`status.${status}`),
  /** @param {string} flag */
  flag: (flag) => speak(`flag.${flag}`),
  /** @param {string} text A number with a point. */
  decimal: (text) => text.replace(".", () => speak("number.decimal")),
  /** A duration. @param {number} ms */
  human(ms) {
    if (ms < 0) return "";
    const s = Math.floor(ms / 1000);
    if (ms < 1000) return speak("duration.ms", { n: String(ms) });
    if (s < 60) return speak("duration.s", { n: wording.decimal(`${s}.${Math.floor(ms % 1000 / 100)}`) });
    if (s < 3600) return speak("duration.min-s", { m: String(Math.floor(s / 60)), n: String(s % 60) });
    return speak("duration.h-min", { m: String(Math.floor(s / 3600)), n: String(Math.floor(s % 3600 / 60)) });
  },
  /** @param {number} n bytes */
  size: (n) => n < 1000 ? speak("bytes.b", { n }) : n < 1e6 ? speak("bytes.kb", { n: wording.decimal((n / 1000).toFixed(1)) }) : speak("bytes.mb", { n: wording.decimal((n / 1e6).toFixed(1)) }),
  /** @param {unknown} error */
  why: (error) => error instanceof Error ? error.message : String(error),
  /** A word as a shell takes it. @param {string} word */
  shell: (word) => /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
};

/** A flag of a result, with what it means. @param {string} flag */
const flagOf = (flag) => el(`span.flag.f-${flag}`, { title: speak(`meaning.${flag}`) }, wording.flag(flag));

/** The groups of a launch's results. In the head each says how far it is from the one before, which packs well.
 * @param {Head} head @returns {[name: string, parent: number, first: number, rows: number, duration: number][]} */
function groupsOf(head) {
  let [parent, first] = [0, 0];
  return head.groups.map(([name, up, on, rows, duration]) => [name, parent += up, first += on, rows, duration]);
}

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
  const label = () => { button.textContent = current() === "dark" ? speak("script.light") : speak("script.dark"); button.title = speak(current() === "dark" ? "script.use-light" : "script.use-dark"); };
  button.hidden = false;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    root.dataset.theme = current() === "dark" ? "light" : "dark";
    try { localStorage.setItem("tallybook-theme", root.dataset.theme); } catch { /* for this page only */ }
    label();
  });
})();

/** Says something to who can't see it, and to who can. */
const tell = (() => {
  const said = el("p.spoken", { role: "status" });
  let timer = 0;
  return (/** @type {string} */ text) => {
    if (!said.isConnected) document.body.append(said);
    said.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ""; }, 2500);
  };
})();

// Copy buttons.
for (const button of document.querySelectorAll("button[data-copy]")) button.toggleAttribute("hidden", false);
document.addEventListener("click", (event) => {
  const button = target(event).closest("[data-copy]");
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  copied(button, button.dataset.copy || "");
});

/** A button that copies what a text is when it is pressed. @param {string} label @param {() => string} text @param {string} [title] */
const copying = (label, text, title) => el("button.copy", { type: "button", title, onclick: (event) => copied(/** @type {HTMLElement} */ (event.currentTarget), text()) }, label);

/** Copies, and says so at the button without moving it. @param {HTMLElement} button @param {string} text */
async function copied(button, text) {
  if (!(await copy(text))) return byHand(text);
  tell(speak("script.copied"));
  if (button.dataset.before !== undefined) return;
  button.dataset.before = button.textContent || "";
  button.style.minWidth = `${button.getBoundingClientRect().width}px`;
  button.textContent = speak("script.copied");
  setTimeout(() => { button.textContent = button.dataset.before || ""; button.style.minWidth = ""; delete button.dataset.before; }, 1500);
}

/** Copies, where the browser lets a page: from a disk some don't. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea.offstage", { readonly: true, "aria-hidden": "true" });
    area.value = text;
    const before = document.activeElement;
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* it can be selected */ }
    area.remove();
    if (before instanceof HTMLElement) before.focus();
    return done;
  }
}

/** Shows what could not be copied, selected. @param {string} text */
function byHand(text) {
  const area = el("textarea", { readonly: true, rows: 8, "aria-label": speak("script.the-text-to-copy") });
  area.value = text;
  /** @type {HTMLDialogElement} */
  const box = el("dialog.byhand", { "aria-label": speak("script.copy-by-hand") }, el("p", {}, speak("script.this-browser-doesnt-let-the-page-copy")), area,
    el("form", { method: "dialog" }, el("button.plain", { type: "button", onclick: () => box.close() }, speak("script.close"))));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  area.select();
}

// Times are in UTC, or in the reader's zone where asked for; hovering says both.
const times = (() => {
  const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ").map((month) => speak(`month.${month}`));
  let local = false;
  try { local = localStorage.getItem("tallybook-times") === "local"; } catch { /* UTC, then */ }
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  /** @param {number} of @param {number} month @param {number} year */
  const day = (of, month, year) => speak("date.day", { day: String(of), month: MONTHS[month], year: String(year) });
  /** The site's one form of dates: `22 Nov 2026, 18:43:07`. @param {Date} at @param {boolean} [here] In the reader's zone. */
  const parts = (at, here = local) => here
    ? { day: day(at.getDate(), at.getMonth(), at.getFullYear()), clock: `${two(at.getHours())}:${two(at.getMinutes())}`, seconds: two(at.getSeconds()) }
    : { day: day(at.getUTCDate(), at.getUTCMonth(), at.getUTCFullYear()), clock: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`, seconds: two(at.getUTCSeconds()) };
  /** Writes day and clock anew where an element has them, and leaves the rest. @param {HTMLTimeElement} element */
  function set(element) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime()) || !element.dateTime.includes("T")) return;
    const { day, clock, seconds } = parts(at);
    const before = parts(at, !local).day;
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
      text.nodeValue = (text.nodeValue || "").replace(before, () => day).replace(/\d\d:\d\d(:\d\d)?/, (_, s) => clock + (s ? `:${seconds}` : ""));
    }
  }
  const zone = () => local ? Intl.DateTimeFormat().resolvedOptions().timeZone || speak("script.local-time") : "UTC";
  const apply = () => {
    for (const element of document.querySelectorAll("time")) set(element);
    for (const element of document.querySelectorAll(".zone")) element.textContent = zone();
    for (const button of document.querySelectorAll("button.times")) button.textContent = local ? speak("script.utc-times") : speak("script.local-times");
  };
  document.addEventListener("mouseover", (event) => {
    const time = target(event).closest("time");
    if (!time?.dateTime || time.dataset.said !== undefined) return;
    time.dataset.said = "";
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title += `\n${at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })}`;
  });
  const made = {
    /** An element that says a moment with its seconds. @param {string} iso */
    element(iso) {
      const { day, clock, seconds } = parts(new Date(iso));
      return el("time", { datetime: iso, title: `${iso} (UTC)` }, speak("date.time", { day, clock: `${clock}:${seconds}` }));
    },
    button: () => el("button.plain.times", { type: "button", onclick: () => made.turn() }, local ? speak("script.utc-times") : speak("script.local-times")),
    turn() {
      local = !local;
      try { localStorage.setItem("tallybook-times", local ? "local" : "utc"); } catch { /* for this page only */ }
      apply();
      tell(speak("script.times-are-in", { zone: zone() }));
    },
  };
  if (local) apply();
  return made;
})();

// What keys do here: `?` says it.
const help = (() => {
  /** @typedef {[keys: string, does: string]} Key */
  /** @type {[title: string, keys: Key[]][]} */
  const lists = [[speak("script.everywhere"), [["u", speak("script.key-times")], ["?", speak("script.key-list")]]]];
  if (document.querySelector(".search")) lists[0][1].unshift(["/", speak("script.key-search")], ["s", speak("script.key-everything")]);
  /** @type {string[]} */
  const notes = [];
  if (document.querySelector(".turn")) lists.push([speak("script.this-page"), [["j k", speak("script.key-turn")]]]);
  const box = el("dialog.help", { "aria-label": speak("script.keys") });
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  const made = {
    /** Says what a page's own keys do. @param {string} title @param {Key[]} keys @param {string} [note] */
    add(title, keys, note) { lists.unshift([title, keys]); if (note) notes.push(note); },
    isOpen: () => box.open || !!document.querySelector("dialog[open]"),
    show() {
      if (made.isOpen()) return;
      if (!box.isConnected) document.body.append(box);
      box.replaceChildren(el("h2", {}, speak("script.keys")), ...lists.flatMap(([title, keys]) => [el("h3", {}, title),
        el("dl", {}, keys.flatMap(([names, does]) => [el("dt", {}, ...names.split(" ").flatMap((key) => [el("kbd", {}, key), " "])), el("dd", {}, does)]))]),
      ...notes.map((note) => el("p.quiet", {}, note)), el("form", { method: "dialog" }, el("button.plain", {}, speak("script.close"))));
      box.showModal();
    },
    button: () => el("button.plain", { type: "button", title: speak("script.keys-title"), onclick: () => made.show() }, speak("script.keys")),
  };
  document.addEventListener("keydown", (event) => {
    if (typing(event) || made.isOpen()) return;
    if (event.key === "?") { event.preventDefault(); made.show(); }
    if (event.key === "u") times.turn();
  });
  first(document, "footer", ".foot")?.append(el("p.ways", {}, times.button(), made.button()));
  return made;
})();

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
  if (!box || !input || !hits || !src) return;
  const filter = document.body.classList.contains("results") ? null : first(document, "div", ".filter")?.querySelector("input");
  const elsewhere = document.body.classList.contains("results") || filter;
  const hint = first(box, "kbd");
  if (elsewhere && hint) hint.textContent = "s";
  /** What all projects have that the page is about, with links from here. @type {Promise<Found[]> | null} */
  let loading = null;
  const load = () => loading ||= (async () => {
    /** @type {Found[]} */
    const all = [];
    for (const one of src.split(" ")) {
      const up = one.slice(0, -"search.js".length);
      for (const [kind, text, note, href, also] of await tallybook.load("search", one)) all.push([kind, text, note, up + href, also]);
      tallybook.forget("search");
    }
    return all;
  })().catch((error) => { loading = null; throw error; });
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
  /** Whether a word is begun by another but for one slip: a letter more, less or other, or two changed round. @param {string} word @param {string} typed */
  const near = (word, typed) => {
    let i = 0;
    while (i < typed.length && word[i] === typed[i]) i++;
    const [rest, left] = [word.slice(i), typed.slice(i)];
    return rest.startsWith(left.slice(1)) || rest.slice(1).startsWith(left.slice(1)) || rest.slice(1).startsWith(left) || (rest[0] === left[1] && rest[1] === left[0] && rest.slice(2).startsWith(left.slice(2)));
  };
  /** What has all the words, what begins with them first; where nothing has, what has them but for a slip in each. @param {Found[]} entries @param {string[]} words */
  const found = (entries, words) => {
    const most = 30;
    /** @type {[Found[], Found[], Found[]]} */
    const ranks = [[], [], []];
    for (const entry of entries) {
      const [kind, name, note, href, also] = entry;
      if (kind === "results") continue;
      const text = `${name} ${note}`.toLowerCase();
      const has = (/** @type {string} */ word) => text.includes(word);
      if (words.every(has)) ranks[text.startsWith(words[0]) || note.toLowerCase().startsWith(words[0]) ? 0 : 1].push(entry);
      else if (also && words.every((word) => has(word) || also.toLowerCase().includes(word))) {
        const which = also.split(" ").find((one) => words.some((word) => !has(word) && one.toLowerCase().includes(word))) || "";
        ranks[2].push([kind, name, [note, which.length > 24 ? `${which.slice(0, 24)}…` : which].filter(Boolean).join(" · "), href, also]);
      }
      if (ranks[0].length === most) break;
    }
    const exact = ranks.flat().slice(0, most);
    if (exact.length || !words.some((word) => word.length > 3)) return exact;
    const slips = entries.filter(([kind, name, note]) => {
      const own = kind === "results" ? [] : `${name} ${note}`.toLowerCase().split(/[^\p{L}\p{N}]+/u);
      return own.length && words.every((word) => own.some((one) => one.includes(word) || (word.length > 3 && near(one, word))));
    });
    return slips.slice(0, most);
  };
  const update = async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    /** @type {Found[]} */
    let entries;
    try {
      entries = await load();
    } catch {
      hits.replaceChildren(el("li.none", { role: "option", "aria-disabled": "true" }, speak("script.the-list-to-search-could-not-be")));
      hits.hidden = false;
      return;
    }
    shown = found(entries, words);
    const lists = entries.filter(([kind]) => kind === "results");
    const here = /\/launches\/([^/]+)\//.exec(location.pathname)?.[1];
    if (here && !lists.some((entry) => entry[3].endsWith(`launches/${decodeURIComponent(here)}/results.html#q=`))) lists.unshift(["results", speak("script.this-launch"), "", `${src.split(" ")[0].slice(0, -"search.js".length)}launches/${decodeURIComponent(here)}/results.html#q=`, ""]);
    shown.push(...lists.map(([kind, name, , href]) => /** @type {Found} */ ([kind, speak("script.in-the-results-of", { words: input.value.trim(), launch: name }), "", href + encodeURIComponent(input.value.trim()), ""])));
    hits.replaceChildren(...shown.map(([kind, text, note, href], i) =>
      el("li", { role: "none" }, el("a", { href, id: `hit-${i}`, role: "option" }, el("span.kind", {}, speak(`kind.${kind}`)), el("span", { dir: "auto" }, text), el("small", {}, note)))));
    if (shown.length <= lists.length) hits.prepend(el("li.none", { role: "option", "aria-disabled": "true" }, speak("script.nothing-has", { words: input.value })));
    hits.hidden = false;
    input.setAttribute("aria-expanded", "true");
    select(0);
  };
  input.addEventListener("input", update);
  input.addEventListener("focus", () => { load().catch(() => {}); update(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); select(at + (event.key === "ArrowDown" ? 1 : -1)); }
    if (event.key === "Enter" && shown[at]) location.href = shown[at][3];
    if (event.key === "Escape") { if (hits.hidden) input.blur(); else close(); }
  });
  document.addEventListener("click", (event) => { if (!box.contains(target(event))) close(); });
  document.addEventListener("keydown", (event) => {
    if (typing(event) || help.isOpen()) return;
    const field = event.key === "s" ? input : event.key === "/" && !document.body.classList.contains("live") ? filter || input : null;
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  });
})();

// A mark of a dashboard asks for some rows of a list, by the names of their pages or their ids: no others are shown, and that is said.
(() => {
  const asked = new URLSearchParams(location.hash.slice(1)).get("only");
  addEventListener("hashchange", (event) => { if (asked !== new URLSearchParams(new URL(event.newURL).hash.slice(1)).get("only")) location.reload(); });
  const main = first(document, "main");
  if (!asked || !main) return;
  const only = new Set(asked.split(","));
  const page = (/** @type {Element} */ row) => /^(?:cases|defects|launches)\/([^/]+?)(?:\/index)?\.html/.exec(row.querySelector("a")?.getAttribute("href") || "")?.[1];
  const rows = [...main.querySelectorAll("tbody tr:not(.group)")].map((row) => ({ row, key: row.id.startsWith("id-") ? row.id.slice(3) : page(row) })).filter(({ key }) => key);
  if (!rows.length) return;
  let n = 0;
  for (const { row, key } of rows) if (only.has(decodeURIComponent(key || "")) || only.has(key || "")) n++; else row.remove();
  for (const body of main.querySelectorAll("tbody")) if (![...body.rows].some((row) => !row.matches(".group"))) body.remove();
  for (const link of main.querySelectorAll(".pager a")) link.setAttribute("href", `${link.getAttribute("href")}${location.hash}`);
  const all = el("a", { href: location.pathname.split("/").pop() || "" }, speak("script.show-the-whole-list"));
  all.addEventListener("click", (event) => { event.preventDefault(); history.replaceState(null, "", location.pathname + location.search); location.reload(); });
  main.querySelector(".answer")?.after(el("p.only", { role: "status" }, n === only.size ? speak("script.only-counted", { n }) : speak("script.only-counted-here", { n, all: only.size }), " ", all));
})();

// Neighbouring pages by keyboard.
document.addEventListener("keydown", (event) => {
  if (typing(event) || document.body.classList.contains("results") || document.querySelector(".entry")) return;
  const rel = event.key === "j" ? "next" : event.key === "k" ? "prev" : "";
  const link = rel && first(document.querySelector(".turn"), "a", `[rel=${rel}]`);
  if (link) location.href = link.href;
});

// On narrow windows the bars of pages run past the edge: the page that is open is in sight.
for (const here of document.querySelectorAll(":is(.sections, .tabs) > [aria-current]")) {
  const bar = here.parentElement;
  if (!bar || bar.scrollWidth <= bar.clientWidth) continue;
  const [own, all] = [here.getBoundingClientRect(), bar.getBoundingClientRect()];
  bar.scrollLeft += own.left + own.width / 2 - (all.left + all.width / 2);
}
