//! Every bound, in one place. A bound of the provider names its source in `docs/provider-facts.md`.

/// Longest name of a flow, step, choice, variable or script. Three of them and a signature fit a button id.
pub const NAME_CHARS_MAX: usize = 64;
/// Fewest and most digits of a phone number (E.164 has up to 15).
pub const PHONE_DIGITS_MIN: usize = 7;
/// See [`PHONE_DIGITS_MIN`].
pub const PHONE_DIGITS_MAX: usize = 15;
/// Longest name of a contact that we keep.
pub const CONTACT_NAME_CHARS_MAX: usize = 100;
/// Longest typed text, caption, title or id that we keep from a webhook, in bytes. WhatsApp's own bound is 4096 characters.
pub const INBOUND_TEXT_BYTES_MAX: usize = 16 * 1024;

/// The provider's bounds on a message (reference: xobito-api section 7, whatsapp-webhooks section 9). Counted in code points;
/// the provider does not say in which unit it counts.
pub const TEXT_BODY_CHARS_MAX: usize = 4096;
/// With buttons or a link Meta takes 1024, although Xobito's own check lets 4096 through (reference: xobito-api section 7, "Trap").
pub const MENU_BODY_CHARS_MAX: usize = 1024;
/// Header of a menu or link message.
pub const HEADER_CHARS_MAX: usize = 60;
/// Footer of a menu or link message.
pub const FOOTER_CHARS_MAX: usize = 60;
/// Reply buttons in one message.
pub const BUTTONS_MAX: usize = 3;
/// A button's title or a link's label.
pub const BUTTON_TITLE_CHARS_MAX: usize = 20;
/// Rows of a list. Nobody reads more, and nobody turns more pages.
pub const ROWS_MAX: usize = 100;
/// A row's title where it is a line of text; as a button it has [`BUTTON_TITLE_CHARS_MAX`].
pub const ROW_TITLE_CHARS_MAX: usize = 60;
/// What is said of a row. WhatsApp's own lists take as much (reference: whatsapp-webhooks, section 9).
pub const ROW_NOTE_CHARS_MAX: usize = 72;
/// A button's id, in bytes.
pub const BUTTON_ID_BYTES_MAX: usize = 256;
/// An id that a script gives to a button, in bytes: what is left of [`BUTTON_ID_BYTES_MAX`] beside send key and signature.
pub const NAMED_BUTTON_ID_BYTES_MAX: usize = 192;
/// A link's address.
pub const URL_CHARS_MAX: usize = 2000;
/// Words below a picture, video or document (reference: xobito-api section 9).
pub const CAPTION_CHARS_MAX: usize = 1024;
/// A document's file name (reference: xobito-api section 9).
pub const FILENAME_CHARS_MAX: usize = 255;
/// Name and address of a place that a person sent, as far as they are kept.
pub const PLACE_CHARS_MAX: usize = 200;
/// A media type, as far as it is kept.
pub const MIME_CHARS_MAX: usize = 100;
/// Values in a template's body.
pub const TEMPLATE_FIELDS_MAX: usize = 10;
/// Buttons of a template that take values; WhatsApp allows so many buttons (reference: xobito-api section 8 names `button_0` only).
pub const TEMPLATE_BUTTONS_MAX: usize = 10;
/// How long free-form messages may follow a person's last one, in milliseconds.
pub const WINDOW_MS: u64 = 24 * 60 * 60 * 1000;
/// How long a send may wait in all before it is given up, in milliseconds: three days. What bounds a free-form send earlier is
/// the window; this bounds templates, and is longer than a broadcast of 100,000 takes at 60 a minute.
pub const SEND_AGE_MS_MAX: u64 = 3 * 24 * 60 * 60 * 1000;
/// How old the provider's own time of a message may be to count, in milliseconds: 8 days, because it repeats a delivery for 7
/// (reference: whatsapp-webhooks section 4). An older one is a mistake, and the moment of acceptance counts.
pub const LATE_DELIVERY_MS_MAX: u64 = 8 * 24 * 60 * 60 * 1000;
/// Accepted messages that may wait to be taken before new ones are turned away.
pub const INBOX_WAITING_MAX: u64 = 200_000;

/// Bytes of a webhook body.
pub const WEBHOOK_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Deliveries in one webhook body: more than the shortest messages that fit [`WEBHOOK_BODY_BYTES_MAX`].
pub const WEBHOOK_DELIVERIES_MAX: usize = 100_000;
/// Bytes of a provider's answer that are read.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest pause that a provider's `retry_after` can cause, in seconds.
pub const RETRY_AFTER_SECS_MAX: u32 = 3600;

