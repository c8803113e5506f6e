//! Scripts: what they answer, what they may not do, and what the author is told.

mod answers;
mod data;
mod docs;
mod expressions;
mod files;
mod hostile;
mod lint;

use std::collections::BTreeMap;

use buttonhook::model::{Contact, Phone, Profile, Timestamp, Value, VariableName, Zone};
use buttonhook::script::{Answer, News, ScriptFault, Scripts, Surroundings, compile};
use buttonhook::source::{Diagnostic, Sources};

/// What a call is given, owned.
pub struct World {
    pub contact: Contact,
    pub profile: Profile,
    pub variables: BTreeMap<VariableName, Value>,
    pub text: String,
    pub tap_id: String,
    pub tap_title: String,
    pub now: Timestamp,
    pub seed: u64,
}

impl Default for World {
    fn default() -> Self {
        Self {
            contact: Contact {
                phone: Phone::parse("+27821234567"),
                user_id: Some("US.13491208655302741918".into()),
                name: "Asha van der Berg".into(),
            },
            variables: [("orders", Value::Whole(7)), ("city", Value::from("Kochi"))]
                .map(|(name, value)| (VariableName::new(name), value))
                .into(),
            text: "hello".into(),
            tap_id: "order:47".into(),
            tap_title: "My order".into(),
            now: "2026-11-24T09:05:07Z".parse().unwrap(),
            seed: 42,
            profile: Profile::default(),
        }
    }
}

impl World {
    pub fn around(&self) -> Surroundings<'_> {
        Surroundings {
            contact: &self.contact,
            language: "",
            news: News::None,
            profile: &self.profile,
            variables: &self.variables,
            text: &self.text,
            tap_id: &self.tap_id,
            tap_title: &self.tap_title,
            event_name: "",
            event_data: &Value::Nothing,
            now: self.now,
            zone: Zone::utc(),
            seed: self.seed,
            fetched: &[],
        }
    }
}

/// The one script `scripts/s.rhai`, which must have nothing wrong with it.
pub fn script(text: &str) -> Scripts {
    let (scripts, diagnostics) = check(text);
    assert_eq!(diagnostics, [], "in\n{text}");
    scripts
}

/// The one script `scripts/s.rhai`, and what is wrong with it.
pub fn check(text: &str) -> (Scripts, Vec<Diagnostic>) {
    let sources = Sources::from_texts([("scripts/s.rhai", text)]);
    let mut diagnostics = Vec::new();
    let scripts = compile(&sources, &mut diagnostics);
    Diagnostic::in_order(&mut diagnostics);
    (scripts, diagnostics)
}

/// Calls `f()` of the script `text`.
pub fn call(text: &str) -> Result<Answer, ScriptFault> {
    script(text).call("s", "f", &[], &World::default().around())
}

/// What `f()` gives, with `body` inside.
pub fn value(body: &str) -> Value {
    let text = format!("fn f() {{ {body} }}");
    call(&text).unwrap_or_else(|fault| panic!("{fault:?} in {body}")).value
}

/// The fault that `f()` ends in, with `body` inside.
pub fn fault(body: &str) -> ScriptFault {
    let text = format!("fn f() {{ {body} }}");
    match call(&text) {
        Err(fault) => fault,
        Ok(answer) => panic!("no fault but {answer:?} from {body}"),
    }
}
