// What is known of a launch's results. Statuses and suites come with head.js; names with rows-N.js, for what is on the
// screen or where all are asked for; messages, steps and attachments with detail-N.js; equal failures with clusters.js.
"use strict";

/** @typedef {ReturnType<typeof resultsData>} ResultsData */
/** What words are looked for in: the text of all rows of a chunk, and where each row's ends. @typedef {{all: string, ends: Int32Array}} ChunkText */

/** @param {string} base Where the chunks are. @param {Head} head */
function resultsData(base, head) {
  /** @type {Record<string, string>} */
  const STATUS = { f: "failed", b: "broken", u: "unknown", i: "in_progress", s: "skipped", p: "passed", ".": "absent" };
  /** Statuses from the worst on, as letters. */
  const ORDER = "fbuisp";
  const FLAGS = ["muted", "flaky", "known", "overridden", "retried", "manual", "new", "fixed", "unplanned"];
  const n = head.n;
  const groups = groupsOf(head);

  /** @type {Names[]} */
  const chunks = [];
  /** @type {ChunkText[]} */
  const texts = [];
  const bits = new Uint16Array(n);
  const unresolved = new Uint8Array(n);
  const groupOf = new Int32Array(n).fill(-1);
  /** How bad each row's status is; 0 is the worst. */
  const rank = new Uint8Array(n);
  /** Which of `Counts` a row's status is; 0 of an overridden result, which counts in none. */
  const counter = new Uint8Array(n);
  /** Of each status and each flag. @type {Record<string, number>} */
  const count = {};

  for (let row = 0; row < n; row++) {
    const c = head.flags.charCodeAt(row);
    bits[row] = (c > 0x7e ? c - 0x22 : c) - 0x30;
    rank[row] = ORDER.indexOf(head.status[row]);
  }
  // Each says how far it is from the one before.
  head.unresolved.reduce((before, on) => { unresolved[before + on] = 1; return before + on; }, 0);
  groups.forEach((group, g) => groupOf.fill(g, group[2], group[2] + group[3]));
  /** @param {number} row */
  const statusOf = (row) => STATUS[head.status[row]];
  /** @type {Record<string, number>} */
  const masks = Object.fromEntries(FLAGS.map((flag, bit) => [flag, 1 << bit]));
  /** @param {number} row @param {string} flag */
  const has = (row, flag) => (bits[row] & masks[flag]) !== 0;
  // An overridden result counts in no status, here as on the other pages.
  for (let row = 0; row < n; row++) {
    if (!has(row, "overridden")) {
      counter[row] = 3 + rank[row];
      count[statusOf(row)] = (count[statusOf(row)] || 0) + 1;
    }
    for (let flag = 0; bits[row] >> flag; flag++) if (bits[row] >> flag & 1) count[FLAGS[flag]] = (count[FLAGS[flag]] || 0) + 1;
  }
  /** Whether failures are few enough to open what holds them. */
  const few = [...head.status].filter((l) => "fbu".includes(l)).length <= 60;

  const nChunks = () => Math.ceil(n / head.rows);
  const isWhole = () => chunks.filter(Boolean).length === nChunks();
  /** @param {number} row */
  const chunkOf = (row) => Math.floor(row / head.rows);
  /** @param {number} k */
  const loadChunk = (k) => chunks[k] ? Promise.resolve(chunks[k]) : tallybook.load(`rows-${k}`, `${base}rows-${k}.js`).then((c) => (chunks[k] = c));
  /** How many chunks are asked for at once. */
  const AHEAD = 12;
  /** Loads all names and, where words are to be looked for, lays their texts out: a part at a time, so that the page stays alive.
   * @param {(part: number) => void} progress @param {boolean} [words] */
  async function loadAll(progress, words) {
    let rested = performance.now();
    for (let k = 0; k < nChunks(); k += 4) {
      const part = [k, k + 1, k + 2, k + 3].filter((one) => one < nChunks() && !(words ? texts : chunks)[one]);
      if (!part.length) continue;
      // What comes next is on its way while this is read; not where somebody types, and waits for letters.
      for (let next = k + 4; !words && next < Math.min(k + AHEAD, nChunks()); next++) loadChunk(next).catch(() => {});
      await Promise.all(part.map(loadChunk));
      for (const one of words ? part : []) {
        textOf(one);
        // What is typed meanwhile does not wait for the rest.
        if (performance.now() - rested < 8) continue;
        await new Promise((done) => setTimeout(done));
        rested = performance.now();
      }
      progress(Math.min(k + 4, nChunks()) / nChunks());
    }
  }
  /** Equal failures, the most first. @returns {Promise<Cluster[]>} */
  const loadClusters = () => head.clusters ? tallybook.load("clusters", `${base}clusters.js`) : Promise.resolve([]);
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
      case: chunk.cases[chunk.case[i]], labels: chunk.labels[i].map((at) => chunk.label_values[at]),
      history: chunk.histories[chunk.history[i]], environment: chunk.environments[chunk.environment[i]],
      variables: chunk.variables[chunk.environment[i]], attempts: chunk.attempts[i], shard: chunk.shard[i],
    };
  }
  /** A row's names, once they are here. @param {number} row */
  const here = (row) => /** @type {Row} */ (get(row));
  /** Milliseconds; -1 where unknown, or not here yet. @param {number} row */
  const durationOf = (row) => chunks[chunkOf(row)]?.duration[row % head.rows] ?? -1;
  /** @param {number} row */
  function pathOf(row) {
    const names = [];
    for (let g = groupOf[row]; g >= 0; g = groups[g][1]) names.unshift(groups[g][0]);
    return names;
  }
  /** Whose a result is and what it tests: what the result says, else its case. @param {Row} r @param {string} key */
  function said(r, key) {
    const own = r.labels.find(([name]) => name === key)?.[1];
    return own ?? (key === "owner" ? r.case[3] : key === "layer" ? r.case[4] : "");
  }
  /** Labels that name people. */
  const PEOPLE = ["owner", "assignee", "tester"];
  const people = new Map(head.people);
  /** What a label's value is called: people have names. @param {string} key @param {string} value */
  const called = (key, value) => (PEOPLE.includes(key) && people.get(value)) || value;
  /** For how many entries in a row a test has been failing, this one among them. @param {string} history */
  function age(history) {
    let failing = 0;
    for (let i = history.length - 1; i >= 0 && history[i] !== "p"; i--) if ("fbu".includes(history[i])) failing++;
    return failing;
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
  /** @param {number} k @returns {ChunkText} */
  function textOf(k) {
    return texts[k] ||= (() => {
      const first = k * head.rows;
      const ends = new Int32Array(chunks[k].ids.length);
      let length = 0;
      const all = Array.from(ends, (_, i) => {
        const r = here(first + i);
        // What is said twice is looked through once.
        const said = new Set([r.full.includes(r.name) ? "" : r.name, r.full, r.case[0], r.environment, pathOf(first + i).join(" / "), ...r.parameters.flat(), ...r.labels.flatMap(([key, value]) => [value, called(key, value)]), r.case[3], called("owner", r.case[3])]);
        said.delete("");
        const text = [...said].join("\n").toLowerCase();
        length += text.length + 1;
        ends[i] = length;
        return text;
      });
      // No word has the sign after each row: what is typed is parted at it. Joined, the text is one piece already.
      return { all: [...all, ""].join("\0"), ends };
    })();
  }
  /** The row that an address means: the number where it still has the id, else the id's; -1 where there is none. @param {number} row @param {string | undefined} id */
  async function find(row, id) {
    if (row >= 0 && row < n) {
      if (!id) return row;
      await loadChunk(chunkOf(row));
      if (here(row).id.startsWith(id)) return row;
    }
    for (let k = 0; id && k < nChunks(); k++) {
      const at = (await loadChunk(k)).ids.findIndex((other) => other.startsWith(id));
      if (at >= 0) return k * head.rows + at;
    }
    return -1;
  }

  return { head, n, groups, STATUS, ORDER, FLAGS, chunks, unresolved, groupOf, rank, counter, count, few, nChunks, isWhole, chunkOf, loadChunk, loadAll, loadClusters, get, here, statusOf, has, durationOf, pathOf, said, called, age, detailOf, textOf, find };
}
