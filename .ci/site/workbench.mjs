// The workbench in a browser: five cases are executed with failures, comments and a pasted screenshot; the server is
// killed in the middle; the launch is closed, verified and rendered, and every step is there. And whoever is not its
// own page gets nothing.
//
// Usage: BROWSER=chromium node workbench.mjs TALLYBOOK FOLDER [--pictures DIR]; FOLDER is empty.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { Browser, pause, within } from "./browser.mjs";

const tallybook = resolve(process.argv[2]);
const folder = resolve(process.argv[3]);
const pictures = process.argv.includes("--pictures") ? process.argv[process.argv.indexOf("--pictures") + 1] : null;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const book = (...args) => run(tallybook, "--quiet", ...args);
const git = (...args) => run("git", ...args);

/** Waits until something holds. */
async function until(what, holds, ms = 20_000) {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await pause(40);
  }
}

// ---- a workspace with a plan

mkdirSync(folder, { recursive: true });
git("init", "--quiet", "--initial-branch=main");
git("config", "user.name", "Kenji Watanabe");
git("config", "user.email", "kenji@example.com");
book("init", "--name", "Shop", "--key", "SHOP", ".");
const cases = join(folder, "projects/shop/cases/checkout");
mkdirSync(cases, { recursive: true });
mkdirSync(join(folder, "projects/shop/plans"), { recursive: true });
const steps = (n) => Array.from({ length: n }, (_, i) => `${i + 1}. Do thing ${i + 1}, see https://shop.example/${i + 1}\n   - **Expected:** it says <b>${i + 1}</b>.\n`).join("");
const IDS = ["SHOP-00001A", "SHOP-00002B", "SHOP-00003C", "SHOP-00004D", "SHOP-00005E"];
const TITLES = ["A card pays", "B voucher <script>alert(1)</script> pays", "C \u0639\u0631\u0628\u0629", "D order without an address", "E look"];
IDS.forEach((id, i) => writeFileSync(join(cases, `case-${i}.md`), `---\nid: ${id}\ntitle: ${JSON.stringify(TITLES[i])}\nexecution: manual\ntags: [smoke]\n---\n\n## Preconditions\n\nA basket with three things.\n${i === 4 ? "" : `\n## Steps\n\n${steps(3)}`}`));
writeFileSync(join(folder, "projects/shop/plans/smoke.yaml"), "name: Smoke\nquery: tag = smoke\n");
let said = "";
try { said = book("validate"); } catch (error) { said = error.stdout; }
assert.doesNotMatch(said, /error/, said);
git("add", ".");
git("commit", "--quiet", "--message", "A workspace");

// ---- the server

/** Starts the server; resolves to its addresses. */
async function start(port) {
  const server = spawn(tallybook, ["serve", "--port", String(port)], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  let out = "";
  server.stdout.on("data", (piece) => { out += piece; });
  await until("the server says where it is", () => out.split("\n").length > 2);
  const [site, work] = out.split("\n");
  return { server, site, work, port: new URL(site).port };
}
const kill = (server) => new Promise((done) => { server.on("exit", done); server.kill("SIGKILL"); });

let at = await start(0);
const browser = new Browser();
try {
  const page = await browser.page();
  await page.see({ width: 1280, height: 900, scheme: "light", scripts: true });
  const heading = () => page.run("document.querySelector('h1')?.innerText || ''");
  const keptSaid = () => page.run("document.getElementById('kept').innerText");
  const kept = () => until("what was answered is kept", async () => /^Kept/.test(await keptSaid()));
  const press = async (keys) => { for (const key of keys) await page.key(key); };
  const click = async (words) => assert.ok(await page.run(`(() => { const all = [...document.querySelectorAll("main a, main button")]; const one = all.find((e) => e.innerText.trim().startsWith(${JSON.stringify(words)}) && !e.disabled); one?.click(); return !!one; })()`), `there is no "${words}"`);
  const picture = async (name) => {
    for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
      await page.see({ width, height: 900, scheme });
      await pause(80);
      const wide = await page.run("document.documentElement.scrollWidth > innerWidth");
      assert.ok(!wide, `${name} is wider than ${width} px`);
      if (!(await page.run("typeof axe === 'object'"))) await page.run(AXE);
      const found = await page.run("axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }, resultTypes: ['violations'], preload: false }).then((r) => r.violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.html.slice(0, 140)}`)))");
      assert.deepEqual(found, [], `axe-core, ${name}, ${width} px, ${scheme}`);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        const { data } = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
        writeFileSync(join(pictures, `${name}-${width}-${scheme}.png`), Buffer.from(data, "base64"));
      }
    }
    await page.see({ width: 1280, height: 900, scheme: "light" });
  };

  // Without the key there is nothing.
  page.quiet = true;
  await page.goto(`${at.site}.work/`, at.site);
  await until("that it is locked", async () => /locked/.test(await heading()));
  await page.goto(at.work, at.site);
  await until("nothing to do", async () => /No launch is open/.test(await heading()));

  // A launch is opened from a plan, and given to somebody.
  await click("Open a launch");
  await until("what the plan selects", () => page.run("/selects 5 cases/.test(document.querySelector('main').innerText)"));
  await page.run("document.querySelector('#name').focus()");
  await page.type("Smoke by hand");
  await page.run("document.querySelector('label.who input').click()");
  await picture("start");
  await click("Open it");
  await until("the queue", async () => /5 tests are yours/.test(await heading()));
  const [launch] = book("launch", "list").match(/\d{4}-\d\d-\d\d-\d{4}-smoke-by-hand-\w+/);
  assert.ok(!(await page.run("location.href")).includes("key="), "the key stays out of the address");
  assert.deepEqual(page.wrong, []);
  await picture("queue");

  // The first passes by keys alone, and the next comes by itself.
  const opened = (title) => until(title, async () => (await heading()) === title);
  await click("Execute the first");
  const title = await (async () => { await until("a case", async () => TITLES.includes(await heading())); return heading(); })();
  assert.equal(title, TITLES[0]);
  await press("ppp");
  await kept();
  await picture("case");
  await press("r");
  await opened(TITLES[1]);

  // The second fails at its second step, with a comment and a pasted screenshot.
  await press("p");
  await press("f");
  await until("the field for what was seen", () => page.run("document.activeElement?.dataset.step === '1'"));
  await page.type("It says <b>nothing</b> & the voucher is gone");
  await page.key("Escape");
  await kept();
  await page.run(`(async () => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(PICTURE)}), (c) => c.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  })()`);
  await until("the screenshot", () => page.run("[...document.querySelectorAll('.shots li')].some((li) => /^screenshot-/.test(li.innerText))"));
  await kept();
  await picture("failure");
  await click("Skip the rest");
  await kept();
  await until("it can be recorded", () => page.run("!document.querySelector('#record').disabled"));
  await press("r");
  await opened(TITLES[2]);

  // The server dies while the third is executed. The page says so, keeps on trying, and goes on with another server.
  await press("p");
  await kept();
  await kill(at.server);
  await press("f");
  await page.type("no answer");
  await page.key("Escape");
  await until("the page says that it is not kept", async () => /^Not kept/.test(await keptSaid()));
  const port = at.port;
  at = await start(port);
  assert.equal(at.port, port);
  const other = await browser.page();
  other.quiet = true;
  await other.goto(at.work, at.site);
  await until("what was answered is kept by the new server", async () => /^Kept/.test(await keptSaid()));
  await kill(at.server);
  at = await start(port);
  await other.goto(at.work, at.site);
  await until("the draft", () => other.run("[...document.querySelectorAll('.flag')].some((e) => /2 steps answered/.test(e.innerText))"));
  await page.goto(`${at.site}.work/`, at.site);
  page.quiet = true;
  await until("the queue again", async () => /3 tests are yours/.test(await heading()));
  await click("Go on");
  await opened(TITLES[2]);
  assert.equal(await page.run("document.querySelector('textarea[data-step=\"1\"]').value"), "no answer");
  await press("k");

  // Another tab answers the same case: the later one is told, and nothing is lost.
  await other.run("document.querySelector('.acts a.main').click()");
  await until("the case in the other tab", () => other.run(`document.querySelector('h1').innerText === ${JSON.stringify(TITLES[2])}`));
  await other.run("document.querySelectorAll('.todo')[2].querySelector('.verdicts button').click()");
  await until("kept there", () => other.run("/^Kept \\d/.test(document.getElementById('kept').innerText)"));
  await page.run("document.querySelectorAll('.todo')[2].querySelectorAll('.verdicts button')[3].click()");
  await until("it was changed elsewhere", () => page.run("/changed elsewhere/.test(document.querySelector('main').innerText)"));
  assert.equal(await page.run("document.querySelectorAll('.todo')[2].querySelector('[aria-pressed=true]').innerText.trim().split(/\\s/)[0]"), "Passed");
  await press("r");
  await opened(TITLES[3]);

  // The fourth passes, and is executed once more: it fails.
  await press("ppp");
  await kept();
  await press("r");
  await opened(TITLES[4]);
  // The fifth has no steps.
  await page.run("document.querySelectorAll('.ending .verdicts button')[0].click()");
  await kept();
  await press("r");
  await until("nothing is left", async () => /^\s*Recorded: passed/.test(await heading()));
  await click("Back to what is open");
  await until("the queue is empty", async () => /Nothing is left/.test(await heading()));
  await page.run("for (const d of document.querySelectorAll('details')) d.open = true");
  await page.run(`[...document.querySelectorAll(".tasks a")].find((a) => a.innerText.startsWith(${JSON.stringify(TITLES[3])})).click()`);
  await opened(TITLES[3]);
  await until("that it is one more attempt", () => page.run("/one more attempt/.test(document.querySelector('main').innerText)"));
  await press("f");
  await page.type("now it fails");
  await page.key("Escape");
  await kept();
  await click("Skip the rest");
  await kept();
  await until("it can be recorded", () => page.run("!document.querySelector('#record').disabled"));
  await press("r");
  await until("recorded", async () => /Recorded: failed/.test(await heading()));
  await click("Back to what is open");
  await until("the queue", async () => /Nothing is left/.test(await heading()));
  await picture("board");

  // One failure becomes a defect, which counts once it is committed.
  await click("What do the failures need?");
  await until("what failures need", () => page.run("document.querySelectorAll('.need').length === 3"));
  await picture("needs");
  await click("Make a defect of it");
  await until("a defect", () => page.run("/look at what changes/.test(document.querySelector('.need').innerText)"));
  await page.run("location.hash = 'changes'");
  await until("what changes", async () => /^1 file to commit/.test(await heading()));
  await picture("changes");
  await page.run("document.getElementById('message').value = 'A known problem'");
  await click("Commit it");
  await until("the commit", async () => /^Committed/.test(await heading()));
  assert.equal(git("log", "-1", "--format=%an: %s").trim(), "Kenji Watanabe: A known problem");
  assert.equal(git("status", "--porcelain"), "");
  await click("What is open");
  await until("the defect at the failure", () => page.run("[...document.querySelectorAll('.tasks .flag')].some((e) => /^DEF-/.test(e.innerText))"));

  // A case is written: what it looks like and what is wrong stand beside it, and another's change is not overwritten.
  await page.run("location.hash = 'cases'");
  await until("the cases", async () => /^\d+ cases/.test(await heading()));
  await picture("cases");
  await page.run("document.querySelector('details').open = true; document.getElementById('title').value = 'Pay in instalments'; document.getElementById('section').value = 'checkout/later'");
  await click("Make it");
  await until("the new case", () => page.run("/title: Pay in instalments/.test(document.querySelector('textarea.source')?.value || '')"));
  const source = join(folder, git("ls-files", "--others", "--exclude-standard").trim());
  await page.run(String.raw`(() => { const t = document.querySelector('textarea.source'); t.value = t.value.replace(/execution: .*\n/, 'execution: never\n') + '\n## Steps\n\n1. Pay <img src=x onerror=alert(1)>\n'; t.dispatchEvent(new Event('input')); })()`);
  await until("what is wrong", () => page.run("/never/.test(document.querySelector('.findings').innerText)"));
  await page.run(`(() => { const t = document.querySelector('textarea.source'); t.value = t.value.replace('execution: never', 'execution: manual'); t.dispatchEvent(new Event('input')); })()`);
  // A file that does not parse is mended in place.
  const broken = "title: Pay in instalments";
  await page.run(`(() => { const t = document.querySelector('textarea.source'); t.value = t.value.replace(${JSON.stringify(broken)}, 'title: ['); t.dispatchEvent(new Event('input')); })()`);
  await click("Save");
  await until("saved as it is", () => page.run("/Saved as a file/.test(document.querySelector('main').innerText)"));
  await page.run(`(() => { const t = document.querySelector('textarea.source'); t.value = t.value.replace('title: [', ${JSON.stringify(broken)}); t.dispatchEvent(new Event('input')); })()`);
  await until("nothing is wrong", () => page.run("/Nothing is wrong/.test(document.querySelector('.findings').innerText)"));
  assert.match(await page.run("document.querySelector('.desk .prose').innerText"), /Pay/);
  await picture("writing");
  writeFileSync(source, readFileSync(source, "utf8") + "\nAnother hand.\n");
  await click("Save");
  await until("the other hand is told", () => page.run("/changed elsewhere/.test(document.querySelector('main').innerText)"));
  assert.match(readFileSync(source, "utf8"), /Another hand/);
  await click("Save mine over it");
  await until("saved", () => page.run("/Saved as a file/.test(document.querySelector('main').innerText)"));
  assert.match(readFileSync(source, "utf8"), /## Steps\n\n1\. Pay <img/);
  await page.run("document.querySelector('main details').open = true; document.getElementById('to').value = 'checkout/now'");
  await click("Move it");
  await until("moved", () => git("ls-files", "--others", "--exclude-standard").includes("checkout/now/"));
  await page.run("location.hash = 'changes'");
  await until("the new case to commit", async () => /^1 file to commit/.test(await heading()));
  await page.run("document.getElementById('message').value = 'Instalments'");
  await click("Commit it");
  await until("its commit", async () => /^Committed/.test(await heading()));
  await click("What is open");
  await until("the queue", async () => /Nothing is left/.test(await heading()));

  // Closed, with confirmation.
  await click("Close this launch");
  await until("the question", async () => /^Close Smoke by hand/.test(await heading()));
  await page.run("document.getElementById('meaning').value = 'reviewed and approved'");
  await picture("close");
  await click("Close it for good");
  await until("it is closed", async () => /is closed$/.test(await heading()));
  const receipt = await page.run("document.querySelector('.notice pre').innerText.trim()");
  assert.match(receipt, /^[0-9a-f]{64}$/);
  await picture("closed");
  assert.deepEqual(page.wrong.filter((line) => /exception|dialog|window/.test(line)), []);

  // ---- nothing is lost

  book("verify");
  const results = JSON.parse(book("query", "", "--of", "results", "--launch", launch, "--format", "json"));
  const by = Object.fromEntries(results.map((one) => [one.case, one]));
  assert.deepEqual(IDS.map((id) => by[id]?.status), ["passed", "failed", "failed", "failed", "passed"]);
  assert.match(by[IDS[1]].message, /It says <b>nothing<\/b> & the voucher is gone/);
  assert.match(by[IDS[2]].message, /no answer/);
  assert.match(by[IDS[3]].message, /now it fails/);
  const shown = JSON.parse(book("launch", "show", launch, "--format", "json"));
  assert.equal(shown.receipt, receipt);
  assert.deepEqual([shown.totals.retries, shown.planned.unfinished, shown.totals.unresolved], [1, 0, 2]);
  assert.match(git("log", "-1", "--format=%an %s"), /^Kenji Watanabe /);
  assert.equal(git("status", "--porcelain"), "");
  const files = git("ls-tree", "-r", "--name-only", "HEAD").split("\n");
  assert.ok(files.some((path) => path.includes(launch) && path.endsWith(".png")), "the screenshot is in the commit");
  book("render", "--out", "../site", "--at", "HEAD");

  // ---- what others get

  const address = `${at.site}.work/do/queue`;
  const from = (headers, more = {}) => fetch(address, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: "{}", ...more }).then((r) => r.status);
  const origin = at.site.slice(0, -1);
  assert.equal(await from({ Origin: "https://evil.example" }), 403);
  assert.equal(await from({ Origin: "null" }), 403);
  assert.equal(await from({ Origin: origin }), 401);
  assert.equal(await from({}), 403);
  const key = new URL(at.work).hash.slice("#key=".length);
  const raw = (text, keep = false) => new Promise((done) => {
    const socket = connect(Number(port), "127.0.0.1");
    let got = "";
    socket.on("data", (piece) => { got += piece; if (!keep && got.includes("\r\n\r\n")) { socket.destroy(); done(got); } });
    socket.on("close", () => done(got));
    socket.on("error", () => done(got));
    socket.write(text);
  });
  const status = (got) => Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1]);
  const post = (headers, body) => `POST /.work/do/queue HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nX-Tallybook-Key: ${key}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;
  assert.equal(status(await raw(post("Content-Length: 2", "{}"))), 200);
  assert.equal(status(await raw(`POST /.work/do/queue HTTP/1.1\r\nHost: evil.example:${port}\r\nOrigin: http://evil.example:${port}\r\nX-Tallybook-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`)), 403);
  assert.equal(status(await raw(post("Content-Length: 99999999999", "{}"))), 413);
  assert.equal(status(await raw(`GET /.work/../../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Tallybook-Key: ${key}\r\n\r\n`)), 404);
  const preflight = await raw(`OPTIONS /.work/do/queue HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`);
  assert.equal(status(preflight), 405);
  assert.doesNotMatch(preflight, /access-control/i);
  // Two hundred that connect and say nothing, and twelve that send slowly: the rest is answered all the same.
  const idle = Array.from({ length: 200 }, () => connect(Number(port), "127.0.0.1"));
  const slow = Array.from({ length: 12 }, () => { const socket = connect(Number(port), "127.0.0.1"); socket.write(post("Content-Length: 1000", "{")); return socket; });
  for (const socket of [...idle, ...slow]) socket.on("error", () => {});
  await pause(300);
  assert.equal(status(await within(raw(post("Content-Length: 2", "{}")), "an answer beside slow clients", 10_000)), 200);
  assert.equal((await within(fetch(at.site), "the site beside slow clients", 10_000)).status, 200);
  for (const socket of [...idle, ...slow]) socket.destroy();
  console.log("five cases, two killed servers, one launch closed");
} finally {
  await browser.close();
  at.server.kill("SIGKILL");
}
