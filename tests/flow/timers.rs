//! What time brings to a conversation: which timers a turn leaves open, and what happens when one fires.

use buttonhook::flow::{self, Program};
use buttonhook::model::*;

use super::program;

const HEAD: &str = "buttonhook: 1\n";

/// A conversation with a clock of its own, written out and read back between any two events.
struct Talk<'p> {
    program: &'p Program,
    conversation: Conversation,
    now: Timestamp,
    events: u32,
    trace: Vec<Trace>,
    faults: Vec<Fault>,
}

impl<'p> Talk<'p> {
    fn new(program: &'p Program) -> Self {
        let now = "2026-06-15T10:00:00Z".parse().unwrap();
        Self { program, conversation: Conversation::default(), now, events: 0, trace: vec![], faults: vec![] }
    }

    fn take(&mut self, event: &Event) -> Vec<String> {
        let stored = serde_json::to_string(&self.conversation).unwrap();
        let read: Conversation = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, self.conversation);
        let turn = flow::advance(self.program, ContactId(1), read.clone(), event, self.now);
        assert_eq!(turn, flow::advance(self.program, ContactId(1), read, event, self.now), "the same turn again");
        assert!(turn.conversation.timers.len() <= limits::TIMERS_MAX);
        (self.conversation, self.trace, self.faults) = (turn.conversation, turn.trace, turn.faults);
        turn.effects.iter().filter_map(Effect::send).map(|send| send.message.body().to_owned()).collect()
    }

    fn they(&mut self, text: &str) -> Vec<String> {
        self.events += 1;
        let id = EventId(format!("wamid.{}", self.events));
        let sender = Sender { phone: Phone::parse("+15550100123"), ..Sender::default() };
        self.take(&Event { id, at: self.now, sender, kind: EventKind::Typed { text: text.to_owned() } })
    }

    fn pass(&mut self, seconds: u64) {
        self.now = time::after(self.now, seconds * 1000);
    }

    /// The next timer, which must be due.
    fn fire(&mut self) -> Vec<String> {
        let timer = self.conversation.next_timer().expect("a timer is open").clone();
        assert!(timer.at <= self.now, "it is not due yet");
        self.take(&timer.event(ContactId(1)))
    }

    /// The open timers: kind, step, and in how many seconds.
    fn open(&self) -> Vec<(&'static str, String, i64)> {
        let seconds = |timer: &Timer| (time::millis(timer.at) - time::millis(self.now)) / 1000;
        self.conversation.timers.iter().map(|timer| (timer.kind.as_str(), timer.step.to_string(), seconds(timer))).collect()
    }

    fn step(&self) -> Option<&str> {
        self.conversation.session.as_ref().map(|session| session.step.as_str())
    }
}

fn one(rest: &str) -> Program {
    program(&[("flows/shop.yaml", &format!("{HEAD}flow: shop\n{rest}"))])
}

const SHOP: &str = "start: {words: [hi]}
end_if_silent: 2 h
steps:
  menu:
    say: Menu.
    buttons:
      one: {title: One, go: out}
    if_silent: {after: 20 min, say: Still there?}
  out: {say: Out., later: {after: 2 days, go: remind}, end: out}
  remind: {say: Remember., end: reminded}
";

#[test]
fn a_turn_leaves_exactly_the_timers_that_still_make_sense() {
    let program = one(SHOP);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let at_menu = [("silent", "menu".to_owned(), 1200), ("end_silent", "menu".to_owned(), 7200)];
    assert_eq!(talk.open(), at_menu);
    talk.pass(600);
    assert_eq!(talk.they("what"), ["Please tap one of the buttons.\n\nMenu."], "no answer, but not silence");
    assert_eq!(talk.open(), at_menu, "silence counts from the last thing that they did");
    assert_eq!(talk.they("one"), ["Out."]);
    assert_eq!(talk.open(), [("later", "out".to_owned(), 172_800)], "nobody waits for an answer any more");
    talk.they("hi");
    assert_eq!(talk.open().len(), 3, "a reminder outlives the flow and its next start");
}

