// Pictures, voice notes, places and files in a bubble. They are drawn, not loaded: the page fetches nothing from other hosts, so
// looking at a conversation tells nobody anything. What has an address can be opened by a click.

import { h, icon, outside, safeAddress } from "./dom.js";
import { marked } from "./marks.js";

const KINDS = {
  image: { label: "Image", icon: "image" },
  sticker: { label: "Sticker", icon: "image" },
  video: { label: "Video", icon: "video" },
  voice: { label: "Voice note", icon: "mic" },
  location: { label: "Location", icon: "pin" },
  contacts: { label: "Contact card", icon: "file" },
  document: { label: "Document", icon: "file" },
};
const SAME = { audio: "voice", ptt: "voice", photo: "image", picture: "image", place: "location", file: "document" };
const BARS = [5, 9, 14, 8, 17, 12, 6, 15, 19, 11, 7, 13, 18, 9, 5, 11, 16, 8, 12, 6, 9, 4];

/** What a message's `media` is, whichever way it is written: a word or an object with `kind` or `type`. */
export function mediaKind(message) {
  const media = message.media;
  const said = String((typeof media === "string" ? media : (media?.kind ?? media?.type)) || message.body || "").toLowerCase();
  const kind = SAME[said] ?? said;
  return kind in KINDS ? kind : "document";
}

/** `Voice note`, for quotes and the contact list. */
export const mediaLabel = (message) => KINDS[mediaKind(message)].label;

/** The card of a media message or attachment. */
export function mediaCard(message) {
  const kind = mediaKind(message);
  const media = typeof message.media === "object" && message.media ? message.media : {};
  const href = safeAddress(media.url ?? media.link ?? "");
  const name = media.filename ?? media.name ?? media.address ?? place(media);
  const card = h(
    "div",
    { class: "media", data: { media: kind } },
    picture(kind),
    h(
      "p",
      { class: "media-line" },
      icon(KINDS[kind].icon),
      h("span", {}, name ? String(name) : KINDS[kind].label),
      href && outside(href, {}, "Open"),
    ),
  );
  const caption = media.caption && media.caption !== message.body ? String(media.caption) : "";
  return caption ? [card, h("div", { class: "body", dir: "auto" }, marked(caption))] : [card];
}

function place(media) {
  const [lat, lon] = [Number(media.latitude ?? media.lat), Number(media.longitude ?? media.lon ?? media.lng)];
  return Number.isFinite(lat) && Number.isFinite(lon) && (lat || lon) ? `${lat.toFixed(4)}, ${lon.toFixed(4)}` : "";
}

function picture(kind) {
  if (kind === "voice") {
    const wave = h("span", { class: "wave" }, BARS.map((height) => {
      const bar = h("i");
      bar.style.height = `${height}px`;
      return bar;
    }));
    return h("div", { class: "voice", "aria-hidden": "true" }, h("span", { class: "play" }, icon("play")), wave, h("span", {}, "0:07"));
  }
  if (kind === "image" || kind === "sticker" || kind === "video") return h("div", { class: "scene", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return kind === "location" ? h("div", { class: "map", "aria-hidden": "true" }, icon("pin")) : null;
}
