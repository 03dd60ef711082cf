// The lines of the list of results: which groups are open, what follows what, and where each stands among its like.
// What was opened, and how far was scrolled, is kept as long as the tab is open.
"use strict";

/** `place` is where it stands among those of its parent, from 1; `among` has how many these are.
 * @typedef {{group: number, row?: undefined, depth: number, n: number, place: number, among: {n: number}}} GroupLine */
/** @typedef {{row: number, group?: undefined, depth: number, place: number, among: {n: number}}} RowLine */
/** @typedef {GroupLine | RowLine} Line */
/** A group, or results that follow each other, of which a line each is made where it is looked at: `start` is where the first
 * stands among all lines. @typedef {{start: number, depth: number, place: number, among: {n: number}, group: number, n: number, rows: Uint32Array | null}} Run */
/** @typedef {ReturnType<typeof resultsLines>} ResultsLines */

/** @param {ResultsData} data @param {ResultsGroups} groups @param {{by: () => string, order: () => string}} of What groups are made by, and the order. */
function resultsLines(data, groups, of) {
  const { head, few, rank } = data;
  /** @type {Run[]} */
  let runs = [];
  let length = 0;
  /** The results of all runs, where a filter leaves some. */
  let left = new Uint32Array();
  /** @type {Tree | null} */
  let tree = null;
  let counts = new Float64Array();
  /** The groups that lead to the first failure: open, however many others there are. @type {Set<number>} */
  let failing = new Set();
  /** Those that the filter leaves; null where it leaves all. @type {Uint8Array | null} */
  let matched = null;
  let nMatched = head.n;
  /** Whether other groups were opened since the lines were made, and whether all names were here then. */
  let [isTurned, wasWhole] = [false, false];
  const memory = resultsMemory(head);
  const MANY = 50000;

  function toggles() {
    const both = memory.toggles(of.by());
    return matched ? both.found : both.all;
  }
  /** @param {number} g @returns {boolean} */
  function isOpen(g) {
    const set = toggles().get(g);
    if (set !== undefined) return set;
    if (!tree) return false;
    const { parent, rest } = tree.grouping;
    const isTop = parent[g] < 0;
    if (of.by() === groups.SUITE) {
      if (matched) return nMatched <= 2000 || isTop;
      return head.n <= 300 || (isTop && tree.tops.length === 1) || (few && badOf(g) > 0) || failing.has(g);
    }
    if (matched) return nMatched <= 2000;
    return failing.has(g) || (head.n <= 300 && g !== rest) || (isTop && tree.tops.length === 1) || (few && g !== rest && badOf(g) > 0 && tree.tops.length <= 100);
  }
  /** @param {number} g */
  const badOf = (g) => counts[g * 9 + 3] + counts[g * 9 + 4] + counts[g * 9 + 5];
  const fails = (/** @type {number} */ g) => badOf(g) > 0;
  /** Goes through the tree in the order in which it is shown, as far down as `visit` says: groups with failures come before others
   * of their folder, unless another order is asked for, and before results beside them of which none fails.
   * @param {Tree} tree @param {(from: number, to: number, group: number, depth: number) => void} put @param {(group: number, depth: number) => boolean} visit */
  function walk({ at, rows, children, tops }, put, visit) {
    const isSorted = of.order() === "" && (of.by() === groups.SUITE || of.by() === groups.PATH);
    /** @param {number} g -1 at the top. @param {number[]} below @param {number} depth */
    const inside = (g, below, depth) => {
      const [from, to] = [g < 0 ? 0 : at[g], at[g + 1]];
      const first = isSorted ? below.filter(fails) : below;
      const others = isSorted ? below.filter((child) => !fails(child)) : [];
      const into = (/** @type {number[]} */ all) => { for (const child of all) if (visit(child, depth)) inside(child, children[child], depth + 1); };
      const isLater = isSorted && first.length > 0 && rank[rows[from]] > 2;
      if (!isLater) put(from, to, g, depth);
      into(first);
      if (isLater) put(from, to, g, depth);
      into(others);
    };
    inside(-1, tops, 0);
  }
  /** Makes the lines anew, of the rows that `fits` marks; tells whether they are others than before.
   * @param {Uint8Array | null} fits @param {number} n How many these are. */
  function build(fits, n) {
    const made = groups.tree(of.by(), of.order());
    if (fits && fits === matched && made === tree && !isTurned && wasWhole === data.isWhole()) return false;
    [runs, length, matched, nMatched, tree, isTurned, wasWhole] = [[], 0, fits, n, made, false, data.isWhole()];
    const { rows, grouping } = made;
    counts = groups.tally(made, fits);
    failing = new Set();
    // With very many the names of its results alone would be too much to load at first.
    for (let g = head.n > MANY ? undefined : made.tops.find(fails); g !== undefined; g = made.children[g].find(fails)) failing.add(g);
    /** @type {Map<number, {n: number}>} */
    const below = new Map();
    /** @param {number} parent @param {Pick<Run, "depth" | "group" | "n" | "rows">} run @param {number} many */
    const put = (parent, run, many) => {
      const among = below.get(parent) || { n: 0 };
      if (!among.n) below.set(parent, among);
      runs.push({ ...run, start: length, place: among.n + 1, among });
      among.n += many;
      length += many;
    };
    if (left.length !== rows.length) left = new Uint32Array(fits ? rows.length : 0);
    let end = 0;
    walk(made, (from, to, g, depth) => {
      const begin = end;
      if (fits) for (let i = from; i < to; i++) if (fits[rows[i]]) left[end++] = rows[i];
      const some = fits ? left.subarray(begin, end) : rows.subarray(from, to);
      if (some.length) put(g, { depth, group: -1, n: 0, rows: some }, some.length);
    }, (g, depth) => {
      const n = counts[g * 9];
      if (n) put(grouping.parent[g], { depth, group: g, n, rows: null }, 1);
      return n > 0 && isOpen(g);
    });
    return true;
  }
  /** @param {number} i @returns {Run | undefined} */
  function runOf(i) {
    let low = 0, high = runs.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (runs[middle].start <= i) low = middle;
      else high = middle - 1;
    }
    return i >= 0 && i < length ? runs[low] : undefined;
  }
  /** @param {number} i @returns {Line | undefined} */
  function at(i) {
    const run = runOf(i);
    if (!run) return undefined;
    const { start, depth, place, among, group, n, rows } = run;
    return rows ? { row: rows[i - start], depth, place: place + i - start, among } : { group, depth, n, place, among };
  }
  /** The first line of a result; -1 where it has none. @param {number} row */
  function indexOf(row) {
    for (const { start, rows } of runs) {
      const i = rows ? rows.indexOf(row) : -1;
      if (i >= 0) return start + i;
    }
    return -1;
  }
  /** @param {number} group */
  const indexOfGroup = (group) => runs.find((run) => !run.rows && run.group === group)?.start ?? -1;
  /** All results that the filter leaves, in the order that is shown, those of closed groups among them. @returns {[row: number, group: string | null][]} */
  function allRows() {
    if (!tree) return [];
    const { grouping, rows } = tree;
    /** @type {[number, string | null][]} */
    const out = [];
    const isNamed = of.by() !== groups.SUITE && of.by() !== groups.NONE;
    walk(tree, (from, to, g) => {
      const name = isNamed ? groups.nameOf(grouping, g) : null;
      for (let i = from; i < to; i++) if (!matched || matched[rows[i]]) out.push([rows[i], name]);
    }, () => true);
    return out;
  }
  /** @param {number} row @returns {boolean} Whether groups had to be opened. */
  function unfoldTo(row) {
    if (!tree || indexOf(row) >= 0) return false;
    const { parent, first } = tree.grouping;
    for (let g = first[row]; g >= 0; g = parent[g]) toggles().set(g, true);
    return isTurned = true;
  }

  return {
    memory, isOpen, badOf, build, allRows, unfoldTo, at, indexOf, indexOfGroup,
    /** How many lines there are. */
    count: () => length,
    grouping: () => tree?.grouping,
    hasGroups: () => !!tree?.tops.length,
    isFolded: () => runs.some((run) => !run.rows && !isOpen(run.group)),
    /** @param {number} g @param {boolean} open */
    set: (g, open) => { toggles().set(g, open); isTurned = true; },
    /** @param {boolean} open */
    setAll: (open) => { tree?.grouping.names.forEach((_, g) => toggles().set(g, open)); isTurned = true; },
    /** Nine numbers, as `Counts` has them. @param {number} g */
    countsOf: (g) => /** @type {Counts} */ (/** @type {unknown} */ (counts.subarray(g * 9, g * 9 + 9))),
    /** The line above which a line stands in the tree; -1 at the top. @param {number} at */
    parentOf(at) {
      const run = runOf(at);
      const above = runs.slice(0, run ? runs.indexOf(run) : 0);
      return above.findLast(({ rows, depth }) => !rows && run && depth < run.depth)?.start ?? -1;
    },
    /** Where the same group or result stands now; -1 where it doesn't. @param {Line | undefined} line @param {number} i Where it stood. */
    same(line, i) {
      const other = at(i);
      if (!line || (other?.group === line.group && other?.row === line.row)) return line ? i : -1;
      return line.row !== undefined ? indexOf(line.row) : indexOfGroup(line.group);
    },
  };
}

