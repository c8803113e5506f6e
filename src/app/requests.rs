//! The loop that asks and tells other systems, and what it needs to know: the hosts that the running project allows, and the
//! secrets that this machine keeps for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::StartError;
use super::loops::Trouble;
use super::project::Project;
use super::stop::stopped;
use crate::config::{EMIT_SECRET, EMIT_URL, Settings, named_secret, named_setting};
use crate::model::Hosts;
use crate::runtime::{Clock, REQUESTS_IN_FLIGHT_MAX, Requests, Wakes, sleep_until_some};
use crate::web::{self, Client, Receiver, ReceiverError, Rules};

/// The client for what `project` asks and tells.
pub(super) fn client(settings: &Settings, project: &Project) -> Result<Client, StartError> {
    let project = project.clone();
    // Read at each use: a secret in a file can be changed while the host runs.
    let keys = |name: &str| match named_secret(name, &environment) {
        Ok(Some(secret)) => Ok(secret.to_secret_string()),
        Ok(None) => Err(format!("the secret is missing: set {} or {}_FILE", named_setting(name), named_setting(name))),
        Err(error) => Err(error.to_string()),
    };
    let client = web::Settings {
        rules: Rules {
            private: settings.calls_private,
            ports: settings.calls_ports.clone(),
            hosts: settings.calls_hosts.clone(),
        },
        receiver: receiver(settings)?,
        ..web::Settings::new(Arc::new(move || project.hosts()), Arc::new(keys))
    };
    Client::new(client).map_err(|error| StartError::Outside(error.to_string()))
}

fn receiver(settings: &Settings) -> Result<Option<Receiver>, StartError> {
    let Some(emit) = &settings.emit else { return Ok(None) };
    let receiver = Receiver::new(&emit.url, emit.secret.expose()).map_err(|error| {
        let setting = if error == ReceiverError::Url { EMIT_URL } else { EMIT_SECRET };
        StartError::Outside(format!("{}: {error}", setting.env))
    });
    receiver.map(Some)
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What does not fit between the sign-ins of a project and the secrets in the environment: a line each, by name only.
pub(super) fn misfits(hosts: &Hosts) -> Vec<String> {
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    told(hosts, &set.collect(), &|name| {
        named_secret(name, &environment).map(|secret| secret.is_some()).map_err(|error| error.to_string())
    })
}

fn told(hosts: &Hosts, environment: &BTreeSet<String>, is_set: &dyn Fn(&str) -> Result<bool, String>) -> Vec<String> {
    let missing = hosts.sign_in.keys().filter_map(|name| match is_set(name) {
        Ok(true) => None,
        Ok(false) => Some(format!("calls that sign in as {name} will fail: set {} or {0}_FILE", named_setting(name))),
        Err(why) => Some(format!("calls that sign in as {name} will fail: {why}")),
    });
    let wanted: BTreeSet<String> = hosts.sign_in.keys().map(|name| named_setting(name)).collect();
    let is_wanted = |name: &str| wanted.contains(name) || name.strip_suffix("_FILE").is_some_and(|name| wanted.contains(name));
    let unknown = environment
        .iter()
        .filter(|name| name.starts_with(&named_setting("")) && !is_wanted(name))
        .map(|name| format!("{name} is set, and the project has no sign-in of that name"));
    missing.chain(unknown).collect()
}

/// Makes what is due, several at once. When it is stopped it starts nothing more and waits for what is under way.
pub(super) async fn run(requests: Requests, clock: Clock, wakes: Arc<Wakes>, mut stop: watch::Receiver<bool>) {
    let mut under_way: JoinSet<()> = JoinSet::new();
    let mut trouble = Trouble::default();
    while !*stop.borrow() {
        while let Some(ended) = under_way.try_join_next() {
            super::say::ended(ended);
        }
        let free = REQUESTS_IN_FLIGHT_MAX - under_way.len();
        let claimed = if free > 0 { requests.claim(free).await.map(Some) } else { Ok(None) };
        let next_due = match claimed {
            Ok(Some(claimed)) => {
                trouble.is_over();
                for request in claimed.requests {
                    let requests = requests.clone();
                    under_way.spawn(async move { drop(requests.attempt(request).await) });
                }
                claimed.next_due
            }
            Ok(None) => None,
            Err(error) => {
                trouble.wait("requests", &error, &mut stop).await;
                continue;
            }
        };
        tokio::select! {
            () = wakes.requests.notified() => {}
            () = sleep_until_some(&clock, next_due) => {}
            // What became of an attempt may be that it is due again before anything that was known here.
            Some(ended) = under_way.join_next() => super::say::ended(ended),
            () = stopped(&mut stop) => {}
        }
    }
    while let Some(ended) = under_way.join_next().await {
        super::say::ended(ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SignIn;

    #[test]
    fn secrets_that_are_missing_and_such_that_nobody_wants_are_named_and_never_shown() {
        let sign_in = || SignIn { header: "Authorization".to_owned(), value: "{secret}".to_owned(), hosts: vec![] };
        let names = ["shop", "crm", "old-stock"];
        let hosts = Hosts { allowed: vec![], sign_in: names.map(|name| (name.to_owned(), sign_in())).into() };
        let environment = ["BUTTONHOOK_SECRET_SHOP_FILE", "BUTTONHOOK_SECRET_OTHER", "BUTTONHOOK_STORE", "PATH"];
        let environment = environment.map(str::to_owned).into();
        let is_set = |name: &str| match name {
            "crm" => Err("the file /run/crm cannot be read".to_owned()),
            name => Ok(name == "shop"),
        };
        let expected = [
            "calls that sign in as crm will fail: the file /run/crm cannot be read",
            "calls that sign in as old-stock will fail: set BUTTONHOOK_SECRET_OLD_STOCK or BUTTONHOOK_SECRET_OLD_STOCK_FILE",
            "BUTTONHOOK_SECRET_OTHER is set, and the project has no sign-in of that name",
        ];
        assert_eq!(told(&hosts, &environment, &is_set), expected);
    }
}
