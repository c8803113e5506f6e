//! The person on the other end.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::limits;

/// Our own number for a contact on one channel. A person has aliases at the provider (phone number, business-scoped user
/// id), and any of them may change or be missing: from 2026 a WhatsApp contact may have no phone number
/// (reference: whatsapp-webhooks, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(pub i64);

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A phone number in E.164: digits without the plus sign. `Debug` and [`Phone::masked`] hide its middle.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads `+27 82 123-4567`, `27821234567` and the like; nothing when it does not hold
    /// [`limits::PHONE_DIGITS_MIN`] to [`limits::PHONE_DIGITS_MAX`] digits or holds anything else than digits, `+`, spaces,
    /// dashes, dots and round brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        let mut digits = String::with_capacity(limits::PHONE_DIGITS_MAX);
        for c in unsigned.chars() {
            match c {
                '0'..='9' if digits.len() < limits::PHONE_DIGITS_MAX => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return None,
            }
        }
        (digits.len() >= limits::PHONE_DIGITS_MIN).then_some(Self(digits))
    }

    /// The digits, without `+`.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// As logs show it: `+2782***567`.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.0.len().min(4), self.0.len().saturating_sub(3));
        format!("+{}***{}", &self.0[..head], &self.0[tail..])
    }
}

impl fmt::Display for Phone {
    /// With the plus sign, as the provider takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A name the provider knows a contact by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alias {
    /// A phone number.
    Phone(Phone),
    /// A business-scoped user id, for example `US.1349…`.
    UserId(String),
}

/// What flows and scripts see as `contact`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// The number to answer to; missing for people who hide it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The provider's stable id for this person, where it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The name of the profile, at most [`limits::CONTACT_NAME_CHARS_MAX`] characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl Contact {
    /// The first word of the profile's name; empty when there is none.
    pub fn firstname(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or("")
    }

    /// What follows the first word of the profile's name; empty when there is nothing.
    pub fn lastname(&self) -> &str {
        let name = self.name.trim();
        name.find(char::is_whitespace).map_or("", |end| name[end..].trim_start())
    }
}
