//! The table itself: one line per key. What conversations are made of stands in `talk`.

use super::Takes::{
    Address, AnyOf, ByWord, Either, Expression, Keyed, Like, List, Name, Named, Number, Of, OneOf, OneOrMore, Text, Texts,
    Version, Whole, WordOr, YesNo,
};
use super::calls::{ANSWER, CALL, EMIT, SIGN_IN};
use super::people::{HAND_OFF, LEARNS, PEOPLE, WILL};
use super::talk::SCENARIO;
use super::{Ending, Key, NOT_UNDERSTOOD, Rule, Shape};
use crate::flow::clock::WEEKDAYS;
use crate::model::limits::{
    BUTTON_ID_BYTES_MAX, BUTTON_TITLE_CHARS_MAX, BUTTONS_MAX, CAPTION_CHARS_MAX, CONSENT_CHARS_MAX, FILENAME_CHARS_MAX,
    FOOTER_CHARS_MAX, HEADER_CHARS_MAX, ROW_NOTE_CHARS_MAX, ROW_TITLE_CHARS_MAX, ROWS_MAX, TEMPLATE_BUTTONS_MAX,
    TEMPLATE_FIELDS_MAX, TEXT_BODY_CHARS_MAX, TEXT_VALUE_CHARS_MAX,
};

/// Where the language sets no bound of its own.
pub(super) const ANY: usize = usize::MAX;
/// The most characters of a variable's text, as a number that is written in a flow.
#[allow(clippy::cast_possible_truncation)] // 4096
const LONGEST_MAX: u32 = TEXT_VALUE_CHARS_MAX as u32;

/// Largest `priority` of a flow.
pub const PRIORITY_MAX: u32 = 100;

/// `script.function`
const FUNCTION: super::Takes = Like("^[^.]+[.][A-Za-z_][A-Za-z0-9_]*$", "write `script.function`");
/// A stretch of time.
pub(super) const STRETCH: super::Takes =
    Like("^[0-9]+ *(s|seconds?|min|minutes?|h|hours?|days?) *$", "write `5 s`, `20 min`, `2 h` or `3 days`");
/// A stretch of time in a conversation, where a row of `cases` may fill it in.
pub(super) const STRETCH_OR_PLACE: super::Takes =
    Like("^([0-9]+ *(s|seconds?|min|minutes?|h|hours?|days?) *|.*[{].*)$", "write `5 s`, `20 min`, `2 h` or `3 days`");
/// A time of day.
const CLOCK: super::Takes = Like("^ *([01][0-9]|2[0-3]):[0-5][0-9] *$", "write hours and minutes, \"09:00\"");
/// A day, or one that moves with today.
const DAY: super::Takes = Like(
    "^ *(today|tomorrow|yesterday|in +[0-9]+ +(days?|weeks?)|[0-9]+ +(days?|weeks?) +ago|[0-9]{4}-[0-9]{2}-[0-9]{2}) *$",
    "write `today`, `tomorrow`, `in 30 days`, `7 days ago` or 2026-12-31",
);
/// A place of the tz database.
const PLACE: super::Takes = Like("^ *[A-Za-z][A-Za-z0-9_+/-]* *$", "write a place, `Asia/Kolkata`");
/// What people send that is no text.
pub(super) const SENT: &[&str] =
    &["image", "video", "audio", "voice", "document", "sticker", "location", "contacts", "order", "form", "unsupported"];

/// What people send that is a file.
const FILES: &[&str] = &["image", "video", "audio", "voice", "document", "sticker"];
/// A language.
pub(super) const TAG: super::Takes = Like(
    "^[A-Za-z]{2,3}([_-][A-Za-z]{4})?([_-]([A-Za-z]{2}|[0-9]{3}))?$",
    "write two letters, `hi`, and where it matters the country, `pt_BR`",
);

// One line per key reads better than what the formatter makes of long lines.

