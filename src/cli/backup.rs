//! `buttonhook backup`: a copy of the store, taken while the host runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::style::many;
use super::{EXIT_OK, EXIT_START, EXIT_USAGE, Global, ProjectArgument, wrong};
use crate::app;
use crate::config::Settings;

/// What `backup` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// The new file
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Where everything is stored [env: BUTTONHOOK_STORE] [default: ./data]
    #[arg(long, value_name = "DIRECTORY")]
    store: Option<String>,
}

pub(super) fn run(arguments: Arguments, global: &Global) -> u8 {
    let Arguments { project: ProjectArgument { project }, to, store } = arguments;
    let flags: BTreeMap<&'static str, String> = store.map(|store| ("store", store)).into_iter().collect();
    let settings = match Settings::read(flags, &|name| std::env::var(name).ok(), &project) {
        Ok(settings) => settings,
        Err(error) => return wrong(EXIT_USAGE, &error.to_string()),
    };
    match app::backup(&settings, &to) {
        Ok(held) => {
            if !global.quiet {
                let size_kib = held.bytes.div_ceil(1024);
                println!(
                    "{} holds {}, {} to be taken and {} to be sent ({size_kib} KiB); every page and record was found good.",
                    to.display(),
                    many(held.contacts as usize, "contact"),
                    many(held.inbox as usize, "message"),
                    many(held.outbox as usize, "message"),
                );
            }
            EXIT_OK
        }
        Err(error) => wrong(EXIT_START, &error.to_string()),
    }
}
