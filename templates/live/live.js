// Keeps a page of the preview fresh: hears of each rendering, loads the page again when there is a new site,
// and shows what is wrong with the files behind it. Pages allow scripts alone, so the state comes as one.
"use strict";
(() => {
  const own = document.currentScript;
  if (!own) return;
  const run = own.dataset.run;
  const site = Number(own.dataset.site);
  let known = "";
  /** @type {HTMLElement | null} */
  let panel = null;
  /** @type {HTMLScriptElement | null} */
  let waiting = null;

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {string} [name]
   * @param {string} [text]
   * @returns {HTMLElementTagNameMap[Tag]}
   */
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  };

  const style = make("link");
  style.rel = "stylesheet";
  style.href = "/.live/live.css";
  document.head.append(style);

  // Where one executes tests.
  const tools = document.querySelector(".top .tools");
  if (own.dataset.work !== undefined && tools) {
    const link = make("a", "live-work", "Execute tests");
    link.href = "/.work/";
    tools.append(link);
  }

  // One connection a page that is looked at: a browser has few for all of its tabs.
  const ask = () => {
    if (waiting || document.hidden) return;
    waiting = make("script");
    waiting.src = `/.live/next.js?after=${encodeURIComponent(known)}`;
    waiting.addEventListener("error", () => {
      done();
      show({ headline: "The preview has stopped", problems: [], more: 0 });
      setTimeout(ask, 1500);
    });
    document.head.append(waiting);
  };
  const done = () => {
    waiting?.remove();
    waiting = null;
  };
  document.addEventListener("visibilitychange", ask);

  /** @param {LiveShown} state */
  const show = (state) => {
    panel?.remove();
    panel = null;
    if (!state.headline) return;
    const shown = make("aside", "live");
    panel = shown;
    shown.setAttribute("role", "status");
    shown.setAttribute("aria-label", "Preview");
    const head = make("p", "live-head");
    head.append(make("b", "", state.headline));
    const close = make("button", "", "Hide");
    close.type = "button";
    close.addEventListener("click", () => shown.remove());
    head.append(close);
    shown.append(head);
    if (state.problems.length) {
      const list = make("ol");
      for (const problem of state.problems) {
        const item = make("li", `live-${problem.level}`);
        item.append(make("b", "", problem.level), ` ${problem.message}`);
        if (problem.place) item.append(make("code", "live-place", problem.place));
        if (problem.help) item.append(make("span", "live-help", problem.help));
        list.append(item);
      }
      shown.append(list);
    }
    if (state.more) shown.append(make("p", "live-more", `and ${state.more.toLocaleString("en")} more: tallybook validate`));
    document.body.append(shown);
  };

  window.tallybookLive = (state) => {
    done();
    if (state.run !== run || state.site !== site) {
      location.reload();
      return;
    }
    known = `${state.run}-${state.round}`;
    show(state);
    ask();
  };
  // A script that is asked for before would keep the page from being loaded.
  if (document.readyState === "complete") ask();
  else addEventListener("load", () => setTimeout(ask));
})();
