//! What becomes of a request after an attempt: pure, so that its whole table stands in the tests.

use crate::model::{Call, CallAnswer, CallFailure, RequestKey, Timestamp, limits, time};
use crate::runtime::decide::jitter;
use crate::store::RequestFate;
use crate::web::Reply;

/// The waits between attempts to tell the user's own system, in milliseconds: the schedule that Standard Webhooks' reference
/// implementation keeps, 5 seconds to 10 hours, 8 attempts in 27 and a half hours.
pub const NEWS_WAITS_MS: [u64; 7] = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];

/// The wait after a call's first attempt; it doubles with each further one. A person waits for the answer.
const CALL_WAIT_MS: u64 = 1_000;
/// The longest of these waits, and the longest that another system may ask for: one that wants more gives its answer to the flow.
const CALL_WAIT_MS_MAX: u64 = 30_000;
/// Attempts that died with their owner and do not count where a repetition does no harm. More of them would mean that the request
/// itself is what kills us.
const LOST_FREE: u32 = 3;

/// An attempt and what was known before it.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// Which request.
    pub key: &'a RequestKey,
    /// Attempts before this one that counted.
    pub tries: u32,
    /// Attempts that died with their owner.
    pub lost: u32,
    /// An earlier attempt may have arrived.
    pub doubtful: bool,
}

/// What becomes of a call before an attempt: nothing when it may be made.
///
/// An attempt that died with its owner may have arrived. It counts like any other where a repetition could do something twice, so
/// that `tries: 1` means at most once.
pub fn before_call(call: &Call, made: Made<'_>) -> Option<RequestFate> {
    (spent(call, made) >= call.tries.max(1)).then(|| {
        let detail = "Buttonhook stopped while it waited for the answer; the request may have arrived".to_owned();
        RequestFate::Answered { answer: CallAnswer::Failed { why: CallFailure::TimedOut, detail } }
    })
}

/// What becomes of a call by what came back. The last attempt's answer is the answer, whatever its status.
pub fn after_call(reply: Reply, call: &Call, made: Made<'_>, now: Timestamp) -> RequestFate {
    let spent = spent(call, made).saturating_add(1);
    let again = |asked_ms: u64, doubtful: bool| {
        let wait_ms = (CALL_WAIT_MS << (spent - 1).min(10)).min(CALL_WAIT_MS_MAX);
        let wait_ms = wait_ms.saturating_add(jitter(&made.key.0, spent, wait_ms)).max(asked_ms);
        RequestFate::Retry { at: time::after(now, wait_ms), doubtful, counts: true }
    };
    let may_repeat = spent < call.tries;
    let failed = |why, detail| RequestFate::Answered { answer: CallAnswer::Failed { why, detail } };
    match reply {
        Reply::Answered { status, body, retry_after_secs } => {
            let asked_ms = u64::from(retry_after_secs.unwrap_or(0)) * 1_000;
            if may_repeat && passes(status) && asked_ms <= CALL_WAIT_MS_MAX {
                return again(asked_ms, may_have_acted(status));
            }
            RequestFate::Answered { answer: CallAnswer::Answered { status, body } }
        }
        Reply::Unreached { .. } | Reply::Lost { .. } if may_repeat => again(0, matches!(reply, Reply::Lost { .. })),
        Reply::Unreached { detail } if made.doubtful => {
            failed(CallFailure::TimedOut, format!("{detail}; an earlier attempt may have arrived"))
        }
        Reply::Unreached { detail } => failed(CallFailure::Unreached, detail),
        Reply::Lost { late: true, detail } => failed(CallFailure::TimedOut, format!("{detail}; the request may have arrived")),
        Reply::Lost { late: false, detail } => failed(CallFailure::Unreadable, format!("{detail}; the request may have arrived")),
        Reply::Unreadable { detail } => failed(CallFailure::Unreadable, detail),
        Reply::NotAllowed { detail } => failed(CallFailure::NotAllowed, detail),
    }
}

