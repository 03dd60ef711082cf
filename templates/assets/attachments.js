// Attachments in place: pictures and what differs between them, JSON and tables, HTTP exchanges, pages that can do
// nothing, media. What tests wrote is text here, never markup; what is not shown at once is loaded when it is opened.
"use strict";

const attachments = (() => {
  const UP = "../../";
  /** What is at most shown at once. */
  const NODES = 2000, ROWS = 500, COLUMNS = 60, EXCHANGES = 200;
  /** Attachments that open by themselves are no larger, in bytes. */
  const SMALL = 100_000;

  /** @typedef {Attachment & {path: string}} Here */
  /** @param {Here} a */
  const load = (a) => tallybook.load(/** @type {const} */ (`file-${a.path.slice("files/".length, -".js".length)}`), UP + a.path);
  /** @param {Attachment} a */
  const kindOf = (a) => {
    const type = a.type.split(";")[0].trim().toLowerCase();
    const name = a.name.toLowerCase();
    if (a.show !== "text") return a.show;
    if (type === "application/vnd.allure.image.diff" || name.endsWith(".imagediff")) return "pictures";
    if (type === "application/vnd.allure.http+json" || /\.(har|httpexchange)$/.test(name)) return "http";
    if (/^(application|text)\/([\w.-]+\+)?json$/.test(type) || /\.json$/.test(name)) return "json";
    if (type === "text/csv" || type === "text/tab-separated-values" || /\.(csv|tsv)$/.test(name)) return "table";
    return "text";
  };

  // ---- pictures that are compared

  /** @typedef {{name: string, expected: string, actual: string, diff?: string}} Pictures Addresses of pictures. */
  const PART = /^(.*?)[-_. ]?(expected|actual|diff|difference)(\.\w+)?$/i;
  /**
   * Pictures that belong together by their names, as Playwright names them, and all other attachments.
   * @param {Attachment[]} list
   * @returns {(Attachment | Pictures)[]}
   */
  function grouped(list) {
    /** @type {Map<string, Map<string, Here>>} */
    const by = new Map();
    for (const a of list) {
      const found = a.show === "image" && PART.exec(a.name);
      if (!found) continue;
      const key = `${found[1]}\0${found[3] || ""}`;
      const parts = by.get(key) || new Map();
      const part = found[2].toLowerCase().startsWith("diff") ? "diff" : found[2].toLowerCase();
      if (!parts.has(part)) parts.set(part, /** @type {Here} */ (a));
      by.set(key, parts);
    }
    /** @type {Set<Attachment>} */
    const used = new Set();
    /** @type {(Attachment | Pictures)[]} */
    const out = [];
    for (const [key, parts] of by) {
      const [stem, ending] = key.split("\0");
      const [expected, actual, diff] = ["expected", "actual", "diff"].map((part) => parts.get(part));
      if (!expected || !actual) continue;
      for (const a of parts.values()) used.add(a);
      out.push({ name: stem ? stem + ending : speak("script.pictures"), expected: UP + expected.path, actual: UP + actual.path, diff: diff && UP + diff.path });
    }
    return [...out, ...list.filter((a) => !used.has(a))];
  }

  const WAYS = /** @type {const} */ ([["beside", speak("script.side-by-side")], ["slider", speak("script.slider")], ["overlay", speak("script.overlay")], ["difference", speak("script.difference")], ["given", speak("script.marked-by-the-test")]]);
  /** @param {Pictures} of */
  function compared(of) {
    const image = (/** @type {string} */ src, /** @type {string} */ alt) => el("img", { src, alt });
    const [expected, actual] = [image(of.expected, speak("script.picture-expected", { name: of.name })), image(of.actual, speak("script.picture-actual", { name: of.name }))];
    const stack = el("div.stack", {}, expected, actual);
    const labels = el("p.labels", {}, el("span", {}, speak("script.expected-side")), el("span", {}, speak("script.actual-side")));
    const range = el("input", { type: "range", min: 0, max: 100, value: 50, step: 1 });
    const sizes = el("span.quiet", {});
    const box = el("div.compared", {});
    const place = () => {
      const of100 = Number(range.value);
      stack.style.setProperty("--at", `${of100}%`);
      stack.style.setProperty("--part", String(of100 / 100));
      range.setAttribute("aria-valuetext", box.dataset.way === "slider" ? speak("script.expected-up-to", { share: of100 }) : speak("script.share-of-actual", { share: of100 }));
    };
    range.addEventListener("input", place);
    // Both at one scale, though one may be larger.
    const scale = () => {
      const [w, h] = [Math.max(expected.naturalWidth, actual.naturalWidth), Math.max(expected.naturalHeight, actual.naturalHeight)];
      if (!expected.naturalWidth || !actual.naturalWidth) return;
      stack.style.aspectRatio = `${w} / ${h}`;
      stack.style.maxWidth = `${w * Math.max(1, Math.min(8, Math.floor(320 / w)))}px`;
      for (const picture of [expected, actual]) { picture.style.width = `${picture.naturalWidth * 100 / w}%`; picture.style.height = `${picture.naturalHeight * 100 / h}%`; }
      const [a, b] = [expected, actual].map((picture) => `${picture.naturalWidth} × ${picture.naturalHeight}`);
      sizes.textContent = a === b ? `${a} px` : speak("script.sizes", { expected: a, actual: b });
    };
    for (const picture of [expected, actual]) {
      picture.addEventListener("load", scale);
      picture.addEventListener("error", () => { sizes.textContent = speak("script.picture-damaged"); });
    }
    const buttons = WAYS.filter(([way]) => way !== "given" || of.diff).map(([way, text]) => el("button.chip", { type: "button", "aria-pressed": "false", "data-way": way, onclick: () => show(way) }, text));
    const given = of.diff ? el("img.given", { src: of.diff, alt: speak("script.picture-differs", { name: of.name }), loading: "lazy" }) : null;
    /** @param {string} way */
    function show(way) {
      box.dataset.way = way;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.way === way));
      range.hidden = way !== "slider" && way !== "overlay";
      range.setAttribute("aria-label", way === "slider" ? speak("script.where-the-actual-picture-begins") : speak("script.how-much-is-seen-of-the-actual"));
      labels.hidden = way === "difference" || way === "given";
      stack.hidden = way === "given";
      if (given) given.hidden = way !== "given";
      place();
    }
    // Dragging over the pictures moves the slider too.
    stack.addEventListener("pointermove", (event) => {
      if (box.dataset.way !== "slider" || !event.buttons) return;
      const { left, width } = stack.getBoundingClientRect();
      range.value = String(Math.round((event.clientX - left) * 100 / width));
      place();
    });
    const open = (/** @type {string} */ href, /** @type {string} */ text) => href.startsWith("data:") ? null : el("a", { href }, text);
    box.append(el("div.ways", { role: "group", "aria-label": speak("script.how-to-compare") }, buttons, sizes, el("span.links", {}, open(of.expected, speak("script.expected-side")), " ", open(of.actual, speak("script.actual-side")))), range, labels, stack, ...(given ? [given] : []));
    show(of.diff ? "slider" : "beside");
    scale();
    return box;
  }
  const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;
  /** Allure's screenshots that differ: JSON with the pictures in it. @param {string} text @param {string} name */
  function pictures(text, name) {
    const found = parsed(text);
    const of = (/** @type {string} */ key) => { const src = found && Object.hasOwn(found, key) ? found[key] : null; return typeof src === "string" && PICTURE.test(src) ? src : undefined; };
    const [expected, actual, diff] = [of("expected"), of("actual"), of("diff")];
    if (expected && actual) return compared({ name, expected, actual, diff });
    const one = diff || actual || expected;
    return one ? el("img", { src: one, alt: name }) : json(text);
  }
  /** @param {string} text @returns {any} An object, or null. */
  function parsed(text) {
    try { const value = JSON.parse(text); return value && typeof value === "object" ? value : null; } catch { return null; }
  }

  // ---- JSON, with its numbers and names as they stand there

  /** @typedef {{open: string, key: string | null, text?: string, inside?: Node_[], n: number}} Node_ */
  const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
  /** @param {string} text @returns {Node_ | null} */
  function tree(text) {
    try { JSON.parse(text); } catch { return null; }
    /** @type {Node_} */
    const root = { open: "", key: null, inside: [], n: 0 };
    const above = [root];
    /** @type {string | null} */
    let key = null;
    /** @type {string | null} */
    let last = null;
    for (const [token] of text.matchAll(TOKEN)) {
      const parent = above[above.length - 1];
      if (token === ":") { key = last; parent.inside?.pop(); parent.n--; continue; }
      if (token === ",") continue;
      if (token === "}" || token === "]") { above.pop(); continue; }
      /** @type {Node_} */
      const node = token === "{" || token === "[" ? { open: token, key, inside: [], n: 0 } : { open: "", key, text: token, n: 0 };
      parent.inside?.push(node);
      parent.n++;
      key = null;
      last = token;
      if (node.inside) above.push(node);
    }
    return root.inside?.[0] || null;
  }
  /** @param {string} token */
  const sort = (token) => token[0] === '"' ? "text" : token === "null" ? "nil" : token[0] === "t" || token[0] === "f" ? "bool" : "number";
  const SEEN = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
  /** A text of JSON with its letters instead of their numbers; signs that are not seen stay numbers. @param {string} token */
  const readable = (token) => token.replace(/(?:\\u[\da-f]{4})+|\\./gi, (escape) => {
    if (escape[1] !== "u") return escape;
    let at = 0;
    return Array.from(String(JSON.parse(`"${escape}"`)), (sign) => {
      const own = escape.slice(at, at += 6 * sign.length);
      return SEEN.test(sign) && sign !== '"' && sign !== "\\" ? sign : own;
    }).join("");
  });
  /** @param {string} text */
  function json(text) {
    const top = tree(text);
    if (!top) return el("div", {}, el("p.remark", {}, speak("script.this-is-no-valid-json-it-is")), asText(text));
    let left = NODES;
    const name = (/** @type {Node_} */ node) => node.key === null ? null : [el("span.j-key", {}, readable(node.key)), ": "];
    /** @param {Node_} node @param {number} depth @returns {HTMLElement} */
    const item = (node, depth) => {
      left--;
      if (!node.inside) return el("div.leaf", {}, name(node), el(`span.j-${sort(node.text || "")}`, { dir: "auto" }, readable(node.text || "")));
      const [open, close] = node.open === "{" ? ["{", "}"] : ["[", "]"];
      if (!node.n) return el("div.leaf", {}, name(node), `${open}${close}`);
      const inside = node.inside;
      const body = el("div.in", {});
      const fill = () => {
        if (body.childElementCount) return;
        const some = inside.slice(0, ROWS);
        body.append(...some.map((child) => item(child, depth + 1)));
        if (some.length < inside.length) body.append(el("p.remark", {}, speak("script.more-in-the-file", { n: inside.length - some.length })));
      };
      const unfolded = depth < 2 || (depth < 4 && node.n <= 12) ? left > node.n : false;
      const box = el("details", { open: unfolded }, el("summary", {}, name(node), `${open} `, el("span.quiet", {}, speak("script.entries", { n: node.n })), ` ${close}`), body);
      if (unfolded) fill();
      box.addEventListener("toggle", () => { if (box.open) { left = Math.max(left, NODES); fill(); } });
      return box;
    };
    return el("div.json.mono", { role: "group", "aria-label": "JSON" }, item(top, 0));
  }

  // ---- tables

  /** Rows of cells (RFC 4180). @param {string} text @param {string} by @param {number} most */
  function cells(text, by, most) {
    /** @type {string[][]} */
    const rows = [];
    /** @type {string[]} */
    let row = [];
    let cell = "", at = 0;
    for (; at < text.length && rows.length < most; at++) {
      const c = text[at];
      if (c === '"' && !cell) {
        for (at++; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at++) { if (text[at] === '"') at++; cell += text[at]; }
      } else if (c === by) { row.push(cell); cell = ""; }
      else if (c === "\n") { row.push(cell.replace(/\r$/, "")); rows.push(row); row = []; cell = ""; }
      else cell += c;
    }
    if (at >= text.length && (cell || row.length)) { row.push(cell); rows.push(row); }
    return rows;
  }
  /** @param {string} text */
  function table(text) {
    const head = text.slice(0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n"));
    const by = [",", ";", "\t", "|"].map((c) => ({ c, n: head.split(c).length })).sort((a, b) => b.n - a.n)[0].c;
    const rows = cells(text.replace(/^\ufeff/, ""), by, ROWS + 1);
    if (!rows.length) return el("p.remark", {}, speak("script.the-table-is-empty"));
    const [names, ...body] = rows;
    const wide = names.length > COLUMNS;
    const numeric = names.map((_, i) => body.length > 0 && body.every((row) => !row[i] || /^-?[\d.,\s]+%?$/.test(row[i])));
    const cell = (/** @type {string} */ value, /** @type {number} */ i) => el(`td${numeric[i] ? ".num" : ""}`, { dir: "auto" }, value);
    const lines = text.split("\n").filter(Boolean).length - 1;
    return el("div.scroll", { tabindex: "0", role: "region", "aria-label": speak("script.table") }, el("table.ledger.cells", {}, el("thead", {}, el("tr", {}, names.slice(0, COLUMNS).map((name, i) => el(`th${numeric[i] ? ".num" : ""}`, { scope: "col", dir: "auto" }, name || speak("script.column", { number: i + 1 }))))),
      el("tbody", {}, body.map((row) => el("tr", {}, names.slice(0, COLUMNS).map((_, i) => cell(row[i] || "", i)))))),
    rows.length > ROWS || wide ? el("p.remark", {}, speak(rows.length > ROWS ? wide ? "script.part-of-table" : "script.part-of-rows" : "script.part-of-columns", { rows: ROWS, of_rows: lines, columns: COLUMNS, of_columns: names.length })) : null);
  }

  // ---- HTTP

  /** @param {any} value @returns {string} */
  const str = (value) => typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  /** @param {any} list @returns {Pair[]} */
  const pairs = (list) => Array.isArray(list)
    ? list.slice(0, 200).map((one) => [str(one?.name), str(one?.value)])
    : list && typeof list === "object" ? Object.entries(list).slice(0, 200).map(([name, value]) => [name, str(value)]) : [];
  /** @param {string} value */
  const plainly = (value) => value === "__ALLURE_REDACTED__" ? el("span.flag", {}, speak("removed.redacted")) : el("span", { dir: "auto" }, value);
  /** @param {string} title @param {Pair[]} list @param {boolean} [open] */
  const fields = (title, list, open) => list.length ? el("details.sub", { open }, el("summary", {}, el("span.text", {}, title), el("span.dur", {}, thousands(list.length))),
    el("dl.fields.in", {}, list.flatMap(([name, value]) => [el("dt", { dir: "auto" }, name), el("dd", {}, plainly(value))]))) : null;
  /** @param {any} body @param {Pair[]} headers */
  function content(body, headers) {
    if (!body || typeof body !== "object") return null;
    const text = str(body.value ?? body.text);
    const type = str(body.contentType ?? body.mimeType) || headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] || "";
    const size = Number(body.size) > 0 ? wording.size(Number(body.size)) : "";
    const about = [type, size, body.truncated ? speak("script.cut-by-the-test") : ""].filter(Boolean).join(", ");
    const shown = body.encoding === "base64" ? el("p.remark", {}, speak("script.the-body-is-binary")) : !text ? null : /json/i.test(type) || /^\s*[{[]/.test(text) ? json(text) : el("pre.trace", { dir: "ltr" }, text);
    const form = fields(speak("script.form"), pairs(body.form ?? body.params), true);
    if (!shown && !form) return about ? el("p.remark", {}, speak("script.body-of", { about })) : null;
    return el("details.sub", { open: text.length < 20_000 }, el("summary", {}, el("span.text", {}, speak("script.body")), el("span.dur", {}, about)), el("div.in", {}, form, shown));
  }
  /** One exchange, as Allure 3 or a HAR file has it. @param {any} x @param {boolean} open */
  function exchange(x, open) {
    const [request, response] = [x.request || {}, x.response];
    const status = Number(response?.status) || 0;
    const ms = Number.isFinite(x.time) ? x.time : Number.isFinite(x.start) && Number.isFinite(x.stop) ? x.stop - x.start : -1;
    const error = x.error || (response?._error ? { message: response._error } : null);
    const tone = error || status >= 500 ? "failed" : status >= 400 ? "broken" : status ? "passed" : "unknown";
    const part = (/** @type {string} */ title, /** @type {any} */ of, /** @type {any} */ body, /** @type {any} */ query) => el("div.side", {}, el("h4", {}, title, str(of.httpVersion) ? el("span.quiet", {}, ` ${str(of.httpVersion)}`) : null),
      fields(speak("script.query"), pairs(query), true), fields(speak("script.headers"), pairs(of.headers)), fields(speak("script.cookies"), pairs(of.cookies)), content(body, pairs(of.headers)), fields(speak("script.trailers"), pairs(of.trailers)));
    return el("details.exchange", { open },
      el("summary", {}, mark(tone), el("b", {}, str(request.method) || "?"), " ", el("span.mono.url", { dir: "ltr" }, str(request.url) || speak("script.no-address")), " ",
        el("span", {}, "→ ", response ? el("b", {}, `${status || speak("script.no-status")} ${str(response.statusText)}`.trim()) : speak("script.no-response")), ms >= 0 ? el("span.quiet", {}, ` ${wording.human(Math.round(ms))}`) : null),
      el("div.in", {}, error ? el("pre.message.s-failed", {}, [str(error.name), str(error.message)].filter(Boolean).join(": ") || speak("script.request-failed"), str(error.stack) ? `\n${str(error.stack)}` : null) : null,
        part(speak("script.request"), request, request.body ?? request.postData, request.query ?? request.queryString),
        response ? part(speak("script.response"), response, response.body ?? response.content, null) : null));
  }
  /** @param {string} text */
  function http(text) {
    const found = parsed(text);
    const all = Array.isArray(found?.log?.entries) ? found.log.entries : found?.request ? [found] : [];
    const list = all.filter((/** @type {any} */ x) => x && typeof x === "object");
    if (!list.length) return json(text);
    return el("div.exchanges", {}, list.slice(0, EXCHANGES).map((/** @type {any} */ x) => exchange(x, list.length === 1)),
      list.length > EXCHANGES ? el("p.remark", {}, speak("script.exchanges-shown", { shown: EXCHANGES, n: list.length })) : null);
  }

  // ---- pages and media

  /**
   * A page without elements that reach out before any policy is asked, as `preconnect` and frames do; null where
   * it can't be had, as writing it down and reading it again brings them back.
   * @param {string} text
   */
  function withoutLinks(text) {
    for (let n = 0; n < 4; n++) {
      const page = new DOMParser().parseFromString(text, "text/html");
      const found = page.querySelectorAll("link, meta, base, template, iframe, frame, object, embed");
      if (n && !found.length) return text;
      for (const element of found) element.remove();
      text = (page.doctype ? "<!DOCTYPE html>" : "") + page.documentElement.outerHTML;
    }
    return null;
  }
  /** @param {string} text @param {string} title */
  function page(text, title) {
    const without = withoutLinks(text);
    if (without === null) return el("pre.trace", { dir: "ltr" }, text);
    const frame = el("iframe", { sandbox: "", title, referrerpolicy: "no-referrer" });
    frame.srcdoc = without;
    return frame;
  }
  /** @param {Payload} payload @param {string} type */
  function blob(payload, type) {
    if (payload.text !== undefined) return new Blob([payload.text], { type });
    const binary = atob(payload.base64);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return new Blob([bytes], { type });
  }
  /** @param {Payload} payload @param {string} name */
  function save(payload, name) {
    const href = URL.createObjectURL(blob(payload, "application/octet-stream"));
    el("a", { href, download: name || speak("script.attachment") }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  }

  /** @param {string} text */
  const asText = (text) => text ? el("pre.trace", { dir: "ltr" }, text) : el("p.remark", {}, speak("script.empty"));
  /** @type {Record<string, (payload: Payload, a: Here) => Node>} */
  const VIEWS = {
    pictures: (payload, a) => pictures(payload.text || "", a.name),
    http: (payload) => http(payload.text || ""),
    json: (payload) => json(payload.text || ""),
    table: (payload) => table(payload.text || ""),
    text: (payload) => asText(payload.text || ""),
    page: (payload, a) => page(payload.text || "", a.name),
    video: (payload, a) => el("video", { src: URL.createObjectURL(blob(payload, a.type)), controls: true }),
    audio: (payload, a) => el("audio", { src: URL.createObjectURL(blob(payload, a.type)), controls: true }),
    binary: () => el("p.remark", {}, speak("script.it-can-be-saved-and-not-shown")),
  };

  /** What some kinds are seen as, the first unless another is chosen. @type {Record<string, [view: string, label: string][]>} */
  const WAYS_OF = {
    json: [["json", speak("script.tree")], ["text", speak("script.as-text")]],
    table: [["table", speak("script.table-view")], ["text", speak("script.as-text")]],
    http: [["http", speak("script.as-exchanges")], ["text", speak("script.as-text")]],
    html: [["text", speak("script.as-text")], ["page", speak("script.as-page")]],
  };

  /** @param {Attachment} a @param {boolean} eager */
  function one(a, eager) {
    const about = el("span.dur", {}, [a.type, wording.size(a.size)].filter(Boolean).join(", "));
    const title = el("span.text", { dir: "auto" }, a.name || speak("script.attachment"));
    if (a.show === "absent") return el("div.attachment.absent", {}, title, el("span.dur", {}, `${a.type ? `${a.type}, ` : ""}${wording.size(a.size)} · ${a.why}`));
    const here = /** @type {Here} */ (a);
    if (a.show === "image") {
      const src = UP + a.path;
      return el("details.sub.attachment", { open: true }, el("summary", {}, title, about), el("div.in", {}, el("a", { href: src }, el("img", { src, loading: "lazy", alt: a.name }))));
    }
    const kind = kindOf(a);
    const ways = WAYS_OF[kind] || [];
    const shown = el("div.shown", {});
    /** What it is seen as; nothing where it is not loaded. */
    let way = "";
    const buttons = ways.map(([view, label]) => el("button.chip", { type: "button", "data-view": view, onclick: () => show(view) }, label));
    /** @param {string} view */
    const show = async (view) => {
      way = view;
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.view === view));
      try {
        const payload = await load(here);
        if (way === view) shown.replaceChildren((VIEWS[view] || VIEWS.text)(payload, here));
      } catch (error) { way = ""; shown.textContent = wording.why(error); }
    };
    const saving = () => load(here).then((payload) => save(payload, a.name), (error) => { shown.textContent = wording.why(error); });
    const box = el("details.sub.attachment", { open: eager && kind !== "binary" && kind !== "html" && kind !== "video" && kind !== "audio" && a.size <= SMALL }, el("summary", {}, title, about),
      el("div.in", {}, el("p.acts", {}, buttons.length ? el("span.views", { role: "group", "aria-label": speak("script.view") }, buttons) : null,
        el("button.plain", { type: "button", onclick: saving }, speak("script.save")),
        a.show === "text" || a.show === "html" ? el("button.copy", { type: "button", onclick: async (event) => { const button = /** @type {HTMLElement} */ (event.currentTarget); copied(button, (await load(here)).text || ""); } }, speak("frame.copy")) : null), shown));
    const fill = () => { if (box.open && !way) show(ways[0]?.[0] || kind); };
    box.addEventListener("toggle", fill);
    fill();
    return box;
  }

  return {
    /** @param {Attachment[] | undefined} list @param {boolean} eager Whether small ones open by themselves. */
    all: (list, eager) => grouped(list || []).map((a) => "expected" in a
      ? el("details.sub.attachment", { open: true }, el("summary", {}, el("span.text", { dir: "auto" }, a.name), el("span.dur", {}, speak("script.pictures-compared"))), el("div.in", {}, compared(a)))
      : one(a, eager)),
  };
})();
