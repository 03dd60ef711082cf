// The workbench: what is open and whose it is, one case step by step, and closing. Every answer is sent at once, in
// order; the page says whether it is kept, and goes on trying where the server does not answer.
"use strict";

(() => {
  /** @typedef {{name: string, value?: string | null}} Value */
  /** @typedef {{id: string, case: string, name: string, execution: string, environment: Record<string, string>, parameters: Value[], assignee: string | null, is_mine: boolean, done: boolean, status: string, defects: string[], begun: number | null}} Task */
  /** @typedef {{total: number, done: number, unfinished: number, unplanned: number, people?: {assignee: string | null, total: number, done: number}[], unplanned_results?: {id: string, name: string, case: string | null, status: string}[]}} Planned */
  /** @typedef {{project: string, project_name: string, id: string, name: string, plan: string | null, environment: Record<string, string>, opened: string, opened_by: string | null, shared_on: string | null, has_remote: boolean, who: string, people: {id: string, name: string}[], totals: Record<string, number>, planned: Planned | null, tasks: Task[], lacks: string[]}} Open */
  /** @typedef {{status: string, took: number}} Answer */
  /** @typedef {{name: string, copy: string}} Kept */
  /** @typedef {{number: string, depth: number, action: string, expected: string | null, data: string | null, answer: Answer | null, comment: string | null, files: Kept[]}} Step */
  /** @typedef {{uuid: string, name: string, case: string, environment: Record<string, string>, parameters: Value[], assignee: string | null, began: string, worked: number, preconditions: string, description: string, postconditions: string, steps: Step[], answer: Answer | null, comment: string | null, files: Kept[], links: string[]}} Draft */
  /** @typedef {{draft: Draft, questions: number[], status: string, digest: string | null, before: string | null, changed: boolean, addresses: string[]}} Execution */
  /** @typedef {{do: string, step?: number | null, [field: string]: unknown}} Change */

  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const kept = /** @type {HTMLElement} */ (document.getElementById("kept"));
  const crumbs = /** @type {HTMLElement} */ (document.getElementById("crumbs"));
  const ANSWERS = [["passed", speak("work.passed"), "p"], ["failed", speak("work.failed"), "f"], ["broken", speak("work.broken"), "b"], ["skipped", speak("work.skipped"), "s"]];
  const { human, why } = wording;

  // ---- what is sent

  // The address that was printed has the key behind its #, which no server is sent. It stays with this host and port,
  // where other ports of this machine can't read it, as they could a cookie.
  const KEY = "tallybook-key";
  const key = () => { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } };
  function unlock() {
    const given = /^#key=([0-9a-f]+)$/.exec(location.hash)?.[1];
    if (!given) return;
    try { localStorage.setItem(KEY, given); } catch { /* the page says that it is locked */ }
    history.replaceState(null, "", location.pathname);
  }

  class Refused extends Error {
    /** @param {number} status @param {{message?: string, hints?: string[], now?: Execution | null}} said */
    constructor(status, said) {
      super(said.message || speak("work.server-answered", { status: String(status) }));
      this.status = status;
      this.hints = said.hints || [];
      this.now = said.now || null;
    }
  }
  /** @param {string} action @param {object} of @returns {Promise<any>} */
  async function ask(action, of) {
    const response = await fetch(`/.work/do/${action}`, { method: "POST", headers: { "Content-Type": "application/json", "X-Tallybook-Key": key() }, body: JSON.stringify(of), credentials: "same-origin", redirect: "error" }).catch(() => { throw new Error(speak("work.no-answer")); });
    const said = await response.json().catch(() => ({ message: speak("work.answer-cut") }));
    if (!response.ok) throw new Refused(response.status, said);
    return said;
  }
  /** @param {string} text @param {boolean} [bad] */
  function say(text, bad) {
    kept.textContent = text;
    kept.classList.toggle("bad", !!bad);
  }
  /** @param {unknown} error @param {string} [lead] */
  function trouble(error, lead) {
    const hints = error instanceof Refused ? error.hints : [];
    return el("div.notice", { role: "alert" }, el("p", {}, el("b", {}, lead ? speak("work.lead", { lead }) : ""), why(error)), ...hints.map((hint) => el("p.quiet", {}, hint)));
  }

  // ---- words

  /** @param {{environment: Record<string, string>, parameters: Value[]}} of */
  const where = (of) => [...Object.entries(of.environment).map(([name, value]) => `${name}=${value}`), ...of.parameters.map(({ name, value }) => `${name}=${value ?? ""}`)].join(", ");
  /** @param {number} n @param {string} what */
  const count = (n, what) => speak(`work.n-${what}`, { n });
  /** What is planned has a status of its own, which says little to whoever executes it. @param {string} status */
  const named = (status) => status === "in_progress" ? speak("work.not-executed") : wording.status(status);
  /** @param {Open} open @param {string} id */
  const personName = (open, id) => open.people.find((person) => person.id === id)?.name || id;
  /** @param {[string, string | null][]} path */
  function path(...path) {
    crumbs.replaceChildren(...path.flatMap(([name, href], i) => [i ? el("span.slash", { "aria-hidden": "true" }, "/") : null, href ? el("a", { href, dir: "auto" }, name) : el("b", { "aria-current": "page", dir: "auto" }, name)]).filter((part) => part !== null));
    document.title = speak("work.title", { page: path[path.length - 1][0] });
  }
  /** @param {(Node | null)[]} nodes */
  const show = (...nodes) => main.replaceChildren(...nodes.filter((node) => node !== null));

  // ---- the queue

  /** @param {Open} open @param {Task} task */
  const hrefOf = (open, task) => `#${[open.project, open.id, task.id].map(encodeURIComponent).join("|")}`;
  /** What one goes on with: what is begun, what is mine, what is nobody's. @param {Open} open */
  function queueOf(open) {
    const left = open.tasks.filter((task) => !task.done && task.execution === "manual");
    const rank = (/** @type {Task} */ task) => task.begun !== null ? 0 : task.is_mine ? 1 : task.assignee === null ? 2 : 3;
    return left.filter((task) => rank(task) < 3).sort((a, b) => rank(a) - rank(b));
  }
  /** @returns {Promise<Open[]>} */
  async function read() {
    const { launches, unreadable } = await ask("queue", {});
    if (unreadable.length) say(speak("work.unreadable", { n: unreadable.length }), true);
    return launches;
  }

  async function home() {
    path([speak("work.execute-tests"), null]);
    const launches = await read();
    const changed = ask("changed", {}).catch(() => ({ paths: [] }));
    const next = launches.map((open) => ({ open, task: queueOf(open)[0] })).find(({ task }) => task);
    const mine = launches.flatMap((open) => queueOf(open)).filter((task) => task.is_mine || task.begun !== null).length;
    const free = launches.flatMap((open) => queueOf(open)).length - mine;
    const lead = !launches.length ? speak("work.no-launch-open") : mine ? speak("work.yours-to-execute", { n: mine }) : free ? speak("work.nobodys-yet", { n: free }) : speak("work.nothing-left");
    show(
      el("h1", {}, lead),
      launches.length ? el("p.lead", {}, mine && free ? speak("work.more-nobodys", { n: free }) : mine || free ? speak("work.kept-at-once") : speak("work.once-more"))
        : el("p.lead", {}, speak("work.open-one")),
      next ? el("p.acts", {}, el("a.act.main", { href: hrefOf(next.open, next.task) }, next.task.begun !== null ? speak("work.go-on") : speak("work.execute-first"), el("span", { dir: "auto" }, next.task.name))) : el("p.acts", {}, el("button.act", { type: "button", onclick: () => route() }, speak("work.look-again"))),
      el("p.lead", {}, ...speak.parts("work.open-or-write", { open: el("a", { href: "#start" }, speak("work.open-a-launch")), write: el("a", { href: "#cases" }, speak("work.write-cases")) })),
      ...launches.map((open) => launch(open)));
    const { paths } = await changed;
    if (paths.length && !current && !location.hash.slice(1)) main.querySelector(".acts")?.after(el("p.lead", {}, ...speak.parts("work.not-committed", { n: paths.length, look: el("a", { href: "#changes" }, speak("work.look-at-changes")) })));
  }

  /** @param {Open} open */
  function launch(open) {
    const manual = open.tasks.filter((task) => task.execution === "manual");
    const left = manual.filter((task) => !task.done);
    const groups = /** @type {[string, Task[]][]} */ ([
      [speak("work.yours"), left.filter((task) => task.is_mine || task.begun !== null)],
      [speak("work.nobodys"), left.filter((task) => task.assignee === null && task.begun === null)],
      [speak("work.of-others"), left.filter((task) => task.assignee !== null && !task.is_mine && task.begun === null)],
    ]);
    const automated = open.tasks.filter((task) => task.execution !== "manual" && !task.done);
    const done = open.tasks.filter((task) => task.done);
    const failed = done.filter((task) => ["failed", "broken"].includes(task.status));
    const people = open.planned?.people || [];
    const totals = ["failed", "broken", "unknown", "skipped", "passed", "in_progress"].filter((status) => open.totals[status]);
    const said = el("div", {});
    /** @param {HTMLButtonElement} button @param {string} action @param {object} more @param {(done: any) => (Node | null)} tell */
    const act = async (button, action, more, tell) => {
      button.disabled = true;
      said.replaceChildren(el("p.quiet", {}, speak("work.working")));
      try { const done = tell(await ask(action, { project: open.project, launch: open.id, ...more })); said.replaceChildren(...(done ? [done] : [])); } catch (error) { said.replaceChildren(trouble(error)); }
      button.disabled = false;
    };
    return el("section.open", { "aria-label": open.name },
      el("h2", { dir: "auto" }, open.name),
      el("p.from", {}, [open.project_name, open.plan ? speak("work.plan", { name: open.plan }) : "", where({ environment: open.environment, parameters: [] }), open.shared_on ? speak("work.shared-on", { remote: open.shared_on }) : speak("work.here-alone"), speak("work.you-are", { name: personName(open, open.who) })].filter(Boolean).join(" · ")),
      el("p.from", {}, ...totals.flatMap((status) => [mark(status), ` ${speak("verdict.count", { n: open.totals[status], what: named(status) })}  `])),
      people.length ? el("table.people", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, speak("work.who")), el("th.num", { scope: "col" }, speak("work.done")), el("th", { scope: "col" }, el("span.quiet", {}, speak("work.progress"))))),
        el("tbody", {}, people.map((person) => el("tr", {}, el("td", { dir: "auto" }, person.assignee ? personName(open, person.assignee) : speak("work.nobody")), el("td.num", {}, speak("share.of", { part: person.done, all: person.total })), el("td", {}, gauge(person.done, person.total)))))) : null,
      ...groups.filter(([, tasks]) => tasks.length).map(([name, tasks]) => el("div", {}, el("h3", {}, name, el("span.n", {}, thousands(tasks.length))), list(open, tasks, said))),
      automated.length ? el("p.from", {}, speak("work.for-automation", { n: automated.length })) : null,
      failed.length ? el("div", {}, el("h3", {}, speak("work.failed"), el("span.n", {}, thousands(failed.length))), list(open, failed, said)) : null,
      done.length > failed.length ? el("details", {}, el("summary", {}, speak("work.other-results", { n: done.length - failed.length })), list(open, done.filter((task) => !failed.includes(task)), said)) : null,
      open.planned?.unplanned_results?.length ? el("details", {}, el("summary", {}, speak("work.unplanned", { n: open.planned.unplanned })), el("ul.tasks", {}, open.planned.unplanned_results.slice(0, 200).map((one) => el("li", {}, mark(one.status), el("span.name", { dir: "auto" }, ` ${one.name}`))))) : null,
      el("div.acts", {},
        el("a.act", { href: `#${["close", open.project, open.id].map(encodeURIComponent).join("|")}` }, speak("work.close-this")),
        failed.length ? el("button.act", { type: "button", onclick: (event) => act(/** @type {HTMLButtonElement} */ (event.currentTarget), "triage", {}, (said) => triage(open, said)) }, speak("work.what-failures-need")) : null,
        open.shared_on ? el("button.act", { type: "button", onclick: (event) => act(/** @type {HTMLButtonElement} */ (event.currentTarget), "sync", {}, (said) => { setTimeout(route, 1500); return told(said.told); }) }, speak("work.share-with", { remote: open.shared_on })) : null),
      said);
  }
  /** @param {number} done @param {number} total */
  function gauge(done, total) {
    return svg("svg", { class: "gauge", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width: total ? Math.max(done ? 2 : 0, done * 100 / total) : 0, height: 8 }));
  }
  /** @param {Open} open @param {Task[]} tasks @param {HTMLElement} said */
  function list(open, tasks, said) {
    return el("ul.tasks", {}, tasks.map((task) => {
      const to = el("select", { "aria-label": speak("work.whose", { test: task.name }) }, el("option", { value: "" }, speak("work.nobody")), ...open.people.map((person) => el("option", { value: person.id }, person.name)));
      to.value = task.assignee || "";
      to.addEventListener("change", async () => {
        try { await ask("assign", { project: open.project, launch: open.id, tasks: [task.id], to: to.value || null }); await route(); } catch (error) { to.value = task.assignee || ""; said.replaceChildren(trouble(error)); }
      });
      return el("li", {}, el("a", { href: hrefOf(open, task) }, mark(task.status), el("span.name", { dir: "auto" }, task.name), el("small", {}, [task.case, where(task)].filter(Boolean).join(" · ")),
        task.begun !== null ? el("span.flag", {}, task.begun ? speak("work.steps-answered", { n: task.begun }) : speak("work.begun")) : null, ...task.defects.map((id) => el("span.flag", {}, id)), task.done ? el("span.flag", {}, speak("work.execute-again")) : null), task.done ? null : to);
    }));
  }
  /** @typedef {{title: string, status: string, results: number, tests: {id: string, name: string}[], today: {defect?: string, id?: string}[], suggestions: {defect: string, title: string, state: string, reason: string}[]}} Cluster */
  /** What failures need: the defect that they look like, or a new one. @param {Open} open @param {{answer: string, told: string[]}} said */
  function triage(open, said) {
    /** @type {{clusters: Cluster[]} | null} */
    let found = null;
    try { found = JSON.parse(said.answer); } catch { /* told below */ }
    if (!found) return told(said.told);
    return el("div.needs", {}, el("h3", {}, found.clusters.length ? speak("work.groups-without", { n: found.clusters.length }) : speak("work.all-answered-for")),
      ...found.clusters.map((cluster) => {
        const title = el("input", { type: "text", "aria-label": speak("work.the-problem"), value: cluster.title });
        const done = el("div", {});
        /** @param {object} of */
        const link = async (of) => {
          done.replaceChildren(el("p.quiet", {}, speak("work.working")));
          try { const { told: lines } = await ask("defect", { project: open.project, launch: open.id, result: cluster.tests[0].id, ...of }); done.replaceChildren(el("div.notice", { role: "status" }, ...quietly(lines), el("p", {}, ...speak.parts("work.counts-when-committed", { look: el("a", { href: "#changes" }, speak("work.look-at-changes")) })))); } catch (error) { done.replaceChildren(trouble(error)); }
        };
        return el("div.need", {}, el("p", {}, mark(cluster.status), el("b", { dir: "auto" }, cluster.title)), el("p.from", {}, speak("work.results-in", { results: count(cluster.results, "result"), tests: cluster.tests.slice(0, 4).map((test) => test.name).join(speak("list.comma")) })),
          ...cluster.suggestions.map((one) => el("div.acts", {}, el("button.act", { type: "button", onclick: () => link({ defect: one.defect }) }, speak("work.it-is", { defect: one.defect })), el("span", { dir: "auto" }, one.state === "closed" ? speak("work.closed-defect", { title: one.title }) : one.title), el("span.quiet", {}, one.reason))),
          el("div.acts", {}, title, el("button.act", { type: "button", onclick: () => link({ defect: null, title: title.value }) }, speak("work.make-defect"))), done);
      }));
  }

  /** What changed in the documentation and is not committed. */
  async function changes() {
    path([speak("work.execute-tests"), "#"], [speak("work.changes"), null]);
    const { paths, tree, review, branch, remote } = await ask("pending", {});
    if (!paths.length) return show(el("h1", {}, speak("work.all-committed")), el("p.acts", {}, el("a.act", { href: "#" }, speak("work.what-is-open"))));
    const message = el("input", { type: "text", id: "message", autocomplete: "off" });
    const onto = el("input", { type: "text", id: "branch", autocomplete: "off", placeholder: branch ? branch.replace("refs/heads/", "") : "" });
    const push = el("input", { type: "checkbox", id: "push" });
    const said = el("div", {});
    const button = el("button.act.main", { type: "button" }, speak("work.commit-it"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const done = await ask("commit", { tree, message: message.value, branch: onto.value, push: push.checked });
        show(el("h1", {}, speak("work.committed")), el("p.lead", {}, [done.branch ? speak("work.commit-on-branch", { commit: done.commit, branch: done.branch }) : speak("work.commit", { commit: done.commit }), done.remote ? (done.branch ? speak("work.on-remote-to-merge", { remote: done.remote }) : speak("work.on-remote", { remote: done.remote })) : speak("work.on-this-machine")].join(" ")), done.unpushed ? el("div.notice", { role: "alert" }, el("p", {}, el("b", {}, speak("work.lead", { lead: speak("work.not-pushed") })), done.unpushed)) : null, el("p.acts", {}, el("a.act.main", { href: "#" }, speak("work.what-is-open"))));
      } catch (error) { said.replaceChildren(trouble(error, speak("work.not-committed-lead"))); button.disabled = false; }
    });
    return show(el("h1", {}, speak("work.files-to-commit", { n: paths.length })), el("p.lead", {}, speak("work.what-changes-mean")),
      el("pre.notice", {}, [review?.answer || "", ...(review?.told || [])].join("\n").trim()), el("details", {}, el("summary", {}, speak("work.files")), el("ul", {}, paths.map((/** @type {string} */ one) => el("li.mono", {}, one)))),
      el("p", {}, el("label.lead", { for: "message" }, speak("work.ask-message")), message), el("p", {}, el("label.lead", { for: "branch" }, speak("work.ask-branch")), onto), remote ? el("p", {}, el("label", {}, push, ` ${speak("work.push-it", { remote })}`)) : null,
      el("p.acts", {}, button, el("a.act", { href: "#" }, speak("work.not-yet"))), said);
  }

  /** What git and the ledger did. @param {string[]} lines */
  const told = (lines) => lines.length ? el("div.notice", { role: "status" }, ...quietly(lines)) : null;
  /** Hints name commands, which nobody needs here. @param {string[]} lines */
  const quietly = (lines) => lines.filter((line) => !line.startsWith("hint: ")).map((line) => el("p", {}, line));

  // ---- opening

  /** @typedef {{id: string, name: string}} Named */
  /** A launch in which everything that a plan selects is planned. */
  async function start() {
    path([speak("work.execute-tests"), "#"], [speak("work.open-a-launch"), null]);
    /** @type {{projects: {project: string, name: string, plans: (Named & {description: string | null})[], people: Named[]}[], has_remote: boolean}} */
    const { projects, has_remote } = await ask("plans", {});
    const all = projects.flatMap((project) => project.plans.map((plan) => ({ project, plan })));
    if (!all.length) return show(el("h1", {}, speak("work.no-plan-yet")), el("p.lead", {}, ...speak.parts("work.a-plan-is", { file: el("code", {}, "projects/shop/plans/smoke.yaml"), name: el("code", {}, "name: Smoke"), query: el("code", {}, "query: tag = smoke") })), el("p.acts", {}, el("a.act", { href: "#" }, speak("work.back"))));
    const which = el("select", { id: "plan" }, ...all.map(({ project, plan }, i) => el("option", { value: String(i) }, projects.length > 1 ? speak("work.plan-of", { plan: plan.name, project: project.name }) : plan.name)));
    const name = el("input", { type: "text", id: "name", autocomplete: "off" });
    const environment = el("textarea", { id: "environment", rows: 2, placeholder: "browser=chrome,firefox", spellcheck: "false" });
    const push = el("input", { type: "checkbox", id: "push" });
    const about = el("p.lead", { role: "status" });
    const people = el("div", {});
    const said = el("div", {});
    const button = el("button.act.main", { type: "button" }, speak("work.open-it"));
    const chosen = () => all[Number(which.value)];
    let round = 0;
    const look = async () => {
      const { project, plan } = chosen();
      const mine = ++round;
      name.placeholder = plan.name;
      people.replaceChildren(...(project.people.length ? [el("p.lead", {}, speak("work.ask-people")), ...project.people.map((one) => el("label.who", {}, el("input", { type: "checkbox", value: one.id }), ` ${one.name}`))] : []));
      about.textContent = plan.description || "";
      try {
        const { counts, told: lines } = await ask("plan", { project: project.project, plan: plan.id });
        if (mine !== round) return;
        button.disabled = !counts?.selected;
        about.textContent = counts ? `${plan.description ? `${plan.description} ` : ""}${speak("work.it-selects", { cases: count(counts.selected, "case"), manual: counts.manual, automated: counts.automated })}` : lines.filter((/** @type {string} */ line) => !line.startsWith("hint: ")).join(" ");
      } catch (error) { if (mine === round) about.textContent = why(error); }
    };
    which.addEventListener("change", look);
    button.addEventListener("click", async () => {
      const { project, plan } = chosen();
      button.disabled = true;
      said.replaceChildren(el("p.quiet", {}, speak("work.opening")));
      try {
        const given = [...people.querySelectorAll("input")].filter((one) => one.checked).map((one) => one.value);
        const done = await ask("start", { project: project.project, plan: plan.id, name: name.value.trim() || plan.name, environment: environment.value, people: given, push: push.checked });
        if (done.ok) { location.hash = ""; return; }
        said.replaceChildren(el("div.notice", { role: "alert" }, ...quietly(done.told)));
      } catch (error) { said.replaceChildren(trouble(error, speak("work.not-opened"))); }
      button.disabled = false;
    });
    show(el("h1", {}, speak("work.open-a-launch")), el("p", {}, el("label.lead", { for: "plan" }, speak("work.ask-plan")), which), about,
      el("p", {}, el("label.lead", { for: "name" }, speak("work.ask-name")), name),
      el("p", {}, el("label.lead", { for: "environment" }, speak("work.ask-environments")), environment),
      people, has_remote ? el("p", {}, el("label", {}, push, ` ${speak("work.share-it")}`)) : null,
      el("p.acts", {}, button, el("a.act", { href: "#" }, speak("work.not-yet"))), said);
    await look();
  }

  // ---- closing

  /** @param {string} project @param {string} id */
  async function closing(project, id) {
    const launches = await read();
    const open = launches.find((one) => one.project === project && one.id === id);
    path([speak("work.execute-tests"), "#"], [speak("work.close"), null]);
    if (!open) return show(el("h1", {}, speak("work.no-longer-open")), el("p.acts", {}, el("a.act", { href: "#" }, speak("work.back"))));
    const left = open.tasks.filter((task) => !task.done).length;
    const failed = open.totals.failed || 0, broken = open.totals.broken || 0;
    const reason = el("input", { type: "text", id: "reason", autocomplete: "off" });
    const meaning = el("input", { type: "text", id: "meaning", autocomplete: "off", placeholder: speak("work.such-meaning") });
    const unfinished = el("input", { type: "text", id: "unfinished", autocomplete: "off", placeholder: speak("work.such-reason") });
    const push = el("input", { type: "checkbox", id: "push" });
    push.checked = !!open.shared_on;
    const said = el("div", {});
    const button = el("button.act.main", { type: "button" }, speak("work.close-it"));
    button.addEventListener("click", async () => {
      if (left && !unfinished.value.trim()) { said.replaceChildren(trouble(new Error(speak("work.would-stay", { n: left })))); unfinished.focus(); return; }
      button.disabled = true;
      said.replaceChildren(el("p.quiet", {}, speak("work.closing")));
      try {
        const done = await ask("close", { project, launch: id, reason: reason.value, meaning: meaning.value, unfinished: left ? unfinished.value : null, push: push.checked });
        if (!done.ok) { said.replaceChildren(el("div.notice", { role: "alert" }, el("p", {}, el("b", {}, speak("work.not-closed-yet"))), ...done.told.map((/** @type {string} */ line) => el("p", {}, line)))); button.disabled = false; return; }
        show(el("h1", {}, speak("work.is-closed", { launch: open.name })), el("p.lead", {}, push.checked ? speak("work.closed-on-remote") : speak("work.closed-here")),
          el("div.notice", {}, el("p", {}, speak("work.receipt")), el("pre", {}, done.answer.trim()), el("p.quiet", {}, speak("work.keep-receipt"))), told(done.told), el("p.acts", {}, el("a.act.main", { href: "#" }, speak("work.back-to-open")), el("a.act", { href: "/" }, speak("work.see-it"))));
      } catch (error) { said.replaceChildren(trouble(error, speak("work.not-closed"))); button.disabled = false; }
    });
    show(el("h1", {}, speak("work.close-launch", { launch: open.name })),
      el("p.lead", {}, speak("work.what-closing-does", { results: count(open.totals.total || 0, "result"), statuses: ["failed", "broken", "unknown", "skipped", "passed", "in_progress"].filter((status) => open.totals[status]).map((status) => speak("verdict.count", { n: open.totals[status], what: named(status) })).join(speak("list.comma")) || speak("work.none") })),
      failed + broken ? el("p.lead", {}, speak("work.failures-to-answer", { n: failed + broken })) : null,
      ...open.lacks.map((line) => el("div.notice", {}, el("p", {}, line))),
      left ? el("div", {}, el("label.lead", { for: "unfinished" }, speak("work.ask-unfinished", { n: left })), unfinished) : null,
      el("p", {}, el("label.lead", { for: "reason" }, speak("work.ask-reason")), reason),
      el("p", {}, el("label.lead", { for: "meaning" }, speak("work.ask-meaning")), meaning),
      open.has_remote ? el("p", {}, el("label", {}, push, ` ${speak("work.push-closing")}`)) : null,
      el("p.acts", {}, button, el("a.act", { href: "#" }, speak("work.not-yet"))), said);
  }

  // ---- writing cases

  /** @typedef {{level: string, code: string, line: number | null, message: string, help: string | null}} Finding */
  async function cases() {
    path([speak("work.execute-tests"), "#"], [speak("work.cases"), null]);
    /** @type {{projects: {project: string, name: string, cases: {id: string, title: string, section: string, execution: string, owner: string | null}[]}[]}} */
    const { projects } = await ask("cases", {});
    const all = projects.flatMap((project) => project.cases.map((one) => ({ project, one, text: `${one.id} ${one.title} ${one.section} ${project.name}`.toLowerCase() })));
    const filter = el("input", { type: "text", "aria-label": speak("work.filter-cases"), placeholder: speak("work.filter-by"), autocomplete: "off" });
    const list = el("ul.tasks", {});
    const draw = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fit = all.filter(({ text }) => words.every((word) => text.includes(word)));
      list.replaceChildren(...fit.slice(0, 300).map(({ project, one }) => el("li", {}, el("a", { href: `#${["write", project.project, one.id].map(encodeURIComponent).join("|")}` }, el("span.name", { dir: "auto" }, one.title), el("small", {}, [one.id, projects.length > 1 ? project.name : "", one.section, one.owner || ""].filter(Boolean).join(" · ")), one.execution === "manual" ? el("span.flag", {}, wording.flag("manual")) : null))),
        ...(fit.length > 300 ? [el("li", {}, speak("work.and-more", { n: fit.length - 300 }))] : fit.length ? [] : [el("li.quiet", {}, speak("work.no-case-fits"))]));
    };
    filter.addEventListener("input", draw);
    const title = el("input", { type: "text", id: "title", autocomplete: "off", placeholder: speak("work.such-title") });
    const section = el("input", { type: "text", id: "section", autocomplete: "off", placeholder: "auth/sign-in" });
    const where = el("select", { id: "project" }, ...projects.map((project) => el("option", { value: project.project }, project.name)));
    const said = el("div", {});
    const make = el("button.act", { type: "button", onclick: async () => {
      try { const made = await ask("new", { project: where.value, title: title.value, section: section.value }); location.hash = ["write", where.value, made.case].map(encodeURIComponent).join("|"); } catch (error) { said.replaceChildren(trouble(error)); }
    } }, speak("work.make-it"));
    draw();
    show(el("h1", {}, count(all.length, "case")), el("details", {}, el("summary", {}, speak("work.write-new")), el("label.lead", { for: "title" }, speak("work.ask-title")), title, el("label.lead", { for: "section" }, speak("work.ask-section")), section,
      projects.length > 1 ? el("label.lead", { for: "project" }, speak("work.ask-project")) : null, projects.length > 1 ? where : null, el("p.acts", {}, make), said), el("p", {}, filter), list);
    filter.focus();
  }

  /** A text that is not saved yet. */
  let unsaved = false;
  /** @param {string} project @param {string} id */
  async function writing(project, id) {
    const of = { project, case: id };
    const got = await ask("text", of);
    path([speak("work.execute-tests"), "#"], [speak("work.cases"), "#cases"], [id, null]);
    // A page has its own ends of lines; the file keeps its.
    let digest = got.digest, saved = got.text.replaceAll("\r\n", "\n"), checking = 0, round = 0;
    unsaved = false;
    const text = el("textarea.source", { "aria-label": speak("work.case-as-file"), spellcheck: "true", rows: 24 });
    text.value = saved;
    const preview = el("div.prose", {});
    const findings = el("div.findings", { role: "status" });
    const said = el("div", {});
    /** @param {{findings: Finding[], html: string}} shown */
    const paint = (shown) => {
      // The server's renderer leaves nothing in it that acts, and the page's policy runs nothing inline.
      preview.innerHTML = shown.html;
      findings.replaceChildren(...(shown.findings.length ? shown.findings.map((one) => el(`p.${one.level}`, {}, el("b", {}, one.level), one.line ? el("button.plain", { type: "button", onclick: () => toLine(one.line || 1) }, speak("work.line", { number: String(one.line) })) : null, ` ${one.message} `, el("span.quiet", {}, [one.code, one.help || ""].filter(Boolean).join(" · ")))) : [el("p.quiet", {}, speak("work.nothing-wrong"))]));
    };
    /** @param {number} line */
    const toLine = (line) => { const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0); text.focus(); text.setSelectionRange(start, start); };
    const keep = el("button.act.main", { type: "button" }, speak("work.save"));
    const mark = () => { unsaved = text.value !== saved; keep.disabled = !unsaved; say(unsaved ? speak("work.not-saved") : ""); };
    const check = async () => {
      const mine = ++round;
      try { const shown = await ask("check", { ...of, path: got.path, text: text.value }); if (mine === round) paint(shown); } catch (error) { if (mine === round) findings.replaceChildren(trouble(error)); }
    };
    const save = async () => {
      keep.disabled = true;
      try {
        const sent = text.value;
        const shown = await ask("save", { ...of, path: got.path, text: sent, digest });
        digest = shown.digest; saved = sent; said.replaceChildren(el("p.quiet", {}, ...speak.parts("work.saved-as-file", { look: el("a", { href: "#changes" }, speak("work.look-at-changes")) })));
        paint(shown); mark(); say(unsaved ? speak("work.not-saved") : speak("work.saved"));
      } catch (error) {
        const now = /** @type {{text: string, digest: string} | null} */ (error instanceof Refused ? /** @type {unknown} */ (error.now) : null);
        const take = now ? el("div.acts", {}, el("button.act", { type: "button", onclick: () => { text.value = saved = now.text.replaceAll("\r\n", "\n"); digest = now.digest; said.replaceChildren(); mark(); check(); } }, speak("work.load-theirs")), el("button.act", { type: "button", onclick: () => { digest = now.digest; save(); } }, speak("work.save-mine"))) : null;
        said.replaceChildren(trouble(error, speak("work.not-saved")), ...(take ? [take] : []));
        mark();
      }
    };
    keep.addEventListener("click", save);
    text.addEventListener("input", () => { mark(); clearTimeout(checking); checking = setTimeout(check, 400); });
    text.addEventListener("keydown", (event) => { if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (unsaved) save(); } });
    const to = el("input", { type: "text", id: "to", autocomplete: "off", value: got.path.split("/cases/")[1]?.split("/").slice(0, -1).join("/") || "" });
    const move = el("button.act", { type: "button", onclick: async () => {
      if (unsaved) { said.replaceChildren(trouble(new Error(speak("work.save-first")), speak("work.not-moved"))); return; }
      try { const done = await ask("move", { ...of, to: to.value }); said.replaceChildren(el("div.notice", { role: "status" }, ...quietly(done.told))); } catch (error) { said.replaceChildren(trouble(error, speak("work.not-moved"))); }
    } }, speak("work.move-it"));
    show(el("h1", { dir: "auto" }, id), el("p.case-head", {}, el("span.mono", {}, got.path)), el("div.desk", {}, text, el("div", {}, el("h2.looks", {}, speak("work.looks-like")), preview)), findings, el("p.acts", {}, keep, el("a.act", { href: "#cases" }, speak("work.all-cases"))), said,
      el("details", {}, el("summary", {}, speak("work.move-to")), el("label.lead", { for: "to" }, speak("work.such-section")), to, el("p.acts", {}, move)));
    paint(got);
    mark();
    text.focus({ preventScroll: true });
    text.setSelectionRange(0, 0);
  }

  // ---- one case

  /** @type {{which: {project: string, launch: string, task: string}, at: Execution, now: number, since: number, notice: Node | null} | null} */
  let current = null;
  /** What is sent and not kept yet, in order. @type {{change: Change, took: number}[]} */
  const pending = [];
  let sending = false;
  /** While a result is recorded nothing is added to it. */
  let recording = false;

  /** @param {string} project @param {string} id @param {string} task */
  async function execute(project, id, task) {
    const which = { project, launch: id, task };
    const at = /** @type {Execution} */ (await ask("open", which));
    const open = at.questions.find((step) => !at.draft.steps[step].answer);
    current = { which, at, now: open ?? at.questions[0] ?? -1, since: Date.now(), notice: null };
    path([speak("work.execute-tests"), "#"], [at.draft.name, null]);
    say(at.digest ? speak("work.kept-before") : "");
    paint(true);
  }

  /** Milliseconds since the last answer; a page that nobody sees does no work. */
  function took() {
    if (!current) return 0;
    const ms = hidden ? Math.max(0, hidden - current.since) : Date.now() - current.since;
    current.since = Date.now();
    return Math.min(ms, 3600000);
  }
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hidden = Date.now();
    else { if (hidden && current) current.since += Date.now() - hidden; hidden = 0; }
  });

  /** @param {Change} change */
  function edit(change) {
    if (recording) return;
    pending.push({ change, took: took() });
    say(speak("work.keeping"));
    send();
  }
  async function send() {
    if (sending || !current) return;
    sending = true;
    while (pending.length && current) {
      /** @type {NonNullable<typeof current>} */
      const mine = current;
      const { change, took } = pending[0];
      try {
        const at = /** @type {Execution} */ (await ask("edit", { ...mine.which, digest: mine.at.digest, took, step: null, ...change }));
        pending.shift();
        if (current !== mine) continue;
        mine.at = at;
        if (!pending.length) { say(speak("work.kept-at", { time: new Date().toTimeString().slice(0, 5) })); refresh(); }
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 503) { say(speak("work.not-kept-retrying"), true); await new Promise((done) => setTimeout(done, 1500)); continue; }
        if (error.status === 401) { say(speak("work.not-kept-locked"), true); await new Promise((done) => setTimeout(done, 3000)); continue; }
        pending.shift();
        say(speak("work.not-kept"), true);
        const words = typeof change.text === "string" && change.text ? el("pre", {}, change.text) : null;
        // What was typed behind it is tried on what is there now; only answers that it may contradict are dropped.
        if (error.now && current === mine) { mine.at = error.now; for (let i = pending.length - 1; i >= 0; i--) if (pending[i].change.do === "answer" || pending[i].change.do === "stop") pending.splice(i, 1); }
        // A refusal without a state leaves the page ahead of what is kept.
        if (!error.now && current === mine) mine.at = await ask("open", mine.which).catch(() => mine.at);
        mine.notice = el("div.notice", { role: "alert" }, el("p", {}, why(error)), words ? el("p.quiet", {}, speak("work.what-you-wrote")) : null, words);
        paint(false);
      }
    }
    sending = false;
  }
  addEventListener("beforeunload", (event) => { if (pending.length || unsaved) event.preventDefault(); });

  /** The step that is next after one was answered, else -1: the whole. @param {number} step */
  function after(step) {
    if (!current) return -1;
    const { questions, draft } = current.at;
    const later = questions.filter((one) => one > step && !draft.steps[one].answer);
    return later[0] ?? questions.find((one) => one !== step && !draft.steps[one].answer) ?? -1;
  }
  /** @param {number} step @param {string} status */
  function answer(step, status) {
    if (!current || recording) return;
    const of = step < 0 ? current.at.draft : current.at.draft.steps[step];
    const same = of.answer?.status === status;
    of.answer = same ? null : { status, took: 0 };
    edit({ do: "answer", step: step < 0 ? null : step, status: same ? null : status });
    // Who sees a failure writes what is wrong, then goes on.
    if (!same && step >= 0 && (status === "passed" || status === "skipped")) current.now = after(step);
    paint(true);
    if (!same && (status === "failed" || status === "broken")) area(step)?.focus();
  }
  /** @param {number} step @returns {HTMLTextAreaElement | null} */
  const area = (step) => main.querySelector(`textarea[data-step="${step}"]`);

  /** @param {number} step @param {FileList | File[]} files */
  async function attach(step, files) {
    const mine = current;
    for (const file of files) {
      if (file.size > 24e6) { if (current) { current.notice = trouble(new Error(speak("work.file-too-large", { file: file.name, size: wording.size(file.size), most: speak("bytes.mb", { n: "24" }) }))); paint(false); } continue; }
      const data = await new Promise((done, fail) => { const reader = new FileReader(); reader.onload = () => done(String(reader.result).split(",")[1] || ""); reader.onerror = () => fail(reader.error); reader.readAsDataURL(file); });
      // Whoever went on to another case meanwhile attaches nothing there.
      if (current !== mine) return;
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      const name = file.name && !/^image\.\w+$/.test(file.name) ? file.name : `screenshot-${stamp}.${file.type.split("/")[1]?.replace(/\W.*/, "") || "bin"}`;
      edit({ do: "attach", step: step < 0 ? null : step, name, data });
    }
  }

  /** @param {boolean} scroll */
  function paint(scroll) {
    if (!current) return;
    const { at, now } = current;
    const { draft } = at;
    const written = new Map([...main.querySelectorAll("textarea")].map((area) => [area.dataset.step, area.value]));
    const focused = document.activeElement instanceof HTMLTextAreaElement ? document.activeElement.dataset.step : null;
    show(el("h1", { dir: "auto" }, draft.name),
      el("p.case-head", {}, el("span.mono", {}, draft.case), el("span", {}, where(draft)), el("span", { id: "clock" }, clock())),
      current.notice,
      at.before ? el("div.notice", {}, el("p", {}, mark(at.before), ` ${at.before === "passed" ? speak("work.passed-already") : speak("work.is-already", { status: wording.status(at.before) })}`)) : null,
      at.changed && at.digest ? el("div.notice", {}, el("p", {}, ...speak.parts("work.case-changed", { anew: el("button.plain", { type: "button", onclick: restart }, speak("work.anew-by-text")) }))) : null,
      draft.description || draft.preconditions ? el("div.before-steps", {}, draft.description ? el("p.said-text", { dir: "auto" }, draft.description) : null, draft.preconditions ? el("h2", {}, speak("work.before-you-begin")) : null, draft.preconditions ? el("p.said-text", { dir: "auto" }, draft.preconditions) : null) : null,
      at.addresses.length ? el("p.case-head", {}, speak("work.addresses"), ...at.addresses.map((url) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url))) : null,
      el("ol.steps-to-do", { "aria-label": speak("work.steps") }, draft.steps.map((step, i) => stepView(step, i, now))),
      whole());
    for (const area of main.querySelectorAll("textarea")) {
      const typed = written.get(area.dataset.step);
      const step = Number(area.dataset.step);
      const stored = (step < 0 ? draft.comment : draft.steps[step]?.comment) || "";
      area.value = typed !== undefined && pending.some(({ change }) => change.do === "comment") ? typed : stored;
      if (area.dataset.step === focused) area.focus();
    }
    if (scroll) main.querySelector(".todo.now")?.scrollIntoView({ block: "nearest" });
  }
  /** Paints what was kept, unless somebody is typing. */
  function refresh() { if (!(document.activeElement instanceof HTMLTextAreaElement)) paint(false); }
  const clock = () => current ? human(current.at.draft.worked + Math.max(0, Math.min(Date.now() - current.since, 3600000))).replace(/\.\d s/, " s") : "";
  setInterval(() => { const clocked = document.getElementById("clock"); if (clocked && !document.hidden) clocked.textContent = clock(); }, 1000);

  /** @param {Step} step @param {number} i @param {number} now */
  function stepView(step, i, now) {
    const asked = !!current?.at.questions.includes(i);
    return el(`li.todo${i === now ? ".now" : ""}${step.depth ? ".inner" : ""}`, { "aria-current": i === now ? "step" : null, onclick: () => { if (asked && current && current.now !== i) { current.now = i; for (const other of main.querySelectorAll(".todo.now")) other.classList.remove("now"); main.querySelectorAll(".todo")[i]?.classList.add("now"); } } },
      el("div.asked", {}, el("span.number", {}, step.number), el("span.said-text", { dir: "auto" }, step.action),
        step.data ? el("div.wants", {}, el("b", {}, speak("work.data")), el("span.said-text", { dir: "auto" }, step.data)) : null,
        step.expected ? el("div.wants", {}, el("b", {}, speak("work.expected")), el("span.said-text", { dir: "auto" }, step.expected)) : null),
      asked ? answers(i, step.answer?.status) : null,
      asked ? more(i, step) : null);
  }
  /** @param {number} step @param {string | undefined} status */
  function answers(step, status) {
    return el("div.verdicts", { role: "group", "aria-label": step < 0 ? speak("work.how-ended") : speak("work.step", { number: current?.at.draft.steps[step].number || "" }) }, ANSWERS.map(([value, text, key]) =>
      el(`button.s-${value}`, { type: "button", "aria-pressed": String(status === value), onclick: () => answer(step, value) }, mark(value), text, step === current?.now ? el("kbd", { "aria-hidden": "true" }, key) : null)));
  }
  /** @param {number} step @param {{comment: string | null, files: Kept[]}} of */
  function more(step, of) {
    const text = el("textarea", { "data-step": step, rows: 1, placeholder: speak("work.what-seen"), "aria-label": step < 0 ? speak("work.what-seen") : speak("work.what-seen-in", { number: current?.at.draft.steps[step].number || "" }), spellcheck: "true" });
    let timer = 0;
    const mine = current;
    const keep = () => { clearTimeout(timer); if (!current || current.which !== mine?.which) return; const own = step < 0 ? current.at.draft : current.at.draft.steps[step]; if ((own.comment || "") === text.value.trimEnd()) return; own.comment = text.value.trimEnd() || null; edit({ do: "comment", step: step < 0 ? null : step, text: text.value }); };
    text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 600); });
    text.addEventListener("blur", keep);
    const file = el("input", { type: "file", multiple: true, "aria-label": speak("work.attach"), onchange: () => {} });
    file.addEventListener("change", () => { attach(step, file.files || []); file.value = ""; });
    return el("div.seen", {}, text,
      of.files.length ? el("ul.shots", {}, of.files.map((one) => el("li", {}, el("span", { dir: "auto" }, one.name), el("button.plain", { type: "button", onclick: () => edit({ do: "detach", step: step < 0 ? null : step, copy: one.copy }) }, speak("work.take-away"))))) : null,
      el("button.plain", { type: "button", onclick: () => file.click() }, speak("work.attach")), file, el("span.quiet", {}, speak("work.or-drop")));
  }
  function whole() {
    if (!current) return null;
    const { at } = current;
    const { draft, questions } = at;
    const left = questions.filter((step) => !draft.steps[step].answer).length;
    const ready = !left && (questions.length > 0 || draft.answer);
    const worst = questions.map((step) => draft.steps[step].answer?.status).filter((status) => status !== undefined);
    const status = draft.answer?.status || ["failed", "broken", "skipped", "passed"].find((one) => worst.includes(one)) || "";
    const link = el("input", { type: "url", id: "link", placeholder: "https://tracker.example.com/WEB-812", autocomplete: "off" });
    link.addEventListener("change", () => { if (link.value.trim()) { edit({ do: "link", url: link.value.trim() }); link.value = ""; } });
    return el("section.ending", { "aria-label": speak("work.result") },
      draft.postconditions ? el("div.before-steps", {}, el("h2", {}, speak("work.afterwards")), el("p.said-text", { dir: "auto" }, draft.postconditions)) : null,
      el("h2", {}, status ? mark(status) : null, left ? speak("work.steps-left", { n: left }) : status ? speak("work.the-result", { status: wording.status(status) }) : speak("work.how-ended")),
      questions.length ? el("p.lead", {}, draft.answer ? speak("work.said-whole") : speak("work.worst-decides")) : null,
      answers(-1, draft.answer?.status),
      more(-1, draft),
      el("label", { for: "link" }, speak("work.ask-link")), link,
      draft.links.length ? el("ul.shots", {}, draft.links.map((url) => el("li", {}, el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url), el("button.plain", { type: "button", onclick: () => edit({ do: "unlink", url }) }, speak("work.take-away"))))) : null,
      el("div.acts", {}, el("button.act.main", { type: "button", disabled: !ready, title: ready ? null : left ? speak("work.answer-first") : speak("work.end-first"), onclick: record, id: "record" }, speak("work.record-it")),
        left ? el("button.act", { type: "button", onclick: () => { edit({ do: "stop" }); } }, speak("work.skip-rest")) : null,
        el("a.act", { href: "#" }, speak("work.later")), at.digest ? el("button.plain", { type: "button", onclick: restart }, speak("work.begin-anew")) : null, help.button()));
  }
  async function settled() { while (pending.length || sending) await new Promise((done) => setTimeout(done, 50)); }
  async function restart() {
    if (!current || !confirm(speak("work.ask-anew"))) return;
    await settled();
    try { current.at = await ask("restart", { ...current.which, digest: current.at.digest }); current.now = current.at.questions[0] ?? -1; current.notice = null; say(speak("work.begun-anew")); } catch (error) { current.notice = trouble(error); }
    paint(true);
  }
  async function record() {
    if (!current) return;
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await settled();
    if (!current || recording) return;
    const mine = current;
    recording = main.inert = true;
    say(speak("work.recording"));
    try {
      const done = await ask("record", { ...mine.which, digest: mine.at.digest, uuid: mine.at.draft.uuid });
      done.status ||= mine.at.status;
      current = null;
      pending.length = 0;
      say(speak("work.recorded", { status: wording.status(done.status) }));
      const open = (await read()).find((one) => one.id === mine.which.launch && one.project === mine.which.project);
      const next = open && queueOf(open)[0];
      if (open && next && !done.absent.length) { location.hash = hrefOf(open, next); return; }
      path([speak("work.execute-tests"), "#"], [mine.at.draft.name, null]);
      show(el("h1", {}, mark(done.status), ` ${speak("work.recorded", { status: wording.status(done.status) })}`), ...done.absent.map((/** @type {string} */ line) => el("div.notice", {}, el("p", {}, line))),
        el("p.lead", {}, next ? "" : speak("work.nothing-left-here")), el("p.acts", {}, open && next ? el("a.act.main", { href: hrefOf(open, next) }, speak("work.next")) : null, el("a.act", { href: "#" }, speak("work.back-to-open"))));
    } catch (error) {
      if (!(error instanceof Refused)) { say(speak("work.not-recorded-retry"), true); return; }
      if (error.now) mine.at = error.now;
      mine.notice = trouble(error, speak("work.not-recorded"));
      say(speak("work.not-recorded"), true);
      paint(false);
      main.querySelector(".notice")?.scrollIntoView({ block: "center" });
    } finally { recording = main.inert = false; }
  }

  // ---- keys, files, the address

  help.add(speak("work.executing"), [["p f b s", speak("work.key-answers")], ["j k", speak("work.key-steps")], ["c", speak("work.key-write")], ["Esc", speak("work.key-leave")], ["r", speak("work.key-record")], ["q", speak("work.key-back")]], speak("work.dropped"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event) && document.activeElement instanceof HTMLElement) { document.activeElement.blur(); return; }
    if (typing(event) || help.isOpen() || !current) return;
    const { questions } = current.at;
    const place = questions.indexOf(current.now);
    const move = (/** @type {number} */ to) => { if (!current || !questions.length) return; current.now = to >= questions.length ? -1 : questions[Math.max(0, to)]; paint(true); if (current.now < 0) main.querySelector(".ending")?.scrollIntoView({ block: "nearest" }); };
    const status = ANSWERS.find(([, , key]) => key === event.key)?.[0];
    if (status) answer(current.now, status);
    else if (event.key === "j" || event.key === "ArrowDown") move(place < 0 ? questions.length : place + 1);
    else if (event.key === "k" || event.key === "ArrowUp") move(place < 0 ? questions.length - 1 : place - 1);
    else if (event.key === "c") area(current.now)?.focus();
    else if (event.key === "r") first(main, "button", "#record:not([disabled])")?.click();
    else if (event.key === "q") location.hash = "";
    else return;
    event.preventDefault();
  });
  const files = (/** @type {DataTransfer | null} */ data) => [...(data?.files || [])];
  document.addEventListener("paste", (event) => {
    const pasted = files(event.clipboardData);
    if (!current || !pasted.length) return;
    event.preventDefault();
    attach(current.now, pasted);
  });
  addEventListener("dragover", (event) => { if (current && event.dataTransfer?.types.includes("Files")) { event.preventDefault(); document.body.classList.add("dropping"); } });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
  addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!current) return;
    event.preventDefault();
    attach(current.now, files(event.dataTransfer));
  });

  async function route() {
    if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
    await settled();
    current = null;
    if (unsaved && !confirm(speak("work.ask-leave"))) { history.back(); return; }
    unsaved = false;
    const parts = location.hash.slice(1).split("|").map(decodeURIComponent);
    try {
      if (parts[0] === "changes") await changes();
      else if (parts[0] === "start") await start();
      else if (parts[0] === "cases") await cases();
      else if (parts[0] === "write" && parts.length === 3) await writing(parts[1], parts[2]);
      else if (parts[0] === "close" && parts.length === 3) await closing(parts[1], parts[2]);
      else if (parts.length === 3) await execute(parts[0], parts[1], parts[2]);
      else await home();
      main.focus({ preventScroll: true });
      if (!current) scrollTo(0, 0);
    } catch (error) {
      path([speak("work.execute-tests"), "#"]);
      show(el("h1", {}, error instanceof Refused && error.status === 401 ? speak("work.locked") : speak("work.not-read")), trouble(error), el("p.acts", {}, el("button.act", { type: "button", onclick: () => route() }, speak("work.try-again")), el("a.act", { href: "#" }, speak("work.what-is-open"))));
    }
  }
  // A list looks alive though its server ended; one case says so by itself, as each answer is sent.
  let gone = false;
  setInterval(async () => {
    if (document.hidden || current) return;
    const answers = await fetch("/.work/theme.js", { method: "HEAD", cache: "no-store" }).then(({ ok }) => ok, () => false);
    if (!answers && !current) say(speak("work.server-gone"), true);
    if (answers && gone && !current) { say(""); if (!unsaved) route(); }
    gone = !answers;
  }, 5000);

  // What the page itself says before this script is there.
  for (const [where, text] of [[".skip", speak("work.skip-to-content")], [".waiting", speak("work.reading")]]) { const one = document.querySelector(where); if (one) one.textContent = text; }
  document.querySelector(".brand")?.setAttribute("title", speak("work.the-site"));
  crumbs.setAttribute("aria-label", speak("work.path"));
  addEventListener("hashchange", () => { unlock(); route(); });
  unlock();
  route();
})();