/// What becomes of news by what came back. They carry an id by which a repetition is known, so that doubt costs nothing.
pub fn after_news(reply: &Reply, made: Made<'_>, now: Timestamp) -> RequestFate {
    let asked_ms = match reply {
        Reply::Answered { status: 200..=299, .. } => return RequestFate::Delivered,
        // The receiver is gone for good, by its own word; or there is none.
        Reply::Answered { status: 410, .. } | Reply::NotAllowed { .. } => return RequestFate::GaveUp,
        Reply::Answered { retry_after_secs, .. } => {
            u64::from(retry_after_secs.unwrap_or(0).min(limits::RETRY_AFTER_SECS_MAX)) * 1_000
        }
        Reply::Unreached { .. } | Reply::Lost { .. } | Reply::Unreadable { .. } => 0,
    };
    let Some(wait_ms) = usize::try_from(made.tries).ok().and_then(|tries| NEWS_WAITS_MS.get(tries)) else {
        return RequestFate::GaveUp;
    };
    let wait_ms = (wait_ms + jitter(&made.key.0, made.tries, wait_ms / 10)).max(asked_ms);
    RequestFate::Retry { at: time::after(now, wait_ms), doubtful: true, counts: true }
}

/// Attempts that count against the author's bound.
fn spent(call: &Call, made: Made<'_>) -> u32 {
    let harmless = matches!(call.request.method.as_str(), "GET" | "PUT" | "DELETE");
    let lost = if harmless { made.lost.saturating_sub(LOST_FREE) } else { made.lost };
    made.tries.saturating_add(lost)
}

