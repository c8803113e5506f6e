//! The ways out of a step by name: what coverage counts and pictures draw.

use crate::model::StepName;
use crate::source::Span;

use super::program::Flow;
use super::read::Target;
use super::step::{Back, Enter, List, Retry, Silence, Step, Then};

/// A way out of a step, or out of any step of a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Exit {
    /// Its name inside the step: `button prices`, `if_silent`, `row 1`.
    pub name: String,
    /// What makes it one of several.
    pub kind: ExitKind,
    /// What people read beside it: a button's title, a condition, a stretch of time.
    pub label: String,
    /// Where it leads; nothing when the conversation stays where it is, or the flow ends.
    pub to: Option<StepName>,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// A button is tapped, or a row of a list.
    Button,
    /// A question is answered.
    Answer,
    /// A row of `choose`, or an ending of an entered flow.
    Row,
    /// Simply on.
    Go,
    /// The flow is over.
    End,
    /// A function failed or gave nothing, or a list is empty.
    Trouble,
    /// What came was no answer, or a button was an old one.
    Other,
    /// Time passed.
    Time,
    /// Words that lead out of any question.
    Always,
}

impl Step {
    /// Every way out of it, in the order in which they stand in the language.
    pub fn ways_out(&self) -> Vec<Exit> {
        let mut exits = Vec::new();
        if let Some(run) = &self.run {
            exits.extend(run.if_fails.iter().map(|to| Exit::to("if_fails", ExitKind::Trouble, "it fails", to)));
            exits.extend(run.if_none.iter().map(|to| Exit::to("if_none", ExitKind::Trouble, "it gives nothing", to)));
        }
        match &self.then {
            Then::Menu(menu) => {
                for (name, choice) in &menu.choices {
                    let way = menu.exit_name(name).unwrap_or_default();
                    exits.push(Exit::to(&way, ExitKind::Button, &choice.title.shown(), &choice.go));
                }
                exits.extend(menu.list.iter().flat_map(|list| of_list(list)));
                exits.extend(retry("if_other", menu.if_other.as_ref(), menu.span));
                exits.extend(menu.if_old.iter().map(|if_old| Exit {
                    to: if_old.go.as_ref().map(|go| go.step.clone()),
                    ..Exit::stays("if_old", ExitKind::Other, "an old button", menu.span)
                }));
            }
            Then::Ask(ask) => {
                exits.push(Exit::to("answer", ExitKind::Answer, "an answer", &ask.go));
                exits.extend(retry("if_wrong", ask.if_wrong.as_ref(), ask.span));
            }
            Then::Call(call) => {
                let rows = call.answers.rows().map(|(status, to)| (format!("answer {status}"), status, to));
                exits.extend(rows.map(|(name, status, to)| Exit::to(&name, ExitKind::Row, &status, to)));
                exits.extend(call.if_fails.iter().map(|to| Exit::to("if_fails", ExitKind::Trouble, "no answer", to)));
            }
            Then::Choose(choose) => {
                for (index, (when, go)) in choose.rows().into_iter().enumerate() {
                    exits.push(Exit::to(&format!("row {}", index + 1), ExitKind::Row, &when, go));
                }
                exits.extend(choose.otherwise().map(|to| Exit::to("otherwise", ExitKind::Row, "otherwise", to)));
            }
            Then::Enter(enter) => {
                exits.extend(of_visit(enter));
            }
            Then::Go(to) => exits.push(Exit::to("go", ExitKind::Go, "", to)),
            Then::End(ending) => exits.push(Exit::stays("end", ExitKind::End, &ending.name, self.span)),
        }
        exits.extend(self.if_silent().map(silence));
        exits.extend(self.later.iter().map(|later| Exit::to("later", ExitKind::Time, &later.when.told(), &later.go)));
        exits
    }
}

