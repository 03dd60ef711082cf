// The list of results as it is drawn and walked: a tree of groups and results, or the rows of a table, of which what is
// in sight is there. One line is reached by Tab; keys move from it.
"use strict";

/** What the page gives to its list; lines are told by where they stand among all.
 * @typedef {{
 *   lines: ResultsLines, table: ResultsTable, isTable: () => boolean,
 *   strip: (r: Row) => Element | null, bar: (counts: Counts) => Element, person: (row: number, r: Row) => string,
 *   opened: () => [row: number, line: number], href: (row: number) => string,
 *   took: (group: number) => number, say: (text: string) => void,
 *   toggle: (group: number, open: boolean) => void, open: (row: number, line: number) => void, into: () => void,
 * }} ListTools */
/** @typedef {ReturnType<typeof resultsList>} ResultsList */

/** @param {ResultsData} data @param {ListTools} tools */
function resultsList(data, tools) {
  /** The height of a line in pixels, as the styles have it. */
  const ROW = 28;
  const { FLAGS, get, has, statusOf, chunkOf, loadChunk } = data;
  const { human } = wording;
  const { lines, table, isTable } = tools;
  const isTurned = document.documentElement.dir === "rtl";

  const space = el("div.space", {});
  const heads = el("div.headline", {});
  const box = el("div.list", { role: "tree", "aria-label": speak("script.results") }, heads, space);
  /** The line that keys move from. */
  let cursor = 0;
  /** Whether the focus is to be on that line. */
  let isWanted = false;
  /** Whether it is to be there once the names have come, if nothing else has it by then. */
  let isAwaited = false;
  /** What is drawn of lines that did not change. @type {Map<number, HTMLElement>} */
  let drawn = new Map();
  let drawing = 0;
  let isStale = false;
  /** How far the list was scrolled when it was drawn, and how tall it was; whether other lines begin at the top since. */
  let [up, tall, isFresh] = [0, 0, false];

  // ---- drawing

  /** Draws what is in sight, soon. @param {boolean} [scrolled] Whether lines that are drawn stay as they are. */
  const draw = (scrolled) => {
    isStale ||= !scrolled;
    drawing ||= requestAnimationFrame(paint);
  };
  function paint() {
    cancelAnimationFrame(drawing);
    drawing = 0;
    const all = lines.count();
    // Where new lines begin at the top again, asking for places would lay the page out once more.
    const [top, height] = isFresh ? [0, tall] : [box.scrollTop, box.clientHeight];
    [isFresh, tall, up] = [false, height, top];
    const from = Math.max(0, Math.floor(top / ROW) - 8);
    const to = Math.min(all, Math.ceil((top + height) / ROW) + 8);
    const wanted = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    // The line that has the focus, or will get it, stays while others scroll past.
    if (cursor < from && cursor < all) wanted.unshift(cursor);
    if (cursor >= to && cursor < all) wanted.push(cursor);
    if (isTable()) box.setAttribute("aria-rowcount", String(all + 1));
    else box.removeAttribute("aria-rowcount");
    const isHeld = space.contains(document.activeElement);
    if (isStale) drawn = new Map();
    isStale = false;
    /** @type {Set<number>} */
    const missing = new Set();
    drawn = new Map(wanted.map((at) => [at, drawn.get(at) || lineItem(/** @type {Line} */ (lines.at(at)), at, missing)]));
    const items = new Set(drawn.values());
    for (const child of [...space.children]) if (!items.has(/** @type {HTMLElement} */ (child))) child.remove();
    let next = space.firstChild;
    for (const item of items) {
      if (item === next) next = next.nextSibling;
      else space.insertBefore(item, next);
    }
    const isLost = !document.activeElement || document.activeElement === document.body;
    if (isWanted || (isLost && (isHeld || isAwaited))) {
      const to = focusable(cursor);
      to?.focus({ preventScroll: true });
      isAwaited = !to;
    }
    isWanted = false;
    for (const k of missing) loadChunk(k).then(() => draw(), (error) => tools.say(wording.why(error)));
  }
  /** What takes the focus of a line: the line, or in a table the link of its name. @param {number} at */
  const focusable = (at) => { const item = drawn.get(at); return item && isTable() ? first(item, "a", ".text") : item; };
  /** @param {Line} one @param {number} at @param {Set<number>} missing */
  function lineItem(one, at, missing) {
    const item = one.group !== undefined ? nodeItem(one, at) : rowItem(one, at, missing);
    item.style.top = `${at * ROW}px`;
    item.style.setProperty("--d", String(one.depth));
    (isTable() ? first(item, "a", ".text") : item)?.setAttribute("tabindex", at === cursor ? "0" : "-1");
    if (!isTable()) for (const [name, n] of [["level", one.depth + 1], ["posinset", one.place], ["setsize", one.among.n]]) item.setAttribute(`aria-${name}`, String(n));
    return item;
  }
  /** @param {GroupLine} line @param {number} at */
  function nodeItem({ group: g, n }, at) {
    const { names = [], marks } = lines.grouping() || {};
    const open = lines.isOpen(g);
    const bad = lines.badOf(g);
    // Of suites it is known from the start, of what is filtered once all names are here.
    const took = tools.took(g);
    return el("div.item.node", { id: `line-${at}`, role: "treeitem", "aria-expanded": String(open), onclick: () => { stand(at); isWanted = true; tools.toggle(g, !open); } },
      el("span.twist", { "aria-hidden": "true" }, open ? "▾" : "▸"), marks?.[g] ? mark(marks[g]) : null,
      el("span.text", { dir: "auto", title: names[g] }, names[g]),
      el("span.n", {}, thousands(n)), el("span.fill", {}),
      bad ? el("span.bad", { title: speak("script.failed-broken-and-unknown") }, thousands(bad)) : null,
      tools.bar(lines.countsOf(g)),
      el("span.dur", { title: speak("script.took-together") }, took > 0 ? human(took) : ""));
  }
  /** @param {RowLine} line @param {number} at @param {Set<number>} missing */
  function rowItem({ row }, at, missing) {
    const r = get(row);
    if (!r) missing.add(chunkOf(row));
    const [openRow, openLine] = tools.opened();
    const isOpen = row === openRow && (openLine < 0 || openLine === at);
    const href = r ? tools.href(row) : undefined;
    const onclick = (/** @type {MouseEvent} */ event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); tools.open(row, at); };
    if (isTable()) return el("div.item.leaf.cells-row", { id: `line-${at}`, role: "row", "aria-rowindex": at + 2, "aria-current": String(isOpen), onclick }, table.cells(row, r, href));
    return el("a.item.leaf", { href, id: `line-${at}`, role: "treeitem", "aria-selected": String(isOpen), title: r?.full || "", onclick },
      mark(statusOf(row)), el("span.aside", {}, wording.status(statusOf(row))),
      el("span.text", { dir: "auto" }, r ? r.name : "…"),
      r && (r.parameters.length || r.environment) ? el("span.params", { dir: "auto" }, [...r.parameters, ...r.variables].map(([, value]) => value).join(", ")) : "",
      ...FLAGS.filter((f) => has(row, f)).map(flagOf),
      r && tools.person(row, r) ? el("span.params", { dir: "auto" }, tools.person(row, r)) : "",
      el("span.fill", {}),
      (r && tools.strip(r)) || "",
      el("span.dur", {}, r ? human(r.duration) : ""));
  }

  // ---- where one stands

  /** @param {number} top */
  function scroll(top) {
    box.scrollTop = top;
    [up, isFresh] = [-1, false];
  }
  /** Brings a line into sight, with something around it. @param {number} at */
  function reveal(at) {
    const head = heads.offsetHeight;
    const top = at * ROW;
    if (top < box.scrollTop + ROW) scroll(Math.max(0, top - ROW * 2));
    else if (top + head + ROW * 2 > box.scrollTop + box.clientHeight) scroll(top + head + ROW * 3 - box.clientHeight);
  }
  /** Keys move from this line from now on. @param {number} at */
  function stand(at) {
    if (at < 0) return draw();
    focusable(cursor)?.setAttribute("tabindex", "-1");
    cursor = at;
    reveal(at);
    draw();
  }
  /** Gives the focus to the line that keys move from. */
  function focus() {
    isWanted = true;
    reveal(cursor);
    paint();
  }
  /** @param {number} at */
  function moveTo(at) {
    at = Math.max(0, Math.min(lines.count() - 1, at));
    // Where a result is open, the one that is moved to takes its place.
    const row = lines.at(at)?.row;
    stand(at);
    if (tools.opened()[0] >= 0 && row !== undefined) tools.open(row, at);
    focus();
  }

  // ---- keys

  /** Whether a key meant the list, and was followed. @param {KeyboardEvent} event */
  function press(event) {
    const here = lines.at(cursor);
    const isHere = space.contains(target(event));
    if (!here) return false;
    if (!isHere) {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return false;
      if (tools.opened()[0] >= 0) moveTo(cursor + (event.key === "ArrowDown" ? 1 : -1));
      else focus();
      return true;
    }
    const { group, row } = here;
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 2);
    const turn = (/** @type {boolean} */ open) => { isWanted = true; tools.toggle(/** @type {number} */ (group), open); };
    const into = () => {
      if (row !== undefined) { if (tools.opened()[0] === row) tools.into(); else tools.open(row, cursor); return true; }
      if (!lines.isOpen(/** @type {number} */ (group))) turn(true);
      else if ((lines.at(cursor + 1)?.depth ?? 0) > here.depth) moveTo(cursor + 1);
      return true;
    };
    const out = () => {
      if (group !== undefined && lines.isOpen(group)) turn(false);
      else if (lines.parentOf(cursor) >= 0) moveTo(lines.parentOf(cursor));
      return true;
    };
    const enter = () => { if (row !== undefined) tools.open(row, cursor); else turn(!lines.isOpen(/** @type {number} */ (group))); return true; };
    const go = (/** @type {number} */ at) => { moveTo(at); return true; };
    /** @type {Record<string, () => boolean>} */
    const keys = {
      ArrowDown: () => go(cursor + 1), ArrowUp: () => go(cursor - 1), Home: () => go(0), End: () => go(lines.count() - 1),
      PageDown: () => go(cursor + page), PageUp: () => go(cursor - page), Enter: enter, " ": enter,
      ...(isTable() ? {} : { [isTurned ? "ArrowLeft" : "ArrowRight"]: into, [isTurned ? "ArrowRight" : "ArrowLeft"]: out }),
    };
    return Object.hasOwn(keys, event.key) && keys[event.key]();
  }

  space.addEventListener("focusin", (event) => {
    const at = [...drawn].find(([, item]) => item.contains(target(event)))?.[0];
    if (at === undefined || at === cursor) return;
    focusable(cursor)?.setAttribute("tabindex", "-1");
    cursor = at;
    focusable(cursor)?.setAttribute("tabindex", "0");
  });
  box.addEventListener("scroll", () => { isFresh = false; draw(true); }, { passive: true });
  addEventListener("resize", () => { isFresh = false; draw(); });

  return {
    box, draw: () => draw(), stand, focus, press,
    cursor: () => cursor,
    /** Draws other lines. @param {boolean} keep Whether one stands where one stood. @param {() => boolean} make Makes them, and tells whether they are others. */
    build(keep, make) {
      const was = lines.at(cursor);
      const stood = cursor;
      const isOther = make();
      cursor = keep ? Math.max(0, lines.same(was, cursor)) : 0;
      space.style.height = `${lines.count() * ROW}px`;
      if (!keep && up !== 0) scroll(0);
      isFresh = !keep && up === 0 && tall > 0;
      draw(!isOther && cursor === stood);
    },
    /** Stands where it stood before. @param {number} top @param {number} at */
    place(top, at) {
      if (lines.at(at)) cursor = at;
      scroll(top);
      draw();
    },
    /** Brings a line to the top. @param {number} at */
    top(at) {
      cursor = Math.max(0, at);
      scroll(cursor * ROW);
      draw();
    },
    /** Becomes a table, or a tree. @param {boolean} isTable */
    dress(isTable) {
      box.setAttribute("role", isTable ? "table" : "tree");
      box.classList.toggle("table", isTable);
      space.setAttribute("role", isTable ? "rowgroup" : "presentation");
      const focused = document.activeElement;
      const column = focused instanceof HTMLElement && heads.contains(focused) ? focused.dataset.column : "";
      if (isTable) heads.setAttribute("role", "rowgroup");
      else heads.removeAttribute("role");
      heads.replaceChildren(...(isTable ? [table.heads()] : []));
      if (column) first(heads, "button", `[data-column=${column}]`)?.focus();
    },
  };
}
