//! What the simulated contacts talk to: real flows and a real script, in two editions between which the world reloads.

use std::sync::{Arc, LazyLock};

use buttonhook::flow::{self, Program};
use buttonhook::source::{Sources, render_human};

const SHOP: &str = r#"buttonhook: 1
flow: shop
start: {words: [hi, menu], first_contact: true, anything_else: true}
end_if_silent: 20 h
remember:
  orders: {kind: number, keep: true}
  paid: {kind: yes_no, keep: true}
  price: {kind: money, currency: INR}
if_broken: menu
steps:
  menu:
    say: "What can we do for you, {contact.firstname | friend}?"
    buttons:
      order: {title: Order, set: {orders: 'if orders == () { 1 } else { orders + 1 }'}, go: ORDERED}
      prices: {title: Prices, go: quote}
      table: {title: Leave, go: bye}
    if_silent: {after: 10 min, say: "Still there?"}
    if_other: {say: "Please tap a button.", tries: 2, then: bye}
  ORDERED:
    set: {paid: "false"}
    say: "That is order number {orders}."
    later: {after: 3 h, go: remind, unless: paid == true}
    go: confirm
  confirm:
    say: "Shall we bring it?"
    on_unknown: ask
    once: true
    buttons:
      yes_please: {title: Yes please, set: {paid: "true"}, go: thanks}
      not_now: {title: Not now, go: menu}
    if_silent: {after: 30 s, say: "We keep it for a while.", go: bye}
  remind:
    template: {name: basket_waits, language: en_US, fields: ["{contact.firstname | friend}"]}
    go: reminded
  reminded:
    template: {name: second_one, language: en_US, fields: []}
    end: reminded
  quote:
    run: prices.quote
    with: ["text"]
    gives: price
    if_fails: sorry
    say: "That is {price}."
    go: more
  more: {say: "EDITION", go: last}
  last: {say: "One more message.", end: quoted}
  sorry: {say: "Please ask us in the shop.", end: trouble}
  thanks: {say: "Thank you!", end: paid}
  bye: {say: "Write *menu* whenever you like.", end: left}
MOVED"#;

const SURVEY: &str = r#"buttonhook: 1
flow: survey
start: {words: [survey]}
remember:
  stars: {kind: number, least: 1, most: 5}
  words: {kind: text, longest: 200}
always:
  - {words: [stop], go: bye}
steps:
  stars:
    ask: "How many stars do we get, 1 to 5?"
    into: stars
    if_silent: {after: 20 min, say: "A number is enough."}
    go: why
  why:
    ask: "And why?"
    into: words
    if_silent: {after: 2 h, go: thanks}
    go: thanks
  thanks:
    say: "Thank you for {stars | your} stars!"
    later: {after: 2 days, go: again}
    end: done
  again:
    template: {name: come_again, language: en_US, fields: []}
    end: invited
  bye: {say: "All right.", end: left}
"#;

const PRICES: &str = r#"
fn quote(words) {
    if words == "prices" { throw "nobody knows"; }
    let sum = 0;
    for n in 1..20 { sum += n; }
    sum + 0.5
}
"#;

/// The editions; a contact may be anywhere in one when the other becomes live.
pub fn editions() -> [Arc<Program>; 2] {
    static EDITIONS: LazyLock<[Arc<Program>; 2]> = LazyLock::new(|| {
        let first = SHOP
            .replace("ORDERED", "ordered")
            .replace("EDITION", "In the first edition.")
            .replace("MOVED", "moved: {booked: ordered}\n");
        let second = SHOP
            .replace("ORDERED", "booked")
            .replace("EDITION", "In the second edition.")
            .replace("MOVED", "moved: {ordered: booked}\n");
        [compile(&first), compile(&second)]
    });
    EDITIONS.clone()
}

fn compile(shop: &str) -> Arc<Program> {
    let sources =
        Sources::from_texts([("flows/shop.yaml", shop), ("flows/survey.yaml", SURVEY), ("scripts/prices.rhai", PRICES)]);
    let (program, diagnostics) = flow::compile(&sources);
    Arc::new(program.unwrap_or_else(|| panic!("{}", render_human(&sources, &diagnostics, false))))
}
