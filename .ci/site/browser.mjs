// Headless Chromium by the DevTools protocol over a pipe: no package between the checks and the browser.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
  "--force-device-scale-factor=1", "--force-color-profile=srgb", "--font-render-hinting=none", "--disable-lcd-text", "--hide-scrollbars",
  // No name has an address: what a page asks for elsewhere goes nowhere, and is seen.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--remote-debugging-pipe", "about:blank",
];
/** The longest that one step of one page may take, in milliseconds. */
const LIMIT = 30_000;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What `work` comes to, within the limit. */
export function within(work, what, ms = LIMIT) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what} took more than ${ms / 1000} s`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export class Browser {
  constructor(command = process.env.BROWSER ?? "chromium") {
    this.profile = mkdtempSync(join(tmpdir(), "browser-"));
    this.process = spawn(command, [`--user-data-dir=${this.profile}`, ...FLAGS], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.ended = new Promise((done) => this.process.on("exit", done));
    this.waiting = new Map();
    this.pages = new Map();
    this.last = 0;
    // A browser that is gone answers nothing: all that waits for it fails.
    this.process.stdio[3].on("error", () => {});
    this.process.on("error", (error) => this.drop(error));
    this.process.on("exit", () => this.drop(new Error("the browser ended")));
    let buffer = Buffer.alloc(0);
    this.process.stdio[4].on("data", (piece) => {
      buffer = Buffer.concat([buffer, piece]);
      for (let end; (end = buffer.indexOf(0)) >= 0; buffer = buffer.subarray(end + 1)) this.take(JSON.parse(buffer.subarray(0, end).toString()));
    });
  }

  drop(error) {
    for (const { fail } of this.waiting.values()) fail(error);
    this.waiting.clear();
  }

  take(message) {
    if (message.id === undefined) {
      const page = this.pages.get(message.sessionId);
      // A frame in a process of its own is heard like its page.
      if (message.method === "Target.attachedToTarget" && page) {
        const child = message.params.sessionId;
        this.pages.set(child, page);
        for (const domain of ["Runtime", "Log", "Network"]) this.send(`${domain}.enable`, {}, child).catch(() => {});
      } else page?.heard(message);
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
    return within(answer, method);
  }

  async page() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", newWindow: true });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(`${domain}.enable`);
    await page.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
    await page.send("Browser.setDownloadBehavior", { behavior: "deny" });
    await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    return page;
  }

  async close() {
    this.send("Browser.close").catch(() => {});
    await within(this.ended, "closing the browser").catch(() => this.process.kill("SIGKILL"));
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * A tab. `wrong` has what went wrong since the last page was asked for; while it is `quiet`, the console and what the
 * policy stopped don't count.
 */
export class Page {
  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId, root: "", wrong: [], open: new Set(), contexts: new Map(), frames: new Map(), quiet: false, loaded: () => {} });
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  heard({ method, params, sessionId }) {
    const bad = (text) => this.wrong.push(text);
    const said = (text) => { if (!this.quiet) bad(text); };
    if (method === "Page.loadEventFired") this.loaded();
    if (method === "Runtime.executionContextsCleared") for (const key of this.contexts.keys()) if (key.startsWith(sessionId)) this.contexts.delete(key);
    if (method === "Runtime.executionContextCreated") this.contexts.set(`${sessionId}:${params.context.id}`, { session: sessionId, id: params.context.id });
    if (method === "Runtime.executionContextDestroyed") this.contexts.delete(`${sessionId}:${params.executionContextId}`);
    if (method === "Runtime.exceptionThrown") bad(`an exception: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) said(`the console: ${params.args.map((a) => a.value ?? a.description).join(" ")}`);
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) said(`the console: ${params.entry.text}`);
    if (method === "Page.javascriptDialogOpening") {
      bad(`a dialog: ${params.type} ${params.message}`);
      this.send("Page.handleJavaScriptDialog", { accept: false }).catch(() => {});
    }
    if (method === "Page.windowOpen") bad(`a window was opened: ${params.url}`);
    if (method === "Page.downloadWillBegin") this.download = params.suggestedFilename;
    if (method === "Page.frameNavigated") this.frames.set(params.frame.id, params.frame.url);
    if (method === "Page.frameDetached") this.frames.delete(params.frameId);
    if (method === "Network.requestWillBeSent") {
      const { url } = params.request;
      this.open.add(params.requestId);
      if (!url.startsWith(this.root) && !/^(data|blob|about):/.test(url) && !url.endsWith("/favicon.ico")) said(`a request to ${url}`);
    }
    if (method === "Network.loadingFinished") this.open.delete(params.requestId);
    if (method === "Network.responseReceived" && params.response.status >= 400) said(`${params.response.url} answers ${params.response.status}`);
    if (method === "Network.loadingFailed") {
      this.open.delete(params.requestId);
      if (!params.canceled) said(`a request failed: ${params.errorText} ${params.blockedReason ?? ""}`);
    }
  }

  /** Sets how the page is seen; what is not given stays. */
  async see({ width, height, scheme, media, scripts }) {
    if (width) await this.send("Emulation.setDeviceMetricsOverride", { width, height: height ?? 900, deviceScaleFactor: 1, mobile: false });
    if (scheme !== undefined || media !== undefined) {
      await this.send("Emulation.setEmulatedMedia", { media: media ?? "", features: [{ name: "prefers-color-scheme", value: scheme ?? "light" }, { name: "prefers-reduced-motion", value: "reduce" }] });
    }
    if (scripts !== undefined) await this.send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  }

  /** Opens an address; `root` is what requests may go to. */
  async goto(url, root, { rest = true } = {}) {
    // From a blank page, so that another fragment is another page too.
    this.quiet = true;
    const blank = new Promise((done) => { this.loaded = done; });
    await this.send("Page.navigate", { url: "about:blank" });
    await within(blank, "a blank page");
    Object.assign(this, { root, wrong: [], quiet: false, download: "" });
    this.open.clear();
    const load = new Promise((done) => { this.loaded = done; });
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) { this.wrong.push(errorText); return; }
    await within(load, url);
    if (rest) await this.settled();
  }

  /** Waits until the page's own scripts have drawn it and nothing more is on its way. */
  async settled() {
    const until = Date.now() + LIMIT;
    for (let calm = 0; calm < 2;) {
      await pause(15);
      const drawn = await this.run("!document.getElementById('view') || !document.documentElement.classList.contains('js') || document.body.classList.contains('live') && !document.querySelector('.pane > .waiting')");
      calm = drawn && this.open.size === 0 ? calm + 1 : 0;
      if (Date.now() > until) throw new Error("the page does not come to rest");
    }
  }

  /** What an expression comes to in the page; promises are waited for. */
  run(expression) {
    return this.runIn(this.sessionId, undefined, expression);
  }

  /** The frames' worlds, wherever they run. */
  everywhere() {
    return [...this.contexts.values()];
  }

  async runIn(session, contextId, expression) {
    const { result, exceptionDetails } = await this.browser.send("Runtime.evaluate", { expression, contextId, returnByValue: true, awaitPromise: true, userGesture: true }, session);
    if (exceptionDetails) throw new Error(`${exceptionDetails.exception?.description ?? exceptionDetails.text}\n  of ${expression.slice(0, 120)}`);
    return result.value;
  }

  async key(key, { text = key.length === 1 ? key : undefined } = {}) {
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", key, text, windowsVirtualKeyCode: { Enter: 13, Escape: 27, ArrowDown: 40, ArrowUp: 38, Tab: 9 }[key] });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key });
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }

  /** Presses the mouse in the middle of the first element that fits; tells whether there is one. */
  async click(selector) {
    const at = await this.run(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); if (!e) return null; e.scrollIntoView({ block: "center" }); const r = e.getClientRects()[0]; return r ? [r.x + r.width / 2, r.y + r.height / 2] : null; })()`);
    if (!at) return false;
    await this.press(at);
    return true;
  }

  async press([x, y]) {
    for (const type of ["mousePressed", "mouseReleased"]) await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
  }
}

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml", png: "image/png", jpg: "image/jpeg", gif: "image/gif", webp: "image/webp", json: "application/json", xml: "application/xml" };

/** Serves a site below a path that is not the root, as hosts of pages do; resolves to its address and how to close it. */
export async function serve(site, below = "/team/site/") {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (path === "/favicon.ico") { response.writeHead(204).end(); return; }
    try {
      if (!path.startsWith(below) || path.includes("..")) throw new Error("outside");
      const bytes = readFileSync(join(site, path.slice(below.length) || "index.html"));
      response.writeHead(200, { "content-type": TYPES[path.split(".").pop()] ?? TYPES.html }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}${below}`, close: () => { server.closeAllConnections(); server.close(); } };
}

export const onDisk = (site) => pathToFileURL(site + sep).href;

/** The files of a site, by how they end, in order. */
export function files(site, ...ends) {
  const all = readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return all.map((entry) => relative(site, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .filter((name) => ends.some((end) => name.endsWith(end))).sort();
}

/** Does `work` for each item, in as many tabs as there are hands; tells of each, and returns how many failed. */
export async function each(browser, hands, items, work) {
  let failed = 0;
  const queue = [...items];
  await Promise.all(Array.from({ length: hands }, async () => {
    let page = await browser.page();
    for (let item; (item = queue.shift()) !== undefined;) {
      let wrong;
      try {
        wrong = await within(work(page, item), String(item), 4 * LIMIT);
      } catch (error) {
        wrong = [error.stack];
        page = await browser.page();
      }
      if (wrong.length) {
        failed++;
        console.log(`FAILED  ${item}`);
        for (const line of new Set(wrong)) console.log(`        ${line}`);
      }
    }
  }));
  return failed;
}
