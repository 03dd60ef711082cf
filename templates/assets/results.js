// The results of a launch: a tree or a list, filters, and one result beside it, which result.js shows. State is in the
// address. Statuses and groups come with head.js; names with rows-N.js, for what is on the screen;
// messages, steps and attachments with detail-N.js.
"use strict";

(() => {
  const view = document.getElementById("view");
  const plain = document.getElementById("plain");
  if (!view || !plain) return;
  const base = view.dataset.chunks;
  const ROW = 28;
  /** @type {Record<string, string>} */
  const STATUS = { f: "failed", b: "broken", u: "unknown", i: "in_progress", s: "skipped", p: "passed", ".": "absent" };
  const ORDER = "fbuisp";
  const FLAGS = ["muted", "flaky", "known", "overridden", "retried", "manual", "new", "fixed", "unplanned"];
  const { human, why, status: label } = wording;

  /** @type {Head} */
  let head;
  /** @type {Uint8Array} */
  let unresolved;
  /** @type {Int32Array} */
  let groupOf;
  /** @type {number[][]} */
  let children;
  /** @type {Uint16Array} */
  let bits;
  /** Of each status and each flag. @type {Record<string, number>} */
  const count = {};
  /** @type {number[]} */
  let tops;
  /** @type {boolean} */
  let few;
  /** @type {Names[]} */
  const chunks = [];
  /** What words are looked for in: the text of all rows of a chunk, and where each row's ends. @type {{all: string, ends: Int32Array}[]} */
  const texts = [];
  /** `at` is a step of result `r`. @typedef {{q: string, s: Set<string>, o: string, r: number, at: string}} State */
  /** @type {State} */
  const state = { q: "", s: new Set(), o: "group", r: -1, at: "" };
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

  /** @param {number} row */
  const chunkOf = (row) => Math.floor(row / head.rows);
  /** @param {number} k */
  const loadChunk = (k) => chunks[k] ? Promise.resolve(chunks[k]) : tallybook.load(`rows-${k}`, `${base}rows-${k}.js`).then((c) => (chunks[k] = c));
  const nChunks = () => Math.ceil(head.n / head.rows);
  /** Loads all names and, where words are to be looked for, lays their texts out: a part at a time, so that the page stays alive.
   * @param {(part: number) => void} progress @param {boolean} [words] */
  async function loadAll(progress, words) {
    for (let k = 0; k < nChunks(); k += 4) {
      const part = [k, k + 1, k + 2, k + 3].filter((one) => one < nChunks() && !(words ? texts : chunks)[one]);
      if (!part.length) continue;
      await Promise.all(part.map(loadChunk));
      if (words) {
        part.forEach(textOf);
        await new Promise((done) => setTimeout(done));
      }
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
      attempts: chunk.attempts[i], shard: chunk.shard[i],
    };
  }
  /** A row's names, once they are here. @param {number} row */
  const here = (row) => /** @type {Row} */ (get(row));
  /** @param {number} row */
  const statusOf = (row) => STATUS[head.status[row]];
  /** @param {number} row @param {string} flag */
  const has = (row, flag) => (bits[row] >> FLAGS.indexOf(flag) & 1) === 1;
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
    bits = new Uint16Array(head.n);
    for (let i = 0; i < head.n; i++) { const c = head.flags.charCodeAt(i); bits[i] = (c > 0x7e ? c - 0x22 : c) - 0x30; }
    unresolved = new Uint8Array(head.n);
    for (const row of head.unresolved) unresolved[row] = 1;
    groupOf = new Int32Array(head.n).fill(-1);
    children = head.groups.map(() => []);
    tops = head.groups.map((group, g) => (group[1] < 0 ? g : -1)).filter((g) => g >= 0);
    // An overridden result counts in no status, here as on the other pages.
    for (let row = 0; row < head.n; row++) {
      if (!has(row, "overridden")) count[statusOf(row)] = (count[statusOf(row)] || 0) + 1;
      for (let flag = 0; bits[row] >> flag; flag++) if (bits[row] >> flag & 1) count[FLAGS[flag]] = (count[FLAGS[flag]] || 0) + 1;
    }
    few = [...head.status].filter((l) => "fbu".includes(l)).length <= 60;
    head.groups.forEach((group, g) => {
      groupOf.fill(g, group[2], group[2] + group[3][0]);
      if (group[1] >= 0) children[group[1]].push(g);
    });
  };

  // ---- filter

  /** @typedef {{not: boolean, key: string, value: string}} Term */
  /** @typedef {(row: number) => boolean} Test */
  const TERM = /-?(?:[\w.]+:)?(?:"[^"]*"?|[^\s"]+)/g;
  /** Words, `is:flaky`, `status:failed`, `case:none`, `tag:smoke`, quoted parts; `-` negates. @param {string} text */
  function parse(text) {
    /** @type {Term[]} */
    const terms = [];
    for (const [, minus, key, quoted, bare] of text.matchAll(/(-)?(?:([\w.]+):)?(?:"([^"]*)"?|([^\s"]+))/g)) {
      const value = (quoted ?? bare).toLowerCase().replaceAll("\0", "");
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
    if (!key) return containing(value);
    if (key === "case") return value === "none" ? (row) => !here(row).case[0] : (row) => here(row).case[0].toLowerCase().includes(value);
    if (key === "env") return (row) => here(row).environment.toLowerCase().includes(value);
    const written = containing(`${key}:${value}`);
    return (row) => here(row).labels.some(([name, text]) => name.toLowerCase() === key && text.toLowerCase().includes(value))
      || here(row).parameters.some(([name, text]) => name.toLowerCase() === key && text.toLowerCase().includes(value))
      || written(row);
  }
  /** A chunk's text is searched as one, which is far faster than row by row. @param {string} value @returns {Test} */
  function containing(value) {
    const found = new Uint8Array(head.n);
    for (let k = 0; k < nChunks(); k++) {
      const { all, ends } = textOf(k);
      for (let i = 0, at = all.indexOf(value); at >= 0; at = all.indexOf(value, ends[i])) {
        while (ends[i] <= at) i++;
        found[k * head.rows + i] = 1;
      }
    }
    return (row) => found[row] === 1;
  }
  /** @param {number} k */
  function textOf(k) {
    return texts[k] ||= (() => {
      const first = k * head.rows;
      const ends = new Int32Array(chunks[k].ids.length);
      let length = 0;
      const all = Array.from(ends, (_, i) => {
        const r = here(first + i);
        const text = [r.name, r.full, r.case[0], r.environment, pathOf(first + i).join(" / "), ...r.parameters.flat(), ...r.labels.map((l) => l[1])].join("\n").toLowerCase();
        length += text.length + 1;
        ends[i] = length;
        return text;
      });
      // No word has the sign between two rows: what is typed is parted at it.
      return { all: `${all.join("\0")}\0`, ends };
    })();
  }

  async function apply() {
    const mine = ++generation;
    const terms = parse(state.q);
    const tests = terms.map((term) => ({ term, test: light(term) }));
    const sorted = state.o === "slowest" || state.o === "name";
    if (sorted || tests.some((t) => !t.test)) {
      const missing = nChunks() - chunks.filter(Boolean).length;
      if (missing > 4) say(speak("script.loading-names"));
      try {
        await loadAll((part) => { if (mine === generation && part < 1) say(speak("script.loading-names-share", { share: Math.round(part * 100) })); }, tests.some((t) => !t.test));
      } catch (error) { return say(speak("script.names-not-loaded", { why: why(error) })); }
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

  const input = el("input", { type: "search", placeholder: speak("script.filter-words-is-flaky-tag-smoke"), "aria-label": speak("script.filter-results"), autocomplete: "off", spellcheck: "false" });
  const chips = el("div.chips", { role: "group", "aria-label": speak("script.statuses-and-flags") });
  const order = el("select", { "aria-label": speak("script.order") }, ...[["group", speak("script.by-group")], ["status", speak("script.by-status")], ["slowest", speak("script.slowest-first")], ["name", speak("script.by-name")]].map(([value, text]) => el("option", { value }, text)));
  const expand = el("button.plain", { type: "button", title: speak("script.expand-all-groups-a-collapse-them-c"), onclick: () => unfold(lines.some((l) => l.group !== undefined && !isOpen(l.group))) }, speak("script.expand-all"));
  const saying = el("span.said", { "aria-live": "polite" });
  const say = (/** @type {string} */ text) => { saying.textContent = text; };
  function said() {
    say(matched ? speak("script.results-of", { part: nMatched, n: head.n }) : speak("count.result", { n: head.n }));
    const folded = lines.some((l) => l.group !== undefined && !isOpen(l.group));
    expand.hidden = state.o !== "group" || !head.groups.length;
    expand.textContent = folded ? speak("script.expand-all") : speak("script.collapse-all");
    list.dataset.empty = lines.length ? "" : "1";
    nothing.hidden = lines.length > 0;
  }
  /** @param {boolean} open */
  function unfold(open) {
    head.groups.forEach((_, g) => toggles().set(g, open));
    build(true);
  }
  function drawChips() {
    /** @type {string[]} */
    const written = state.q.match(TERM) || [];
    const set = (/** @type {string[]} */ terms) => { state.q = terms.join(" "); input.value = state.q; write(); drawChips(); apply(); };
    const without = (/** @type {string[]} */ gone) => written.filter((one) => !gone.includes(one));
    // Pressed once a filter asks for what it names, pressed twice it excludes that.
    const toggleStatus = (/** @type {string} */ status) => {
      const no = `-status:${status}`;
      if (written.includes(no)) return set(without([no]));
      if (!state.s.delete(status)) state.s.add(status);
      else { set([...written, no]); return; }
      write(); drawChips(); apply();
    };
    const toggleTerm = (/** @type {string} */ term) => set(written.includes(`-${term}`) ? without([`-${term}`]) : written.includes(term) ? [...without([term]), `-${term}`] : [...written, term]);
    /** @param {boolean | "not"} pressed @param {number} n @param {string} text @param {Node | null} icon @param {() => void} act */
    const chip = (pressed, n, text, icon, act) => el(`button.chip${pressed === "not" ? ".not" : ""}`, { type: "button", "aria-pressed": String(pressed !== false), title: pressed === "not" ? speak("script.excluded-press-for-all") : pressed ? speak("script.shown-alone-press-to-exclude") : null, onclick: act }, icon, el("b", {}, thousands(n)), ` ${pressed === "not" ? speak("script.not-this", { what: text }) : text}`);
    const statuses = [...ORDER].map((l) => STATUS[l]).filter((s) => count[s]).map((s) => chip(written.includes(`-status:${s}`) ? "not" : state.s.has(s), count[s], label(s), mark(s), () => toggleStatus(s)));
    const terms = ["unresolved", "new", "fixed", "flaky", "known", "muted", "overridden", "unplanned"].map((flag) => ({ flag, n: flag === "unresolved" ? head.unresolved.length : count[flag] }))
      .filter(({ n }) => n).map(({ flag, n }) => chip(written.includes(`-is:${flag}`) ? "not" : written.includes(`is:${flag}`), n, flag === "unresolved" ? speak("script.unresolved") : wording.flag(flag), null, () => toggleTerm(`is:${flag}`)));
    // What else is asked for can be taken out, part by part.
    const own = new Set([...Object.values(STATUS).map((s) => `-status:${s}`), ...["unresolved", ...FLAGS].flatMap((f) => [`is:${f}`, `-is:${f}`])]);
    const parts = written.filter((one) => !own.has(one) && /^-?[\w.]+:/.test(one)).map((one) => el("button.chip.part", { type: "button", "aria-pressed": "true", title: speak("script.take-this-out-of-the-filter"), onclick: () => set(without([one])) }, el("bdi", {}, one), " ×"));
    chips.replaceChildren(...statuses, ...terms, ...parts);
  }

  // ---- the list

  const space = el("div.space", {});
  const nothing = el("p.waiting", { hidden: true }, speak("script.no-result-fits-the-filter"), el("button.plain", { type: "button", onclick: () => clear() }, speak("script.clear-it")));
  const list = el("div.list", { tabindex: "0", role: "tree", "aria-label": speak("script.results") }, space, nothing);
  const pane = el("section.pane", { tabindex: "-1", "aria-label": speak("script.result"), hidden: true });
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
      bad && !matched ? el("span.bad", { title: speak("script.failed-broken-and-unknown") }, thousands(bad)) : null,
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
    return svg("svg", { class: "bar", viewBox: "0 0 1000 8", preserveAspectRatio: "none", role: "img", "aria-label": parts.map(({ s, n }) => speak("verdict.count", { n, what: label(s) })).join(speak("list.comma")) },
      ...parts.map(({ s }, i) => { const r = svg("rect", { class: `s-${s}`, x, width: widths[i], height: 8 }); x += widths[i]; return r; }));
  }
  /** Who executed a result, or who was to. @param {number} row @param {Row} r */
  function person(row, r) {
    const by = (/** @type {string} */ key) => r.labels.find(([name]) => name === key)?.[1];
    if (statusOf(row) === "in_progress") return by("assignee") ? speak("planned.assigned-to", { name: by("assignee") || "" }) : "";
    return has(row, "manual") && by("tester") ? speak("planned.tester", { name: by("tester") || "" }) : "";
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
      ...flags.map((f) => el(`span.flag.f-${f}`, {}, wording.flag(f))),
      r && person(row, r) ? el("span.params", { dir: "auto" }, person(row, r)) : null,
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
      const title = svg("title", {}, speak("history.entry", { launch: name, day, status: letter === "." ? speak("history.no-result") : label(status) }));
      return svg("a", { href: `${href}#q=${encodeURIComponent(`"${r.full || r.name}"`)}` }, title, svg("rect", { class: "hit", x: i * 7, width: 7, height: 18 }), use);
    });
    return svg("svg", { class: "strip", width: past.length * 7, height: 18, role: links ? "group" : "img", "aria-label": pastText(past) }, ...marks);
  }
  /** @param {string} past */
  function pastText(past) {
    const ran = [...past].filter((l) => l !== ".").length;
    const failed = [...past].filter((l) => "fbu".includes(l)).length;
    return failed ? speak("strip.failed", { part: failed, n: ran }) : ran > 1 ? speak("strip.no-failure", { n: ran }) : speak("strip.one-entry");
  }
  // ---- one result

  /** @param {number} row @param {boolean} [push] */
  function select(row, push) {
    const before = state.r;
    if (row !== before) state.at = "";
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
      pane.replaceChildren(...heading(row, r), el("p.waiting", {}, speak("script.loading")));
      detail = await detailOf(row);
    } catch (error) {
      pane.replaceChildren(el("p.waiting", {}, speak("script.result-not-loaded", { why: why(error) })));
      return;
    }
    if (state.r !== row) return;
    const launch = document.querySelector(".title .name")?.textContent || "";
    pane.replaceChildren(...heading(row, r), ...resultView.view({ row, r, d: detail, status: statusOf(row), path: pathOf(row), head, launch }, tools));
    pane.scrollTop = 0;
    if (state.at && !resultView.open(pane, state.at)) { state.at = ""; write(); }
  }
  /** @param {number} row @param {Row} r */
  function heading(row, r) {
    const rows = lines.filter((line) => line.row !== undefined);
    const at = rows.findIndex((line) => line.row === row);
    const status = statusOf(row);
    return [
      el("div.nav", {},
        el("button", { type: "button", title: speak("script.close-esc"), onclick: () => select(-1) }, speak("script.close")),
        el("button", { type: "button", title: speak("script.previous-k"), disabled: at <= 0, onclick: () => step(-1) }, speak("script.previous")),
        el("button", { type: "button", title: speak("script.next-j"), disabled: at >= 0 && at + 1 >= rows.length, onclick: () => step(1) }, speak("script.next")),
        el("span.fill", { dir: "auto" }, pathOf(row).join(" / "))),
      el("h2", { dir: "auto" }, mark(status), r.name, ...FLAGS.filter((f) => has(row, f)).map((f) => el(`span.flag.f-${f}`, {}, wording.flag(f)))),
      r.full && r.full !== r.name ? el("p.full.mono", {}, r.full) : null,
    ].filter((part) => part !== null);
  }
  /** @type {Tools} */
  const tools = {
    link: (at) => `#${hash({ at })}`,
    open(at) { state.at = at; write(); resultView.open(pane, at); },
    ask: (query) => ask(state.q ? `${state.q} ${query}` : query),
    strip: (r) => strip(r, true),
    past: pastText,
  };

  // ---- what is shown as a table

  /** A cell that no spreadsheet takes for a formula, as all tables of Tallybook have it. @param {string} text */
  function csvCell(text) {
    const guarded = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  }
  /** The results that the filter leaves, in the order that is shown. */
  function csv() {
    const rows = state.o === "group" ? Array.from({ length: head.n }, (_, row) => row).filter((row) => !matched || matched[row]) : lines.flatMap((line) => line.row === undefined ? [] : [line.row]);
    const names = ["csv.status", "csv.name", "csv.full-name", "csv.path", "csv.parameters", "csv.environment", "csv.case", "csv.flags", "csv.duration", "csv.started", "csv.attempts", "csv.id"].map((key) => speak(key));
    const cells = rows.map((row) => {
      const r = here(row);
      return [label(statusOf(row)), r.name, r.full, pathOf(row).join(" / "), r.parameters.map((pair) => pair.join("=")).join(", "), r.environment, r.case[0],
        FLAGS.filter((f) => has(row, f)).join(" "), r.duration < 0 ? "" : String(r.duration), r.start === null ? "" : new Date(head.opened + r.start).toISOString(), String(r.attempts), r.id];
    });
    return [names, ...cells].map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
  }
  async function saveCsv() {
    try { await loadAll(() => {}); } catch (error) { return say(speak("script.names-not-loaded", { why: why(error) })); }
    const href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    const name = (document.querySelector(".title .name")?.textContent || "results").replace(/[^\p{L}\p{N}.]+/gu, "-").slice(0, 60);
    el("a", { href, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
    tell(speak("script.results-saved", { n: matched ? nMatched : head.n }));
  }

  // ---- the address

  /** @param {Partial<State>} change */
  function hash(change) {
    const now = { ...state, ...change };
    const parts = [];
    if (now.s.size) parts.push(`s=${[...now.s].join(",")}`);
    if (now.q) parts.push(`q=${encodeURIComponent(now.q)}`);
    if (now.o !== "group") parts.push(`o=${now.o}`);
    if (now.r >= 0) { const r = get(now.r); parts.push(`r=${now.r}${r ? `.${encodeURIComponent(r.id.slice(0, 8))}` : ""}`); if (now.at && now.r === state.r) parts.push(`step=${now.at}`); }
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
    const at = asked.get("step") || "";
    if (row >= 0) {
      unfoldTo(row);
      state.r = row;
      state.at = /^[\w.-]+$/.test(at) ? at : "";
      select(row);
    } else if (state.r >= 0) select(-1);
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

  help.add(speak("script.results"), [["/", speak("script.key-filter")], ["j k ↓ ↑", speak("script.key-next-result")], ["Enter", speak("script.key-first-result")], ["Esc", speak("script.key-close-result")], ["A C", speak("script.key-groups")], ["e", speak("script.key-csv")]],
    speak("script.in-the-filter"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === input) { if (input.value) ask(""); else input.blur(); return; }
    if (event.key === "Enter" && event.target === input) { input.blur(); list.focus(); if (state.r < 0) step(1); return; }
    if (typing(event) || help.isOpen()) return;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      "/": () => { input.focus(); input.select(); }, j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      Escape: () => (state.r >= 0 ? select(-1) : clear()), A: () => unfold(true), C: () => unfold(false), e: () => { saveCsv(); },
      Enter: () => { if (state.r < 0 && event.target === list) step(1); else return true; },
    };
    if (event.key.startsWith("Arrow") && pane.contains(target(event))) return;
    if (Object.hasOwn(keys, event.key) && !keys[event.key]()) event.preventDefault();
  });

  // ---- start

  let timer = 0;
  // What is typed is answered at once; browsers refuse a page that writes its address at every letter.
  let noted = 0;
  input.addEventListener("input", () => {
    state.q = input.value.trim();
    drawChips();
    apply();
    clearTimeout(timer);
    const note = () => { noted = performance.now(); write(); };
    if (performance.now() - noted > 200) note();
    else timer = setTimeout(note, 200);
  });
  input.addEventListener("focus", () => { loadAll(() => {}, true).catch(() => {}); });
  order.addEventListener("change", () => { state.o = order.value; write(); apply(); });
  list.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  addEventListener("hashchange", () => { if (location.hash !== written) read(); });
  addEventListener("popstate", () => { if (location.hash !== written) read(); });

  tallybook.load("head", `${base}head.js`).then(async (loaded) => {
    head = loaded;
    prepare();
    view.append(el("div.bench", {}, input, chips, order, expand, saying, el("span.acts", {}, el("button.plain", { type: "button", title: speak("script.save-what-is-shown-as-csv-e"), onclick: () => saveCsv() }, "CSV"), times.button(), help.button())), split);
    document.body.classList.add("live");
    view.hidden = false;
    await read();
  }, (error) => {
    document.documentElement.classList.remove("js");
    plain.prepend(el("p.notice", {}, speak("script.no-interactive-view", { why: error.message })));
  });
})();