/// A file.
#[rustfmt::skip]
pub const FLOW: Shape = Shape {
    what: "a flow", about: "A conversation: what begins it, what it remembers, and its steps.", rule: Rule::None,
    keys: &[
        Key::need("buttonhook", Version, "The version of the flow language: 1.", "1"),
        Key::need("flow", Name, "The flow's name, unique in the project. Conversations refer to it, so it stays.", "shop"),
        Key::may("title", Text(ANY), "What people call the flow; shown by tools, never sent.", "Main menu"),
        Key::may("language", TAG, "The language in which the texts of this file are written.", "en"),
        Key::may("start", Of(&START), "What begins the flow.", "{words: [hi, menu]}"),
        Key::may("zone", PLACE, "The place whose clocks `now`, `at` and days mean; without it the project's, and without that UTC.", "Asia/Kolkata").usually("UTC"),
        Key::may("remember", Named(&Either(VARIABLES), 0, ANY), "The flow's variables, each with its kind and bounds.", "{city: {kind: text, longest: 40}}"),
        Key::may("always", List(&Of(&FLOW_WORDS)), "Words that lead out of any open question of this flow.", "[{words: [stop], go: bye}]"),
        Key::need("steps", Named(&Of(&STEP), 1, ANY), "The steps by name. The flow begins with the first one.", "{hello: {say: Hello!, end: done}}"),
        Key::may("end_if_silent", STRETCH, "After this time without a word from the contact the flow ends, with the ending `silent`.", "2 h"),
        Key::may("if_broken", Name, "The step where the flow goes when a step breaks and has no `if_fails`.", "sorry"),
        Key::may("moved", Named(&Name, 0, ANY), "Steps that were renamed: old name to new name. Conversations and old buttons follow.", "{old_name: new_name}"),
        Key::may("retired", Named(&Name, 0, ANY), "Steps that were removed, and where conversations and old buttons of theirs go.", "{old_step: menu}"),
        Key::may("tests", OneOrMore(&Of(&SCENARIO), ANY), "Conversations that `buttonhook test` plays.", "[{name: a greeting, talk: [{they: hi}, {bot: Hello!}]}]"),
    ],
};

/// A row of a flow's `always`.
#[rustfmt::skip]
pub const FLOW_WORDS: Shape = Shape {
    what: "a row of `always`", about: "Words, and the step that they lead to.", rule: Rule::None,
    keys: &[
        Key::need("words", OneOrMore(&Text(ANY), ANY), "Typed words; case, accents, width and marks at the ends do not matter.", "[stop]"),
        Key::need("go", Name, "The step they lead to.", "bye"),
    ],
};

/// `flows/_always.yaml`.
#[rustfmt::skip]
pub const ALWAYS: Shape = Shape {
    what: "what holds for every flow", about: "Words and texts that hold in every flow of the project.", rule: Rule::None,
    keys: &[
        Key::need("buttonhook", Version, "The version of the flow language: 1.", "1"),
        Key::may("zone", PLACE, "The place whose clocks flows mean that name no zone of their own.", "Asia/Kolkata").usually("UTC"),
        Key::may("always", List(&Of(&PROJECT_WORDS)), "Words that are taken before any flow's.", "[{words: [human], start: front_desk}]"),
        Key::may("language", TAG, "The language in which the project's texts are written, where a flow says no other.", "en"),
        Key::may("old_buttons", Text(TEXT_BODY_CHARS_MAX), "What the contact reads when a button leads nowhere any more.", "\"That button is no longer in use.\""),
        Key::may("broken", Text(TEXT_BODY_CHARS_MAX), "What the contact reads when something broke and the flow says nothing of it.", "\"Sorry, please try again later.\""),
        Key::may("not_understood", WordOr(&["off"], &NOT_UNDERSTOOD), "What the contact reads, before the question is put again, when an answer does not fit and the step says nothing of it; `off` for nothing.", "{buttons: Please tap a button.}"),
        Key::may("opt_out", Of(&WILL), "Words by which a contact says that they want to hear nothing that starts on our side; taken before everything else.", "{words: [stop, unsubscribe], say: You will not hear from us again.}"),
        Key::may("opt_in", Of(&WILL), "Words by which a contact agrees to hear from us.", "{words: [subscribe], say: Welcome!}"),
        Key::may("hosts", OneOrMore(&Text(ANY), ANY), "The hosts that flows and scripts may call; `\"*.example.com\"` stands for all below it.", "[api.example.com]"),
        Key::may("sign_in", Named(&Of(&SIGN_IN), 0, ANY), "How calls sign in, by the name that they use.", "{shop_api: {}}"),
        Key::may("people", Of(&PEOPLE), "What holds while a person has a conversation.", "{hold: 2 h, back: [menu], give_back: [\"#bot\"]}"),
    ],
};

