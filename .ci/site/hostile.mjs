// A site of which everything that people and tests may write is hostile, opened in every way: each page, each of its
// files alone, each result, each attachment. Nothing runs, nothing is asked for, nothing goes elsewhere.
//
// Usage: BROWSER=chromium node hostile.mjs TALLYBOOK FOLDER; the folder is made.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, resolve } from "node:path";
import { Browser, each, files, onDisk, pause, serve } from "./browser.mjs";
import { payloads } from "./payloads.mjs";

const tallybook = resolve(process.argv[2]);
const work = resolve(process.argv[3]);
const repo = join(work, "workspace");
const site = join(work, "site");

// Whoever is asked for anything counts it, even a connection that says nothing.
let asked = [];
const sink = createServer((request, response) => { asked.push(request.url); response.writeHead(200, { "access-control-allow-origin": "*" }).end("x"); });
let connections = 0;
let told = 0;
sink.on("connection", () => { connections++; });
await new Promise((done) => sink.listen(0, "127.0.0.1", done));
const HOSTILE = payloads(`http://127.0.0.1:${sink.address().port}`);

// ---- the workspace

const env = {
  PATH: process.env.PATH, HOME: work, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", TALLYBOOK_NOW: "2026-11-01T12:00:00Z",
  GIT_AUTHOR_NAME: "Alice <script>alert(1)", GIT_AUTHOR_EMAIL: "alice@example.com", GIT_COMMITTER_NAME: "Alice", GIT_COMMITTER_EMAIL: "alice@example.com",
  GIT_AUTHOR_DATE: "2026-11-01T10:00:00Z", GIT_COMMITTER_DATE: "2026-11-01T10:00:00Z",
};
const run = (command, ...args) => execFileSync(command, args, { cwd: repo, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
const tally = (...args) => run(tallybook, ...args);
const commit = (subject) => { run("git", "add", "--all"); run("git", "commit", "--quiet", "--message", subject); };
const write = (path, content) => { mkdirSync(dirname(join(repo, path)), { recursive: true }); writeFileSync(join(repo, path), content); };
// JSON is YAML.
const q = JSON.stringify;
const line = (text) => text.replace(/\s+/g, " ");
const md = (head, body) => `---\n${Object.entries(head).map(([key, value]) => `${key}: ${q(value)}\n`).join("")}---\n\n${body}\n`;
const id = (n) => `HOST-C${String(n).padStart(5, "0").replace(/[0-9]/g, (d) => "0123456789"[d])}`;
const slug = (text) => line(text).replaceAll("/", "∕").replace(/[\u0000-\u001f\\]/g, "").slice(0, 60).trim() || "x";

function document() {
  const at = (n) => HOSTILE[n % HOSTILE.length];
  const all = HOSTILE.join("\n\n");
  write("tallybook.yaml", `format: 1\ntitle: ${q(line(at(0)))}\n`);
  write("projects/host/project.yaml", `key: HOST\nname: ${q(line(at(2)))}\nenvironment: {browser: {default: chrome}}\n`);
  write("projects/host/README.md", `# ${line(at(13))}\n\n${all}\n`);
  write("projects/host/members/alice.yaml", `name: ${q(line(at(17)))}\nemails: [alice@example.com]\nrole: owner\n`);
  HOSTILE.forEach((text, n) => {
    const one = line(text);
    const head = { id: id(n), title: one, execution: n % 2 ? "automated" : "manual", status: "active", owner: "alice", tags: [one.slice(0, 60)], links: [{ type: "issue", name: one, url: text.trim() }, { type: "link", name: one, url: "https://example.com/" + encodeURIComponent(one) }], automation: { selectors: [`suite#${n}`] } };
    const item = text.split("\n").join("\n   ");
    write(`projects/host/cases/${n % 3 ? "plain" : slug(one)}/${n % 5 ? n : slug(one)}.md`, md(head, `${text}\n\n## Description\n\n${text}\n\n## Preconditions\n\n${text}\n\n## Steps\n\n1. ${item}\n   - **Expected:** ${one}\n   - **Data:** ${one}\n\n| ${one.replaceAll("|", "")} | b |\n|---|---|\n| ${one.replaceAll("|", "")} | c |\n`));
    write(`projects/host/defects/DEF-D${n}.md`, md({ id: `DEF-D${n}`, title: one, status: "open", owner: "alice", matchers: [{ message: `known ${n}$` }] }, text));
  });
  write("projects/host/mutes/MUTE-M1.yaml", `id: MUTE-M1\nreason: ${q(line(at(5)))}\nowner: alice\nuntil: 2027-03-01\ncases: [${id(4)}]\n`);
  write("projects/host/requirements/all.yaml", `requirements:\n${HOSTILE.map((text, n) => `  - {id: REQ-${n}, title: ${q(line(text))}, url: ${q(text)}}\n`).join("")}`);
  write("projects/host/plans/all.yaml", `name: ${q(line(at(3)))}\ndescription: ${q(at(13))}\nquery: execution = manual\n`);
}

/** The results of one payload: in every field, and in files of every kind. */
function result(text, n, again) {
  const one = line(text);
  const file = (kind, content) => { const source = `${again}-${n}-${kind}`; writeFileSync(join(work, "results", source), content); return source; };
  const attachments = [
    ["page", `<!doctype html><title>x</title>${text}`, "attachment.html", "text/html"],
    ["picture", `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="300" onload="window.__pwned=${n}">${text}<script>window.__pwned=${n};alert(${n})</script></svg>`, "attachment.svg", "image/svg+xml"],
    ["xml", `<?xml version="1.0"?>${text}<x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(${n})</h:script></x>`, "attachment.xml", "application/xhtml+xml"],
    ["script", `${text};window.__pwned=${n}`, "attachment.js", "text/javascript"],
    ["gif", Buffer.concat([Buffer.from("GIF89a/*"), Buffer.from(text), Buffer.from(`*/=1;alert(${n})`)]), "attachment.gif", "text/html"],
    ["png", Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from(text)]), "attachment.png", "image/png"],
    ["video", Buffer.concat([Buffer.from([0, 0, 0, 0x18]), Buffer.from(`ftypmp42${text}`), Buffer.from([0, 0xff])]), "attachment.mp4", "video/mp4"],
    ["text", text, "attachment.txt", "text/plain"],
    ["json", `{${q(text)}: ${q(text)}, "__proto__": {"polluted": ${q(text)}}, "deep": ${"[".repeat(400)}${q(text)}${"]".repeat(400)}}`, "attachment.json", "application/json"],
    ["csv", `${q(text).replaceAll('\\"', '""')},b\n=1+1,"${text.replaceAll('"', '""')}"\n${text}`, "attachment.csv", "text/csv"],
    ["http", q({ schemaVersion: 1, request: { method: text, url: text, headers: [{ name: text, value: text }], query: { __proto__: text, [text]: text }, body: { contentType: "text/html", value: text } }, response: { status: 200, statusText: text, headers: { [text]: text }, body: { contentType: "application/json", value: text } }, error: { name: text, message: text, stack: text } }), "attachment.httpexchange", "application/vnd.allure.http+json"],
    ["har", q({ log: { entries: [{ request: { method: text, url: text, postData: { mimeType: text, text } }, response: { status: text, content: { text } }, time: text }, null, text] } }), "attachment.har", "application/json"],
    ["pictures", q({ expected: `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="window.__pwned=${n}">${text}</svg>`).toString("base64")}`, actual: text, diff: `data:image/png;base64,${Buffer.from(text).toString("base64")}` }), "attachment.imagediff", "application/vnd.allure.image.diff"],
    ["more-pictures", q({ expected: `data:image/png;base64,${Buffer.from(text).toString("base64")}`, actual: `data:image/gif;base64,${Buffer.from(text).toString("base64")}` }), "attachment.imagediff", "application/vnd.allure.image.diff"],
  ].map(([kind, content, name, type]) => ({ name: `${one} ${kind}.html`, source: file(kind, content, name), type }));
  // Pictures that belong together by their names.
  for (const part of ["expected", "actual", "diff"]) attachments.push({ name: `${one}-${part}.png`, source: file(part, Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from(text)]), "attachment.png"), type: "image/png" });
  const status = ["failed", "broken", "passed", "skipped"][n % 4];
  const step = { name: text, status, start: 1, stop: 2, parameters: [{ name: one, value: text }], attachments: attachments.slice(0, 1), statusDetails: { message: text, trace: text } };
  return {
    uuid: `${again}-${n}`, historyId: `h${n}`, name: one, fullName: n % 2 ? `suite#${n}` : one, status, start: 1793500000000 + n, stop: 1793500001000 + n,
    statusDetails: { message: n % 8 === 0 ? `known ${n}` : n % 8 === 4 ? `Expected: ${one}\nReceived: x${one}` : text, trace: `${text}\n    at ${text}\n    at f (node_modules/a.js:1:2)\n    at g (node_modules/b.js:1:2)\n    at ${one} (/b/a.js:3:4)`, ...(n % 8 === 5 ? { expected: text, actual: `${text}\u00a0\n${text}` } : {}) }, description: text, descriptionHtml: n % 2 ? text : undefined,
    labels: [{ name: "suite", value: one }, { name: "parentSuite", value: one }, { name: one, value: text }, { name: "owner", value: one }, { name: "tag", value: one }, { name: "AS_ID", value: n % 2 ? one : id(n) }],
    parameters: [{ name: one, value: text }, { name: "__proto__", value: text }], links: [{ name: one, url: text, type: one }, { name: one, url: `javascript:alert(${n})`, type: "issue" }],
    steps: [step, { ...step, steps: [step] }], attachments, titlePath: [one],
  };
}

function launch(again) {
  const results = join(work, "results");
  HOSTILE.forEach((text, n) => writeFileSync(join(results, `${again}-${n}-result.json`), q(result(text, n, again))));
  const name = line(HOSTILE[again]);
  const key = tally("launch", "open", "--name", name, "--tag", line(HOSTILE[14]), "--env", `browser=${line(HOSTILE[13])}`, "--branch", "main", "--link", "https://example.com/<script>alert(1)</script>");
  try {
    tally("launch", "append", key, results, "--job", line(HOSTILE[3]).replaceAll("/", "∕"), "--url", "https://example.com/\"><script>alert(1)</script>");
  } catch (error) {
    // It says that some input was strange; the launch has the rest.
    if (error.status !== 1) throw error;
  }
  tally("launch", "close", key, "--accept-loss", "*", "--reason", line(HOSTILE[0]));
}

mkdirSync(join(work, "results"), { recursive: true });
mkdirSync(repo);
run("git", "init", "--quiet", "--initial-branch", "main");
document();
commit("Set up");
launch(0);
HOSTILE.forEach((text, n) => { if (n % 6 === 0) { write("projects/host/README.md", `${text}\n`); write(`projects/host/plans/p${n}.yaml`, `name: ${q(line(text))}\nquery: execution = manual\n`); commit(line(text).replace(/\u0000/g, "")); } });
launch(1);
tally("render", "--out", site, "--at", "HEAD", "--base-url", "https://example.com/\"><script>alert(1)</script>");
const review = execFileSync(tallybook, ["review", "HEAD~9..HEAD", "--format", "html"], { cwd: repo, env, encoding: "utf8" });
writeFileSync(join(site, "review.html"), review);
const ask = (...args) => execFileSync(tallybook, args, { cwd: repo, env, encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "ignore"] });
const [latest] = JSON.parse(ask("launch", "list", "--format", "json"));
writeFileSync(join(site, "single.html"), ask("render", "--single-file", latest.id, "--at", "HEAD", "--out", "-"));

