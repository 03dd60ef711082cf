// Every page of a site: from the disk, from a sub-path over HTTP, and without JavaScript. Nothing in the console, no
// request that fails or leaves the site, a title and one heading of the first rank, nothing that axe-core finds in
// light and dark, and nothing to scroll sideways for at 360 px.
//
// Usage: BROWSER=chromium node pages.mjs SITE…

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Browser, each, files, onDisk, serve } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const STATE = `({
  title: document.title, h1: [...document.querySelectorAll("h1")].filter((e) => e.checkVisibility()).length, text: document.body.innerText.length,
  wide: document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("svg") && e.checkVisibility()).map((e) => e.tagName.toLowerCase() + "." + e.className).slice(0, 5) : null,
  live: document.body.classList.contains("live"),
})`;

async function state(page, scripts) {
  const seen = await page.run(STATE);
  const wrong = [];
  if (!seen.title) wrong.push("it has no title");
  if (seen.h1 !== 1) wrong.push(`it has ${seen.h1} headings of the first rank`);
  if (seen.text < 100) wrong.push("it is empty");
  if (seen.wide) wrong.push(`it is wider than its window: ${seen.wide.join(", ")}`);
  if (!scripts && seen.live) wrong.push("its scripts ran");
  return wrong;
}

/** What axe-core finds, of all rules or of some. */
async function axe(page, what, rules) {
  const run = rules ? { runOnly: { type: "rule", values: rules } } : { runOnly: { type: "tag", values: TAGS } };
  if (!(await page.run("typeof axe === 'object'"))) await page.run(AXE);
  // A frame that is shut off has a page of somebody else's in it; a table without a word in its corner is its author's.
  const found = await page.run(`axe.run(document, ${JSON.stringify({ ...run, resultTypes: ["violations"], iframes: false, preload: false })}).then((r) => r.violations.flatMap((v) => v.nodes.filter((n) => v.id !== "empty-table-header" || !document.querySelector(n.target[0])?.closest(".prose")).slice(0, 3).map((n) => v.id + ": " + n.target.join(" ") + " · " + n.html.slice(0, 120) + " · " + (n.failureSummary || "").split("\\n").slice(1, 3).join(" ").trim())))`);
  return found.map((line) => `axe-core, ${what}: ${line}`);
}

async function byHttp(page, url, root) {
  await page.see({ width: 1280, scheme: "light", scripts: true });
  await page.goto(url, root);
  const wrong = await state(page, true);
  const results = url.endsWith("/results.html");
  wrong.push(...(await axe(page, "1280 px, light")));
  if (results) {
    await page.key("t");
    await page.settled();
    wrong.push(...(await axe(page, "the table, light")));
    await page.key("t");
    await page.settled();
    await page.key("j");
    await page.settled();
    wrong.push(...(await axe(page, "a result, light")));
  }
  // What another width and other colours can change.
  await page.see({ width: 360, height: 740, scheme: "dark" });
  const narrow = [...(await state(page, true)), ...(await axe(page, "dark", ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]))];
  return [...wrong, ...narrow.map((line) => `at 360 px: ${line}`), ...page.wrong];
}

const browser = new Browser();
let failed = 0;
try {
  for (const site of process.argv.slice(2).map((path) => resolve(path))) {
    const pages = files(site, ".html");
    const server = await serve(site);
    const disk = onDisk(site);
    const began = Date.now();
    failed += await each(browser, 3, pages, async (page, path) => {
      const url = (root) => root + path.split("/").map(encodeURIComponent).join("/");
      const wrong = await byHttp(page, url(server.url), server.url);
      for (const scripts of [true, false]) {
        await page.see({ width: 1280, scheme: "light", scripts });
        await page.goto(url(disk), disk);
        await page.see({ scripts: true });
        wrong.push(...[...(await state(page, scripts)), ...page.wrong].map((line) => `from the disk${scripts ? "" : ", without JavaScript"}: ${line}`));
      }
      return wrong;
    });
    server.close();
    console.log(`${pages.length} pages, three ways, in ${Math.round((Date.now() - began) / 1000)} s`);
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
