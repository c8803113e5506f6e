// Menus, dialogs, short notes and the colours: what opens above the page and is left with Escape.

import { byId, h, icon, keep } from "./dom.js";

const NOTE_MS = 6_000;
const NOTES_MAX = 3;

/** A menu under its button: arrows move, Escape and a click elsewhere close it. */
export function menu(button, list) {
  const items = () => [...list.querySelectorAll("[role^=menuitem]")];

  function open() {
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    items()[0]?.focus();
  }

  function close(back = false) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  }

  button.addEventListener("click", () => (list.hidden ? open() : close(true)));
  list.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") close(true);
    else if (event.key === "Tab") close();
    else if (to !== undefined) all[to % all.length].focus();
    if (to !== undefined || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!list.hidden && !list.contains(event.target) && !button.contains(event.target)) close();
  });
  return { close };
}

/** A dialog of the page: a click beside it or on `[data-close]` closes it, as Escape does by itself. */
export function dialog(id) {
  const box = byId(id);
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target.closest("[data-close]")) box.close();
  });
  return { open: () => box.open || box.showModal(), close: () => box.close(), box };
}

/** A sentence that goes away by itself; `kind`: `good`, `bad` or `plain`. Bad ones are read out at once and stay until closed. */
export function note(sentence, kind = "plain") {
  const holder = byId(kind === "bad" ? "alerts" : "notes");
  const same = [...holder.children].find((n) => n.dataset.says === sentence);
  same?.remove();
  const close = h("button", { class: "plain-icon", type: "button", "aria-label": "Close this note", on: { click: () => line.remove() } }, icon("close"));
  const picture = { good: "check", bad: "alert" }[kind];
  const line = h("div", { class: `note ${kind}`, data: { says: sentence } }, picture && icon(picture), h("p", {}, sentence), close);
  holder.append(line);
  while (holder.children.length > NOTES_MAX) holder.firstElementChild.remove();
  if (kind !== "bad") setTimeout(() => line.remove(), NOTE_MS);
}

/** Something worked again: what was said about failures is past. */
export const settled = () => byId("alerts").replaceChildren();

/** The switch between light and dark; what was chosen is kept, until then the system decides. */
export function theme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.setAttribute("aria-label", dark() ? "Use light colours" : "Use dark colours");
    button.title = button.getAttribute("aria-label");
    button.replaceChildren(icon(dark() ? "sun" : "moon"));
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    keep.set("theme", document.documentElement.dataset.theme);
    label();
  });
  system.addEventListener("change", label);
  label();
}
