//! What a script costs: expressions and functions as flows use them. One core, one thread: `cargo bench --bench script`.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use buttonhook::model::{Contact, Phone, Profile, Timestamp, Value, VariableName, Zone};
use buttonhook::script::{Expression, Handler, News, STACK_BYTES_MIN, Scripts, Surroundings, compile};
use buttonhook::source::Sources;

const SCRIPT: &str = r#"
const BASE = #{kochi: 450, delhi: 520};
const TAX = 0.18;

fn quote(city) {
    let price = BASE[city.to_lower()];
    if price == () { throw "we do not deliver to " + city; }
    price * (1.0 + TAX)
}

fn offer(city, orders) {
    let list = [];
    for i in 0..5 {
        let price = quote(city) - i * orders;
        if price > 400.0 { list.push(#{name: `Offer ${i}`, price: price}); }
    }
    let texts = list.filter(|o| o.price < 600.0).map(|o| `${o.name}: ${money(o.price)}`);
    send_buttons(join(texts, "\n"), [#{id: "take", title: "Take it"}, #{id: "leave", title: "Leave it"}]);
    set("offered", list.len());
    log(`offered ${list.len()} to ${contact.firstname}`);
    list.len()
}

fn on_text(text) { pass(); }
"#;

struct World {
    scripts: Scripts,
    contact: Contact,
    profile: Profile,
    variables: BTreeMap<VariableName, Value>,
}

impl World {
    fn new() -> Self {
        let mut diagnostics = Vec::new();
        let scripts = compile(&Sources::from_texts([("scripts/prices.rhai", SCRIPT)]), &mut diagnostics);
        assert_eq!(diagnostics, []);
        let phone = Phone::parse("+27821234567");
        let variables = [("orders", Value::Whole(7)), ("city", Value::from("Kochi"))];
        Self {
            scripts,
            contact: Contact { phone, user_id: None, name: "Asha van der Berg".into() },
            profile: Profile::default(),
            variables: variables.map(|(name, value)| (VariableName::new(name), value)).into(),
        }
    }

    fn around(&self) -> Surroundings<'_> {
        let now = Timestamp::UNIX_EPOCH;
        Surroundings {
            contact: &self.contact,
            language: "",
            news: News::None,
            profile: &self.profile,
            variables: &self.variables,
            text: "hello",
            tap_id: "",
            tap_title: "",
            event_name: "",
            event_data: &Value::Nothing,
            now,
            zone: Zone::utc(),
            seed: 1,
            fetched: &[],
        }
    }

    fn expression(&self, text: &str) -> Expression {
        let sources = Sources::from_texts([("flows/f.yaml", text)]);
        let variables: Vec<VariableName> = self.variables.keys().cloned().collect();
        self.scripts.expression(text, sources.iter().next().unwrap().0, 0, &sources, &variables).unwrap()
    }
}

#[divan::bench(args = ["true", "orders >= 5", "orders >= 5 && city == \"Kochi\"", "contact.firstname == \"Asha\"", "`Hello ${city}`"])]
fn expression(bencher: divan::Bencher<'_, '_>, text: &str) {
    let world = World::new();
    let expression = world.expression(text);
    bencher.bench_local(|| world.scripts.evaluate(&expression, &world.around()).unwrap());
}

#[divan::bench]
fn small_function(bencher: divan::Bencher<'_, '_>) {
    let world = World::new();
    let arguments = [Value::from("Kochi")];
    bencher.bench_local(|| world.scripts.call("prices", "quote", &arguments, &world.around()).unwrap());
}

#[divan::bench]
fn function_of_twelve_lines_with_a_menu(bencher: divan::Bencher<'_, '_>) {
    let world = World::new();
    let arguments = [Value::from("Kochi"), Value::Whole(7)];
    bencher.bench_local(|| world.scripts.call("prices", "offer", &arguments, &world.around()).unwrap());
}

#[divan::bench]
fn handler_that_passes(bencher: divan::Bencher<'_, '_>) {
    let world = World::new();
    let name = world.scripts.handlers(Handler::OnText)[0].clone();
    bencher.bench_local(|| world.scripts.handle(&name, Handler::OnText, &world.around()).unwrap());
}

#[divan::bench]
fn compile_a_script(bencher: divan::Bencher<'_, '_>) {
    let sources = Sources::from_texts([("scripts/prices.rhai", SCRIPT)]);
    bencher.bench_local(|| compile(&sources, &mut Vec::new()));
}

fn main() {
    let bench = std::thread::Builder::new().stack_size(STACK_BYTES_MIN).spawn(divan::main).unwrap();
    bench.join().unwrap();
}
