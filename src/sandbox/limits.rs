//! Every bound of the sandbox in one place, so that no queue, text or list of it can grow without end.

use std::time::Duration;

/// People the pretend WhatsApp knows at once. Xobito answers "Contact limit exceeded" beyond it.
pub const PEOPLE: usize = 1_000;
/// Messages kept per person; the oldest is dropped first, and its buttons with it.
pub const MESSAGES_PER_PERSON: usize = 2_000;
/// Bytes of one request body, on the provider's side and on the phone's.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Request records kept for `GET /requests`.
pub const REQUESTS_KEPT: usize = 1_000;
/// Bytes of a request body that its record keeps; a longer one is recorded by its length only.
pub const RECORDED_BODY_BYTES: usize = 16 * 1024;
/// Webhooks that may wait for one person in one flow; further ones are lost and counted, as with a real outage.
pub const WAITING_WEBHOOKS: usize = 4_000;
/// Changes that a slow listener of `GET /events` may lag behind before it is told to reload.
pub const EVENT_BACKLOG: usize = 1_024;
/// How long one webhook attempt may take (reference: xobito-api.md, section 14.4).
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts of a signed event in all (same section).
pub const SIGNED_ATTEMPTS: usize = 3;
/// The longest that a request is held open by the fault `hang`; then its connection is cut.
pub const LONGEST_HANG: Duration = Duration::from_secs(120);
/// The longest latency that may be asked for, in milliseconds.
pub const LONGEST_LATENCY_MS: u64 = 60_000;
/// The most copies of one webhook that may be asked for.
pub const MOST_DUPLICATES: u32 = 100;
/// How far one `POST /advance` may move the clock, in hours: a year.
pub const LONGEST_ADVANCE_HOURS: f64 = 24.0 * 366.0;
/// Characters of a name typed on the phone.
pub const NAME_CHARS: usize = 60;
/// Characters that WhatsApp's input field takes.
pub const TYPED_CHARS: usize = 4_096;
/// Characters of the preview in the list of people.
pub const PREVIEW_CHARS: usize = 80;
/// Abilities that may be taken from the token.
pub const MISSING_ABILITIES: usize = 40;
/// How long free-form sending stays open after a message of the person.
pub const WINDOW_HOURS: i64 = 24;
