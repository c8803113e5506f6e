//! The table of people behind the flows and of what contacts agreed to: one line per key.

use super::Takes::{OneOrMore, Text};
use super::table::{ANY, STRETCH};
use super::{Key, Rule, Shape};
use crate::flow::step::NOTE_CHARS_MAX;
use crate::model::limits::{CONTACT_FIELD_CHARS_MAX, GROUPS_MAX, TEXT_BODY_CHARS_MAX};

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
