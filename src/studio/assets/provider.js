// The page when a real provider is connected: messages go to real people, so there is no phone to play with, only what runs.

import { byId } from "./dom.js";
import { details } from "./status.js";

/** Shows or brings up to date the page without a phone. */
export function provider(now) {
  document.body.dataset.view = "provider";
  byId("provider-name").textContent = now.channel?.name ?? "your provider";
  details(byId("provider-body"), now);
}
