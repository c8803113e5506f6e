// Requests to the admin listener. A failure is an ApiError whose message is a sentence for the person at the screen.

const DEADLINE_MS = 15_000;
const SENTENCE_CHARS_MAX = 300;

/** A request that did not work; `message` may be shown as it is. */
export class ApiError extends Error {}

/** Reads JSON. */
export const read = (path) => ask("GET", path);
/** Changes something. The header tells the listener that the request comes from this page and not from another site's form. */
export const change = (path, body = {}, method = "POST") => ask(method, path, body);

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json", "x-buttonhook": "studio" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (error) {
    throw new ApiError(
      error.name === "TimeoutError"
        ? "Buttonhook did not answer in 15 seconds. It may be busy; try again."
        : "Buttonhook cannot be reached. Is it still running in your terminal?",
    );
  }
  const text = await answer.text().catch(() => "");
  if (!answer.ok) throw new ApiError(sentence(answer.status, text));
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(`Buttonhook answered ${path} with something this page cannot read. Reload the page.`);
  }
}

/** The server's own sentence when it sent one, otherwise what its status means. */
function sentence(status, text) {
  const said = spoken(text);
  if (said) return said.slice(0, SENTENCE_CHARS_MAX);
  if (status === 401 || status === 403) return "The studio is not allowed to do that. Log in again, or check the admin token.";
  if (status === 404) return "Buttonhook does not know that any more. Reload the page.";
  if (status === 413) return "That is too long to send.";
  if (status === 429) return "That was too fast. Wait a moment and try again.";
  if (status >= 500) return `Buttonhook could not do that (answer ${status}). Its terminal says why.`;
  return `Buttonhook refused that (answer ${status}).`;
}

function spoken(text) {
  try {
    const json = JSON.parse(text);
    const said = json?.error?.message ?? json?.error ?? json?.message;
    return typeof said === "string" ? said : "";
  } catch {
    // A plain sentence is welcome; a page of markup is not.
    return text && !text.trimStart().startsWith("<") ? text.trim() : "";
  }
}
