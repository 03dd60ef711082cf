// The results of a launch: a tree or a list, filters, and one result beside it. State is in the
// address. Statuses and groups come with head.js; names with rows-N.js, for what is on the screen;
// messages, steps and attachments with detail-N.js.
"use strict";

(() => {
  const view = document.getElementById("view");
  const plain = document.getElementById("plain");
  if (!view || !plain) return;
  const base = view.dataset.chunks;
  const UP = "../../";
  const ROW = 28;
  /** @type {Record<string, string>} */
  const STATUS = { f: "failed", b: "broken", u: "unknown", i: "in_progress", s: "skipped", p: "passed", ".": "absent" };
  const ORDER = "fbuisp";
  const FLAGS = ["muted", "flaky", "known", "overridden", "retried", "manual", "new", "fixed"];
  const label = (/** @type {string} */ status) => status === "in_progress" ? "in progress" : status;

  /** @type {Head} */
  let head;
  /** @type {Uint8Array} */
  let unresolved;
  /** @type {Int32Array} */
  let groupOf;
  /** @type {number[][]} */
  let children;
  /** @type {Uint8Array} */
  let bits;
  /** @type {number[]} */
  let tops;
  /** @type {boolean} */
  let few;
  /** @type {Names[]} */
  const chunks = [];
  /** @type {string[][]} */
  const texts = [];
  /** @typedef {{q: string, s: Set<string>, o: string, r: number}} State */
  /** @type {State} */
  const state = { q: "", s: new Set(), o: "group", r: -1 };
  /** @typedef {{group: number, row?: undefined, depth: number, n: number} | {row: number, group?: undefined, depth: number}} Line */
  /** @type {Line[]} */
  let lines = [];
  /** @type {Uint8Array | null} */
  let matched = null;
  let nMatched = 0;
  let generation = 0;
  /** @type {{all: Map<number, boolean>, found: Map<number, boolean>}} */
  const toggled = { all: new Map(), found: new Map() };

  // ---- data

  /** @param {unknown} error */
  const why = (error) => error instanceof Error ? error.message : String(error);
  /** @param {number} row */
  const chunkOf = (row) => Math.floor(row / head.rows);
  /** @param {number} k */
  const loadChunk = (k) => chunks[k] ? Promise.resolve(chunks[k]) : tallybook.load(`rows-${k}`, `${base}rows-${k}.js`).then((c) => (chunks[k] = c));
  const nChunks = () => Math.ceil(head.n / head.rows);
  /** @param {(part: number) => void} progress */
  async function loadAll(progress) {
    for (let k = 0; k < nChunks(); k += 4) {
      await Promise.all([0, 1, 2, 3].filter((i) => k + i < nChunks()).map((i) => loadChunk(k + i)));
      progress(Math.min(k + 4, nChunks()) / nChunks());
    }
  }
  /** A row's names, or null while they are on their way. @param {number} row @returns {Row | null} */
  function get(row) {
    const chunk = chunks[chunkOf(row)];
    if (!chunk) return null;
    const i = row % head.rows;
    const tail = chunk.full[i];
    return {
      id: chunk.ids[i], name: chunk.names[i],
      full: chunk.prefixes[chunk.prefix[i]] + (tail === null ? chunk.names[i] : tail),
      parameters: chunk.parameters[i], duration: chunk.duration[i], start: chunk.start[i],
      case: chunk.cases[chunk.case[i]], labels: chunk.labels[i].map((n) => chunk.label_values[n]),
      history: chunk.histories[chunk.history[i]], environment: chunk.environments[chunk.environment[i]],
      attempts: chunk.attempts[i],
    };
  }
  /** A row's names, once they are here. @param {number} row */
  const here = (row) => /** @type {Row} */ (get(row));
  /** @param {number} row */
  const statusOf = (row) => STATUS[head.status[row]];
  /** @param {number} row @param {string} flag */
  const has = (row, flag) => (bits[row] >> FLAGS.indexOf(flag) & 1) === 1;
  /** @param {number} row */
  const needs = (row) => "fbu".includes(head.status[row]);
  /** @param {number} row */
  function pathOf(row) {
    const names = [];
    for (let g = groupOf[row]; g >= 0; g = head.groups[g][1]) names.unshift(head.groups[g][0]);
    return names;
  }
  /** @param {number} row */
  async function detailOf(row) {
    const firsts = head.details;
    let low = 0, high = firsts.length - 2, at = -1;
    while (low <= high) {
      const middle = low + high >> 1;
      if (firsts[middle] <= row) { at = middle; low = middle + 1; } else high = middle - 1;
    }
    if (at < 0) return null;
    const list = await tallybook.load(`detail-${at}`, `${base}detail-${at}.js`);
    return list.find((entry) => entry[0] === row)?.[1] || null;
  }
  const prepare = () => {
    bits = new Uint8Array(head.n);
    for (let i = 0; i < head.n; i++) { const c = head.flags.charCodeAt(i); bits[i] = (c > 0x7e ? c - 0x22 : c) - 0x30; }
    unresolved = new Uint8Array(head.n);
    for (const row of head.unresolved) unresolved[row] = 1;
    groupOf = new Int32Array(head.n).fill(-1);
    children = head.groups.map(() => []);
    tops = head.groups.map((group, g) => (group[1] < 0 ? g : -1)).filter((g) => g >= 0);
    few = [...head.status].filter((l) => "fbu".includes(l)).length <= 60;
    head.groups.forEach((group, g) => {
      groupOf.fill(g, group[2], group[2] + group[3][0]);
      if (group[1] >= 0) children[group[1]].push(g);
    });
  };

  // ---- filter

  /** @typedef {{not: boolean, key: string, value: string}} Term */
  /** @typedef {(row: number) => boolean} Test */
  /** Words, `is:flaky`, `status:failed`, `case:none`, `tag:smoke`, quoted parts; `-` negates. @param {string} text */
  function parse(text) {
    /** @type {Term[]} */
    const terms = [];
    for (const [, minus, key, quoted, bare] of text.matchAll(/(-)?(?:([\w.]+):)?(?:"([^"]*)"?|([^\s"]+))/g)) {
      const value = (quoted ?? bare).toLowerCase();
      if (value) terms.push({ not: !!minus, key: key?.toLowerCase() || "", value });
      else if (key) terms.push({ not: !!minus, key: "", value: `${key.toLowerCase()}:` });
    }
    return terms;
  }
  /** A test that needs no names; null where there is none. @param {Term} term @returns {Test | null} */
  function light(term) {
    if (term.key === "is") {
      if (term.value === "unresolved") return (row) => unresolved[row] === 1;
      if (term.value === "old") return (row) => unresolved[row] === 1 && !has(row, "new");
      if (FLAGS.includes(term.value)) return (row) => has(row, term.value);
      return () => false;
    }
    if (term.key === "status") return (row) => label(statusOf(row)).startsWith(term.value) || statusOf(row) === term.value;
    if (term.key === "defect" || term.key === "mute") {
      const rows = new Set(head.resolved.filter(([kind, id]) => kind === term.key && id.toLowerCase() === term.value).flatMap((entry) => entry[2]));
      return (row) => rows.has(row);
    }
    return null;
  }
  /** @param {Term} term @returns {Test} */
  function heavy(term) {
    const { key, value } = term;
    if (!key) return (row) => textOf(row).includes(value);
    if (key === "case") return value === "none" ? (row) => !here(row).case[0] : (row) => here(row).case[0].toLowerCase().includes(value);
    if (key === "env") return (row) => here(row).environment.toLowerCase().includes(value);
    return (row) => here(row).labels.some(([name, text]) => name.toLowerCase() === key && text.toLowerCase().includes(value))
      || here(row).parameters.some(([name, text]) => name.toLowerCase() === key && text.toLowerCase().includes(value))
      || textOf(row).includes(`${key}:${value}`);
  }
  /** @param {number} row */
  function textOf(row) {
    const k = chunkOf(row);
    const list = texts[k] ||= [];
    return list[row % head.rows] ??= (() => {
      const r = here(row);
      return [r.name, r.full, r.case[0], r.environment, pathOf(row).join(" / "), ...r.parameters.flat(), ...r.labels.map((l) => l[1])].join("\n").toLowerCase();
    })();
  }

  async function apply() {
    const mine = ++generation;
    const terms = parse(state.q);
    const tests = terms.map((term) => ({ term, test: light(term) }));
    const sorted = state.o === "slowest" || state.o === "name";
    if (sorted || tests.some((t) => !t.test)) {
      const missing = nChunks() - chunks.filter(Boolean).length;
      if (missing > 4) say("Loading names …");
      try {
        await loadAll((part) => { if (mine === generation && part < 1) say(`Loading names, ${Math.round(part * 100)} %`); });
      } catch (error) { return say(`Names could not be loaded: ${why(error)}`); }
      if (mine !== generation) return;
    }
    if (!terms.length && !state.s.size) {
      matched = null;
      nMatched = head.n;
    } else {
      const all = tests.map(({ term, test }) => ({ test: test || heavy(term), not: term.not }));
      matched = new Uint8Array(head.n);
      nMatched = 0;
      for (let row = 0; row < head.n; row++) {
        if (state.s.size && (!state.s.has(statusOf(row)) || has(row, "overridden"))) continue;
        if (all.every(({ test, not }) => test(row) !== not)) { matched[row] = 1; nMatched++; }
      }
    }
    build();
  }

  // ---- lines

  const toggles = () => matched ? toggled.found : toggled.all;
  /** @param {number} g @returns {boolean} */
  function isOpen(g) {
    const set = toggles().get(g);
    if (set !== undefined) return set;
    if (matched) return nMatched <= 2000 || head.groups[g][1] < 0;
    const [, parent, , counts] = head.groups[g];
    return head.n <= 300 || (parent < 0 && tops.length === 1) || (few && counts[3] + counts[4] + counts[5] > 0);
  }
  /** @param {boolean} [keep] */
  function build(keep) {
    lines = [];
    const fits = matched;
    const ok = (/** @type {number} */ row) => !fits || fits[row] === 1;
    if (state.o === "group") {
      const sums = new Uint32Array(head.n + 1);
      if (fits) for (let i = 0; i < head.n; i++) sums[i + 1] = sums[i] + fits[i];
      const inside = (/** @type {number} */ g) => { const [, , from, [n]] = head.groups[g]; return fits ? sums[from + n] - sums[from] : n; };
      /** @param {number} from @param {number} to @param {number} depth */
      const rows = (from, to, depth) => { for (let row = from; row < to; row++) if (ok(row)) lines.push({ row, depth }); };
      /** @param {number} g @param {number} depth */
      const visit = (g, depth) => {
        const n = inside(g);
        if (!n) return;
        lines.push({ group: g, depth, n });
        if (!isOpen(g)) return;
        const [, , from, [all]] = head.groups[g];
        const own = children[g].length ? head.groups[children[g][0]][2] : from + all;
        rows(from, own, depth + 1);
        children[g].forEach((child) => visit(child, depth + 1));
      };
      rows(0, tops.length ? head.groups[tops[0]][2] : head.n, 0);
      tops.forEach((g) => visit(g, 0));
    } else {
      const rows = [];
      for (let row = 0; row < head.n; row++) if (ok(row)) rows.push(row);
      if (state.o === "slowest") rows.sort((a, b) => here(b).duration - here(a).duration || a - b);
      if (state.o === "name") rows.sort((a, b) => here(a).name.localeCompare(here(b).name, "en", { numeric: true }) || a - b);
      if (state.o === "status") rows.sort((a, b) => ORDER.indexOf(head.status[a]) - ORDER.indexOf(head.status[b]) || a - b);
      lines = rows.map((row) => ({ row, depth: 0 }));
    }
    space.style.height = `${lines.length * ROW}px`;
    if (!keep) list.scrollTop = 0;
    said();
    draw();
  }

  // ---- the bench above

  const input = el("input", { type: "search", placeholder: "Filter: words, is:flaky, tag:smoke, -word", "aria-label": "Filter results", autocomplete: "off", spellcheck: "false" });
  const chips = el("div.chips", { role: "group", "aria-label": "Statuses and flags" });
  const order = el("select", { "aria-label": "Order" }, ...[["group", "By group"], ["status", "By status"], ["slowest", "Slowest first"], ["name", "By name"]].map(([value, text]) => el("option", { value }, text)));
  const expand = el("button.plain", { type: "button", title: "Expand all groups (A), collapse them (C)", onclick: () => unfold(lines.some((l) => l.group !== undefined && !isOpen(l.group))) }, "Expand all");
  const saying = el("span.said", { "aria-live": "polite" });
  const say = (/** @type {string} */ text) => { saying.textContent = text; };
  function said() {
    const results = `${thousands(head.n)} ${head.n === 1 ? "result" : "results"}`;
    say(matched ? `${thousands(nMatched)} of ${results}` : results);
    const folded = lines.some((l) => l.group !== undefined && !isOpen(l.group));
    expand.hidden = state.o !== "group" || !head.groups.length;
    expand.textContent = folded ? "Expand all" : "Collapse all";
    list.dataset.empty = lines.length ? "" : "1";
    nothing.hidden = lines.length > 0;
  }
  /** @param {boolean} open */
  function unfold(open) {
    head.groups.forEach((_, g) => toggles().set(g, open));
    build(true);
  }
  function drawChips() {
    /** @type {Record<string, number>} */
    const count = {};
    // An overridden result counts in no status, here as on the other pages.
    [...head.status].forEach((letter, row) => {
      if (!has(row, "overridden")) count[STATUS[letter]] = (count[STATUS[letter]] || 0) + 1;
    });
    const toggleStatus = (/** @type {string} */ status) => { if (!state.s.delete(status)) state.s.add(status); write(); drawChips(); apply(); };
    const toggleTerm = (/** @type {string} */ term) => {
      const words = state.q.split(/\s+/).filter(Boolean);
      state.q = (words.includes(term) ? words.filter((w) => w !== term) : [...words, term]).join(" ");
      input.value = state.q; write(); drawChips(); apply();
    };
    /** @param {boolean} pressed @param {number} n @param {string} text @param {Node | null} icon @param {() => void} act */
    const chip = (pressed, n, text, icon, act) => el("button.chip", { type: "button", "aria-pressed": String(pressed), onclick: act }, icon, el("b", {}, thousands(n)), ` ${text}`);
    const statuses = [...ORDER].map((l) => STATUS[l]).filter((s) => count[s]).map((s) => chip(state.s.has(s), count[s], label(s), mark(s), () => toggleStatus(s)));
    const flagged = (/** @type {string} */ flag) => { let n = 0; const bit = 1 << FLAGS.indexOf(flag); for (const b of bits) if (b & bit) n++; return n; };
    const terms = ["unresolved", "new", "fixed", "flaky", "known", "muted", "overridden"].map((flag) => ({ flag, n: flag === "unresolved" ? head.unresolved.length : flagged(flag) }))
      .filter(({ n }) => n).map(({ flag, n }) => chip(state.q.split(/\s+/).includes(`is:${flag}`), n, flag, null, () => toggleTerm(`is:${flag}`)));
    chips.replaceChildren(...statuses, ...terms);
  }

  // ---- the list

  const space = el("div.space", {});
  const nothing = el("p.waiting", { hidden: true }, "No result fits the filter. ", el("button.plain", { type: "button", onclick: () => clear() }, "Clear it"));
  const list = el("div.list", { tabindex: "0", role: "tree", "aria-label": "Results" }, space, nothing);
  const pane = el("section.pane", { tabindex: "-1", "aria-label": "Result", hidden: true });
  const split = el("div.split", {}, list, pane);
  let drawing = 0;
  const draw = () => { drawing ||= requestAnimationFrame(() => { drawing = 0; paint(); }); };
  function paint() {
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
    const to = Math.min(lines.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 8);
    /** @type {Set<number>} */
    const missing = new Set();
    const items = [];
    for (let i = from; i < to; i++) {
      const line = lines[i];
      const item = line.group !== undefined ? nodeItem(line) : rowItem(line, missing);
      item.style.top = `${i * ROW}px`;
      item.style.setProperty("--d", String(line.depth));
      items.push(item);
    }
    space.replaceChildren(...items);
    for (const k of missing) loadChunk(k).then(draw, (error) => say(why(error)));
  }
  /** @param {{group: number, n: number}} line */
  function nodeItem({ group: g, n }) {
    const [name, , , counts] = head.groups[g];
    const open = isOpen(g);
    const bad = counts[3] + counts[4] + counts[5];
    const item = el("div.item.node", { role: "treeitem", "aria-expanded": String(open), onclick: () => { toggles().set(g, !open); build(true); } },
      el("span.twist", { "aria-hidden": "true" }, open ? "▾" : "▸"),
      el("span.text", { dir: "auto", title: name }, name),
      el("span.n", {}, thousands(n)), el("span.fill", {}),
      bad && !matched ? el("span.bad", { title: "failed, broken and unknown" }, thousands(bad)) : null,
      matched ? null : bar(counts));
    return item;
  }
  /** The same bar as on other pages: worst first, every status with a result is seen. @param {Counts} counts */
  function bar(counts) {
    const parts = ["failed", "broken", "unknown", "in_progress", "skipped", "passed"].map((s, i) => ({ s, n: counts[i + 3] })).filter(({ n }) => n);
    const widths = parts.map(({ n }) => Math.max(25, Math.floor(n * 1000 / counts[0])));
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] += 1000 - widths.reduce((a, b) => a + b, 0);
    let x = 0;
    return svg("svg", { class: "bar", viewBox: "0 0 1000 8", preserveAspectRatio: "none", role: "img", "aria-label": parts.map(({ s, n }) => `${thousands(n)} ${label(s)}`).join(", ") },
      ...parts.map(({ s }, i) => { const r = svg("rect", { class: `s-${s}`, x, width: widths[i], height: 8 }); x += widths[i]; return r; }));
  }
  /** @param {{row: number}} line @param {Set<number>} missing */
  function rowItem({ row }, missing) {
    const r = get(row);
    if (!r) missing.add(chunkOf(row));
    const flags = FLAGS.filter((f) => has(row, f));
    return el("a.item.leaf", { href: r ? `#${hash({ r: row })}` : undefined, id: `row-${row}`, role: "treeitem", "aria-selected": String(row === state.r), title: r?.full || "",
      onclick: (event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); select(row, true); } },
      mark(statusOf(row)),
      el("span.text", { dir: "auto" }, r ? r.name : "…"),
      r && (r.parameters.length || r.environment) ? el("span.params", { dir: "auto" }, [...r.parameters.map(([, value]) => value), ...(r.environment ? r.environment.split(", ").map((v) => v.slice(v.indexOf("=") + 1)) : [])].join(", ")) : null,
      ...flags.map((f) => el(`span.flag.f-${f}`, {}, f)),
      el("span.fill", {}),
      r ? strip(r, false) : null,
      el("span.dur", {}, r ? human(r.duration) : ""));
  }
  /** @param {Row} r @param {boolean} links */
  function strip(r, links) {
    const past = r.history;
    if (past.length < 2) return null;
    const offset = head.launches.length - past.length;
    const marks = [...past].map((letter, i) => {
      const [name, day, href] = head.launches[offset + i];
      const status = STATUS[letter];
      const use = svg("use", { class: `s-${status}`, href: `#n-${status}`, x: i * 7 });
      if (!links) return use;
      const title = svg("title", {}, `${name}, ${day}: ${letter === "." ? "no result" : label(status)}`);
      return svg("a", { href: `${href}#q=${encodeURIComponent(`"${r.full || r.name}"`)}` }, title, svg("rect", { class: "hit", x: i * 7, width: 7, height: 18 }), use);
    });
    return svg("svg", { class: "strip", width: past.length * 7, height: 18, role: links ? "group" : "img", "aria-label": pastText(past) }, ...marks);
  }
  /** @param {string} past */
  function pastText(past) {
    const ran = [...past].filter((l) => l !== ".").length;
    const failed = [...past].filter((l) => "fbu".includes(l)).length;
    return failed ? `failed ${failed} of the last ${ran}` : ran > 1 ? `no failure in the last ${ran} entries` : "one entry";
  }
  /** The site's one form of dates, with seconds: `22 Nov 2026, 18:43:07`. @param {string} iso */
  function date(iso) {
    const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
    return `${+iso.slice(8, 10)} ${months[+iso.slice(5, 7) - 1]} ${iso.slice(0, 4)}, ${iso.slice(11, 19)}`;
  }
  /** @param {number} ms */
  function human(ms) {
    if (ms < 0) return "";
    const s = Math.floor(ms / 1000);
    if (ms < 1000) return `${ms} ms`;
    if (s < 60) return `${s}.${Math.floor(ms % 1000 / 100)} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
    return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  }

  // ---- one result

  /** @param {number} row @param {boolean} [push] */
  function select(row, push) {
    const before = state.r;
    state.r = row;
    write(push && before < 0);
    if (row < 0) {
      split.classList.remove("open");
      document.body.classList.remove("one");
      pane.hidden = true;
      draw();
      list.focus({ preventScroll: true });
      return;
    }
    const at = lines.findIndex((line) => line.row === row);
    split.classList.add("open");
    document.body.classList.add("one");
    pane.hidden = false;
    reveal(at);
    draw();
    show(row);
  }
  /** @param {number} at */
  function reveal(at) {
    if (at < 0) return;
    const top = at * ROW;
    if (top < list.scrollTop + ROW) list.scrollTop = Math.max(0, top - ROW * 2);
    else if (top + ROW * 2 > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW * 3 - list.clientHeight;
  }
  /** @param {number} by */
  function step(by) {
    if (!lines.length) return;
    let at = lines.findIndex((line) => line.row === state.r);
    if (at < 0) at = by > 0 ? -1 : lines.length;
    for (at += by; at >= 0 && at < lines.length; at += by) {
      const { row } = lines[at];
      if (row !== undefined) return select(row, true);
    }
  }
  /** @param {number} row */
  async function show(row) {
    let r, detail;
    try {
      await loadChunk(chunkOf(row));
      r = here(row);
      if (state.r !== row) return;
      write();
      pane.replaceChildren(...heading(row, r), el("p.waiting", {}, "Loading …"));
      detail = await detailOf(row);
    } catch (error) {
      pane.replaceChildren(el("p.waiting", {}, `This result could not be loaded: ${why(error)}`));
      return;
    }
    if (state.r !== row) return;
    pane.replaceChildren(...heading(row, r), ...body(row, r, detail));
    pane.scrollTop = 0;
  }
  /** @param {number} row @param {Row} r */
  function heading(row, r) {
    const rows = lines.filter((line) => line.row !== undefined);
    const at = rows.findIndex((line) => line.row === row);
    const status = statusOf(row);
    return [
      el("div.nav", {},
        el("button", { type: "button", title: "Close (Esc)", onclick: () => select(-1) }, "Close"),
        el("button", { type: "button", title: "Previous (k)", disabled: at <= 0, onclick: () => step(-1) }, "Previous"),
        el("button", { type: "button", title: "Next (j)", disabled: at >= 0 && at + 1 >= rows.length, onclick: () => step(1) }, "Next"),
        el("span.fill", { dir: "auto" }, pathOf(row).join(" / ")),
        el("button.copy", { type: "button", "data-copy": location.href }, "copy link")),
      el("h2", { dir: "auto" }, mark(status), r.name, ...FLAGS.filter((f) => has(row, f)).map((f) => el(`span.flag.f-${f}`, {}, f))),
      r.full && r.full !== r.name ? el("p.full.mono", {}, r.full, el("button.copy", { type: "button", "data-copy": r.full }, "copy")) : null,
    ].filter((part) => part !== null);
  }
  /** @param {string} name @param {string | undefined} value @param {string} [href] */
  function fact(name, value, href) {
    if (!value) return null;
    return el("div.fact", {}, el("dt", {}, name), el("dd", {}, href ? el("a", { href }, value) : el("span", { dir: "auto" }, value)));
  }
  /** @param {number} row @param {Row} r @param {Detail | null} d */
  function body(row, r, d) {
    const status = statusOf(row);
    /** @type {HTMLElement[]} */
    const out = [];
    const started = r.start === null ? null : new Date(head.opened + r.start).toISOString();
    out.push(el("dl.facts", {},
      fact("Status", label(status)), fact("Duration", human(r.duration)),
      started ? el("div.fact", {}, el("dt", {}, "Started"), el("dd", {}, el("time", { datetime: started, title: `${started} (UTC)` }, date(started)))) : null,
      r.attempts > 1 ? fact("Attempts", String(r.attempts)) : null,
      r.case[0] ? fact("Case", r.case[0], r.case[1]) : null,
      fact("Environment", r.environment), fact("Category", d?.category), fact("Source", d?.place)));
    if (r.history.length > 1) out.push(el("p.pastline", {}, strip(r, true), [pastText(r.history), sinceText(row, r)].filter(Boolean).join(", ")));
    for (const [kind, id, title, owner] of d?.resolution || []) out.push(el("p.notice", {}, el("span.flag", {}, kind), ` ${id} `, title, owner ? el("span.quiet", {}, ` · ${owner}`) : null));
    out.push(...execution(d, status));
    if (!d && status !== "passed") out.push(el("p.remark", {}, "Nothing more is kept of this result: the launch is shown by its outcomes."));
    if (r.parameters.length) out.push(el("h3", {}, "Parameters"), el("dl.facts", {}, r.parameters.map(([name, value]) => fact(name, value || "(empty)"))));
    if (d?.retries) {
      out.push(el("h3", {}, d.retries.length === 1 ? "1 earlier attempt" : `${d.retries.length} earlier attempts`));
      d.retries.forEach((retry, i) => out.push(el("details.sub", {},
        el("summary", {}, mark(retry.status), el("span.text", {}, `Attempt ${i + 1}: ${label(retry.status)}`), el("span.dur", {}, human(retry.duration ?? -1))),
        el("div.in", {}, execution(retry.detail, retry.status)))));
    }
    if (d?.links) out.push(el("h3", {}, "Links"), el("ul.links", {}, d.links.map(([kind, name, href]) => el("li", {}, el("span.kind", {}, kind), " ", href ? el("a", { href, rel: "noopener noreferrer" }, name) : name))));
    if (r.labels.length) out.push(el("h3", {}, "Labels"), el("div.labels", {}, r.labels.map(([name, value]) => el("button.tag", { type: "button", title: "Filter by this label", onclick: () => ask(`${name}:"${value}"`) }, `${name}: ${value}`))));
    if (d?.properties) out.push(el("h3", {}, "Properties"), el("dl.facts", {}, d.properties.map(([name, value]) => fact(name, value))));
    return out;
  }
  /** @param {number} row @param {Row} r */
  function sinceText(row, r) {
    if (!needs(row)) return null;
    const past = r.history;
    let i = past.length - 1;
    while (i > 0 && "fbu.s".includes(past[i - 1])) i--;
    while (i < past.length - 1 && !"fbu".includes(past[i])) i++;
    return i === past.length - 1 ? "did not fail before" : `failing since ${head.launches[head.launches.length - past.length + i][0]}`;
  }
  /** What one execution left: message, trace, steps, attachments, output. @param {Detail | null} d @param {string} status */
  function execution(d, status) {
    /** @type {HTMLElement[]} */
    const out = [];
    if (!d) return out;
    if (d.remarks) out.push(el("p.remark", {}, d.remarks.join("; ")));
    if (d.message) out.push(el("h3", {}, "Message", el("button.copy", { type: "button", "data-copy": d.message }, "copy")), el(`pre.message.s-${status}`, { dir: "auto" }, d.message));
    if (d.expected || d.actual) out.push(el("div.two", {}, el("div", {}, el("h3", {}, "Expected"), el("pre", {}, d.expected || "")), el("div", {}, el("h3", {}, "Actual"), el("pre", {}, d.actual || ""))));
    if (d.trace) out.push(el("h3", {}, "Trace", el("button.copy", { type: "button", "data-copy": d.trace }, "copy")), el("pre.trace", {}, d.trace));
    if (d.description) out.push(el("h3", {}, "Description"), el("p.prose", { dir: "auto" }, d.description));
    for (const { title, steps } of [{ title: "Set-up", steps: d.before }, { title: "Steps", steps: d.steps }, { title: "Tear-down", steps: d.after }]) {
      if (steps) out.push(el("h3", {}, title), ...steps.map(stepItem));
    }
    if (d.steps_left_out) out.push(el("p.remark", {}, `${thousands(d.steps_left_out)} more steps are in the launch's details folder.`));
    if (d.attachments) out.push(el("h3", {}, "Attachments"), ...d.attachments.map(attachment));
    for (const { title, text } of [{ title: "Output", text: d.stdout }, { title: "Error output", text: d.stderr }]) if (text) out.push(el("details.sub", {}, el("summary", {}, el("span.text", {}, title)), el("pre.trace", {}, text)));
    return out;
  }
  /** @param {Step} step @returns {boolean} */
  const failing = (step) => step.status === "failed" || step.status === "broken" || (step.steps || []).some(failing);
  /** @param {Step} step @returns {HTMLElement} */
  function stepItem(step) {
    /** @type {(HTMLElement | null)[]} */
    const inside = [
      step.parameters ? el("dl.facts", {}, step.parameters.map(([name, value]) => fact(name, value || "(empty)"))) : null,
      step.message ? el(`pre.message.s-${step.status || "unknown"}`, { dir: "auto" }, step.message) : null,
      step.trace ? el("pre.trace", {}, step.trace) : null,
      ...(step.attachments || []).map(attachment), ...(step.steps || []).map(stepItem),
    ].filter((part) => part !== null);
    return el(`details.sub${inside.length ? "" : ".flat"}`, { open: inside.length > 0 && failing(step) },
      el("summary", {}, step.status ? mark(step.status) : null, el("span.text", { dir: "auto" }, step.name), el("span.dur", {}, human(step.duration ?? -1))),
      inside.length ? el("div.in", {}, inside) : null);
  }

  // ---- attachments

  /** @param {number} n bytes */
  const size = (n) => n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;
  /** @param {Attachment} a */
  function attachment(a) {
    const box = el("div.attachment", {}, el("span", { dir: "auto" }, a.name || "attachment"), el("span.quiet", {}, ` ${a.type ? `${a.type}, ` : ""}${size(a.size)}`));
    if (a.show === "absent") { box.append(el("span.quiet", {}, ` · ${a.why}`)); return box; }
    if (a.show === "image") {
      const src = UP + a.path;
      box.append(el("a", { href: src }, el("img", { src, loading: "lazy", alt: a.name })));
      return box;
    }
    const key = /** @type {const} */ (`file-${a.path.slice("files/".length, -".js".length)}`);
    const shown = el("div", {});
    /** @param {string} text @param {(payload: Payload) => void} act */
    const action = (text, act) => el("button.plain", { type: "button", onclick: async () => {
      try { act(await tallybook.load(key, UP + a.path)); } catch (error) { shown.textContent = why(error); }
    } }, text);
    const asText = (/** @type {Payload} */ payload) => shown.replaceChildren(el("pre.trace", {}, payload.text));
    if (a.show === "text" || a.show === "html") box.append(action("Show", asText));
    if (a.show === "html") box.append(action("Show as page", (payload) => {
      const frame = el("iframe", { sandbox: "", title: a.name, referrerpolicy: "no-referrer" });
      const page = withoutLinks(payload.text || "");
      if (page === null) return asText(payload);
      frame.srcdoc = page;
      shown.replaceChildren(frame);
    }));
    if (a.show === "video" || a.show === "audio") box.append(action("Play", (payload) => shown.replaceChildren(el(a.show, { src: URL.createObjectURL(blob(payload, a.type)), controls: true }))));
    box.append(action("Save", (payload) => {
      const href = URL.createObjectURL(blob(payload, "application/octet-stream"));
      el("a", { href, download: a.name || "attachment" }).click();
      setTimeout(() => URL.revokeObjectURL(href), 10000);
    }), shown);
    return box;
  }
  /**
   * A page without elements that reach out before any policy is asked, as `preconnect` and frames do; null where
   * it can't be had, as writing it down and reading it again brings them back.
   * @param {string} text
   */
  function withoutLinks(text) {
    for (let n = 0; n < 4; n++) {
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.querySelectorAll("link, meta, base, template, iframe, frame, object, embed");
      if (n && !found.length) return text;
      for (const element of found) element.remove();
      text = (page.doctype ? "<!DOCTYPE html>" : "") + page.documentElement.outerHTML;
    }
    return null;
  }
  /** @param {Payload} payload @param {string} type */
  function blob(payload, type) {
    if (payload.text !== undefined) return new Blob([payload.text], { type });
    const binary = atob(payload.base64);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return new Blob([bytes], { type });
  }

  // ---- the address

  /** @param {Partial<State>} change */
  function hash(change) {
    const now = { ...state, ...change };
    const parts = [];
    if (now.s.size) parts.push(`s=${[...now.s].join(",")}`);
    if (now.q) parts.push(`q=${encodeURIComponent(now.q)}`);
    if (now.o !== "group") parts.push(`o=${now.o}`);
    if (now.r >= 0) { const r = get(now.r); parts.push(`r=${now.r}${r ? `.${encodeURIComponent(r.id.slice(0, 8))}` : ""}`); }
    return parts.join("&");
  }
  let written = "";
  /** @param {boolean} [push] */
  function write(push) {
    const next = `#${hash({})}`;
    if (next === written || (next === "#" && !location.hash)) return;
    written = next;
    history[push ? "pushState" : "replaceState"](null, "", next);
  }
  async function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    written = location.hash;
    state.q = asked.get("q") || "";
    state.s = new Set((asked.get("s") || "").split(",").filter((s) => Object.values(STATUS).includes(s)));
    state.o = ["status", "slowest", "name"].find((o) => o === asked.get("o")) || "group";
    input.value = state.q;
    order.value = state.o;
    drawChips();
    const group = parseInt(asked.get("g") || "", 10);
    if (group >= 0 && group < head.groups.length) {
      for (let g = group; g >= 0; g = head.groups[g][1]) toggled.all.set(g, true);
    }
    await apply();
    if (group >= 0) list.scrollTop = Math.max(0, lines.findIndex((line) => line.group === group)) * ROW;
    let row = parseInt(asked.get("r") || "", 10);
    const id = asked.get("i") || (asked.get("r") || "").split(".")[1];
    if (id || row >= 0) row = await find(row, id);
    if (row >= 0) { unfoldTo(row); select(row); } else if (state.r >= 0) select(-1);
  }
  /** The row that an address means: the number where it still has the id, else the id's. @param {number} row @param {string | undefined} id */
  async function find(row, id) {
    try {
      if (row >= 0 && row < head.n) {
        if (!id) return row;
        await loadChunk(chunkOf(row));
        if (here(row).id.startsWith(id)) return row;
      }
      for (let k = 0; id && k < nChunks(); k++) {
        const at = (await loadChunk(k)).ids.findIndex((other) => other.startsWith(id));
        if (at >= 0) return k * head.rows + at;
      }
    } catch (error) { say(why(error)); }
    return -1;
  }
  /** @param {number} row */
  function unfoldTo(row) {
    if (state.o !== "group" || lines.some((line) => line.row === row)) return;
    for (let g = groupOf[row]; g >= 0; g = head.groups[g][1]) toggles().set(g, true);
    build(true);
  }
  /** @param {string} q */
  function ask(q) { state.q = q; input.value = q; write(); drawChips(); apply(); }
  function clear() { state.s.clear(); ask(""); }

  // ---- keys

  /** @type {HTMLDialogElement} */
  const help = el("dialog", {}, el("h2", {}, "Keys"), el("dl", {}, [["/", "filter"], ["j k ↓ ↑", "next and previous result"], ["Enter", "open the first result"], ["Esc", "close the result, then clear the filter"], ["A C", "expand or collapse all groups"], ["?", "this list"]].map(([keys, text]) => [el("dt", {}, ...keys.split(" ").flatMap((k) => [el("kbd", {}, k), " "])), el("dd", {}, text)]).flat()),
    el("p.quiet", {}, "In the filter: words, \"quoted parts\", is:unresolved, is:new, is:flaky, is:muted, is:retried, status:broken, case:none, tag:smoke or any label, env:chrome; a - before a part excludes it."),
    el("form", { method: "dialog" }, el("button.plain", { type: "button", onclick: () => help.close() }, "Close")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === input) { if (input.value) ask(""); else input.blur(); return; }
    if (event.key === "Enter" && event.target === input) { input.blur(); list.focus(); if (state.r < 0) step(1); return; }
    if (typing(event) || help.open) return;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      "/": () => { input.focus(); input.select(); }, j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      Escape: () => (state.r >= 0 ? select(-1) : clear()), A: () => unfold(true), C: () => unfold(false), "?": () => help.showModal(),
      Enter: () => { if (state.r < 0 && event.target === list) step(1); else return true; },
    };
    if (event.key.startsWith("Arrow") && pane.contains(target(event))) return;
    if (Object.hasOwn(keys, event.key) && !keys[event.key]()) event.preventDefault();
  });

  // ---- start

  let timer = 0;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { state.q = input.value.trim(); write(); drawChips(); apply(); }, 120); });
  order.addEventListener("change", () => { state.o = order.value; write(); apply(); });
  list.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  addEventListener("hashchange", () => { if (location.hash !== written) read(); });
  addEventListener("popstate", () => { if (location.hash !== written) read(); });

  tallybook.load("head", `${base}head.js`).then(async (loaded) => {
    head = loaded;
    prepare();
    view.append(el("div.bench", {}, input, chips, order, expand, saying, el("button.plain", { type: "button", title: "Keys (?)", onclick: () => help.showModal() }, "Keys")), split, help);
    document.body.classList.add("live");
    view.hidden = false;
    await read();
  }, (error) => {
    document.documentElement.classList.remove("js");
    plain.prepend(el("p.notice", {}, `The interactive view is not available: ${error.message}. The list below is complete.`));
  });
})();
