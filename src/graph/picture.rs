//! What there is to draw: a start, a card for each step, a port for each way out that leads somewhere.

use crate::flow::{Exit, ExitKind, Flow, Step, Then};

/// Words that begin a flow, as far as the picture names them.
const WORDS_MAX: usize = 4;

/// A flow to be drawn. Nodes are numbered: 0 is the start, the steps follow in their order.
pub(super) struct Picture {
    /// What the flow is called.
    pub title: String,
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// A card.
pub(super) struct Node {
    /// The step's name; of the start what begins the flow.
    pub name: String,
    /// What kind of card.
    pub kind: Kind,
    /// What it calls and sets.
    pub does: Vec<String>,
    /// The line above the text.
    pub header: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The line below it.
    pub footer: Option<String>,
    /// What stands on its link.
    pub link: Option<String>,
    /// How the flow ends here.
    pub ends: Option<String>,
    /// What leads here from every step: nothing draws a line for it.
    pub from_anywhere: Vec<String>,
    /// The ways out that lead to another node, in order.
    pub ports: Vec<Port>,
}

/// What a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Menu,
    Ask,
    Choose,
    Enter,
    Run,
    Say,
    End,
}

/// A way out.
pub(super) struct Port {
    /// What people read on it.
    pub label: String,
    /// What kind.
    pub kind: ExitKind,
    /// The node it leads to.
    pub to: usize,
}

impl Port {
    /// Whether it is one of the ways that a conversation is meant to go.
    pub fn is_main(&self) -> bool {
        matches!(self.kind, ExitKind::Button | ExitKind::Answer | ExitKind::Row | ExitKind::Go)
    }
}

impl Picture {
    pub fn of(flow: &Flow) -> Self {
        let number = |exit: &Exit| exit.to.as_ref().and_then(|to| flow.steps.get_index_of(to)).map(|at| at + 1);
        let port = |exit: Exit| Some(Port { to: number(&exit)?, label: label(&exit), kind: exit.kind });
        let mut nodes = vec![start(flow)];
        nodes.extend(flow.steps.values().map(|step| card(step, step.ways_out().into_iter().filter_map(port).collect())));
        for exit in flow.ways_out() {
            if let Some(at) = number(&exit) {
                nodes[at].from_anywhere.push(if exit.kind == ExitKind::Always {
                    format!("“{}”", exit.label)
                } else {
                    exit.label
                });
            }
        }
        Self { title: flow.title.clone().unwrap_or_else(|| flow.name.to_string()), nodes }
    }
}

fn label(exit: &Exit) -> String {
    match exit.kind {
        ExitKind::Go => "then".to_owned(),
        ExitKind::Answer => "answer".to_owned(),
        _ => exit.label.clone(),
    }
}

fn start(flow: &Flow) -> Node {
    let begins = &flow.start;
    let mut words: Vec<String> = begins.words.iter().map(|(word, _)| word.clone()).collect();
    words.extend(begins.matches.iter().map(|pattern| format!("/{}/", pattern.source())));
    words.extend(begins.buttons.iter().map(|(id, _)| format!("[{id}]")));
    words.extend(begins.media.iter().map(|(kind, _)| kind.name().to_owned()));
    let more = words.len() > WORDS_MAX;
    words.truncate(WORDS_MAX);
    words.extend(more.then(|| "…".to_owned()));
    words.extend(begins.first_contact.map(|_| "a first message".to_owned()));
    words.extend(begins.anything_else.map(|_| "anything else".to_owned()));
    let name = if words.is_empty() { "another flow".to_owned() } else { words.join(" · ") };
    let first = Port { label: String::new(), kind: ExitKind::Go, to: 1 };
    let nothing = || None;
    Node {
        name,
        kind: Kind::Start,
        does: Vec::new(),
        header: nothing(),
        text: nothing(),
        footer: nothing(),
        link: nothing(),
        ends: nothing(),
        from_anywhere: Vec::new(),
        ports: vec![first],
    }
}

fn card(step: &Step, ports: Vec<Port>) -> Node {
    let kind = match &step.then {
        Then::Menu(_) => Kind::Menu,
        Then::Ask(_) => Kind::Ask,
        Then::Call(_) => Kind::Run,
        Then::Choose(_) => Kind::Choose,
        Then::Enter(_) => Kind::Enter,
        Then::End(_) => Kind::End,
        Then::Go(_) if step.run.is_some() => Kind::Run,
        Then::Go(_) => Kind::Say,
    };
    let crate::flow::Card { does, header, text, footer, link, ends } = step.card();
    Node { name: step.name.to_string(), kind, does, header, text, footer, link, ends, from_anywhere: Vec::new(), ports }
}