/** What is kept of a launch's list while its tab is open. @param {Head} head */
function resultsMemory(head) {
  const KEY = `tallybook-results ${location.pathname}`;
  /** Numbers of groups mean the same on the same data alone. */
  const SEAL = `${head.receipt} ${head.n} ${head.groups.length}`;
  const PLACES = 40;
  /** What was opened and closed, in each grouping: of all results, and of those that a filter leaves. @typedef {{all: Map<number, boolean>, found: Map<number, boolean>}} Toggles */
  /** @type {Map<string, Toggles>} */
  const toggled = new Map();
  /** How far each address was scrolled, and the line that keys moved to. @type {Map<string, [top: number, cursor: number]>} */
  const places = new Map();
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    if (kept?.seal === SEAL) {
      for (const [by, ...both] of kept.toggled) {
        const [all, found] = both.map((/** @type {[number[], number[]]} */ [open, closed]) => new Map([...open.map((g) => /** @type {const} */ ([g, true])), ...closed.map((g) => /** @type {const} */ ([g, false]))]));
        toggled.set(by, { all, found });
      }
      for (const [address, top, cursor] of kept.places) places.set(address, [Number(top), Number(cursor)]);
    }
  } catch { /* from the start, then */ }
  /** @param {Map<number, boolean>} map */
  const packed = (map) => [true, false].map((is) => [...map].filter(([, open]) => open === is).map(([g]) => g));
  return {
    /** @param {string} by @returns {Toggles} */
    toggles(by) {
      const both = toggled.get(by) || { all: new Map(), found: new Map() };
      toggled.set(by, both);
      return both;
    },
    /** @param {string} address */
    place: (address) => places.get(address),
    /** @param {string} address @param {number} top @param {number} cursor */
    keep(address, top, cursor) {
      places.delete(address);
      places.set(address, [top, cursor]);
      for (const oldest of places.keys()) if (places.size > PLACES) places.delete(oldest);
      const all = [...toggled].map(([by, both]) => [by, packed(both.all), packed(both.found)]);
      try { sessionStorage.setItem(KEY, JSON.stringify({ seal: SEAL, toggled: all, places: [...places].map(([address, place]) => [address, ...place]) })); } catch { /* for this page only */ }
    },
  };
}
