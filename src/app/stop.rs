//! The wish to stop.

use tokio::sync::watch;

/// Becomes true once somebody asks the host to stop. A clone is the same wish.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// A wish that never comes by itself, and its sender.
    pub fn by_hand() -> (watch::Sender<bool>, Self) {
        let (ask, asked) = watch::channel(false);
        (ask, Self { asked })
    }

    /// SIGTERM or SIGINT; a second SIGINT ends the process at once, for whoever cannot wait.
    ///
    /// # Errors
    /// When the system does not let us listen to signals.
    pub fn on_signals() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (ask, stop) = Self::by_hand();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            ask.send_replace(true);
            interrupt.recv().await;
            std::process::exit(EXIT_INTERRUPTED);
        });
        Ok(stop)
    }

    /// Returns once the host is to stop.
    pub async fn asked(mut self) {
        // An error means that nobody can ask any more; then there is nothing to wait for either.
        let _ = self.asked.wait_for(|asked| *asked).await;
    }
}

/// Returns once `stop` is true.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop us any more, which is as good as having been stopped.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What shells expect of a process that SIGINT ended.
const EXIT_INTERRUPTED: i32 = 130;
