// What a reader can do on a site: search, filter, order, walk by keyboard, open and share a result, switch the theme.
//
// Usage: BROWSER=chromium node behaves.mjs SITE [WORDS]; the site is that of the playground; of checks, those that have the words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Browser, each, files, onDisk } from "./browser.mjs";

const site = resolve(process.argv[2]);
const root = onDisk(site);
const launch = `shop/launches/${files(join(site, "shop/launches"), "/results.html").at(-1).split("/")[0]}`;
const results = `${launch}/results.html`;

const text = (page, selector) => page.run(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? null`);
const count = (page, selector) => page.run(`[...document.querySelectorAll(${JSON.stringify(selector)})].filter((e) => e.checkVisibility()).length`);
const shown = (page) => count(page, ".item.leaf");
const said = (page) => text(page, ".said");
/** Waits until something holds. */
async function until(page, what, holds) {
  for (let n = 0; n < 200; n++) {
    if (await holds()) return;
    await page.run("new Promise((done) => setTimeout(done, 25))");
  }
  assert.fail(`never: ${what}`);
}
const says = (page, words) => until(page, `the list says ${words}; it says ${"…"}`, async () => words.test(await said(page)));

/** Opens the failed result that a filter leaves. */
async function one(page, words) {
  await page.goto(`${root}${results}#s=failed&q=${encodeURIComponent(words)}`, root);
  await says(page, /^1 of/);
  await page.key("j");
  await page.settled();
}

/** Makes what the page shows of a trace, and keeps it in the window. */
const shownTrace = (trace, frames) => `(() => { const box = document.createElement("div"); box.append(...resultView.view({ row: 0, r: { id: "x", name: "x", full: "", parameters: [], duration: 1, start: null, case: ["", "", ""], labels: [], history: "", environment: "", attempts: 1, shard: 0 }, d: { trace: ${JSON.stringify(trace)}, frames: "${frames}" }, status: "failed", path: [], head: { opened: 0, receipt: "", shards: [], launches: [] }, launch: "" }, { link: () => "#", open() {}, ask() {}, strip: () => null, past: () => "" })); window.shownTrace = box; })()`;

