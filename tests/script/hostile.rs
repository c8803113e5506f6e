//! Scripts that mean harm. Each must end in a fault, soon, and leave the process alive: what overflows the stack or asks the
//! allocator for too much ends this whole test binary.

use std::time::{Duration, Instant};

use buttonhook::script::{Handler, ScriptFault};

use super::{World, call, check, script};

/// Far above the fence's deadline: these run beside other tests, unoptimised, on small machines.
const SOON: Duration = Duration::from_secs(5);

/// The fault of `f()` with `body` inside, which must come soon.
fn stopped(body: &str) -> ScriptFault {
    let began = Instant::now();
    let fault = super::fault(body);
    assert!(began.elapsed() < SOON, "{:?} for {body}", began.elapsed());
    fault
}

/// A text of 60,000 letters.
const LONG: &str = "let s = \"x\"; s.pad(60000, \"x\");";

#[test]
fn every_limit_holds_and_says_its_name() {
    for (body, words) in [
        ("loop {}", "more than 100,000 operations"),
        ("let i = 0; while true { i += 1; }", "more than 100,000 operations"),
        ("for i in 0..9223372036854775807 {}", "more than 100,000 operations"),
        ("let s = \"x\"; loop { s += s; }", "a text longer than 64 KiB"),
        ("let a = [1]; loop { a += a; }", "more than 2,000 values"),
        ("let a = []; a.pad(100000000, 0); a", "more than 2,000 values"),
        ("let s = \"\"; s.pad(100000000, \"ab\"); s", "a text longer than 64 KiB"),
        ("let a = []; loop { a = [a, a]; }", "more than 2,000 values"),
        ("let m = #{}; let i = 0; loop { i += 1; m.set(`k${i}`, i); }", "more than 2,000 values"),
    ] {
        let fault = stopped(body);
        // On a slow or busy machine time may run out first.
        let told = fault.message.contains(words) || fault.message.contains("longer than 50 ms");
        assert!(fault.limit && told, "{body}: {fault:?}");
    }
}

#[test]
fn what_escapes_rhais_own_limits_is_stopped_by_ours() {
    let long = |rest: &str| format!("{LONG} {rest}");
    for body in [
        // 3.6 GB in one operation.
        long("let r = s; s.replace(\"x\", r); s"),
        long("s.replace('x', s); s"),
        long("s.replace(\"\", s); s"),
        // Put in by index: not counted by Rhai.
        long("let m = #{}; let i = 0; loop { i += 1; let t = s + i; m[t] = t; }"),
        long("let a = []; a.pad(2000, 0); loop { for i in 0..2000 { a[i] = s + i; } }"),
        long("let i = 0; let a = []; loop { i += 1; let t = s + i; a.push(|| t); }"),
        // Small in memory, endless when written out.
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } a.to_string()"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } `${a}`"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } print(a)"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } debug(#{a: a})"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } \"\" + a"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } join(a, s)"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } #{a: a}.to_json()"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } a"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } set(\"a\", a)"),
        long("let a = []; a.pad(1900, 0); for i in 0..1900 { a[i] = s; } let b = []; b.pad(1900, 0); for i in 0..1900 { b[i] = a; } b == b"),
        // Closures hold what they capture.
        "let f = || 1; for i in 0..60000 { let g = f; f = || g; } 1".to_owned(),
        "let a = []; for i in 0..100000 { let b = a; a = [|| b]; } 1".to_owned(),
        "let a = []; a.pad(2000, 0); let f = 0; for i in 0..2000 { f = a.reduce(|p, x| || p, f); } throw 1".to_owned(),
        "let a = []; a.pad(2000, 0); let f = 0; for i in 0..25 { f = a.reduce(|p, x| || p, f); } throw 1".to_owned(),
        "let a = []; a.pad(2000, 0); let f = 0; for i in 0..12 { f = a.reduce(|p, x| [|| p], f); } throw 1".to_owned(),
        "let f = 0; for i in 0..9000 { let g = #{f: f}; f = || g; } throw 1".to_owned(),
        // Callbacks inside callbacks.
        "let a = []; a.pad(2000, 1); a.map(|x| { let b = []; b.pad(2000, 1); b.map(|y| { let c = []; c.pad(2000, 1); c.map(|z| z) }); 1 })".to_owned(),
        "let a = []; a.pad(2000, 1); a.sort(|x, y| { loop {} 0 }); 1".to_owned(),
        "let a = []; a.pad(1000, 0); loop { a.contains(7); a.index_of(7); }".to_owned(),
        long("loop { s.contains(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy\"); s.index_of(\"xy\"); }"),
        "try { loop {} } catch { loop {} }".to_owned(),
        "throw 1; loop {}".to_owned(),
    ] {
        stopped(&body);
    }
}

