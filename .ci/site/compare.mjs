// Two launches compared on the page say what `tallybook launch compare` says: counts, rates, and which tests.
//
// Usage: BROWSER=chromium node compare.mjs TALLYBOOK WORKSPACE SITE; the site is that of the workspace's HEAD.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { Browser, each, files, onDisk } from "./browser.mjs";

const [tallybook, workspace, site] = process.argv.slice(2).map((path) => resolve(path));
const root = onDisk(site);
const KINDS = {
  new: "new_failures", still: "still_failing", fixed: "fixed", flaky: "newly_flaky", skipped: "newly_skipped",
  resumed: "resumed", added: "added", removed: "removed",
};

const SHOWN = `({
  heading: document.querySelector("#compared").innerText,
  counts: Object.fromEntries([...document.querySelectorAll("#found [data-kind]")].map((e) => [e.dataset.kind, Number(e.querySelector("dd").innerText.replaceAll(",", ""))])),
  facts: Object.fromEntries([...document.querySelectorAll("#found .fact")].map((e) => [e.querySelector("dt").innerText, e.querySelector("dd").innerText])),
  tests: Object.fromEntries([...document.querySelectorAll("#found section")].map((e) => [e.id.slice(3), [...e.querySelectorAll("tbody .row")].map((a) => a.innerText)])),
  left: document.querySelectorAll("#found > p").length,
})`;

/** A share as the page has it: cut, so that nothing reads as 100 % that is not. */
function rate({ part, of }) {
  const t = Math.floor((part * 1000) / of);
  return of ? `${t === 1000 ? "100" : `${Math.floor(t / 10)}.${t % 10}`} % of ${String(of).replace(/\B(?=(\d{3})+(?!\d))/g, ",")}` : "nothing to count";
}

async function pair(page, [project, base, launch]) {
  const said = JSON.parse(execFileSync(tallybook, ["-C", workspace, "launch", "compare", launch, base, "--project", project, "--at", "HEAD", "--format", "json"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const query = new URLSearchParams({ base, launch });
  await page.goto(`${root}${project}/compare.html#${query}`, root);
  for (let n = 0; n < 200 && !(await page.run("document.querySelector('#found')?.checkVisibility()")); n++) await page.run("new Promise((done) => setTimeout(done, 25))");
  await page.run("Promise.all([...document.querySelectorAll('#found .more')].filter((b) => b.checkVisibility()).map((b) => b.click())).then(() => new Promise((done) => setTimeout(done, 200)))");
  const shown = await page.run(SHOWN);
  for (const [kind, key] of Object.entries(KINDS)) {
    assert.equal(shown.counts[kind], said[key].length, `${kind} of ${launch} against ${base}`);
    assert.deepEqual([...(shown.tests[kind] || [])].sort(), said[key].map((test) => test.name).sort(), kind);
  }
  assert.equal(shown.facts["Tests in both"], String(said.in_both));
  assert.equal(shown.facts["The same"], String(said.counts.same));
  assert.equal(shown.facts["Passed of both, before"], rate(said.pass_rate.before));
  assert.equal(shown.facts["Passed of both, now"], rate(said.pass_rate.now));
  assert.equal(shown.left, said.left_out.length);
  return page.wrong;
}

const browser = new Browser();
let failed = 0;
let pairs = [];
try {
  const projects = files(site, "/compare.html").filter((path) => path.split("/").length === 2).map((path) => path.split("/")[0]);
  assert.ok(projects.length > 0, "no page compares launches");
  for (const project of projects) {
    const list = JSON.parse(execFileSync(tallybook, ["-C", workspace, "launch", "list", "--project", project, "--at", "HEAD", "--format", "json"], { encoding: "utf8" }));
    const ids = list.map((launch) => launch.id);
    const next = ids.slice(1).map((id, i) => [project, id, ids[i]]);
    pairs.push(...next.slice(0, 8), [project, ids.at(-1), ids[0]], [project, ids[0], ids.at(-1)]);
  }
  failed = await each(browser, 2, pairs, async (page, one) => {
    await page.see({ width: 1280, scheme: "light", scripts: true });
    return pair(page, one);
  });
} finally {
  await browser.close();
}
console.log(`${pairs.length} pairs of launches`);
process.exit(failed ? 1 : 0);
