// The filter of results: words, `is:flaky`, `status:failed`, `case:none`, `tag:smoke`, quoted parts; `-` negates.
"use strict";

/** @typedef {{not: boolean, key: string, value: string}} Term */
/** @typedef {(row: number) => boolean} Test */
/** @typedef {ReturnType<typeof resultsFilter>} ResultsFilter */

/** @param {ResultsData} data */
function resultsFilter(data) {
  const { head, FLAGS, STATUS, has, here, statusOf, unresolved } = data;
  const IS = ["unresolved", "old", ...FLAGS];
  const STATUSES = Object.values(STATUS).filter((s) => s !== "absent");
  const FIELDS = ["is", "status", "case", "env", "id", "defect", "mute", ...new Set(head.by.map(([, key]) => key.toLowerCase()))];
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
    if (key === "defect" || key === "mute") {
      const rows = new Set(head.resolved.filter(([kind, id]) => kind === key && id.toLowerCase() === value).flatMap((entry) => entry[2]));
      return (row) => rows.has(row);
    }
    return null;
  }
  /** @param {Term} term @returns {Test} */
  function heavy({ key, value }) {
    if (!key) return containing(value);
    if (key === "case") return value === "none" ? (row) => !here(row).case[0] : (row) => here(row).case[0].toLowerCase().includes(value);
    // The beginnings of some ids, all as long: what a mark of a dashboard counts.
    if (key === "id") {
      const ids = new Set(value.split(",")), letters = value.split(",")[0].length;
      return (row) => ids.has(here(row).id.slice(0, letters).toLowerCase());
    }
    if (key === "env") return (row) => here(row).environment.toLowerCase().includes(value);
    const written = containing(`${key}:${value}`);
    /** @param {Pair[]} pairs */
    const among = (pairs) => pairs.some(([name, text]) => name.toLowerCase() === key && (text.toLowerCase().includes(value) || data.called(key, text).toLowerCase().includes(value)));
    return (row) => {
      const r = here(row);
      return among(r.labels) || among(r.parameters) || among(r.variables) || data.said(r, key).toLowerCase().includes(value) || data.called(key, data.said(r, key)).toLowerCase().includes(value) || written(row);
    };
  }
  /** A chunk's text is searched as one, which is far faster than row by row. @param {string} value @returns {Test} */
  function containing(value) {
    const found = new Uint8Array(head.n);
    for (let k = 0; k < data.nChunks(); k++) {
      const { all, ends } = data.textOf(k);
      for (let i = 0, at = all.indexOf(value); at >= 0; at = all.indexOf(value, ends[i])) {
        while (ends[i] <= at) i++;
        found[k * head.rows + i] = 1;
      }
    }
    return (row) => found[row] === 1;
  }
  /** Marks the rows that fit; null where all do. @param {Term[]} terms @param {Set<string>} only Statuses. */
  function matching(terms, only) {
    const meant = terms.filter((term) => !isVoid(term));
    if (!meant.length && !only.size) return null;
    const all = meant.map((term) => ({ test: light(term) || heavy(term), not: term.not }));
    const fits = new Uint8Array(head.n);
    for (let row = 0; row < head.n; row++) {
      if (only.size && (!only.has(statusOf(row)) || has(row, "overridden"))) continue;
      if (all.every(({ test, not }) => test(row) !== not)) fits[row] = 1;
    }
    return fits;
  }
  /** Whether some part needs all names. @param {Term[]} terms */
  const needsNames = (terms) => terms.some((term) => !isVoid(term) && !light(term));

  return { PARTS, parse, complaints, needsNames, matching };
}
