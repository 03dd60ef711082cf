// Tables as files: what a page shows of a table is saved as CSV, which spreadsheets take for no formula.
"use strict";

const tables = (() => {
  /** A cell that no spreadsheet takes for a formula, as all tables of Tallybook have it. @param {string} text */
  function cell(text) {
    const guarded = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  }
  /** @param {string[][]} rows */
  const file = (rows) => rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
  /** @param {string} name @param {string} content */
  function save(name, content) {
    const href = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
    el("a", { href, download: `${name.replace(/[^\p{L}\p{N}.]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "table"}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  }

  // ---- tables of pages

  /** What a cell says in a file: times whole, numbers without marks between thousands, figures by what they are called; nothing
   * of what stands beside it. @param {Element} of */
  function said(of) {
    const spoken = of.querySelector(".aside");
    if (spoken) return spoken.textContent || "";
    const copy = /** @type {HTMLElement} */ (of.cloneNode(true));
    for (const beside of copy.querySelectorAll(".copy, .csv, .tag, .flag, .way, .remark")) beside.remove();
    for (const time of copy.querySelectorAll("time")) time.replaceWith(time.dateTime);
    for (const figure of copy.querySelectorAll("svg")) figure.replaceWith(figure.getAttribute("aria-hidden") ? "" : figure.getAttribute("aria-label") || "");
    for (const item of copy.querySelectorAll("li + li, br")) item.before("; ");
    const text = (copy.textContent || "").replace(/\s+/g, " ").trim();
    const bare = text.replaceAll(speak("number.group"), "");
    return /^\d{1,3}(\D\d{3})+$/.test(text) && /^\d+$/.test(bare) ? bare : text;
  }
  /** @param {Element} of @param {string} selector */
  const beside = (of, selector) => [...of.querySelectorAll(selector)].map((one) => (one.textContent || "").trim()).filter(Boolean);
  /** The rows that are shown, with the heads of their columns. @param {HTMLTableElement} table @returns {string[][]} */
  function rowsOf(table) {
    let group = "";
    const found = [...table.tBodies].filter((body) => !body.hidden).flatMap((body) => [...body.rows]).flatMap((row) => {
      if (row.matches(".group")) { group = said(row); return []; }
      if (row.hidden) return [];
      return [{ group, cells: [...row.cells].map(said), more: [beside(row, ".tag"), beside(row, ".flag"), beside(row, ".remark")].map((all) => all.join("; ")) }];
    });
    const heads = [...(table.tHead?.rows[0]?.cells || [])].map(said);
    // Columns without a word, and what no row has beside it, are left out.
    const words = found.map(({ cells }) => cells);
    const columns = (heads.length ? heads : words[0] || []).map((_, i) => i).filter((i) => heads[i] || words.some((cells) => cells[i]));
    const names = [speak("script.tag"), speak("csv.flags"), speak("csv.remarks")];
    const more = names.map((_, i) => i).filter((i) => found.some((row) => row.more[i]));
    const isGrouped = found.some((row) => row.group);
    return [[...(isGrouped ? [speak("csv.group")] : []), ...columns.map((i) => heads[i] || ""), ...more.map((i) => names[i])],
      ...found.map((row) => [...(isGrouped ? [row.group] : []), ...columns.map((i) => row.cells[i] || ""), ...more.map((i) => row.more[i])])];
  }
  const told = (/** @type {string} */ name) => (name ? speak("script.save-table", { name }) : speak("script.save-list"));
  /** A button that saves a table as it is shown then. @param {HTMLTableElement} table @param {string} name */
  const button = (table, name) => el("button.plain.csv", { type: "button", title: told(name), "aria-label": told(name), onclick: () => {
    const rows = rowsOf(table);
    save(`${document.title.split(" · ")[0]} ${name}`, file(rows));
    tell(speak("script.rows-saved", { n: rows.length - 1 }));
  } }, "CSV");

  return {
    file, save,
    /** Gives the tables below an element a button each: in the bar of their filter, or beside the heading above them. @param {ParentNode} within */
    dress(within) {
      for (const table of within.querySelectorAll("table")) {
        if (!table.matches(".ledger") || !table.tHead || table.tBodies[0]?.rows.length < 1 || table.dataset.saved !== undefined) continue;
        table.dataset.saved = "";
        const around = table.closest("details") || table.closest("section") || first(document, "main");
        const bar = around?.matches("main") ? first(around, "div", ".filter") : null;
        const heading = around && (bar || first(around, "summary") || first(around, "h2") || first(around, "h3"));
        const name = table.getAttribute("aria-label") || (bar ? "" : said(heading || table));
        const made = button(table, name);
        if (bar) bar.append(made);
        else if (heading?.matches("summary")) heading.after(made);
        else if (heading) heading.append(" ", made);
      }
    },
  };
})();

if (document.body.matches(".cases, .launches, .sheets, .environments, .dashboard")) tables.dress(document);
