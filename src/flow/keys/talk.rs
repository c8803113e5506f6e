//! The table of what conversations are made of: one line per key.

use super::Takes::{Any, List, Name, Number, Of, OneOf, OneOrMore, Text, TextOr, Values, Version, Whole, WordOr, YesNo};
use super::table::{ANY, SENT, STRETCH_OR_PLACE, TAG};
use super::{Key, Rule, Shape};

/// A file of conversations.
#[rustfmt::skip]
pub const TESTS: Shape = Shape {
    what: "a file of conversations", about: "Conversations that `buttonhook test` plays, with what they share.", rule: Rule::None,
    keys: &[
        Key::need("buttonhook", Version, "The version of the flow language: 1.", "1"),
        Key::need("tests_of", OneOrMore(&Name, ANY), "The flows that the conversations are about.", "[shop]"),
        Key::may("contact", Of(&CONTACT), "Who talks, where a conversation does not say.", "{name: Rosa Sample}"),
        Key::may("begins", Text(ANY), "When conversations begin that do not say when.", "2026-03-28T23:00 Europe/Berlin"),
        Key::may("given", Values, "What script functions give in all of them, without being run.", "{prices.quote: 450}"),
        Key::may("before", List(&Of(&LINE)), "Lines with which every conversation begins.", "[{they: hi}, {bot: Hello!}]"),
        Key::need("tests", OneOrMore(&Of(&SCENARIO), ANY), "The conversations.", "[{name: a greeting, talk: [{they: hi}, {bot: Hello!}]}]"),
    ],
};

/// A conversation written as a test.
#[rustfmt::skip]
pub const SCENARIO: Shape = Shape {
    what: "a conversation", about: "A conversation that `buttonhook test` plays.", rule: Rule::None,
    keys: &[
        Key::need("name", Text(ANY), "What it shows; unique in the flow.", "a greeting"),
        Key::may("contact", Of(&CONTACT), "Who talks.", "{name: Rosa Sample, phone: \"+15550100123\"}"),
        Key::may("begins", Text(ANY), "When it begins: day, time and zone.", "2026-03-28T23:00 Europe/Berlin").usually("2026-01-05T09:00Z"),
        Key::may("at", Of(&AT), "The step where it begins, in the middle of the flow.", "{step: quote, with: {city: Kochi}}"),
        Key::may("given", Values, "What script functions give, without being run.", "{prices.quote: 450}"),
        Key::may("cases", OneOrMore(&Values, ANY), "A table: the conversation is played once for each row, with the row's values in its places, `{city}`.", "[{city: Kochi, price: 450}]"),
        Key::need("talk", List(&Of(&LINE)), "The lines, in order.", "[{they: hi}, {bot: Hello!}]"),
        Key::may("ends", Text(ANY), "How the flow must have ended: the `end` of its last step.", "done"),
    ],
};

/// Who talks in a test.
#[rustfmt::skip]
pub const CONTACT: Shape = Shape {
    what: "`contact` of a conversation", about: "The person who talks.", rule: Rule::None,
    keys: &[
        Key::may("name", Text(ANY), "The name of the profile.", "Rosa Sample"),
        Key::may("language", TAG, "The language that was chosen before.", "hi"),
        Key::may("phone", Text(ANY), "The number, with its country code.", "\"+15550100123\"").usually("\"+15550100123\""),
    ],
};

/// What another system answers in a test.
#[rustfmt::skip]
pub const ANSWER_LINE: Shape = Shape {
    what: "`answer`", about: "What another system answers, or how the call fails.", rule: Rule::None,
    keys: &[
        Key::may("step", Text(ANY), "The step that must have asked.", "lookup"),
        Key::may("url", Text(ANY), "The address that must have been asked, or what `/a regular expression/` finds in it.", "/orders/"),
        Key::may("status", Whole(100, 599), "The status of the answer.", "200"),
        Key::may("body", Any, "Its JSON.", "{state: sent}"),
        Key::may("fails", OneOf(&["unreached", "timed_out", "unreadable", "not_allowed"]), "How the call fails, after all its tries.", "timed_out"),
    ],
};

/// News that must have been told in a test.
#[rustfmt::skip]
pub const EMITS_LINE: Shape = Shape {
    what: "`emits`", about: "News that your own system must have been told.", rule: Rule::None,
    keys: &[
        Key::need("name", Text(ANY), "What they are called.", "order_placed"),
        Key::may("data", Any, "What they say.", "{order: \"4711\"}"),
    ],
};

/// An event in a test.
#[rustfmt::skip]
pub const EVENT: Shape = Shape {
    what: "`event`", about: "What a system of yours tells.", rule: Rule::None,
    keys: &[
        Key::need("name", Name, "The event's name.", "order_paid"),
        Key::may("data", Values, "What it says, as its JSON would.", "{order: 7, paid: true}"),
    ],
};

