// What differs between two texts: by lines, in changed lines by words, in changed words by characters. Marks are
// strokes and signs beside colour, and characters that nobody sees are shown where they differ.
"use strict";

const differences = (() => {
  /** Past so many edits two texts are called different as a whole. */
  const MOST = 1000;
  /** @typedef {[kind: "same" | "gone" | "come", from: number, to: number]} Run Of `a` where it is the same or gone, else of `b`. */

  /**
   * The shortest way from one list to another, as runs (Myers, "An O(ND) difference algorithm").
   * @param {string[]} a
   * @param {string[]} b
   * @returns {Run[]}
   */
  function runs(a, b) {
    let head = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head++;
    let tail = 0;
    while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
    /** @type {Run[]} */
    const out = [];
    const add = (/** @type {Run[0]} */ kind, /** @type {number} */ from, /** @type {number} */ to) => {
      const last = out.at(-1);
      if (from === to) return;
      if (last && last[0] === kind && last[2] === from) last[2] = to;
      else out.push([kind, from, to]);
    };
    add("same", 0, head);
    for (const [kind, from, to] of middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) add(kind, from + head, to + head);
    add("same", a.length - tail, a.length);
    return out;
  }
  /** @param {string[]} a @param {string[]} b @returns {Run[]} */
  function middle(a, b) {
    /** @type {Run[]} */
    const whole = [["gone", 0, a.length], ["come", 0, b.length]];
    if (!a.length || !b.length) return whole;
    const most = Math.min(MOST, a.length + b.length);
    /** @type {Int32Array[]} */
    const trace = [];
    const reach = new Int32Array(2 * most + 2);
    for (let d = 0; d <= most; d++) {
      trace.push(reach.slice(most - d, most + d + 2));
      for (let k = -d; k <= d; k += 2) {
        let x = k === -d || (k !== d && reach[most + k - 1] < reach[most + k + 1]) ? reach[most + k + 1] : reach[most + k - 1] + 1;
        while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
        reach[most + k] = x;
        if (x >= a.length && x - k >= b.length) return back(trace, a.length, b.length);
      }
    }
    return whole;
  }
  /** @param {Int32Array[]} trace @param {number} x @param {number} y @returns {Run[]} */
  function back(trace, x, y) {
    /** @type {Run[]} */
    const out = [];
    for (let d = trace.length - 1; d >= 0; d--) {
      const at = (/** @type {number} */ k) => trace[d][k + d];
      const k = x - y;
      const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
      const fromX = d ? (down ? at(k + 1) : at(k - 1)) : 0;
      const fromY = d ? fromX - (down ? k + 1 : k - 1) : 0;
      while (x > fromX && y > fromY && (x > (down ? fromX : fromX + 1) || !d)) { x--; y--; out.push(["same", x, x + 1]); }
      if (d && down) out.push(["come", --y, y + 1]);
      else if (d) out.push(["gone", --x, x + 1]);
    }
    return out.reverse();
  }

  const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;
  /** What a reader takes for one character. @param {string} text */
  const letters = (text) => segmenter ? Array.from(segmenter.segment(text), (s) => s.segment) : Array.from(text);
  /** @param {string} text */
  const words = (text) => text.match(/[\p{L}\p{M}\p{N}_]+|\s|[^\p{L}\p{M}\p{N}_\s]/gu) || [];

  /** @typedef {[text: string, differs: boolean]} Piece */
  /**
   * Two lines as pieces of each; where they have hardly anything in common, nothing is marked in them.
   * @param {string} a
   * @param {string} b
   * @returns {[Piece[], Piece[]]}
   */
  function pieces(a, b) {
    const [x, y] = [words(a), words(b)];
    const found = runs(x, y);
    /** @type {[Piece[], Piece[]]} */
    const out = [[], []];
    const put = (/** @type {number} */ side, /** @type {string} */ text, /** @type {boolean} */ differs) => {
      const last = out[side].at(-1);
      if (last && last[1] === differs) last[0] += text;
      else if (text) out[side].push([text, differs]);
    };
    let alike = 0;
    for (let i = 0; i < found.length; i++) {
      const [kind, from, to] = found[i];
      const next = found[i + 1];
      if (kind === "same") {
        const text = x.slice(from, to).join("");
        alike += text.trim().length;
        put(0, text, false); put(1, text, false);
      } else if (next && next[0] !== "same") {
        const [gone, come] = kind === "gone" ? [found[i], next] : [next, found[i]];
        const [left, right] = [x.slice(gone[1], gone[2]).join(""), y.slice(come[1], come[2]).join("")];
        alike += byLetters(left, right, put);
        i++;
      } else put(kind === "gone" ? 0 : 1, (kind === "gone" ? x : y).slice(from, to).join(""), true);
    }
    if (a && b && alike < 2 && alike * 4 < Math.min(a.trim().length, b.trim().length)) return [[[a, false]], [[b, false]]];
    return out;
  }
  /** Words that are mostly the same differ by their letters. @param {string} a @param {string} b @param {(side: number, text: string, differs: boolean) => void} put */
  function byLetters(a, b, put) {
    const [x, y] = [letters(a), letters(b)];
    const found = x.length + y.length <= 400 ? runs(x, y) : [];
    const same = found.reduce((n, [kind, from, to]) => kind === "same" ? n + to - from : n, 0);
    if (same * 4 < Math.max(x.length, y.length) * 3) { put(0, a, true); put(1, b, true); return 0; }
    for (const [kind, from, to] of found) {
      if (kind === "same") { const text = x.slice(from, to).join(""); put(0, text, false); put(1, text, false); }
      else put(kind === "gone" ? 0 : 1, (kind === "gone" ? x : y).slice(from, to).join(""), true);
    }
    return same;
  }

  /** @type {Record<string, [sign: string, name: string]>} */
  const UNSEEN = { " ": ["·", "space"], "\t": ["→", "tab"], "\u00a0": ["⍽", "no-break-space"], "\u202f": ["⍽", "narrow-no-break-space"], "\u3000": ["□", "ideographic-space"], "\r": ["␍", "carriage-return"] };
  /** A text of which what nobody sees is shown. @param {string} text @returns {(Node | string)[]} */
  function seen(text) {
    /** @type {(Node | string)[]} */
    const out = [];
    for (const c of text) {
      const known = UNSEEN[c];
      const code = (c.codePointAt(0) || 0).toString(16).toUpperCase().padStart(4, "0");
      const hidden = !known && /[\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Cc}\u034f\u115f\u3164\ufe00-\ufe0f]/u.test(c);
      const last = out.at(-1);
      if (known) out.push(el("span.unseen", { title: speak(`unseen.${known[1]}`), "data-sign": known[0] }, c));
      else if (hidden) out.push(el("span.unseen.code", { title: `U+${code}`, "data-sign": `U+${code}` }));
      else if (typeof last === "string") out[out.length - 1] = last + c;
      else out.push(c);
    }
    return out;
  }
  /** @param {Piece[]} line @param {"del" | "ins"} tag */
  const marked = (line, tag) => line.map(([text, differs]) => differs ? el(tag, {}, seen(text)) : text);
  /** @param {string} text What ends a line unseen. */
  const tailed = (text) => { const end = text.search(/\s+$/); return end < 0 ? [text] : [text.slice(0, end), ...seen(text.slice(end))]; };

  /** @typedef {{kind: "same", a: string} | {kind: "both", a: Piece[], b: Piece[]} | {kind: "gone", a: string} | {kind: "come", b: string}} Line */
  /** @param {string} a @param {string} b @returns {Line[]} */
  function lines(a, b) {
    const [x, y] = [a.split("\n"), b.split("\n")];
    const found = runs(x, y);
    /** @type {Line[]} */
    const out = [];
    for (let i = 0; i < found.length; i++) {
      const [kind, from, to] = found[i];
      const next = found[i + 1];
      if (kind === "same") { for (const text of x.slice(from, to)) out.push({ kind, a: text }); continue; }
      const paired = next && next[0] !== "same";
      const gone = kind === "gone" ? x.slice(from, to) : paired ? x.slice(next[1], next[2]) : [];
      const come = kind === "come" ? y.slice(from, to) : paired ? y.slice(next[1], next[2]) : [];
      if (paired) i++;
      const n = Math.min(gone.length, come.length);
      for (let j = 0; j < n; j++) { const [left, right] = pieces(gone[j], come[j]); out.push({ kind: "both", a: left, b: right }); }
      for (const text of gone.slice(n)) out.push({ kind: "gone", a: text });
      for (const text of come.slice(n)) out.push({ kind: "come", b: text });
    }
    return out;
  }

  /** Lines that both have, beyond so many beside a change, are folded. */
  const BESIDE = 3;

  /** @param {"same" | "gone" | "come"} kind @param {(Node | string)[]} content @param {string} [side] */
  const row = (kind, content, side) => el(`div.row.${kind}`, {},
    el("span.sign", { "aria-hidden": "true" }, kind === "gone" ? "−" : kind === "come" ? "+" : " "),
    kind === "same" ? null : el("span.aside", {}, `${side}: `), el("span.what", { dir: "auto" }, ...content));

  /**
   * One text above the other, or side by side.
   * @param {Line[]} all
   * @param {boolean} beside
   * @param {[string, string]} sides
   */
  function table(all, beside, [left, right]) {
    const near = new Uint8Array(all.length);
    all.forEach((line, i) => { if (line.kind !== "same") near.fill(1, Math.max(0, i - BESIDE), i + BESIDE + 1); });
    // One line or two are shown rather than counted.
    for (let i = 0; i < all.length; i++) if (!near[i]) { let end = i; while (end < all.length && !near[end]) end++; if (end - i < 3) near.fill(1, i, end); i = end; }
    const box = el(`div.difference${beside ? ".beside" : ""}`, { role: "group", "aria-label": speak("list.and", { first: left, last: right }) });
    /** @type {HTMLElement[]} */
    let later = [];
    const flush = () => { box.append(...later); later = []; };
    for (let i = 0; i < all.length; i++) {
      const line = all[i];
      if (line.kind === "same" && !near[i]) {
        flush();
        let end = i;
        while (end < all.length && !near[end]) end++;
        const hidden = all.slice(i, end).flatMap((same) => same.kind === "same" ? (beside ? [row("same", [same.a]), row("same", [same.a])] : [row("same", [same.a])]) : []);
        /** @type {HTMLButtonElement} */
        const button = el("button.fold", { type: "button", onclick: () => button.replaceWith(...hidden) }, speak("script.equal-lines", { n: end - i }));
        box.append(button);
        i = end - 1;
      } else if (line.kind === "same") {
        flush();
        box.append(row("same", [line.a]), ...(beside ? [row("same", [line.a])] : []));
      } else {
        const gone = line.kind === "both" ? row("gone", marked(line.a, "del"), left) : line.kind === "gone" ? row("gone", tailed(line.a), left) : null;
        const come = line.kind === "both" ? row("come", marked(line.b, "ins"), right) : line.kind === "come" ? row("come", tailed(line.b), right) : null;
        if (beside) box.append(gone || el("div.row.none", {}), come || el("div.row.none", {}));
        else {
          // What is gone stands together, before what has come.
          if (gone) box.append(gone);
          if (come) later.push(come);
        }
      }
    }
    flush();
    return box;
  }

  let side = false;
  return {
    runs, pieces, lines,
    /**
     * What was expected and what came, with what differs marked.
     * @param {string} expected
     * @param {string} actual
     * @param {boolean} sides The texts are known as right and left alone.
     */
    view(expected, actual, sides) {
      const [left, right] = sides ? ["right", "left"] : ["expected", "actual"];
      const names = /** @type {[string, string]} */ ([speak(`script.side-${left}`), speak(`script.side-${right}`)]);
      const all = lines(expected, actual);
      const many = all.length > 1 || expected.length + actual.length > 160;
      const box = el("div", {});
      const press = el("button.copy", { type: "button", "aria-pressed": "false", onclick: () => { side = !side; draw(); } }, speak("script.side-by-side-view"));
      const draw = () => { press.setAttribute("aria-pressed", String(side && many)); box.replaceChildren(table(all, side && many, names)); };
      draw();
      return el("div.sides", {}, el("h3", {}, sides ? speak("script.both-sides") : speak("script.expected-and-actual"), el("span.legend", {}, el("span.gone", {}, `− ${speak(`script.legend-${left}`)}`), el("span.come", {}, `+ ${speak(`script.legend-${right}`)}`)),
        many ? press : null, copying(speak(`script.copy-${left}`), () => expected), copying(speak(`script.copy-${right}`), () => actual)), box);
    },
  };
})();
