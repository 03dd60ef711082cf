// Any two launches, test by test: what `tallybook launch compare` says, on keys that each launch's data carries. State
// is in the address.
"use strict";

(() => {
  const form = first(document, "form", "#choose");
  const [pickNow, pickBase] = form?.querySelectorAll("select") || [];
  const turn = first(form, "button", "[name=turn]");
  const said = first(form, "p");
  const found = document.getElementById("found");
  const heading = document.getElementById("compared");
  if (!form || !pickNow || !pickBase || !turn || !said || !found || !heading) return;
  const unchosen = heading.textContent;
  /** @type {Record<string, string>} */
  const STATUS = { f: "failed", b: "broken", u: "unknown", i: "in_progress", s: "skipped", p: "passed" };
  /** The worst first. */
  const ORDER = "fbpsui";
  const KEY = 10, NAME = 4, LISTED = 100;
  /** @typedef {{at: number, status: string, muted: boolean, flaky: boolean, known: boolean}} Entry */
  /** @typedef {{change: string, before: Entry | null, now: Entry | null}} Test */
  /** @typedef {{folder: string, id: string, name: string, keys: Keys}} Side */

  // Launches name their chunks alike, so that here each is told from the others by the script that it came with.
  /** @type {Map<Element, (value: any) => void>} */
  const asked = new Map();
  const push = tallybook.push;
  tallybook.push = /** @type {typeof push} */ ((/** @type {any} */ key, /** @type {any} */ value) => {
    const own = document.currentScript && asked.get(document.currentScript);
    if (own) own(value); else push(key, value);
  });
  /** @type {Map<string, Promise<any>>} */
  const loading = new Map();
  /** The one value of a data script. @param {string} src @returns {Promise<any>} */
  const load = (src) => {
    let promise = loading.get(src);
    if (!promise) {
      promise = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = src;
        asked.set(script, resolve);
        const end = () => { asked.delete(script); script.remove(); reject(new Error(speak("script.cannot-load", { file: src }))); };
        script.onload = end;
        script.onerror = () => { loading.delete(src); end(); };
        document.head.append(script);
      });
      loading.set(src, promise);
    }
    return promise;
  };
  /** @param {Side} side */
  const data = (side) => `launches/${side.folder}/data/`;

  // ---- what `analysis::compare` does

  /** The values of each declared variable in the environments that have results. @param {Keys} keys */
  function values(keys) {
    const used = new Set(keys.env.length ? keys.env : keys.status ? [0] : []);
    return keys.declared.map((_, v) => new Set([...used].map((e) => keys.environments[e]?.[v]).filter((value) => value !== null && value !== undefined)));
  }
  /** Declared variables whose values don't overlap. @param {Keys} before @param {Keys} now */
  function leftOut(before, now) {
    const [a, b] = [values(before), values(now)];
    return now.declared.map((name, v) => ({ name, v, before: [...(a[v] || [])].sort(), now: [...b[v]].sort() }))
      .filter((one) => one.before.length && one.now.length && !one.before.some((value) => one.now.includes(value)));
  }
  /** @param {Keys} keys @param {number} i */
  const flagsAt = (keys, i) => parseInt(keys.flags[i], 16);
  /** The entry of each test in each launch: the worst of its results. @param {Keys[]} both @param {Set<number>} without */
  function entries(both, without) {
    /** @type {Map<string, number>} */
    const slots = new Map();
    /** @type {Set<string>} */
    const colliding = new Set();
    const keysOf = both.map((keys) => {
      const environments = keys.environments.map((all) => JSON.stringify(all.filter((_, v) => !without.has(v))));
      /** @type {string[]} */
      const out = [];
      /** @type {Map<string, string>} */
      const firsts = new Map();
      for (let i = 0; i < keys.status.length; i++) {
        const key = keys.keys.slice(i * KEY, (i + 1) * KEY) + (environments[keys.env[i] || 0] || "[]");
        out.push(key);
        if (flagsAt(keys, i) & 4) continue;
        const name = keys.names.slice(i * NAME, (i + 1) * NAME);
        const other = firsts.get(key);
        if (other === undefined) firsts.set(key, name);
        else if (other !== name) colliding.add(key);
      }
      return out;
    });
    /** @type {{before: Entry | null, now: Entry | null}[]} */
    const tests = [];
    both.forEach((keys, launch) => {
      for (let i = 0; i < keys.status.length; i++) {
        const flags = flagsAt(keys, i);
        if (flags & 4) continue;
        let key = keysOf[launch][i];
        if (colliding.has(key)) key += `\n${keys.names.slice(i * NAME, (i + 1) * NAME)}`;
        let slot = slots.get(key);
        if (slot === undefined) { slot = tests.push({ before: null, now: null }) - 1; slots.set(key, slot); }
        const side = launch ? "now" : "before";
        const known = tests[slot][side];
        const status = keys.status[i];
        if (!known || ORDER.indexOf(status) < ORDER.indexOf(known.status)) tests[slot][side] = { at: i, status, muted: (flags & 1) > 0, flaky: (flags & 2) > 0, known: (flags & 8) > 0 };
      }
    });
    return tests;
  }
  /** @param {string | undefined} before @param {string | undefined} now */
  function changeOf(before, now) {
    if (!before) return "added";
    if (!now) return "removed";
    if (before === now && "ps".includes(now)) return "same";
    if (before === "s" && now === "p") return "resumed";
    if (now === "s") return "skipped";
    if (now === "p") return "fixed";
    return "ps".includes(before) ? "new" : "still";
  }
  /** @param {Keys} before @param {Keys} now */
  function compare(before, now) {
    const left = leftOut(before, now);
    // What is planned and did not run has no result.
    const ran = (/** @type {Entry | null} */ entry) => entry && entry.status !== "i" ? entry : null;
    /** @type {Test[]} */
    const tests = [];
    for (const both of entries([before, now], new Set(left.map((one) => one.v)))) {
      const [b, n] = [ran(both.before), ran(both.now)];
      if (b || n) tests.push({ change: changeOf(b?.status, n?.status), before: b, now: n });
    }
    return { tests, left };
  }
  const fails = (/** @type {Test} */ test) => test.now && "fbu".includes(test.now.status) && !test.now.muted;
  /** @type {[id: string, title: string, fits: (test: Test) => unknown][]} */
  const KINDS = [
    ["new", speak("comparison.new"), (test) => fails(test) && (test.change === "new" || test.change === "added")],
    ["still", speak("comparison.still"), (test) => test.change === "still"],
    ["muted", speak("comparison.muted"), (test) => test.change === "new" && test.now?.muted],
    ["fixed", speak("comparison.fixed"), (test) => test.change === "fixed"],
    ["flaky", speak("comparison.flaky"), (test) => test.now?.flaky && test.before && !test.before.flaky],
    ["skipped", speak("comparison.skipped"), (test) => test.change === "skipped"],
    ["resumed", speak("comparison.resumed"), (test) => test.change === "resumed"],
    ["added", speak("comparison.added"), (test) => test.change === "added"],
    ["removed", speak("comparison.removed"), (test) => test.change === "removed"],
  ];
  /** @param {Test[]} tests @param {"before" | "now"} side */
  function passRate(tests, side) {
    const counted = tests.filter((test) => test.before && test.now).map((test) => /** @type {Entry} */ (test[side])).filter((entry) => !entry.muted && "pfb".includes(entry.status));
    const passed = counted.filter((entry) => entry.status === "p").length;
    if (!counted.length) return speak("comparison.nothing-to-count");
    // Cut, so that nothing reads as 100 % that is not.
    const rate = Math.floor(passed * 1000 / counted.length);
    return speak("comparison.share", { rate: rate === 1000 ? "100" : wording.decimal(`${Math.floor(rate / 10)}.${rate % 10}`), of: counted.length });
  }

  // ---- what is shown

  /** A row's words, once its chunk is here. @param {Side} side @param {number} row */
  async function words(side, row) {
    const chunk = Math.floor(row / 1024);
    /** @type {Names} */
    const names = await load(`${data(side)}rows-${chunk}.js`);
    const i = row % 1024;
    return { id: names.ids[i], name: names.names[i], parameters: names.parameters[i], environment: names.environments[names.environment[i]], case: names.cases[names.case[i]] };
  }
  const label = (/** @type {string} */ status) => wording.status(STATUS[status]);
  /** @param {Entry | null} entry */
  const cell = (entry) => entry ? el(`td.toned.s-${STATUS[entry.status]}`, {}, el("span", {}, label(entry.status))) : el("td", {}, speak("history.no-result"));
  /** @param {Test} test @param {Side} base @param {Side} launch */
  async function line(test, base, launch) {
    const [side, entry] = test.now ? [launch, test.now] : [base, /** @type {Entry} */ (test.before)];
    const row = side.keys.rows[entry.at];
    const told = await words(side, row);
    const notes = [told.parameters.map(([name, value]) => `${name}=${value}`).join(", "), told.environment].filter(Boolean);
    // From a launch's own folder a case is two folders up; from here it is below.
    const [id, href] = told.case;
    return el("tr", {},
      el("td.name", {}, mark(STATUS[entry.status]), el("a.row", { href: `launches/${side.folder}/results.html#r=${row}.${encodeURIComponent(told.id.slice(0, 8))}`, dir: "auto" }, told.name),
        test.now?.muted && flagOf("muted"), test.now?.known && flagOf("known"), ...notes.map((note) => el("span.remark", { dir: "auto" }, note))),
      el("td.wide", {}, id && (href ? el("a", { href: href.replace(/^\.\.\/\.\.\//, "") }, id) : id)),
      cell(test.before), cell(test.now));
  }
  /** @param {string} title @param {string} id @param {Test[]} tests @param {Side} base @param {Side} launch */
  async function section(title, id, tests, base, launch) {
    const body = el("tbody");
    const more = el("p.lead-in", {}, el("button.more", { type: "button", onclick: () => add(tests.length) }, speak("script.show-all", { n: tests.length })));
    const add = async (/** @type {number} */ upTo) => {
      more.hidden = true;
      const from = body.rows.length;
      body.append(...await Promise.all(tests.slice(from, upTo).map((test) => line(test, base, launch))));
      more.hidden = body.rows.length >= tests.length;
    };
    await add(LISTED);
    const head = [speak("column.test"), speak("column.case"), speak("column.before"), speak("column.now")].map((name, i) => el(i === 1 ? "th.wide" : "th", { scope: "col" }, name));
    return el("section", { id: `of-${id}` }, el("h2", {}, title, " ", el("span.n", {}, thousands(tests.length))),
      el("div.scroll", {}, el("table.ledger.sheet-of", { "aria-label": title }, el("thead", {}, el("tr", {}, ...head)), body)), more);
  }
  /** Which jobs one of the launches lacks: it may be partial. @param {Keys} before @param {Keys} now */
  function lacking(before, now) {
    const [only, lacks] = [before.jobs.filter((job) => !now.jobs.includes(job)), now.jobs.filter((job) => !before.jobs.includes(job))];
    return [
      ...(only.length ? [fact(speak("comparison.jobs-only-before"), only.join(", "))] : []),
      ...(lacks.length ? [fact(speak("comparison.jobs-only-now"), lacks.join(", "))] : []),
    ];
  }
  /** @param {string} name @param {string} value */
  const fact = (name, value) => el("div.fact", {}, el("dt", {}, name), el("dd", {}, value));

  let round = 0;
  const show = async () => {
    const own = ++round;
    const chosen = (/** @type {HTMLSelectElement} */ select) => {
      const option = select.selectedOptions[0];
      return { folder: option.dataset.folder || "", id: option.value, name: option.text };
    };
    const [a, b] = [chosen(pickBase), chosen(pickNow)];
    history.replaceState(null, "", `#base=${encodeURIComponent(a.id)}&launch=${encodeURIComponent(b.id)}`);
    if (a.id === b.id) {
      found.hidden = true;
      heading.textContent = unchosen;
      said.textContent = speak("script.choose-two-launches");
      return;
    }
    said.textContent = speak("script.loading");
    try {
      const [before, now] = await Promise.all([a, b].map((one) => load(`launches/${one.folder}/data/keys.js`)));
      const [base, launch] = [{ ...a, keys: before }, { ...b, keys: now }];
      const { tests, left } = compare(base.keys, launch.keys);
      const kinds = KINDS.map(([id, title, fits]) => ({ id, title, tests: tests.filter(fits) }));
      const parts = await Promise.all(kinds.filter((kind) => kind.tests.length).map((kind) => section(kind.title, kind.id, kind.tests, base, launch)));
      if (own !== round) return;
      const counts = el("dl.facts", {},
        ...kinds.map((kind) => { const made = fact(kind.title, thousands(kind.tests.length)); made.dataset.kind = kind.id; return made; }),
        fact(speak("script.tests-in-both"), thousands(tests.filter((test) => test.before && test.now).length)),
        fact(speak("script.the-same"), thousands(tests.filter((test) => test.change === "same").length)),
        fact(speak("script.passed-of-both-before"), passRate(tests, "before")), fact(speak("script.passed-of-both-now"), passRate(tests, "now")),
        ...lacking(base.keys, launch.keys));
      const sentences = left.map((one) => el("p.lead-in", { dir: "auto" }, speak("comparison.left-out", { variable: one.name, before: one.before.join(", "), now: one.now.join(", ") })));
      const flags = ["muted", "known"].filter((flag) => parts.some((part) => part.querySelector(`.f-${flag}`)));
      const meanings = flags.length ? [el("ul.meanings", {}, ...flags.map((flag) => el("li", {}, flagOf(flag), " ", speak(`meaning.${flag}`))))] : [];
      const n = kinds[0].tests.length;
      const known = kinds[0].tests.filter((test) => test.now?.known).length;
      if (known) sentences.unshift(el("div.lead-in", {}, speak(known === n ? "comparison.all-new-known" : "comparison.new-known", { n: known })));
      heading.textContent = n ? speak("script.new-failures-against", { n, launch: b.name, base: a.name }) : speak("script.no-new-failures-against", { launch: b.name, base: a.name });
      said.textContent = "";
      said.append(...speak.parts("script.same-by-command", { command: el("code", {}, `tallybook launch compare ${b.id} ${a.id}`) }));
      found.replaceChildren(counts, ...meanings, ...sentences, ...parts);
      tables.dress(found);
      found.hidden = false;
    } catch (error) {
      if (own !== round) return;
      found.hidden = true;
      said.textContent = speak("script.could-not-be-compared", { why: wording.why(error) });
    }
  };

  /** @param {HTMLSelectElement} select @param {string | null} id */
  const choose = (select, id) => {
    const at = [...select.options].findIndex((option) => option.value === id);
    if (at >= 0) select.selectedIndex = at;
    return at >= 0;
  };
  const follow = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    /** @type {[HTMLSelectElement, string | null][]} */
    const ends = [[pickBase, wanted.get("base")], [pickNow, wanted.get("launch")]];
    const missing = ends.filter(([select, id]) => !choose(select, id) && id).map(([, id]) => id);
    if (missing.length) {
      found.hidden = true;
      heading.textContent = unchosen;
      said.textContent = speak("script.no-such-launches", { ids: missing.join(", ") });
    } else if (ends.every(([, id]) => id)) show();
  };
  form.hidden = false;
  document.getElementById("without")?.remove();
  pickBase.selectedIndex = Math.min(1, pickBase.options.length - 1);
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  turn.addEventListener("click", () => {
    [pickNow.selectedIndex, pickBase.selectedIndex] = [pickBase.selectedIndex, pickNow.selectedIndex];
    show();
  });
  addEventListener("hashchange", follow);
  follow();
})();