// ---- opened in every way

/** What ran, in any frame, and where the page is now. */
async function damage(page, url, root) {
  const wrong = page.wrong.splice(0);
  for (const { session, id: context } of page.everywhere()) {
    const pwned = await page.runIn(session, context, "typeof __pwned === 'undefined' ? null : __pwned").catch(() => null);
    if (pwned !== null) wrong.push(`payload ${pwned} ran: ${HOSTILE[pwned]}`);
  }
  if (connections > told) {
    told = connections;
    wrong.push(`about here another host was spoken to (${page.at ?? url})`);
  }
  const now = await page.run("location.href");
  if (now.split("#")[0] !== url.split("#")[0]) wrong.push(`it went to ${now}`);
  for (const frame of page.frames.values()) if (!frame.startsWith(root) && !frame.startsWith("about:")) wrong.push(`a frame went to ${frame}`);
  return wrong;
}

/** Links that would do more than go to a page, wherever they stand. */
const LINKS = `[...document.querySelectorAll("a[href], area[href], form[action], [formaction], iframe[src], object[data], embed[src], base[href]")].map((e) => e.getAttribute("href") ?? e.getAttribute("action") ?? e.getAttribute("src") ?? "").filter((to) => { try { return !["http:", "https:", "file:", "mailto:"].includes(new URL(to, location.href).protocol); } catch { return false; } })`;
const OWN = `[...document.querySelectorAll("script:not([src]), iframe, object, embed, base, meta[http-equiv='refresh'], link[rel~='preconnect'], link[rel~='prefetch'], style")].map((e) => e.outerHTML.slice(0, 120))`;
const HANDLERS = `[...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).map((e) => e.outerHTML.slice(0, 120))`;

