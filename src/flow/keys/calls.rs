//! The part of the table that is about other systems: what a project may call, and the calls themselves.

use super::Takes::{Address, Any, Expression, Name, Named, Of, OneOf, OneOrMore, Text, Values};
use super::table::{ANY, STRETCH};
use super::{Key, Rule, Shape};
use crate::model::HttpRequest;
use crate::model::limits::{CALL_TRIES_MAX, HOSTS_MAX};

/// What a project says of itself in `buttonhook.yaml`, beside the settings of the host.
#[rustfmt::skip]
pub const PROJECT: Shape = Shape {
    what: "`buttonhook.yaml`", about: "Which other systems the project calls.", rule: Rule::None,
    keys: &[
        Key::may("hosts", OneOrMore(&Text(ANY), HOSTS_MAX), "The hosts that flows and scripts may call; `*.example.com` is every host below it.", "[api.example.com]"),
        Key::may("sign_in", Named(&Of(&SIGN_IN), 0, ANY), "How calls sign in, by the name that flows use.", "{shop: {hosts: [api.example.com]}}"),
    ],
};

/// How calls sign in.
#[rustfmt::skip]
pub const SIGN_IN: Shape = Shape {
    what: "a sign-in", about: "How calls sign in. The secret itself is set where the host runs.", rule: Rule::None,
    keys: &[
        Key::need("hosts", OneOrMore(&Text(ANY), HOSTS_MAX), "Where the secret may be sent to: some of the project's `hosts`.", "[api.example.com]"),
        Key::may("header", Text(ANY), "The header that carries it.", "Authorization").usually("Authorization"),
        Key::may("value", Text(ANY), "What stands in the header; `{secret}` is the place of the secret.", "\"Bearer {secret}\"").usually("\"Bearer {secret}\""),
    ],
};

/// A call to another system.
#[rustfmt::skip]
pub const CALL: Shape = Shape {
    what: "`call`", about: "A request to another system over HTTP. The flow goes on when its answer has come.", rule: Rule::None,
    keys: &[
        Key::need("url", Address, "The address; values may stand after the host only, and are encoded.", "\"https://api.example.com/orders/{order}\""),
        Key::may("method", OneOf(HttpRequest::METHODS), "What is asked for; `POST` when there is a `body`.", "GET").usually("GET"),
        Key::may("headers", Values, "Headers by name. What signs in stands under `sign_in`.", "{Accept-Language: en}"),
        Key::may("body", Any, "What is sent as JSON. A text that is one place alone, `\"{count}\"`, gives the value as it is: a number stays one.", "{order: \"{order}\", count: 3}"),
        Key::may("sign_in", Name, "How to sign in: one of the names under `sign_in` in `buttonhook.yaml`.", "shop"),
        Key::may("wait", STRETCH, "How long one attempt may take, at most 60 s.", "10 s").usually("10 s"),
        Key::may("tries", super::Takes::Whole(1, CALL_TRIES_MAX), "How many attempts are made in all; without it 3 for `GET`, and 1 for everything else.", "3"),
        Key::may("once_per", Text(ANY), "Tells the other system which requests are the same one (`Idempotency-Key`); without it each call is one of its own.", "\"{order}\""),
    ],
};

/// What happens with an answer.
#[rustfmt::skip]
pub const CALL_ANSWER: Shape = Shape {
    what: "an answer", about: "What is kept of an answer, and where it leads. `answer` is its body and `status` its number.", rule: Rule::None,
    keys: &[
        Key::need("go", Name, "The step where it leads.", "tell"),
        Key::may("when", Expression, "It is passed over unless this holds.", "answer.ready == true"),
        Key::may("set", Named(&Expression, 0, ANY), "Variables that keep something of it.", "{state: answer.state}"),
    ],
};

/// News for the user's own system.
#[rustfmt::skip]
pub const EMIT: Shape = Shape {
    what: "`emit`", about: "News for your own system, which nobody waits for.", rule: Rule::None,
    keys: &[
        Key::need("name", Name, "What they are called.", "order_placed"),
        Key::may("data", Any, "What they say, as JSON, with the places of a call's `body`.", "{order: \"{order}\"}"),
    ],
};

/// What comes of a call in a test.
#[rustfmt::skip]
pub const ANSWER: Shape = Shape {
    what: "`answer`", about: "What comes of a call in a test; nothing leaves.", rule: Rule::None,
    keys: &[
        Key::may("step", Name, "The step that asked.", "lookup"),
        Key::may("url", Text(ANY), "What the address holds, or what `/a regular expression/` finds in it.", "/orders/"),
        Key::may("sent", Any, "The body that the call must have sent.", "{order: \"4711\"}"),
        Key::may("status", super::Takes::Whole(100, 599), "The answer's status.", "404").usually("200"),
        Key::may("body", Any, "The answer's body.", "{state: sent}"),
        Key::may("fails", OneOf(FAILURES), "Why there is no answer.", "timed_out"),
    ],
};

/// News that a test expects.
#[rustfmt::skip]
pub const EMITS: Shape = Shape {
    what: "`emits`", about: "News that your own system must have been told.", rule: Rule::None,
    keys: &[
        Key::need("name", Name, "What they are called.", "order_placed"),
        Key::may("data", Any, "All that they say.", "{order: \"4711\"}"),
    ],
};

/// Why there is no answer.
const FAILURES: &[&str] = &["unreached", "timed_out", "unreadable", "not_allowed"];
