// How large a site is, and how long its pages take: what docs/performance.md has as a table.
//
// Usage: BROWSER=chromium node bars.mjs [--first] SITE..., sites of one launch each; node bars.mjs --make N FILE writes
// JUnit XML of N results for such a launch. Bytes, files and memory are held against what they may be; times are told,
// since they say as much about the machine. With --first only bytes, files and what first screens load are looked at,
// which takes seconds however large a launch is.

import { gzipSync } from "node:zlib";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Browser, files, serve } from "./browser.mjs";

/** What may be, at most. */
const MOST = { bytesPerResult: 1_000, files: 200, filesOf: 10_000, firstScreen: 150_000, heap: 120e6 };
/** Times are medians of so many loads. */
const ROUNDS = 5;

const wrong = [];
const median = (all) => all.toSorted((a, b) => a - b)[all.length >> 1];
const kb = (n) => `${Math.round(n / 1000).toLocaleString("en")} kB`;
const ms = (n) => `${n < 10 ? n.toFixed(1) : Math.round(n)} ms`;
function bar(name, value, most, shown) {
  const over = value > most;
  if (over) wrong.push(name);
  console.log(`| ${name} | ${shown(value)} | ${shown(most)} | ${over ? "too much" : "holds"} |`);
}
const told = (name, text) => console.log(`| ${name} | ${text} | | |`);

/** The sizes of all files of a site, attachments apart. */
function weighed(site) {
  const names = files(site, "").filter((name) => !name.includes("/files/"));
  return { n: names.length, bytes: names.reduce((sum, name) => sum + statSync(join(site, name)).size, 0) };
}

/** Opens a page; resolves to the bytes of what it loaded, compressed, when it has come to rest. */
async function weigh(page, url, root, site) {
  await page.goto(url, root);
  const loaded = await page.run("[location.href, ...performance.getEntriesByType('resource').map((e) => e.name)]");
  return loaded.filter((name) => name.startsWith(root))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(site, decodeURIComponent(new URL(name).href.slice(root.length).split("#")[0]) || "index.html"))).length, 0);
}

/** Milliseconds from asking for a page until an expression is true and drawn. */
async function until(page, url, root, holds) {
  await page.goto("about:blank", "about:");
  await page.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: `{
    const look = () => { if (document.body && (${holds})) requestAnimationFrame(() => setTimeout(() => { globalThis.barsReached = performance.now(); })); else setTimeout(look, 2); };
    look();
  }` }).then(({ identifier }) => { page.script = identifier; });
  await page.goto(url, root);
  const at = await page.run("new Promise((done) => { const wait = () => globalThis.barsReached ? done(globalThis.barsReached) : setTimeout(wait, 5); wait(); })");
  await page.send("Page.removeScriptToEvaluateOnNewDocument", { identifier: page.script });
  return at;
}

async function times(page, url, root, holds) {
  const all = [];
  for (let n = 0; n < ROUNDS; n++) all.push(await until(page, url, root, holds));
  return median(all);
}

/** Milliseconds of the longest of some keystrokes in the filter, from the event to the frame after. */
async function keystroke(page) {
  await page.run(`(() => {
    globalThis.barsKeys = [];
    const input = document.querySelector("#view input[type=search]");
    input.focus();
    input.addEventListener("input", () => {
      const began = performance.now();
      // The frame that shows it, and what the browser then does.
      requestAnimationFrame(() => setTimeout(() => globalThis.barsKeys.push(performance.now() - began)));
    }, true);
  })()`);
  for (const letter of "test_a") { await page.type(letter); await new Promise((done) => setTimeout(done, 400)); }
  return page.run("new Promise((done) => setTimeout(() => done(Math.max(...globalThis.barsKeys)), 300))");
}

/** Milliseconds for which the longest task keeps the page from drawing while the list is filtered. */
async function filtering(page) {
  await page.run(`(() => {
    globalThis.barsTasks = [];
    new PerformanceObserver((list) => globalThis.barsTasks.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ["longtask"] });
    const input = document.querySelector("#view input[type=search]");
    input.focus(); input.select();
  })()`);
  for (const letter of "wxyz") { await page.type(letter); await new Promise((done) => setTimeout(done, 700)); }
  return page.run("Math.max(0, ...globalThis.barsTasks)");
}

async function heap(page) {
  await page.send("HeapProfiler.enable");
  await page.send("HeapProfiler.collectGarbage");
  const { usedSize } = await page.send("Runtime.getHeapUsage");
  return usedSize;
}