/// Steps one turn may enter.
pub const STEPS_PER_TURN_MAX: u32 = 100;
/// Sends one turn may make.
pub const SENDS_PER_TURN_MAX: usize = 20;
/// A tap on the same button of the same message this soon after the one before is the same press, in milliseconds.
pub const DOUBLE_TAP_MS: i64 = 2_000;
/// Menus of a conversation of which it is kept that they were shown again or used up.
pub const MENUS_KEPT_MAX: usize = 32;
/// Messages that showed one menu, of which it is kept that they belong together.
pub const COPIES_KEPT_MAX: usize = 16;
/// Characters of one field that a flow writes down about a contact, and of a group's name.
pub const CONTACT_FIELD_CHARS_MAX: usize = 191;
/// Groups that flows may put one contact in.
pub const GROUPS_MAX: usize = 32;
/// Characters of what a consent is about and of its proof.
pub const CONSENT_CHARS_MAX: usize = 200;
/// How long a hand-off lasts that does not say how long: a day, like the provider's window, in milliseconds.
pub const HOLD_MS: u64 = 24 * 60 * 60 * 1000;
/// How long a person who wrote from the provider's desk has the conversation, when the project does not say how long, in milliseconds.
pub const PERSON_HOLD_MS: u64 = 2 * 60 * 60 * 1000;
/// How long sends are held back until the turn has been taken that says how long a person has the conversation, in milliseconds.
pub const HOLD_AT_ONCE_MS: u64 = 60 * 60 * 1000;
/// Calls of one conversation whose answers are still to come.
pub const CALLS_OPEN_MAX: usize = 8;
/// Longest time that one attempt of a call may take, in milliseconds.
pub const CALL_WAIT_MS_MAX: u64 = 60_000;
/// Most attempts of a call.
pub const CALL_TRIES_MAX: u32 = 10;
/// Bytes of an answer to a call that are read; a longer one is no answer.
pub const CALL_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Bytes of what a call or an event carries as its body.
pub const CALL_BODY_BYTES_MAX: usize = 64 * 1024;
/// Longest id that the user's own system gives to an event, in characters.
pub const EVENT_ID_CHARS_MAX: usize = 200;
/// How deep the lists and records in an event's data may nest: as deep as scripts take them.
pub const EVENT_DEPTH_MAX: usize = 32;
/// Values in an event's data: as many as scripts take.
pub const EVENT_VALUES_MAX: usize = 10_000;
/// Longest business-scoped user id of a person, in bytes; seen are about 30 (reference: whatsapp-webhooks section 6).
pub const USER_ID_BYTES_MAX: usize = 256;
/// Longest wait before another attempt at a request to another system, in milliseconds.
pub const REQUEST_WAIT_MS_MAX: u64 = 12 * 60 * 60 * 1000;
/// Bytes of all answers that one run of a script has had from `fetch`: they are kept until it ends.
pub const JOURNAL_BYTES_MAX: usize = 128 * 1024;
/// How long one attempt of a call may take that does not say, in milliseconds.
pub const CALL_WAIT_USUAL_MS: u64 = 10_000;
/// Characters of what tells which calls are the same one.
pub const ONCE_PER_CHARS_MAX: usize = 255;
/// Headers of one call.
pub const HEADERS_MAX: usize = 32;
/// Calls that one run of a script may make with `fetch`.
pub const FETCHES_MAX: usize = 8;
/// Bytes of one conversation's state as stored.
pub const STATE_BYTES_MAX: usize = 256 * 1024;
/// Values a script may put aside for one contact.
pub const SCRIPT_VARIABLES_MAX: usize = 64;
/// Open `later` timers of one conversation, and with them those of `if_silent` and `end_if_silent`.
pub const LATERS_MAX: usize = 14;
/// See [`LATERS_MAX`].
pub const TIMERS_MAX: usize = LATERS_MAX + 2;
/// Shortest and longest time that an author can write, in milliseconds: a second and 365 days.
pub const DURATION_MS_MIN: u64 = 1_000;
/// See [`DURATION_MS_MIN`].
pub const DURATION_MS_MAX: u64 = 365 * 24 * 60 * 60 * 1000;
/// How often `if_silent` may lead on in a row while the person does nothing; then the session ends.
pub const SILENT_TURNS_MAX: u32 = 10;
/// How often `later` may fire in a row while the person does nothing: reminders that remind of each other must end.
pub const UNANSWERED_MAX: u32 = 100;
/// From when on a timer counts as late, in milliseconds.
pub const TIMER_LATE_MS: u64 = 60_000;
/// Flows that may be entered from within each other.
pub const CALLERS_MAX: usize = 8;
/// Longest text value of a variable that declares no `longest`, in characters.
pub const TEXT_VALUE_CHARS_MAX: usize = 4096;

/// Bytes of one flow or script file.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one script file: parsing has no deadline.
pub const SCRIPT_BYTES_MAX: usize = 64 * 1024;
/// Files of a project.
pub const SOURCE_FILES_MAX: usize = 10_000;
