// The conversation: bubbles in order, days between them, and where the reader stands.

import { bubble, sameBody, setTapped, setTicks } from "./bubble.js";
import { byId, h } from "./dom.js";
import { day, dayOf, seen } from "./time.js";

/** Messages kept on the page; older ones leave at the top. */
const SHOWN_MAX = 1_000;
const NEAR_PX = 80;
const GROUP_MS = 120_000;
const FLASH_MS = 1_600;

/** How the log travels: at once for whoever asked their system for less motion. */
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const gently = () => (calm.matches ? "instant" : "smooth");

/** The chat log of the page. `onTap(message, button)` sends a tap. */
export function chatLog(onTap) {
  const list = byId("log");
  const pill = byId("to-newest");
  const messages = new Map();
  let waiting = 0;
  /** Whether the reader wants the newest message. Only scrolling up ends it: a smooth way down is not at the end at once. */
  let following = true;
  let top = 0;

  const draw = (message) => bubble(message, { find: (id) => messages.get(id), onTap, onQuote: goTo });
  const rowOf = (id) => list.querySelector(`.row[data-id="${CSS.escape(id)}"]`);
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;

  function toEnd(smooth = false) {
    following = true;
    list.scrollTo({ top: list.scrollHeight, behavior: smooth ? gently() : "instant" });
    waiting = 0;
    pill.hidden = true;
  }

  /** Shows these messages and no others; `fresh` when they are another person's, which are read from the newest. */
  function show(all, fresh = false) {
    const stay = list.childElementCount && !following && !fresh ? list.scrollTop : null;
    messages.clear();
    for (const message of all.slice(-SHOWN_MAX)) messages.set(message.id, message);
    // A whole conversation at once is neither animated nor read out.
    list.classList.add("still");
    list.setAttribute("aria-live", "off");
    list.replaceChildren();
    let before = null;
    for (const message of messages.values()) before = place(message, before);
    dress();
    if (stay === null) toEnd();
    else list.scrollTop = stay;
    requestAnimationFrame(() => {
      list.classList.remove("still");
      list.setAttribute("aria-live", "polite");
    });
  }

  /** A message that is new or has changed; true when it is new. */
  function put(message) {
    const known = messages.get(message.id);
    if (known) {
      messages.set(message.id, message);
      const row = rowOf(message.id);
      if (sameBody(known, message)) setTicks(row, message);
      else row.replaceWith(draw(message));
      dress();
      return false;
    }
    const follow = following || message.from === "them";
    const before = [...messages.values()].at(-1) ?? null;
    messages.set(message.id, message);
    place(message, before);
    trim();
    dress();
    if (follow) toEnd(true);
    else if (++waiting) {
      pill.hidden = false;
      byId("to-newest-count").textContent = String(waiting);
    }
    return true;
  }

  function place(message, before) {
    seen(message.at);
    const newDay = !before || dayOf(before.at) !== dayOf(message.at);
    if (newDay) list.append(h("p", { class: "day" }, h("span", {}, day(message.at))));
    const row = draw(message);
    const close = before && !newDay && before.from === message.from && Date.parse(message.at) - Date.parse(before.at) < GROUP_MS;
    row.classList.toggle("grouped", Boolean(close));
    list.append(row);
    return message;
  }

  /** What depends on other messages: which menu is the newest, and which buttons were tapped before. */
  function dress() {
    const tapped = new Map();
    for (const m of messages.values()) if (m.on) tapped.set(m.on, (tapped.get(m.on) ?? new Set()).add(m.body));
    for (const [id, titles] of tapped) {
      const row = rowOf(id);
      if (row) setTapped(row, titles);
    }
    list.querySelector(".row.newest")?.classList.remove("newest");
    const menu = newestMenu();
    if (menu) rowOf(menu.id)?.classList.add("newest");
  }

  const newestMenu = () => [...messages.values()].findLast((m) => m.from === "bot" && m.buttons?.length);

  function trim() {
    while (messages.size > SHOWN_MAX) {
      const oldest = messages.keys().next().value;
      messages.delete(oldest);
      rowOf(oldest)?.remove();
    }
    // A day left without messages loses its name.
    while (list.firstElementChild?.matches(".day") && list.children[1]?.matches(".day")) list.firstElementChild.remove();
  }

  function goTo(id) {
    const row = rowOf(id);
    if (!row) return;
    row.scrollIntoView({ block: "center", behavior: gently() });
    row.focus({ preventScroll: true });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), FLASH_MS);
  }

  function scrolled() {
    if (atEnd()) {
      following = true;
      waiting = 0;
      pill.hidden = true;
    } else if (list.scrollTop < top) following = false;
    top = list.scrollTop;
  }

  list.addEventListener("scroll", scrolled, { passive: true });
  pill.addEventListener("click", () => toEnd(true));
  // A touch keyboard or a growing line makes the log shorter: whoever read the newest message still does.
  new ResizeObserver(() => following && toEnd()).observe(list);

  return { show, put, newestMenu, all: () => [...messages.values()], get size() { return messages.size; } };
}
