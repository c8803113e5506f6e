//! What Rhai is made of here: hand-picked packages, the fence, and the host's functions.
//!
//! Left out on purpose: the core package (`sleep`, `exit`, `parse_json`, `take`, tags, reflection), time (`timestamp`), blobs
//! and bit fields. `eval`, `curry`, `import` and `export` are not part of the language here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, OptimizationLevel, Token};

use super::{data, desk, fence, given, host, marks, text};

/// Words that Rhai knows and scripts here do not.
pub(super) const FORBIDDEN: &[&str] = &["eval", "curry", "import", "export"];

/// What Rhai resolves by itself, whatever the number of arguments.
pub(super) const BUILT_IN: &[&str] =
    &["call", "curry", "Fn", "is_def_fn", "is_def_var", "is_shared", "type_of", "print", "debug", "eval"];

/// The engines of the process. They hold no state of any script, so that one pair serves every project.
pub(super) struct Engines {
    /// Runs everything; an unknown variable is an error when it compiles.
    pub(super) strict: Engine,
    /// Only reads scripts to look at them: it takes unknown variables as they come.
    pub(super) lenient: Engine,
    /// Every function there is, with the numbers of arguments it takes.
    pub(super) functions: BTreeMap<String, BTreeSet<usize>>,
}

/// See [`Engines`]. Built once, at the first use.
pub(super) fn engines() -> &'static Engines {
    static ENGINES: LazyLock<Engines> = LazyLock::new(|| {
        let strict = build(true);
        let mut functions: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (name, arguments) in
            strict.collect_fn_metadata(None, |f| Some((f.metadata.name.to_string(), f.metadata.num_params)), true)
        {
            functions.entry(name).or_default().insert(arguments);
        }
        functions.retain(|name, _| name.starts_with(|first: char| first.is_ascii_alphabetic()) && !name.contains('$'));
        Engines { strict, lenient: build(false), functions }
    });
    &ENGINES
}

fn build(strict: bool) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);

    engine.set_strict_variables(strict);
    // As written: what the lint sees is what runs, and no call is folded away.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_module_resolver(DummyModuleResolver::new());
    for word in FORBIDDEN {
        engine.disable_symbol(*word);
    }
    fence::raise(&mut engine);
    given::register(&mut engine);
    data::register(&mut engine);
    text::register(&mut engine);
    host::register(&mut engine);
    marks::register(&mut engine);
    engine.on_print(note);
    engine.on_debug(|line, _, _| note(line));
    resolve_names(&mut engine);
    give_back_words(&mut engine);
    engine
}

/// Given values and constants by name in every function, however deep: Rhai's functions do not see the scope of their caller.
/// A local variable of the same name (its index is known) always wins.
#[allow(deprecated)] // Rhai marks it so to say that the signature may change; there is no other way.
fn resolve_names(engine: &mut Engine) {
    engine.on_var(|name, index, context| {
        let local = index > 0 || context.scope().contains(name);
        Ok(if local { None } else { desk::lookup(name) })
    });
}

/// Words that Rhai reserves for a future of its own and that mean something here: flows say `go`, so scripts do too.
#[allow(deprecated)] // As for `resolve_names`.
fn give_back_words(engine: &mut Engine) {
    engine.on_parse_token(|token, _, _| match token {
        Token::Reserved(word) if *word == "go" => Token::Identifier(word),
        other => other,
    });
}

/// `print` and `debug` are a script's log.
fn note(line: &str) {
    // Where nothing may be logged the lint has refused the call already; at run time the line is dropped.
    let _ = desk::with(|desk| desk.log(line));
}
