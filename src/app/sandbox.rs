//! The pretend provider alone: its API, the phones, and the page that shows them.

use std::net::SocketAddr;

use tokio::sync::watch;

use super::{StartError, Stop, bind};
use crate::http::admin::Guard;
use crate::http::{Limits, admin, serve};
use crate::sandbox::Sandbox;
use crate::studio;

/// Serves `sandbox` at `listen` until `stop` is asked for.
///
/// # Errors
/// When the address cannot be had.
pub async fn run(listen: SocketAddr, sandbox: Sandbox, quiet: bool, stop: Stop) -> Result<(), StartError> {
    let listener = bind::bind_flag(listen, "--listen").await?;
    let address = bind::address(&listener)?;
    let phones = axum_router(&sandbox, address);
    let (stopping, stopped) = watch::channel(false);
    let serving = tokio::spawn(serve(listener, phones, Limits::default(), stopped));
    if !quiet {
        println!("Provider and phones: http://{address}/");
    }
    stop.asked().await;
    sandbox.close();
    stopping.send_replace(true);
    if tokio::time::timeout(super::DRAIN, serving).await.is_err() {
        tracing::warn!("some requests took longer than {} s and were cut off", super::DRAIN.as_secs());
    }
    Ok(())
}

/// The phones stand behind the same guard as in the host; the provider's API asks for its token.
fn axum_router(sandbox: &Sandbox, address: SocketAddr) -> axum::Router {
    let phones = admin::guarded(studio::router().nest("/api/phone", sandbox.phone_router()), Guard::new(address, None));
    sandbox.provider_router().merge(phones)
}
