//! `contact`: what the flow learnt about the person. Flows and scripts see it as `contact`, and the provider is told with the next message.

use std::collections::BTreeSet;

use crate::model::{FaultKind, Fields as Known, Trace, limits};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;

/// What a step writes down about the contact.
#[derive(Debug, Clone)]
pub struct Learns {
    fields: Vec<(Field, Text)>,
    join: Vec<Text>,
    leave: Vec<Text>,
    span: Span,
}

/// A field that the provider keeps about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Firstname,
    Lastname,
    Email,
    Country,
    Assignee,
}

/// The fields as authors write them.
const FIELDS: [(&str, Field); 5] = [
    ("firstname", Field::Firstname),
    ("lastname", Field::Lastname),
    ("email", Field::Email),
    ("country", Field::Country),
    ("assignee", Field::Assignee),
];

impl Learns {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (key, node) = fields.take("contact")?;
        let mut fields = reader.fields(node, "`contact`")?;
        let known = FIELDS.iter().filter_map(|(name, field)| {
            let (_, node) = fields.take(name)?;
            Some((*field, reader.text(node, &format!("`{name}`"))?))
        });
        let known = known.collect();
        let mut groups = |key: &str| -> Vec<Text> {
            let items = fields.take(key).and_then(|(_, node)| reader.items(node, "groups")).unwrap_or_default();
            items.iter().filter_map(|item| reader.text(item, "a group")).collect()
        };
        let (join, leave) = (groups("join"), groups("leave"));
        fields.finish(reader, &keys::LEARNS);
        for text in join.iter().chain(&leave) {
            // The provider takes groups as one text with commas between them.
            if text.literal().is_some_and(|group| group.trim().is_empty() || group.contains(',')) {
                reader.note(
                    Diagnostic::error(Code::BAD_VALUE, text.span, "a group's name is empty or has a comma in it")
                        .help("write each group as an item of its own, `join: [vip, newsletter]`"),
                );
            }
        }
        Some(Self { fields: known, join, leave, span: key.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        let fields = self.fields.iter().map(|(_, text)| text);
        // Values are measured when they are there: a mail address may be longer than the provider keeps, and never is.
        for text in fields.chain(&self.join).chain(&self.leave).filter(|text| text.literal().is_some()) {
            flow.check_length(reader, text, limits::CONTACT_FIELD_CHARS_MAX, "what is written down");
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        let fields = self.fields.iter().map(|(_, text)| text);
        fields.chain(&self.join).chain(&self.leave).for_each(|text| look.text(text));
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let mut learnt = Known::default();
        for (field, text) in &self.fields {
            let value = Some(self.value(machine, flow, text)?);
            match field {
                Field::Firstname => learnt.firstname = value,
                Field::Lastname => learnt.lastname = value,
                Field::Email => learnt.email = value,
                Field::Country => learnt.country = value,
                Field::Assignee => learnt.assignee = value,
            }
        }
        let names = |machine: &mut Machine<'_>, texts: &[Text]| {
            texts.iter().map(|text| self.value(machine, flow, text)).collect::<Result<BTreeSet<String>, Broken>>()
        };
        let (join, leave) = (names(machine, &self.join)?, names(machine, &self.leave)?);
        let mut groups: BTreeSet<String> = &machine.conversation.profile.groups - &leave;
        groups.extend(join);
        if groups.len() > limits::GROUPS_MAX {
            let message = format!("a contact can be in {} groups, not more", limits::GROUPS_MAX);
            return Err(Broken::new(machine, FaultKind::State, self.span, message));
        }
        machine.trace.push(Trace::Learnt { what: self.told() });
        machine.learn(&learnt, groups);
        Ok(())
    }

    /// The names of what is written down, for the trace: what stands in them is the contact's.
    fn told(&self) -> String {
        let named = FIELDS.iter().filter(|(_, field)| self.fields.iter().any(|(known, _)| known == field)).map(|(name, _)| *name);
        let groups = (!self.join.is_empty() || !self.leave.is_empty()).then_some("groups");
        named.chain(groups).collect::<Vec<_>>().join(", ")
    }

    fn value(&self, machine: &mut Machine<'_>, flow: &Flow, text: &Text) -> Result<String, Broken> {
        let value = machine.note(flow, Some(text));
        let count = value.chars().count();
        if count > limits::CONTACT_FIELD_CHARS_MAX {
            let message = format!("{count} characters where the provider keeps {}", limits::CONTACT_FIELD_CHARS_MAX);
            return Err(Broken::new(machine, FaultKind::Value, text.span, message));
        }
        // Groups travel as one text with commas between them: a value must not become two of them.
        Ok(value.replace(',', " "))
    }
}
