//! Conversations written in YAML, played on the real engine with a virtual clock.
//!
//! Invariants: everything the bot says must be expected, in order; the conversation is written out and read back between any
//! two events, as it is in the store; nothing here knows of tests of ours, authors run the same code. Must never: read a
//! file or a clock, or print: who plays says where the text comes from and what becomes of the report.
//!
//! Where to look: `read` and `suite` read, `line/` holds a file per kind of line, `stage` is the conversation with its clock,
//! `play` holds it against the lines, `cases` fills tables in, `crowd/` makes conversations up.

mod cases;
mod coverage;
mod crowd;
mod expected;
mod given;
mod line;
mod play;
mod read;
mod record;
mod stage;
mod suite;
mod told;
mod update;

pub use coverage::{Coverage, FlowCoverage, ScriptCoverage, Uncovered, counting};
pub use crowd::{Act, Broken, Law, Report, Size, Unanswered, crowd};
pub use expected::Expected;
pub use line::{Line, LineKind, OnMessage, usual_details};
pub use play::{Failure, Played, play};
pub use read::{Scenario, Who, read, usual_beginning};
pub use record::{Did, record, with_test};
pub use stage::{Said, Shown, Stage, Took};
pub use suite::{Suite, suites};
pub use told::told;
pub use update::{Edit, update};
