// One result: what it expected and got, its trace, its steps along the path that failed, attachments, attempts, what
// is known of it, and what runs or proves it again. The list beside it gives what it shows.
"use strict";

const resultView = (() => {
  const { human } = wording;
  /** Letters of a value that has a line of its own. */
  const LONG = 40;
  /** Of more attempts than that the first and the last are shown. */
  const ATTEMPTS = 8, FIRST = 2, LAST = 3;
  /** Steps further down than that are hardly set in any more, and say their level; those further down than the second not at all. */
  const DEEP = 6, DEEPEST = 24;
  /** Labels that name people. */
  const PEOPLE = ["owner", "assignee", "tester"];

  /** @param {string} name @param {Child} value @param {string} [href] @param {Child} [more] */
  function fact(name, value, href, more) {
    if (!value) return null;
    return el(`div.fact${typeof value === "string" && value.length > LONG ? ".long" : ""}`, {}, el("dt", {}, name), el("dd", {}, href && typeof value === "string" ? el("a", { href }, value) : el("span", { dir: "auto" }, value), more));
  }
  /** @param {string} label @param {string} text */
  const line = (label, text) => el("div.line", {}, el("span.quiet", {}, label), el("code", { dir: "ltr" }, text), copying(speak("frame.copy"), () => text, speak("script.copy-of", { what: label })));

  // ---- traces

  const PLACE = /([\w@.+~\\/:-]*[\w+~-]\.(?:py|jsx?|tsx?|mjs|cjs|rs|go|rb|php|cs|fs|java|kts?|swift|exs?|scala|groovy|cpp|cc|c|h))(["']?(?:, line |:line |:)\d+(?::\d+)?)/;
  const ERROR = /^(\s*(?:E\s+)?(?:Caused by: )?)((?:[\w$]+(?:\.|::))*[A-Z][\w$]*(?:Error|Exception|Failure|Failed|Panic|Interrupt|Timeout|Warning))(?=:|$)/;
  // As `trace.rs` has it, which writes the traces of other pages: texts, numbers, and in code the words of its language.
  const TEXT = /"(?:[^"\\]|\\.)*"|`[^`]*`|(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)/.source;
  const NUMBER = /(?<![\w.])\d+(?:\.\d+)?(?!\w|\.\w)/.source;
  const WORD = /(?<![\w.])(?:assert|async|await|catch|class|const|def|defer|elif|else|except|expect|false|False|finally|fn|for|from|func|function|if|import|in|is|let|new|nil|None|not|null|raise|return|self|this|throw|true|True|try|while|with)(?!\w)/.source;
  const SAID = new RegExp(`(${TEXT})|(${NUMBER})`, "g"), CODE = new RegExp(`(${TEXT})|(${NUMBER})|(${WORD})`, "g");
  /** @param {string} text @param {boolean} code @returns {Child[]} */
  function tokens(text, code) {
    /** @type {Child[]} */
    const out = [];
    let plain = 0;
    for (const found of text.matchAll(code ? CODE : SAID)) {
      out.push(text.slice(plain, found.index), el(`span.t-${found[1] ? "text" : found[2] ? "number" : "word"}`, {}, found[0]));
      plain = found.index + found[0].length;
    }
    return [...out, text.slice(plain)];
  }
  const EXCERPT = /^\s*>?\s*\d* ?\|(?: |$)/;
  /** A line with the place that it names, and what it calls. @param {string} text @param {string} kind @returns {Child[]} */
  function traceLine(text, kind) {
    const found = kind === "." ? null : PLACE.exec(text);
    if (found) {
      const from = found.index, [, path, number] = found;
      const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
      return [text.slice(0, from), path.slice(0, cut), el("b", {}, path.slice(cut) + number.replace(/^["']/, "")), text.slice(from + found[0].length)];
    }
    if (kind === "l") return [text];
    const error = kind === "." && ERROR.exec(text);
    if (error) return [error[1], el("b.t-error", {}, error[2]), ...tokens(text.slice(error[0].length), false)];
    const verdict = /^E\s/.test(text), marked = /^\s*>/.test(text);
    const said = tokens(text, !verdict && (kind === "o" || marked || text.startsWith("    ") || EXCERPT.test(text)));
    return verdict || marked ? [el("span.at", {}, ...said)] : said;
  }
  /** How many calls some lines are: of those with two lines, one is counted. @param {string[]} lines */
  function calls(lines) {
    const n = (/** @type {RegExp} */ form) => lines.filter((text) => form.test(text)).length;
    return n(/^\s*File "/) || n(/^\s*\d+: /) || n(/^\s*(at |\.\.\. )/) || n(/^\s*\S*:\d+/) || lines.length;
  }
  /** @param {string} text @param {string | undefined} frames */
  function trace(text, frames) {
    if (!frames) return el("pre.trace", { dir: "ltr" }, text.split("\n").flatMap((one, i) => [i ? "\n" : "", ...traceLine(one, ".")]));
    const lines = text.split("\n");
    let at = 0;
    /** @type {Node[]} */
    const parts = [];
    for (const [, n, kind] of frames.matchAll(/(\d+)([.lo])/g)) {
      const some = lines.slice(at, at += Number(n));
      const made = (/** @type {string[]} */ list) => list.map((one) => el(`span.${kind === "o" ? "own" : kind === "l" ? "library" : EXCERPT.test(one) ? "words.code" : "words"}`, {}, traceLine(one, kind), "\n"));
      if (kind !== "l" || some.length < 2) { parts.push(...made(some)); continue; }
      const count = calls(some);
      parts.push(el("details.frames", {}, el("summary", {}, speak("script.frames-of-libraries", { n: count })), ...made(some)));
    }
    if (at < lines.length) parts.push(el("span.words", {}, lines.slice(at).join("\n")));
    return el("div.trace.framed", { tabindex: "0", role: "group", "aria-label": speak("script.trace") }, parts);
  }

  // ---- one execution

  /** @param {Step} step @returns {boolean} */
  const failing = (step) => step.status === "failed" || step.status === "broken" || (step.steps || []).some(failing);
  /** Whether a text says the same as another, or begins with all of it as lines. @param {string | undefined} text @param {string | undefined} other */
  const isSame = (text, other) => `${(other || "").trim()}\n`.startsWith(`${(text || "").trim()}\n`);
  /** Whether a step further down says the same. @param {Step} step @param {"message" | "trace"} what @param {string} text @returns {boolean} */
  const isBelow = (step, what, text) => (step.steps || []).some((child) => isSame(text, child[what]) || isBelow(child, what, text));
  /** What a step says of its failure, once: not what the result says above it, nor what a step below it says.
   * @param {Step} step @param {Detail} d */
  function failure(step, d) {
    const { message, trace: text, status = "unknown" } = step;
    const isShown = (/** @type {"message" | "trace"} */ what) => !!step[what] && !isSame(step[what], d[what]) && !isBelow(step, what, step[what] || "");
    const isHere = message && isSame(message, d.message) && !isBelow(step, "message", message);
    return [isHere ? el("p.remark", {}, speak("script.failed-here")) : null, message && isShown("message") ? el(`pre.message.s-${status}`, {}, message) : null, text && isShown("trace") ? traceAfter(message, text, step.frames) : null];
  }
  /** @param {Step} step @param {string} at @param {Tools} tools @param {boolean} eager @param {Detail} d @returns {HTMLElement} */
  function stepItem(step, at, tools, eager, d) {
    const bad = failing(step);
    const level = at.split(".").length;
    const inside = [
      step.parameters ? el("dl.facts", {}, step.parameters.map(([name, value]) => fact(name, value || speak("script.empty")))) : null,
      ...failure(step, d),
      ...attachments.all(step.attachments, eager && bad), ...(step.steps || []).map((child, i) => stepItem(child, `${at}.${i}`, tools, eager, d)),
    ].filter((part) => part !== null);
    const again = step.message && isBelow(step, "message", step.message);
    return el("div.stepped", {},
      el(`details.sub${inside.length ? "" : ".flat"}`, { open: inside.length > 0 && bad, id: `step-${at}` },
        el("summary", {}, level > DEEP ? el("span.level", { title: speak("script.level", { number: level }) }, String(level)) : null, step.status ? mark(step.status) : null, el("span.text", { dir: "auto" }, step.name), again ? el("span.again", { title: speak("script.message-below") }, "↓", el("span.aside", {}, speak("script.message-below"))) : null, el("span.dur", {}, human(step.duration ?? -1))),
        inside.length ? el(`div.in${level >= DEEPEST ? ".deepest" : level >= DEEP ? ".deep" : ""}`, {}, inside) : null),
      el("a.anchor", { href: tools.link(at), title: speak("script.link-to-this-step"), "aria-label": speak("script.link-to-step", { name: step.name }), onclick: (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); tools.open(at); } } }, "#"));
  }
  /** A trace without the message that it begins with, as producers that have one text for both repeat it.
   * @param {string | undefined} message @param {string} text @param {string | undefined} frames */
  function traceAfter(message, text, frames) {
    const repeats = message && text.startsWith(message) && text.length > message.length;
    let cut = repeats ? message.split("\n").length : 0;
    for (const all = text.split("\n"); cut && cut < all.length && !all[cut].trim();) cut++;
    return trace(cut ? without(text, cut) : text, cut ? skip(frames, cut) : frames);
  }
  /** @param {Detail | null} d @param {string} status @param {string} prefix What steps' names begin with. @param {Tools} tools @returns {HTMLElement[]} */
  function execution(d, status, prefix, tools) {
    /** @type {HTMLElement[]} */
    const out = [];
    if (!d) return out;
    const bad = status !== "passed" && status !== "skipped";
    if (d.remarks) out.push(el("p.remark", {}, d.remarks.join("; ")));
    const { message, trace: text } = d;
    if (message) out.push(el("h3", {}, speak("script.message"), copying(speak("frame.copy"), () => message)), el(`pre.message.s-${status}`, {}, message));
    if (d.expected || d.actual) out.push(differences.view(d.expected || "", d.actual || "", d.sides === true));
    if (text) out.push(el("h3", {}, speak("script.trace"), copying(speak("frame.copy"), () => text)), traceAfter(message, text, d.frames));
    if (d.description) out.push(el("h3", {}, speak("script.description")), el("p.prose", { dir: "auto" }, d.description));
    for (const { title, key, steps } of [{ title: speak("script.set-up"), key: "b", steps: d.before }, { title: speak("script.steps"), key: "s", steps: d.steps }, { title: speak("script.tear-down"), key: "a", steps: d.after }]) {
      if (steps) out.push(el("h3", {}, title), ...steps.map((step, i) => stepItem(step, `${prefix}${key}${i}`, tools, bad, d)));
    }
    if (d.steps_left_out) out.push(el("p.remark", {}, speak("document.steps-left-out", { n: d.steps_left_out })));
    if (d.attachments) out.push(el("h3", {}, speak("script.attachments")), ...attachments.all(d.attachments, bad));
    for (const { title, text } of [{ title: speak("script.output"), text: d.stdout }, { title: speak("script.error-output"), text: d.stderr }]) if (text) out.push(el("details.sub", {}, el("summary", {}, el("span.text", {}, title), el("span.dur", {}, speak("script.lines", { n: text.split("\n").length }))), el("div.in", {}, copying(speak("frame.copy"), () => text), el("pre.trace", { dir: "ltr" }, text))));
    return out;
  }
  /** A text after so many lines. @param {string} text @param {number} lines */
  const without = (text, lines) => text.split("\n").slice(lines).join("\n");
  /** What lines are, after so many. @param {string | undefined} frames @param {number} lines */
  function skip(frames, lines) {
    return [...(frames || "").matchAll(/(\d+)([.lo])/g)].map(([, n, kind]) => {
      const left = Math.max(0, Number(n) - lines);
      lines = Math.max(0, lines - Number(n));
      return left ? `${left}${kind}` : "";
    }).join("");
  }

  // ---- all of it

  /** @param {Shown} of @param {Tools} tools */
  function body({ r, d, status, head }, tools) {
    /** @type {HTMLElement[]} */
    const out = [];
    const started = r.start === null ? null : new Date(head.opened + r.start).toISOString();
    const changed = r.case[2] && r.case[2] !== "the same" ? el("span.flag", { title: speak("script.the-text-of-the-case-against-the") }, speak(`today.${r.case[2].replaceAll(" ", "-")}`)) : null;
    out.push(el("dl.facts", {},
      fact(speak("script.status"), wording.status(status)), fact(speak("script.duration"), human(r.duration)),
      started ? fact(speak("script.started"), times.element(started)) : null,
      r.attempts > 1 ? fact(speak("script.attempts"), String(r.attempts)) : null,
      r.case[0] ? fact(speak("script.case-as-executed"), r.case[0], r.case[1], changed) : null,
      fact(speak("script.environment"), r.environment), fact(speak("script.category"), d?.category), fact(speak("script.source"), d?.place)));
    if (r.history.length > 1) out.push(el("p.pastline", {}, tools.strip(r), el("span", {}, tools.past(r.history), ...since(r, status, head))));
    for (const [kind, id, title, owner, page] of d?.resolution || []) out.push(el("p.notice", {}, el("span.flag", {}, speak(`kind.${kind}`)), " ", page ? el("a", { href: page }, id) : id, " ", title, owner ? el("span.quiet", {}, ` · ${owner}`) : null));
    out.push(...execution(d, status, "", tools));
    if (!d && status !== "passed") out.push(el("p.remark", {}, speak("script.nothing-more-is-kept-of-this-result")));
    if (r.parameters.length) out.push(el("h3", {}, speak("script.parameters")), el("dl.facts", {}, r.parameters.map(([name, value]) => fact(name, value || speak("script.empty")))));
    if (d?.retries) {
      const n = d.retries.length;
      out.push(el("h3", {}, speak("script.earlier-attempts", { n }), el("span.n", {}, ` · ${speak("script.this-is-attempt", { number: n + 1 })}`)));
      const all = d.retries.map((retry, i) => el("details.sub", { id: `step-t${i}` },
        el("summary", {}, mark(retry.status), el("span.text", {}, speak("document.attempt", { number: i + 1, status: wording.status(retry.status) })), el("span.quiet", { dir: "auto" }, (retry.detail.message || "").split("\n").find((text) => text.trim())?.slice(0, 90)), el("span.dur", {}, human(retry.duration ?? -1))),
        el("div.in", {}, retry.start ? el("p.remark", {}, ...speak.parts("script.started-at", { time: times.element(retry.start) })) : null, execution(retry.detail, retry.status, `t${i}-`, tools))));
      const between = n > ATTEMPTS ? all.splice(FIRST, n - FIRST - LAST) : [];
      if (between.length) all.splice(FIRST, 0, el("details.sub.between", {}, el("summary", {}, el("span.text", {}, speak("script.attempts-between", { n: between.length, first: FIRST + 1, last: n - LAST }))), el("div.in", {}, between)));
      out.push(...all);
    }
    if (d?.links) out.push(el("h3", {}, speak("script.links")), el("ul.links", {}, d.links.map(([kind, name, href]) => el("li", {}, el("span.kind", {}, kind), " ", href ? el("a", { href, rel: "noopener noreferrer" }, name) : name))));
    if (r.labels.length) out.push(el("h3", {}, speak("script.labels")), el("div.labels", {}, r.labels.map(([name, value]) => el("button.tag", { type: "button", title: speak("script.filter-by-this-label"), onclick: () => tools.ask(`${name}:"${value}"`) }, `${name}: ${(PEOPLE.includes(name) && head.people.find(([id]) => id === value)?.[1]) || value}`))));
    if (d?.properties) out.push(el("h3", {}, speak("script.properties")), el("dl.facts", {}, d.properties.map(([name, value]) => fact(name, value))));
    out.push(el("h3", {}, speak("script.on-the-command-line")), el("div.lines", {}, (d?.rerun || []).map(([runner, text]) => line(speak("script.run-again", { runner }), text)), verify(r, head).map(([label, text]) => line(label, text))));
    return out;
  }
  /** Since when it has been failing. @param {Row} r @param {string} status @param {Head} head @returns {Child[]} */
  function since(r, status, head) {
    if (!["failed", "broken", "unknown"].includes(status)) return [];
    const past = r.history;
    let i = past.length - 1;
    while (i > 0 && "fbu.s".includes(past[i - 1])) i--;
    while (i < past.length - 1 && !"fbu".includes(past[i])) i++;
    if (i === past.length - 1) return [speak("script.did-not-fail-before")];
    const [name, day, href] = head.launches[head.launches.length - past.length + i];
    const entries = [...past.slice(i)].filter((letter) => letter !== ".").length;
    return speak.parts("script.failing-for", { n: entries, day, launch: el("a", { href: `${href}#q=${encodeURIComponent(`"${r.full || r.name}"`)}`, dir: "auto" }, name) });
  }
  /** What proves it: the launch by its receipt, and the file that has the result by the launch's list. @param {Row} r @param {Head} head @returns {[string, string][]} */
  function verify(r, head) {
    /** @type {[string, string][]} */
    const out = [];
    if (/^[0-9a-f]{16,}$/.test(head.receipt)) out.push([speak("script.verify-its-launch"), `tallybook verify --receipt ${head.receipt}`]);
    const shard = r.shard ? head.shards[r.shard - 1] : "";
    if (shard) out.push([speak("script.check-the-file"), `(cd ${head.folder} && grep -F ${wording.shell(`results/${shard}`)} SHA256SUMS | sha256sum --check)`]);
    return out;
  }

  /** A text with what Markdown takes for signs escaped. @param {string} text */
  const escaped = (text) => text.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&").replace(/\s+/g, " ").trim();
  /** Text between fences that it can't close. @param {string} text @param {string} [kind] */
  function fenced(text, kind = "") {
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
    const fence = "`".repeat(longest + 1);
    return `${fence}${kind}\n${text}\n${fence}`;
  }
  /** The result as Markdown, for an issue or a message. @param {Shown} of @param {string} address */
  function markdown({ r, d, status, path, head, launch }, address) {
    const about = [wording.status(status), r.duration >= 0 ? human(r.duration) : "", r.environment, r.case[0], launch].filter(Boolean).map(escaped);
    const parts = [`### ${escaped(r.name)}`, `**${about[0]}**${about.length > 1 ? ` · ${about.slice(1).join(" · ")}` : ""}`];
    if (path.length) parts.push(escaped(path.join(" / ")));
    if (r.parameters.length) parts.push(r.parameters.map(([name, value]) => `- ${escaped(name)}: ${escaped(value)}`).join("\n"));
    if (d?.message) parts.push(fenced(d.message));
    if (d && (d.expected || d.actual)) {
      const [left, right] = [(d.expected || "").split("\n"), (d.actual || "").split("\n")];
      const lines = differences.runs(left, right).flatMap(([kind, from, to]) => (kind === "come" ? right : left).slice(from, to).map((text) => `${kind === "same" ? " " : kind === "gone" ? "-" : "+"} ${text}`));
      parts.push(fenced(lines.join("\n"), "diff"));
    }
    if (d?.trace) parts.push(fenced(d.trace.length > 6000 ? `${d.trace.slice(0, 6000)}\n…` : d.trace));
    for (const [runner, text] of d?.rerun || []) parts.push(`${speak("script.run-it-again", { runner })}\n\n${fenced(text, "sh")}`);
    if (/^[0-9a-f]+$/.test(head.receipt)) parts.push(speak("script.receipt-of-the-launch", { receipt: `\`${head.receipt}\`` }));
    parts.push(`<${address.replaceAll("<", "%3C").replaceAll(">", "%3E").replaceAll(" ", "%20")}>`);
    return `${parts.join("\n\n")}\n`;
  }
  /** What of a result one takes elsewhere. @param {Shown} of @returns {HTMLElement} */
  function copies(of) {
    const { r, d } = of;
    const error = [d?.message, d?.trace].filter((text, i, all) => text && !(i === 0 && all[1]?.startsWith(text))).join("\n\n");
    return el("p.copies", {}, el("span.quiet", {}, speak("script.copy")), copying(speak("script.copy-name"), () => r.full || r.name), error ? copying(speak("script.copy-error"), () => error) : null,
      copying("Markdown", () => markdown(of, location.href)), copying(speak("script.copy-link"), () => location.href),
      ...(d?.rerun || []).map(([runner, text]) => copying(of.d?.rerun?.length === 1 ? speak("script.copy-command") : speak("script.copy-command-of", { runner }), () => text, speak("script.the-command-that-runs-it-again"))),
      ...verify(r, of.head).slice(0, 1).map(([, text]) => copying(speak("script.copy-proof"), () => text, speak("script.the-line-that-verifies-its-launch"))));
  }

  return {
    /** @param {Shown} of @param {Tools} tools */
    view: (of, tools) => [copies(of), ...body(of, tools)],
    markdown,
    /** Opens a step and what is around it, and brings it into view. @param {HTMLElement} pane @param {string} at */
    open(pane, at) {
      const step = [...pane.querySelectorAll("details")].find((one) => one.id === `step-${at}`);
      if (!step) return false;
      for (let around = step.parentElement?.closest("details"); around; around = around.parentElement?.closest("details")) around.open = true;
      step.open = true;
      for (const other of pane.querySelectorAll(".meant")) other.classList.remove("meant");
      step.classList.add("meant");
      step.scrollIntoView({ block: "center" });
      first(step, "summary")?.focus({ preventScroll: true });
      return true;
    },
  };
})();
