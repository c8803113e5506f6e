// Switches for the pretend provider's bad days. Only those that the sandbox offers are shown; its other settings go back to it
// as they came.

import { change, read } from "./api.js";
import { byId, h } from "./dom.js";
import { dialog, note } from "./panels.js";

const EDIT_MS = 300;

/** What each switch is called, what it does, and the amount it starts with; `off` is the value that means "never". */
const SWITCHES = [
  { key: "latency_ms", off: 0, on: 3000, step: 500, max: 60_000, label: "Slow answers", hint: "The provider takes this many milliseconds to answer." },
  { key: "fail_500_every", off: 0, on: 3, label: "Server errors", hint: "Every so many sends the provider answers 500." },
  { key: "rate_429_after", off: null, on: 5, label: "Too many requests", hint: "After so many sends it answers 429 and asks for a pause." },
  { key: "drop_every", off: 0, on: 3, label: "Cut connections", hint: "Every so many sends the line is cut: did the message leave?" },
  { key: "hang_every", off: 0, on: 4, label: "No answer", hint: "Every so many sends the provider never answers." },
  { key: "undeliverable_every", off: 0, on: 3, label: "Undeliverable", hint: "Every so many sends are taken, but reach nobody." },
  { key: "webhook_duplicate", off: 0, on: 2, max: 20, label: "Doubled deliveries", hint: "Each tap arrives so many times more; it must count once." },
  { key: "webhook_reorder", off: false, on: true, label: "Wrong order", hint: "Taps that are close together swap places." },
];

/** The faults panel. `report(count)` is told how many faults are switched on. */
export function faults(report) {
  const sheet = dialog("faults");
  const list = byId("fault-list");
  let current = {};
  let timer = 0;

  async function load() {
    try {
      take(await read("/api/phone/faults"));
      list.replaceChildren(...SWITCHES.filter((s) => s.key in current).map(control));
      if (!list.childElementCount) list.replaceChildren(h("p", { class: "hint" }, "This sandbox has no faults to switch on."));
    } catch (error) {
      list.replaceChildren(h("p", { class: "hint" }, error.message));
    }
  }

  function take(answer) {
    // What has happened because of the switches comes along, but is no switch and must not be sent back.
    const { happened, ...switches } = answer?.faults ?? answer ?? {};
    current = switches;
    const on = SWITCHES.filter((s) => s.key in current && current[s.key] !== s.off).length;
    report(on);
    byId("faults-off").disabled = on === 0;
  }

  function control({ key, off, on, step = 1, max = 1_000, label, hint }) {
    const id = `fault-${key}`;
    const value = current[key];
    const box = h("input", { id, type: "checkbox", role: "switch", "aria-describedby": `${id}-hint` });
    box.checked = value !== off;
    const amount = typeof on === "number" && h("input", { type: "number", class: "amount", "aria-label": `${label}: amount`, min: step, max, step });
    if (amount) {
      amount.value = String(box.checked ? value : on);
      amount.disabled = !box.checked;
      amount.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => amount.checkValidity() && amount.value && set({ [key]: Number(amount.value) }), EDIT_MS);
      });
    }
    box.addEventListener("change", () => {
      if (amount) amount.disabled = !box.checked;
      set({ [key]: box.checked ? (amount ? Number(amount.value) || on : on) : off });
    });
    return h("div", { class: "fault" },
      h("label", { for: id }, h("b", {}, label), h("small", { id: `${id}-hint` }, hint)),
      amount, box);
  }

  async function set(some) {
    const wanted = { ...current, ...some };
    current = wanted;
    try {
      const answer = await change("/api/phone/faults", wanted, "PUT");
      take(Object.keys(answer).length ? answer : wanted);
    } catch (error) {
      note(error.message, "bad");
      load();
    }
  }

  byId("faults-off").addEventListener("click", async () => {
    await set(Object.fromEntries(SWITCHES.filter((s) => s.key in current).map((s) => [s.key, s.off])));
    load();
  });
  byId("faults-chip").addEventListener("click", () => open());
  const open = () => (load(), sheet.open());
  return { load, open };
}
