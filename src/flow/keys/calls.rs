//! The table of calls of other systems and of news for the user's own: one line per key.

use super::Takes::{Address, Any, Expression, Keyed, Name, Named, OneOf, OneOrMore, Text, Whole};
use super::table::{ANY, STRETCH};
use super::{Key, Rule, Shape};
use crate::model::limits::CALL_TRIES_MAX;

/// How calls sign in.
#[rustfmt::skip]
pub const SIGN_IN: Shape = Shape {
    what: "a `sign_in`", about: "How calls sign in. The secret itself is a setting of the host, `BUTTONHOOK_SECRET_` and the name.", rule: Rule::None,
    keys: &[
        Key::may("header", Text(64), "The header that carries the secret.", "X-Api-Key").usually("Authorization"),
        Key::may("value", Text(ANY), "The header's value, with `{secret}` where the secret goes.", "\"Bearer {secret}\"").usually("\"Bearer {secret}\""),
        Key::may("hosts", OneOrMore(&Text(ANY), ANY), "The hosts that may be told the secret; all of `hosts` where it is left out.", "[api.example.com]"),
    ],
};

/// A call of another system.
#[rustfmt::skip]
pub const CALL: Shape = Shape {
    what: "`call`", about: "A request to another system over HTTP.", rule: Rule::None,
    keys: &[
        Key::need("url", Address, "The address, on one of the project's `hosts`; values may stand after the host only.", "\"https://api.example.com/orders/{order}\""),
        Key::may("method", OneOf(&["GET", "POST", "PUT", "PATCH", "DELETE"]), "What is asked for; POST with a body, otherwise GET.", "PUT"),
        Key::may("headers", Keyed("^[A-Za-z0-9-]+$", &Text(ANY)), "Headers by name.", "{Accept-Language: en}"),
        Key::may("body", Any, "What is sent as JSON. Unquoted numbers, true and false are what they are; a text that is one place for a value becomes that value.", "{order: \"{order}\", count: 3}"),
        Key::may("sign_in", Name, "How to sign in: a name of `sign_in` in `flows/_always.yaml`.", "shop_api"),
        Key::may("once_per", Text(ANY), "Names what must happen once: goes out as `Idempotency-Key`, the same for every attempt.", "\"{order}\""),
        Key::may("wait", STRETCH, "How long one attempt may take, at most 60 s.", "5 s").usually("10 s"),
        Key::may("tries", Whole(1, CALL_TRIES_MAX), "How many attempts are made.", "1").usually("3"),
    ],
};

/// What an answer to a call leads to.
#[rustfmt::skip]
pub const ANSWER: Shape = Shape {
    what: "an answer", about: "What an answer leads to. Expressions see its JSON as `answer` and its status as `status`.", rule: Rule::None,
    keys: &[
        Key::need("go", Name, "The step where it leads.", "found"),
        Key::may("set", Named(&Expression, 0, ANY), "Variables that are given values of the answer.", "{state: answer.state}"),
        Key::may("when", Expression, "The row counts only when this holds.", "answer.count > 0"),
    ],
};

/// News for the user's own system.
#[rustfmt::skip]
pub const EMIT: Shape = Shape {
    what: "`emit`", about: "News for your own system: a signed request to `BUTTONHOOK_EMIT_URL`, repeated until it is heard.", rule: Rule::None,
    keys: &[
        Key::need("name", Name, "What it is called.", "order_placed"),
        Key::may("data", Any, "What it says, as JSON.", "{order: \"{order}\"}"),
    ],
};
