//! What the contact reads when an answer does not fit and the step says nothing of it: what was expected, with an example. One
//! text for each kind of answer; a project says them its own way, or switches them off, under `not_understood` of
//! `flows/_always.yaml`.

use std::collections::BTreeMap;

use crate::model::{Value, VariableName, Variables, limits};
use crate::source::{Node, NodeKind};

use super::keys;
use super::program::check_length;
use super::read::Reader;
use super::scope::Scope;
use super::text::Text;
use super::typed::{Typist, say_day};
use super::variable::{Kind, Variable};

/// The word that switches the texts off.
const OFF: &str = "off";
/// What the texts may name, beside what every text outside of flows may.
const PLACES: [&str; 4] = ["example", "least", "most", "options"];
/// The most characters of a list of what can be answered; a longer one is cut at a comma.
const OPTIONS_CHARS_MAX: usize = 300;
/// The most characters that one of the places can have.
const PLACE_CHARS_MAX: usize = OPTIONS_CHARS_MAX + 2;

/// What is expected of menus, by its key.
const BUTTONS: &str = "buttons";
/// What is said of menus where the project says nothing.
const TAP: &str = "Please tap one of the buttons.";
/// What is said of a yes or no.
const YES_OR_NO: &str = "Please answer yes or no.";
/// How the texts for all others begin.
const SEND: &str = "Please send ";
const ONE_OF: &str = "Please answer with one of these: ";

/// What the project says in the place of the usual texts.
#[derive(Debug, Default)]
pub struct NotUnderstood {
    /// Nothing is said, the question is put again in silence.
    off: bool,
    /// The texts by the kind of answer, as in the table of keys.
    texts: BTreeMap<&'static str, Text>,
}

impl NotUnderstood {
    /// Reads `not_understood`.
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        if matches!(&node.kind, NodeKind::Scalar { text, .. } if text.trim() == OFF) {
            return Some(Self { off: true, texts: BTreeMap::new() });
        }
        let mut fields = reader.fields(node, "`not_understood`")?;
        let mut texts = BTreeMap::new();
        for key in keys::NOT_UNDERSTOOD.names() {
            let Some((_, node)) = fields.take(key) else { continue };
            let Some(text) = reader.with_names(&PLACES, || reader.text(node, &format!("`{key}`"))) else { continue };
            let longest = |path: &[String]| match path {
                [place] if PLACES.contains(&place.as_str()) => Some(PLACE_CHARS_MAX),
                _ => super::program::longest_given(path),
            };
            check_length(reader, &text, limits::TEXT_BODY_CHARS_MAX, &format!("`{key}`"), &longest);
            texts.insert(key, text);
        }
        fields.finish(reader, &keys::NOT_UNDERSTOOD);
        Some(Self { off: false, texts })
    }

    /// Every text in it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.texts.values()
    }

    /// Whether `said` can be one of the texts of a project whose questions are for variables of these `kinds`.
    pub(super) fn could_be<'k>(&self, said: &str, mut kinds: impl Iterator<Item = &'k Kind>) -> bool {
        let usual = |kind: &Kind| match kind {
            Kind::YesNo => said == YES_OR_NO,
            Kind::Choice { .. } => said.starts_with(ONE_OF),
            kind => said.strip_prefix(SEND).is_some_and(|rest| rest.starts_with(kind.words())),
        };
        !self.off && (said == TAP || kinds.any(usual) || self.texts.values().any(|text| text.could_be(said)))
    }

    /// What to say to who answered a question for `variable` with something else, or a menu where there is none.
    pub(super) fn say(&self, variable: Option<&Variable>, typist: &Typist<'_>, scope: &Scope<'_>) -> Option<String> {
        if self.off {
            return None;
        }
        let expected = variable.map(|variable| (Expected::of(variable, typist), &variable.kind));
        let own = self.texts.get(variable.map_or(BUTTONS, |variable| variable.kind.name()));
        match (own, expected) {
            (Some(text), expected) => {
                let variables = expected.map(|(expected, _)| expected.into_variables()).unwrap_or_default();
                Some(text.fill(&Scope { flow: None, variables: &variables, ..*scope }, &mut Vec::new()))
            }
            (None, Some((expected, kind))) => Some(expected.usual(kind)),
            (None, None) => Some(TAP.to_owned()),
        }
    }
}

/// What a question takes, in words; a place that means nothing for its kind is empty.
#[derive(Debug, Default)]
struct Expected {
    /// `a number`, `an amount`.
    what: &'static str,
    example: String,
    least: String,
    most: String,
    options: String,
}

