//! How a pretend workspace is set up.

use super::Faults;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Tells the time. Shared with the host, so that both sides agree on it in tests and when the studio moves the clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Moves a clock that belongs to somebody else, by the given duration.
pub type Advance = Arc<dyn Fn(Duration) + Send + Sync>;

/// How the pretend workspace is set up. `Settings::default()` is a workspace called `sandbox` on the system's clock.
#[derive(Clone)]
pub struct Settings {
    /// The only workspace; any other in the path gets 400.
    pub subdomain: String,
    /// The only token; any other gets 401.
    pub token: String,
    /// Signs Flow A. Without it the events go out without a signature.
    pub signing_secret: Option<String>,
    /// Where both flows are posted to; see also [`Sandbox::set_webhook_url`](super::Sandbox::set_webhook_url).
    pub webhook_url: Option<String>,
    /// The time.
    pub clock: Clock,
    /// Called by `POST /advance` when the clock belongs to the host. Without it the sandbox keeps an offset of its own.
    pub on_advance: Option<Advance>,
    /// Requests per minute and token, in a fixed window; 0 lifts the limit.
    pub rate_per_minute: u32,
    /// Waits before the second and the third attempt of a signed event.
    pub signed_waits: [Duration; 2],
    /// Wait before the receipt `sent`, and again before `delivered`.
    pub receipt_delay: Duration,
    /// How long `webhook_reorder` holds a webhook back for the next one to overtake it.
    pub reorder_hold: Duration,
    /// The switches at the start.
    pub faults: Faults,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            subdomain: "sandbox".into(),
            token: "sandbox-token".into(),
            signing_secret: None,
            webhook_url: None,
            clock: Arc::new(Timestamp::now),
            on_advance: None,
            rate_per_minute: 60,
            signed_waits: [Duration::from_secs(1), Duration::from_secs(2)],
            receipt_delay: Duration::from_millis(40),
            reorder_hold: Duration::from_millis(300),
            faults: Faults::default(),
        }
    }
}
