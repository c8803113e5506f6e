//! Data files: what scripts see of them, that they cannot change them, and that large ones cost nothing but themselves.

use buttonhook::model::Value;
use buttonhook::script::{ScriptFault, Scripts, compile, compile_after};
use buttonhook::source::{Diagnostic, Sources};

use super::World;

const PRICES: &str = "city,price,weight,code,phone,note,open\r\n\
    Kochi,450,1.5,007,+27821234567,\"by the sea, old\",true\r\n\
    Delhi,520,2,012,+911122334455,\"says \"\"hi\"\"\",\r\n\
    Goa,,3,100,1,\"two\nlines\",no\r\n";
const SETTINGS: &str = r#"{"hours": {"monday": [9, 18]}, "vat": 0.18, "large": 18446744073709551615, "none": null, "on": true}"#;
const HOLIDAYS: &str = "- 2026-01-26\n- {name: No, day: 007, rate: 12, open: false, at: 12:30}\n";

fn scripts(files: &[(&str, &str)]) -> (Scripts, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let scripts = compile(&Sources::from_texts(files.iter().copied()), &mut diagnostics);
    (scripts, diagnostics)
}

fn ask(body: &str) -> Result<Value, ScriptFault> {
    let text = format!("const FIRST = data.prices[0].city;\nfn f() {{ {body} }}\nfn g(rows) {{ rows.len() }}");
    let files = [
        ("scripts/s.rhai", text.as_str()),
        ("scripts/data/prices.csv", PRICES),
        ("scripts/data/settings.json", SETTINGS),
        ("scripts/data/holidays.yaml", HOLIDAYS),
    ];
    let (scripts, diagnostics) = scripts(&files);
    assert_eq!(diagnostics, [], "{body}");
    scripts.call("s", "f", &[], &World::default().around()).map(|answer| answer.value)
}

fn gives(body: &str) -> String {
    ask(body).unwrap_or_else(|fault| panic!("{body}: {}", fault.message)).to_string()
}

#[test]
fn tables_are_lists_of_records_whose_numbers_are_numbers() {
    for (body, expected) in [
        ("data.prices.len()", "3"),
        ("data.prices[0].city", "Kochi"),
        ("data.prices[-1].city", "Goa"),
        ("data.prices[0].price + 1", "451"),
        ("data.prices[1].weight / 4", "0.5"),
        ("data.prices[0].code", "007"),
        ("data.prices[0].phone", "+27821234567"),
        ("data.prices[0].note", "by the sea, old"),
        ("data.prices[1].note", "says \"hi\""),
        ("data.prices[2].note", "two\nlines"),
        ("data.prices[2].price == ()", "yes"),
        ("data.prices[1].open == \"\"", "yes"),
        ("data.prices[0][\"city\"]", "Kochi"),
        ("data.prices[0].nothing == ()", "yes"),
        ("FIRST", "Kochi"),
        ("g(data.prices)", "3"),
    ] {
        assert_eq!(gives(body), expected, "{body}");
    }
}

#[test]
fn json_and_yaml_keep_what_was_typed() {
    for (body, expected) in [
        ("data.settings.hours.monday[1]", "18"),
        ("data.settings.vat", "0.18"),
        ("data.settings.none == ()", "yes"),
        ("data.settings.on", "yes"),
        ("data.settings.contains(\"vat\")", "yes"),
        ("\"vat\" in data.settings", "yes"),
        ("data.settings.keys().len()", "5"),
        ("data.holidays[0]", "2026-01-26"),
        ("data.holidays[1].name + data.holidays[1].day + data.holidays[1].at", "No00712:30"),
        ("data.holidays[1].rate * 2", "24"),
        ("data.holidays.contains(\"2026-01-26\")", "yes"),
    ] {
        assert_eq!(gives(body), expected, "{body}");
    }
    assert!(gives("data.settings.large").starts_with("18446744073709"));
}

#[test]
fn rows_are_found_gone_through_and_handed_on() {
    for (body, expected) in [
        ("data.prices.find(\"city\", \"Delhi\").price", "520"),
        ("data.prices.find(\"price\", 450.0).city", "Kochi"),
        ("data.prices.find(\"city\", \"Agra\") == ()", "yes"),
        ("data.prices.find(|row| row.weight > 1.9).city", "Delhi"),
        ("data.prices.filter(|row| row.price != ()).len()", "2"),
        ("data.prices.filter(\"code\", \"100\")[0].city", "Goa"),
        ("join(data.prices.map(|row| row.city), \", \")", "Kochi, Delhi, Goa"),
        ("let all = \"\"; for row in data.prices { all += row.city; } all", "KochiDelhiGoa"),
        ("let own = data.prices.to_array(); own.sort(|a, b| if a.city < b.city { -1 } else { 1 }); own[0].city", "Delhi"),
        ("`${data.settings.hours}`", "#{\"monday\": [9, 18]}"),
        ("data.settings.hours.to_json()", "{\"monday\":[9,18]}"),
    ] {
        assert_eq!(gives(body), expected, "{body}");
    }
    let row = ask("data.prices[0]").unwrap();
    assert!(matches!(&row, Value::Record(fields) if fields["price"] == Value::Whole(450)), "{row:?}");
}

