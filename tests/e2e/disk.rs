//! A disk that is full, and then is not: while it is, webhooks are answered 503 and nothing is lost; afterwards all goes on by itself.
//!
//! The system's limit on the size of files stands for the disk: it can be drawn tight and let go while the host runs.

use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

use super::host::PATIENCE;
use super::killed::COUNT;
use super::*;

/// How soon after there is space again the host must take messages.
const HEALS_WITHIN: Duration = Duration::from_secs(5);
/// How many webhooks must be refused, so that the run shows something.
const REFUSED_MIN: u32 = 20;

/// Lets no file of the process grow beyond this size.
fn draw_tight(host: &Host, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let done = Command::new("prlimit").args(["--pid", &host.pid().to_string(), &limit]).status();
    assert!(done.expect("prlimit, of util-linux").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_answered_503_and_heals_without_a_loss() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(COUNT).provider(provider.address).living_with_small_files()).await;
    let (mut taken, mut refused) = (0, 0);
    let log = host.setup.store().join("buttonhook.db-wal");
    let mut healed_at = None;
    let until = Instant::now() + PATIENCE;
    while healed_at.is_none() || taken < 40 {
        assert!(Instant::now() < until, "{taken} taken, {refused} refused");
        match host.post(&text_from(1, taken + 1, &format!("message {}", taken + 1))).await {
            200 => taken += 1,
            503 => refused += 1,
            status => panic!("a good webhook was answered {status}"),
        }
        if taken == 10 && refused == 0 {
            draw_tight(&host, &std::fs::metadata(&log).unwrap().len().to_string());
        }
        if refused == REFUSED_MIN && healed_at.is_none() {
            draw_tight(&host, "unlimited");
            let freed = Instant::now();
            while host.post(&text_from(1, taken + 1, &format!("message {}", taken + 1))).await != 200 {
                assert!(freed.elapsed() < HEALS_WITHIN, "it does not heal");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            taken += 1;
            healed_at = Some(freed.elapsed());
        }
    }
    host.status_when(|status| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0).await;
    let mut heard: Vec<String> = provider.sends().iter().map(|send| send["message_body"].as_str().unwrap().to_owned()).collect();
    // A result that could not be stored is a doubt, and a doubtful reply is repeated.
    let sent = heard.len();
    heard.dedup();
    let expected: Vec<String> = (1..=taken).map(|nth| format!("{nth}: message {nth}")).collect();
    assert_eq!(heard, expected, "each message takes effect once and is answered, in order");
    println!("{refused} refused, healed after {healed_at:?}, {} repeated", sent - heard.len());
}
