// One message as a bubble. "them" is the person whose phone this is, so their messages stand at the right, as one's own.

import { h, icon, outside, safeAddress } from "./dom.js";
import { jumbo, marked, oneLine } from "./marks.js";
import { mediaCard, mediaLabel } from "./media.js";
import { clock } from "./time.js";

const TICKS = {
  pending: { icon: "clock", says: "waiting to be sent" },
  sent: { icon: "tick", says: "sent" },
  delivered: { icon: "ticks", says: "delivered" },
  read: { icon: "ticks", says: "read" },
  failed: { icon: "alert", says: "not delivered" },
};
const QUOTE_CHARS_MAX = 120;

/** A message in one line. */
export function summary(message) {
  if (message.kind === "attachment" || message.kind === "media") return oneLine(message.body) || mediaLabel(message);
  return oneLine(message.body || message.header || message.link?.label || "");
}

/** Whether a message changed in more than its ticks and so must be drawn again. */
export const sameBody = (a, b) => JSON.stringify({ ...a, ticks: "", error: "" }) === JSON.stringify({ ...b, ticks: "", error: "" });

/**
 * Draws a message. `find(id)` gives the message that a tap answers; `onTap(message, button)` and `onQuote(id)` are called for
 * clicks. The buttons of every message stay usable, however old it is: what an old tap does is for the flow to say.
 */
export function bubble(message, { find, onTap, onQuote }) {
  const own = message.from === "them";
  const quoted = message.on ? find(message.on) : null;
  const box = h(
    "div",
    { class: "bubble", data: { from: message.from, kind: message.kind } },
    h("span", { class: "sr" }, own ? "You: " : "Flow: "),
    message.on && quote(message.on, quoted, onQuote),
    message.header && h("p", { class: "head", dir: "auto" }, marked(message.header)),
    content(message),
    message.footer && h("p", { class: "foot", dir: "auto" }, marked(message.footer)),
    h("p", { class: "meta", "aria-live": "off" }),
  );
  const row = h("article", { class: `row ${own ? "own" : "bot"}`, tabindex: "-1", data: { id: message.id } }, box, replies(message, onTap));
  setTicks(row, message);
  return row;
}

function content(message) {
  if (message.kind === "attachment" || message.kind === "media") {
    const card = mediaCard(message);
    const caption = message.kind === "media" && message.body && message.body !== mediaLabel(message);
    return caption ? [...card, body(message.body)] : card;
  }
  return message.body ? body(message.body) : null;
}

const body = (text) => h("div", { class: jumbo(text) ? "body jumbo" : "body", dir: "auto" }, marked(text));

function quote(id, quoted, onQuote) {
  const who = quoted?.from === "them" ? "You" : "Flow";
  const line = quoted ? [...summary(quoted)].slice(0, QUOTE_CHARS_MAX).join("") : "An earlier message that is no longer here";
  return h(
    "button",
    { class: "quote", type: "button", "aria-label": `Go to the quoted message: ${line}`, on: { click: () => onQuote(id) } },
    h("b", {}, who),
    h("span", { dir: "auto" }, marked(line, { links: false })),
  );
}

function replies(message, onTap) {
  const buttons = (message.buttons ?? []).map((button) =>
    h("button", { class: "reply", type: "button", data: { button: button.id }, on: { click: () => onTap(message, button) } }, h("span", { dir: "auto" }, button.title)),
  );
  const link = message.link?.url || message.link?.label ? linkButton(message.link) : null;
  return buttons.length || link ? h("div", { class: "replies", role: "group", "aria-label": "Buttons of this message" }, buttons, link) : null;
}

function linkButton(link) {
  const href = safeAddress(link.url);
  const label = h("span", { dir: "auto" }, link.label || link.url);
  if (href) return outside(href, { class: "reply link", title: href }, icon("out"), label);
  return h("span", { class: "reply link dead", title: "Only http and https addresses can be opened." }, label, " (not a web address)");
}

/** Time, ticks and the reason of a failure; called again when only these change, so that the focus stays where it is. */
export function setTicks(row, message) {
  const tick = TICKS[message.ticks];
  const meta = row.querySelector(".meta");
  const tag = { template: "Template" }[message.kind];
  const mark = tick && h("span", { class: "ticks", role: "img", "aria-label": tick.says, title: tick.says, data: { ticks: message.ticks } }, icon(tick.icon));
  meta.replaceChildren(...[tag && h("span", { class: "tag" }, tag), h("time", { datetime: message.at }, clock(message.at)), mark].filter(Boolean));
  row.querySelector(".why")?.remove();
  if (message.ticks === "failed" || message.error) {
    row.querySelector(".bubble").append(h("p", { class: "why" }, `Not delivered: ${message.error || "the provider gave no reason."}`));
  }
}

/** Marks the buttons of a message that were tapped before; they can be tapped again. */
export function setTapped(row, titles) {
  for (const button of row.querySelectorAll("button.reply")) {
    const was = titles.has(button.textContent);
    button.classList.toggle("tapped", was);
    if (was) button.title = "You tapped this before. You can tap it again.";
    else button.removeAttribute("title");
  }
}
