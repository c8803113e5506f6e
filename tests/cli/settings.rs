use std::collections::BTreeMap;

use buttonhook::config::{ConfigError, Settings};

/// The settings from flags, environment and file.
fn read(flags: &[(&'static str, &str)], env: &[(&str, &str)], file: Option<&str>) -> Result<Settings, ConfigError> {
    let project = tempfile::tempdir().unwrap();
    if let Some(file) = file {
        std::fs::write(project.path().join("buttonhook.yaml"), file).unwrap();
    }
    let flags: BTreeMap<&'static str, String> = flags.iter().map(|(flag, value)| (*flag, (*value).to_owned())).collect();
    let env = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::read(flags, &env, project.path())
}

fn refused(flags: &[(&'static str, &str)], env: &[(&str, &str)], file: Option<&str>) -> String {
    read(flags, env, file).expect_err("these settings cannot be used").to_string()
}

#[test]
fn with_nothing_set_it_is_at_home_and_on_the_sandbox() {
    let settings = read(&[], &[], None).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.admin_listen.to_string(), "127.0.0.1:8081");
    assert_eq!(settings.store.to_str(), Some("./data"));
    assert!(settings.xobito.is_none() && settings.webhook_secrets.is_empty() && settings.admin_token.is_none());
}

#[test]
fn flag_beats_environment_beats_file() {
    let file = Some("listen: 127.0.0.1:1\nadmin_listen: 127.0.0.1:2\nstore: kept\n");
    let env = [("BUTTONHOOK_LISTEN", "127.0.0.1:3"), ("BUTTONHOOK_ADMIN_LISTEN", "127.0.0.1:4")];
    let settings = read(&[("listen", "127.0.0.1:5")], &env, file).unwrap();
    assert_eq!((settings.listen.port(), settings.admin_listen.port()), (5, 4));
    assert!(settings.store.ends_with("kept") && settings.store.is_absolute(), "a path in the file is the project's");
}

#[test]
fn a_secret_may_come_from_a_file_and_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, "the-token-of-the-workspace\n").unwrap();
    let env = [("XOBITO_SUBDOMAIN", "acme"), ("XOBITO_TOKEN_FILE", path.to_str().unwrap())];
    let settings = read(&[], &env, None).unwrap();
    let xobito = settings.xobito.as_ref().unwrap();
    assert_eq!((xobito.token.expose(), xobito.rate_per_minute.get()), ("the-token-of-the-workspace", 60));
    assert!(!format!("{settings:?}").contains("the-token"), "{settings:?}");

    let missing = [("XOBITO_SUBDOMAIN", "acme"), ("XOBITO_TOKEN_FILE", "/no/such/file")];
    let said = refused(&[], &missing, None);
    assert!(said.contains("XOBITO_TOKEN_FILE") && said.contains("/no/such/file"), "{said}");
}

#[test]
fn several_webhook_secrets_are_good_at_once() {
    let env = [("BUTTONHOOK_WEBHOOK_SECRET", "the-first-secret-of-two, the-second-secret-of-two")];
    let settings = read(&[], &env, None).unwrap();
    let secrets: Vec<&str> = settings.webhook_secrets.iter().map(|secret| secret.expose()).collect();
    assert_eq!(secrets, ["the-first-secret-of-two", "the-second-secret-of-two"]);
}

#[test]
fn a_short_secret_is_taken_and_told() {
    let env = [("BUTTONHOOK_ADMIN_TOKEN", "short"), ("BUTTONHOOK_WEBHOOK_SECRET", "a-secret-of-a-good-length,brief")];
    let told: Vec<String> = read(&[], &env, None).unwrap().warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|line| line.contains("16 characters") && !line.contains("short,") && !line.contains("brief")),
        "{told:?}"
    );
}

#[test]
fn every_mistake_says_where_it_stands_and_what_to_write() {
    type Row<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, &'a [&'a str]);
    let table: &[Row<'_>] = &[
        (&[("BUTTONHOOK_LISTEN", "8080")], None, &["BUTTONHOOK_LISTEN", "`8080`", "127.0.0.1:8080"]),
        (&[("BUTTONHOOK_ADMIN_LISTEN", "0.0.0.0:81")], None, &["BUTTONHOOK_ADMIN_LISTEN", "BUTTONHOOK_ADMIN_TOKEN"]),
        (&[("BUTTONHOOK_WEBHOOK_SECRET", "with/slashes/in/the/middle")], None, &["BUTTONHOOK_WEBHOOK_SECRET", "letters"]),
        (&[("BUTTONHOOK_STORE", "postgres://u:hunter2@h/d")], None, &["BUTTONHOOK_STORE", "directory"]),
        (&[("XOBITO_SUBDOMAIN", "acme")], None, &["XOBITO_SUBDOMAIN", "XOBITO_TOKEN"]),
        (&[("XOBITO_TOKEN", "hunter2")], None, &["XOBITO_TOKEN", "XOBITO_SUBDOMAIN"]),
        (&[("XOBITO_RATE_PER_MINUTE", "0")], None, &["XOBITO_RATE_PER_MINUTE", "1 to 60000"]),
        (&[("XOBITO_PAIR_PACE", "6/45")], None, &["XOBITO_PAIR_PACE", "`6s/45`", "`off`"]),
        (&[("XOBITO_PAIR_PACE", "0s/45")], None, &["1 to 3600 seconds"]),
        (&[], Some("store: x\nlisten: here\n"), &["buttonhook.yaml:2:9", "`here`"]),
        (&[], Some("lisen: 127.0.0.1:1\n"), &["buttonhook.yaml:1:1", "did you mean `listen`?"]),
        (&[], Some("zebra: 1\n"), &["buttonhook.yaml:1:1", "`zebra`", "admin_listen"]),
        (&[], Some("store: [a, b]\n"), &["buttonhook.yaml:1:8", "one value"]),
        (&[], Some("- store\n"), &["buttonhook.yaml:1:1", "store: ./data"]),
        (&[], Some("store: \"open\n"), &["buttonhook.yaml:1"]),
    ];
    for (env, file, words) in table {
        let said = refused(&[], env, *file);
        for word in *words {
            assert!(said.contains(word), "`{word}` is missing: {said}");
        }
        assert!(!said.contains("hunter2"), "a secret is shown: {said}");
    }
}

