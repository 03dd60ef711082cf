// What scripts say stands in the catalogue: on a site with every text between marks, nothing that a script writes stands
// outside of them but data.
//
// Usage: node texts.mjs --marked           prints the catalogue with every text between marks
//        BROWSER=chromium node texts.mjs SITE   looks at the playground's site in that language

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Browser, files, onDisk } from "./browser.mjs";

/** The catalogue has a text a line, or the forms of one. Signs within numbers stay as they are. */
function marked() {
  const text = readFileSync(new URL("../../templates/texts/en.yaml", import.meta.url), "utf8");
  const quoted = (words) => words.replace(/'((?:[^']|'')*)'/g, "'⟦$1⟧'");
  return text.split("\n").map((line) => {
    const found = /^( {2}[\w'-]+: )(.*)$/.exec(line);
    if (!found || /^ {2}(group|decimal): /.test(line)) return line;
    return found[1] + (/^['{]/.test(found[2]) ? quoted(found[2]) : `'⟦${found[2].replaceAll("'", "''")}⟧'`);
  }).join("\n");
}

/** Words that are seen and stand outside of marks, with what they are in. */
const BARE = `(() => {
  const out = [];
  const data = "code, pre, kbd, bdi, script, style, option, output, [dir=auto], .prose, .message, .mono, .id, .tag, .params, .dur, .full, .trace, .url, .text, .path, .proof, .pane .notice, text.lane, td.quiet, .fact dd";
  let depth = 0;
  const wordy = (text) => /\\p{L}{2}/u.test(text);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    let bare = "";
    for (const c of node.nodeValue) { if (c === "⟦") depth++; else if (c === "⟧") depth--; else if (!depth) bare += c; }
    const parent = node.parentElement;
    if (wordy(bare) && parent && parent.checkVisibility() && !parent.closest(data)) out.push(parent.tagName.toLowerCase() + "." + parent.className + ": " + bare.trim().slice(0, 80));
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (!element.checkVisibility() || element.closest(data + ", .item, time, svg, .anchor, .node")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const value = element.getAttribute(name) || "";
      if (wordy(value) && !value.includes("⟦")) out.push("@" + name + " " + element.tagName.toLowerCase() + "." + element.className + ": " + value.slice(0, 80));
    }
  }
  return out;
})()`;

/** What is data on these pages though no class says so: ids of cases, variables, kinds of links, names of formats. */
const DATA = [/^button\.[\w ]+: (CSV|Markdown)$/, /^a\.: [A-Z]+-[A-Z0-9]+$/, /^span\.: [\w./=-]+(, [\w./=-]+)*$/, /^span\.kind: \w+$/, /^(dt|th|td)\.[\w ]*: [\w =.,/-]{1,60}$/];

if (process.argv[2] === "--marked") {
  console.log(marked());
} else {
  const site = resolve(process.argv[2]);
  const root = onDisk(site);
  const all = files(join(site, "shop/launches"), "/results.html");
  const launch = `shop/launches/${all.at(-1).split("/")[0]}`;
  const ids = all.map((path) => path.split("/")[0]);
  const PAGES = [
    [`${launch}/results.html#s=failed`, ["j", "?"]], [`${launch}/results.html#q=nothinghasthis`, []], [`${launch}/results.html#s=passed`, ["j"]],
    [`${launch}/timeline.html#from=1000&to=60000`, []], [`shop/compare.html#base=${ids[0]}&launch=${ids.at(-1)}`, []], ["changes.html", []], ["shop/index.html", ["?"]], ["shop/cases.html#q=gift", []],
  ];
  const browser = new Browser();
  let failed = 0, said = 0;
  try {
    const page = await browser.page();
    await page.see({ width: 1280, scheme: "light", scripts: true });
    for (const [path, keys] of PAGES) {
      await page.goto(root + path, root);
      for (const key of keys) { await page.key(key); await page.settled(); }
      await page.run("new Promise((done) => setTimeout(done, 300))");
      said += await page.run("document.body.innerText.split('⟦').length - 1");
      const bare = (await page.run(BARE)).filter((line) => !DATA.some((known) => known.test(line)));
      const wrong = [...new Set([...bare, ...page.wrong])];
      if (wrong.length) { failed++; console.log(`FAILED  ${path}`); for (const line of wrong.slice(0, 20)) console.log(`        ${line}`); }
    }
  } finally {
    await browser.close();
  }
  if (said < 500) { failed++; console.log(`FAILED  only ${said} texts were seen`); }
  console.log(`${PAGES.length} pages, ${said} texts`);
  process.exitCode = failed ? 1 : 0;
}