async function onePage(page, url, root) {
  await page.goto(url, root);
  const wrong = [];
  for (const to of await page.run(LINKS)) wrong.push(`a link to ${to}`);
  if (!/\/(review|single)\.html$/.test(url)) for (const found of await page.run(OWN)) wrong.push(`an element of somebody else's: ${found}`);
  for (const found of await page.run(HANDLERS)) wrong.push(`a handler: ${found}`);
  // Everything that unfolds, everything that can be pressed without leaving, and the mouse over the middle of it.
  await page.run(`(async () => { for (const e of document.querySelectorAll("summary, main button")) { e.click(); } })()`);
  await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: 400, y: 400 });
  await page.settled();
  return [...wrong, ...(await damage(page, url, root))];
}

/** A result beside the list: all that it has is opened, its attachments as pages too, and those are pressed. */
async function oneResult(page, url, root, n) {
  page.at = `result ${n}`;
  await page.run(`location.hash = "#r=${n}"`);
  await page.settled();
  const wrong = (await page.run(LINKS)).map((to) => `a link to ${to}`);
  wrong.push(...(await page.run(HANDLERS)).map((found) => `a handler: ${found}`));
  const deep = n % 3 !== 0;
  if (deep) await page.run(`(() => { for (const e of document.querySelectorAll(".pane details")) e.open = true; for (const e of document.querySelectorAll(".pane .copies button, .pane .sides button")) e.click(); })()`);
  await page.settled();
  // What could not be copied is shown to be copied by hand.
  if (deep) await page.run(`(() => { for (const e of document.querySelectorAll("dialog[open]")) e.close(); for (const e of document.querySelectorAll(".pane .compared .chip")) e.click(); })()`);
  const words = deep ? ["Text", "Tree", "Table", "Exchanges", "Page"] : ["Page"];
  for (const word of words) {
    await page.run(`(async () => { for (const e of document.querySelectorAll(".pane details")) e.open = true; for (const e of document.querySelectorAll(".pane .attachment button")) if (e.textContent === ${q(word)}) e.click(); })()`);
    await page.settled();
  }
  await pause(60);
  if (deep) {
    const frames = await page.run(`document.querySelectorAll(".pane iframe").length`);
    if (!frames) wrong.push("no attachment opens as a page");
    for (let i = 0; i < Math.min(frames, 2); i++) {
      // What is loaded meanwhile may move it.
      let at = null;
      for (let tries = 0; tries < 20 && !at; tries++) {
        at = await page.run(`(() => { const e = document.querySelectorAll(".pane iframe")[${i}]; if (!e) return null; e.scrollIntoView({ block: "start" }); const r = e.getBoundingClientRect(); return document.elementFromPoint(r.x + 30, r.y + 30) === e ? [r.x + 30, r.y + 30] : null; })()`);
        if (!at) await pause(50);
      }
      if (!at) { wrong.push(`page ${i} of result ${n} can't be pressed`); break; }
      await page.press(at);
    }
    await pause(60);
  }
  return [...wrong, ...(await damage(page, url, root))];
}

