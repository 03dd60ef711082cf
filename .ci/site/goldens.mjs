// Pictures of key pages, held against those that somebody looked at. Fonts come from npm, so that every machine draws
// the same letters; the pictures are half as large, and a small part of them may differ.
//
// Usage: BROWSER=chromium node goldens.mjs SITE OUT [--renew]
// It writes what differs to OUT. With --renew the goldens are what the pages look like now: look at them.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { Browser, each, files, onDisk } from "./browser.mjs";

/** The part of a picture that may differ: what another Chromium does to the edges of letters is less. */
const TOLERANCE = 0.004;
/** How much taller one picture may be than the other, in its own pixels: not a line of text. */
const TALLER = 4;
/** How tall a picture may be, in pixels of the page. */
const TALL = 1800;

const site = resolve(process.argv[2]);
const out = resolve(process.argv[3]);
const renew = process.argv.includes("--renew");
const goldens = join(dirname(fileURLToPath(import.meta.url)), "goldens");

const font = (name, family, weight) => {
  const path = createRequire(import.meta.url).resolve(`@fontsource/${name}/files/${name}-latin-${weight}-normal.woff2`);
  return `@font-face{font-family:"${family}";font-weight:${weight};src:url(data:font/woff2;base64,${readFileSync(path).toString("base64")})}`;
};
const FONTS = [[400, 600, 700].map((w) => font("ibm-plex-sans", "Golden", w)), font("ibm-plex-mono", "Golden Mono", 400), font("ibm-plex-mono", "Golden Mono", 600)].flat().join("");
// Versions and commits differ from one state of the code to the next.
const STYLE = `${FONTS}:root{--sans:"Golden"!important;--mono:"Golden Mono"!important}.foot{visibility:hidden}*{caret-color:transparent!important;content-visibility:visible!important}`;

/** The pages, by the name of their picture; `act` is done before it is taken. */
function subjects() {
  const launch = files(join(site, "shop/launches"), "/results.html").at(-1).split("/")[0];
  const found = files(join(site, "shop/cases"), ".html");
  const open = async (page) => { await page.run("location.hash = '#q=is%3Aunresolved'"); await page.settled(); await page.key("j"); await page.settled(); };
  const change = files(site, ".html").find((path) => path.startsWith("changes/") && readFileSync(join(site, path), "utf8").includes("<title>Delivery matters more"));
  return [
    { name: "workspace", path: "index.html" }, { name: "launch", path: `shop/launches/${launch}/index.html` },
    { name: "results", path: `shop/launches/${launch}/results.html`, act: open }, { name: "case", path: `shop/cases/${found[0]}` },
    { name: "project", path: "shop/index.html" }, { name: "dashboard", path: "shop/dashboards/release.html" },
    { name: "timeline", path: `shop/launches/${launch}/timeline.html` }, { name: "environments", path: `shop/launches/${launch}/environments.html` },
    { name: "changes", path: "changes.html" }, { name: "change", path: change },
  ];
}

const VIEWS = [
  { view: "light", width: 1280, height: 800, scheme: "light" }, { view: "dark", width: 1280, height: 800, scheme: "dark" },
  { view: "narrow", width: 360, height: 740, scheme: "light" }, { view: "print", width: 760, height: 1000, scheme: "light", media: "print" },
];

async function picture(page, { path, act }, view) {
  await page.send("Page.setBypassCSP", { enabled: true });
  await page.see({ ...view, media: view.media ?? "" });
  await page.goto(onDisk(site) + path, onDisk(site));
  await page.run(`(async () => { const s = document.createElement("style"); s.textContent = ${JSON.stringify(STYLE)}; document.head.append(s); await Promise.all([...document.fonts].map((f) => f.load())); dispatchEvent(new Event("resize")); })()`);
  if (act) await act(page);
  const height = Math.max(view.height, Math.min(TALL, await page.run("document.documentElement.scrollHeight")));
  await page.see({ width: view.width, height });
  // Two frames: what was asked for is drawn, where a page is as tall as its window too.
  for (const _ of [1, 2]) await page.run("new Promise((done) => { dispatchEvent(new Event('resize')); requestAnimationFrame(() => requestAnimationFrame(done)); })");
  const { data } = await page.send("Page.captureScreenshot", { format: "png", clip: { x: 0, y: 0, width: view.width, height, scale: 0.5 } });
  return PNG.sync.read(Buffer.from(data, "base64"));
}

/** How much of two pictures differs, from 0 to 1, and a picture of that: of what both have, where one is a line taller. */
function held(one, two) {
  const height = Math.min(one.height, two.height);
  const diff = new PNG({ width: one.width, height });
  const bytes = one.width * height * 4;
  const n = pixelmatch(one.data.subarray(0, bytes), two.data.subarray(0, bytes), diff.data, one.width, height, { threshold: 0.2 });
  return { part: n / (one.width * height), diff };
}

mkdirSync(goldens, { recursive: true });
rmSync(out, { recursive: true, force: true });
const all = subjects().flatMap((subject) => VIEWS.map((view) => ({ ...subject, view, name: `${subject.name}-${view.view}.png`, toString() { return this.name; } })));
const stale = readdirSync(goldens).filter((name) => !all.some((one) => one.name === name));
let failed = 0;
if (renew) stale.forEach((name) => rmSync(join(goldens, name)));
else for (const name of stale) { failed++; console.log(`FAILED  goldens/${name} is of no page`); }

const browser = new Browser();
try {
  failed += await each(browser, 2, all, async (page, one) => {
    const now = await picture(page, one, one.view);
    const path = join(goldens, one.name);
    if (renew) {
      const same = existsSync(path) && ((old) => old.width === now.width && old.height === now.height && held(old, now).part === 0)(PNG.sync.read(readFileSync(path)));
      if (!same) writeFileSync(path, PNG.sync.write(now, { colorType: 2 }));
      return [];
    }
    if (!existsSync(path)) return ["there is no golden; `.ci/site/run --renew` makes it"];
    const golden = PNG.sync.read(readFileSync(path));
    const keep = (name, png) => { mkdirSync(out, { recursive: true }); writeFileSync(join(out, name), PNG.sync.write(png)); };
    if (golden.width !== now.width || Math.abs(golden.height - now.height) > TALLER) {
      keep(one.name, now);
      return [`it is ${now.width} × ${now.height}, the golden ${golden.width} × ${golden.height}; see ${out}; \`.ci/site/run --renew\` makes it the golden`];
    }
    const { part, diff } = held(golden, now);
    if (part <= TOLERANCE) return [];
    keep(one.name, now);
    keep(`${one.name}.diff.png`, diff);
    return [`${(part * 100).toFixed(2)} % of it differs; see ${out}; \`.ci/site/run --renew\` makes it the golden`];
  });
} finally {
  await browser.close();
}
console.log(`${all.length} pictures`);
process.exit(failed ? 1 : 0);
