//! Every file of the studio, listed once and compiled in.

use std::sync::LazyLock;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// Where the page itself stands in [`ALL`]; everything behind it is served under `/assets/`.
pub(super) const PAGE: usize = 0;

/// Bytes of the content hash that go into a tag: enough that no two builds of a file share one.
const TAG_BYTES: usize = 15;

/// One file of the studio.
pub(super) struct Asset {
    /// Its name below `/assets/`.
    pub(super) name: &'static str,
    /// Its content.
    pub(super) bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        /// The files, the page first.
        pub(super) static ALL: &[Asset] = &[$(Asset { name: $name, bytes: include_bytes!(concat!("assets/", $name)) }),*];
    };
}

assets![
    "index.html",
    "style.css",
    "layout.css",
    "chat.css",
    "panels.css",
    "theme.js",
    "main.js",
    "phone.js",
    "dom.js",
    "api.js",
    "live.js",
    "keys.js",
    "time.js",
    "marks.js",
    "media.js",
    "bubble.js",
    "log.js",
    "people.js",
    "composer.js",
    "status.js",
    "provider.js",
    "faults.js",
    "panels.js",
    "recording.js",
    "favicon.svg",
    "cloth.svg",
];

static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tag = |asset: &Asset| format!("\"{}\"", BASE32_NOPAD.encode(&Sha256::digest(asset.bytes)[..TAG_BYTES]));
    ALL.iter().map(tag).collect()
});

impl Asset {
    /// The quoted entity tag: a hash of the content, so equal in every process that serves the same bytes.
    pub(super) fn tag(&self) -> &'static str {
        let place = ALL.iter().position(|a| a.name == self.name).expect("every asset is made by the list");
        &TAGS[place]
    }

    /// The media type by the name's ending.
    pub(super) fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}