#[test]
fn a_timer_says_its_part_and_the_question_stays_open() {
    let program = one(SHOP);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let window = talk.conversation.last_inbound_at;
    talk.pass(1200);
    assert_eq!(talk.fire(), ["Still there?"]);
    assert_eq!(talk.step(), Some("menu"));
    assert_eq!(talk.open(), [("end_silent", "menu".to_owned(), 6000)], "said once, and the end comes as it would have come");
    assert_eq!(talk.conversation.last_inbound_at, window, "a timer does not open the 24-hour window");
    assert_eq!(talk.they("one"), ["Out."]);
    assert_eq!(talk.conversation.turns, 3);
}

#[test]
fn the_flow_ends_quietly_when_nobody_comes_back() {
    let program = one(SHOP);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    talk.pass(1200);
    talk.fire();
    talk.pass(6000);
    assert!(talk.fire().is_empty());
    assert!(talk.conversation.session.is_none() && talk.conversation.timers.is_empty());
    assert!(talk.trace.iter().any(|trace| matches!(trace, Trace::Ended { ending, .. } if ending == "silent")));
    assert!(talk.faults.is_empty());
}

#[test]
fn a_timer_that_the_conversation_no_longer_holds_does_nothing() {
    let program = one(SHOP);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let old = talk.conversation.timers.clone();
    talk.pass(1);
    talk.they("what");
    talk.pass(86_400);
    let before = talk.conversation.clone();
    for timer in old {
        assert!(talk.take(&timer.event(ContactId(1))).is_empty());
        assert!(talk.trace.iter().any(|trace| matches!(trace, Trace::MovedOn { .. })), "{:?}", talk.trace);
    }
    assert_eq!(talk.conversation, Conversation { turns: before.turns + 2, ..before }, "nothing but the turns was counted");
    // Nor does one fire twice.
    let timer = talk.conversation.timers[0].clone();
    assert_eq!(talk.take(&timer.clone().event(ContactId(1))), ["Still there?"]);
    assert!(talk.take(&timer.event(ContactId(1))).is_empty());
}

#[test]
fn a_late_timer_is_marked_and_one_in_time_is_not() {
    let program = one(SHOP);
    for (late_by, marked) in [(0, None), (60, None), (61, Some(61)), (90_000, Some(90_000))] {
        let mut talk = Talk::new(&program);
        talk.they("hi");
        talk.pass(1200 + late_by);
        talk.fire();
        let Trace::TimerFired { kind: TimerKind::Silent, late_secs, set_in: 1, .. } = &talk.trace[0] else {
            panic!("{:?}", talk.trace)
        };
        assert_eq!(*late_secs, marked);
    }
}

