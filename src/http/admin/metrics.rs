//! `GET /metrics`: counts and gauges as Prometheus reads them (text format 0.0.4).
//!
//! Labels come from short closed lists, except the revision, of which there is one. None names a contact.

use std::fmt::Write;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Admin;
use crate::http::public::plain;
use crate::model::{Priority, Timestamp, time};
use crate::runtime::{CommitTimes, Counts, Queues, Stats, StoreError};

const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) async fn metrics(State(admin): State<Admin>) -> Response {
    match gather(&admin).await {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn gather(admin: &Admin) -> Result<String, StoreError> {
    let now = admin.clock.now();
    let (stats, queues) = (admin.insight.stats(now).await?, admin.insight.queues().await?);
    let mut page = Page::default();
    page.process(&admin.meter.counts());
    page.sends(&stats);
    page.waiting(&stats, &queues, now);
    page.commits(&admin.insight.commit_times());
    let live = admin.live.borrow().clone();
    let revision = [("version", env!("CARGO_PKG_VERSION")), ("revision", live.revision.as_str())];
    page.gauge("buttonhook_info", "The version and the revision that run.", &[(&revision, 1.0)]);
    let refused = f64::from(u8::from(live.refused.is_some()));
    page.gauge("buttonhook_project_refused", "1 while the newest project on disk is refused.", &[(&[], refused)]);
    let alarm = f64::from(u8::from(admin.sender.alarm().raised().is_some()));
    page.gauge("buttonhook_alarm", "1 while nothing leaves until a person acts.", &[(&[], alarm)]);
    let up = (time::millis(now) - time::millis(admin.started_at)) as f64 / 1e3;
    page.gauge("buttonhook_uptime_seconds", "Since the start.", &[(&[], up)]);
    Ok(page.0)
}

/// A metric's labels and value.
type Sample<'a> = (&'a [(&'a str, &'a str)], f64);

#[derive(Default)]
struct Page(String);

impl Page {
    /// What this process has done.
    fn process(&mut self, counts: &Counts) {
        let all: [(&str, &str, u64); 8] = [
            ("buttonhook_accepted_total", "Messages accepted.", counts.accepted),
            ("buttonhook_doubles_total", "Deliveries that were there already.", counts.doubles),
            ("buttonhook_turned_away_total", "Webhook bodies that the store could not take.", counts.turned_away),
            ("buttonhook_turns_total", "Turns taken.", counts.turns),
            ("buttonhook_faults_total", "Faults in turns.", counts.faults),
            ("buttonhook_fenced_total", "Turns thrown away because a newer owner had the contact.", counts.fenced),
            ("buttonhook_send_attempts_total", "Requests made to the provider.", counts.attempts),
            ("buttonhook_send_retries_total", "Attempts after which the send stays in the queue.", counts.retries),
        ];
        for (name, help, count) in all {
            self.head(name, help, "counter");
            self.sample(name, &[], count as f64);
        }
        self.head("buttonhook_reloads_total", "Projects that were read anew.", "counter");
        for (outcome, count) in [("applied", counts.reloads), ("refused", counts.reloads_refused)] {
            self.sample("buttonhook_reloads_total", &[("outcome", outcome)], count as f64);
        }
    }

    /// What became of all sends. Evidence may turn an unknown one into a sent one, so these are no counters.
    fn sends(&mut self, stats: &Stats) {
        let outcomes = [("sent", stats.sent), ("refused", stats.refused), ("unknown", stats.unknown)];
        self.head("buttonhook_sends", "Settled sends by outcome, since the store began.", "gauge");
        for (outcome, count) in outcomes {
            self.sample("buttonhook_sends", &[("outcome", outcome)], count as f64);
        }
        let resent = "Sends repeated although an earlier attempt may have left.";
        self.gauge("buttonhook_sends_resent", resent, &[(&[], stats.resent as f64)]);
        let doubled = "Sends of which both copies are known to have left.";
        self.gauge("buttonhook_sends_doubled", doubled, &[(&[], stats.doubles as f64)]);
        self.gauge("buttonhook_sends_asked", "Sends that wait for a person's word.", &[(&[], stats.asked as f64)]);
    }

    fn waiting(&mut self, stats: &Stats, queues: &Queues, now: Timestamp) {
        let age = |at: Option<Timestamp>| at.map_or(0.0, |at| ((time::millis(now) - time::millis(at)) as f64 / 1e3).max(0.0));
        self.gauge("buttonhook_contacts", "Contacts known.", &[(&[], stats.contacts as f64)]);
        self.gauge("buttonhook_inbox", "Messages accepted and not yet taken.", &[(&[], stats.inbox as f64)]);
        let oldest = age(queues.oldest_mail_at);
        self.gauge("buttonhook_inbox_oldest_seconds", "How long the oldest of them has waited.", &[(&[], oldest)]);
        let lines = || Priority::ALL.into_iter().zip(queues.waiting);
        self.head("buttonhook_outbox", "Sends that wait or are under way.", "gauge");
        for (priority, queue) in lines() {
            self.sample("buttonhook_outbox", &[("priority", priority.name())], queue.sends as f64);
        }
        self.head("buttonhook_outbox_oldest_seconds", "How long the oldest of them has waited.", "gauge");
        for (priority, queue) in lines() {
            self.sample("buttonhook_outbox_oldest_seconds", &[("priority", priority.name())], age(queue.oldest_at));
        }
        let until = stats.paused_until_ms as f64 / 1e3;
        let help = "Until when no send leaves, in Unix seconds; 0 when nothing is paused.";
        self.gauge("buttonhook_paused_until_seconds", help, &[(&[], until)]);
    }

    fn commits(&mut self, times: &CommitTimes) {
        const NAME: &str = "buttonhook_store_commit_seconds";
        self.head(NAME, "How long commits of the store took.", "histogram");
        let bucket = format!("{NAME}_bucket");
        for (bound, count) in &times.at_most {
            self.sample(&bucket, &[("le", &bound.to_string())], *count as f64);
        }
        self.sample(&bucket, &[("le", "+Inf")], times.count as f64);
        self.sample(&format!("{NAME}_sum"), &[], times.seconds);
        self.sample(&format!("{NAME}_count"), &[], times.count as f64);
    }

    fn gauge(&mut self, name: &str, help: &str, samples: &[Sample<'_>]) {
        self.head(name, help, "gauge");
        for (labels, value) in samples {
            self.sample(name, labels, *value);
        }
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// A label's text, in which three characters mean something.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_one_that_is_documented() {
        let mut page = Page::default();
        page.gauge("a", "What it is.", &[(&[("b", "c\"d\\e\nf"), ("g", "h")], 1.5), (&[], 3.0)]);
        assert_eq!(page.0, "# HELP a What it is.\n# TYPE a gauge\na{b=\"c\\\"d\\\\e\\nf\",g=\"h\"} 1.5\na 3\n");
    }
}
