// The filter of results: words, `is:flaky`, `status:failed`, `case:none`, `tag:smoke`, quoted parts; `-` negates.
"use strict";

/** @typedef {{not: boolean, key: string, value: string}} Term */
/** @typedef {(row: number) => boolean} Test */
/** @typedef {ReturnType<typeof resultsFilter>} ResultsFilter */

/** @param {ResultsData} data */
function resultsFilter(data) {
  const { head, FLAGS, STATUS, has, statusOf, unresolved } = data;
  const IS = ["unresolved", "old", ...FLAGS];
  const STATUSES = Object.values(STATUS).filter((s) => s !== "absent");
  const FIELDS = ["is", "status", "case", "env", "id", "message", "defect", "mute", ...new Set(head.by.map(([, key]) => key.toLowerCase()))];
  /** Parts of what is typed. */
  const PARTS = /-?(?:[\w.]+:)?(?:"[^"]*"?|[^\s"]+)/g;

  /** @param {string} text */
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
  /** @param {string} value */
  const statuses = (value) => STATUSES.filter((s) => wording.status(s).toLowerCase().startsWith(value) || s === value);

  /** What nothing can fit, said with what could be meant; a word that is still being written is not complained of.
   * @param {Term[]} terms @param {boolean} writing */
  function complaints(terms, writing) {
    return terms.flatMap(({ key, value }, i) => {
      const begun = (/** @type {string[]} */ known) => writing && i === terms.length - 1 && known.some((one) => one.startsWith(value));
      if (key === "is" && !IS.includes(value) && !begun(IS)) return [speak("script.unknown-is", { term: `is:${value}`, known: IS.map((one) => `is:${one}`).join(speak("list.comma")) })];
      if (key === "status" && !statuses(value).length) return [speak("script.unknown-status", { term: `status:${value}`, known: STATUSES.join(speak("list.comma")) })];
      if (key && !FIELDS.includes(key)) return [speak("script.unknown-field", { field: key, term: `${key}:${value}`, known: FIELDS.slice(0, 30).join(speak("list.comma")) + (FIELDS.length > 30 ? " …" : "") })];
      return [];
    });
  }
  /** Whether a part says nothing and is left out. @param {Term} term */
  const isVoid = ({ key, value }) => (key === "is" && !IS.includes(value)) || (key === "status" && !statuses(value).length);

  /** What equal failures say, and their rows. @type {{said: string, rows: number[]}[]} */
  let failures = [];
  /** Loads what failures say, where words are looked for. */
  async function prepare() {
    if (!failures.length) failures = (await data.loadClusters()).map(([title, , rows]) => ({ said: title.toLowerCase(), rows }));
  }
  /** The failures that say a word in their first line. @param {string} value */
  const saying = (value) => failures.filter(({ said }) => said.includes(value)).flatMap(({ rows }) => rows);

  /** Whether a part needs no names. @param {Term} term */
  const isLight = ({ key }) => ["is", "status", "message", "defect", "mute"].includes(key);
  /** A test that needs no names; null where there is none. @param {Term} term @returns {Test | null} */
  function light({ key, value }) {
    if (key === "is") {
      if (value === "unresolved") return (row) => unresolved[row] === 1;
      if (value === "old") return (row) => unresolved[row] === 1 && !has(row, "new");
      return (row) => has(row, value);
    }
    if (key === "status") {
      const meant = statuses(value);
      return (row) => meant.includes(statusOf(row));
    }
    if (key === "message") {
      const rows = new Set(saying(value));
      return (row) => rows.has(row);
    }
    if (key === "defect" || key === "mute") {
      const rows = new Set(head.resolved.filter(([kind, id]) => kind === key && id.toLowerCase() === value).flatMap((entry) => entry[2]));
      return (row) => rows.has(row);
    }
    return null;
  }
  /** A test of the rows of one chunk by a field, counted from its first: what rows share is asked once.
   * @param {Term} term @param {number} k @returns {Test} */
  function fielded({ key, value }, k) {
    const chunk = data.chunks[k];
    if (key === "case") {
      const fits = chunk.cases.map(([id]) => (value === "none" ? !id : id.toLowerCase().includes(value)));
      return (i) => fits[chunk.case[i]];
    }
    // The beginnings of some ids, all as long: what a mark of a dashboard counts.
    if (key === "id") {
      const ids = new Set(value.split(",")), letters = value.split(",")[0].length;
      return (i) => ids.has(chunk.ids[i].slice(0, letters).toLowerCase());
    }
    if (key === "env") {
      const fits = chunk.environments.map((text) => text.toLowerCase().includes(value));
      return (i) => fits[chunk.environment[i]];
    }
    const says = (/** @type {string} */ text) => text.toLowerCase().includes(value) || data.called(key, text).toLowerCase().includes(value);
    const among = (/** @type {Pair} */ [name, text]) => name.toLowerCase() === key && says(text);
    const labels = chunk.label_values.map(among);
    const own = chunk.label_values.map(([name]) => name === key);
    const variables = chunk.variables.map((pairs) => pairs.some(among));
    const column = key === "owner" ? 3 : key === "layer" ? 4 : 0;
    // A case's owner is that of its results which name no other.
    const cases = chunk.cases.map((one) => column > 0 && says(one[column]));
    const written = new Uint8Array(chunk.ids.length).fill(1);
    sift(written, 0, data.textOf(k), `${key}:${value}`, false);
    return (i) => chunk.labels[i].some((label) => labels[label]) || variables[chunk.environment[i]] || chunk.parameters[i].some(among)
      || (cases[chunk.case[i]] && !chunk.labels[i].some((label) => own[label])) || written[i] === 1;
  }
  /** Takes out of the rows from `first` on those that don't have a word in their text, or those that do. A chunk's text is
   * searched as one, which is far faster than row by row. @param {Uint8Array} fits @param {number} first @param {ChunkText} text @param {string} value @param {boolean} not */
  function sift(fits, first, { all, ends }, value, not) {
    for (let i = 0; ; i++) {
      while (i < ends.length && !fits[first + i]) i++;
      if (i === ends.length) return;
      const at = all.indexOf(value, i ? ends[i - 1] : 0);
      const from = i;
      if (at < 0) i = ends.length;
      else while (ends[i] <= at) i++;
      if (!not) fits.fill(0, first + from, first + i);
      else if (at >= 0) fits[first + i] = 0;
      if (at < 0) return;
    }
  }
  /** Takes out of some rows those that don't have a word in their names or in what they say, or those that do.
   * @param {Uint8Array} fits @param {Term} term */
  function worded(fits, { value, not }) {
    const said = saying(value).filter((row) => fits[row]);
    for (let k = 0; k < data.nChunks(); k++) {
      const first = k * head.rows;
      if (fits.subarray(first, first + head.rows).includes(1)) sift(fits, first, data.textOf(k), value, not);
    }
    for (const row of said) fits[row] = not ? 0 : 1;
  }
  /** Takes out of some rows those that a part of the filter leaves out. @param {Uint8Array} fits @param {Term} term */
  function narrow(fits, term) {
    if (!term.key) return worded(fits, term);
    const test = light(term);
    if (test) for (let row = 0; row < fits.length; row++) if (fits[row] && test(row) === term.not) fits[row] = 0;
    for (let k = 0; !test && k < data.nChunks(); k++) {
      const first = k * head.rows;
      if (!fits.subarray(first, first + head.rows).includes(1)) continue;
      const holds = fielded(term, k);
      for (let i = 0, n = data.chunks[k].ids.length; i < n; i++) if (fits[first + i] && holds(i) === term.not) fits[first + i] = 0;
    }
  }

  /** What a filter left, and how many these are. @typedef {{only: string, terms: Term[], fits: Uint8Array, n: number}} Left */
  /** The last filters: one more letter looks only through what was left. @type {Left[]} */
  let lately = [];
  const LATELY = 8;
  const same = (/** @type {Term} */ a, /** @type {Term} */ b) => a.key === b.key && a.value === b.value && a.not === b.not;
  /** Whether nothing fits a part that doesn't fit another one. @param {Term} a @param {Term} b */
  const within = (a, b) => same(a, b) || (a.key === b.key && !a.not && !b.not && !isLight(a) && a.key !== "id" && !(a.key === "case" && [a.value, b.value].includes("none")) && (a.key ? a.value.startsWith(b.value) : a.value.includes(b.value)));
  /** Marks the rows that fit, and counts them; null where all do. @param {Term[]} terms @param {Set<string>} statuses */
  function matching(terms, statuses) {
    // Parts that need no names are asked first: the fewer rows are left, the faster are the others.
    const meant = terms.filter((term) => !isVoid(term)).sort((a, b) => Number(isLight(b)) - Number(isLight(a)));
    if (!meant.length && !statuses.size) return null;
    const only = [...statuses].sort().join();
    const wider = lately.filter((past) => past.terms.every((b) => meant.some((a) => within(a, b))) && (past.only === only || !past.only)).sort((a, b) => a.n - b.n)[0];
    const fits = wider ? wider.fits.slice() : new Uint8Array(head.n).fill(1);
    if (only && wider?.only !== only) for (let row = 0; row < head.n; row++) if (fits[row] && (!statuses.has(statusOf(row)) || has(row, "overridden"))) fits[row] = 0;
    for (const term of meant) if (!wider?.terms.some((one) => same(one, term))) narrow(fits, term);
    let n = 0;
    for (let row = 0; row < fits.length; row++) n += fits[row];
    // What leaves as many leaves the same.
    const left = { only, terms: meant, fits: wider?.n === n ? wider.fits : fits, n };
    lately = [left, ...lately].slice(0, LATELY);
    return left;
  }
  /** Whether some part needs all names. @param {Term[]} terms */
  const needsNames = (terms) => terms.some((term) => !isVoid(term) && !isLight(term));
  /** Whether some part is looked for in what failures say. @param {Term[]} terms */
  const needsMessages = (terms) => terms.some(({ key }) => !key || key === "message");

  return { PARTS, parse, complaints, needsNames, needsMessages, prepare, matching };
}
