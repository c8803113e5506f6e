// The phone's clock and how times are written. "Let a day pass" moves the sandbox's clock, so "now" is not this computer's.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const second = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const date = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

let ahead = 0;

/** The phone's time, in milliseconds. */
export const now = () => Date.now() + ahead;

/** Learns the sandbox's clock from an answer that tells it. */
export function learn(answer) {
  const told = Date.parse(answer?.now ?? "");
  if (!Number.isNaN(told)) ahead = told - Date.now();
}

/** No message comes from the future: one that seems to shows that the sandbox's clock is ahead of ours. */
export function seen(at) {
  const told = Date.parse(at);
  if (!Number.isNaN(told) && told > now() + MINUTE) ahead = told - Date.now();
}

/** The clock was moved by this page and the answer did not tell the new time. */
export function advance(hours) {
  ahead += hours * 60 * MINUTE;
}

/** Back to this computer's clock. */
export function restart() {
  ahead = 0;
}

const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);
/** How many midnights lie between the phone's today and that time; positive for the past. */
const daysAgo = (ms) => Math.round((midnight(now()) - midnight(ms)) / DAY);

/** `14:05` */
export const clock = (at) => hour.format(Date.parse(at));
/** `14:05:09` */
export const exact = (at) => second.format(Date.parse(at));
/** Equal for times of one day; what day separators go by. */
export const dayOf = (at) => midnight(Date.parse(at));

/** `Today`, `Yesterday`, `Tuesday`, `Tuesday 24 November` */
export function day(at) {
  const ms = Date.parse(at);
  const ago = daysAgo(ms);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  return ago > 1 && ago < 7 ? weekday.format(ms) : date.format(ms);
}

/** For the contact list: `14:05`, `Yesterday`, `24 Nov`. */
export function brief(at) {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return "";
  const ago = daysAgo(ms);
  return ago === 0 ? hour.format(ms) : ago === 1 ? "Yesterday" : short.format(ms);
}

/** For sentences with "until": `14:05`, `tomorrow 14:05`, `Thursday 14:05`. */
export function until(at) {
  const ms = Date.parse(at);
  const ahead = -daysAgo(ms);
  const lead = ahead <= 0 ? "" : ahead === 1 ? "tomorrow " : `${weekday.format(ms)} `;
  return lead + hour.format(ms);
}

/** `2 days 3 hours`, `4 minutes`, `12 seconds` */
export function lasting(secs) {
  const say = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const [d, hr, m] = [Math.floor(secs / 86_400), Math.floor(secs / 3600) % 24, Math.floor(secs / 60) % 60];
  if (d) return hr ? `${say(d, "day")} ${say(hr, "hour")}` : say(d, "day");
  if (hr) return m ? `${say(hr, "hour")} ${say(m, "minute")}` : say(hr, "hour");
  return m ? say(m, "minute") : say(Math.floor(secs), "second");
}
