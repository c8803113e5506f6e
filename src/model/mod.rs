//! The vocabulary: plain data that every other layer speaks.
//!
//! Invariants: no input or output, no async, no clock, no randomness; every value can be written as JSON and read back
//! unchanged, because conversations cross the store between any two events.
//!
//! Grammar of the names: effects are imperative (`Send`), events are past tense (`Tapped`), waits are states (`Menu`).

pub mod call;
pub mod contact;
pub mod conversation;
pub mod details;
pub mod effect;
pub mod event;
pub mod hosts;
pub mod inbound;
pub mod language;
pub mod limits;
pub mod media;
pub mod message;
pub mod name;
pub mod outcome;
pub mod priority;
pub mod profile;
pub mod stretch;
pub mod taps;
pub mod template;
pub mod time;
pub mod timer;
pub mod turn;
pub mod value;
pub mod zone;

pub use call::{Call, CallAnswer, CallFailure, Emit, Fetched, HttpRequest, Journal, OpenCall, RequestKey, Resumes};
pub use contact::{Alias, Contact, ContactId, Phone};
pub use conversation::{Caller, Conversation, Held, Session, Variables, Wait};
pub use details::Details;
pub use effect::{Effect, OnUnknown, Send, SendKey};
pub use event::{Button as TappedButton, Event, EventKind};
pub use hosts::{HostPattern, Hosts, SignIn};
pub use inbound::{AttachmentKind, Content, Delivery, EventId, Ignored, Inbound, Receipt, ReceiptStatus, Sender};
pub use language::Language;
pub use media::{Media, MediaKind};
pub use message::{Button, ButtonRef, Message, MessageId, WireButton};
pub use name::{ChoiceName, EventName, FlowName, ScriptName, StepName, VariableName};
pub use outcome::{Outcome, Refusal};
pub use priority::Priority;
pub use profile::{About, Consent, Fields, Profile};
pub use taps::{Tap, Taps};
pub use template::TemplateHeader;
pub use time::Timestamp;
pub use timer::{Timer, TimerKind};
pub use turn::{Fault, FaultKind, Trace, Turn};
pub use value::Value;
pub use zone::Zone;
