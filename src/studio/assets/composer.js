// The line one types in, and the attachments beside it.

import { byId } from "./dom.js";
import { menu } from "./panels.js";

/** `onText(text)` and `onAttach(kind)` return promises of whether it was taken; a text that was not comes back to the line. */
export function composer(onText, onAttach) {
  const form = byId("composer");
  const field = byId("type");
  const attach = menu(byId("attach"), byId("attach-menu"));

  function grow() {
    form.classList.toggle("empty", !field.value.trim());
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  async function submit() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    grow();
    if (!(await onText(text)) && !field.value) {
      field.value = text;
      grow();
    }
  }

  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  for (const item of byId("attach-menu").querySelectorAll("[data-kind]")) {
    item.addEventListener("click", () => {
      attach.close();
      onAttach(item.dataset.kind);
      field.focus();
    });
  }
  grow();
  return { focus: () => field.focus({ preventScroll: true }) };
}
