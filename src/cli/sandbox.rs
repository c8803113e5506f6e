//! `buttonhook sandbox`.

use std::net::SocketAddr;

use clap::Args;

use super::{EXIT_OK, EXIT_START, Global, block_on, wrong};
use crate::app::{self, StartError, Stop};
use crate::sandbox::{Sandbox, Settings};

/// What `sandbox` takes. The token opens nothing but this pretend provider.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// Where the provider's API and the phones are
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Where taps and receipts are posted to
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// The name of the only workspace
    #[arg(long, value_name = "NAME", default_value = "sandbox")]
    subdomain: String,
    /// The only API token
    #[arg(long, value_name = "TOKEN", default_value = "sandbox-token")]
    token: String,
    /// Signs Xobito's own events with this secret
    #[arg(long, value_name = "SECRET")]
    signing_secret: Option<String>,
    /// Requests per minute that the token may make; 0 lifts the limit
    #[arg(long, value_name = "COUNT", default_value_t = 60)]
    rate_per_minute: u32,
}

pub(super) fn run(arguments: Arguments, global: &Global) -> u8 {
    let Arguments { listen, webhook, subdomain, token, signing_secret, rate_per_minute } = arguments;
    let settings = Settings { subdomain, token, signing_secret, webhook_url: webhook, rate_per_minute, ..Settings::default() };
    block_on(async {
        let stop = match Stop::on_signals() {
            Ok(stop) => stop,
            Err(error) => return wrong(EXIT_START, &format!("the system sends us no signals: {error}")),
        };
        match app::sandbox::run(listen, Sandbox::new(settings), global.quiet, stop).await {
            Ok(()) => EXIT_OK,
            Err(error @ (StartError::Project | StartError::NoProject(_) | StartError::Outside(_))) => {
                wrong(EXIT_START, &error.to_string())
            }
        }
    })
}
