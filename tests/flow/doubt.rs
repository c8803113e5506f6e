//! `on_unknown`: what a step says about its message of which nobody can tell whether it left.

use super::*;

const FLOW: &str = "
buttonhook: 1
flow: pay
start: {words: [pay]}
remember: {name: {kind: text}}
steps:
  usual: {say: One., go: link}
  link:
    say: Pay here.
    link: {title: Pay, url: \"https://example.com/\"}
    on_unknown: ask
    go: after
  after: {say: Three., go: notice}
  notice:
    template: {name: paid, language: en_US}
    go: second
  second:
    template: {name: paid, language: en_US}
    on_unknown: resend
    go: question
  question:
    ask: Your name?
    into: name
    on_unknown: skip
    if_wrong: {say: That is no name.}
    go: bye
  bye: {say: Bye., end: done}
";

#[test]
fn each_step_says_it_for_its_own_messages_only() {
    let program = program(&[("flows/pay.yaml", FLOW)]);
    let mut talk = Talk::new(&program);
    let says = |talk: &Talk<'_>| {
        let turn = talk.last.as_ref().unwrap();
        turn.effects.iter().filter_map(Effect::send).map(|send| send.on_unknown).collect::<Vec<_>>()
    };
    talk.they("pay");
    use OnUnknown::{Ask, Resend, Skip};
    assert_eq!(says(&talk), [Resend, Ask, Resend, Skip, Resend, Skip]);
    // Put again, the question says the same; what goes before it is no message of the step's own.
    talk.event(EventKind::Attached { kind: AttachmentKind::Image, caption: String::new(), details: Default::default() });
    assert_eq!(says(&talk), [Resend, Skip]);
    talk.they("Rosa");
    assert_eq!(says(&talk), [Resend]);
}
