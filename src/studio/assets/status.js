// What runs: the strip at the top, the banner of a refused save, and the sheet with the details.

import { byId, h } from "./dom.js";
import { dialog, note } from "./panels.js";
import { clock, exact, lasting, until } from "./time.js";

const REVISION_CHARS = 8;
// Terminal colours have no place in a page, should a report carry them.
const TERMINAL_MARKS = /\u001b\[[0-9;]*m/gu;

const few = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const short = (revision) => String(revision ?? "").slice(0, REVISION_CHARS);
const plain = (one) => (typeof one === "string" ? one : (one?.message ?? one?.text ?? JSON.stringify(one)));

/** Shows `/status` wherever the page tells about it. `onFirst(status)` is called once, with the first answer. */
export function status(onFirst) {
  const sheet = dialog("details");
  let last = null;

  function show(now) {
    const before = last;
    last = now;
    strip(now);
    banner(now, before);
    details(byId("details-body"), now);
    if (!before) onFirst(now);
    else if (before.refused && !now.refused) note(`Fixed. Revision ${short(now.revision)} is live.`, "good");
    else if (before.revision !== now.revision) note(`Revision ${short(now.revision)} is live.`, "good");
  }

  byId("strip-open").addEventListener("click", () => sheet.open());
  return { show, get last() { return last; } };
}

function strip(now) {
  const parts = [
    h("b", {}, now.revision ? `Revision ${short(now.revision)}` : "No flows yet"),
    h("span", { class: "wide" }, `${few(now.flows ?? 0, "flow")}, ${few(now.scripts ?? 0, "script")}`),
    now.loaded_at && h("span", {}, `live since ${clock(now.loaded_at)}`),
    now.warnings?.length > 0 && h("span", { class: "warned" }, few(now.warnings.length, "warning")),
    now.channel?.paused_until && h("span", { class: "warned" }, `sending paused until ${exact(now.channel.paused_until)}`),
  ];
  byId("strip-text").replaceChildren(...parts.filter(Boolean));
  byId("strip").dataset.state = now.refused ? "refused" : "live";
}

function banner(now, before) {
  const box = byId("banner");
  const refused = now.refused;
  const isNew = refused && before?.refused?.at !== refused.at;
  box.hidden = !refused;
  if (!isNew) return;
  byId("banner-title").textContent = `Your last save was refused: ${few(refused.errors ?? 1, "error")}.`;
  byId("banner-text").textContent = now.revision
    ? `People still get the version from ${clock(now.loaded_at)}. Correct the file and save it; this goes away by itself.`
    : "Nothing runs yet. Correct the file and save it; this goes away by itself.";
  byId("report").textContent = String(refused.report ?? "").replace(TERMINAL_MARKS, "").trimEnd();
  // Whoever closed the report keeps it closed over further mistakes.
  if (!before?.refused) byId("banner-details").open = true;
}

/** The facts of `/status` as a list of terms, into `into`. */
export function details(into, now) {
  const store = now.store ?? {};
  const rows = [
    ["Version", now.version],
    ["Revision", now.revision],
    ["Running for", now.uptime_secs === undefined ? null : lasting(now.uptime_secs)],
    ["Flows and scripts", `${now.flows ?? 0} and ${now.scripts ?? 0}`],
    ["Channel", now.channel?.name],
    ["Sending", now.channel?.paused_until ? `paused until ${until(now.channel.paused_until)}, as the provider asked` : "open"],
    ["Contacts", store.contacts],
    ["Waiting to be handled", store.inbox],
    ["Waiting to be sent", store.outbox],
    ["Sent", store.sent],
    ["Refused by the provider", store.refused],
    ["Sent, outcome unknown", store.unknown],
  ];
  const terms = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const warnings = (now.warnings ?? []).map((one) => h("li", {}, plain(one)));
  into.replaceChildren(
    h("dl", { class: "facts" }, terms.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, String(value))))),
    warnings.length ? h("section", { class: "warnings" }, h("h3", {}, "Warnings"), h("ul", {}, warnings)) : "",
  );
}
