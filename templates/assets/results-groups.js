// How results are put into groups and in order. A grouping is worked out once for all rows; what a filter leaves of
// it is counted anew each time, in one pass.
"use strict";

/**
 * What rows are grouped by. Groups stand in the order in which they are shown, each before those below it; `parent` is -1 at the top.
 * `first` has each row's group, or -1; `more` the others of a row that is in several.
 * @typedef {{names: string[], marks?: string[], rest: number, parent: Int32Array, first: Int32Array, more: Map<number, number[]>}} Grouping
 */
/** A grouping with its rows in order: those of group `g` itself are `rows[at[g]]` up to `rows[at[g + 1]]`, and before `at[0]` those of none.
 * @typedef {{by: string, grouping: Grouping, children: number[][], tops: number[], at: Uint32Array, rows: Uint32Array}} Tree */
/** @typedef {ReturnType<typeof resultsGroups>} ResultsGroups */

/** @param {ResultsData} data */
function resultsGroups(data) {
  const { head, n, rank } = data;
  const SUITE = "suite", NONE = "none", CLUSTER = "cluster", STATUS = "status", PATH = "path";
  /** Columns that a table can be put in order by. */
  const COLUMNS = ["status", "name", "suite", "layer", "owner", "environment", "age", "duration"];
  const SEVERITIES = ["blocker", "critical", "normal", "minor", "trivial"];
  const collator = new Intl.Collator("en", { numeric: true });
  /** @param {string} a @param {string} b */
  const compare = (a, b) => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
  /** @type {Map<string, Grouping>} */
  const groupings = new Map();
  /** @type {Map<string, Uint32Array>} */
  const orders = new Map();
  /** @type {Cluster[]} */
  let clusters = [];
  /** @type {Tree | null} */
  let last = null;
  let lastOrder = "";

  /** What groups can be made by, with how many values each has. @type {{by: string, kind: string, key: string, values: number}[]} */
  const ways = head.by.map(([kind, key, values]) => ({ by: `${kind}:${key}`, kind, key, values }));
  /** @param {string} by */
  const isKnown = (by) => [SUITE, NONE, STATUS, PATH].includes(by) || (by === CLUSTER && head.clusters > 0) || ways.some((way) => way.by === by);
  /** What has to be here first. @param {string} by @param {string} order */
  const needsNames = (by, order) => by === PATH || by.includes(":") || !["", "status", "-status", "suite", "-suite"].includes(order);
  /** @param {string} by */
  async function prepare(by) { if (by === CLUSTER && !clusters.length) clusters = await data.loadClusters(); }

  // ---- groupings

  /** @param {string[]} names @param {Int32Array} first @returns {Grouping} */
  const flat = (names, first) => ({ names, rest: -1, parent: new Int32Array(names.length).fill(-1), first, more: new Map() });
  /** @param {string} by @returns {Grouping} */
  function grouping(by) {
    const known = groupings.get(by);
    if (known) return known;
    const made = by === SUITE ? suites() : by === NONE ? flat([], new Int32Array(n).fill(-1)) : by === STATUS ? statuses() : by === CLUSTER ? equal() : by === PATH ? paths() : values(by);
    groupings.set(by, made);
    return made;
  }
  /** @returns {Grouping} */
  function suites() {
    return { ...flat(data.groups.map(([name]) => name), data.groupOf), parent: Int32Array.from(data.groups, (group) => group[1]) };
  }
  function statuses() {
    const there = [...data.ORDER].filter((letter) => head.status.includes(letter));
    return { ...flat(there.map((letter) => wording.status(data.STATUS[letter])), Int32Array.from(head.status, (letter) => there.indexOf(letter))), marks: there.map((letter) => data.STATUS[letter]) };
  }
  function equal() {
    const rest = clusters.length;
    const first = new Int32Array(n).fill(rest);
    clusters.forEach(([, , rows], g) => { for (const row of rows) first[row] = g; });
    const made = flat([...clusters.map(([title]) => title || speak("script.says-nothing")), speak("script.no-failure")], first);
    return { ...made, rest, marks: clusters.map(([, letter]) => data.STATUS[letter]) };
  }
  /** By what a label, a parameter or a variable of the environment is. @param {string} by @returns {Grouping} */
  function values(by) {
    const at = by.indexOf(":");
    const [kind, key] = [by.slice(0, at), by.slice(at + 1)];
    /** @type {Map<string, number>} */
    const numbers = new Map();
    const number = (/** @type {string} */ text) => { const known = numbers.get(text); if (known !== undefined) return known; numbers.set(text, numbers.size); return numbers.size - 1; };
    const first = new Int32Array(n).fill(-1);
    /** @type {Map<number, number[]>} */
    const more = new Map();
    /** @param {number} row @param {number} value */
    const put = (row, value) => {
      if (first[row] < 0) first[row] = value;
      else if (first[row] !== value && !more.get(row)?.includes(value)) more.set(row, [...(more.get(row) || []), value]);
    };
    const own = key === "owner" ? 3 : key === "layer" ? 4 : 0;
    data.chunks.forEach((chunk, k) => {
      const from = k * head.rows;
      const meant = chunk.label_values.map(([name, text]) => (kind === "label" && name === key ? number(data.called(key, text)) : -1));
      const variables = chunk.variables.map((pairs) => pairs.filter(([name]) => name === key).map(([, text]) => number(text)));
      for (let i = 0; i < chunk.ids.length; i++) {
        const row = from + i;
        if (kind === "env") for (const value of variables[chunk.environment[i]]) put(row, value);
        if (kind === "param") for (const [name, text] of chunk.parameters[i]) if (name === key) put(row, number(text));
        if (kind !== "label") continue;
        for (const label of chunk.labels[i]) if (meant[label] >= 0) put(row, meant[label]);
        const said = own && first[row] < 0 ? chunk.cases[chunk.case[i]][own] : "";
        if (said) put(row, number(data.called(key, said)));
      }
    });
    return inOrder([...numbers.keys()], first, more, key);
  }
  /** Groups with failures first, the most of them before others; then by name. What has no value comes last.
   * @param {string[]} names @param {Int32Array} first @param {Map<number, number[]>} more @param {string} key @returns {Grouping} */
  function inOrder(names, first, more, key) {
    const bad = new Uint32Array(names.length);
    for (let row = 0; row < n; row++) {
      if (rank[row] > 2) continue;
      if (first[row] >= 0) bad[first[row]]++;
      for (const value of more.get(row) || []) bad[value]++;
    }
    const severity = (/** @type {number} */ value) => (key === "severity" ? (SEVERITIES.indexOf(names[value]) + SEVERITIES.length + 1) % (SEVERITIES.length + 1) : 0);
    const order = names.map((_, value) => value).sort((a, b) => severity(a) - severity(b) || bad[b] - bad[a] || compare(names[a], names[b]));
    const place = new Int32Array(names.length);
    order.forEach((value, at) => { place[value] = at; });
    const shown = order.map((value) => names[value]);
    const rest = first.includes(-1) ? shown.push(speak("script.without", { key })) - 1 : -1;
    const moved = flat(shown, first.map((value) => (value < 0 ? rest : place[value])));
    for (const [row, all] of more) moved.more.set(row, all.map((value) => place[value]));
    return { ...moved, rest };
  }
  /** By the parts of the full name: folders and files, or packages and classes. @returns {Grouping} */
  function paths() {
    /** @typedef {{name: string, below: Map<string, Part>, at: number}} Part */
    /** @type {Part} */
    const root = { name: "", below: new Map(), at: -1 };
    /** @type {Map<string, Part>} */
    const known = new Map();
    /** @type {Part[]} */
    const of = [];
    const below = (/** @type {Part} */ part, /** @type {string} */ name) => {
      const there = part.below.get(name) || { name, below: new Map(), at: -1 };
      part.below.set(name, there);
      return there;
    };
    data.chunks.forEach((chunk) => {
      for (let i = 0; i < chunk.ids.length; i++) {
        const tail = chunk.full[i];
        const prefix = chunk.prefixes[chunk.prefix[i]];
        const key = tail === null ? prefix : `${prefix}${tail}\0`;
        const part = known.get(key) || partsOf(prefix, tail).reduce(below, root);
        known.set(key, part);
        of.push(part);
      }
    });
    const holds = new Set(of);
    /** @type {string[]} */
    const names = [];
    /** @type {number[]} */
    const parents = [];
    /** A chain of parts without results of their own is one group. @param {Part} part @param {number} parent */
    const visit = (part, parent) => {
      let [end, name] = [part, part.name];
      while (end.below.size === 1 && !holds.has(end)) { [end] = end.below.values(); name += ` / ${end.name}`; }
      end.at = names.push(name) - 1;
      parents.push(parent);
      for (const one of inTurn(end)) visit(one, end.at);
    };
    const inTurn = (/** @type {Part} */ part) => [...part.below.values()].sort((a, b) => compare(a.name, b.name));
    inTurn(root).forEach((part) => visit(part, -1));
    return { ...flat(names, Int32Array.from(of, (part) => part.at)), parent: Int32Array.from(parents) };
  }
  /** The parts of a full name before the test's own, as `rows.rs` parts it. @param {string} prefix @param {string | null} tail */
  function partsOf(prefix, tail) {
    const base = tail === null ? prefix : prefix + tail;
    const hasPaths = /\/|::| > /.test(base);
    const parts = base.split(hasPaths ? /\/|#|::| > / : /[.#: ]/).map((part) => part.trim().replace(/\.+$/, "")).filter(Boolean);
    if (tail !== null && base) parts.pop();
    return parts.slice(0, 12);
  }

  // ---- order

  /** All rows in an order: `` is failures first; a column, with `-` before it from the end; `slowest` is `-duration`. What has no value comes last.
   * @param {string} order @returns {Uint32Array} */
  function rowsIn(order) {
    const known = orders.get(order);
    if (known) return known;
    const falls = order[0] === "-" || order === "slowest";
    const column = order === "slowest" ? "duration" : order.replace(/^-/, "") || "status";
    const keys = keysOf(column);
    const made = Uint32Array.from({ length: n }, (_, row) => row).sort((a, b) => {
      const [x, y] = [keys[a], keys[b]];
      if (x === y) return a - b;
      if (x < 0 || y < 0) return x < 0 ? 1 : -1;
      return falls ? y - x : x - y;
    });
    orders.set(order, made);
    return made;
  }
  /** A number for each row, by which a column is in order; -1 where it has no value. @param {string} column */
  function keysOf(column) {
    const keys = new Float64Array(n).fill(-1);
    if (column === "status") return Float64Array.from(rank);
    if (column === "suite") return Float64Array.from(data.groupOf);
    if (column === "layer" || column === "owner") return ranked(valued(`label:${column}`));
    data.chunks.forEach((chunk, k) => {
      const from = k * head.rows;
      const ages = column === "age" ? chunk.histories.map(data.age) : [];
      chunk.ids.forEach((_, i) => {
        if (column === "duration") keys[from + i] = chunk.duration[i];
        if (column === "age" && rank[from + i] < 3) keys[from + i] = data.has(from + i, "new") ? 1 : Math.max(1, ages[chunk.history[i]]);
      });
    });
    if (column === "name") return ranked((row) => data.chunks[data.chunkOf(row)].names[row % head.rows]);
    if (column === "environment") return ranked((row) => { const chunk = data.chunks[data.chunkOf(row)]; return chunk.environments[chunk.environment[row % head.rows]]; });
    return keys;
  }
  /** @param {string} by @returns {(row: number) => string} */
  function valued(by) {
    const { names, first, rest } = grouping(by);
    return (row) => (first[row] === rest || first[row] < 0 ? "" : names[first[row]]);
  }
  /** Different texts are put in order once, however many rows have them. @param {(row: number) => string} text */
  function ranked(text) {
    /** @type {Map<string, number>} */
    const places = new Map();
    for (let row = 0; row < n; row++) places.set(text(row), 0);
    [...places.keys()].sort(compare).forEach((one, at) => places.set(one, one ? at : -1));
    return Float64Array.from({ length: n }, (_, row) => places.get(text(row)) ?? -1);
  }

  // ---- trees

  /** @param {string} by @param {string} order @returns {Tree} */
  function tree(by, order) {
    if (last?.by === by && lastOrder === order) return last;
    const made = grouping(by);
    const { first, more, parent } = made;
    const size = parent.length;
    const at = new Uint32Array(size + 2);
    for (let row = 0; row < n; row++) at[first[row] + 2]++;
    for (const all of more.values()) for (const g of all) at[g + 2]++;
    for (let g = 1; g < at.length; g++) at[g] += at[g - 1];
    const rows = new Uint32Array(at[size + 1]);
    const next = at.slice();
    for (const row of rowsIn(order)) {
      rows[next[first[row] + 1]++] = row;
      const others = more.size ? more.get(row) : undefined;
      if (others) for (const g of others) rows[next[g + 1]++] = row;
    }
    /** @type {number[][]} */
    const children = Array.from(parent, () => []);
    /** @type {number[]} */
    const tops = [];
    parent.forEach((above, g) => { (above < 0 ? tops : children[above]).push(g); });
    lastOrder = order;
    return last = { by, grouping: made, children, tops, at: at.subarray(1), rows };
  }
  /** Counts of each group, with those below it: nine numbers a group, as `Counts` has them. A duration counts once it is here.
   * @param {Tree} tree @param {Uint8Array | null} fits */
  function tally({ grouping: { parent, first, more } }, fits) {
    const { unresolved, counter } = data;
    const out = new Float64Array(parent.length * 9);
    const count = (/** @type {number} */ to, /** @type {number} */ row, /** @type {number} */ took) => {
      out[to]++;
      out[to + 1] += unresolved[row];
      if (took > 0) out[to + 2] += took;
      if (counter[row]) out[to + counter[row]]++;
    };
    for (let k = 0, from = 0; from < n; k++, from += head.rows) {
      const took = data.chunks[k]?.duration;
      for (let row = from, end = Math.min(n, from + head.rows); row < end; row++) {
        if ((!fits || fits[row]) && first[row] >= 0) count(first[row] * 9, row, took ? took[row - from] : -1);
      }
    }
    for (const [row, all] of more) if (!fits || fits[row]) for (const g of all) count(g * 9, row, data.durationOf(row));
    for (let g = parent.length - 1; g >= 0; g--) if (parent[g] >= 0) for (let i = 0; i < 9; i++) out[parent[g] * 9 + i] += out[g * 9 + i];
    return out;
  }
  /** The name of a group with those above it. @param {Grouping} grouping @param {number} g */
  function nameOf({ names, parent }, g) {
    const all = [];
    for (let one = g; one >= 0; one = parent[one]) all.unshift(names[one]);
    return all.join(" / ");
  }

  return { SUITE, NONE, CLUSTER, STATUS, PATH, COLUMNS, ways, isKnown, needsNames, prepare, tree, tally, nameOf };
}