const CHECKS = {
  async "search finds a case from any page and Enter opens it"(page) {
    await page.goto(`${root}shop/index.html`, root);
    await page.key("/");
    await page.type("gift card");
    await until(page, "hits", async () => (await count(page, ".hits a")) > 0);
    assert.equal(await page.run("document.querySelector('[role=combobox]').getAttribute('aria-expanded')"), "true");
    await page.key("ArrowDown");
    assert.match(await page.run("document.querySelector('[role=combobox]').getAttribute('aria-activedescendant')"), /^hit-/);
    const to = await page.run("document.querySelector('.hits [aria-selected=true]').href");
    await page.key("Enter");
    await until(page, "the page of the hit", async () => (await page.run("location.href")) === to);
  },
  async "search on the overview looks through all projects"(page) {
    await page.goto(`${root}index.html`, root);
    await page.key("/");
    await page.type("gift card");
    await until(page, "hits", async () => (await count(page, ".hits a")) > 0);
    const hits = await page.run("[...document.querySelectorAll('.hits a')].map((a) => a.getAttribute('href'))");
    assert.ok(hits.some((href) => href.startsWith("shop/cases/")), hits.join());
    const lists = hits.filter((href) => /results\.html#q=/.test(href));
    assert.deepEqual(lists.map((href) => href.split("/")[0]).sort(), ["graphs", "shop"], "a list of results a project");
    await page.key("Enter");
    await until(page, "the page of the hit", async () => (await page.run("location.href")).includes("/shop/"));
  },
  async "search says that it found nothing, and Escape closes it"(page) {
    await page.goto(`${root}shop/index.html`, root);
    await page.key("/");
    await page.type("no such thing anywhere");
    await until(page, "the sentence", async () => /Nothing has/.test(await text(page, ".hits")));
    await page.key("Escape");
    assert.equal(await count(page, ".hits"), 0);
  },
  async "search forgives a slip, and finds by the key of an issue, a commit and a receipt"(page) {
    await page.goto(`${root}${launch}/evidence.html`, root);
    const receipt = await page.run("/[0-9a-f]{64}/.exec(document.body.innerText)[0]");
    const asked = { [receipt.slice(0, 12)]: /launch/, "gfit crad": /gift card/i, "WEB-871": /pick-up point[^]*WEB-871/i };
    for (const [words, answer] of Object.entries(asked)) {
      await page.goto(`${root}shop/index.html`, root);
      await page.key("/");
      await page.type(words);
      await until(page, `hits for ${words}`, async () => answer.test((await text(page, ".hits")) || ""));
      assert.ok((await count(page, ".hits a")) > 1, words);
    }
  },
  async "the theme is switched and kept"(page) {
    await page.goto(`${root}index.html`, root);
    await page.click(".theme");
    assert.equal(await page.run("document.documentElement.dataset.theme"), "dark");
    await page.goto(`${root}changes.html`, root);
    assert.equal(await page.run("document.documentElement.dataset.theme"), "dark");
    await page.run("localStorage.clear()");
  },
  async "words, fields and negation filter results"(page) {
    await page.goto(`${root}${results}`, root);
    assert.match(await said(page), /^\d+ results$/);
    await page.key("/");
    await page.type("status:failed");
    await says(page, /^\d+ of \d+ results$/);
    const failed = await said(page);
    await page.key("Escape");
    await says(page, /^\d+ results$/);
    await page.type("-status:failed");
    await says(page, /^\d+ of/);
    const [, some, all] = /^(\d+) of (\d+)/.exec(failed);
    assert.equal(Number(/^(\d+)/.exec(await said(page))[1]), all - some);
    // What is typed fast is written to the address a little later.
    await until(page, "the filter is in the address", async () => /q=-status%3Afailed/.test(await page.run("location.hash")));
  },
  async "a filter typed letter by letter leaves what it leaves at once"(page) {
    const left = () => page.run("[document.querySelector('.said').innerText, ...[...document.querySelectorAll('#view .item')].map((e) => e.innerText)].join('\\n')");
    const written = (words) => page.run(`(async () => {
      const input = document.querySelector("#view input[type=search]");
      input.value = ${JSON.stringify(words)};
      input.dispatchEvent(new Event("input"));
      for (const _ of [1, 2, 3]) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    })()`);
    for (const words of ["card pay", "test -fixed", "case:none", "-status:passed ch", "owner:ai", "browser:fire", "is:flaky map", '"gift card"', "env:chrome -gift", "xowner:a"]) {
      await page.goto(`${root}${results}#q=${encodeURIComponent(words)}`, root);
      await page.settled();
      const once = await left();
      await page.goto(`${root}${results}`, root);
      await page.run("document.querySelector('#view input[type=search]').focus()");
      for (let n = 1; n <= words.length; n++) await written(words.slice(0, n));
      assert.equal(await left(), once, `${words}, typed`);
      await written(`${words}e`);
      await written(words);
      assert.equal(await left(), once, `${words}, with a letter taken back`);
    }
  },
  async "chips count, filter and are in the address"(page) {
    await page.goto(`${root}${results}`, root);
    const n = Number(await text(page, ".chips .chip b"));
    await page.click(".chips .chip");
    await says(page, new RegExp(`^${n} of`));
    const address = await page.run("location.href");
    assert.match(address, /#s=failed/);
    await page.goto(address, root);
    await says(page, new RegExp(`^${n} of`));
    assert.equal(await page.run("document.querySelector('.chips .chip').getAttribute('aria-pressed')"), "true");
  },
  async "orders are orders"(page) {
    for (const order of ["status", "slowest", "name"]) {
      await page.goto(`${root}${results}#o=${order}`, root);
      await until(page, `${order} is drawn`, async () => (await shown(page)) > 5);
      const column = order === "slowest" ? ".dur" : ".text";
      const cells = await page.run(`[...document.querySelectorAll(".item.leaf ${column}")].map((e) => e.innerText)`);
      if (order === "name") assert.deepEqual(cells, [...cells].sort((a, b) => a.localeCompare(b, "en", { numeric: true })));
      if (order === "status") assert.match(await page.run("document.querySelector('.item.leaf use').getAttribute('href')"), /failed/);
      if (order === "slowest") assert.ok(cells[0].length >= cells.at(-1).length, cells.join());
    }
  },
  async "j, k, Enter and Escape walk results; the address is one's own"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.key("j");
    await page.settled();
    const first = await text(page, ".pane h2");
    assert.match(await page.run("location.hash"), /r=\d+\.[0-9a-f]{8}/);
    await page.key("j");
    await page.settled();
    assert.notEqual(await page.run("location.hash"), "");
    await page.key("k");
    await page.settled();
    assert.equal(await text(page, ".pane h2"), first);
    const address = await page.run("location.href");
    await page.goto(address, root);
    assert.equal(await text(page, ".pane h2"), first);
    await page.key("Escape");
    assert.equal(await count(page, ".pane"), 0);
  },
  async "a failure shows message, trace, steps along the failing path and its picture"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.key("j");
    await page.settled();
    for (const part of [".message", ".trace", "details.sub[open]", ".attachment"]) assert.ok(await count(page, `.pane ${part}`), part);
    await until(page, "the picture", () => page.run("[...document.querySelectorAll('.pane img')].every((i) => i.complete && i.naturalWidth > 0)"));
  },
  async "the tree is walked by arrows, into groups and out of them, and says where one stands"(page) {
    await page.goto(`${root}${results}`, root);
    const here = () => page.run(`(() => { const e = document.activeElement; return e.closest(".space") ? { at: Number(e.id.slice(5)), role: e.getAttribute("role"), open: e.getAttribute("aria-expanded"), level: Number(e.getAttribute("aria-level")), place: Number(e.getAttribute("aria-posinset")), of: Number(e.getAttribute("aria-setsize")), name: (e.querySelector(".text") ?? e).textContent } : null; })()`);
    const press = async (...keys) => { for (const key of keys) await page.key(key, key === "Enter" ? { text: "\r" } : {}); await page.settled(); return here(); };
    await page.key("C");
    await until(page, "all closed", async () => (await shown(page)) === 0);
    // One line alone is reached by Tab.
    assert.equal(await count(page, ".space [tabindex='0']"), 1);
    const first = await press("ArrowDown");
    assert.deepEqual([first.role, first.level, first.place, first.open], ["treeitem", 1, 1, "false"]);
    const open = await press("ArrowRight");
    assert.deepEqual([open.at, open.open], [first.at, "true"]);
    const inside = await press("ArrowRight");
    assert.deepEqual([inside.at, inside.level, inside.place], [first.at + 1, 2, 1]);
    const out = await press("ArrowLeft");
    assert.equal(out.at, first.at);
    assert.equal((await press("ArrowLeft")).open, "false");
    const last = await press("End");
    assert.equal(last.place, last.of);
    assert.ok(last.at > 0);
    assert.equal((await press("Home")).at, 0);
    assert.equal((await press("Enter")).open, "true", "Enter opens a group");
    // With all open, what is far down is there, and places are told among siblings that are not drawn.
    await page.key("A");
    const deep = await press("End");
    assert.ok(deep.at > (await page.run("document.querySelectorAll('.item').length")) / 2);
    assert.equal(deep.open, null);
    assert.ok(deep.level > 1);
    assert.equal(deep.place, deep.of);
    await page.run("document.querySelector('.list').scrollTop = 0");
    await until(page, "the top is drawn", async () => (await page.run("document.querySelector('#line-0')?.checkVisibility() ?? false")));
    assert.equal((await here())?.at, deep.at, "the focus stays while others scroll past");
    // Enter opens the result; arrows then open the next ones; Escape comes back to the line.
    await press("Enter");
    assert.equal(await text(page, ".pane h2"), deep.name);
    const above = await press("ArrowUp");
    assert.equal(await text(page, ".pane h2"), above.name);
    assert.equal(await page.run("document.querySelector('.item[aria-selected=true]').id"), `line-${above.at}`);
    await press("ArrowRight");
    assert.equal(await page.run("document.activeElement.className"), "pane", "→ goes into the result");
    assert.equal((await press("Escape")).at, above.at);
    assert.equal(await count(page, ".pane"), 0);
    // From the filter down, and in the table.
    await page.key("/");
    assert.ok(await press("ArrowDown"));
    await page.key("t");
    await until(page, "the table", async () => (await count(page, ".cells-row a.text")) > 2);
    await press("Home");
    await page.key("ArrowDown");
    assert.equal(await page.run("document.activeElement.closest('.item').id"), "line-1");
    await press("Enter");
    assert.equal(await count(page, ".pane h2"), 1);
    await page.key("Escape");
    await page.key("?");
    const help = await text(page, "dialog.help");
    for (const words of [/next and previous result/, /next and previous line, groups too/, /open a group and go into it/, /first and last line/]) assert.match(help, words);
  },
  async "open groups, the scroll and the line are there again after a reload and on Back"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("A");
    await until(page, "all open", async () => (await count(page, ".item.node[aria-expanded=false]")) === 0);
    await page.run("(() => { const l = document.querySelector('.list'); l.scrollTop = 900; })()");
    await page.settled();
    const at = await page.run("(() => { const l = document.querySelector('.list').getBoundingClientRect(); const r = [...document.querySelectorAll('.item.node')].map((e) => e.getBoundingClientRect()).find((r) => r.y > l.y + 100 && r.y < l.bottom - 60); return r && [r.x + 60, r.y + 14]; })()");
    await page.press(at);
    await page.settled();
    const state = () => page.run("JSON.stringify([document.querySelector('.list').scrollTop, document.querySelector('.space').style.height, document.querySelector('.space [tabindex=\"0\"]')?.id ?? ''])");
    const before = await state();
    assert.ok(JSON.parse(before)[0] > 300, before);
    const again = (what) => until(page, what, async () => { try { return !(await page.run("globalThis.isGone")) && (await state()) === before; } catch { return false; } });
    await page.run("globalThis.isGone = true; location.reload()");
    await again("the list as it was, after a reload");
    await page.run("globalThis.isGone = true; location.href = 'index.html'");
    await until(page, "another page", async () => { try { return await page.run("!globalThis.isGone && location.pathname.endsWith('/index.html')"); } catch { return false; } });
    await page.run("globalThis.isGone = true; history.back()");
    await again("the list as it was, on Back");
    // Within the page, a choice and Back.
    await page.click(".chips .chip");
    await until(page, "a filter", async () => / of /.test(await said(page)));
    await page.run("history.back()");
    await until(page, "the list as it was", async () => (await state()) === before);
  },
  async "groups fold and unfold"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("A");
    await until(page, "all open", async () => (await count(page, ".item.node[aria-expanded=false]")) === 0);
    await page.key("C");
    await until(page, "all closed", async () => (await shown(page)) === 0);
    await page.click(".item.node");
    await until(page, "one open", async () => (await shown(page)) > 0);
  },
  async "help opens by its key on every kind of page, and Escape closes it"(page) {
    for (const path of ["index.html", "shop/index.html", "shop/cases.html", results, `${launch}/timeline.html`]) {
      await page.goto(`${root}${path}`, root);
      await page.key("?");
      assert.equal(await page.run("document.querySelector('dialog.help')?.matches(':modal')"), true, path);
      assert.match(await text(page, "dialog.help"), path === "index.html" ? /this list/ : /search everything/);
      assert.equal(await page.run("document.querySelector('dialog').contains(document.activeElement)"), true, "the focus is in it");
      await page.run("document.querySelector('dialog').close()");
    }
    await page.key("?");
    await page.key("Escape");
    await until(page, "it is closed", async () => !(await page.run("document.querySelector('dialog')?.open")));
  },
  async "an empty filter says so and is cleared"(page) {
    await page.goto(`${root}${results}#q=nosuchword`, root);
    await says(page, /^0 of/);
    assert.match(await text(page, ".nothing"), /^Of \d+ results none fits: nosuchword/);
    assert.equal(await count(page, ".list"), 0);
    await page.click(".nothing button");
    await says(page, /^\d+ results$/);
    assert.equal(await count(page, ".nothing"), 0);
    await page.goto(`${root}${results}#s=failed&q=${encodeURIComponent("is:flaky nosuchword")}`, root);
    await says(page, /^0 of/);
    assert.match(await text(page, ".nothing"), /: failed, is:flaky, nosuchword /);
    for (const path of ["shop/cases.html", "shop/launches.html"]) {
      await page.goto(`${root}${path}#q=nosuchword`, root);
      assert.match(await text(page, ".nothing"), /^Of \d+ rows none fits: nosuchword/, path);
      assert.equal(await count(page, "main table"), 0, path);
      await page.click(".nothing button");
      assert.ok((await count(page, "tbody.section tr:not(.group)")) > 5, path);
      assert.equal(await page.run("location.hash"), "");
    }
    await page.goto(root + files(site, ".html").find((path) => path.startsWith("changes/")), root);
    await page.run("(() => { const i = document.querySelector('[data-review-filter] input'); i.value = 'nosuchword'; i.dispatchEvent(new Event('input')); })()");
    await page.click("[data-review-filter] .n button");
    assert.ok((await count(page, ".entry")) > 0);
  },
  async "cases are filtered, and the filter is in the address"(page) {
    await page.goto(`${root}shop/cases.html#q=gift`, root);
    const n = await count(page, "tbody.section tr:not(.group)");
    assert.ok(n > 0 && n < 20, String(n));
    assert.match(await text(page, ".filter .n"), new RegExp(`^${n} of`));
  },
  async "changes between two launches are summed"(page) {
    await page.goto(`${root}changes.html`, root);
    if (!(await count(page, "[data-range]"))) assert.fail("no range can be chosen");
    await page.run("(() => { const [from] = document.querySelectorAll('[data-range] select'); from.dispatchEvent(new Event('change', { bubbles: true })); })()");
    assert.ok((await text(page, "[data-range] p")).length > 10);
    assert.match(await page.run("location.hash"), /^#from=[^&=]+&to=[^&=]+$/);
  },
  async "a change's entries are filtered and walked"(page) {
    await page.goto(root + files(site, ".html").find((path) => path.startsWith("changes/")), root);
    const all = await count(page, ".entry");
    await page.key("j");
    assert.equal(await page.run("document.activeElement.className"), "entry");
    await page.run("(() => { const i = document.querySelector('[data-review-filter] input'); i.value = 'nosuchword'; i.dispatchEvent(new Event('input')); })()");
    assert.ok(all > 0);
    assert.equal(await count(page, ".entry"), 0);
    assert.match(await text(page, "[data-review-filter] .n"), /Nothing has/);
  },
  async "what is folded is printed"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.key("j");
    await page.settled();
    const folded = await count(page, "main details:not([open])");
    assert.ok(folded > 0);
    await page.run("dispatchEvent(new Event('beforeprint'))");
    assert.equal(await count(page, "main details:not([open])"), 0);
    await page.run("dispatchEvent(new Event('afterprint'))");
    assert.equal(await count(page, "main details:not([open])"), folded);
  },
  async "a difference is shown by signs and strokes, and what nobody sees in it too"(page) {
    await one(page, "firefox Redeem");
    assert.deepEqual(await page.run("[...document.querySelector('.pane .difference').querySelectorAll('.row')].filter((e) => !e.matches('.same')).map((e) => e.querySelector('.sign').textContent)"), ["−", "−", "+", "+"]);
    assert.deepEqual(await page.run("[...document.querySelector('.pane .difference').querySelectorAll('ins')].map((e) => e.textContent)"), ["09", "\u00a0", "01"]);
    assert.equal(await page.run("document.querySelector('.pane .difference .come .unseen').title"), "no-break space");
    await page.run("document.querySelector('.pane .sides h3 [aria-pressed]').click()");
    assert.equal(await count(page, ".pane .difference.beside"), 1);
    await one(page, "ıstanbul");
    assert.match(await text(page, ".pane .sides h3"), /Both sides[^]*right[^]*left/);
  },
  async "frames of libraries are folded, own ones stand out"(page) {
    await page.goto(`${root}${results}`, root);
    const t = "Error: no\n    at a (node_modules/x.js:1:2)\n    at b (node_modules/y.js:3:4)\n    at /b/cart.spec.ts:42:17";
    await page.run(shownTrace(t, "1.2l1o"));
    const made = await page.run(`(() => { const box = window.shownTrace; return [box.querySelector(".frames summary").textContent, box.querySelector(".frames").open, box.querySelector(".own b").textContent]; })()`);
    assert.deepEqual(made, ["2 frames of libraries", false, "cart.spec.ts:42:17"]);
  },
  async "a trace is the same wherever it stands, its words told apart"(page) {
    await page.goto(`${root}${results}`, root);
    const read = (name) => readFileSync(new URL(`../../tests/fixtures/traces/${name}`, import.meta.url), "utf8").replaceAll("\r\n", "\n");
    await page.run(shownTrace(read("trace.txt").replace(/\n$/, ""), read("trace.frames").trim()));
    const bare = `(box) => { const it = box.querySelector(".trace"); for (const name of ["tabindex", "role", "aria-label", "dir"]) it.removeAttribute(name); return it.outerHTML.trim(); }`;
    const [made, written] = await page.run(`(() => { const bare = ${bare}; const box = document.createElement("div"); box.innerHTML = ${JSON.stringify(read("trace.html"))}; return [bare(window.shownTrace), bare(box)]; })()`);
    assert.equal(made, written);
    assert.match(made, /t-error.*t-text.*t-number/s);
  },
  async "pictures are compared in every way, the slider by keyboard"(page) {
    for (const who of ["chrome Redeem", "firefox Redeem"]) {
      await one(page, who);
      await until(page, "the pictures", () => page.run("[...document.querySelectorAll('.compared .stack img')].length === 2 && [...document.querySelectorAll('.compared .stack img')].every((i) => i.naturalWidth > 0)"));
      await page.run("document.querySelector('.compared [data-way=slider]').click()");
      await page.run("document.querySelector('.compared input').focus()");
      const clip = () => page.run("getComputedStyle(document.querySelector('.compared .stack img:last-child')).clipPath");
      const before = await clip();
      await page.key("ArrowRight");
      await until(page, "it moved", async () => (await clip()) !== before);
      assert.match(await page.run("document.querySelector('.compared input').getAttribute('aria-valuetext')"), /51 %/);
      await page.run("document.querySelector('.compared [data-way=overlay]').click()");
      assert.equal(await page.run("getComputedStyle(document.querySelector('.compared .stack img:last-child')).opacity"), "0.51");
      await page.run("document.querySelector('.compared [data-way=difference]').click()");
      assert.equal(await page.run("getComputedStyle(document.querySelector('.compared .stack img:last-child')).mixBlendMode"), "difference");
      assert.equal(await count(page, ".compared input"), 0);
      await page.run("document.querySelector('.compared [data-way=given]').click()");
      assert.equal(await count(page, ".compared .given"), 1);
    }
  },
  async "exchanges, JSON and tables are shown in place"(page) {
    await one(page, "chrome Redeem");
    await until(page, "the exchange", async () => (await count(page, ".pane .exchange")) === 1);
    assert.match(await text(page, ".pane .exchange summary"), /GET\s+https:[^]*200 OK\s+87 ms/);
    await page.run("for (const e of document.querySelectorAll('.exchange details')) e.open = true");
    assert.match(await text(page, ".pane .exchange"), /Authorization\s+redacted/);
    await until(page, "a large number whole", async () => /9007199254740993/.test(await page.run("document.querySelector('.pane .attachment > .in > .shown > .json')?.textContent || ''")));
    await until(page, "the table", async () => (await count(page, ".pane .cells tbody tr")) === 4);
    assert.equal(await page.run("document.querySelector('.pane .cells tbody td:nth-child(4)').textContent"), "Skerry bench, oak");
  },
  async "copy buttons give what they name"(page) {
    await one(page, "chrome Redeem");
    await page.run("navigator.clipboard.writeText = async (text) => { window.clipped = text; }");
    for (const [label, has] of [["name", /^e2e\/payments\/gift-card/], ["error", /^Error: expect[^]*gift-card\.spec\.ts:72:49$/], ["Markdown", /^### Redeem a gift card[^]*```diff\n- "€0\.00"\n\+ "€0\.01"\n```/], ["command", /^npx playwright test '--grep=/], ["proof", /^tallybook verify --receipt [0-9a-f]{64}$/]]) {
      await page.run(`[...document.querySelectorAll(".pane .copies .copy")].find((e) => e.textContent === ${JSON.stringify(label)}).click()`);
      await until(page, `${label} is copied`, async () => has.test(await page.run("window.clipped")));
    }
    assert.equal(await text(page, ".spoken"), "copied");
    // Where neither way works, the text is there to be selected.
    await page.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); document.execCommand = () => false; document.querySelector('.pane .copies .copy').click()");
    await until(page, "the text by hand", async () => (await count(page, "dialog.byhand textarea")) === 1);
    assert.match(await page.run("getSelection().toString() || document.querySelector('.byhand textarea').value"), /gift-card/);
  },
  async "what is shown is saved as a table without formulas"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.run("URL.createObjectURL = (blob) => { blob.text().then((text) => { window.table = text; }); return 'about:blank#'; }; HTMLAnchorElement.prototype.click = function () { window.named = this.download; }");
    await page.key("e");
    await until(page, "a table", () => page.run("typeof window.table === 'string'"));
    const lines = (await page.run("window.table")).trim().split("\n");
    assert.equal(lines.length - 1, Number(/^(\d+)/.exec(await said(page))[1]));
    assert.match(lines[0], /^status,name,full name,/);
    assert.match(lines[1], /^failed,/);
    assert.match(await page.run("window.named"), /\.csv$/);
    for (const line of lines) assert.doesNotMatch(line, /(^|,)"?[=@]/);
  },
  async "every list is saved as it is shown, by the names of its columns"(page) {
    const saved = async (selector) => {
      await page.run("globalThis.saved = new Promise((done) => { URL.createObjectURL = (blob) => { blob.text().then(done); return 'blob:none'; }; }); HTMLAnchorElement.prototype.click = function () { globalThis.named = this.download; }; void 0");
      await page.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
      const lines = (await page.run("globalThis.saved")).trimEnd().split("\n");
      assert.match(await page.run("globalThis.named"), /^[^-].*\.csv$/);
      for (const line of lines) assert.doesNotMatch(line, /(^|,)"?[=@]/);
      return lines;
    };
    await page.goto(`${root}shop/cases.html#q=gift`, root);
    const cases = await saved(".filter .csv");
    assert.match(cases[0], /^group,Case,Id,Execution,Status,Severity,Owner,Latest/);
    assert.equal(cases.length - 1, await count(page, "tbody.section tr:not(.group)"), "the filter holds");
    await page.goto(`${root}shop/launches.html`, root);
    const launches = await saved(".filter .csv");
    assert.match(launches[0], /^Launch,Branch,Opened,Unresolved,/);
    assert.match(launches[1], /,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, "times are whole");
    for (const path of ["shop/defects.html", "shop/mutes.html", "shop/requirements.html", "shop/quality.html", files(site, "/compare.html").at(-1), `${launch}/environments.html`]) {
      await page.goto(`${root}${path}`, root);
      assert.ok((await count(page, "h2 .csv")) > 0, path);
      const table = await saved("h2 .csv");
      const [heads, rows] = await page.run("(() => { const t = document.querySelector('h2 .csv').closest('section').querySelector('table'); return [t.tHead.rows[0].cells[0].textContent, [...t.tBodies].flatMap((b) => [...b.rows]).filter((r) => !r.matches('.group')).length]; })()");
      assert.ok(table[0].includes(heads), `${path}: ${table[0]}`);
      assert.ok(table.length > rows, path);
    }
    const board = files(site, ".html").find((path) => /^shop\/dashboards\//.test(path));
    await page.goto(`${root}${board}`, root);
    assert.ok((await saved("details .csv")).length > 1);
    // What begins like a formula is none.
    assert.equal(await page.run("tables.file([['=1+1', '-2', '-x', 'a,b', '@x']])"), "'=1+1,-2,'-x,\"a,b\",'@x\n");
  },
  async "a message is said once, the deepest step that failed is marked, and attempts are folded"(page) {
    await page.goto(`${root}${results}`, root);
    const made = await page.run(`(() => {
      const step = (name, message, steps = []) => ({ name, status: "failed", message, steps });
      const d = { message: "no", steps: [step("a", "no", [step("b", "no", [step("c", "no")])]), step("d", "other", [step("e", "other")])],
        retries: Array.from({ length: 400 }, (_, i) => ({ status: "failed", detail: { message: "again " + i } })) };
      const box = document.createElement("div");
      box.append(...resultView.view({ row: 0, r: { id: "x", name: "x", full: "", parameters: [["long", "v".repeat(90)], ["short", "v"]], duration: 1, start: null, case: ["", "", ""], labels: [["owner", "lena"]], history: "", environment: "", attempts: 1, shard: 0 }, d, status: "failed", path: [], head: { opened: 0, receipt: "", shards: [], launches: [], people: [["lena", "Lena Vogt"]] }, launch: "" }, { link: () => "#", open() {}, ask() {}, strip: () => null, past: () => "" }));
      const own = (e) => [...e.querySelectorAll(".message, .remark")].filter((m) => !m.closest("[id^=step-t]")).map((m) => m.textContent);
      const steps = (ids) => ids.map((id) => [...box.querySelector("#" + CSS.escape("step-" + id)).querySelectorAll(":scope > summary .again, :scope > .in > .message, :scope > .in > .remark")].map((m) => m.className.split(" ")[0]).join());
      return { own: own(box), steps: steps(["s0", "s0.0", "s0.0.0", "s1", "s1.0"]), attempts: box.querySelectorAll("[id^=step-t]").length,
        shown: [...box.querySelectorAll("[id^=step-t]")].filter((e) => !e.closest(".between")).map((e) => e.id).join(), between: box.querySelector(".between summary").textContent,
        long: [...box.querySelectorAll(".fact.long dt")].map((e) => e.textContent), label: box.querySelector(".labels").textContent };
    })()`);
    assert.deepEqual(made.own.filter((t) => t === "no").length, 1);
    assert.deepEqual(made.steps, ["again", "again", "remark", "again", "message"]);
    assert.deepEqual([made.attempts, made.shown, made.between], [400, "step-t0,step-t1,step-t397,step-t398,step-t399", "Attempts 3 to 397: 395 more"]);
    assert.deepEqual(made.long, ["long"]);
    assert.equal(made.label, "owner: Lena Vogt");
  },
  async "people are called by name, and found by it and by their id"(page) {
    await page.goto(`${root}${results}#v=table`, root);
    await until(page, "the table", async () => (await count(page, ".cells-row .c-owner")) > 5);
    const owners = (await page.run("[...document.querySelectorAll('.cells-row .c-owner')].map((e) => e.textContent)")).filter(Boolean);
    const [id, name] = await page.run("(async () => (await tallybook.load('head', '')).people.find(([id]) => id === 'aoife'))()");
    assert.ok(owners.every((owner) => / /.test(owner)), owners.join());
    const found = {};
    for (const asked of [`owner:${id}`, `owner:"${name}"`]) {
      await page.goto(`${root}${results}#q=${encodeURIComponent(asked)}`, root);
      await says(page, /^\d+ of/);
      found[asked] = parseInt(await said(page), 10);
    }
    assert.ok(found[`owner:${id}`] > 0);
    assert.equal(found[`owner:${id}`], found[`owner:"${name}"`]);
    await page.goto(`${root}${results}#by=label%3Aowner`, root);
    await page.key("C");
    await until(page, "groups", async () => (await count(page, ".item.node")) > 1);
    assert.ok((await page.run("[...document.querySelectorAll('.item.node .text')].map((e) => e.textContent)")).includes(name));
    await page.goto(`${root}shop/index.html`, root);
    await page.key("/");
    await page.type(name);
    await until(page, "hits by the owner's name", async () => (await count(page, ".hits .kind")) > 2);
  },
  async "narrow windows leave names their room"(page) {
    await page.see({ width: 360 });
    await page.goto(`${root}${results}#s=failed`, root);
    await says(page, /^\d+ of/);
    const names = await page.run("[...document.querySelectorAll('.item.leaf .text')].map((e) => Math.min(1, e.getBoundingClientRect().width / e.scrollWidth) * e.scrollWidth)");
    assert.ok(names.length > 3 && names.every((width) => width > 140), names.join());
    await page.goto(`${root}shop/index.html`, root);
    const cells = await page.run("[...document.querySelectorAll('.prose td')].map((e) => { const longest = Math.max(...e.textContent.split(/\\s+/).map((w) => w.length)); return [e.textContent, e.clientWidth / longest]; })");
    for (const [words, room] of cells) assert.ok(room > 5, `${words}: ${room} px a letter of its longest word`);
    await page.key("/");
    await page.type("gift");
    await until(page, "hits", async () => (await count(page, ".hits a")) > 1);
    const inside = await page.run("[...document.querySelectorAll('.hits, .hits *')].every((e) => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth; })");
    assert.ok(inside, "hits are in the window");
    // What the first crumb says the mark before it says too; the others are whole.
    await page.see({ width: 768 });
    await page.goto(`${root}${results}`, root);
    const cut = await page.run("[...document.querySelectorAll('.crumbs a, .crumbs b')].filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)");
    assert.deepEqual(cut, []);
    // Pages begin at one edge.
    for (const width of [1280, 1600]) {
      await page.see({ width });
      const edges = new Set();
      for (const path of ["shop/cases.html", `${launch}/index.html`, results]) {
        await page.goto(`${root}${path}`, root);
        for (const selector of [".brand", "h1, h2"]) edges.add(await page.run(`Math.round([...document.querySelectorAll(${JSON.stringify(selector)})].find((e) => e.checkVisibility()).getBoundingClientRect().left)`));
      }
      assert.equal(edges.size, 1, `${width}: ${[...edges]}`);
    }
  },
  async "messages have their bar where lines begin, whichever way they run"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.key("j");
    await page.settled();
    for (const dir of ["ltr", "rtl"]) for (const words of ["It is wrong", "\u0647\u0630\u0627 \u062e\u0637\u0623"]) {
      const [left, right, align] = await page.run(`(() => { document.documentElement.dir = "${dir}"; const m = document.querySelector(".pane .message"); m.textContent = ${JSON.stringify(words)}; const s = getComputedStyle(m); return [s.borderLeftWidth, s.borderRightWidth, s.textAlign]; })()`);
      assert.deepEqual([left, right, align], dir === "ltr" ? ["2px", "0px", "left"] : ["0px", "2px", "right"], `${dir}: ${words}`);
    }
  },
  async "keys of issues lead to the tracker, flags say what they mean, and columns of a comparison stand alike"(page) {
    await page.goto(root + files(site, ".html").find((path) => path.startsWith("shop/cases/") && path.endsWith("X13YQM.html")), root);
    assert.equal(await page.run("[...document.querySelectorAll('.links a')].find((a) => a.textContent === 'WEB-871')?.href"), "https://tracker.example.com/browse/WEB-871");
    await page.goto(root + files(site, "/compare.html").at(-1), root);
    const columns = await page.run("[...document.querySelectorAll('.sheet-of')].map((t) => [...t.tHead.rows[0].cells].map((c) => Math.round(c.getBoundingClientRect().left)).join())");
    assert.ok(columns.length > 1);
    assert.equal(new Set(columns).size, 1, columns.join(" | "));
    const flags = await page.run("[...new Set([...document.querySelectorAll('td .flag')].map((e) => e.textContent))].sort()");
    assert.deepEqual(await page.run("[...document.querySelectorAll('.meanings .flag')].map((e) => e.textContent).sort()"), flags);
    assert.ok(await page.run("[...document.querySelectorAll('td .flag')].every((e) => e.title)"));
  },
  async "without scripts failures come first in the list of results"(page) {
    await page.see({ scripts: false });
    await page.goto(`${root}${results}`, root, { rest: false });
    const rows = await page.run("[...document.querySelectorAll('#plain tbody tr:not(.group)')].map((r) => [r.cells[1].className, !!r.querySelector('.remark')])");
    const rank = (status) => ["s-failed", "s-broken", "s-unknown", "s-in_progress", "s-skipped", "s-passed"].indexOf(status);
    assert.deepEqual(rows.map(([status]) => rank(status)), rows.map(([status]) => rank(status)).sort((a, b) => a - b));
    assert.ok(rows[0][1], "with what it says");
    assert.ok(!rows.at(-1)[1]);
  },
  async "a step has an address, which opens what is around it"(page) {
    await one(page, "chrome Redeem");
    await page.run("document.querySelector('#step-s1 + .anchor').click()");
    assert.match(await page.run("location.hash"), /&step=s1$/);
    const address = await page.run("location.href");
    await page.goto(address, root);
    await until(page, "the step", async () => (await count(page, "#step-s1.meant")) === 1);
    await page.goto(address.replace("step=s1", "step=t0-s3"), root);
    await until(page, "a step of an earlier attempt", () => page.run("document.querySelector('#step-t0-s3.meant')?.checkVisibility() === true"));
    await page.key("Escape");
    await page.settled();
    assert.doesNotMatch(await page.run("location.hash"), /step=/);
  },
  async "times are switched without moving anything, and kept"(page) {
    await page.goto(`${root}${launch}/index.html`, root);
    const wide = () => page.run("document.documentElement.scrollHeight");
    const before = await wide();
    await page.key("u");
    assert.equal(await page.run("localStorage.getItem('tallybook-times')"), "local");
    assert.equal(await wide(), before);
    assert.match(await text(page, "button.times"), /UTC times/);
    await page.run("localStorage.clear()");
  },
  async "a filter pressed twice excludes, and parts can be taken out"(page) {
    await page.goto(`${root}${results}#q=tag:payments`, root);
    await until(page, "its part", async () => (await count(page, ".chip.part")) === 1);
    await page.click(".chip.part");
    await says(page, /^\d+ results$/);
    const n = Number(await text(page, ".chips .chip b"));
    await page.click(".chips .chip");
    await says(page, new RegExp(`^${n} of`));
    await page.click(".chips .chip");
    await says(page, /^\d+ of/);
    const [, some, all] = /^(\d+) of (\d+)/.exec(await said(page));
    assert.equal(all - some, n);
    assert.match(await page.run("location.hash"), /q=-status%3Afailed/);
    await page.click(".chips .chip");
    await says(page, /^\d+ results$/);
  },
  async "search finds defects, mutes and dashboards, and leads to results"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("s");
    await page.type("gift card");
    await until(page, "hits", async () => /“gift card” in the results of/.test((await text(page, ".hits")) || ""));
    const kinds = await page.run("[...document.querySelectorAll('.hits .kind')].map((e) => e.textContent)");
    for (const kind of ["case", "defect", "results"]) assert.ok(kinds.includes(kind), `${kind} of ${kinds}`);
    const to = await page.run("[...document.querySelectorAll('.hits a')].at(-1).href");
    assert.match(to, /results\.html#q=gift%20card$/);
  },
  async "a brush narrows the timeline's table, by keyboard and by dragging, and is in the address"(page) {
    await page.goto(`${root}${launch}/timeline.html`, root);
    const whole = await text(page, ".slow + *, section:has(.slow) h2");
    await page.run("(() => { const to = document.querySelectorAll('.brushes input')[1]; to.focus(); to.value = String(Number(to.max) / 10); to.dispatchEvent(new Event('input')); })()");
    await until(page, "the table follows", async () => / from the start to \d+/.test(await text(page, "section:has(.slow) h2")));
    assert.match(await page.run("location.hash"), /^#from=0&to=\d+$/);
    const address = await page.run("location.href");
    await page.goto(address, root);
    await until(page, "the part again", async () => /from the start/.test(await text(page, "section:has(.slow) h2")));
    await page.key("Escape");
    await until(page, "the whole again", async () => (await text(page, "section:has(.slow) h2")) === whole);
    const [x, y, w] = await page.run("(() => { const r = document.querySelector('.timeline svg').getBoundingClientRect(); return [r.x, r.y, r.width]; })()");
    const mouse = (type, at) => page.send("Input.dispatchMouseEvent", { type, x: x + w * at, y: y + 30, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
    await mouse("mousePressed", 0.5);
    await mouse("mouseMoved", 0.6);
    await mouse("mouseMoved", 0.75);
    await mouse("mouseReleased", 0.75);
    await until(page, "a part by dragging", async () => / from \d.+ to \d.+$/.test(await text(page, "section:has(.slow) h2")));
    assert.equal(await page.run("location.pathname.endsWith('/timeline.html')"), true);
    // The part over the whole width, and back.
    const bars = () => page.run("[...document.querySelectorAll('.timeline a')].filter((e) => e.getAttribute('visibility') !== 'hidden').length");
    const drawn = await bars();
    await page.run("[...document.querySelectorAll('.brushes button')].find((e) => e.textContent === 'Zoom in').click()");
    assert.ok((await bars()) < drawn);
    assert.match(await page.run("location.hash"), /&zoom=1$/);
    await page.key("Escape");
    assert.equal(await bars(), drawn);
  },
  async "results are grouped by labels, parameters, variables, status, path and equal failures; the choice is in the address"(page) {
    await page.goto(`${root}${results}`, root);
    const ways = await page.run("[...document.querySelectorAll('.by option')].map((o) => o.value)");
    for (const by of ["suite", "cluster", "status", "path", "none", "label:owner", "label:tag", "env:browser"]) assert.ok(ways.includes(by), `${by} among ${ways}`);
    const n = Number(/^(\d+) results$/.exec(await said(page))[1]);
    const groups = () => page.run("[...document.querySelectorAll('.item.node')].map((e) => [e.querySelector('.text').textContent, Number(e.querySelector('.n').textContent)])");
    for (const by of ways.filter((by) => by !== "none")) {
      await page.goto(`${root}${results}#by=${encodeURIComponent(by)}`, root);
      await until(page, `groups by ${by}`, async () => (await count(page, ".item.node")) > 0);
      assert.equal(await page.run("document.querySelector('.by select').value"), by);
    }
    // Each result has one owner or none, so that groups add up; of tags some have several.
    const sum = async (by) => {
      await page.goto(`${root}${results}#by=${by}`, root);
      await page.key("C");
      await page.settled();
      return (await groups()).reduce((all, [, part]) => all + part, 0);
    };
    assert.equal(await sum("label%3Aowner"), n);
    assert.ok((await sum("label%3Atag")) > n);
    assert.match((await groups()).at(-1)[0], /^Without tag$/);
    // Equal failures come first, by what they say; what did not fail is closed and last.
    await page.goto(`${root}${results}#by=cluster`, root);
    await page.settled();
    const [first] = await groups();
    assert.match(first[0], /Error|expect/);
    assert.ok(first[1] >= 2, String(first));
    assert.equal(await page.run("[...document.querySelectorAll('.item.node')].at(-1).getAttribute('aria-expanded')"), "false");
    // A filter and a grouping hold together, and groups count what is left.
    await page.goto(`${root}${results}#s=failed&by=label%3Aowner`, root);
    await says(page, /^\d+ of/);
    const failed = Number(/^(\d+)/.exec(await said(page))[1]);
    assert.equal((await groups()).reduce((all, [, part]) => all + part, 0), failed);
  },
  async "a result in several groups is walked past in each of them"(page) {
    await page.goto(`${root}${results}#by=label%3Atag`, root);
    await page.key("A");
    await until(page, "all open", async () => (await count(page, ".item.node[aria-expanded=false]")) === 0);
    const seen = new Set();
    for (let n = 0; n < 12; n++) {
      await page.key("j");
      await page.settled();
      seen.add(await page.run("document.querySelector('.item.leaf[aria-selected=true]').id"));
    }
    assert.equal(seen.size, 12);
    assert.equal(await count(page, ".item.leaf[aria-selected=true]"), 1);
  },
  async "groups have failures first, and other orders hold inside them"(page) {
    const inside = (column) => page.run(`(() => { const out = []; for (const e of document.querySelectorAll(".item")) if (e.matches(".node")) out.push([]); else out.at(-1)?.push(e.querySelector("${column}").${column === "use" ? "getAttribute('href')" : "textContent"}); return out; })()`);
    await page.goto(`${root}${results}#by=env%3Abrowser`, root);
    await page.key("A");
    await page.settled();
    const rank = (mark) => ["#m-failed", "#m-broken", "#m-unknown", "#m-in_progress", "#m-skipped", "#m-passed"].indexOf(mark);
    const marks = (await inside("use")).flat();
    assert.equal(rank(marks[0]), 0);
    for (const group of await inside("use")) assert.deepEqual(group.map(rank), group.map(rank).sort((a, b) => a - b));
    // Suites with failures come before those without, and before results of no suite.
    const other = `graphs/launches/${files(join(site, "graphs/launches"), "/results.html").find((path) => path.includes("-run-12-")).split("/")[0]}/results.html`;
    for (const path of [results, other]) {
      await page.goto(`${root}${path}`, root);
      await page.key("C");
      await page.settled();
      const bad = await page.run("[...document.querySelectorAll('.item')].map((e) => Number(e.matches('.node') && e.querySelector('.bad')?.textContent || 0) > 0)");
      assert.ok(bad[0], path);
      assert.equal(bad.lastIndexOf(true) + 1, bad.filter(Boolean).length, path);
    }
    await page.goto(`${root}${results}#by=env%3Abrowser&o=name`, root);
    await page.key("A");
    await page.settled();
    for (const group of await inside(".text")) assert.deepEqual(group, [...group].sort((a, b) => a.localeCompare(b, "en", { numeric: true })));
  },
  async "the table is put in order by its heads, by keyboard too, and the address keeps it"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("t");
    await until(page, "the table", async () => (await count(page, ".heads button")) >= 6);
    assert.match(await page.run("location.hash"), /v=table/);
    assert.equal(await page.run("document.querySelector('.list').getAttribute('role')"), "table");
    assert.equal(await page.run("document.querySelector('.c-status[aria-sort]').getAttribute('aria-sort')"), "ascending");
    const heads = await page.run("[...document.querySelectorAll('.heads button')].map((b) => b.dataset.column)");
    assert.deepEqual(heads, ["status", "name", "suite", "layer", "owner", "environment", "age", "duration"]);
    const cells = (column) => page.run(`[...document.querySelectorAll(".cells-row .c-${column}")].map((e) => e.textContent)`);
    await page.run("document.querySelector('[data-column=owner]').focus()");
    await page.key("Enter", { text: "\r" });
    await until(page, "in order", async () => (await page.run("document.querySelector('.c-owner[aria-sort]').getAttribute('aria-sort')")) === "ascending");
    await page.settled();
    const owners = (await cells("owner")).filter(Boolean);
    assert.deepEqual(owners, [...owners].sort());
    assert.equal(await page.run("document.activeElement.dataset.column"), "owner", "the focus stays");
    await page.key("Enter", { text: "\r" });
    await until(page, "turned", async () => (await page.run("document.querySelector('.c-owner[aria-sort]').getAttribute('aria-sort')")) === "descending");
    assert.match(await page.run("location.hash"), /o=-owner/);
    await page.goto(await page.run("location.href"), root);
    const falling = (await cells("owner")).filter(Boolean);
    assert.deepEqual(falling, [...falling].sort().reverse());
    assert.notEqual(falling[0], owners[0]);
    await page.click("[data-column=age]");
    await until(page, "by age", async () => /o=-age/.test(await page.run("location.hash")));
    await page.settled();
    assert.match((await cells("age"))[0], /^\d+ entries$|^new$/);
    // A row opens wherever it is pressed.
    for (const cell of [".c-suite", ".c-name"]) {
      await page.click(`.cells-row ${cell}`);
      await until(page, `the result by ${cell}`, async () => (await count(page, ".pane h2")) === 1);
      await page.key("Escape");
      await until(page, "it is closed", async () => (await count(page, ".pane")) === 0);
    }
    await page.key("j");
    await until(page, "the next one", async () => (await count(page, ".pane h2")) === 1);
    await page.key("Escape");
    await page.key("t");
    await until(page, "the tree", async () => (await count(page, ".item.node")) > 0);
  },
  async "what is saved follows the order and the groups"(page) {
    const saved = async (hash) => {
      await page.goto(`${root}${results}${hash}`, root);
      await page.run("void (globalThis.saved = new Promise((done) => { URL.createObjectURL = (blob) => { blob.text().then(done); return 'blob:none'; }; HTMLAnchorElement.prototype.click = () => {}; }))");
      await page.key("e");
      return (await page.run("globalThis.saved")).trim().split("\n").map((line) => line.split(","));
    };
    const flat = await saved("#v=table&o=-name&q=status:failed");
    assert.equal(flat[0][0], "status");
    const names = flat.slice(1).map((line) => line[1]);
    assert.ok(names.length > 3);
    const grouped = await saved("#by=status");
    assert.equal(grouped[0][0], "group");
    assert.equal(grouped[1][0], "failed");
    assert.equal(grouped.at(-1)[0], "passed");
    assert.notDeepEqual(names, (await saved("#v=table&o=name&q=status:failed")).slice(1).map((line) => line[1]));
  },
  async "Back undoes a chip and a choice; what is typed is no step of its own"(page) {
    await page.goto(`${root}${results}`, root);
    // A browser keeps fifty steps: they are counted where they are made.
    await page.run("{ const push = history.pushState.bind(history); globalThis.steps = 0; history.pushState = (...all) => { globalThis.steps++; push(...all); }; }");
    const length = () => page.run("globalThis.steps");
    const before = await length();
    await page.key("/");
    for (const letter of "gift") await page.type(letter);
    await until(page, "the words are in the address", async () => /q=gift/.test(await page.run("location.hash")));
    assert.equal(await length(), before);
    const some = await said(page);
    await page.run("document.activeElement.blur()");
    await page.click(".chips .chip");
    assert.equal(await length(), before + 1);
    assert.match(await page.run("location.hash"), /s=failed/);
    await page.run("(() => { const s = document.querySelector('.by select'); s.value = 'status'; s.dispatchEvent(new Event('change')); })()");
    assert.match(await page.run("location.hash"), /by=status/);
    await page.run("history.back()");
    await until(page, "the grouping is undone", async () => (await page.run("document.querySelector('.by select').value")) === "suite");
    assert.match(await page.run("location.hash"), /s=failed/);
    await page.run("history.back()");
    await until(page, "the chip is undone", async () => (await said(page)) === some);
    assert.equal(await page.run("document.querySelector('.chips .chip').getAttribute('aria-pressed')"), "false");
    assert.equal(await page.run("document.querySelector('#view input').value"), "gift");
  },
  async "what the filter doesn't know is said, with what it knows"(page) {
    await page.goto(`${root}${results}#q=is%3Anonsense`, root);
    assert.match(await text(page, ".complaint"), /is:nonsense[^]*is:flaky/);
    assert.match(await said(page), /^\d+ results$/, "it is left out");
    await page.goto(`${root}${results}#q=ownr%3Aalice`, root);
    assert.match(await text(page, ".complaint"), /ownr[^]*owner/);
    await page.goto(`${root}${results}#q=status%3Apased`, root);
    assert.match(await text(page, ".complaint"), /pased[^]*passed/);
    await page.goto(`${root}${results}`, root);
    await page.key("/");
    await page.type("is:fl");
    assert.equal(await count(page, ".complaint"), 0, "a word that is being written is none");
    await page.type("aky");
    await says(page, /^\d+ of/);
    assert.equal(await count(page, ".complaint"), 0);
  },
  async "cases are chosen by field, and Back undoes it"(page) {
    await page.goto(`${root}shop/cases.html`, root);
    const rows = () => count(page, "tbody.section tr:not(.group)");
    const all = await rows();
    const owner = await page.run("(() => { const s = [...document.querySelectorAll('.filter select')].find((e) => e.getAttribute('aria-label') === 'Owner'); s.selectedIndex = 1; s.dispatchEvent(new Event('change')); return s.value; })()");
    const some = await rows();
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    assert.equal(await page.run("document.querySelector('.filter input').value"), `owner:"${owner}"`);
    await page.goto(await page.run("location.href"), root);
    assert.equal(await rows(), some);
    await page.run("(() => { const s = [...document.querySelectorAll('.filter select')].find((e) => e.getAttribute('aria-label') === 'Layer'); s.selectedIndex = 1; s.dispatchEvent(new Event('change')); })()");
    assert.match(await page.run("decodeURIComponent(location.hash)"), /owner:".*layer:"/);
    await page.run("history.back()");
    await until(page, "the layer is undone", async () => (await rows()) === some);
    await page.run("(() => { const i = document.querySelector('.filter input'); i.value = '-tag:smoke nofield:x'; i.dispatchEvent(new Event('input')); })()");
    assert.match(await text(page, ".complaint"), /nofield[^]*layer[^]*owner/);
  },
  async "launches are filtered and put in order, and the address keeps both"(page) {
    await page.goto(`${root}shop/launches.html`, root);
    const cells = (at) => page.run(`[...document.querySelectorAll("tbody.section tr")].filter((r) => !r.hidden).map((r) => r.cells[${at}].dataset.v || r.cells[${at}].querySelector("time")?.dateTime)`);
    const head = (sort) => page.run(`[...document.querySelectorAll("thead th")].findIndex((th) => th.dataset.sort === "${sort}")`);
    for (const sort of ["rate", "took", "opened"]) {
      const at = await head(sort);
      await page.click(`th[data-sort=${sort}] button`);
      assert.equal(await page.run(`document.querySelector("th[data-sort=${sort}]").ariaSort`), "descending");
      const falling = (await cells(at)).filter(Boolean).map((v) => (sort === "opened" ? Date.parse(v) : Number(v)));
      assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
      await page.click(`th[data-sort=${sort}] button`);
      assert.deepEqual((await cells(at)).filter(Boolean).map((v) => (sort === "opened" ? Date.parse(v) : Number(v))), [...falling].reverse().sort((a, b) => a - b));
    }
    assert.match(await page.run("location.hash"), /o=opened/);
    await page.goto(`${root}shop/launches.html#q=nosuchlaunch&o=-rate`, root);
    assert.equal(await count(page, "tbody.section tr"), 0);
    assert.match(await text(page, ".filter .n"), /^0 of/);
    assert.equal(await page.run("document.querySelector('th[data-sort=rate]').ariaSort"), "descending");
    assert.ok((await page.run("[...document.querySelectorAll('thead th')].map((th) => th.innerText)")).includes("Skipped"));
  },
  async "j and k walk lists, Enter opens, and help says so"(page) {
    for (const path of ["shop/cases.html", "shop/launches.html"]) {
      await page.goto(`${root}${path}`, root);
      const at = () => page.run("document.activeElement.closest('tr')?.querySelector('a.row').href ?? ''");
      await page.key("j");
      const one = await at();
      assert.ok(one, path);
      await page.key("j");
      assert.notEqual(await at(), one);
      await page.key("k");
      assert.equal(await at(), one);
      await page.key("?");
      assert.match(await text(page, "dialog.help"), /This list[^]*filter[^]*next and previous[^]*open the row/);
      await page.key("Escape");
      await until(page, "it is closed", async () => !(await page.run("document.querySelector('dialog')?.open")));
      await page.run("document.querySelector('tbody.section a.row').focus()");
      await page.key("Enter", { text: "\r" });
      await until(page, "the page of the row", async () => (await page.run("location.href")).split("#")[0] === one.split("#")[0]);
    }
  },
  async "a mark of a dashboard leads to what it counts"(page) {
    let followed = 0;
    for (const board of files(site, ".html").filter((path) => /^(shop|graphs)\/dashboards\//.test(path))) {
      await page.goto(`${root}${board}`, root);
      // Each mark's number stands in its title; what a list beside a ring says is the same.
      const marks = await page.run("[...document.querySelectorAll('.figure svg a')].map((a) => [a.href.baseVal, a.querySelector('title').textContent])");
      const seen = new Set();
      for (const [href, title] of marks) {
        const n = /: ([\d,]+)(?: (?!%|ms|s\b|min)|,|$)/.exec(title)?.[1].replaceAll(",", "");
        // A step of time with several launches lists these.
        if (!/#/.test(href) || /launches\.html#/.test(href) || seen.has(href) || (!n && seen.size % 5)) { seen.add(href); continue; }
        seen.add(href);
        await page.goto(new URL(href, `${root}${board}`).href, root);
        let found;
        if (href.includes("results.html")) {
          await until(page, `a list: ${title}`, async () => /^\d+ (of|result)/.test(await said(page)));
          found = parseInt(await said(page), 10);
        } else found = await page.run("[...document.querySelectorAll('main tbody tr:not(.group)')].filter((row) => row.checkVisibility()).length");
        if (n) assert.equal(found, Number(n), `${board}: ${title}: ${href}`);
        else assert.ok(found > 0, `${board}: ${title}: ${href}`);
        followed++;
      }
    }
    assert.ok(followed > 60, `${followed} marks`);
  },
  async "long names wrap, and no line of facts begins with a point"(page) {
    await page.see({ width: 360 });
    await page.goto(`${root}shop/cases.html`, root);
    await page.run("document.querySelector('.answer p a').textContent = 'never_ends_'.repeat(40)");
    assert.ok(await page.run("document.documentElement.scrollWidth <= innerWidth"), "the answer of cases");
    for (const [path, facts] of [["index.html", ".proof"], ["shop/index.html", ".proof"], [`${launch}/index.html`, ".failure .meta"]]) {
      for (const width of [360, 1280]) {
        await page.see({ width });
        await page.goto(`${root}${path}`, root);
        const points = await page.run(`[...document.querySelectorAll(${JSON.stringify(facts)})].flatMap((line) => [...line.children].filter((fact) => fact.getBoundingClientRect().x - line.getBoundingClientRect().x < 8).map((fact) => { const at = getComputedStyle(fact, "::before"); return [fact.offsetLeft + parseFloat(at.left) + parseFloat(at.width) - line.offsetLeft, getComputedStyle(line).clipPath]; }))`);
        assert.ok(points.length > 0 && points.every(([end, clip]) => end <= 0 && clip !== "none"), `${path}: ${JSON.stringify(points)}`);
        await page.run(`document.querySelector(${JSON.stringify(`${facts} > *`)}).textContent = "never_ends_".repeat(40)`);
        assert.ok(await page.run("document.documentElement.scrollWidth <= innerWidth"), `${path} at ${width} px`);
      }
    }
    await page.see({ width: 1280 });
  },
  async "short steps of the path stay whole beside long ones"(page) {
    for (const path of ["index.html", "changes.html", "shop/index.html", "shop/defects.html"]) {
      for (const width of [360, 768, 1280]) {
        await page.see({ width });
        await page.goto(`${root}${path}`, root);
        const cut = await page.run("[...document.querySelectorAll('.crumbs > a, .crumbs > b')].filter((step) => step.checkVisibility() && step.scrollWidth > step.clientWidth).map((step) => step.textContent)");
        assert.deepEqual(cut, [], `${path} at ${width} px`);
      }
    }
    for (const width of [360, 1280]) {
      await page.see({ width });
      await page.goto(`${root}${results}`, root);
      await page.run("for (const step of document.querySelectorAll('.crumbs a')) if (step.textContent.length > 10) step.textContent = 'never_ends_'.repeat(20)");
      const cut = await page.run("[...document.querySelectorAll('.crumbs > a, .crumbs > b')].filter((step) => step.checkVisibility() && step.textContent.length < 20 && step.scrollWidth > step.clientWidth).map((step) => step.textContent)");
      assert.deepEqual(cut, [], `at ${width} px`);
      assert.ok(await page.run("document.querySelector('.crumbs').clientHeight < 130"));
    }
    await page.see({ width: 1280 });
  },
  async "a narrow window tells results and failures apart"(page) {
    await page.see({ width: 360 });
    await page.goto(`${root}${results}#s=failed`, root);
    const lines = await page.run("[...document.querySelectorAll('.item.leaf')].map((line) => [...line.querySelectorAll('.text, .params')].filter((part) => part.getBoundingClientRect().width > 20).map((part) => part.textContent).join(' '))");
    assert.ok(lines.length > 4);
    assert.equal(new Set(lines).size, lines.length, lines.join("; "));
    for (const width of [360, 768]) {
      await page.see({ width });
      await page.goto(`${root}${results}#s=failed&v=table`, root);
      const rows = await page.run("[...document.querySelectorAll('.item.leaf')].map((line) => [...line.querySelectorAll('.text, .params, .c-environment')].filter((part) => part.getBoundingClientRect().width > 20).map((part) => part.textContent).join(' '))");
      assert.ok(rows.length > 4);
      assert.equal(new Set(rows).size, rows.length, `${width} px: ${rows.join("; ")}`);
    }
    // So it is beside an open result.
    await page.see({ width: 1280 });
    await page.goto(`${root}${results}#s=failed&v=table`, root);
    await page.key("j");
    await page.settled();
    const beside = await page.run("[...document.querySelectorAll('.item.leaf')].map((line) => [...line.querySelectorAll('.text, .params, .c-environment')].filter((part) => part.getBoundingClientRect().width > 20).map((part) => part.textContent).join(' '))");
    assert.equal(new Set(beside).size, beside.length, beside.join("; "));
    await page.see({ width: 360 });
    await page.goto(`${root}shop/index.html`, root);
    const said = await page.run("[...document.querySelectorAll('.needs .brief')].filter((brief) => brief.checkVisibility()).map((brief) => brief.textContent)");
    assert.ok(said.length > 0 && said.every((brief) => brief.length > 10), said.join());
    assert.ok(await page.run("document.documentElement.scrollWidth <= innerWidth"));
    await page.see({ width: 1280 });
    await page.goto(`${root}shop/index.html`, root);
    assert.equal(await count(page, ".needs .brief"), said.length, "once in each window");
  },
  async "letters of figures are as large as others"(page) {
    for (const width of [360, 640, 768, 1024, 1280, 2560]) {
      await page.see({ width });
      for (const path of ["shop/dashboards/release.html", "graphs/dashboards/overview.html", "index.html"]) {
        await page.goto(`${root}${path}`, root);
        const odd = await page.run("[...document.querySelectorAll('svg text')].filter((text) => text.checkVisibility()).map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a]).filter(([, size]) => size < 8.5 || size > 17)");
        assert.deepEqual(odd, [], `${path} at ${width} px`);
      }
    }
    await page.see({ width: 1280 });
  },
  async "what a field asks for is read whole"(page) {
    for (const width of [360, 768, 1280, 2560]) {
      await page.see({ width });
      for (const path of [results, "shop/index.html", "shop/cases.html", "shop/launches.html"]) {
        await page.goto(`${root}${path}`, root);
        const cut = await page.run("[...document.querySelectorAll('input[type=search]')].filter((field) => { const pen = document.createElement('canvas').getContext('2d'), style = getComputedStyle(field); pen.font = `${style.fontSize} ${style.fontFamily}`; return field.checkVisibility() && pen.measureText(field.placeholder).width > field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight); }).map((field) => field.placeholder)");
        assert.deepEqual(cut, [], `${path} at ${width} px`);
      }
    }
    await page.see({ width: 1280 });
  },
  async "tables of one kind have their columns at one place"(page) {
    for (const width of [360, 768, 1280]) {
      await page.see({ width });
      await page.goto(`${root}shop/defects.html`, root);
      const [open, closed] = await page.run("[...document.querySelectorAll('.sheet-of')].map((table) => [...table.querySelectorAll('th')].map((head) => Math.round(head.getBoundingClientRect().x)).join())");
      assert.equal(open, closed, `at ${width} px`);
    }
    await page.see({ width: 1280 });
  },
  async "words and message: find what failures say first; where nothing fits it is said where words are looked for"(page) {
    for (const q of ["toContainText", "message:toContainText"]) {
      await page.goto(`${root}${results}#q=${q}`, root);
      await says(page, /^2 of \d+ results$/);
    }
    await page.goto(`${root}${results}#q=-toContainText`, root);
    await says(page, /^93 of 95 results$/);
    await page.goto(`${root}${results}#q=nothinghasthis`, root);
    assert.match(await text(page, ".nothing"), /first lines of messages/);
  },
  async "j takes the focus along, from there Tab reaches the result; in it buttons keep the focus"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    for (const _ of [1, 2]) { await page.key("j"); await page.settled(); }
    assert.equal(await page.run("document.activeElement.getAttribute('aria-selected')"), "true");
    await page.key("Tab");
    assert.equal(await page.run("document.activeElement.textContent"), "Close");
    await page.click(".pane [data-act=next]");
    await page.settled();
    assert.equal(await page.run("document.activeElement.dataset.act"), "next");
  },
  async "a chip that is pressed twice says what is left out, and keeps the focus"(page) {
    await page.goto(`${root}${results}`, root);
    await page.run("document.querySelector('.chips .chip').focus()");
    for (const _ of [1, 2]) { await page.key("Enter", { text: "\r" }); await page.settled(); }
    assert.equal(await page.run("document.activeElement.textContent"), "without failed");
  },
  async "all pages begin at one edge, however wide the window is"(page) {
    for (const width of [1280, 1920, 2560, 3840]) {
      await page.see({ width });
      const edges = new Set();
      for (const path of ["shop/index.html", "shop/dashboards/release.html", `${launch}/pack.html`, `${results}#s=failed`]) {
        await page.goto(`${root}${path}`, root);
        if (path.includes("#")) { await page.key("j"); await page.settled(); }
        for (const x of await page.run("[...document.querySelectorAll('.brand, .title, .answer, .bench input')].filter((e) => e.checkVisibility()).map((e) => Math.round(e.getBoundingClientRect().x))")) edges.add(x);
        const list = await page.run("(() => { const e = document.querySelector('.split.open .item.node .twist'); return e ? Math.round(e.getBoundingClientRect().x) + 14 : null; })()");
        if (list !== null) edges.add(list);
      }
      assert.equal(edges.size, 1, `${[...edges].join()} at ${width} px`);
    }
    await page.see({ width: 1280 });
  },
  async "an address of a row that moved is found by its id"(page) {
    await page.goto(`${root}${results}#s=failed`, root);
    await page.key("j");
    await page.settled();
    const [, id] = /r=\d+\.([0-9a-f]+)/.exec(await page.run("location.hash"));
    const name = await text(page, ".pane h2");
    await page.goto(`${root}${results}#r=1.${id}`, root);
    assert.equal(await text(page, ".pane h2"), name);
  },
};

const browser = new Browser();
let failed = 0;
try {
  const only = process.argv[3] ?? "";
  failed = await each(browser, 1, Object.keys(CHECKS).filter((name) => name.includes(only)), async (page, name) => {
    await page.see({ width: 1280, scheme: "light", scripts: true });
    // What a tab keeps is that of the check before.
    await page.goto(`${root}index.html`, root);
    await page.run("sessionStorage.clear()");
    await CHECKS[name](page);
    return page.wrong;
  });
} finally {
  await browser.close();
}
console.log(`${Object.keys(CHECKS).length} checks`);
process.exit(failed ? 1 : 0);
