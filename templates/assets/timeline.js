// A brush over a launch's timeline: narrows the table below to what ran in a part of the time. The part is in the
// address; it is set by dragging over the figure, or by its two ends with the keyboard.
"use strict";

(() => {
  const figure = first(document, "figure", ".timeline");
  const drawing = figure?.querySelector("svg");
  const table = first(document, "table", ".slow");
  const body = table && first(table, "tbody");
  const title = table?.closest("section")?.querySelector("h2");
  if (!figure || !drawing || !table || !body || !title) return;
  const MOST = 20;
  /** @type {Record<string, string>} */
  const STATUS = { f: "failed", b: "broken", u: "unknown", i: "in_progress", s: "skipped", p: "passed" };
  const all = { title: title.textContent || "", rows: [...body.rows] };
  /** The whole time, once it is known. */
  let span = Number(drawing.dataset.span) || 0;
  if (!span) return;
  /** @type {[from: number, to: number] | null} */
  let part = null;
  /** Whether the figure shows the part alone. */
  let near = false;
  let generation = 0;

  const band = svg("rect", { class: "brush", y: 0, height: drawing.getAttribute("height") || 0 });
  band.setAttribute("visibility", "hidden");
  drawing.prepend(band);
  const end = (/** @type {string} */ name) => el("input", { type: "range", min: 0, max: span, step: Math.max(1, Math.round(span / 400)), "aria-label": name });
  const [from, to] = [end(speak("script.from")), end(speak("script.to"))];
  const says = el("output", {});
  const whole = el("button.plain", { type: "button", hidden: true, onclick: () => { narrow(null); from.focus(); } }, speak("script.whole-time"));
  const zoom = el("button.plain", { type: "button", hidden: true, onclick: () => { near = !near; narrow(part); } }, speak("script.zoom-in"));
  figure.append(el("div.brushes", {}, el("label", {}, ...speak.parts("script.from-input", { input: from })), el("label", {}, ...speak.parts("script.to-input", { input: to })), says, zoom, whole, el("span.quiet.hint", {}, speak("script.or-drag"))));

  // The figure as it was drawn: places along the whole time in per cent, and texts.
  const bars = [...drawing.querySelectorAll("a > rect")].map((rect) => ({ rect, x: parseFloat(rect.getAttribute("x") || ""), width: parseFloat(rect.getAttribute("width") || "") }));
  const ticks = [...drawing.querySelectorAll("line.rule, text.tick")];
  const base = drawing.querySelector("line.axis")?.getAttribute("y1") || "0";
  /** @type {Element[]} */
  let closer = [];
  /** Draws the time from `a` to `b` over the whole width. @param {number} a @param {number} b */
  function stretch(a, b) {
    const [left, part] = [a * 100 / span, (b - a) / span];
    for (const { rect, x, width } of bars) {
      const [begin, end] = [Math.max(0, (x - left) / part), Math.min(100, (x + width - left) / part)];
      rect.setAttribute("x", `${begin.toFixed(3)}%`);
      rect.setAttribute("width", `${Math.max(0, end - begin).toFixed(3)}%`);
      rect.parentElement?.setAttribute("visibility", end > begin ? "visible" : "hidden");
    }
    for (const tick of ticks) tick.setAttribute("visibility", near ? "hidden" : "visible");
    for (const mark of closer) mark.remove();
    closer = near ? [0, 25, 50, 75, 100].flatMap((at) => [svg("line", { class: "rule", x1: `${at}%`, x2: `${at}%`, y1: 0, y2: base }),
      svg("text", { class: "tick", x: `${at}%`, y: Number(base) + 15, "text-anchor": at === 0 ? "start" : at === 100 ? "end" : "middle" }, say(a + (b - a) * at / 100))]) : [];
    drawing?.prepend(...closer);
  }

  const say = (/** @type {number} */ ms) => ms <= 0 ? speak("script.the-start") : ms >= span ? speak("script.the-end") : wording.human(Math.round(ms));
  /** @param {[number, number] | null} next @param {boolean} [quiet] Without writing the address. */
  function narrow(next, quiet) {
    part = next && (next[0] > 0 || next[1] < span) ? [Math.max(0, Math.min(...next)), Math.min(span, Math.max(...next))] : null;
    const [a, b] = part || [0, span];
    from.value = String(a); to.value = String(b);
    from.setAttribute("aria-valuetext", say(a)); to.setAttribute("aria-valuetext", say(b));
    says.textContent = part ? speak("trend.days", { first: say(a), last: say(b) }) : speak("script.the-whole-time");
    whole.hidden = zoom.hidden = !part;
    if (!part) near = false;
    zoom.textContent = near ? speak("script.zoom-out") : speak("script.zoom-in");
    stretch(...(near ? /** @type {[number, number]} */ ([a, b]) : /** @type {[number, number]} */ ([0, span])));
    band.setAttribute("x", `${a * 100 / span}%`);
    band.setAttribute("width", `${(b - a) * 100 / span}%`);
    band.setAttribute("visibility", part && !near ? "visible" : "hidden");
    drawing?.classList.toggle("narrowed", !!part);
    const address = part ? `#from=${Math.round(a)}&to=${Math.round(b)}${near ? "&zoom=1" : ""}` : location.pathname + location.search;
    if (!quiet) history.replaceState(null, "", address);
    list();
  }

  /** @param {number} row @param {Head} head */
  const names = (row, head) => { const k = Math.floor(row / head.rows); return tallybook.load(`rows-${k}`, `data/rows-${k}.js`).then((chunk) => ({ chunk, i: row % head.rows })); };
  /** @param {number} row @param {Head} head */
  const path = (row, head) => groupsOf(head).filter(([, , first, n]) => row >= first && row < first + n).map(([name]) => name).join(" / ");
  /** A cell of a column that stands in one line; none where no row has it. @param {string} column @param {string} text */
  const cell = (column, text) => table?.querySelector(`th.${column}`) ? el(`td.wide.quiet.${column}`, { dir: "auto", title: text }, text) : null;
  async function list() {
    const mine = ++generation;
    if (!part) { title?.replaceChildren(all.title); body?.replaceChildren(...all.rows); return; }
    const [a, b] = part;
    try {
      const [times, head] = await Promise.all([tallybook.load("times", "data/times.js"), tallybook.load("head", "data/head.js")]);
      const again = new Set(times.retries);
      /** @type {number[]} */
      const within = [];
      const starts = new Float64Array(times.starts.length);
      for (let i = 0, at = 0; i < times.starts.length; i++) {
        starts[i] = at += times.starts[i];
        if (at <= b && at + times.durations[i] >= a) within.push(i);
      }
      const slowest = within.sort((i, j) => times.durations[j] - times.durations[i] || i - j).slice(0, MOST);
      const rows = await Promise.all(slowest.map(async (i) => {
        const row = times.rows[i];
        const { chunk, i: n } = await names(row, head);
        const beside = [chunk.parameters[n].map((pair) => pair.join("=")).join(", "), chunk.environments[chunk.environment[n]], again.has(i) ? speak("timeline.an-earlier-attempt") : ""].filter(Boolean).join(", ");
        const share = Math.floor(times.durations[i] * 100 / times.span);
        return el("tr", {}, el("td.name", {}, mark(STATUS[times.status[i]]), el("a.row", { href: `results.html#r=${row}.${encodeURIComponent(chunk.ids[n].slice(0, 8))}`, dir: "auto" }, chunk.names[n]), beside ? el("span.params", { dir: "auto" }, ` ${beside}`) : null),
          cell("place", path(row, head)), cell("lane", times.lanes[times.lane[i]]),
          el("td.num.mid.quiet", {}, starts[i] ? wording.human(starts[i]) : speak("timeline.at-once")), el("td.num", {}, wording.human(times.durations[i])), el("td.num.quiet", {}, share ? speak("timeline.share", { n: share }) : speak("timeline.less-than-one")));
      }));
      if (mine !== generation) return;
      const n = within.length;
      title?.replaceChildren(speak(n > MOST ? "script.slowest-from" : "script.attempts-from", { n, shown: MOST, first: say(a), last: say(b) }));
      body?.replaceChildren(...rows);
      if (!n) body?.append(el("tr", {}, el("td.quiet", { colspan: table?.tHead?.rows[0].cells.length || 6 }, speak("script.nothing-ran-then"))));
    } catch (error) {
      if (mine === generation) title?.replaceChildren(speak("script.what-ran-not-loaded", { why: wording.why(error) }));
    }
  }

  from.addEventListener("input", () => narrow([Math.min(Number(from.value), Number(to.value)), Number(to.value)]));
  to.addEventListener("input", () => narrow([Number(from.value), Math.max(Number(from.value), Number(to.value))]));

  // Dragging; a press that does not move is for the bar below it.
  /** @type {{x: number, at: number, id: number} | null} */
  let pressed = null;
  let moved = false;
  /** What the figure shows while it is dragged over. @type {[number, number] | null} */
  let dragged = null;
  const at = (/** @type {PointerEvent} */ event) => { const { left, width } = drawing.getBoundingClientRect(); const [a, b] = dragged || [0, span]; return a + Math.max(0, Math.min(1, (event.clientX - left) / width)) * (b - a); };
  drawing.addEventListener("pointerdown", (event) => { if (event.button === 0) { dragged = near ? part : null; pressed = { x: event.clientX, at: at(event), id: event.pointerId }; moved = false; } });
  drawing.addEventListener("pointermove", (event) => {
    if (!pressed || (!moved && Math.abs(event.clientX - pressed.x) < 5)) return;
    if (!moved) drawing.setPointerCapture(pressed.id);
    moved = true;
    const next = /** @type {[number, number]} */ ([Math.min(pressed.at, at(event)), Math.max(pressed.at, at(event))]);
    if (!dragged) return narrow(next);
    // A stretched figure stays as it is until the part of the part is chosen.
    const [a, b] = dragged;
    chosen = next;
    band.setAttribute("x", `${(next[0] - a) * 100 / (b - a)}%`);
    band.setAttribute("width", `${(next[1] - next[0]) * 100 / (b - a)}%`);
    band.setAttribute("visibility", "visible");
  });
  /** @type {[number, number] | null} */
  let chosen = null;
  const up = () => { const next = chosen; pressed = dragged = chosen = null; if (next) narrow(next); };
  drawing.addEventListener("pointerup", up);
  drawing.addEventListener("pointercancel", () => { chosen = null; up(); });
  drawing.addEventListener("click", (event) => { if (moved) { event.preventDefault(); moved = false; } }, true);
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && part && !help.isOpen() && !first(document, "ul", ".hits:not([hidden])")) narrow(null); });
  help.add(speak("script.timeline"), [["← →", speak("script.key-move-end")], ["Esc", speak("script.the-whole-time")]]);

  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    const [a, b] = [asked.get("from"), asked.get("to")].map((text) => text === null ? NaN : Number(text));
    near = asked.get("zoom") === "1";
    narrow(a <= b ? [a, b] : null, true);
  };
  addEventListener("hashchange", read);
  read();
})();
