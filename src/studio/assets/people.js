// The contact list: the people whose phones one can hold.

import { avatar, byId, h } from "./dom.js";
import { marked, oneLine } from "./marks.js";
import { brief } from "./time.js";

/** The list at the left. `onPick(contact)` is called when another person is chosen, by click or arrow. */
export function people(onPick) {
  const list = byId("people");
  let contacts = [];
  let chosen = null;

  function show(all, phone) {
    contacts = all;
    chosen = phone;
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...contacts.map(item));
    byId("nobody").hidden = contacts.length > 0;
    if (focused) list.querySelector("[aria-selected=true]")?.focus({ preventScroll: true });
  }

  function item(contact) {
    const here = contact.phone === chosen;
    const unread = here ? 0 : contact.unread;
    return h(
      "li",
      {
        class: "person",
        role: "option",
        id: `person-${contact.phone.replace(/\W/gu, "")}`,
        tabindex: here || (!chosen && contact === contacts[0]) ? "0" : "-1",
        "aria-selected": String(here),
        data: { phone: contact.phone },
        on: { click: () => onPick(contact, true) },
      },
      avatar(contact.name, contact.phone),
      h("span", { class: "person-name", dir: "auto" }, contact.name || contact.phone),
      h("time", { class: "person-at" }, contact.last_at ? brief(contact.last_at) : ""),
      h("span", { class: "person-last", dir: "auto" }, contact.last ? marked(oneLine(contact.last), { links: false }) : "No messages yet"),
      unread > 0 && h("span", { class: "unread", "aria-label": `${unread} unread` }, unread > 99 ? "99+" : String(unread)),
    );
  }

  list.addEventListener("keydown", (event) => {
    const at = contacts.findIndex((c) => c.phone === chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: contacts.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (contacts[at]) onPick(contacts[at], true);
    } else if (to !== undefined) {
      event.preventDefault();
      const next = contacts[Math.max(0, Math.min(to, contacts.length - 1))];
      if (next && next.phone !== chosen) onPick(next, false);
      list.querySelector("[aria-selected=true]")?.focus();
    }
  });

  return { show };
}

/** The line in which a new contact's name is typed. `onAdd(name)` returns a promise; the line closes when it is kept. */
export function newContact(onAdd) {
  const form = byId("new-contact");
  const field = byId("new-contact-name");
  const opener = byId("add-contact");

  function toggle(open) {
    form.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) field.focus();
    else field.value = "";
  }

  opener.addEventListener("click", () => toggle(form.hidden));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    toggle(false);
    opener.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (!name) field.focus();
    else if (await onAdd(name)) toggle(false);
  });
  return { open: () => toggle(true) };
}
