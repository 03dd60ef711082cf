// Opens pages of a rendered site in headless Chromium, from the disk, and fails on any error in the console, on any
// request that leaves the site, and on a page that does not say what it must, with and without JavaScript.
//
// Usage: BROWSER=chromium node browse.mjs SITE
//
// It speaks the DevTools protocol over a pipe, so that it needs no package.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const site = resolve(process.argv[2]);
const profile = mkdtempSync(join(tmpdir(), "browse-"));
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank",
];
const LIMIT_MS = 30_000;

class Browser {
  constructor(command) {
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.process = spawn(command, flags, { stdio });
    this.ended = new Promise((done) => this.process.on("exit", done));
    this.waiting = new Map();
    this.listeners = [];
    this.last = 0;
    let buffer = Buffer.alloc(0);
    this.process.stdio[4].on("data", (piece) => {
      buffer = Buffer.concat([buffer, piece]);
      for (let end; (end = buffer.indexOf(0)) >= 0; buffer = buffer.subarray(end + 1)) {
        this.take(JSON.parse(buffer.subarray(0, end).toString()));
      }
    });
  }

  take(message) {
    if (message.id === undefined) {
      for (const listener of this.listeners) listener(message);
      return;
    }
    const { done, fail } = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) fail(new Error(message.error.message));
    else done(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    const answer = new Promise((done, fail) => this.waiting.set(id, { done, fail }));
    this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return answer;
  }
}

/** Opens one page; returns its texts and what went wrong. */
async function open(browser, path, scripts) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const wrong = [];
  let loaded;
  const load = new Promise((done) => (loaded = done));
  const listener = (message) => {
    if (message.sessionId !== sessionId) return;
    const { method, params } = message;
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") wrong.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") wrong.push(params.args.map((a) => a.value ?? a.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") wrong.push(params.entry.text);
    if (method === "Network.requestWillBeSent" && !/^(file|data|blob|about):/.test(params.request.url)) wrong.push(`a request to ${params.request.url}`);
    if (method === "Network.loadingFailed" && !params.canceled) wrong.push(`a request failed: ${params.errorText}`);
  };
  browser.listeners.push(listener);
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  const { errorText } = await send("Page.navigate", { url: pathToFileURL(join(site, path)).href });
  if (errorText) wrong.push(errorText);
  await load;
  await new Promise((done) => setTimeout(done, 700));
  const read = "JSON.stringify({title: document.title, text: document.body.innerText, width: document.documentElement.scrollWidth > innerWidth})";
  let page = { title: "", text: "", width: false };
  await send("Emulation.setScriptExecutionDisabled", { value: false });
  const { result } = await send("Runtime.evaluate", { expression: read, returnByValue: true });
  page = JSON.parse(result.value);
  browser.listeners.splice(browser.listeners.indexOf(listener), 1);
  await browser.send("Target.closeTarget", { targetId });
  return { ...page, wrong };
}

/** The pages of a site, and what stands on each in any case. */
function pages() {
  const below = (folder) => readdirSync(join(site, folder)).sort();
  const projects = below("").filter((name) => name !== "assets" && statSync(join(site, name)).isDirectory());
  const out = [["index.html", ""]];
  for (const project of projects) {
    const launch = below(`${project}/launches`).at(-1);
    const test = below(`${project}/cases`).find((name) => name.endsWith(".html"));
    out.push([`${project}/index.html`, ""], [`${project}/launches.html`, ""], [`${project}/cases.html`, ""]);
    out.push([`${project}/launches/${launch}/index.html`, "passed"], [`${project}/launches/${launch}/results.html`, "passed"]);
    out.push([`${project}/cases/${test}`, test.replace(".html", "")]);
  }
  return out;
}

function limit(ms, what) {
  return new Promise((_, fail) => setTimeout(() => fail(new Error(`${what} took more than ${ms / 1000} s`)), ms).unref());
}

const browser = new Browser(process.env.BROWSER ?? "chromium");
let failures = 0;
try {
  for (const [path, words] of pages()) {
    for (const scripts of [true, false]) {
      const page = await Promise.race([open(browser, path, scripts), limit(LIMIT_MS, path)]);
      const wrong = [...page.wrong];
      if (!page.title) wrong.push("it has no title");
      if (page.text.length < 100) wrong.push("it is empty");
      if (!page.text.includes(words)) wrong.push(`it does not say \`${words}\``);
      if (page.width) wrong.push("it is wider than the window");
      console.log(`${wrong.length ? "FAILED" : "ok"}  ${path}${scripts ? "" : "  (without JavaScript)"}`);
      for (const line of wrong) console.log(`        ${line}`);
      failures += wrong.length;
    }
  }
  browser.send("Browser.close").catch(() => {});
  await Promise.race([browser.ended, limit(LIMIT_MS, "closing the browser")]);
} finally {
  browser.process.kill();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failures ? 1 : 0);
