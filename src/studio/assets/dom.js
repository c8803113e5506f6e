// Building the page: nodes are made one by one and text goes in as text. Nothing here, or anywhere in the studio, parses
// markup from data.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id, which the page is known to hold. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element. `props`: `on` holds listeners, `data` dataset entries; `class`, `role`, `aria-*` and the like are set as
 * attributes; `false`, `null` and `undefined` leave an attribute out. Children: nodes or strings; empty ones are skipped.
 */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) el.addEventListener(event, listener);
    else if (name === "data") Object.assign(el.dataset, value);
    else el.setAttribute(name, value === true ? "" : String(value));
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return el;
}

/** A picture from the sheet at the end of the page; decoration only, so hidden from screen readers. */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Up to two initials and a colour, the same for a person on every visit. */
export function avatar(name, phone) {
  const words = (name || phone || "?").trim().split(/\s+/u);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((w) => [...w][0] ?? "").join("");
  let sum = 0;
  for (const c of phone || name || "") sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  return h("span", { class: "avatar", "aria-hidden": "true", data: { tint: sum % 6 } }, letters.toUpperCase());
}

/** An address that may be opened: http or https, otherwise null. A person's text never becomes a script address. */
export function safeAddress(text) {
  try {
    const url = new URL(String(text));
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere and tells the other side nothing about this page. */
export function outside(href, props, ...children) {
  return h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** What is kept between visits; a browser that forbids it only forgets. */
export const keep = {
  get(name) {
    try {
      return localStorage.getItem(`buttonhook.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`buttonhook.${name}`, value);
    } catch {
      // Nothing is lost but the convenience.
    }
  },
};
