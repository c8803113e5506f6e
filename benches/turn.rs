//! What a turn costs: nothing but computation, one core, one thread. `cargo bench --bench turn`
#![allow(missing_docs, clippy::unwrap_used)]

use buttonhook::flow::button::Signer;
use buttonhook::flow::{Program, advance, compile};
use buttonhook::model::{
    ButtonRef, ChoiceName, ContactId, Conversation, Event, EventId, EventKind, FlowName, Phone, SendKey, Sender, Session,
    StepName, TappedButton, Timestamp, Turn,
};
use buttonhook::source::Sources;

fn main() {
    divan::main();
}

const CONTACT: ContactId = ContactId(4711);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const SCRIPT: &str = r#"
const BASE = #{kochi: 450, delhi: 520};

fn quote(city) {
    let price = BASE[city.to_lower()];
    if price == () { throw "we do not deliver to " + city; }
    price * 1.18
}
"#;

/// A shop with a menu, of which one button runs a script.
fn shop(name: usize) -> String {
    format!(
        "buttonhook: 1
flow: shop_{name}
start:
  words: [shop {name}]
  buttons: [\"offer:{name}:*\"]
remember:
  price: {{kind: number}}
steps:
  menu:
    say: \"Hello {{contact.firstname | there}}! What can we do for you?\"
    footer: Tap one
    buttons:
      about: {{title: About us, go: about}}
      prices: {{title: Prices, go: price}}
      bye: {{title: Thank you, go: bye}}
  about:
    say: We are open from nine to five, every day but Sunday.
    buttons:
      back: {{title: Back, go: menu}}
      bye: {{title: Thank you, go: bye}}
  price:
    run: prices.quote
    with: ['\"Kochi\"']
    gives: price
    say: \"It is {{price}} today.\"
    buttons:
      back: {{title: Back, go: menu}}
  bye:
    say: Goodbye
    end: done
"
    )
}

fn program(flows: usize) -> Program {
    let files: Vec<(String, String)> = (0..flows).map(|name| (format!("flows/shop_{name}.yaml"), shop(name))).collect();
    let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let sources = Sources::from_texts(texts.chain([("scripts/prices.rhai", SCRIPT)]));
    let (program, diagnostics) = compile(&sources);
    program.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

fn event(kind: EventKind) -> Event {
    let sender = Sender { phone: Phone::parse("+27821234567"), user_id: None, name: "Asha van der Berg".to_owned() };
    Event { id: EventId("wamid.HBgLMjc4MjEyMzQ1NjcVAgASGBQz".to_owned()), at: NOW, sender, kind }
}

fn typed(text: &str) -> Event {
    event(EventKind::Typed { text: text.to_owned() })
}

/// Someone before the open menu of the first shop, as after many turns.
fn before_the_menu(program: &Program) -> Conversation {
    let greeted = advance(program, CONTACT, Conversation::default(), &typed("shop 0"), NOW);
    let priced = advance(program, CONTACT, greeted.conversation.clone(), &tap(&greeted.conversation, "prices"), NOW);
    let back = advance(program, CONTACT, priced.conversation.clone(), &tap(&priced.conversation, "back"), NOW);
    assert_eq!(said(&back), "Hello Asha! What can we do for you?");
    back.conversation
}

/// A tap on a button of the open menu, verified.
fn tap(conversation: &Conversation, choice: &str) -> Event {
    let Some(Session { flow, step, wait: buttonhook::model::Wait::Menu { send }, .. }) = conversation.session.clone() else {
        panic!("no menu is open: {conversation:?}")
    };
    let means = ButtonRef::Choice { flow, step, choice: ChoiceName::new(choice) };
    event(EventKind::Tapped { button: TappedButton::Ours { means, send }, title: choice.to_owned() })
}

fn said(turn: &Turn) -> &str {
    assert!(turn.faults.is_empty(), "{:?}", turn.faults);
    let send = turn.effects[0].send().expect("the flow says something");
    send.message.body()
}

fn bench(bencher: divan::Bencher<'_, '_>, flows: usize, event: impl Fn(&Conversation) -> Event, says: &str) {
    let program = program(flows);
    let conversation = before_the_menu(&program);
    let event = event(&conversation);
    assert_eq!(said(&advance(&program, CONTACT, conversation.clone(), &event, NOW)), says);
    bencher
        .with_inputs(|| conversation.clone())
        .bench_local_values(|conversation| advance(&program, CONTACT, conversation, &event, NOW));
}

/// A tap that leads from one menu to the next.
#[divan::bench(args = [1, 1000])]
fn tap_on_a_menu(bencher: divan::Bencher<'_, '_>, flows: usize) {
    bench(bencher, flows, |open| tap(open, "about"), "We are open from nine to five, every day but Sunday.");
}

/// A tap that runs a script on the way.
#[divan::bench]
fn tap_that_runs_a_script(bencher: divan::Bencher<'_, '_>) {
    bench(bencher, 1, |open| tap(open, "prices"), "It is 531 today.");
}

/// A word that starts a flow.
#[divan::bench(args = [1, 1000])]
fn typed_word(bencher: divan::Bencher<'_, '_>, flows: usize) {
    bench(bencher, flows, |_| typed("Shop 0!"), "Hello Asha! What can we do for you?");
}

/// A button that is not ours, taken by a pattern.
#[divan::bench(args = [1, 1000])]
fn tap_on_a_template(bencher: divan::Bencher<'_, '_>, flows: usize) {
    let foreign = TappedButton::Foreign { id: "offer:0:summer".to_owned() };
    let event = move |_: &Conversation| event(EventKind::Tapped { button: foreign.clone(), title: "Show me".to_owned() });
    bench(bencher, flows, event, "Hello Asha! What can we do for you?");
}

/// The id of a button as it goes out.
#[divan::bench]
fn sign_a_button(bencher: divan::Bencher<'_, '_>) {
    let (signer, means, send) = button();
    bencher.bench_local(|| signer.sign(CONTACT, &means, &send));
}

/// The same id as it comes back.
#[divan::bench]
fn read_a_button(bencher: divan::Bencher<'_, '_>) {
    let (signer, means, send) = button();
    let id = signer.sign(CONTACT, &means, &send);
    bencher.bench_local(|| signer.read(CONTACT, &id));
}

fn button() -> (Signer, ButtonRef, SendKey) {
    let means =
        ButtonRef::Choice { flow: FlowName::new("shop_0"), step: StepName::new("menu"), choice: ChoiceName::new("prices") };
    (Signer::new(b"twenty bytes of key!"), means, SendKey::new(CONTACT, 12, 0))
}