#[test]
fn with_a_token_the_admin_listener_may_be_reached_from_elsewhere() {
    let env = [("BUTTONHOOK_ADMIN_LISTEN", "0.0.0.0:8081"), ("BUTTONHOOK_ADMIN_TOKEN", "long-enough-to-be-one")];
    assert!(read(&[], &env, None).is_ok());
}

#[test]
fn in_earnest_calls_go_out_encrypted_and_nobody_hears_news() {
    let settings = read(&[], &[], None).unwrap();
    assert_eq!((settings.calls_private, settings.calls_ports), (false, vec![443]));
    assert!(settings.emit.is_none());
}

#[test]
fn what_may_be_called_is_for_the_operator_to_say() {
    let env = [("BUTTONHOOK_CALLS_PRIVATE", "on"), ("BUTTONHOOK_CALLS_PORTS", "443, 8443")];
    let settings = read(&[], &env, None).unwrap();
    assert_eq!((settings.calls_private, settings.calls_ports), (true, vec![443, 8443]));
    assert!(!read(&[("calls-private", "off")], &env, None).unwrap().calls_private);
    for (file, setting) in [
        ("calls_private: on\n", "BUTTONHOOK_CALLS_PRIVATE"),
        ("calls_ports: 22\n", "BUTTONHOOK_CALLS_PORTS"),
        ("emit_url: http://10.0.0.1/\n", "BUTTONHOOK_EMIT_URL"),
    ] {
        let said = refused(&[], &[], Some(file));
        assert!(said.contains("buttonhook.yaml:1") && said.contains(setting), "{said}");
    }
    // What the environment says is not undone by what a project writes.
    assert!(read(&[], &env, Some("calls_private: off\n")).unwrap().calls_private);
    for (name, value) in
        [("BUTTONHOOK_CALLS_PRIVATE", "yes"), ("BUTTONHOOK_CALLS_PORTS", "443,,"), ("BUTTONHOOK_CALLS_PORTS", "0")]
    {
        assert!(refused(&[], &[(name, value)], None).contains(name));
    }
}

#[test]
fn news_need_an_address_and_a_secret() {
    let url = ("BUTTONHOOK_EMIT_URL", "https://crm.example/hook");
    let secret = ("BUTTONHOOK_EMIT_SECRET", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    let emit = read(&[], &[url, secret], None).unwrap().emit.unwrap();
    assert_eq!((emit.url.as_str(), emit.secret.expose()), (url.1, secret.1));
    assert!(refused(&[], &[url], None).contains("BUTTONHOOK_EMIT_SECRET is missing"));
    assert!(refused(&[], &[secret], None).contains("BUTTONHOOK_EMIT_URL is missing"));
}

#[test]
fn a_projects_secrets_come_from_the_environment_or_a_file_that_may_change() {
    use buttonhook::config::{named_secret, named_setting};
    assert_eq!(named_setting("my-shop_2"), "BUTTONHOOK_SECRET_MY_SHOP_2");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop").to_str().unwrap().to_owned();
    let env = |name: &str| match name {
        "BUTTONHOOK_SECRET_CRM" => Some(" of the crm\n".to_owned()),
        "BUTTONHOOK_SECRET_SHOP_FILE" => Some(path.clone()),
        "BUTTONHOOK_SECRET_EMPTY" => Some(" ".to_owned()),
        _ => None,
    };
    let read = |name: &str| named_secret(name, &env).unwrap().map(|secret| secret.expose().to_owned());
    assert_eq!(read("crm").as_deref(), Some("of the crm"));
    assert_eq!((read("empty"), read("nobody")), (None, None));
    let missing = named_secret("shop", &env).unwrap_err().to_string();
    assert!(missing.contains("BUTTONHOOK_SECRET_SHOP_FILE"), "{missing}");
    for value in ["first", "second"] {
        std::fs::write(&path, format!("{value}\n")).unwrap();
        assert_eq!(read("shop").as_deref(), Some(value));
    }
}
