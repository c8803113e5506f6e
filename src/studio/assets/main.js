// Puts the page together: what runs decides whether there is a phone or the real provider's page.

import { read } from "./api.js";
import { byId } from "./dom.js";
import { follow } from "./live.js";
import { theme } from "./panels.js";
import { phone } from "./phone.js";
import { provider } from "./provider.js";
import { status } from "./status.js";

const PROVIDER_REFRESH_MS = 5_000;

const lost = new Set();
/** Says that a stream was lost until every one of them is back. */
function tell(name) {
  return (state) => {
    if (state === "lost") lost.add(name);
    else lost.delete(name);
    byId("lost").hidden = lost.size === 0;
    document.body.classList.toggle("offline", lost.size > 0);
  };
}

let kind = null;
const board = status((first) => {
  kind = first.sandbox ? "phone" : "provider";
  if (first.sandbox) phone({ onState: tell("phone"), onReload: refresh });
  else setInterval(refresh, PROVIDER_REFRESH_MS);
});

function show(now) {
  // While the store is out of reach the stream carries an error in place of the status.
  if (typeof now?.sandbox !== "boolean") return;
  board.show(now);
  // A process started again with other settings is another page.
  if (kind !== (now.sandbox ? "phone" : "provider")) return location.reload();
  if (!now.sandbox) provider(now);
}

// A failure shows as the lost connection of the stream, which asks again by itself.
const refresh = () => read("/status").then(show, () => {});

theme(byId("theme"));
follow("/api/events", { status: show }, (state) => {
  tell("status")(state);
  if (state === "open") refresh();
});
