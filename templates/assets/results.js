// The results of a launch: a tree by anything that tells results apart, or one table; filters, and one result beside
// them, which result.js shows. State is in the address. What is known of results is in results-data.js, how they are
// put into groups and order in results-groups.js, what the filter means in results-filter.js.
"use strict";

(() => {
  const found = document.getElementById("view");
  const plain = document.getElementById("plain");
  if (!found || !plain) return;
  const base = found.dataset.chunks || "";
  tallybook.load("head", `${base}head.js`).then((head) => resultsPage(found, resultsData(base, head)), (error) => {
    document.documentElement.classList.remove("js");
    plain.prepend(el("p.notice", {}, speak("script.no-interactive-view", { why: error.message })));
  });
})();

/** @param {HTMLElement} view @param {ResultsData} data */
async function resultsPage(view, data) {
  const ROW = 28;
  const { head, STATUS, ORDER, FLAGS, count, few, get, here, statusOf, has, chunkOf, loadChunk, loadAll, pathOf, detailOf } = data;
  const { human, why, status: label } = wording;
  const filter = resultsFilter(data);
  const groups = resultsGroups(data);
  const { bar, person, strip, pastText } = resultsMarks(data);
  const table = resultsTable(data, { order: () => state.o, sort: (o) => choose({ o }) });

  /** `s` are statuses, `by` is what groups are made by, `o` the order, `v` the view; `at` is a step of result `r`.
   * @typedef {{q: string, s: Set<string>, by: string, o: string, v: "tree" | "table", r: number, at: string}} State */
  /** @type {State} */
  const state = { q: "", s: new Set(), by: groups.SUITE, o: "", v: "tree", r: -1, at: "" };
  /** @typedef {{group: number, row?: undefined, depth: number, n: number} | {row: number, group?: undefined, depth: number}} Line */
  /** @type {Line[]} */
  let lines = [];
  /** The line of the result that is open; a result may stand in several groups. */
  let line = -1;
  /** @type {Tree | null} */
  let tree = null;
  let counts = new Float64Array();
  /** @type {Uint8Array | null} */
  let matched = null;
  let nMatched = 0;
  let generation = 0;
  /** What was opened and closed, in each grouping. @type {Map<string, {all: Map<number, boolean>, found: Map<number, boolean>}>} */
  const toggled = new Map();
  const by = () => (state.v === "table" ? groups.NONE : state.by);

  async function apply() {
    const mine = ++generation;
    const terms = filter.parse(state.q);
    complain(filter.complaints(terms, document.activeElement === input));
    const words = filter.needsNames(terms);
    try {
      if (words || groups.needsNames(by(), state.o)) {
        if (!data.isWhole() && data.nChunks() > 4) say(speak("script.loading-names"));
        await loadAll((part) => { if (mine === generation && part < 1) say(speak("script.loading-names-share", { share: Math.round(part * 100) })); }, words);
      }
      await groups.prepare(by());
    } catch (error) { return say(speak("script.names-not-loaded", { why: why(error) })); }
    if (mine !== generation) return;
    matched = filter.matching(terms, state.s);
    nMatched = matched ? matched.reduce((sum, one) => sum + one, 0) : head.n;
    build();
    // How long groups took is known once all names are here; nothing else waits for that.
    if (by() === groups.STATUS || by() === groups.CLUSTER) if (!data.isWhole()) loadAll(() => {}).then(() => { if (mine === generation) build(true); }, () => {});
  }

  // ---- lines

  function toggles() {
    let both = toggled.get(by());
    if (!both) toggled.set(by(), both = { all: new Map(), found: new Map() });
    return matched ? both.found : both.all;
  }
  /** @param {number} g @returns {boolean} */
  function isOpen(g) {
    const set = toggles().get(g);
    if (set !== undefined) return set;
    if (!tree) return false;
    const { parent, rest } = tree.grouping;
    const isTop = parent[g] < 0;
    if (by() === groups.SUITE) {
      if (matched) return nMatched <= 2000 || isTop;
      return head.n <= 300 || (isTop && tree.tops.length === 1) || (few && badOf(g) > 0);
    }
    if (matched) return nMatched <= 2000;
    return (head.n <= 300 && g !== rest) || (isTop && tree.tops.length === 1) || (few && g !== rest && badOf(g) > 0 && tree.tops.length <= 100);
  }
  /** @param {number} g */
  const badOf = (g) => counts[g * 9 + 3] + counts[g * 9 + 4] + counts[g * 9 + 5];
  /** Goes through the tree in the order in which it is shown, as far down as `visit` says: groups with failures come before others
   * of their folder, unless another order is asked for, and before results beside them of which none fails.
   * @param {Tree} tree @param {(from: number, to: number, group: number, depth: number) => void} put @param {(group: number, depth: number) => boolean} visit */
  function walk({ at, rows, children, tops }, put, visit) {
    const isSorted = state.o === "" && (by() === groups.SUITE || by() === groups.PATH);
    /** @param {number} g -1 at the top. @param {number[]} below @param {number} depth */
    const inside = (g, below, depth) => {
      const [from, to] = [g < 0 ? 0 : at[g], at[g + 1]];
      const failing = isSorted ? below.filter((child) => badOf(child) > 0) : below;
      const others = isSorted ? below.filter((child) => badOf(child) === 0) : [];
      const into = (/** @type {number[]} */ all) => { for (const child of all) if (visit(child, depth)) inside(child, children[child], depth + 1); };
      const isLater = isSorted && failing.length > 0 && data.rank[rows[from]] > 2;
      if (!isLater) put(from, to, g, depth);
      into(failing);
      if (isLater) put(from, to, g, depth);
      into(others);
    };
    inside(-1, tops, 0);
  }
  /** @param {boolean} [keep] */
  function build(keep) {
    lines = [];
    line = -1;
    const fits = matched;
    tree = groups.tree(by(), state.o);
    const { rows } = tree;
    counts = groups.tally(tree, fits);
    walk(tree, (from, to, _, depth) => { for (let i = from; i < to; i++) if (!fits || fits[rows[i]]) lines.push({ row: rows[i], depth }); }, (g, depth) => {
      const n = counts[g * 9];
      if (n) lines.push({ group: g, depth, n });
      return n > 0 && isOpen(g);
    });
    space.style.height = `${lines.length * ROW}px`;
    if (!keep) list.scrollTop = 0;
    said();
    draw();
  }
  /** All results that the filter leaves, in the order that is shown, those of closed groups among them. @returns {[row: number, group: string | null][]} */
  function allRows() {
    if (!tree) return [];
    const { grouping, rows } = tree;
    /** @type {[number, string | null][]} */
    const out = [];
    const isNamed = by() !== groups.SUITE && by() !== groups.NONE;
    walk(tree, (from, to, g) => {
      const name = isNamed ? groups.nameOf(grouping, g) : null;
      for (let i = from; i < to; i++) if (!matched || matched[rows[i]]) out.push([rows[i], name]);
    }, () => true);
    return out;
  }

  // ---- the bench above

  const input = el("input", { type: "search", placeholder: speak("script.filter-words-is-flaky-tag-smoke"), "aria-label": speak("script.filter-results"), autocomplete: "off", spellcheck: "false", "aria-describedby": "complaint" });
  const chips = el("div.chips", { role: "group", "aria-label": speak("script.statuses-and-flags") });
  const grouping = el("select", { "aria-label": speak("script.group-by") }, el("option", { value: groups.SUITE }, speak("script.by-suite")),
    head.clusters ? el("option", { value: groups.CLUSTER }, speak("script.by-failure", { n: head.clusters })) : null,
    el("option", { value: groups.STATUS }, speak("script.by-status")), el("option", { value: groups.PATH }, speak("script.by-path")), el("option", { value: groups.NONE }, speak("script.by-nothing")),
    ["label", "param", "env"].map((kind) => {
      const ways = groups.ways.filter((way) => way.kind === kind);
      return ways.length ? el("optgroup", { label: speak({ label: "script.labels", param: "script.parameters", env: "script.environment" }[kind] || "") }, ways.map((way) => el("option", { value: way.by }, `${way.key} (${thousands(way.values)})`))) : null;
    }));
  const order = el("select", { "aria-label": speak("script.order") }, [["", speak("script.failures-first")], ["slowest", speak("script.slowest-first")], ["name", speak("script.by-name")]].map(([value, text]) => el("option", { value }, text)));
  const groupBox = el("label.by", {}, el("span", { "aria-hidden": "true" }, speak("script.group-by")), grouping);
  const views = el("div.views", { role: "group", "aria-label": speak("script.view") }, [["tree", speak("script.tree")], ["table", speak("script.table-view")]].map(([v, text]) =>
    el("button.chip", { type: "button", "data-view": v, title: speak("script.tree-or-table-t"), onclick: () => choose({ v: v === "table" ? "table" : "tree" }) }, text)));
  const expand = el("button.plain", { type: "button", title: speak("script.expand-all-groups-a-collapse-them-c"), onclick: () => unfold(lines.some((l) => l.group !== undefined && !isOpen(l.group))) }, speak("script.expand-all"));
  const saying = el("span.said", { "aria-live": "polite" });
  const say = (/** @type {string} */ text) => { saying.textContent = text; };
  const complaint = el("p.complaint", { id: "complaint", role: "status", hidden: true });
  /** @param {string[]} all */
  function complain(all) {
    complaint.hidden = !all.length;
    if (complaint.textContent !== all.join(" ")) complaint.textContent = all.join(" ");
  }
  function said() {
    say(matched ? speak("script.results-of", { part: nMatched, n: head.n }) : speak("count.result", { n: head.n }));
    const folded = lines.some((l) => l.group !== undefined && !isOpen(l.group));
    expand.hidden = by() === groups.NONE || !tree?.tops.length;
    expand.textContent = folded ? speak("script.expand-all") : speak("script.collapse-all");
    list.dataset.empty = lines.length ? "" : "1";
    nothing.hidden = lines.length > 0;
  }
  /** @param {boolean} open */
  function unfold(open) {
    tree?.grouping.names.forEach((_, g) => toggles().set(g, open));
    build(true);
  }
  /** What is chosen is a step that Back undoes. @param {Partial<Pick<State, "by" | "o" | "v">>} change */
  function choose(change) {
    settle();
    Object.assign(state, change);
    if (state.v === "tree" && !["", "slowest", "name"].includes(state.o)) state.o = state.o === "-duration" ? "slowest" : "";
    write(true);
    drawControls();
    apply();
  }
  function drawControls() {
    const isTable = state.v === "table";
    grouping.value = state.by;
    order.value = state.o;
    groupBox.hidden = order.hidden = isTable;
    for (const button of views.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.view === state.v));
    list.setAttribute("role", isTable ? "table" : "tree");
    list.classList.toggle("table", isTable);
    space.setAttribute("role", isTable ? "rowgroup" : "presentation");
    const focused = document.activeElement;
    const column = focused instanceof HTMLElement && heads.contains(focused) ? focused.dataset.column : "";
    if (isTable) heads.setAttribute("role", "rowgroup");
    else heads.removeAttribute("role");
    heads.replaceChildren(...(isTable ? [table.heads()] : []));
    if (column) first(heads, "button", `[data-column=${column}]`)?.focus();
  }
  function drawChips() {
    /** @type {string[]} */
    const written = state.q.match(filter.PARTS) || [];
    const pressed = () => { write(true); drawChips(); apply(); };
    const set = (/** @type {string[]} */ terms) => { settle(); state.q = terms.join(" "); input.value = state.q; pressed(); };
    const without = (/** @type {string[]} */ gone) => written.filter((one) => !gone.includes(one));
    // Pressed once a filter asks for what it names, pressed twice it excludes that.
    const toggleStatus = (/** @type {string} */ status) => {
      const no = `-status:${status}`;
      if (written.includes(no)) return set(without([no]));
      settle();
      if (state.s.delete(status)) return set([...written, no]);
      state.s.add(status);
      pressed();
    };
    const toggleTerm = (/** @type {string} */ term) => set(written.includes(`-${term}`) ? without([`-${term}`]) : written.includes(term) ? [...without([term]), `-${term}`] : [...written, term]);
    /** @param {boolean | "not"} pressed @param {number} n @param {string} text @param {Node | null} icon @param {() => void} act */
    const chip = (pressed, n, text, icon, act) => el(`button.chip${pressed === "not" ? ".not" : ""}`, { type: "button", "aria-pressed": String(pressed !== false), title: pressed === "not" ? speak("script.excluded-press-for-all") : pressed ? speak("script.shown-alone-press-to-exclude") : null, onclick: act }, icon, el("b", {}, thousands(n)), ` ${pressed === "not" ? speak("script.not-this", { what: text }) : text}`);
    const statuses = [...ORDER].map((l) => STATUS[l]).filter((s) => count[s]).map((s) => chip(written.includes(`-status:${s}`) ? "not" : state.s.has(s), count[s], label(s), mark(s), () => toggleStatus(s)));
    const terms = ["unresolved", "new", "fixed", "flaky", "known", "muted", "overridden", "unplanned"].map((flag) => ({ flag, n: flag === "unresolved" ? head.unresolved.length : count[flag] }))
      .filter(({ n }) => n).map(({ flag, n }) => chip(written.includes(`-is:${flag}`) ? "not" : written.includes(`is:${flag}`), n, flag === "unresolved" ? speak("script.unresolved") : wording.flag(flag), null, () => toggleTerm(`is:${flag}`)));
    // What else is asked for can be taken out, part by part.
    const own = new Set([...Object.values(STATUS).map((s) => `-status:${s}`), ...["unresolved", ...FLAGS].flatMap((f) => [`is:${f}`, `-is:${f}`])]);
    const parts = written.filter((one) => !own.has(one) && /^-?[\w.]+:/.test(one)).map((one) => el("button.chip.part", { type: "button", "aria-pressed": "true", title: speak("script.take-this-out-of-the-filter"), onclick: () => set(without([one])) }, el("bdi", {}, one.length > 40 ? `${one.slice(0, 39)}…` : one), " ×"));
    chips.replaceChildren(...statuses, ...terms, ...parts);
  }

  // ---- the list

  const space = el("div.space", {});
  const heads = el("div.headline", {});
  const nothing = el("p.waiting", { hidden: true }, speak("script.no-result-fits-the-filter"), el("button.plain", { type: "button", onclick: () => clear() }, speak("script.clear-it")));
  const list = el("div.list", { tabindex: "0", role: "tree", "aria-label": speak("script.results") }, heads, space, nothing);
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
    if (state.v === "table") list.setAttribute("aria-rowcount", String(lines.length + 1));
    else list.removeAttribute("aria-rowcount");
    for (let i = from; i < to; i++) {
      const one = lines[i];
      const item = one.group !== undefined ? nodeItem(one) : rowItem(one, i, missing);
      item.style.top = `${i * ROW}px`;
      item.style.setProperty("--d", String(one.depth));
      items.push(item);
    }
    space.replaceChildren(...items);
    for (const k of missing) loadChunk(k).then(draw, (error) => say(why(error)));
  }
  /** @param {{group: number, n: number}} line */
  function nodeItem({ group: g, n }) {
    const { names = [], marks } = tree?.grouping || {};
    const open = isOpen(g);
    const bad = badOf(g);
    // Of suites it is known from the start, of what is filtered once all names are here.
    const took = by() === groups.SUITE && !matched ? data.groups[g][4] : data.isWhole() ? counts[g * 9 + 2] : 0;
    return el("div.item.node", { role: "treeitem", "aria-expanded": String(open), onclick: () => { toggles().set(g, !open); build(true); } },
      el("span.twist", { "aria-hidden": "true" }, open ? "▾" : "▸"), marks?.[g] ? mark(marks[g]) : null,
      el("span.text", { dir: "auto", title: names[g] }, names[g]),
      el("span.n", {}, thousands(n)), el("span.fill", {}),
      bad ? el("span.bad", { title: speak("script.failed-broken-and-unknown") }, thousands(bad)) : null,
      bar(/** @type {Counts} */ (/** @type {unknown} */ (counts.subarray(g * 9, g * 9 + 9)))),
      el("span.dur", { title: speak("script.took-together") }, took > 0 ? human(took) : ""));
  }
  /** @param {{row: number}} line @param {number} at @param {Set<number>} missing */
  function rowItem({ row }, at, missing) {
    const r = get(row);
    if (!r) missing.add(chunkOf(row));
    const isOpen = row === state.r && (line < 0 || line === at);
    const href = r ? `#${hash({ r: row })}` : undefined;
    const onclick = (/** @type {MouseEvent} */ event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); select(row, true, at); };
    if (state.v === "table") return el("div.item.leaf.cells-row", { id: `line-${at}`, role: "row", "aria-rowindex": at + 2, "aria-current": String(isOpen), onclick }, table.cells(row, r, href));
    return el("a.item.leaf", { href, id: `line-${at}`, role: "treeitem", "aria-selected": String(isOpen), title: r?.full || "", onclick },
      mark(statusOf(row)),
      el("span.text", { dir: "auto" }, r ? r.name : "…"),
      r && (r.parameters.length || r.environment) ? el("span.params", { dir: "auto" }, [...r.parameters, ...r.variables].map(([, value]) => value).join(", ")) : "",
      ...FLAGS.filter((f) => has(row, f)).map((f) => el(`span.flag.f-${f}`, {}, wording.flag(f))),
      r && person(row, r) ? el("span.params", { dir: "auto" }, person(row, r)) : "",
      el("span.fill", {}),
      (r && strip(r, false)) || "",
      el("span.dur", {}, r ? human(r.duration) : ""));
  }
  // ---- one result

  /** @param {number} row @param {boolean} [push] @param {number} [at] Its line. */
  function select(row, push, at) {
    const before = state.r;
    if (row !== before) state.at = "";
    state.r = row;
    write(push && before < 0);
    if (row < 0) {
      line = -1;
      split.classList.remove("open");
      document.body.classList.remove("one");
      pane.hidden = true;
      draw();
      list.focus({ preventScroll: true });
      return;
    }
    line = at ?? lineOf(row);
    split.classList.add("open");
    document.body.classList.add("one");
    pane.hidden = false;
    reveal(line);
    draw();
    show(row);
  }
  /** The line of a result: the one that was chosen, else its first. @param {number} row */
  const lineOf = (row) => (line >= 0 && lines[line]?.row === row ? line : lines.findIndex((one) => one.row === row));
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
    let at = lineOf(state.r);
    if (at < 0) at = by > 0 ? -1 : lines.length;
    for (at += by; at >= 0 && at < lines.length; at += by) {
      const { row } = lines[at];
      if (row !== undefined) return select(row, true, at);
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
    const at = lineOf(row);
    const isLast = (/** @type {number} */ from, /** @type {number} */ by) => { let i = from + by; while (lines[i] && lines[i].row === undefined) i += by; return !lines[i]; };
    const status = statusOf(row);
    return [
      el("div.nav", {},
        el("button", { type: "button", title: speak("script.close-esc"), onclick: () => select(-1) }, speak("script.close")),
        el("button", { type: "button", title: speak("script.previous-k"), disabled: at < 0 || isLast(at, -1), onclick: () => step(-1) }, speak("script.previous")),
        el("button", { type: "button", title: speak("script.next-j"), disabled: at >= 0 && isLast(at, 1), onclick: () => step(1) }, speak("script.next")),
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

  async function saveCsv() {
    try { await loadAll(() => {}); } catch (error) { return say(speak("script.names-not-loaded", { why: why(error) })); }
    const href = URL.createObjectURL(new Blob([table.csv(allRows())], { type: "text/csv" }));
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
    if (now.v === "table") parts.push("v=table");
    // An order alone is one of all results.
    const isSaid = now.by === groups.SUITE ? now.o !== "" && now.v === "tree" : now.by !== groups.NONE || now.o === "" || now.v === "table";
    if (isSaid) parts.push(`by=${encodeURIComponent(now.by)}`);
    if (now.o) parts.push(`o=${now.o}`);
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
    clearTimeout(timer);
    timer = 0;
    state.q = asked.get("q") || "";
    state.s = new Set((asked.get("s") || "").split(",").filter((s) => Object.values(STATUS).includes(s)));
    state.v = asked.get("v") === "table" ? "table" : "tree";
    const o = asked.get("o") || "";
    const isOrder = ["slowest", "name"].includes(o) || (state.v === "table" && groups.COLUMNS.includes(o.replace(/^-/, "")));
    const by = asked.get("by") || (o && state.v === "tree" ? groups.NONE : groups.SUITE);
    state.o = isOrder ? o : "";
    state.by = groups.isKnown(by) ? by : groups.SUITE;
    input.value = state.q;
    drawControls();
    drawChips();
    const group = parseInt(asked.get("g") || "", 10);
    if (group >= 0 && group < head.groups.length && state.by === groups.SUITE) {
      const all = toggled.get(groups.SUITE)?.all || new Map();
      for (let g = group; g >= 0; g = data.groups[g][1]) all.set(g, true);
      toggled.set(groups.SUITE, { all, found: toggled.get(groups.SUITE)?.found || new Map() });
    }
    await apply();
    if (group >= 0) list.scrollTop = Math.max(0, lines.findIndex((line) => line.group === group)) * ROW;
    let row = parseInt(asked.get("r") || "", 10);
    const id = asked.get("i") || (asked.get("r") || "").split(".")[1];
    if (id || row >= 0) row = await data.find(row, id).catch((error) => { say(why(error)); return -1; });
    const at = asked.get("step") || "";
    if (row >= 0) {
      unfoldTo(row);
      state.r = row;
      state.at = /^[\w.-]+$/.test(at) ? at : "";
      select(row);
    } else if (state.r >= 0) select(-1);
  }
  /** @param {number} row */
  function unfoldTo(row) {
    if (!tree || lines.some((line) => line.row === row)) return;
    const { parent, first } = tree.grouping;
    for (let g = first[row]; g >= 0; g = parent[g]) toggles().set(g, true);
    build(true);
  }
  /** @param {string} q */
  function ask(q) { settle(); state.q = q; input.value = q; write(true); drawChips(); apply(); }
  function clear() { settle(); state.s.clear(); ask(""); }

  // ---- keys

  help.add(speak("script.results"), [["/", speak("script.key-filter")], ["j k ↓ ↑", speak("script.key-next-result")], ["Enter", speak("script.key-first-result")], ["Esc", speak("script.key-close-result")], ["t", speak("script.key-table")], ["g", speak("script.key-group-by")], ["A C", speak("script.key-groups")], ["e", speak("script.key-csv")]],
    speak("script.in-the-filter"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === input) { if (input.value) ask(""); else input.blur(); return; }
    if (event.key === "Enter" && event.target === input) { input.blur(); list.focus(); if (state.r < 0) step(1); return; }
    if (typing(event) || help.isOpen()) return;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      "/": () => { input.focus(); input.select(); }, j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      Escape: () => (state.r >= 0 ? select(-1) : clear()), A: () => unfold(true), C: () => unfold(false), e: () => { saveCsv(); },
      t: () => choose({ v: state.v === "table" ? "tree" : "table" }), g: () => { if (state.v === "table") choose({ v: "tree" }); grouping.focus(); },
      Enter: () => { if (state.r < 0 && event.target === list) step(1); else return true; },
    };
    if (event.key.startsWith("Arrow") && pane.contains(target(event))) return;
    if (Object.hasOwn(keys, event.key) && !keys[event.key]()) event.preventDefault();
  });

  // ---- start

  let timer = 0;
  // What is typed is answered at once; browsers refuse a page that writes its address at every letter.
  let noted = 0;
  const note = () => { timer = 0; noted = performance.now(); write(); };
  /** Writes what was typed, before a step of its own. */
  function settle() { if (timer) { clearTimeout(timer); note(); } }
  input.addEventListener("input", () => {
    state.q = input.value.trim();
    drawChips();
    apply();
    clearTimeout(timer);
    timer = 0;
    if (performance.now() - noted > 200) note();
    else timer = setTimeout(note, 200);
  });
  input.addEventListener("focus", () => { loadAll(() => {}, true).catch(() => {}); });
  input.addEventListener("blur", () => { complain(filter.complaints(filter.parse(state.q), false)); });
  grouping.addEventListener("change", () => choose({ by: grouping.value }));
  order.addEventListener("change", () => choose({ o: order.value }));
  list.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  addEventListener("hashchange", () => { if (location.hash !== written) read(); });
  addEventListener("popstate", () => { if (location.hash !== written) read(); });

  view.append(el("div.bench", {}, input, chips, el("span.controls", {}, groupBox, order, views, expand), el("span.end", {}, saying, el("span.acts", {}, el("button.plain", { type: "button", title: speak("script.save-what-is-shown-as-csv-e"), onclick: () => saveCsv() }, "CSV"), times.button(), help.button())), complaint), split);
  document.body.classList.add("live");
  view.hidden = false;
  await read();
}
