// The keyboard, wherever the focus is.

import { byId } from "./dom.js";

/** `tapNewest(n)` taps the n-th button (from 0) of the newest menu; `write()` puts the cursor in the line one types in. */
export function keyboard(tapNewest, write) {
  document.addEventListener("keydown", (event) => {
    // A dialog that is open keeps its keys: Escape closes it by itself.
    if (document.querySelector("dialog[open]")) return;
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
    // By the key's place, not its character: with Alt some keyboards write another one.
    const digit = /^(?:Digit|Numpad)([1-3])$/u.exec(event.code)?.[1];
    if (digit && event.altKey && !event.ctrlKey && !event.metaKey) {
      if (tapNewest(digit - 1)) event.preventDefault();
    } else if (event.key === "Escape" && event.target !== byId("type")) {
      write();
    } else if (bare && event.key.length === 1 && event.key !== " " && !event.target.closest("input, textarea, [role=menu]")) {
      // A letter typed anywhere is meant for the line.
      write();
    }
  });
}