/** JUnit XML of as many results, the same every time: one in twelve fails, with a trace of a dozen frames. */
function made(n) {
  const words = ["cart", "login", "search", "order", "mail", "price", "stock", "refund", "token", "audit", "batch", "label"];
  const word = (k) => words[k % words.length];
  const frames = (k) => Array.from({ length: 12 }, (_, i) => `  File "/srv/app/${word(k + i)}/${word(k * 7 + i)}.py", line ${(k * 31 + i * 17) % 997}, in ${word(k * 3 + i)}_${word(i)}\n    return self.${word(k + 2 * i)}(${word(k * 5 + i)}, strict=${(k * 13 + i) % 991})`).join("\n");
  const test = (k) => {
    const head = `<testcase classname="tests.${word(k >> 9)}.${word(k >> 6)}.Test${k >> 4}" name="test_${word(k)}_${word(k * 5)}_${k}" time="${((k * 37) % 4000) / 1000}"`;
    if (k % 40 === 7) return `${head}><skipped message="not on this machine"/></testcase>`;
    if (k % 12) return `${head}/>`;
    const text = `Traceback (most recent call last):\n${frames(k)}\nAssertionError: ${k % 500} != ${k % 71}`;
    return `${head}><failure message="AssertionError: ${k % 500} != ${k % 71}">${text.replace(/"/g, "&quot;")}</failure></testcase>`;
  };
  return `<testsuite name="bars">${Array.from({ length: n }, (_, k) => test(k)).join("\n")}</testsuite>\n`;
}

if (process.argv[2] === "--make") {
  writeFileSync(process.argv[4], made(Number(process.argv[3])));
  process.exit();
}
const isFirst = process.argv[2] === "--first";
const browser = new Browser();
try {
  for (const given of process.argv.slice(isFirst ? 3 : 2)) {
    const site = resolve(given);
    const results = files(site, "/results.html").at(-1);
    const launch = results.slice(0, -"results.html".length);
    const page = await browser.page();
    await page.see({ width: 1280, height: 900, scheme: "light" });
    const server = await serve(site);
    const root = server.url;
    try {
      await page.goto(root + results, root);
      const n = await page.run(`tallybook.load("head", "").then((head) => head.n)`);
      const { n: count, bytes } = weighed(site);
      console.log(`\n${n.toLocaleString("en")} results, ${given}\n\n| | measured | at most | |\n|---|---|---|---|`);
      bar("bytes of the site per result, attachments apart", Math.round(bytes / n), MOST.bytesPerResult, String);
      if (n <= MOST.filesOf) bar("files of the site, attachments apart", count, MOST.files, String);
      else told("files of the site, attachments apart", count);
      bar("a launch's page, compressed", await weigh(page, `${root}${launch}index.html`, root, site), MOST.firstScreen, kb);
      bar("its results, first screen, compressed", await weigh(page, root + results, root, site), MOST.firstScreen, kb);
      if (isFirst) continue;
      told("the first failure's message is drawn after", ms(await times(page, `${root}${launch}index.html`, root, "document.querySelector('.message')?.innerText")));
      told("the results are there after", ms(await times(page, root + results, root, "document.body.classList.contains('live') && document.querySelector('#view .item')")));
      const first = await page.run(`document.querySelector("#view .item.leaf")?.innerText ?? ""`);
      if (!first && n <= 50_000) wrong.push("no group leads to the first failure");
      bar("memory of the scripts, the results open", await heap(page), MOST.heap, kb);
      told("a letter typed into the filter is drawn after", ms(await keystroke(page)));
      told("the longest task while filtering by names", ms(await filtering(page)));
      bar("memory of the scripts, filtered by names", await heap(page), MOST.heap, kb);
      told("groups by the parts of names are drawn after", ms(await times(page, `${root}${results}#by=path`, root, "document.querySelector('#view .item.node')")));
      told("a letter typed into the filter, in groups, is drawn after", ms(await keystroke(page)));
      told("a table in the order of names is drawn after", ms(await times(page, `${root}${results}#v=table&o=name`, root, "document.querySelector('#view .cells-row')")));
      bar("memory of the scripts, in groups and in order", await heap(page), MOST.heap, kb);
    } finally {
      server.close();
    }
  }
} finally {
  await browser.close();
}
if (wrong.length) {
  console.error(`\ntoo much: ${wrong.join("; ")}`);
  process.exit(1);
}
