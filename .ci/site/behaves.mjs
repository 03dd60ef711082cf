// What a reader can do on a site: search, filter, order, walk by keyboard, open and share a result, switch the theme.
//
// Usage: BROWSER=chromium node behaves.mjs SITE; the site is that of the playground.

import assert from "node:assert/strict";
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
  async "search says that it found nothing, and Escape closes it"(page) {
    await page.goto(`${root}shop/index.html`, root);
    await page.key("/");
    await page.type("no such thing anywhere");
    await until(page, "the sentence", async () => /Nothing has/.test(await text(page, ".hits")));
    await page.key("Escape");
    assert.equal(await count(page, ".hits"), 0);
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
    assert.match(await page.run("location.hash"), /q=-status%3Afailed/);
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
  async "groups fold and unfold"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("A");
    await until(page, "all open", async () => (await count(page, ".item.node[aria-expanded=false]")) === 0);
    await page.key("C");
    await until(page, "all closed", async () => (await shown(page)) === 0);
    await page.click(".item.node");
    await until(page, "one open", async () => (await shown(page)) > 0);
  },
  async "help opens by its key"(page) {
    await page.goto(`${root}${results}`, root);
    await page.key("?");
    assert.equal(await page.run("document.querySelector('dialog').open"), true);
  },
  async "an empty filter says so and is cleared"(page) {
    await page.goto(`${root}${results}#q=nosuchword`, root);
    await says(page, /^0 of/);
    await page.click(".list .waiting button");
    await says(page, /^\d+ results$/);
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
  failed = await each(browser, 1, Object.keys(CHECKS), async (page, name) => {
    await page.see({ width: 1280, scheme: "light", scripts: true });
    await CHECKS[name](page);
    return page.wrong;
  });
} finally {
  await browser.close();
}
console.log(`${Object.keys(CHECKS).length} checks`);
process.exit(failed ? 1 : 0);
