// Runs before the first paint, so that a page kept dark never flashes light. The switch itself is in panels.js.
(() => {
  try {
    const kept = localStorage.getItem("buttonhook.theme");
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  } catch {
    // Storage may be forbidden; the system's colours are used then.
  }
})();
