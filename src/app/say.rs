//! What a person at the terminal is told.

use std::io::{IsTerminal, Write};
use std::path::Path;

use tokio::task::JoinError;

use super::{Addresses, Options, StartError};
use crate::config::Secret;

/// Says where everything is, on the terminal and in the addresses' file.
pub(super) fn started(options: &Options, addresses: &Addresses, secrets: &[Secret], sandbox: bool) -> Result<(), StartError> {
    if let Some(path) = &options.addresses_file {
        write_addresses(path, addresses)?;
    }
    if options.quiet {
        return Ok(());
    }
    let mut out = std::io::stdout();
    let what = if sandbox { "Phone and status" } else { "Status" };
    // A closed pipe is no reason to stop serving.
    let _ = writeln!(out, "{what}: http://{}/", addresses.admin);
    if !sandbox {
        let _ = writeln!(out, "{}", webhook_line(addresses, secrets, out.is_terminal()));
    }
    let _ = out.flush();
    Ok(())
}

/// The address to enter at the provider. It holds the secret, so it is shown to a person and never to a log.
fn webhook_line(addresses: &Addresses, secrets: &[Secret], terminal: bool) -> String {
    let path = match secrets.first().filter(|_| terminal) {
        Some(secret) => super::webhook_path(Some(secret)),
        None => format!("told by http://{}/api/webhook", addresses.admin),
    };
    format!("Webhook to enter in Xobito: the public address that leads to {}, with the path {path}", addresses.public)
}

/// Written beside and moved into place, so that whoever waits for the file never reads half of it.
fn write_addresses(path: &Path, addresses: &Addresses) -> Result<(), StartError> {
    let json = serde_json::to_string(addresses).expect("addresses are plain text");
    let beside = path.with_extension("part");
    let written = std::fs::write(&beside, json).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| StartError::Outside(format!("cannot write the addresses to {}: {error}", path.display())))
}

/// A loop that ended by panic is a mistake of ours; the rest still has to be stored and closed.
pub(super) fn ended(outcome: Result<(), JoinError>) {
    if let Err(error) = outcome {
        tracing::error!(panicked = error.is_panic(), "a part of the host ended by itself; please report it");
    }
}
