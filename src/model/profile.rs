//! What flows learn about a contact beyond one conversation: how to call them, where they belong, and what they agreed to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// What flows have learnt about a contact. The provider hears of it with the next message (reference: xobito-api, section 7, `contact`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// What a flow wrote down; it goes before the name of the profile.
    #[serde(flatten)]
    pub fields: Fields,
    /// The groups that the contact is in.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// What the contact agreed to receive; nothing before they do, and after they take it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opted_in: Option<Consent>,
    /// That the contact wants to hear nothing that starts on our side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opted_out: Option<Consent>,
    /// What changed and was not yet told to the provider.
    #[serde(skip_serializing_if = "About::is_empty")]
    pub untold: About,
}

/// What the provider keeps about a contact and takes from us. Texts of at most [`super::limits::CONTACT_FIELD_CHARS_MAX`] characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firstname: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lastname: Option<String>,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The person at the desk who looks after the contact: their id at the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
}

impl Fields {
    /// Takes over every field that `newer` has.
    pub fn overlay(&mut self, newer: &Fields) {
        let over = |field: &mut Option<String>, newer: &Option<String>| {
            if newer.is_some() {
                field.clone_from(newer);
            }
        };
        over(&mut self.firstname, &newer.firstname);
        over(&mut self.lastname, &newer.lastname);
        over(&mut self.email, &newer.email);
        over(&mut self.country, &newer.country);
        over(&mut self.assignee, &newer.assignee);
    }
}

/// What is told to the provider beside a message: what flows changed, and nothing else, because what people at the desk wrote must not be
/// overwritten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The changed fields.
    #[serde(flatten)]
    pub fields: Fields,
    /// All groups that flows put the contact in, when these changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<BTreeSet<String>>,
}

impl About {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a contact agreed to or took back, and how we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// When.
    pub at: Timestamp,
    /// Which flow and step, or which word, wrote it down.
    pub source: String,
    /// What it is about, as the flow names it; empty for words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub what: String,
    /// What the contact typed or tapped: the proof.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub proof: String,
    /// The provider's id of that message.
    pub event: super::inbound::EventId,
}
