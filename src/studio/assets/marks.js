// WhatsApp's text marks as nodes: *bold* _italic_ ~strike~ `code` ```mono```, and addresses as links.

import { h, outside, safeAddress } from "./dom.js";

const TAGS = { "*": "strong", _: "em", "~": "s", "`": "code" };
const BLOCK = "```";
const WORD = /[\p{L}\p{N}]/u;
const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
const TRAILING = /[.,;:!?)\]}*_~]+$/u;

/**
 * A fragment that shows `text` with its marks. Every character ends up in a text node or as a mark's tag, nowhere else.
 * `links: false` leaves addresses as text, for places that are buttons themselves.
 */
export function marked(text, { links = true } = {}) {
  const inline = (part) => spans(part, "", links ? linked : (plain) => (plain ? [plain] : []));
  const out = document.createDocumentFragment();
  const parts = String(text ?? "").split(BLOCK);
  // An even part stands outside of a block; a last block that is never closed is plain text.
  const unclosed = parts.length % 2 === 0 ? parts.length - 1 : -1;
  parts.forEach((part, i) => {
    if (i === unclosed) out.append(BLOCK, ...inline(part));
    else if (i % 2 && part.trim()) out.append(h("code", { class: part.includes("\n") && "block" }, part.replace(/^\n|\n$/gu, "")));
    else if (i % 2) out.append(BLOCK, part, BLOCK);
    else out.append(...inline(part));
  });
  return out;
}

/** `used` holds the marks around this text: none nests in itself, which bounds the depth by their number. */
function spans(text, used, words) {
  const out = [];
  let plain = 0;
  for (let i = 0; i < text.length; i++) {
    const mark = text[i];
    if (!(mark in TAGS) || used.includes(mark) || !opens(text, i)) continue;
    const end = closing(text, i);
    if (end < 0) continue;
    out.push(...words(text.slice(plain, i)));
    const inside = text.slice(i + 1, end);
    out.push(h(TAGS[mark], {}, ...(mark === "`" ? [inside] : spans(inside, used + mark, words))));
    plain = end + 1;
    i = end;
  }
  out.push(...words(text.slice(plain)));
  return out;
}

/** A mark opens when no word ends right before it and something visible follows. */
const opens = (text, i) => !WORD.test(text[i - 1] ?? "") && /\S/u.test(text[i + 1] ?? "");

/** The mark that closes the one at `start`, on the same line, or -1. */
function closing(text, start) {
  const line = text.indexOf("\n", start);
  const stop = line < 0 ? text.length : line;
  for (let i = start + 2; i < stop; i++) {
    if (text[i] === text[start] && /\S/u.test(text[i - 1]) && !WORD.test(text[i + 1] ?? "")) return i;
  }
  return -1;
}

function linked(text) {
  const out = [];
  let plain = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const shown = found[0].replace(TRAILING, "");
    const href = safeAddress(shown);
    if (!href) continue;
    out.push(text.slice(plain, found.index), outside(href, {}, shown));
    plain = found.index + shown.length;
  }
  out.push(text.slice(plain));
  return out.filter(Boolean);
}

const FIGURES = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\u200d|\s)+$/u;

/** One to three emoji and nothing else: shown large. */
export function jumbo(text) {
  if (!text || text.length > 40 || !FIGURES.test(text) || !/\p{Extended_Pictographic}/u.test(text)) return false;
  return [...new Intl.Segmenter("en").segment(text.replace(/\s/gu, ""))].length <= 3;
}

/** The same text on one line, for quotes and the contact list. */
export const oneLine = (text) => String(text ?? "").replace(/\s+/gu, " ").trim();
