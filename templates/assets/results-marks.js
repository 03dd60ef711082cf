// What stands beside names in the tree of results: bars, strips of the past, people.
"use strict";

/** @param {ResultsData} data */
function resultsMarks(data) {
  const { head, STATUS, statusOf, has } = data;
  const { status: label } = wording;

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
    const by = (/** @type {string} */ key) => { const id = r.labels.find(([name]) => name === key)?.[1]; return id && data.called(key, id); };
    if (statusOf(row) === "in_progress") return by("assignee") ? speak("planned.assigned-to", { name: by("assignee") || "" }) : "";
    return has(row, "manual") && by("tester") ? speak("planned.tester", { name: by("tester") || "" }) : "";
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

  return { bar, person, strip, pastText };
}
