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
  const { head, STATUS, ORDER, FLAGS, count, get, here, statusOf, has, chunkOf, loadChunk, loadAll, pathOf, detailOf } = data;
  const { why, status: label } = wording;
  const filter = resultsFilter(data);
  const groups = resultsGroups(data);
  const { bar, person, strip, pastText } = resultsMarks(data);
  const table = resultsTable(data, { order: () => state.o, sort: (o) => choose({ o }) });
  const by = () => (state.v === "table" ? groups.NONE : state.by);
  const lines = resultsLines(data, groups, { by, order: () => state.o });

  /** `s` are statuses, `by` is what groups are made by, `o` the order, `v` the view; `at` is a step of result `r`.
   * @typedef {{q: string, s: Set<string>, by: string, o: string, v: "tree" | "table", r: number, at: string}} State */
  /** @type {State} */
  const state = { q: "", s: new Set(), by: groups.SUITE, o: "", v: "tree", r: -1, at: "" };
  /** The line of the result that is open; a result may stand in several groups. */
  let line = -1;
  /** Those that the filter leaves; null where it leaves all. @type {Uint8Array | null} */
  let matched = null;
  let nMatched = 0;
  let generation = 0;

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
      if (filter.needsMessages(terms)) await filter.prepare();
      await groups.prepare(by());
    } catch (error) { return say(speak("script.names-not-loaded", { why: why(error) })); }
    if (mine !== generation) return;
    const left = filter.matching(terms, state.s);
    [matched, nMatched] = left ? [left.fits, left.n] : [null, head.n];
    build();
    // How long groups took is known once all names are here; nothing else waits for that.
    if (by() === groups.STATUS || by() === groups.CLUSTER) if (!data.isWhole()) loadAll(() => {}).then(() => { if (mine === generation) build(true); }, () => {});
  }

  /** @param {boolean} [keep] Where the list stands stays. */
  function build(keep) {
    line = -1;
    list.build(keep === true, () => lines.build(matched, nMatched));
    said();
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
  const expand = el("button.plain", { type: "button", title: speak("script.expand-all-groups-a-collapse-them-c"), onclick: () => unfold(lines.isFolded()) }, speak("script.expand-all"));
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
    expand.hidden = by() === groups.NONE || !lines.hasGroups();
    expand.textContent = lines.isFolded() ? speak("script.expand-all") : speak("script.collapse-all");
    const isEmpty = !lines.count();
    list.box.hidden = isEmpty;
    nothing.hidden = !isEmpty;
    if (!isEmpty) return;
    noneFits.textContent = speak("script.none-fits", { n: head.n, filter: [...[...state.s].map(label), ...parts()].join(speak("list.comma")) });
    sought.hidden = !filter.needsMessages(filter.parse(state.q));
  }
  /** @param {boolean} open */
  function unfold(open) {
    lines.setAll(open);
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
    list.dress(isTable);
  }
  /** Parts of what is typed. @returns {string[]} */
  const parts = () => state.q.match(filter.PARTS) || [];
  let drawnChips = "-";
  function drawChips() {
    // What stands as a word is no chip: letter by letter they stay as they are.
    const asked = [...state.s, "", ...parts().filter((one) => /^-?[\w.]+:/.test(one))].join(" ");
    if (asked === drawnChips) return;
    drawnChips = asked;
    const pressed = () => { write(true); drawChips(); apply(); };
    const set = (/** @type {string[]} */ terms) => { settle(); state.q = terms.join(" "); input.value = state.q; pressed(); };
    const without = (/** @type {string[]} */ gone) => parts().filter((one) => !gone.includes(one));
    // Pressed once a filter asks for what it names, pressed twice it excludes that.
    const toggleStatus = (/** @type {string} */ status) => {
      const no = `-status:${status}`;
      if (parts().includes(no)) return set(without([no]));
      settle();
      if (state.s.delete(status)) return set([...parts(), no]);
      state.s.add(status);
      pressed();
    };
    const toggleTerm = (/** @type {string} */ term) => set(parts().includes(`-${term}`) ? without([`-${term}`]) : parts().includes(term) ? [...without([term]), `-${term}`] : [...parts(), term]);
    /** @param {boolean | "not"} pressed @param {number} n @param {string} text @param {Node | null} icon @param {() => void} act */
    const chip = (pressed, n, text, icon, act) => el(`button.chip${pressed === "not" ? ".not" : ""}`, { type: "button", "aria-pressed": String(pressed !== false), title: pressed === "not" ? speak("script.excluded-press-for-all") : pressed ? speak("script.shown-alone-press-to-exclude") : null, onclick: act },
      icon, ...(pressed === "not" ? [speak("script.not-this", { what: text })] : [el("b", {}, thousands(n)), ` ${text}`]));
    const written = parts();
    const statuses = [...ORDER].map((l) => STATUS[l]).filter((s) => count[s]).map((s) => chip(written.includes(`-status:${s}`) ? "not" : state.s.has(s), count[s], label(s), mark(s), () => toggleStatus(s)));
    const terms = ["unresolved", "new", "fixed", "flaky", "known", "muted", "overridden", "unplanned"].map((flag) => ({ flag, n: flag === "unresolved" ? head.unresolved.length : count[flag] }))
      .filter(({ n }) => n).map(({ flag, n }) => chip(written.includes(`-is:${flag}`) ? "not" : written.includes(`is:${flag}`), n, flag === "unresolved" ? speak("script.unresolved") : wording.flag(flag), null, () => toggleTerm(`is:${flag}`)));
    // What else is asked for can be taken out, part by part.
    const own = new Set([...Object.values(STATUS).map((s) => `-status:${s}`), ...["unresolved", ...FLAGS].flatMap((f) => [`is:${f}`, `-is:${f}`])]);
    const others = written.filter((one) => !own.has(one) && /^-?[\w.]+:/.test(one)).map((one) => el("button.chip.part", { type: "button", "aria-pressed": "true", title: speak("script.take-this-out-of-the-filter"), onclick: () => set(without([one])) }, el("bdi", {}, one.length > 40 ? `${one.slice(0, 39)}…` : one), " ×"));
    const held = [...chips.children].findIndex((one) => one === document.activeElement);
    chips.replaceChildren(...statuses, ...terms, ...others);
    // What was pressed has the focus still, to be pressed again.
    const again = held < 0 ? null : chips.children[Math.min(held, chips.childElementCount - 1)];
    if (again instanceof HTMLElement) again.focus();
  }

  // ---- the list

  const noneFits = el("span", { dir: "auto" });
  const sought = el("span.sought", {}, speak("script.where-words-are"));
  const nothing = el("p.waiting.nothing", { role: "status", hidden: true }, noneFits, " ", el("button.plain", { type: "button", onclick: () => clear() }, speak("script.clear-the-filter")), sought);
  const pane = el("section.pane", { tabindex: "-1", "aria-label": speak("script.result"), hidden: true });
  /** @type {ResultsList} */
  const list = resultsList(data, {
    lines, table, strip: (r) => strip(r, false), bar, person,
    isTable: () => state.v === "table", opened: () => [state.r, line],
    href: (row) => `#${hash({ r: row })}`, say,
    took: (g) => (by() === groups.SUITE && !matched ? data.groups[g][4] : data.isWhole() ? lines.countsOf(g)[2] : 0),
    toggle: (g, open) => { lines.set(g, open); build(true); },
    open: (row, at) => select(row, true, at),
    into: () => pane.focus(),
  });
  const split = el("div.split", {}, list.box, nothing, pane);

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
      list.draw();
      list.focus();
      return;
    }
    line = at ?? lineOf(row);
    split.classList.add("open");
    document.body.classList.add("one");
    pane.hidden = false;
    list.stand(line);
    show(row);
    // On narrow windows the result takes the place of the list.
    if (!list.box.checkVisibility() && !pane.contains(document.activeElement)) pane.focus();
  }
  /** Fills the pane; a focus within it stays on the button of that name, or within. @param {(Node | string)[]} parts */
  function fill(parts) {
    const held = document.activeElement;
    const isHeld = pane.contains(held);
    const act = held instanceof HTMLElement ? held.dataset.act : "";
    pane.replaceChildren(...parts);
    if (isHeld) (act && first(pane, "button", `[data-act=${act}]:enabled`) || pane).focus({ preventScroll: true });
  }
  /** The line of a result: the one that was chosen, else its first. @param {number} row */
  const lineOf = (row) => (line >= 0 && lines.at(line)?.row === row ? line : lines.indexOf(row));
  /** @param {number} by @returns {boolean} Whether there was one to go to. */
  function step(by) {
    let at = lineOf(state.r);
    if (at < 0) at = by > 0 ? -1 : lines.count();
    for (at += by; at >= 0 && at < lines.count(); at += by) {
      const row = lines.at(at)?.row;
      if (row !== undefined) { select(row, true, at); return true; }
    }
    return false;
  }
  /** The same by keyboard: the focus goes along in the list, or stays in the pane. @param {number} by */
  function walk(by) {
    if (step(by) && list.box.checkVisibility() && !pane.contains(document.activeElement)) list.focus();
  }
  /** @param {number} row */
  async function show(row) {
    let r, detail;
    try {
      await loadChunk(chunkOf(row));
      r = here(row);
      if (state.r !== row) return;
      write();
      fill([...heading(row, r), el("p.waiting", {}, speak("script.loading"))]);
      detail = await detailOf(row);
    } catch (error) {
      fill([el("p.waiting", {}, speak("script.result-not-loaded", { why: why(error) }))]);
      return;
    }
    if (state.r !== row) return;
    const launch = document.querySelector(".title .name")?.textContent || "";
    fill([...heading(row, r), ...resultView.view({ row, r, d: detail, status: statusOf(row), path: pathOf(row), head, launch }, tools)]);
    pane.scrollTop = 0;
    if (state.at && !resultView.open(pane, state.at)) { state.at = ""; write(); }
  }
  /** @param {number} row @param {Row} r */
  function heading(row, r) {
    const at = lineOf(row);
    const isLast = (/** @type {number} */ from, /** @type {number} */ by) => { let i = from + by; while (lines.at(i)?.group !== undefined) i += by; return !lines.at(i); };
    const status = statusOf(row);
    return [
      el("div.nav", {},
        el("button", { type: "button", title: speak("script.close-esc"), onclick: () => select(-1) }, speak("script.close")),
        el("button", { type: "button", "data-act": "previous", title: speak("script.previous-k"), disabled: at < 0 || isLast(at, -1), onclick: () => step(-1) }, speak("script.previous")),
        el("button", { type: "button", "data-act": "next", title: speak("script.next-j"), disabled: at >= 0 && isLast(at, 1), onclick: () => step(1) }, speak("script.next")),
        el("span.fill", {}, pathOf(row).flatMap((name, i) => [i ? " / " : "", el("bdi", {}, name)]))),
      el("h2", {}, mark(status), el("bdi", {}, r.name), ...FLAGS.filter((f) => has(row, f)).map(flagOf)),
      r.full && r.full !== r.name ? el("p.full.mono", { dir: "auto" }, r.full) : null,
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
    tables.save(document.querySelector(".title .name")?.textContent || "results", table.csv(lines.allRows()));
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
    if (push) keep();
    written = next;
    history[push ? "pushState" : "replaceState"](null, "", next);
  }
  /** Keeps how far the address that is shown was scrolled, and what was opened. */
  const keep = () => lines.memory.keep(written, list.box.scrollTop, list.cursor());
  /** @param {boolean} [again] Whether one comes back to it. */
  async function read(again) {
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
      const { all } = lines.memory.toggles(groups.SUITE);
      for (let g = group; g >= 0; g = data.groups[g][1]) all.set(g, true);
    }
    await apply();
    const place = again ? lines.memory.place(location.hash) : undefined;
    if (place) list.place(...place);
    else if (group >= 0) list.top(lines.indexOfGroup(group));
    let row = parseInt(asked.get("r") || "", 10);
    const id = asked.get("i") || (asked.get("r") || "").split(".")[1];
    if (id || row >= 0) row = await data.find(row, id).catch((error) => { say(why(error)); return -1; });
    const at = asked.get("step") || "";
    if (row >= 0) {
      if (lines.unfoldTo(row)) build(true);
      state.r = row;
      state.at = /^[\w.-]+$/.test(at) ? at : "";
      // Of several lines of one result the one that it was opened on.
      select(row, false, place && lines.at(place[1])?.row === row ? place[1] : undefined);
      if (place) list.place(...place);
    } else if (state.r >= 0) select(-1);
  }
  /** @param {string} q */
  function ask(q) { settle(); state.q = q; input.value = q; write(true); drawChips(); apply(); }
  function clear() { settle(); state.s.clear(); ask(""); }

  // ---- keys

  help.add(speak("script.results"), [["/", speak("script.key-filter")], ["j k", speak("script.key-next-result")], ["↓ ↑", speak("script.key-next-line")], ["→ ←", speak("script.key-in-and-out")], ["Home End", speak("script.key-ends")], ["Enter", speak("script.key-enter")], ["Esc", speak("script.key-close-result")], ["t", speak("script.key-table")], ["g", speak("script.key-group-by")], ["A C", speak("script.key-groups")], ["e", speak("script.key-csv")]],
    speak("script.in-the-filter"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === input) { if (input.value) ask(""); else input.blur(); return; }
    if (event.key === "Enter" && event.target === input) { list.focus(); if (state.r < 0) walk(1); return; }
    if (event.key === "ArrowDown" && event.target === input) { event.preventDefault(); list.focus(); return; }
    if (typing(event) || help.isOpen() || pane.contains(target(event)) && event.key.startsWith("Arrow")) return;
    if (list.press(event)) { event.preventDefault(); return; }
    /** @type {Record<string, () => unknown>} */
    const keys = {
      "/": () => { input.focus(); input.select(); }, j: () => walk(1), k: () => walk(-1),
      Escape: () => (state.r >= 0 ? select(-1) : clear()), A: () => unfold(true), C: () => unfold(false), e: () => { saveCsv(); },
      t: () => choose({ v: state.v === "table" ? "tree" : "table" }), g: () => { if (state.v === "table") choose({ v: "tree" }); grouping.focus(); },
    };
    if (Object.hasOwn(keys, event.key) && !keys[event.key]()) event.preventDefault();
  });

  // ---- start

  let timer = 0;
  // What is typed is answered at once, and noted in the address once it is drawn; browsers refuse a page that writes that at
  // every letter.
  let noted = 0;
  const note = () => { timer = 0; noted = performance.now(); write(); };
  /** Writes what was typed, before a step of its own. */
  function settle() { if (timer) { clearTimeout(timer); note(); } }
  input.addEventListener("input", () => {
    state.q = input.value.trim();
    drawChips();
    apply();
    clearTimeout(timer);
    timer = setTimeout(note, performance.now() - noted > 200 ? 50 : 200);
  });
  input.addEventListener("focus", () => { loadAll(() => {}, true).catch(() => {}); });
  input.addEventListener("blur", () => { complain(filter.complaints(filter.parse(state.q), false)); });
  grouping.addEventListener("change", () => choose({ by: grouping.value }));
  order.addEventListener("change", () => choose({ o: order.value }));
  addEventListener("pagehide", keep);
  addEventListener("hashchange", () => { if (location.hash !== written) { keep(); read(); } });
  addEventListener("popstate", () => { if (location.hash !== written) { keep(); read(true); } });

  view.append(el("div.bench", {}, input, chips, el("span.controls", {}, groupBox, order, views, expand), el("span.end", {}, saying, el("span.acts", {}, el("button.plain", { type: "button", title: speak("script.save-what-is-shown-as-csv-e"), onclick: () => saveCsv() }, "CSV"), times.button(), help.button())), complaint), split);
  document.body.classList.add("live");
  view.hidden = false;
  const [visit] = performance.getEntriesByType("navigation");
  await read(visit instanceof PerformanceNavigationTiming && visit.type !== "navigate");
}
