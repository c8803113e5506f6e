// The phone: whose it is, what was said, and what is sent from it. Everything shown comes from the sandbox; nothing is shown
// before the sandbox has it.

import { change, read } from "./api.js";
import { composer } from "./composer.js";
import { avatar, byId, keep } from "./dom.js";
import { faults } from "./faults.js";
import { keyboard } from "./keys.js";
import { follow } from "./live.js";
import { chatLog } from "./log.js";
import { dialog, menu, note, settled } from "./panels.js";
import { newContact, people } from "./people.js";
import { recording } from "./recording.js";
import * as time from "./time.js";

const SETTLE_MS = 120;
const WINDOW_TICK_MS = 15_000;
// How far the menu's two items move the sandbox's clock, and what they say then.
const A_DAY = { hours: 25, said: "25 hours have passed. Whoever did not write meanwhile gets only templates." };
const HALF_AN_HOUR = { hours: 0.5, said: "Half an hour has passed." };

/** Starts the phone; called once, when it is known that the sandbox is the provider. `onReload` hears of reloads. */
export function phone({ onState, onReload }) {
  document.body.dataset.view = "phone";
  let contacts = [];
  let chosen = keep.get("contact");
  /** While a conversation is being fetched, what the stream tells about it waits here and is put on top. */
  let early = null;
  let fetching = 0;
  let settle = 0;
  /** Whose conversation the log shows; for a moment after another person was chosen it is still the one before. */
  let shown = null;
  /** Typed texts and taps leave one after another, in the order they were made. */
  let line = Promise.resolve();

  const log = chatLog(tap);
  const list = people(pick);
  const input = composer((text) => send("type", { text }), (kind) => send("attach", { kind }));
  const faultPanel = faults((count) => {
    byId("faults-chip").hidden = count === 0;
    byId("faults-chip-text").textContent = count === 1 ? "1 fault on" : `${count} faults on`;
  });
  const adding = newContact(add);
  const saved = recording(() => ({ messages: log.all(), name: current()?.name ?? "" }));

  const current = () => contacts.find((c) => c.phone === chosen) ?? null;

  async function attempt(work) {
    try {
      await work();
      return true;
    } catch (error) {
      note(error.message, "bad");
      return false;
    }
  }

  /** Something the person at the screen did: when it works, what was said about earlier failures is past. */
  async function act(work) {
    const worked = await attempt(work);
    if (worked) settled();
    return worked;
  }

  function send(what, body, to = chosen) {
    if (!to) {
      note("Add a contact first: a phone needs somebody who holds it.", "bad");
      adding.open();
      return Promise.resolve(false);
    }
    line = line.then(() => act(() => change(`/api/phone/${what}`, { phone: to, ...body })));
    return line;
  }

  function tap(message, button) {
    send("tap", { message: message.id, button: button.id }, shown);
  }

  function tapNewest(place) {
    const message = log.newestMenu();
    const button = message?.buttons[place];
    if (button) tap(message, button);
    return Boolean(button);
  }

  async function add(name) {
    return act(async () => {
      const contact = await change("/api/phone/contacts", { name });
      await refreshContacts();
      const made = contacts.find((c) => c.phone === contact.phone);
      if (made) await pick(made, true);
    });
  }

  async function pick(contact, enter) {
    const other = chosen !== contact.phone;
    chosen = contact.phone;
    keep.set("contact", chosen);
    if (enter) document.body.dataset.screen = "chat";
    render();
    if (other) await attempt(refreshMessages);
    if (enter) input.focus();
  }

  async function refreshContacts() {
    const answer = await read("/api/phone/contacts");
    time.learn(answer);
    contacts = answer.contacts ?? [];
    if (!current()) {
      chosen = contacts[0]?.phone ?? null;
      await refreshMessages();
    }
    render();
  }

  async function refreshMessages() {
    const mine = ++fetching;
    const whose = chosen;
    early = [];
    let messages = [];
    try {
      if (whose) messages = (await read(`/api/phone/messages?phone=${encodeURIComponent(whose)}`)).messages ?? [];
    } finally {
      // Of several answers under way only the last one asked for counts.
      if (mine === fetching) {
        log.show(messages, whose !== shown);
        shown = whose;
        for (const message of early) log.put(message);
        early = null;
        around();
        markRead();
      }
    }
  }

  const refresh = () => attempt(async () => {
    await refreshContacts();
    await refreshMessages();
    faultPanel.load();
  });

  /** Many messages may come at once; the list of contacts is read anew after the last of them. */
  function contactsSoon() {
    clearTimeout(settle);
    settle = setTimeout(() => attempt(refreshContacts), SETTLE_MS);
  }

  function heard(event) {
    const message = event?.message;
    if (!message) return;
    contactsSoon();
    if (event.phone !== chosen) return;
    if (early) return void early.push(message);
    const isNew = log.put(message);
    around();
    if (isNew && message.from === "bot") markRead();
  }

  /** Only who looks at a message has read it. */
  function markRead() {
    if (chosen && log.size && !document.hidden) change("/api/phone/read", { phone: chosen }).catch(() => {});
  }

  /** What the page says besides the messages, once they are known. */
  function around() {
    byId("empty").hidden = log.size > 0 || !chosen;
    byId("log").classList.toggle("bare", log.size === 0);
    windowState(current());
  }

  function render() {
    list.show(contacts, chosen);
    const contact = current();
    byId("chat").classList.toggle("alone", !contact);
    byId("who-avatar").replaceChildren(contact ? avatar(contact.name, contact.phone) : "");
    byId("who-name").textContent = contact?.name || contact?.phone || "Nobody yet";
    byId("who-phone").textContent = contact && contact.name ? contact.phone : "";
    around();
  }

  function windowState(contact) {
    const box = byId("window");
    box.hidden = !contact;
    if (!contact) return;
    const open = contact.window_open_until && Date.parse(contact.window_open_until) > time.now();
    box.dataset.open = String(Boolean(open));
    byId("window-text").textContent = open
      ? `Free-form messages possible until ${time.until(contact.window_open_until)}`
      : log.size ? "Window closed: only templates" : "No window yet: it opens with your first message";
  }

  const letPass = ({ hours, said }) => act(async () => {
    const answer = await change("/api/phone/advance", { hours });
    if (answer.now) time.learn(answer);
    else time.advance(hours);
    await refreshContacts();
    await refreshMessages();
    note(said);
  });

  const startOver = () => act(async () => {
    await change("/api/phone/reset");
    await forget();
    note("A fresh phone. Your flows and scripts stayed as they are.", "good");
    input.focus();
  });

  async function forget() {
    time.restart();
    log.show([]);
    await refreshContacts();
    await refreshMessages();
  }

  function wireMenu() {
    const more = menu(byId("more"), byId("more-menu"));
    const sure = dialog("sure");
    const keys = dialog("keys");
    const item = (id, work) => byId(id).addEventListener("click", () => (more.close(), work()));
    item("let-pass", () => letPass(A_DAY));
    item("let-half-hour", () => letPass(HALF_AN_HOUR));
    item("start-over", sure.open);
    item("save-test", saved.open);
    item("open-faults", faultPanel.open);
    item("open-keys", keys.open);
    byId("sure-yes").addEventListener("click", () => (sure.close(), startOver()));
    byId("back").addEventListener("click", () => (document.body.dataset.screen = "people"));
    byId("say-hi").addEventListener("click", () => (send("type", { text: "hi" }), input.focus()));
  }

  wireMenu();
  keyboard(tapNewest, input.focus);
  input.focus();
  document.addEventListener("visibilitychange", () => document.hidden || markRead());
  setInterval(() => windowState(current()), WINDOW_TICK_MS);
  follow(
    "/api/phone/events",
    {
      message: heard,
      contacts: contactsSoon,
      reset: () => attempt(forget),
      clock: (told) => (time.learn(told), attempt(refreshContacts)),
      // Some events were missed, or another program runs: nothing on the page is certain.
      reload: () => (refresh(), onReload()),
    },
    (state) => {
      onState(state);
      if (state === "open") refresh();
    },
  );
}