/// A line of a conversation.
#[rustfmt::skip]
pub const LINE: Shape = Shape {
    what: "a line of a conversation", about: "One thing that happens.", rule: Rule::One,
    keys: &[
        Key::may("they", Text(ANY), "The contact types this.", "hi"),
        Key::may("tap", TextOr(&TAP), "The contact taps the newest button with this name or title, or one on an older message.", "track"),
        Key::may("tap_id", Text(ANY), "The contact taps a button that no flow of yours sent.", "order:4711"),
        Key::may("sends", WordOr(SENT, &SENDS), "The contact sends something that is no text.", "voice"),
        Key::may("person", Text(ANY), "A person writes this to the contact at the provider's desk.", "\"Hello, this is Meera.\""),
        Key::may("answer", Of(&ANSWER_LINE), "What another system answers to the oldest call that waits.", "{status: 200, body: {state: sent}}"),
        Key::may("emits", TextOr(&EMITS_LINE), "Your own system must have been told this.", "order_placed"),
        Key::may("event", Of(&EVENT), "A system of yours tells something, as with `POST /events/{name}`.", "{name: order_paid, data: {order: 7}}"),
        Key::may("bot", TextOr(&BOT), "The bot must say exactly this, or what `/a regular expression/` finds, or a message with these parts.", "Hello!"),
        Key::may("silence", YesNo, "The bot must say nothing more.", "true"),
        Key::may("wait", STRETCH_OR_PLACE, "Time passes.", "2 days"),
        Key::may("fault", Text(ANY), "Something must have broken in the turn before; what is said of it.", "/too long/"),
        Key::may("given", Values, "What script functions give from here on, without being run.", "{prices.quote: {fails: no connection}}"),
    ],
};

/// A tap on one of several messages.
#[rustfmt::skip]
pub const TAP: Shape = Shape {
    what: "`tap`", about: "A tap on a button of one of several messages.", rule: Rule::None,
    keys: &[
        Key::need("button", Text(ANY), "The button's name or title.", "prices"),
        Key::may("on", Text(ANY), "Which of the messages with that button: `1st`, `2nd`, `newest`, or what it says.", "1st").usually("newest"),
        Key::may("twice", YesNo, "Taps it twice at once, as fingers do.", "true").usually("false"),
    ],
};

/// Something that is no text.
#[rustfmt::skip]
pub const SENDS: Shape = Shape {
    what: "what is sent", about: "Something that is no text, and what the provider tells of it.", rule: Rule::None,
    keys: &[
        Key::need("kind", OneOf(SENT), "What it is.", "location"),
        Key::may("at", List(&Number), "Where a location is: latitude and longitude.", "[12.97, 77.59]"),
        Key::may("name", Text(ANY), "What the place is called.", "Sample Cafe"),
        Key::may("address", Text(ANY), "The address of the place.", "1 Example Street"),
        Key::may("filename", Text(ANY), "What a document is called.", "form.pdf"),
        Key::may("mime", Text(ANY), "The media type of a file.", "image/jpeg"),
        Key::may("caption", Text(ANY), "The words with it.", "The broken hinge"),
    ],
};

/// Parts of a message.
#[rustfmt::skip]
pub const BOT: Shape = Shape {
    what: "`bot`", about: "Parts of a message; what is not named may be anything. Every text may be a `/regular expression/`.", rule: Rule::None,
    keys: &[
        Key::may("say", Text(ANY), "The whole text.", "Hello!"),
        Key::may("has", OneOrMore(&Text(ANY), ANY), "What the text must hold.", "[450, tomorrow]"),
        Key::may("lacks", OneOrMore(&Text(ANY), ANY), "What the text must not hold.", "[Sorry]"),
        Key::may("header", Text(ANY), "The line above the text.", "Banyan Couriers"),
        Key::may("footer", Text(ANY), "The line below the text.", "Tap a button"),
        Key::may("buttons", OneOrMore(&Text(ANY), ANY), "The titles of all its buttons, in order.", "[Prices, Hours]"),
        Key::may("link", Text(ANY), "What stands on its link.", "Open"),
        Key::may("url", Text(ANY), "The address of its link or medium.", "\"https://example.com/\""),
        Key::may("fields", OneOrMore(&Text(ANY), ANY), "The values of a template, in order.", "[Rosa, \"4711\"]"),
    ],
};

/// Where a conversation begins.
#[rustfmt::skip]
pub const AT: Shape = Shape {
    what: "`at`", about: "The step where a conversation begins, as if the flow had just led there.", rule: Rule::None,
    keys: &[
        Key::may("flow", Text(ANY), "The flow, where it is not the one that the conversations are about.", "shop"),
        Key::need("step", Text(ANY), "The step; in a table of cases a `{name}` of theirs may stand for it.", "quote"),
        Key::may("with", Values, "What the flow's variables hold by then.", "{city: Kochi}"),
    ],
};

/// What a script function gives.
#[rustfmt::skip]
pub const GIVEN: Shape = Shape {
    what: "what the function gives", about: "What a script function gives, or why it fails.", rule: Rule::None,
    keys: &[
        Key::may("gives", Any, "What it gives; nothing behind the colon is nothing.", "450"),
        Key::may("fails", Text(ANY), "It fails, for this reason.", "no connection"),
    ],
};
