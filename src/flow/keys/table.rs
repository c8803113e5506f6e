//! The table itself: one line per key.

use super::Takes::{
    Address, Any, Either, Expression, Like, List, Name, Named, Number, Of, OneOf, OneOrMore, Statuses, Text, TextOr, Values, Version,
    Whole, WordOr, YesNo,
};
use super::calls::{ANSWER, CALL, CALL_ANSWER, EMIT, EMITS};
use super::{Ending, Key, Rule, Shape};
use crate::flow::step::NOTE_CHARS_MAX;
use crate::model::limits::{
    BUTTON_TITLE_CHARS_MAX, BUTTONS_MAX, CAPTION_CHARS_MAX, CONSENT_CHARS_MAX, CONTACT_FIELD_CHARS_MAX, FILENAME_CHARS_MAX,
    FOOTER_CHARS_MAX, GROUPS_MAX, HEADER_CHARS_MAX, TEMPLATE_FIELDS_MAX, TEXT_BODY_CHARS_MAX, TEXT_VALUE_CHARS_MAX,
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
/// What people send that is no text.
const SENT: &[&str] =
    &["image", "video", "audio", "voice", "document", "sticker", "location", "contacts", "order", "form", "unsupported"];

// One line per key reads better than what the formatter makes of long lines.

/// A file.
#[rustfmt::skip]
pub const FLOW: Shape = Shape {
    what: "a flow", about: "A conversation: what begins it, what it remembers, and its steps.", rule: Rule::None,
    keys: &[
        Key::need("buttonhook", Version, "The version of the flow language: 1.", "1"),
        Key::need("flow", Name, "The flow's name, unique in the project. Conversations refer to it, so it stays.", "shop"),
        Key::may("title", Text(ANY), "What people call the flow; shown by tools, never sent.", "Main menu"),
        Key::may("start", Of(&START), "What begins the flow.", "{words: [hi, menu]}"),
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
        Key::may("always", List(&Of(&PROJECT_WORDS)), "Words that are taken before any flow's.", "[{words: [human], start: front_desk}]"),
        Key::may("old_buttons", Text(TEXT_BODY_CHARS_MAX), "What the contact reads when a button leads nowhere any more.", "\"That button is no longer in use.\""),
        Key::may("broken", Text(TEXT_BODY_CHARS_MAX), "What the contact reads when something broke and the flow says nothing of it.", "\"Sorry, please try again later.\""),
        Key::may("opt_out", Of(&WILL), "Words by which a contact says that they want to hear nothing that starts on our side; taken before everything else.", "{words: [stop, unsubscribe], say: You will not hear from us again.}"),
        Key::may("opt_in", Of(&WILL), "Words by which a contact agrees to hear from us.", "{words: [subscribe], say: Welcome!}"),
        Key::may("people", Of(&PEOPLE), "What holds while a person has a conversation.", "{hold: 2 h, back: [menu], give_back: [\"#bot\"]}"),
    ],
};

/// Words of a contact's will.
#[rustfmt::skip]
pub const WILL: Shape = Shape {
    what: "words of a contact's will", about: "Words by which a contact agrees to hear from us or takes it back, kept with moment and proof.", rule: Rule::None,
    keys: &[
        Key::need("words", OneOrMore(&Text(ANY), ANY), "Typed words, or titles of a template's buttons; case, accents, width and marks at the ends do not matter.", "[stop, unsubscribe]"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What the contact is told then.", "You will not hear from us again."),
    ],
};

/// People behind the flows.
#[rustfmt::skip]
pub const PEOPLE: Shape = Shape {
    what: "`people`", about: "What holds while a person has a conversation: no flow says anything then.", rule: Rule::None,
    keys: &[
        Key::may("hold", STRETCH, "How long a person has a conversation after each message that they write from the provider's desk.", "2 h").usually("2 h"),
        Key::may("back", OneOrMore(&Text(ANY), ANY), "What a contact can type to come back to the flows.", "[menu]"),
        Key::may("give_back", OneOrMore(&Text(ANY), ANY), "What the person can write to give the conversation back.", "[\"#bot\"]"),
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

/// What begins a flow.
#[rustfmt::skip]
pub const START: Shape = Shape {
    what: "`start`", about: "What begins the flow. Two flows that would take the same event are a mistake.", rule: Rule::None,
    keys: &[
        Key::may("words", OneOrMore(&Text(ANY), ANY), "Typed words; case, accents, width and marks at the ends do not matter.", "[hi, menu]"),
        Key::may("matches", OneOrMore(&Text(ANY), ANY), "Regular expressions over what was typed; case does not matter, and a named group fills the variable of that name.", "['^#(?<parcel>[0-9]{4,6})$']"),
        Key::may("buttons", OneOrMore(&Text(ANY), ANY), "Ids of buttons that no flow of yours sent, of templates for example; `*` stands for any run of characters.", "[\"order:*\", confirm]"),
        Key::may("media", OneOrMore(&OneOf(SENT), ANY), "Kinds of things that are neither text nor tap.", "[image, voice]"),
        Key::may("first_contact", YesNo, "Whether the flow takes a contact's very first message, when nothing more specific does.", "true").usually("false"),
        Key::may("priority", Whole(0, PRIORITY_MAX), "Ranks flows that would take the same event: the larger goes first.", "10").usually("0"),
        Key::may("anything_else", YesNo, "Whether the flow takes whatever nobody else takes.", "true").usually("false"),
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
    variable!("date", "A day; kept as 2026-06-15."),
    variable!("time", "A time of day; kept as 18:30."),
    variable!("phone", "A phone number with its country code; kept as +27821234567."),
    variable!("email", "A mail address."),
    variable!("choice", "One of a few texts.",
        Key::need("of", OneOrMore(&Text(ANY), ANY), "The texts.", "[small, large]")),
    variable!("yes_no", "Yes or no; true or false in expressions."),
    variable!("list", "Values in order; only scripts make them."),
    variable!("record", "Values by name; only scripts make them."),
];

/// One moment of a flow.
#[rustfmt::skip]
pub const STEP: Shape = Shape {
    what: "a step", about: "One moment: it does something (run, set), says something (say, media, template), then waits (buttons, ask, call) or goes on (go, choose, end).",
    rule: Rule::Ending(&[Ending { key: "buttons", part_of: None }, Ending { key: "ask", part_of: None }, Ending { key: "call", part_of: None }, Ending { key: "choose", part_of: None },
        Ending { key: "go", part_of: Some("ask") }, Ending { key: "end", part_of: None }]),
    keys: &[
        Key::may("run", FUNCTION, "Calls a function: `prices.quote` is `fn quote` in `scripts/prices.rhai`.", "prices.quote"),
        Key::may("with", OneOrMore(&Expression, ANY), "What the function is given: expressions, one for each parameter.", "[city, \"3\"]").beside(&["run"]),
        Key::may("gives", Name, "The variable that keeps what the function returns.", "price").beside(&["run"]),
        Key::may("if_fails", Name, "The step to go to when the function fails, or its result does not fit; when no answer to the call comes, or none that is listed.", "sorry").beside(&["run", "call"]),
        Key::may("if_none", Name, "The step to go to when the function gives nothing.", "sorry").beside(&["run"]),
        Key::may("call", Of(&CALL), "Asks another system over HTTP; the flow goes on by its `answers`.", "{url: \"https://api.example.com/orders/{order}\"}").beside(&["answers"]),
        Key::may("answers", Statuses(&CALL_ANSWER), "What happens with an answer, by its status: `404`, `4xx`, `otherwise`.", "{200: {go: tell}, otherwise: {go: sorry}}").beside(&["call"]),
        Key::may("meanwhile", Text(TEXT_BODY_CHARS_MAX), "What whoever writes is told while the answer is awaited.", "One moment, please.").beside(&["call", "run"]),
        Key::may("set", Named(&Expression, 0, ANY), "Variables and the expressions that give them their values.", "{count: count + 1}"),
        Key::may("contact", Of(&LEARNS), "What the flow learnt about the contact; the provider is told with the next message.", "{firstname: \"{name}\", join: [newsletter]}"),
        Key::may("opt_in", Text(CONSENT_CHARS_MAX), "The contact agreed to this; kept with moment and proof.", "Offers on WhatsApp"),
        Key::may("opt_out", Text(CONSENT_CHARS_MAX), "The contact took this back: nothing that starts on our side comes any more.", "Offers on WhatsApp"),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "The text of a message: `{name}` puts a value in, `{name | there}` has something to fall back on.", "Hello {contact.firstname | there}!"),
        Key::may("header", Text(HEADER_CHARS_MAX), "A bold line above the text; with buttons or a link only.", "Banyan Couriers").beside(&["say"]),
        Key::may("footer", Text(FOOTER_CHARS_MAX), "A small line below the text; with buttons or a link only.", "Tap a button").beside(&["say"]),
        Key::may("link", Of(&LINK), "A button that opens an address; not together with `buttons`.", "{title: Open, url: \"https://example.com/\"}").beside(&["say"]),
        Key::may("template", Of(&TEMPLATE), "A message that the provider approved beforehand; the only kind that may leave after 24 hours of silence.", "{name: order_ready, language: en_US}"),
        Key::may("media", Of(&MEDIA), "A picture, video, sound or document; not together with `say` or `buttons`.", "{kind: image, url: \"https://example.com/picture.jpg\"}"),
        Key::may("buttons", Named(&Of(&BUTTON), 1, BUTTONS_MAX), "One to three buttons by name, each with what a tap leads to.", "{ok: {title: All right, go: next}}").beside(&["say"]),
        Key::may("if_other", Of(&RETRY), "What happens when something else than a tap comes; without it the question is put again.", "{say: Please tap a button., tries: 2, then: bye}").beside(&["buttons"]),
        Key::may("if_old", Of(&OLD), "What a tap does once the menu is no longer open; without it the button does what it says.", "{say: That is over.}").beside(&["buttons"]),
        Key::may("once", YesNo, "Whether the menu is good for one tap: later ones get `if_old`.", "true").usually("false").beside(&["buttons"]),
        Key::may("if_silent", Of(&SILENCE), "What happens when nothing comes.", "{after: 20 min, say: Are you still there?}").beside(&["buttons", "ask"]),
        Key::may("ask", Text(TEXT_BODY_CHARS_MAX), "A question whose answer, in words, goes `into` a variable.", "What is your name?"),
        Key::may("into", Name, "The variable for the answer; its kind says which answers fit.", "name").beside(&["ask"]),
        Key::may("if_wrong", Of(&RETRY), "What happens when the answer does not fit; without it the question is put again.", "{say: I could not read that as a day., tries: 3, then: sorry}").beside(&["ask"]),
        Key::may("choose", List(&Either(&[&OTHERWISE, &CHOOSE_ROW])), "Goes where the first condition that holds leads; the last row is `otherwise`.", "[{when: count > 1, go: again}, {otherwise: first}]"),
        Key::may("go", Name, "The step that comes next; with `ask`, where the answer leads.", "menu"),
        Key::may("later", Of(&LATER), "A reminder: where the flow goes when some time has passed, whatever happened meanwhile.", "{after: 2 days, go: remind, unless: paid == true}"),
        Key::may("emit", Of(&EMIT), "News for your own system, which nobody waits for.", "{name: order_placed, data: {order: \"{order}\"}}"),
        Key::may("hand_off", Of(&HAND_OFF), "A person takes the conversation; no flow says anything until they give it back.", "{to: front_desk, say: A colleague will write to you here.}").beside(&["end"]),
        Key::may("end", Name, "The flow is over, and how it went: counted, and what tests expect.", "done"),
    ],
};

/// A conversation that goes to a person.
#[rustfmt::skip]
pub const HAND_OFF: Shape = Shape {
    what: "`hand_off`", about: "A person takes the conversation; no flow says anything until they give it back, or the time is over.", rule: Rule::None,
    keys: &[
        Key::may("to", Text(NOTE_CHARS_MAX), "Who is to take care.", "front_desk"),
        Key::may("note", Text(NOTE_CHARS_MAX), "What they should know; the contact does not see it.", "\"{contact.phone} asks about an order\""),
        Key::may("say", Text(TEXT_BODY_CHARS_MAX), "What the contact is told.", "A colleague will write to you here."),
        Key::may("for", STRETCH, "How long the flows are silent at most.", "8 h").usually("24 h"),
    ],
};

/// What a flow learnt about a contact.
#[rustfmt::skip]
pub const LEARNS: Shape = Shape {
    what: "`contact`", about: "What the flow learnt about the contact. Only what stands here is told to the provider.", rule: Rule::None,
    keys: &[
        Key::may("firstname", Text(CONTACT_FIELD_CHARS_MAX), "The first name.", "\"{name}\""),
        Key::may("lastname", Text(CONTACT_FIELD_CHARS_MAX), "The last name.", "Sample"),
        Key::may("email", Text(CONTACT_FIELD_CHARS_MAX), "The mail address.", "rosa@example.com"),
        Key::may("country", Text(CONTACT_FIELD_CHARS_MAX), "The country.", "India"),
        Key::may("assignee", Text(CONTACT_FIELD_CHARS_MAX), "Who looks after the contact: their number at the provider.", "\"12\""),
        Key::may("join", OneOrMore(&Text(CONTACT_FIELD_CHARS_MAX), GROUPS_MAX), "Groups that the contact joins.", "[newsletter]"),
        Key::may("leave", OneOrMore(&Text(CONTACT_FIELD_CHARS_MAX), GROUPS_MAX), "Groups that the contact leaves.", "[trial]"),
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
    what: "`later`", about: "A reminder. It comes also when the flow has ended meanwhile.", rule: Rule::None,
    keys: &[
        Key::need("after", STRETCH, "After how long.", "2 days"),
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

/// The last row of `choose`.
#[rustfmt::skip]
pub const OTHERWISE: Shape = Shape {
    what: "a row of `choose`", about: "Where it leads when no condition holds; the last row.", rule: Rule::None,
    keys: &[Key::need("otherwise", Name, "The step when no condition holds.", "first")],
};

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
    what: "`contact`", about: "The person who talks.", rule: Rule::None,
    keys: &[
        Key::may("name", Text(ANY), "The name of the profile.", "Rosa Sample"),
        Key::may("phone", Text(ANY), "The number, with its country code.", "\"+15550100123\"").usually("\"+15550100123\""),
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
        Key::may("bot", TextOr(&BOT), "The bot must say exactly this, or what `/a regular expression/` finds, or a message with these parts.", "Hello!"),
        Key::may("silence", YesNo, "The bot must say nothing more.", "true"),
        Key::may("wait", STRETCH, "Time passes.", "2 days"),
        Key::may("fault", Text(ANY), "Something must have broken in the turn before; what is said of it.", "/too long/"),
        Key::may("answer", Of(&ANSWER), "What comes of a call; without `step` or `url` of the oldest.", "{step: lookup, status: 200, body: {state: sent}}"),
        Key::may("emits", TextOr(&EMITS), "Your own system must have been told this.", "order_placed"),
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
    ],
};

/// Something that is no text.
#[rustfmt::skip]
pub const SENDS: Shape = Shape {
    what: "`sends`", about: "Something that is no text, with the words below it.", rule: Rule::None,
    keys: &[
        Key::need("kind", OneOf(SENT), "What it is.", "image"),
        Key::may("caption", Text(ANY), "The words below it.", "the roof"),
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
        Key::may("flow", Name, "The flow, where it is not the one that the conversations are about.", "shop"),
        Key::need("step", Name, "The step.", "quote"),
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