impl Expected {
    fn of(variable: &Variable, typist: &Typist<'_>) -> Self {
        let shown = |number: &Option<f64>| number.map(|number| variable.show(&Value::Decimal(number))).unwrap_or_default();
        let what = variable.kind.words();
        match &variable.kind {
            Kind::Text { longest } => {
                let most = if *longest < limits::TEXT_VALUE_CHARS_MAX { longest.to_string() } else { String::new() };
                Self { what, most, ..Self::default() }
            }
            Kind::Number { least, most } | Kind::Money { least, most, .. } => {
                let fits = |number: &f64| least.is_none_or(|least| *number >= least) && most.is_none_or(|most| *number <= most);
                let example = [12.0, 100.0].into_iter().find(fits).or(*least).or(*most);
                Self { what, example: shown(&example), least: shown(least), most: shown(most), ..Self::default() }
            }
            Kind::Date(days) => {
                // The year is left out where the day is understood without it.
                let say = |day| {
                    let short = say_day(day, false, typist.language);
                    let is_clear = super::typed::day(&short, typist).is_some_and(|meant| days.choose(&meant, typist) == Ok(day));
                    if is_clear { short } else { say_day(day, true, typist.language) }
                };
                let bound = |bound: Option<super::Bound>| bound.and_then(|bound| bound.day(Some(typist.today)));
                Self {
                    what,
                    example: days.example(typist.today).map(say).unwrap_or_default(),
                    least: bound(days.earliest).map(say).unwrap_or_default(),
                    most: bound(days.latest).map(say).unwrap_or_default(),
                    options: days.week_in_words(typist.language),
                }
            }
            Kind::Time(hours) => {
                let say = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
                let evening = Some(jiff::civil::Time::constant(18, 30, 0, 0)).filter(|time| hours.refuses(*time).is_none());
                Self {
                    what,
                    example: evening.or(hours.earliest).or(hours.latest).map(say).unwrap_or_default(),
                    least: hours.earliest.map(say).unwrap_or_default(),
                    most: hours.latest.map(say).unwrap_or_default(),
                    options: String::new(),
                }
            }
            Kind::Phone => Self { what, example: "+27 82 123 4567".to_owned(), ..Self::default() },
            Kind::Email => Self { what, example: "name@example.com".to_owned(), ..Self::default() },
            Kind::Choice { of } => Self { what, options: listed(of), ..Self::default() },
            // What it is called is all: the options come in brackets behind it.
            Kind::Media { of } => {
                let kinds: Vec<String> = of.iter().map(|kind| kind.name().to_owned()).collect();
                Self { what, options: listed(&kinds), ..Self::default() }
            }
            Kind::YesNo | Kind::List | Kind::Record | Kind::Location => Self { what, ..Self::default() },
        }
    }

    /// The text that is said where the project says none of its own.
    fn usual(&self, kind: &Kind) -> String {
        let Self { what, example, least, most, options } = self;
        let range = match (least.is_empty(), most.is_empty()) {
            (false, false) => format!(" from {least} to {most}"),
            (false, true) => format!(" from {least} on"),
            (true, false) => format!(" up to {most}"),
            (true, true) => String::new(),
        };
        let week = if options.is_empty() { String::new() } else { format!(" ({options})") };
        let for_example = if example.is_empty() { String::new() } else { format!(", for example {example}") };
        match kind {
            Kind::YesNo => YES_OR_NO.to_owned(),
            Kind::Choice { .. } => format!("{ONE_OF}{options}."),
            Kind::Text { .. } if !most.is_empty() => format!("{SEND}{what} of at most {most} characters."),
            // Two bounds are examples enough.
            Kind::Number { .. } | Kind::Money { .. } | Kind::Time(_) if !least.is_empty() && !most.is_empty() => {
                format!("{SEND}{what}{range}.")
            }
            _ => format!("{SEND}{what}{range}{week}{for_example}."),
        }
    }

    fn into_variables(self) -> Variables {
        let values = [self.example, self.least, self.most, self.options];
        PLACES.into_iter().zip(values).map(|(place, value)| (VariableName::new(place), Value::Text(value))).collect()
    }
}

/// The texts with commas, as many as there is room for.
fn listed(texts: &[String]) -> String {
    let mut listed = String::new();
    for text in texts {
        if listed.chars().count() + text.chars().count() > OPTIONS_CHARS_MAX {
            listed.push('…');
            break;
        }
        let comma = if listed.is_empty() { "" } else { ", " };
        listed.push_str(comma);
        listed.push_str(text);
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::bounds::{Bound, Days, Hours};
    use crate::source::{SourceId, Span};

    fn usual(kind: Kind) -> String {
        let variable = Variable { name: VariableName::new("x"), kind, keep: false, span: Span::new(SourceId(0), 0, 0) };
        Expected::of(&variable, &Typist { today: jiff::civil::Date::constant(2026, 6, 16), language: None }).usual(&variable.kind)
    }

    #[test]
    fn what_is_expected_is_told_with_bounds_and_an_example() {
        let date = |earliest, latest| Kind::Date(Days { earliest, latest, week: Vec::new() });
        for (kind, expected) in [
            (Kind::Text { longest: 40 }, "Please send a text of at most 40 characters."),
            (Kind::Text { longest: 4096 }, "Please send a text."),
            (Kind::Number { least: None, most: None }, "Please send a number, for example 12."),
            (Kind::Number { least: Some(1.0), most: Some(10.5) }, "Please send a number from 1 to 10.5."),
            (Kind::Number { least: Some(1.0), most: Some(50.0) }, "Please send a number from 1 to 50."),
            (
                Kind::Money { currency: "INR".to_owned(), least: Some(100.0), most: None },
                "Please send an amount from INR 100 on, for example INR 100.",
            ),
            (date(None, None), "Please send a date, for example 17 June."),
            (
                date(Some(Bound::After(1)), Some(Bound::After(30))),
                "Please send a date from 17 June to 16 July, for example 17 June.",
            ),
            (date(None, Some(Bound::After(-7300))), "Please send a date up to 21 June 2006, for example 21 June 2006."),
            (Kind::Time(Hours::default()), "Please send a time, for example 18:30."),
            (Kind::Phone, "Please send a phone number with its country code, for example +27 82 123 4567."),
            (Kind::Email, "Please send a mail address, for example name@example.com."),
            (Kind::Choice { of: vec!["small".to_owned(), "large".to_owned()] }, "Please answer with one of these: small, large."),
            (Kind::YesNo, "Please answer yes or no."),
        ] {
            assert_eq!(usual(kind), expected);
        }
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<String> = (0..200).map(|n| format!("choice {n}")).collect();
        let listed = listed(&many);
        assert!(listed.ends_with('…') && listed.chars().count() <= PLACE_CHARS_MAX, "{listed}");
    }
}