/// A row of the project's `always`.
#[rustfmt::skip]
pub const PROJECT_WORDS: Shape = Shape {
    what: "a row of `always`", about: "Words, and the flow that they start or the text that answers them.", rule: Rule::None,
    keys: &[
        Key::need("words", OneOrMore(&Text(ANY), ANY), "Typed words; case, accents, width and marks at the ends do not matter.", "[human]"),
        Key::may("start", Name, "The flow that they start.", "front_desk"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "The text that answers them; the conversation stays where it is.", "\"We are open 9 to 6.\""),
    ],
};

/// A file with the texts of another one in one language.
#[rustfmt::skip]
pub const LANGUAGE: Shape = Shape {
    what: "a language file", about: "The texts of a flow in another language, by the same steps and keys.", rule: Rule::None,
    keys: &[
        Key::need("buttonhook", Version, "The version of the flow language: 1.", "1"),
        Key::need("texts_of", Text(ANY), "The flow whose texts these are; `_always` for those of `flows/_always.yaml`.", "shop"),
        Key::need("language", TAG, "The language of these texts.", "hi"),
        Key::may("texts", Texts, "The texts by step and key: a text alone stands for a button's title, and for what `if_other` and the like say.", "{menu: {say: Hallo!, buttons: {prices: Preise}}}"),
        Key::may("start", Of(&LANGUAGE_START), "What begins the flow beside its own words.", "{words: [hallo]}"),
        Key::may("always", ByWord(&Of(&LANGUAGE_ROW)), "Words that lead out, by a word of the flow's own `always` that does the same.", "{stop: {words: [halt]}}"),
    ],
};

/// What begins a flow in another language.
#[rustfmt::skip]
pub const LANGUAGE_START: Shape = Shape {
    what: "`start` of a language file", about: "Words that start the flow as well. Who begins with one and has chosen no language reads this one.", rule: Rule::None,
    keys: &[Key::need("words", OneOrMore(&Text(ANY), ANY), "Typed words; case, accents, width and marks at the ends do not matter.", "[hallo]")],
};

/// Words of another language.
#[rustfmt::skip]
pub const LANGUAGE_ROW: Shape = Shape {
    what: "a row of `always`", about: "Words that do what a word of the flow's own `always` does, and what is answered.", rule: Rule::None,
    keys: &[
        Key::may("words", OneOrMore(&Text(ANY), ANY), "The words.", "[halt]"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What is answered, where the word is answered with a text.", "\"Wir haben von 9 bis 6 offen.\""),
    ],
};

/// What begins a flow.
#[rustfmt::skip]
pub const START: Shape = Shape {
    what: "`start`", about: "What begins the flow. Two flows that would take the same event are a mistake.", rule: Rule::None,
    keys: &[
        Key::may("words", OneOrMore(&Text(ANY), ANY), "Typed words; case, accents, width and marks at the ends do not matter.", "[hi, menu]"),
        Key::may("matches", OneOrMore(&Text(ANY), ANY), "Regular expressions over what was typed; case does not matter, and a named group fills the variable of that name.", "['^#(?<parcel>[0-9]{4,6})$']"),
        Key::may("buttons", OneOrMore(&Text(ANY), ANY), "Ids of buttons that no flow of yours sent, of templates for example; `*` stands for any run of characters.", "[\"order:*\", confirm]"),
        Key::may("media", OneOrMore(&OneOf(SENT), ANY), "Kinds of things that are neither text nor tap.", "[image, voice]"),
        Key::may("events", OneOrMore(&Name, ANY), "Events of your own systems, told by `POST /events/{name}`; texts know `{event.name}` and `{event.data.…}`.", "[order_paid]"),
        Key::may("schedule", Of(&SCHEDULE), "The flow begins by the clock, for people who are known already.", "{every: weekday, at: \"09:00\", for: everyone}"),
        Key::may("first_contact", YesNo, "Whether the flow takes a contact's very first message, when nothing more specific does.", "true").usually("false"),
        Key::may("priority", Whole(0, PRIORITY_MAX), "Ranks flows that would take the same event: the larger goes first.", "10").usually("0"),
        Key::may("anything_else", YesNo, "Whether the flow takes whatever nobody else takes.", "true").usually("false"),
    ],
};