#[test]
fn nothing_changes_it_and_what_is_misspelt_is_told() {
    for (body, words) in [
        ("data.prices[0].city = \"Agra\"; 1", "cannot be changed"),
        ("data.prices.find(\"ctiy\", \"Kochi\")", "did you mean \"city\"?"),
        ("data.prices[9]", "the list has 3 values"),
        ("data.prices.push(1)", "push"),
        ("data[\"pricse\"]", "there is no data file `pricse`"),
        ("data.prices.filter(|row| row.city)", "true or false"),
    ] {
        let fault = ask(body).unwrap_err();
        assert!(fault.message.contains(words) && !fault.limit, "{body}: {}", fault.message);
        assert_eq!(gives("data.prices[0].city"), "Kochi");
    }
}

#[test]
fn a_variable_of_the_script_called_data_is_its_own() {
    let (_, diagnostics) = scripts(&[("scripts/s.rhai", "fn f(data) { data.anything }\nfn g() { let data = #{a: 1}; data.b }")]);
    assert_eq!(diagnostics, []);
}

/// A table of `rows` rows, each with a text of `bytes`.
fn large(rows: usize, bytes: usize) -> String {
    let text = "x".repeat(bytes);
    (0..rows).fold("n,text\n".to_owned(), |table, n| table + &format!("{n},{text}\n"))
}

#[test]
fn a_large_file_costs_a_call_nothing_and_its_limits_hold_as_ever() {
    let table = large(10_000, 80);
    let body = |body: &str| {
        let text = format!("fn f() {{ {body} }}");
        let (scripts, diagnostics) = scripts(&[("scripts/s.rhai", &text), ("scripts/data/t.csv", &table)]);
        assert_eq!(diagnostics, []);
        scripts.call("s", "f", &[], &World::default().around())
    };
    // Ten thousand rows are handed around a thousand times: a copy would be a gigabyte.
    let handed = body("let all = []; for i in 0..1000 { all.push(data.t); } all.len()").unwrap();
    assert_eq!(handed.value, Value::Whole(1000));
    assert_eq!(body("data.t.find(\"n\", 9999).text.len()").unwrap().value, Value::Whole(80));
    for (hostile, words) in [
        ("data.t.to_array()", "a list or record with more than 2,000 values"),
        ("data.t.map(|row| row)", "a list or record with more than 2,000 values"),
        ("data.t.filter(|row| true)", "a list or record with more than 2,000 values"),
        ("`${data.t}`", "a text longer than 64 KiB"),
        ("data.t", "a value with more than 262144 bytes of text"),
        ("#{a: data.t}", "a value with more than 262144 bytes of text"),
        ("#{a: data.t}.to_json()", "a value with more than 262144 bytes of text"),
        ("loop { for row in data.t { row.n } }", "more than 100,000 operations"),
        ("loop { data.t.find(\"n\", -1); }", "more than"),
        ("loop { data.t.find(|row| false); }", "more than"),
    ] {
        let fault = body(hostile).unwrap_err();
        assert!(fault.message.contains(words) || fault.message.contains("longer than 50 ms"), "{hostile}: {}", fault.message);
    }
}

#[test]
fn files_beyond_their_bounds_are_told() {
    let told = |path: &str, text: &str| {
        let (_, diagnostics) = scripts(&[(path, text)]);
        diagnostics.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told("scripts/data/t.csv", &large(10_000, 1)), "");
    assert!(told("scripts/data/t.csv", &large(10_001, 1)).contains("more than 10000 rows"));
    let wide = vec!["a"; 101].iter().enumerate().map(|(n, name)| format!("{name}{n}")).collect::<Vec<_>>().join(",");
    assert!(told("scripts/data/t.csv", &wide).contains("101 columns"));
    assert!(told("scripts/data/t.json", &format!("[{}1]", "1,".repeat(10_000))).contains("10001 values"));
    let lists = vec![format!("[{}1]", "1,".repeat(9_000)); 30].join(",");
    assert!(told("scripts/data/t.json", &format!("[{lists}]")).contains("more than 200000 values"));
    for depth in [40, 120, 100_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!told("scripts/data/t.json", &deep).is_empty(), "{depth}");
        assert!(!told("scripts/data/t.yaml", &deep).is_empty(), "{depth}");
    }
    assert!(told("scripts/data/t.csv", &format!("a\n\"{}", "x,".repeat(100_000))).contains("never closed"));
}

#[test]
fn an_unchanged_file_is_not_read_again_and_a_changed_one_is() {
    let read = |table: &str, previous: Option<&Scripts>| {
        let files = [("scripts/s.rhai", "fn f() { data.t[0].n }"), ("scripts/data/t.csv", table)];
        let mut diagnostics = Vec::new();
        let scripts = compile_after(&Sources::from_texts(files), previous, &mut diagnostics);
        assert_eq!(diagnostics, []);
        let value = scripts.call("s", "f", &[], &World::default().around()).unwrap().value;
        (scripts, value)
    };
    let (first, value) = read("n\n1\n", None);
    assert_eq!(value, Value::Whole(1));
    let (second, value) = read("n\n1\n", Some(&first));
    assert_eq!(value, Value::Whole(1));
    assert_eq!(read("n\n2\n", Some(&second)).1, Value::Whole(2));
}
