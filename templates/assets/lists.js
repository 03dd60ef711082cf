// Lists of cases and launches: filtered by words and fields, put in order by columns, walked by keys.
"use strict";

(() => {
  const box = first(document, "div", "[data-filter]");
  const input = first(box, "input");
  const said = first(box, "span", ".n");
  const bodies = [...document.querySelectorAll("tbody")].filter((body) => body.matches(".section"));
  const table = bodies[0]?.closest("table");
  if (!box || !input || !said || !table) return;
  const heads = [...table.querySelectorAll("thead th")].flatMap((th) => (th instanceof HTMLElement ? [th] : []));
  /** The column of each field. */
  const columns = heads.map((th) => th.dataset.key || "");
  /** @typedef {{row: HTMLTableRowElement, text: string, fields: Map<string, string[]>}} Entry */
  const entries = bodies.flatMap((body) => [...body.rows].filter((row) => !row.matches(".group")).map((row) => entryOf(row, body)));
  const given = entries.map(({ row }) => row);
  const known = new Set(entries.flatMap(({ fields }) => [...fields.keys()]));
  const isPaged = !!document.querySelector(".pager a");
  /** The column that rows are in order by, from the end with `-` before it; nothing where they are as they came. */
  let order = "";

  /** @param {HTMLTableRowElement} row @param {HTMLTableSectionElement} body @returns {Entry} */
  function entryOf(row, body) {
    /** @type {Map<string, string[]>} */
    const fields = new Map();
    const put = (/** @type {string} */ key, /** @type {string} */ value) => { if (value) fields.set(key, [...(fields.get(key) || []), value]); };
    columns.forEach((key, i) => { if (key) put(key, (row.cells[i]?.textContent || "").trim()); });
    for (const [key, value] of Object.entries(row.dataset)) put(key, value || "");
    for (const tag of row.querySelectorAll(".tag")) put("tag", tag.textContent || "");
    const section = first(body, "tr", ".group")?.textContent || "";
    return { row, text: `${section} ${row.textContent} ${row.dataset.layer || ""}`.toLowerCase(), fields };
  }

  // ---- filter

  /** Parts of what is typed: each with its key and value; quoted values are meant whole. */
  const parse = () => [...input.value.matchAll(/(-)?(?:([\w.]+):)?(?:"([^"]*)"?|([^\s"]+))/g)].map(([part, minus, key, quoted, bare]) => ({ part, not: !!minus, key: (key || "").toLowerCase(), value: (quoted ?? bare).toLowerCase(), isWhole: quoted !== undefined }));
  const noneFits = el("span", { dir: "auto" });
  const nothing = el("p.waiting.nothing", { role: "status", hidden: true }, noneFits, " ", el("button.plain", { type: "button", onclick: () => { clear(); input.focus(); } }, speak("script.clear-the-filter")));
  const complaint = el("p.complaint", { role: "status", hidden: true, id: "complaint" });
  input.setAttribute("aria-describedby", "complaint");
  const filter = () => {
    const terms = parse().filter((term) => term.value);
    const isField = (/** @type {string} */ key) => known.has(key);
    let n = 0;
    for (const { row, text, fields } of entries) {
      row.hidden = !terms.every(({ not, key, value, isWhole }) => {
        const holds = isField(key) ? (fields.get(key) || []).some((one) => (isWhole ? one.toLowerCase() === value : one.toLowerCase().includes(value))) : text.includes(key ? `${key}:${value}` : value);
        return holds !== not;
      });
      if (!row.hidden) n++;
    }
    for (const body of bodies) body.hidden = !body.querySelector("tr:not(.group):not([hidden])");
    table.hidden = n === 0 && entries.length > 0;
    nothing.hidden = !table.hidden;
    if (table.hidden) noneFits.textContent = speak(isPaged ? "script.none-of-page-fits" : "script.none-of-list-fits", { n: entries.length, filter: terms.map(({ part }) => part).join(speak("list.comma")) });
    const key = isPaged ? "script.share-of-page" : "share.of";
    said.textContent = terms.length || isPaged ? speak(key, { part: n, all: entries.length }) : "";
    const wrong = terms.filter((term) => term.key && !isField(term.key));
    complaint.hidden = !wrong.length;
    complaint.textContent = wrong.map(({ key, value }) => speak("script.unknown-field", { field: key, term: `${key}:${value}`, known: [...known].sort().join(speak("list.comma")) })).join(" ");
    for (const { key, select } of choices) {
      const term = parse().find((one) => one.key === key && !one.not && one.isWhole);
      select.value = [...select.options].find((option) => option.value.toLowerCase() === term?.value)?.value ?? "";
    }
  };
  /** Lists of the values of the fields that the page names. */
  const choices = (box.dataset.choose || "").split(" ").flatMap((key) => {
    const values = [...new Set(entries.flatMap(({ fields }) => fields.get(key) || []))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    if (values.length < 2) return [];
    const label = heads.find((th) => th.dataset.key === key)?.textContent || speak(key === "tag" ? "script.tag" : "script.layer");
    const select = el("select", { "aria-label": label }, el("option", { value: "" }, label), values.map((value) => el("option", { value }, value)));
    select.addEventListener("change", () => {
      const others = parse().filter((term) => term.key !== key || term.not).map((term) => term.part);
      input.value = [...others, ...(select.value ? [`${key}:"${select.value}"`] : [])].join(" ");
      filter();
      write(true);
    });
    return [{ key, select }];
  });

  // ---- order

  /** @param {string} next */
  function sort(next) {
    order = next;
    const column = order.replace(/^-/, "");
    const at = heads.findIndex((th) => th.dataset.sort === column);
    /** @type {(row: HTMLTableRowElement) => number} */
    const value = (row) => { const cell = row.cells[at]; const v = cell?.dataset.v; return v === undefined || v === "" ? Date.parse(first(cell, "time")?.dateTime || "") : Number(v); };
    const rows = at < 0 ? given : given.map((row, i) => ({ row, i, v: value(row) })).sort((a, b) => {
      if (Number.isNaN(a.v) || Number.isNaN(b.v)) return Number(Number.isNaN(a.v)) - Number(Number.isNaN(b.v)) || a.i - b.i;
      return (order[0] === "-" ? b.v - a.v : a.v - b.v) || a.i - b.i;
    }).map(({ row }) => row);
    if (heads.some((th) => th.dataset.sort)) bodies[0].append(...rows);
    for (const th of heads) {
      if (!th.dataset.sort) continue;
      const is = th.dataset.sort !== column ? "none" : order[0] === "-" ? "descending" : "ascending";
      th.setAttribute("aria-sort", is);
      const way = first(th, "span", ".way");
      if (way) way.textContent = is === "none" ? "" : is === "ascending" ? "▲" : "▼";
    }
  }
  for (const th of heads) {
    const column = th.dataset.sort;
    if (!column) continue;
    th.replaceChildren(el("button.sort", { type: "button", onclick: () => { sort(order === `-${column}` ? column : `-${column}`); write(true); } }, th.textContent || "", el("span.way", { "aria-hidden": "true" })));
  }

  // ---- the address

  let written = location.hash;
  const write = (/** @type {boolean} */ push = false) => {
    // What a mark of a dashboard asked for stays.
    const only = new URLSearchParams(location.hash.slice(1)).get("only");
    const parts = [only ? `only=${encodeURIComponent(only)}` : "", input.value.trim() ? `q=${encodeURIComponent(input.value.trim())}` : "", order ? `o=${order}` : ""].filter(Boolean);
    const next = parts.length ? `#${parts.join("&")}` : "";
    if (next === written) return;
    written = next;
    history[push ? "pushState" : "replaceState"](null, "", next || location.pathname + location.search);
  };
  const read = () => {
    written = location.hash;
    const asked = new URLSearchParams(location.hash.slice(1));
    const o = asked.get("o") || "";
    input.value = asked.get("q") || "";
    sort(heads.some((th) => th.dataset.sort && th.dataset.sort === o.replace(/^-/, "")) ? o : "");
    filter();
  };
  const back = () => { if (location.hash !== written) read(); };
  addEventListener("popstate", back);
  addEventListener("hashchange", back);
  input.addEventListener("input", () => { filter(); write(); });
  const clear = () => { input.value = ""; filter(); write(true); };
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") { if (input.value) clear(); else input.blur(); } });

  // ---- keys

  /** @param {number} by */
  function step(by) {
    const links = entries.length ? [...document.querySelectorAll("tbody.section tr:not([hidden]) a.row")].filter((link) => link.checkVisibility()) : [];
    const here = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
    const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
    if (!(next instanceof HTMLElement)) return;
    next.focus({ preventScroll: true });
    next.closest("tr")?.scrollIntoView({ block: "nearest" });
  }
  if (document.querySelector("tbody.section a.row")) {
    help.add(speak("script.this-list"), [["/", speak("script.key-filter")], ["j k", speak("script.key-next-row")], ["Enter", speak("script.key-open-row")], ["Esc", speak("script.key-clear-filter")]], speak("script.in-the-filter-of-lists", { known: [...known].sort().map((key) => `${key}:`).join(speak("list.comma")) }));
    document.addEventListener("keydown", (event) => {
      if (typing(event) || help.isOpen() || (event.key !== "j" && event.key !== "k")) return;
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    });
  }
  box.hidden = false;
  said.before(...choices.map(({ select }) => select));
  box.after(complaint);
  table.after(nothing);
  read();
})();
