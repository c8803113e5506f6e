//! One call's papers: what the script may look at, and what it has asked for so far.
//!
//! They stand in a thread-local while the call runs, because Rhai gives its callbacks no room for them (see `fence`). A call
//! never moves between threads; a call inside a call gets papers of its own, and those outside come back after it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult};

use super::data::{self, Library};
use super::given::Given;
use super::host::random::Dice;
use super::types::{Asked, Request, Verdict};
use crate::model::{Fetched, Value, VariableName, limits};

/// The values of a script's top-level constants.
pub(super) type Constants = BTreeMap<String, Dynamic>;

/// Lines one call may log.
pub(super) const LOG_LINES_MAX: usize = 50;
/// Characters of one such line.
pub(super) const LOG_LINE_CHARS_MAX: usize = 500;
/// Values one call may set, repeated ones counted.
pub(super) const SETS_MAX: usize = 256;

/// What kind of call this is: not every function makes sense in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A script's constants are worked out at load.
    Constants,
    /// `when:` and `set:` of a flow.
    Expression,
    /// `run:` of a flow.
    Function,
    /// `on_tap`, `on_text`.
    Handler,
}

/// See the top of this file.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) moment: Moment,
    pub(super) given: Option<Given>,
    pub(super) constants: Option<Arc<Constants>>,
    /// The project's data files, for scripts; expressions have none.
    pub(super) data: Option<Arc<Library>>,
    /// What `get` sees: the flow's variables and what this call has `set`.
    pub(super) variables: BTreeMap<VariableName, Value>,
    pub(super) dice: Dice,
    pub(super) requests: Vec<Request>,
    pub(super) verdict: Verdict,
    /// The marked lines that ran, where lines are counted.
    pub(super) lines: BTreeSet<u32>,
    /// What `fetch` gives, and where it stopped the call.
    pub(super) fetching: Fetching,
    counts: Counts,
}

/// The answers of earlier runs, and the request whose answer is not there yet.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    pub(super) answers: Vec<Fetched>,
    /// How many of them this run has had.
    pub(super) given: usize,
    /// Where the run stopped.
    pub(super) asks: Option<Asked>,
    /// Whether it stopped because it asks otherwise than an earlier run.
    pub(super) other: bool,
}

#[derive(Debug, Default)]
struct Counts {
    emits: usize,
    sends: usize,
    sets: usize,
    logs: usize,
    moves: usize,
    laters: usize,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

impl Desk {
    /// A desk with nothing on it.
    pub(super) fn new(moment: Moment, seed: u64) -> Self {
        Self {
            moment,
            given: None,
            constants: None,
            data: None,
            variables: BTreeMap::new(),
            dice: Dice::new(seed),
            requests: Vec::new(),
            verdict: Verdict::Unsaid,
            lines: BTreeSet::new(),
            fetching: Fetching::default(),
            counts: Counts::default(),
        }
    }

    /// Notes what the script asks for; an error when it asks where it may not, or for too much.
    pub(super) fn ask(&mut self, request: Request) -> Result<(), Box<EvalAltResult>> {
        self.may_ask()?;
        let (count, most, of_what) = match &request {
            Request::Send(_) => (&mut self.counts.sends, limits::SENDS_PER_TURN_MAX, "messages sent in one turn"),
            Request::Emit(..) => (&mut self.counts.emits, limits::SENDS_PER_TURN_MAX, "news in one turn"),
            Request::Set(..) => (&mut self.counts.sets, SETS_MAX, "values set in one call"),
            Request::Log(_) => (&mut self.counts.logs, usize::MAX, "lines logged in one call"),
            Request::Later(..) => (&mut self.counts.laters, limits::LATERS_MAX, "later in one call"),
            Request::Start(_) | Request::Go(_) => (&mut self.counts.moves, 1, "start or go in one call"),
        };
        *count += 1;
        if *count > most {
            return Err(format!("more than {most} {of_what}").into());
        }
        self.requests.push(request);
        Ok(())
    }

    /// Whether this is a call that may have effects at all.
    pub(super) fn may_ask(&self) -> Result<(), Box<EvalAltResult>> {
        match self.moment {
            Moment::Function | Moment::Handler => Ok(()),
            Moment::Expression => Err("an expression only computes: it cannot send, set, log or move".into()),
            Moment::Constants => {
                Err("a constant is worked out when the script is loaded: it cannot send, set, log or move".into())
            }
        }
    }

    /// Notes a line, cut to [`LOG_LINE_CHARS_MAX`]; after [`LOG_LINES_MAX`] lines it says once that there were more.
    pub(super) fn log(&mut self, line: &str) -> Result<(), Box<EvalAltResult>> {
        match self.counts.logs {
            logged if logged < LOG_LINES_MAX => {
                let mut chars = line.chars();
                let mut cut: String = chars.by_ref().take(LOG_LINE_CHARS_MAX).collect();
                if chars.next().is_some() {
                    cut.push('…');
                }
                self.ask(Request::Log(cut))
            }
            LOG_LINES_MAX => self.ask(Request::Log(format!("more than {LOG_LINES_MAX} lines, the rest is left out"))),
            _ => Ok(()),
        }
    }
}

/// Runs `call` with `desk` in place, and hands the desk back.
pub(super) fn seated<R>(desk: Desk, call: impl FnOnce() -> R) -> (R, Desk) {
    struct Restore(Option<Desk>);
    impl Drop for Restore {
        fn drop(&mut self) {
            DESK.set(self.0.take());
        }
    }
    let restore = Restore(DESK.replace(Some(desk)));
    let result = call();
    let desk = DESK.take().expect("every call puts back the desk it found");
    drop(restore);
    (result, desk)
}

/// What `f` makes of the desk of the call at hand.
pub(super) fn with<R>(f: impl FnOnce(&mut Desk) -> Result<R, Box<EvalAltResult>>) -> Result<R, Box<EvalAltResult>> {
    DESK.with_borrow_mut(|desk| match desk {
        Some(desk) => f(desk),
        None => Err("this function works only inside a call".into()),
    })
}

/// The value that `name` has in every function of a script: something given, or one of the script's constants.
pub(super) fn lookup(name: &str) -> Option<Dynamic> {
    DESK.with_borrow(|desk| {
        let desk = desk.as_ref()?;
        let given = desk.given.as_ref().and_then(|given| given.get(name));
        let constant = || desk.constants.as_ref()?.get(name).cloned();
        let data = || desk.data.as_ref().filter(|_| name == data::NAME).map(data::root);
        given.or_else(constant).or_else(data)
    })
}