#[test]
fn depth_is_bounded_in_calls_values_and_source() {
    let recursion = call("fn f() { g(0) }\nfn g(n) { g(n + 1) }").unwrap_err();
    assert!(recursion.limit && recursion.message.contains("more than 32 deep"), "{recursion:?}");
    let closures = call("fn f() { let g = |h| h.call(h); g.call(g) }").unwrap_err();
    assert!(closures.limit, "{closures:?}");
    // Nested by index, compared and written out.
    for end in ["a == a", "a.to_string()", "`${a}`", "a"] {
        stopped(&format!("let a = []; for i in 0..1500 {{ let b = [0]; b[0] = a; a = b; }} {end}; throw \"end\""));
    }
    let nested = format!("fn f() {{ {}1{} }}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(check(&nested).1[0].message.contains("too deep"));
    let chained = format!("fn f() {{ 1{} }}", " + 1".repeat(10_000));
    assert!(!check(&chained).1.is_empty());
    let blocks = format!("fn f() {{ {}1{} }}", "if true {".repeat(3_000), "}".repeat(3_000));
    assert!(!check(&blocks).1.is_empty());
}

/// The most stack that the bounds allow: every level of calls is filled with nested expressions, blocks or callbacks.
#[test]
fn the_deepest_call_fits_the_stack() {
    let nest = |open: &str, close: &str, times: usize| format!("{}g(n + 1){}", open.repeat(times), close.repeat(times));
    for (open, close) in [
        ("[", "]"),
        ("#{a: ", "}"),
        ("(1 + ", ")"),
        ("if n < 9999 { ", " }"),
        ("[1].map(|x| ", ")"),
        ("[1, 2].reduce(|a, b| ", ", 0)"),
        ("switch 1 { 1 => ", " }"),
        ("try { ", " } catch { throw 1 }"),
        ("`${", "}`"),
    ] {
        let text = |times| format!("fn f() {{ g(0) }}\nfn g(n) {{ {} }}", nest(open, close, times));
        let deepest = (1..70).rev().map(text).find(|text| check(text).1.is_empty()).expect("some depth is taken");
        let fault = script(&deepest).call("s", "f", &[], &World::default().around()).unwrap_err();
        assert!(fault.limit || open == "try { ", "{open}: {fault:?}");
    }
}

#[test]
fn a_value_that_holds_itself_is_noticed_and_reported() {
    let scripts = script("fn f() { let s = \"x\"; s.pad(60000, \"x\"); let f = || s; s = [s, f]; 1 }");
    for _ in 0..3 {
        let fault = scripts.call("s", "f", &[], &World::default().around()).unwrap_err();
        assert!(fault.limit && fault.message.contains("left more than 32 KiB behind"), "{fault:?}");
    }
    // A large answer is not a leak.
    let large = "fn f() { let a = []; for i in 0..20 { let s = \"x\"; s.pad(3000, \"y\"); a.push(s); } set(\"a\", a); a }";
    assert_eq!(call(large).unwrap().requests.len(), 1);
}

#[test]
fn nothing_reaches_the_clock_the_disk_or_another_program() {
    for body in [
        "timestamp()",
        "sleep(1)",
        "sleep(1.0)",
        "sleep(1000000000)",
        "parse_json(\"1\")",
        "exit()",
        "open(\"x\")",
        "read(\"x\")",
        "http(\"x\")",
        "env(\"HOME\")",
        "system(\"ls\")",
        "get_fn_metadata_list()",
        "blob(100000000)",
        "take(1)",
        "eval(\"1\")",
        "eval(\"\" + \"1\")",
        "rand()",
    ] {
        let (_, diagnostics) = check(&format!("fn f() {{ {body} }}"));
        assert!(!diagnostics.is_empty(), "{body} is there");
    }
    for (name, arguments) in [("eval", "\"1\""), ("sleep", "1"), ("timestamp", ""), ("curry", "1, 2"), ("import", "\"x\"")] {
        let between = if arguments.is_empty() { "" } else { ", " };
        super::fault(&format!("let g = Fn(\"{name}\"); call(g{between}{arguments})"));
    }
}

#[test]
fn effects_of_a_call_that_fails_are_lost_with_it() {
    let fault = super::fault("send(\"a\"); set(\"b\", 1); throw \"no\"");
    assert_eq!(fault.message, "no");
    // And those by way of a name made at run time are still refused where none may be.
    let scripts = buttonhook::script::Scripts::default();
    let sources = buttonhook::source::Sources::from_texts([("flows/f.yaml", "call(Fn(\"send\"), \"x\")")]);
    let id = sources.iter().next().unwrap().0;
    let expression = scripts.expression("call(Fn(\"send\"), \"x\")", id, 0, &sources, &[]).unwrap();
    let fault = scripts.evaluate(&expression, &World::default().around()).unwrap_err();
    assert!(fault.message.contains("an expression only computes"), "{fault:?}");
}

#[test]
fn a_sort_that_contradicts_itself_is_a_fault_or_an_order_but_never_the_end() {
    let text =
        "fn f() { let a = []; for i in 0..300 { a.push(i); } a.sort(|x, y| if random(0, 1) == 0 { 1 } else { -1 }); a.len() }";
    let scripts = script(text);
    for seed in 0..20 {
        // Rust's sort may notice the contradiction and panic; the process goes on either way.
        let _ = scripts.call("s", "f", &[], &World { seed, ..World::default() }.around());
    }
    assert!(
        scripts.call("s", "f", &[], &World::default().around()).is_ok_and(|a| a.requests.is_empty())
            || scripts.functions().len() == 1
    );
}

#[test]
fn a_hostile_handler_costs_no_more_than_its_deadline() {
    let scripts = script("fn on_text(text) { let a = []; a.pad(1500, text); loop { a == a; } }");
    let world = World::default();
    let name = buttonhook::model::ScriptName::new("s");
    let began = Instant::now();
    for _ in 0..5 {
        assert!(scripts.handle(&name, Handler::OnText, &world.around()).unwrap_err().limit);
    }
    assert!(began.elapsed() < SOON);
}
