//! `buttonhook run`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{EXIT_OK, EXIT_PROJECT, EXIT_START, EXIT_USAGE, Global, ProjectArgument, block_on, wrong};
use crate::app::{self, Options, StartError, Stop};
use crate::config::Settings;

/// What `run` takes. Secrets are not among it: the list of processes would show them.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// Where webhooks come in [env: BUTTONHOOK_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where the studio and the status are [env: BUTTONHOOK_ADMIN_LISTEN] [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    /// Where everything is stored [env: BUTTONHOOK_STORE] [default: ./data]
    #[arg(long, value_name = "DIRECTORY")]
    store: Option<String>,
    /// Let flows call addresses of this machine and its network, for trials: on or off [env: BUTTONHOOK_CALLS_PRIVATE] [default: off]
    #[arg(long, value_name = "ON")]
    calls_private: Option<String>,
    /// The ports that flows may call [env: BUTTONHOOK_CALLS_PORTS] [default: 443]
    #[arg(long, value_name = "PORTS")]
    calls_ports: Option<String>,
    /// Where news of flows go, signed [env: BUTTONHOOK_EMIT_URL]
    #[arg(long, value_name = "URL")]
    emit_url: Option<String>,
    /// The provider's address [env: XOBITO_BASE_URL] [default: https://dash.xobito.com]
    #[arg(long, value_name = "URL")]
    xobito_base_url: Option<String>,
    /// The workspace at the provider; without it the built-in sandbox runs [env: XOBITO_SUBDOMAIN]
    #[arg(long, value_name = "NAME")]
    xobito_subdomain: Option<String>,
    /// Sends per minute [env: XOBITO_RATE_PER_MINUTE] [default: 60]
    #[arg(long, value_name = "COUNT")]
    xobito_rate_per_minute: Option<String>,
    /// Seconds between messages to one contact, and how many may leave at once, or `off` [env: XOBITO_PAIR_PACE] [default: 6s/45]
    #[arg(long, value_name = "PACE")]
    xobito_pair_pace: Option<String>,
    /// Write the addresses in use to this file as JSON, once everything listens
    #[arg(long, value_name = "FILE")]
    addresses_file: Option<PathBuf>,
}

impl Default for Arguments {
    /// As if `buttonhook run` had been typed.
    fn default() -> Self {
        Self {
            project: ProjectArgument { project: PathBuf::from(".") },
            listen: None,
            admin_listen: None,
            store: None,
            calls_private: None,
            calls_ports: None,
            emit_url: None,
            xobito_base_url: None,
            xobito_subdomain: None,
            xobito_rate_per_minute: None,
            xobito_pair_pace: None,
            addresses_file: None,
        }
    }
}

impl Arguments {
    fn flags(&self) -> BTreeMap<&'static str, String> {
        let flags = [
            ("listen", &self.listen),
            ("admin-listen", &self.admin_listen),
            ("store", &self.store),
            ("calls-private", &self.calls_private),
            ("calls-ports", &self.calls_ports),
            ("emit-url", &self.emit_url),
            ("xobito-base-url", &self.xobito_base_url),
            ("xobito-subdomain", &self.xobito_subdomain),
            ("xobito-rate-per-minute", &self.xobito_rate_per_minute),
            ("xobito-pair-pace", &self.xobito_pair_pace),
        ];
        flags.into_iter().filter_map(|(flag, value)| Some((flag, value.clone()?))).collect()
    }
}

pub(super) fn run(arguments: Arguments, global: &Global) -> u8 {
    let project = arguments.project.project.clone();
    let settings = match Settings::read(arguments.flags(), &|name| std::env::var(name).ok(), &project) {
        Ok(settings) => settings,
        Err(error) => return wrong(EXIT_USAGE, &error.to_string()),
    };
    let options = Options { project, settings, quiet: global.quiet, addresses_file: arguments.addresses_file };
    block_on(async {
        let stop = match Stop::on_signals() {
            Ok(stop) => stop,
            Err(error) => return wrong(EXIT_START, &format!("the system sends us no signals: {error}")),
        };
        match app::run(options, stop).await {
            Ok(()) => EXIT_OK,
            Err(error @ (StartError::Project | StartError::NoProject(_))) => wrong(EXIT_PROJECT, &error.to_string()),
            Err(error @ StartError::Outside(_)) => wrong(EXIT_START, &error.to_string()),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::config;

    #[test]
    fn every_open_setting_has_its_flag_and_no_secret_has_one() {
        let cli = super::super::Cli::command();
        let run = cli.find_subcommand("run").expect("the command exists");
        let has = |flag: &str| run.get_arguments().any(|argument| argument.get_long() == Some(flag));
        for setting in config::ALL {
            match setting.flag {
                Some(flag) => assert!(has(flag), "--{flag} is missing"),
                None => assert!(!has(&setting.key.replace('_', "-")), "{} must have no flag", setting.env),
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        super::super::Cli::command().debug_assert();
    }
}