#[test]
fn steps_that_wake_each_other_in_silence_come_to_an_end() {
    let program = one("start: {words: [hi]}
steps:
  one: {say: One., buttons: {x: {title: X, go: out}}, if_silent: {after: 1 s, go: two}}
  two: {say: Two., buttons: {x: {title: X, go: out}}, if_silent: {after: 1 s, say: Hm., go: one}}
  out: {say: Out., end: out}
");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let mut turns = 0;
    while !talk.conversation.timers.is_empty() {
        talk.pass(1);
        talk.fire();
        turns += 1;
        assert!(turns <= limits::SILENT_TURNS_MAX + 1);
    }
    assert_eq!(turns, limits::SILENT_TURNS_MAX + 1);
    assert!(talk.trace.iter().any(|trace| matches!(trace, Trace::Ended { ending, .. } if ending == "silent")));
    // Whoever comes back begins to count anew.
    talk.they("hi");
    talk.pass(1);
    assert_eq!(talk.fire(), ["Two."]);
    talk.they("what");
    assert_eq!(talk.conversation.session.as_ref().unwrap().silent_turns, 0);
}

#[test]
fn reminders_that_nobody_answers_come_to_an_end() {
    let program = one("start: {words: [hi]}\nsteps:\n  tick: {say: Tick., later: {after: 1 s, go: tick}, end: ticked}\n");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    for _ in 0..limits::UNANSWERED_MAX {
        talk.pass(1);
        assert_eq!(talk.fire(), ["Tick."]);
    }
    talk.pass(1);
    assert!(talk.fire().is_empty());
    assert_eq!(talk.faults.iter().map(|fault| fault.kind).collect::<Vec<_>>(), [FaultKind::Loop]);
    assert!(talk.conversation.timers.is_empty());
}

#[test]
fn no_contact_has_more_than_a_bounded_number_of_timers() {
    let steps: String = (0..=limits::LATERS_MAX)
        .map(|n| format!("  s{n}: {{say: '{n}', later: {{after: {} min, go: last}}, go: s{}}}\n", n + 1, n + 1))
        .collect();
    let program = one(&format!(
        "start: {{words: [hi]}}\nsteps:\n{steps}  s{}: {{say: End., end: done}}\n  last: {{say: Last., end: last}}\n",
        limits::LATERS_MAX + 1
    ));
    let mut talk = Talk::new(&program);
    let said = talk.they("hi");
    assert_eq!(said.len(), limits::LATERS_MAX + 1, "the step that asked for too much is taken back, and the contact told");
    assert_eq!(talk.faults.iter().map(|fault| fault.kind).collect::<Vec<_>>(), [FaultKind::State]);
    assert_eq!(talk.open().len(), limits::LATERS_MAX);
}

const ORDER: &str = "buttonhook: 1
flow: order
start: {words: [order]}
remember: {paid: {kind: yes_no}}
steps:
  ordered: {say: Ordered., later: {after: 1 h, go: remind, unless: paid == true}, end: ordered}
  remind: {say: Please pay., end: reminded}
";
const TALKS: &str = "buttonhook: 1
flow: talks
start: {words: [talk]}
remember: {name: {kind: text}}
steps:
  name: {ask: Name?, into: name, if_silent: {after: 2 h, say: Hello?}, go: done}
  done: {say: 'Thank you, {name}.', end: done}
";

#[test]
fn a_reminder_comes_in_between_and_leaves_another_flows_question_open() {
    let program = program(&[("flows/order.yaml", ORDER), ("flows/talks.yaml", TALKS)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("order"), ["Ordered."]);
    assert_eq!(talk.they("talk"), ["Name?"]);
    talk.pass(3600);
    assert_eq!(talk.fire(), ["Please pay."]);
    assert_eq!(talk.open(), [("silent", "name".to_owned(), 3600)], "the silence goes on");
    assert_eq!(talk.they("Asha"), ["Thank you, Asha."]);
}

#[test]
fn a_condition_that_breaks_holds_the_reminder_back_and_is_told_to_the_author_only() {
    let broken = ORDER.replace("paid == true", "paid + 1 == 2");
    let program = program(&[("flows/order.yaml", &broken)]);
    let mut talk = Talk::new(&program);
    talk.they("order");
    talk.pass(3600);
    assert!(talk.fire().is_empty());
    assert_eq!(talk.faults.len(), 1);
}

/// What is said when the first timer falls due after a reload, and how many faults that meets.
fn after_reload(first: &Program, second: &Program, lines: &[&str]) -> (Vec<String>, usize) {
    let mut talk = Talk::new(first);
    for line in lines {
        talk.they(line);
    }
    let Talk { conversation, now, events, .. } = talk;
    let mut talk = Talk { conversation, now, events, ..Talk::new(second) };
    talk.now = talk.conversation.next_timer().expect("a timer is open").at;
    (talk.fire(), talk.faults.len())
}

#[test]
fn timers_survive_reloads_that_change_or_remove_what_they_are_for() {
    let first = one(SHOP);
    let renamed = SHOP.replace("  menu:", "  main:").replace("Still there?", "Hello?");
    let renamed = one(&renamed.replace("steps:", "moved: {menu: main}\nsteps:"));
    assert_eq!(after_reload(&first, &renamed, &["hi"]), (vec!["Hello?".to_owned()], 0));
    let without = one(&SHOP.replace("    if_silent: {after: 20 min, say: Still there?}\n", ""));
    assert_eq!(after_reload(&first, &without, &["hi"]), (vec![], 0));
    let no_reminder = SHOP.replace("later: {after: 2 days, go: remind}, ", "").replace("steps:", "retired: {x: remind}\nsteps:");
    assert_eq!(after_reload(&first, &one(&no_reminder), &["hi", "one"]), (vec![], 0));
    // Where people of a step that is gone belong is decided when they come back, and not in their silence.
    let gone = SHOP.replace("  menu:", "  main:");
    assert_eq!(after_reload(&first, &one(&gone), &["hi"]), (vec![], 0));
}
