// Sets the theme before anything is drawn, and says that scripts run: a page whose other scripts
// don't load shows what it shows without them.
"use strict";
(() => {
  let theme = new URLSearchParams(location.search).get("theme");
  try { theme ||= localStorage.getItem("tallybook-theme"); } catch { /* storage is off */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.classList.add("js");
  addEventListener("error", (event) => { if (event.target instanceof HTMLScriptElement) document.documentElement.classList.remove("js"); }, true);
})();