/** All results as a table for spreadsheets: no cell of it is a formula. */
async function asTable(page) {
  const table = await page.run(`(async () => { const made = URL.createObjectURL, press = HTMLAnchorElement.prototype.click; const blob = new Promise((done) => { URL.createObjectURL = (one) => { done(one); return "about:blank#"; }; }); HTMLAnchorElement.prototype.click = () => {}; document.querySelector(".bench .acts button").click(); const text = await (await blob).text(); URL.createObjectURL = made; HTMLAnchorElement.prototype.click = press; return text; })()`);
  const cells = [...table.matchAll(/(?:^|,|\n)("(?:[^"]|"")*"|[^,"\n]*)/g)].map(([, cell]) => cell.replace(/^"|"$/g, ""));
  const formulas = cells.filter((cell) => /^[=+@\t\r-]/.test(cell) && Number.isNaN(Number(cell)));
  return [...formulas.map((cell) => `a formula in the table: ${cell}`), ...(/'=HYPERLINK/.test(table) ? [] : ["the table lacks the payload that is a formula"])];
}

const browser = new Browser();
let failed = 0;
const began = Date.now();
try {
  const server = await serve(site);
  const roots = [server.url, onDisk(site)];
  const address = (root, path) => root + path.split("/").map(encodeURIComponent).join("/");
  const html = files(site, ".html");
  // Pages of one folder are alike: where there are many, each is opened in one way, and its neighbour in the other.
  const folder = (path) => path.slice(0, path.lastIndexOf("/") + 1);
  const many = (path) => html.filter((other) => folder(other) === folder(path)).length > 8;
  const ways = (path, n) => (many(path) ? [roots[n % 2]] : roots);
  failed += await each(browser, 3, html.flatMap((path, n) => ways(path, n).map((root) => address(root, path))), (page, url) => onePage(page, url, roots.find((root) => url.startsWith(root))));
  // Every other file alone, as whoever follows a link to it opens it.
  const others = files(site, "").filter((path) => !/^assets\/|\.html$|\.tallybook-site$/.test(path));
  // Scripts of data show as text, one like the other.
  const alone = others.filter((path, n) => !path.endsWith(".js") || n % 5 === 0);
  failed += await each(browser, 3, alone.flatMap((path) => roots.map((root) => address(root, path))), async (page, url) => {
    const root = roots.find((one) => url.startsWith(one));
    await page.goto(url, root, { rest: false });
    return damage(page, url, root);
  });
  // Every result of the latest launch, half of them from the disk. What the policy stops is said in the console.
  const results = html.filter((path) => path.endsWith("/results.html")).slice(-1);
  failed += await each(browser, 3, roots.flatMap((root, way) => [0, 2].map((half) => [address(root, results[0]), way + half])), async (page, [url, part]) => {
    await page.goto(url, roots[part % 2]);
    page.quiet = true;
    const wrong = [];
    if (part === 0) wrong.push(...(await asTable(page)));
    for (let n = part; n < HOSTILE.length; n += 4) wrong.push(...(await oneResult(page, url, roots[part % 2], n)));
    return wrong;
  });
  await pause(200);
  if (asked.length) { failed++; console.log(`FAILED  requests left: ${[...new Set(asked)].join(", ")}`); }
  if (connections) { failed++; console.log(`FAILED  ${connections} connections were made to another host`); }
  console.log(`${HOSTILE.length} payloads, ${html.length} pages, ${alone.length} files, ${HOSTILE.length} results in ${Math.round((Date.now() - began) / 1000)} s`);
  server.close();
} finally {
  await browser.close();
  sink.closeAllConnections();
  sink.close();
}
process.exit(failed ? 1 : 0);