impl Flow {
    /// The ways out that every step of the flow has.
    pub fn ways_out(&self) -> Vec<Exit> {
        let mut exits: Vec<Exit> =
            self.if_broken.iter().map(|to| Exit::to("if_broken", ExitKind::Trouble, "something breaks", to)).collect();
        exits.extend(self.end_if_silent.map(|(after_ms, span)| {
            Exit::stays("end_if_silent", ExitKind::Time, &format!("{} of silence", stretch(after_ms)), span)
        }));
        let mut always: Vec<(&Target, &str)> = self.always.iter().map(|(word, (to, _))| (to, word.as_str())).collect();
        always.sort_by_key(|(to, word)| (to.span, *word));
        always.dedup_by_key(|(to, _)| to.span);
        exits.extend(always.into_iter().map(|(to, word)| Exit::to(&format!("always {word}"), ExitKind::Always, word, to)));
        exits
    }

    /// The ways out that lead there by the words of `always`, whichever of a row's words was typed.
    pub fn always_leads(&self, word: &str) -> Option<&StepName> {
        self.always.get(word).map(|(to, _)| &to.step)
    }
}

impl Exit {
    fn to(name: &str, kind: ExitKind, label: &str, to: &Target) -> Self {
        Self { to: Some(to.step.clone()), ..Self::stays(name, kind, label, to.span) }
    }

    fn stays(name: &str, kind: ExitKind, label: &str, span: Span) -> Self {
        Self { name: name.to_owned(), kind, label: label.to_owned(), to: None, span }
    }
}

/// The rows that a list makes from values are one way out, however many there are.
fn of_list(list: &List) -> Vec<Exit> {
    let rows = list.from.iter().map(|from| Exit::to("rows", ExitKind::Button, &from.title.shown(), &from.go));
    let if_empty = list.if_empty.iter().map(|to| Exit::to("if_empty", ExitKind::Trouble, "no row", to));
    rows.chain(if_empty).collect()
}

/// Back from another flow: always there, or by how that ended.
fn of_visit(enter: &Enter) -> Vec<Exit> {
    match &enter.then {
        Back::Unread => Vec::new(),
        Back::Go(to) => vec![Exit::to("go", ExitKind::Go, &format!("`{}` has ended", enter.flow), to)],
        Back::Endings { by_name, otherwise, .. } => {
            let ways = by_name.iter().map(|(name, (to, _))| Exit::to(&format!("ending {name}"), ExitKind::Row, name, to));
            ways.chain(otherwise.iter().map(|to| Exit::to("otherwise", ExitKind::Row, "otherwise", to))).collect()
        }
    }
}

/// What is no answer puts the question again, and after some tries leads elsewhere.
fn retry(name: &str, retry: Option<&Retry>, span: Span) -> Vec<Exit> {
    let Some(retry) = retry else { return Vec::new() };
    let place = retry.say.as_ref().map_or(span, |say| say.span);
    let mut exits = vec![Exit::stays(name, ExitKind::Other, "something else", place)];
    let tries = retry.tries.map_or(String::new(), |tries| format!("after {tries} tries"));
    exits.extend(retry.then.iter().map(|to| Exit::to(&format!("{name}.then"), ExitKind::Other, &tries, to)));
    exits
}

fn silence(silence: &Silence) -> Exit {
    let label = format!("{} of silence", stretch(silence.after_ms));
    let to = silence.go.as_ref().map(|go| go.step.clone());
    Exit { to, ..Exit::stays("if_silent", ExitKind::Time, &label, silence.span()) }
}

/// A stretch of time as authors write it: `20 min`, `2 days`.
pub fn stretch(millis: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "day"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    let unit = UNITS.iter().find(|(ms, _)| millis >= *ms && millis.is_multiple_of(*ms)).copied();
    match unit {
        Some((ms, "day")) if millis > ms => format!("{} days", millis / ms),
        Some((ms, unit)) => format!("{} {unit}", millis / ms),
        None => format!("{} s", millis / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::stretch;

    #[test]
    fn a_stretch_of_time_reads_as_it_is_written() {
        for (millis, text) in [
            (5_000, "5 s"),
            (90_000, "90 s"),
            (1_200_000, "20 min"),
            (86_400_000, "1 day"),
            (172_800_000, "2 days"),
            (90_000_000, "25 h"),
        ] {
            assert_eq!(stretch(millis), text);
        }
    }
}
