// The conversation on the phone as a test: what the person did and what the bot said, as lines of YAML.

import { byId } from "./dom.js";
import { mediaKind } from "./media.js";
import { dialog, note } from "./panels.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far a stretch of time may be from full hours and still be told as such. */
const NEARLY_MS = 10 * MINUTE_MS;
/** Messages of one test: a longer conversation is told from where it still fits. */
const MESSAGES_MAX = 200;

/** A text as YAML reads it whatever it holds: JSON is YAML too. */
const quoted = (text) => JSON.stringify(String(text));
/** As the engine compares titles, nearly. */
const plain = (text) => text.trim().toLowerCase();

/** `messages` as one item of `tests:`, of the person called `name`. */
export function asTest(messages, name) {
  const told = messages.slice(-MESSAGES_MAX);
  const lines = [];
  told.forEach((message, at) => {
    const before = told[at - 1];
    const gap = before ? Date.parse(message.at) - Date.parse(before.at) : 0;
    if (gap >= MINUTE_MS) lines.push(`wait: ${stretch(gap)}`);
    lines.push(message.from === "them" ? did(message, told.slice(0, at)) : said(message));
  });
  const begins = told.length < messages.length ? [`  # The ${messages.length - told.length} messages before these are left out.`] : [];
  return [...begins, `  - name: ${quoted(title(told))}`, `    contact: {name: ${quoted(name)}}`, "    talk:", ...lines.map((line) => `      - ${line}`), ""].join("\n");
}

/** `30 min`, `25 h`: what a person meant to wait, not the seconds beside it. */
function stretch(ms) {
  const hours = Math.round(ms / HOUR_MS);
  if (hours >= 1 && Math.abs(ms - hours * HOUR_MS) <= NEARLY_MS) return `${hours} h`;
  return `${Math.floor(ms / MINUTE_MS)} min`;
}

/** What the person did, as a line. */
function did(message, before) {
  if (message.kind === "attachment") return `sends: ${mediaKind(message)}`;
  if (message.kind !== "tap") return `they: ${quoted(message.body)}`;
  const on = before.find((m) => m.id === message.on);
  const has = (m) => m.from === "bot" && m.buttons?.some((button) => plain(button.title) === plain(message.body));
  // A template's buttons are none of a flow's: their taps are known by what they bring back.
  if (on?.kind === "template") return `tap_id: ${quoted(on.buttons.find((button) => button.title === message.body)?.id ?? message.body)}`;
  const all = before.filter(has);
  const place = all.indexOf(on);
  if (place === -1 || place === all.length - 1) return `tap: ${quoted(message.body)}`;
  return `tap: {button: ${quoted(message.body)}, on: ${place + 1}}`;
}

/** What the bot must say, as a line. */
function said(message) {
  if (message.kind === "template") return "bot: /./ # a template: write its name here";
  const url = message.media?.url ?? message.media?.link;
  if (message.kind === "media" && url) return `bot: {url: ${quoted(url)}}`;
  return `bot: ${quoted(message.body)}`;
}

/** What the conversation is called until somebody finds a better name: its first words. */
function title(messages) {
  const first = messages.find((m) => m.from === "them" && m.body);
  return `from the phone: ${first ? [...first.body].slice(0, 40).join("") : "a conversation"}`;
}

/** The panel that shows the test. `current()` gives the messages shown and the person's name. */
export function recording(current) {
  const panel = dialog("recording");
  const field = byId("recording-text");

  async function copy() {
    try {
      await navigator.clipboard.writeText(field.value);
      // What the page says would stand behind the panel.
      panel.close();
      note("Copied. Put it under tests: in the flow's file.", "good");
    } catch {
      // A browser may keep its clipboard to itself; the text is selected, and the keyboard copies it.
      field.focus();
      field.select();
      byId("recording-copy").textContent = "Press Ctrl+C";
    }
  }

  function download() {
    const address = URL.createObjectURL(new Blob([field.value], { type: "application/yaml" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "conversation.yaml";
    link.click();
    URL.revokeObjectURL(address);
  }

  function open() {
    const { messages, name } = current();
    if (!messages.length) return note("Nothing has been said yet.");
    field.value = asTest(messages, name);
    byId("recording-copy").textContent = "Copy";
    panel.open();
    field.setSelectionRange(0, 0);
    field.scrollTop = 0;
  }

  byId("recording-copy").addEventListener("click", copy);
  byId("recording-download").addEventListener("click", download);
  return { open };
}
