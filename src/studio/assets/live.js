// A stream of server events that comes back by itself.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5_000;
const HIDDEN_MS = 60_000;

/**
 * Follows `url`. `handlers` maps an event's name to a function of its parsed data (null when it carries none).
 * `onState("open" | "lost")` is called at each change and after every reconnect: what happened in between was not heard, so the
 * caller reads everything anew on "open". A browser allows six connections per host over all tabs, so a tab that was out of
 * sight for a minute lets go of its stream.
 */
export function follow(url, handlers, onState) {
  let source = null;
  let retry = 0;
  let rest = 0;
  let wait = FIRST_WAIT_MS;

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(url);
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      onState("open");
    };
    source.onerror = () => {
      source.close();
      source = null;
      onState("lost");
      clearTimeout(retry);
      retry = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
    for (const [name, handler] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handler(parsed(event.data)));
    }
  }

  function pause() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(pause, HIDDEN_MS);
    else if (!source) open();
  });
  addEventListener("online", () => source || open());
  open();
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
