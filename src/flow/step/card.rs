//! What a step shows of itself on a picture: what it calls and says, with values by their names.

use super::{Enter, Say, Step, Then};

/// What a step shows of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// What it does: the function it calls, the variables it sets, the flow it enters.
    pub does: Vec<String>,
    /// The line above its text.
    pub header: Option<String>,
    /// Its text, or what stands for it.
    pub text: Option<String>,
    /// The line below.
    pub footer: Option<String>,
    /// What stands on its link.
    pub link: Option<String>,
    /// How the flow ends here.
    pub ends: Option<String>,
}

impl Step {
    /// What it shows of itself.
    pub fn card(&self) -> Card {
        let mut card = Card::default();
        if let Some(run) = &self.run {
            let with: Vec<&str> = run.with.iter().map(|value| value.source.as_str()).collect();
            let gives = run.gives.as_ref().map_or(String::new(), |variable| format!(" → {variable}"));
            card.does.push(format!("{}.{}({}){gives}", run.script, run.function, with.join(", ")));
        }
        card.does.extend(self.set.iter().map(|set| format!("{} = {}", set.variable, set.value.source)));
        match &self.say {
            Some(Say::Text { body, header, footer, link }) => {
                card.text = Some(body.shown());
                card.header = header.as_ref().map(|header| header.shown());
                card.footer = footer.as_ref().map(|footer| footer.shown());
                card.link = link.as_ref().map(|link| link.title.shown());
            }
            Some(Say::Media(media)) => {
                let caption = media.caption().map_or(String::new(), |caption| format!(" {}", caption.shown()));
                card.text = Some(format!("{}{caption}", media.kind_words()));
            }
            Some(Say::Template(template)) => card.text = Some(format!("template {}", template.name)),
            None => {}
        }
        card.does.extend(self.emit.iter().map(|emit| format!("⇡ {}", emit.name())));
        if let Some(hand_off) = &self.hand_off {
            let to = hand_off.to.as_ref().map_or("a person".to_owned(), |to| to.shown());
            card.does.push(format!("⇢ {to}"));
            card.text = hand_off.say.as_ref().map(|say| say.shown()).or(card.text);
        }
        match &self.then {
            Then::Ask(ask) => card.text = Some(ask.question.shown()),
            Then::Call(call) => card.does.push(format!("{} {}", call.method(), call.address())),
            Then::End(ending) => card.ends = Some(ending.name.clone()),
            Then::Enter(enter) => card.does.extend(visit(enter)),
            Then::Menu(_) | Then::Choose(_) | Then::Go(_) => {}
        }
        card
    }
}

/// The flow that is entered with what it is given, and what comes back from it.
fn visit(enter: &Enter) -> Vec<String> {
    let with: Vec<String> = enter.with.iter().map(|given| format!("{} = {}", given.variable, given.value.source)).collect();
    let gives = enter.gives.iter().map(|taken| format!("{} = {}.{}", taken.into, enter.flow, taken.from));
    std::iter::once(format!("⇢ {}({})", enter.flow, with.join(", "))).chain(gives).collect()
}