/// Whether the answer is about the moment and not about the request.
fn passes(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether what the request asks for may have been done all the same.
fn may_have_acted(status: u16) -> bool {
    !matches!(status, 425 | 429 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HttpRequest, Value};

    const NOW_MS: i64 = 1_000_000;

    fn call(method: &str, tries: u32) -> Call {
        Call { nth: 0, request: HttpRequest { method: method.to_owned(), ..HttpRequest::default() }, wait_ms: 1_000, tries }
    }

    fn made(key: &RequestKey, tries: u32, lost: u32, doubtful: bool) -> Made<'_> {
        Made { key, tries, lost, doubtful }
    }

    fn key() -> RequestKey {
        RequestKey("7-3-r0".to_owned())
    }

    fn says(status: u16, retry_after_secs: Option<u32>) -> Reply {
        Reply::Answered { status, body: Value::Nothing, retry_after_secs }
    }

    /// A fate in few words, waits as the rung that the jitter must keep.
    fn short(fate: &RequestFate) -> String {
        match fate {
            RequestFate::Retry { at, doubtful, counts } => {
                let wait_ms = time::millis(*at) - NOW_MS;
                let rung = [1_000, 2_000, 4_000, 5_000, 8_000, 16_000, 30_000, 300_000, 3_600_000, 36_000_000];
                let from = rung.iter().rev().find(|rung| **rung <= wait_ms).expect("no wait is shorter than a second");
                format!("again {from}{}{}", if *doubtful { " doubtful" } else { "" }, if *counts { "" } else { " free" })
            }
            RequestFate::Answered { answer: CallAnswer::Answered { status, .. } } => format!("{status}"),
            RequestFate::Answered { answer: CallAnswer::Failed { why, .. } } => format!("{why:?}"),
            RequestFate::Delivered => "delivered".to_owned(),
            RequestFate::GaveUp => "gave up".to_owned(),
        }
    }

    #[test]
    fn the_table_of_calls() {
        let detail = || "words".to_owned();
        let unreached = Reply::Unreached { detail: detail() };
        let late = Reply::Lost { late: true, detail: detail() };
        let broke = Reply::Lost { late: false, detail: detail() };
        let unreadable = Reply::Unreadable { detail: detail() };
        let not_allowed = Reply::NotAllowed { detail: detail() };
        // What came, the author's bound, attempts that counted, attempts lost, whether in doubt: what becomes of it.
        type Row = (Reply, u32, u32, u32, bool, &'static str);
        let rows: &[Row] = &[
            (says(200, None), 3, 0, 0, false, "200"),
            (says(302, None), 3, 0, 0, false, "302"),
            (says(404, None), 3, 0, 0, false, "404"),
            (says(500, None), 3, 0, 0, false, "again 1000 doubtful"),
            (says(502, None), 3, 1, 0, false, "again 2000 doubtful"),
            (says(502, None), 3, 2, 0, true, "502"),
            (says(503, None), 3, 0, 0, false, "again 1000"),
            (says(503, None), 1, 0, 0, false, "503"),
            (says(429, Some(30)), 3, 0, 0, false, "again 30000"),
            (says(429, Some(31)), 3, 0, 0, false, "429"),
            (says(429, Some(u32::MAX)), 3, 0, 0, false, "429"),
            (says(408, None), 3, 0, 0, false, "again 1000 doubtful"),
            (unreached.clone(), 3, 0, 0, false, "again 1000"),
            (unreached.clone(), 10, 4, 0, false, "again 16000"),
            (unreached.clone(), 10, 7, 0, false, "again 30000"),
            (unreached.clone(), 3, 2, 0, false, "Unreached"),
            (unreached.clone(), 3, 2, 0, true, "TimedOut"),
            (unreached, 0, 0, 0, false, "Unreached"),
            (late.clone(), 2, 0, 0, false, "again 1000 doubtful"),
            (late, 2, 1, 0, true, "TimedOut"),
            (broke.clone(), 2, 0, 1, true, "Unreadable"),
            (broke, 2, 0, 0, false, "again 1000 doubtful"),
            (unreadable, 5, 0, 0, false, "Unreadable"),
            (not_allowed, 5, 0, 0, false, "NotAllowed"),
        ];
        for (reply, tries_max, tries, lost, doubtful, expected) in rows {
            let fate = after_call(
                reply.clone(),
                &call("POST", *tries_max),
                made(&key(), *tries, *lost, *doubtful),
                time::from_millis(NOW_MS),
            );
            assert_eq!(short(&fate), *expected, "{reply:?}, {tries} of {tries_max}, {lost} lost, doubtful {doubtful}");
        }
    }

    #[test]
    fn what_died_with_its_owner_is_repeated_where_that_does_no_harm() {
        // Method, the author's bound, counted, lost: whether another attempt may be made.
        let rows = [
            ("POST", 1, 0, 0, true),
            ("POST", 1, 0, 1, false),
            ("PATCH", 1, 0, 1, false),
            ("POST", 2, 0, 1, true),
            ("POST", 2, 1, 1, false),
            ("GET", 1, 0, 1, true),
            ("PUT", 1, 0, LOST_FREE, true),
            ("DELETE", 1, 0, LOST_FREE + 1, false),
            ("POST", 0, 0, 0, true),
        ];
        for (method, tries_max, tries, lost, goes) in rows {
            let fate = before_call(&call(method, tries_max), made(&key(), tries, lost, lost > 0));
            assert_eq!(fate.is_none(), goes, "{method}, {tries} of {tries_max}, {lost} lost");
            if let Some(fate) = fate {
                assert_eq!(short(&fate), "TimedOut");
            }
        }
    }

    #[test]
    fn the_table_of_news() {
        let lost = || Reply::Lost { late: true, detail: String::new() };
        let rows = [
            (says(200, None), 0, "delivered"),
            (says(299, None), 7, "delivered"),
            (says(410, None), 0, "gave up"),
            (Reply::NotAllowed { detail: String::new() }, 0, "gave up"),
            (says(301, None), 0, "again 5000 doubtful"),
            (says(400, None), 1, "again 300000 doubtful"),
            (says(503, Some(3_600)), 0, "again 3600000 doubtful"),
            (says(503, Some(u32::MAX)), 0, "again 3600000 doubtful"),
            (Reply::Unreached { detail: String::new() }, 6, "again 36000000 doubtful"),
            (lost(), 7, "gave up"),
            (lost(), u32::MAX, "gave up"),
        ];
        for (reply, tries, expected) in rows {
            let fate = after_news(&reply, made(&key(), tries, 0, false), time::from_millis(NOW_MS));
            assert_eq!(short(&fate), expected, "{reply:?} after {tries}");
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_store_believes() {
        let longest = NEWS_WAITS_MS.iter().max().expect("there are waits");
        assert!(longest + longest / 10 <= limits::REQUEST_WAIT_MS_MAX);
    }
}
