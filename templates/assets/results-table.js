// The results as one table: a row each, columns that can be put in order.
"use strict";

/** @typedef {ReturnType<typeof resultsTable>} ResultsTable */

/** @param {ResultsData} data @param {{order: () => string, sort: (order: string) => void}} tools */
function resultsTable(data, tools) {
  const { head, here, has } = data;
  /** Each column, and whether it begins with its largest values. @type {[column: string, key: string, falls: boolean][]} */
  const COLUMNS = [
    ["status", "script.status", false], ["name", "column.result", false], ["suite", "script.suite", false], ["layer", "script.layer", false],
    ["owner", "column.owner", false], ["environment", "script.environment", false], ["age", "script.failing-since", true], ["duration", "script.duration", true],
  ];
  /** What every result lacks takes no place. */
  const isThere = (/** @type {string} */ column) => column === "owner" || column === "layer" ? head.by.some(([kind, key]) => kind === "label" && key === column)
    : column === "environment" ? head.by.some(([kind]) => kind === "env") : column === "suite" ? head.groups.length > 0 : column === "age" ? head.launches.length > 1 : true;
  const shown = COLUMNS.filter(([column]) => isThere(column));

  const now = () => (tools.order() === "slowest" ? "-duration" : tools.order() || "status");
  /** The row of heads, each a button; pressed again it turns the order round. */
  function heads() {
    return el("div.heads", { role: "row", "aria-rowindex": 1 }, shown.map(([column, key, falls]) => {
      const up = now() === column, down = now() === `-${column}`;
      return el(`span.cell.c-${column}`, { role: "columnheader", "aria-sort": up ? "ascending" : down ? "descending" : "none" },
        el("button", { type: "button", "data-column": column, "aria-label": speak(key), onclick: () => tools.sort(up ? `-${column}` : down ? column : falls ? `-${column}` : column) },
          el("span.word", {}, speak(key)), el("span.way", { "aria-hidden": "true" }, up ? "▲" : down ? "▼" : "")));
    }));
  }
  /** @param {number} row @param {Row} r */
  function since(row, r) {
    if (data.rank[row] > 2) return has(row, "fixed") ? wording.flag("fixed") : "";
    const age = data.age(r.history);
    return has(row, "new") ? wording.flag("new") : age > 1 ? speak("script.entries-failing", { n: age }) : "";
  }
  /** The cells of a row; the link on its name covers it. @param {number} row @param {Row | null} r @param {string} [href] */
  function cells(row, r, href) {
    const status = data.statusOf(row);
    /** @type {Record<string, () => (Node | string | null)[]>} */
    const text = {
      status: () => [mark(status), el("span.word", {}, wording.status(status))],
      name: () => r ? [el("a.text", { href, dir: "auto", title: r.full || r.name }, r.name), r.parameters.length ? el("span.params", { dir: "auto" }, r.parameters.map(([, value]) => value).join(", ")) : null,
        ...data.FLAGS.filter((f) => f !== "new" && f !== "fixed" && has(row, f)).map(flagOf)] : ["…"],
      suite: () => [data.pathOf(row).join(" / ")],
      layer: () => r ? [data.said(r, "layer")] : [],
      owner: () => r ? [data.called("owner", data.said(r, "owner"))] : [],
      environment: () => r ? [r.variables.map(([, value]) => value).join(", ")] : [],
      age: () => r ? [since(row, r)] : [],
      duration: () => r ? [wording.human(r.duration)] : [],
    };
    return shown.map(([column]) => {
      const inside = text[column]();
      const words = typeof inside[0] === "string" ? inside[0] : undefined;
      return el(`span.cell.c-${column}`, { role: "cell", dir: words && column !== "duration" ? "auto" : undefined, title: words || undefined }, inside);
    });
  }

  // ---- what is shown, as a file

  /** Rows in the order in which they are given, each with its group where there is one to tell. @param {[row: number, group: string | null][]} rows */
  function csv(rows) {
    const grouped = rows.some(([, group]) => group !== null);
    const names = [...(grouped ? ["csv.group"] : []), "csv.status", "csv.name", "csv.full-name", "csv.path", "csv.parameters", "csv.environment", "csv.case", "csv.flags", "csv.duration", "csv.started", "csv.attempts", "csv.owner", "csv.layer", "csv.id"].map((key) => speak(key));
    const cells = rows.map(([row, group]) => {
      const r = here(row);
      return [...(grouped ? [group || ""] : []), wording.status(data.statusOf(row)), r.name, r.full, data.pathOf(row).join(" / "), r.parameters.map((pair) => pair.join("=")).join(", "), r.environment, r.case[0],
        data.FLAGS.filter((f) => has(row, f)).join(" "), r.duration < 0 ? "" : String(r.duration), r.start === null ? "" : new Date(head.opened + r.start).toISOString(), String(r.attempts), data.called("owner", data.said(r, "owner")), data.said(r, "layer"), r.id];
    });
    return tables.file([names, ...cells]);
  }

  return { heads, cells, csv };
}