/// What `every` takes.
const DAYS: &[&str] =
    &["day", "weekday", "weekend", "month", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// When a flow begins by itself.
#[rustfmt::skip]
pub const SCHEDULE: Shape = Shape {
    what: "`schedule`", about: "When the flow begins by itself, and for whom.", rule: Rule::Any(&["for", "when"]),
    keys: &[
        Key::may("every", OneOrMore(&OneOf(DAYS), ANY), "On which days: `day`, `weekday`, `weekend`, `month` (its first day), or names of weekdays.", "[monday, friday]").beside(&["at"]),
        Key::may("at", CLOCK, "At which time of day, on the clocks of the flow's zone.", "\"09:00\"").beside(&["every"]),
        Key::may("cron", Like("^ *[^ ]+( +[^ ]+){4} *$", "write five fields, `0 9 * * 1-5`"), "The same as a cron line: minute, hour, day of the month, month, day of the week.", "0 9 * * 1-5"),
        Key::may("for", OneOf(&["everyone"]), "That it begins for every contact.", "everyone"),
        Key::may("when", Expression, "It begins for those of whom this holds at that moment; it sees what the flow keeps of them.", "subscribed == true"),
    ],
};

/// The keys that every variable has.
macro_rules! variable {
    ($kind:literal, $about:literal $(, $key:expr)*) => {
        &Shape {
            what: "a variable", about: $about, rule: Rule::None,
            keys: &[
                Key::need("kind", OneOf(&[$kind]), $about, $kind),
                Key::may("keep", YesNo, "Whether the value outlives the end of the flow and its next start.", "true").usually("false"),
                $($key),*
            ],
        }
    };
}

/// A variable, by kind.
#[rustfmt::skip]
pub const VARIABLES: &[&Shape] = &[
    variable!("text", "Any text.",
        Key::may("longest", Whole(1, LONGEST_MAX), "The most characters it may have.", "40").usually("4096")),
    variable!("number", "A number: 12, 1,200 or 10.5.",
        Key::may("least", Number, "The smallest that is taken.", "1"), Key::may("most", Number, "The largest that is taken.", "10.5")),
    variable!("money", "An amount, shown with its currency.",
        Key::need("currency", Text(ANY), "Three letters.", "INR"),
        Key::may("least", Number, "The smallest that is taken.", "1"), Key::may("most", Number, "The largest that is taken.", "5000")),
    variable!("date", "A day, in the contact's words; kept as 2026-06-15.",
        Key::may("earliest", DAY, "The first day that is taken.", "tomorrow"), Key::may("latest", DAY, "The last day that is taken.", "in 30 days"),
        Key::may("days", OneOrMore(&OneOf(&WEEKDAYS), ANY), "The days of the week that are taken.", "[monday, friday]")),
    variable!("time", "A time of day, in the contact's words; kept as 18:30.",
        Key::may("earliest", CLOCK, "The first time that is taken.", "\"09:00\""), Key::may("latest", CLOCK, "The last time that is taken.", "\"18:00\"")),
    variable!("phone", "A phone number with its country code; kept as +27821234567."),
    variable!("email", "A mail address."),
    variable!("choice", "One of a few texts.",
        Key::need("of", OneOrMore(&Text(ANY), ANY), "The texts.", "[small, large]")),
    variable!("yes_no", "Yes or no; true or false in expressions."),
    variable!("list", "Values in order; only scripts make them."),
    variable!("record", "Values by name; only scripts make them."),
    variable!("location", "A place on the map that the contact sends, with `latitude` and `longitude`, and `name` and `address` where it has them."),
    variable!("media", "A file that the contact sends, with `kind`, `id`, `mime`, and `url`, `filename` and `caption` where they are told.",
        Key::may("of", OneOrMore(&OneOf(FILES), ANY), "The kinds that are taken; all of them where it is left out.", "[image, document]")),
];

/// One moment of a flow.
#[rustfmt::skip]
pub const STEP: Shape = Shape {
    what: "a step", about: "One moment: it does something (run, set), says something (say, media, template), then waits (buttons, list, ask, call) or goes on (go, choose, enter, end).",
    rule: Rule::Ending(&[Ending { key: "buttons", part_of: &[] }, Ending { key: "list", part_of: &[] }, Ending { key: "ask", part_of: &[] }, Ending { key: "call", part_of: &[] }, Ending { key: "choose", part_of: &[] }, Ending { key: "enter", part_of: &[] },
        Ending { key: "go", part_of: &["ask", "enter"] }, Ending { key: "end", part_of: &[] }]),
    keys: &[
        Key::may("run", FUNCTION, "Calls a function: `prices.quote` is `fn quote` in `scripts/prices.rhai`.", "prices.quote"),
        Key::may("with", OneOrMore(&Expression, ANY), "What the function is given: expressions, one for each parameter.", "[city, \"3\"]").beside(&["run"]),
        Key::may("gives", Name, "The variable that keeps what the function returns.", "price").beside(&["run"]),
        Key::may("if_fails", Name, "The step to go to when the function fails or its result does not fit, or when a call has no answer.", "sorry").beside(&["run", "call"]),
        Key::may("if_none", Name, "The step to go to when the function gives nothing.", "sorry").beside(&["run"]),
        Key::may("set", Named(&Expression, 0, ANY), "Variables and the expressions that give them their values.", "{count: count + 1}"),
        Key::may("language", Text(ANY), "The language that the contact reads from then on; values may be put in.", "hi"),
        Key::may("contact", Of(&LEARNS), "What the flow learnt about the contact; the provider is told with the next message.", "{firstname: \"{name}\", join: [newsletter]}"),
        Key::may("opt_in", Text(CONSENT_CHARS_MAX), "The contact agreed to this; kept with moment and proof.", "Offers on WhatsApp"),
        Key::may("opt_out", Text(CONSENT_CHARS_MAX), "The contact took this back: nothing that starts on our side comes any more.", "Offers on WhatsApp"),
        Key::may("emit", Of(&EMIT), "News for your own system, which is told until it has heard.", "{name: order_placed, data: {order: \"{order}\"}}"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "The text of a message: `{name}` puts a value in, `{name | there}` has something to fall back on.", "Hello {contact.firstname | there}!"),
        Key::may("header", Text(HEADER_CHARS_MAX), "A bold line above the text; with buttons or a link only.", "Banyan Couriers").beside(&["say"]),
        Key::may("footer", Text(FOOTER_CHARS_MAX), "A small line below the text; with buttons or a link only.", "Tap a button").beside(&["say"]),
        Key::may("link", Of(&LINK), "A button that opens an address; not together with `buttons`.", "{title: Open, url: \"https://example.com/\"}").beside(&["say"]),
        Key::may("template", Of(&TEMPLATE), "A message that the provider approved beforehand; the only kind that may leave after 24 hours of silence.", "{name: order_ready, language: en_US}"),
        Key::may("media", Of(&MEDIA), "A picture, video, sound or document; not together with `say` or `buttons`.", "{kind: image, url: \"https://example.com/picture.jpg\"}"),
        Key::may("on_unknown", OneOf(&["resend", "skip", "ask"]), "What becomes of the message when nobody can tell whether it left: it is sent again, left, or a person is asked. Without it templates are left and everything else is sent again.", "ask").beside(&["say", "media", "template", "ask"]),
        Key::may("buttons", Named(&Of(&BUTTON), 1, BUTTONS_MAX), "One to three buttons by name, each with what a tap leads to.", "{ok: {title: All right, go: next}}").beside(&["say"]),
        Key::may("list", Of(&LIST), "Any number of rows, shown as buttons page by page or as numbered text.", "{rows: {red: {title: Red roses, note: 12 EUR, go: next}}}").beside(&["say"]),
        Key::may("if_other", Of(&RETRY), "What happens when something else than a tap comes; without it the question is put again.", "{say: Please tap a button., tries: 2, then: bye}").beside(&["buttons", "list"]),
        Key::may("if_old", Of(&OLD), "What a tap does once the menu is no longer open; without it the button does what it says.", "{say: That is over.}").beside(&["buttons", "list"]),
        Key::may("once", YesNo, "Whether the menu is good for one tap: later ones get `if_old`.", "true").usually("false").beside(&["buttons", "list"]),
        Key::may("if_silent", Of(&SILENCE), "What happens when nothing comes.", "{after: 20 min, say: Are you still there?}").beside(&["buttons", "list", "ask"]),
        Key::may("ask", Text(TEXT_BODY_CHARS_MAX), "A question whose answer, in words, goes `into` a variable.", "What is your name?"),
        Key::may("into", Name, "The variable for the answer; its kind says which answers fit.", "name").beside(&["ask"]),
        Key::may("if_wrong", Of(&RETRY), "What happens when the answer does not fit; without it the question is put again.", "{say: I could not read that as a day., tries: 3, then: sorry}").beside(&["ask"]),
        Key::may("call", Of(&CALL), "Asks another system over HTTP; the conversation waits for its answer, and nobody else does.", "{url: \"https://api.example.com/orders/{order}\"}"),
        Key::may("answers", Keyed("^([1-5][0-9][0-9]|[1-5]xx|otherwise)$", &Of(&ANSWER)), "What an answer leads to, by its status: `200`, `4xx`, `otherwise`.", "{200: {go: found}, 404: {go: unknown}}").beside(&["call"]),
        Key::may("meanwhile", Text(TEXT_BODY_CHARS_MAX), "What a contact is told who writes before the answer is there.", "One moment.").beside(&["call"]),
        Key::may("choose", AnyOf(&[List(&Either(&[&OTHERWISE, &CHOOSE_ROW])), Of(&CHOOSE_BY)]), "Goes where the first condition that holds leads, the last row is `otherwise`; or goes by the value of one variable, `{by: size, small: one, otherwise: other}`.", "[{when: count > 1, go: again}, {otherwise: first}]"),
        Key::may("enter", Of(&ENTER), "Goes through another flow; when that has ended, this one goes on: with `go`, or by `endings`.", "{flow: address, with: {city: city}, gives: {street: street}}"),
        Key::may("endings", Named(&Name, 1, ANY), "Where it goes on by how the entered flow ended; `otherwise` takes every ending without a row.", "{done: next, otherwise: sorry}").beside(&["enter"]),
        Key::may("go", Name, "The step that comes next; with `ask`, where the answer leads; with `enter`, where it goes on.", "menu"),
        Key::may("later", Of(&LATER), "A reminder: where the flow goes when some time has passed, whatever happened meanwhile.", "{after: 2 days, go: remind, unless: paid == true}"),
        Key::may("hand_off", Of(&HAND_OFF), "A person takes the conversation; no flow says anything until they give it back.", "{to: front_desk, say: A colleague will write to you here.}").beside(&["end"]),
        Key::may("end", Name, "The flow is over, and how it went: counted, and what tests expect.", "done"),
    ],
};

/// A button that opens an address.
#[rustfmt::skip]
pub const LINK: Shape = Shape {
    what: "a link", about: "A button that opens an address.", rule: Rule::None,
    keys: &[
        Key::need("title", Text(BUTTON_TITLE_CHARS_MAX), "What stands on it.", "Open"),
        Key::need("url", Address, "The address; values may stand after the host only.", "\"https://example.com/?who={contact.phone}\""),
    ],
};

/// A picture, video, sound or document.
#[rustfmt::skip]
pub const MEDIA: Shape = Shape {
    what: "`media`", about: "A picture, video, sound or document, which the provider fetches by its address.", rule: Rule::None,
    keys: &[
        Key::need("kind", OneOf(&["image", "video", "audio", "document"]), "What it is.", "image"),
        Key::need("url", Address, "Where it is, for everyone to fetch; values may stand after the host only.", "\"https://example.com/picture.jpg\""),
        Key::may("caption", Text(CAPTION_CHARS_MAX), "The words below it; not for audio.", "Our shop"),
        Key::may("filename", Text(FILENAME_CHARS_MAX), "What a document is called on the phone.", "prices.pdf"),
    ],
};

/// A message that the provider approved.
#[rustfmt::skip]
pub const TEMPLATE: Shape = Shape {
    what: "a template", about: "A message that the provider approved beforehand.", rule: Rule::None,
    keys: &[
        Key::need("name", Text(ANY), "Its name at the provider.", "order_ready"),
        Key::need("language", Text(ANY), "Its language at the provider.", "en_US"),
        Key::may("fields", OneOrMore(&Text(ANY), TEMPLATE_FIELDS_MAX), "The values of its places, in order.", "[\"{contact.firstname | friend}\", \"4711\"]"),
        Key::may("header", Of(&TEMPLATE_HEADER), "What its header shows, where that has a place for it.", "{image: \"https://example.com/picture.jpg\"}"),
        Key::may("buttons", OneOrMore(&Text(BUTTON_ID_BYTES_MAX), TEMPLATE_BUTTONS_MAX), "The values of its buttons, in order: what a tap brings back, or the end of an address.", "[\"order:4711\"]"),
    ],
};

/// The header of a template.
#[rustfmt::skip]
pub const TEMPLATE_HEADER: Shape = Shape {
    what: "the header of a template", about: "What the header shows, of the kind with which the template was approved.", rule: Rule::One,
    keys: &[
        Key::may("text", Text(HEADER_CHARS_MAX), "The value of its place, where the header is a text.", "\"4711\""),
        Key::may("image", Address, "Where a picture is, for everyone to fetch.", "\"https://example.com/picture.jpg\""),
        Key::may("video", Address, "Where a video is, for everyone to fetch.", "\"https://example.com/film.mp4\""),
        Key::may("document", Of(&TEMPLATE_DOCUMENT), "A document.", "{url: \"https://example.com/prices.pdf\"}"),
    ],
};

/// The document of a template's header.
#[rustfmt::skip]
pub const TEMPLATE_DOCUMENT: Shape = Shape {
    what: "the document of a header", about: "A document, which the provider fetches by its address.", rule: Rule::None,
    keys: &[
        Key::need("url", Address, "Where it is, for everyone to fetch.", "\"https://example.com/prices.pdf\""),
        Key::may("filename", Text(FILENAME_CHARS_MAX), "What it is called on the phone.", "prices.pdf"),
    ],
};

/// A button of a menu.
#[rustfmt::skip]
pub const BUTTON: Shape = Shape {
    what: "a button", about: "A button; typing its title counts as a tap.", rule: Rule::None,
    keys: &[
        Key::need("title", Text(BUTTON_TITLE_CHARS_MAX), "What stands on it, at most 20 characters; values may be put in.", "Track it"),
        Key::need("go", Name, "The step where a tap leads.", "track"),
        Key::may("when", Expression, "The button is shown only when this holds.", "count > 1"),
        Key::may("set", Named(&Expression, 0, ANY), "Variables that a tap sets, before it leads on.", "{part: '\"morning\"'}"),
        Key::may("language", Text(ANY), "The language that whoever taps it reads from then on.", "hi"),
    ],
};

/// Any number of rows.
#[rustfmt::skip]
pub const LIST: Shape = Shape {
    what: "`list`", about: "Any number of rows: `rows` that are written out, or rows made `from` the values of a variable. Typing a row's title or number counts as a tap.", rule: Rule::None,
    keys: &[
        Key::may("rows", Named(&Of(&ROW), 1, ROWS_MAX), "The rows by name, each with what a tap leads to.", "{red: {title: Red roses, note: 12 EUR, go: next}}"),
        Key::may("from", Name, "A variable that holds a list; each of its values becomes a row.", "products"),
        Key::may("title", Text(ANY), "What a row is called; `{row}` is its value, `{row.name}` a part of it. What a button has no room for is cut.", "\"{row.name}\"").beside(&["from"]),
        Key::may("note", Text(ROW_NOTE_CHARS_MAX), "What is said of a row in the text.", "\"{row.price} EUR\"").beside(&["from"]),
        Key::may("into", Name, "The variable that gets the value of the row that was chosen.", "product").beside(&["from"]),
        Key::may("go", Name, "The step where the choice leads.", "chosen").beside(&["from"]),
        Key::may("as", OneOf(&["buttons", "numbers"]), "Whether rows are buttons, two and `More` on a page, or numbered lines of text.", "numbers").usually("buttons"),
        Key::may("more", Text(BUTTON_TITLE_CHARS_MAX), "What leads to the next page.", "Show more").usually("More"),
        Key::may("if_empty", Name, "The step to go to when there is no row.", "sold_out"),
    ],
};

/// A row of a list.
#[rustfmt::skip]
pub const ROW: Shape = Shape {
    what: "a row", about: "A row of a list; typing its title or its number counts as a tap.", rule: Rule::None,
    keys: &[
        Key::need("title", Text(ROW_TITLE_CHARS_MAX), "What it is called: at most 20 characters as a button, 60 as numbered text; values may be put in.", "Red roses"),
        Key::may("note", Text(ROW_NOTE_CHARS_MAX), "What is said of it in the text.", "12 EUR"),
        Key::need("go", Name, "The step where a tap leads.", "next"),
        Key::may("when", Expression, "The row is shown only when this holds.", "count > 1"),
        Key::may("set", Named(&Expression, 0, ANY), "Variables that a tap sets, before it leads on.", "{kind: '\"red\"'}"),
        Key::may("language", Text(ANY), "The language that whoever chooses it reads from then on.", "hi"),
    ],
};

/// What to do with an answer that is none.
#[rustfmt::skip]
pub const RETRY: Shape = Shape {
    what: "what follows an answer that does not fit", about: "What is said before the question is put again, and where it leads after some tries.", rule: Rule::None,
    keys: &[
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What to say before the question is put again.", "Please tap a button."),
        Key::may("tries", Whole(1, crate::flow::step::TRIES_MAX), "How often the question is put again.", "2").beside(&["then"]),
        Key::may("then", Name, "The step to go to after that.", "sorry").beside(&["tries"]),
    ],
};

/// What a tap on an old menu does.
#[rustfmt::skip]
pub const OLD: Shape = Shape {
    what: "`if_old`", about: "What a tap does once the menu is no longer open.", rule: Rule::None,
    keys: &[
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What to say; alone, the conversation stays where it is.", "That is over."),
        Key::may("go", Name, "The step to go to.", "menu"),
    ],
};

/// What to do in silence.
#[rustfmt::skip]
pub const SILENCE: Shape = Shape {
    what: "`if_silent`", about: "What is said, or where it leads, when the contact leaves the question unanswered.", rule: Rule::None,
    keys: &[
        Key::need("after", STRETCH, "How long, counted from the last thing that the contact did.", "20 min"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What to say then, once; the question stays open.", "Are you still there?"),
        Key::may("go", Name, "The step to go to then.", "bye"),
    ],
};

/// A reminder.
#[rustfmt::skip]
pub const LATER: Shape = Shape {
    what: "`later`", about: "A reminder. It comes also when the flow has ended meanwhile.", rule: Rule::Any(&["after", "at"]),
    keys: &[
        Key::may("after", STRETCH, "After how long; beside `at`, on which day: so many days from now.", "2 days"),
        Key::may("at", CLOCK, "At which time of day, on the clocks of the flow's zone; alone, the next time that it is so late.", "\"09:00\""),
        Key::may("day", Text(ANY), "On which day: `today`, `tomorrow`, a weekday, or a date variable in braces.", "monday").beside(&["at"]),
        Key::may("days_before", Whole(1, crate::flow::step::DAYS_BEFORE_MAX), "So many days before the day of the variable.", "1").beside(&["day"]),
        Key::need("go", Name, "The step to go to then.", "remind"),
        Key::may("unless", Expression, "It is left out when this holds then.", "paid == true"),
    ],
};

/// A row of `choose`.
#[rustfmt::skip]
pub const CHOOSE_ROW: Shape = Shape {
    what: "a row of `choose`", about: "A condition and where it leads.", rule: Rule::Without("otherwise"),
    keys: &[
        Key::need("when", Expression, "The condition.", "count > 1"),
        Key::need("go", Name, "The step where it leads.", "again"),
        Key::may("otherwise", Name, "Stands in a row of its own.", "first"),
    ],
};

/// `choose` by the value of a variable.
#[rustfmt::skip]
pub const CHOOSE_BY: Shape = Shape {
    what: "`choose`", about: "Where the values of a variable lead; each value is a key.", rule: Rule::Rest(&Name),
    keys: &[
        Key::need("by", Name, "The variable.", "size"),
        Key::may("otherwise", Name, "The step for every value without a row, and when there is none.", "other"),
    ],
};

/// The last row of `choose`.
#[rustfmt::skip]
pub const OTHERWISE: Shape = Shape {
    what: "a row of `choose`", about: "Where it leads when no condition holds; the last row.", rule: Rule::None,
    keys: &[Key::need("otherwise", Name, "The step when no condition holds.", "first")],
};

/// A visit to another flow.
#[rustfmt::skip]
pub const ENTER: Shape = Shape {
    what: "`enter`", about: "A visit to another flow, which comes back when it ends.", rule: Rule::None,
    keys: &[
        Key::need("flow", Name, "The flow.", "address"),
        Key::may("with", Named(&Expression, 0, ANY), "Variables of the entered flow and expressions of this one that give them their values.", "{city: city}"),
        Key::may("gives", Named(&Name, 0, ANY), "Variables of this flow and those of the entered one whose values they get at its end.", "{street: street}"),
    ],
};
