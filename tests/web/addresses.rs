//! Where a call may go, and that nothing else is ever connected to: the canary on loopback must stay alone.

use buttonhook::web::{Reach, reach};

use buttonhook::model::HostPattern;

use super::*;

#[test]
fn only_public_addresses_are_public() {
    let table = [
        (
            Reach::Public,
            "8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255",
        ),
        (Reach::Public, "169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255"),
        (Reach::Public, "198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 168.63.129.15"),
        (Reach::Public, "2606:4700:4700::1111 2a00:1450:4001:80b::200e 2001:200:: 2001:4860:4860::8888 2003:: 3ffe::"),
        (
            Reach::Private,
            "10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255 172.16.0.1 172.31.255.255",
        ),
        (Reach::Private, "192.168.0.1 192.168.255.255 ::1 fc00:: fdff:ffff::1"),
        (Reach::Never, "0.0.0.0 0.255.255.255 100.100.100.200 168.63.129.16 169.254.0.0 169.254.169.254 192.0.0.1 192.0.2.1"),
        (Reach::Never, "192.88.99.1 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1"),
        (Reach::Never, "255.255.255.255 :: ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1"),
        (Reach::Never, "2001::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fe80::1 febf::1 fec0::1 ff02::1"),
        (Reach::Never, "fd00:ec2::254 4000::1 1fff::1"),
    ];
    for (expected, addresses) in table {
        for address in addresses.split(' ') {
            assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
        }
    }
}

/// Every way to write loopback, or to come by it, that we know of. Hosts are allowed wherever they can be written as one.
#[tokio::test]
async fn no_way_leads_to_the_canary() {
    let canary = Shop::start().await;
    let port = canary.address.port();
    let allowed =
        ["127.0.0.1", "0.0.0.0", "localhost", "trap.example", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "*.nip.example"];
    let mut settings = settings(hosts(&allowed), false);
    // Other ports and plain HTTP are refused as well; here they must not be what saves us.
    settings.rules.ports = vec![port, 443];
    settings.lookup = Names::new(&[&["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"]]);
    let client = Client::new(settings).unwrap();
    let hosts = [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "127.0.0.0x1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "trap.example",
        "TRAP.example",
        "trap.example.",
        "a.nip.example",
        "trap.example@127.0.0.1",
        "trap.example:443@127.0.0.1",
        "user:password@trap.example",
        "127.0.0.1#@trap.example",
        "127.0.0.1?@trap.example",
        "127.0.0.1\\@trap.example",
        "127.0.0.1%2f@trap.example",
        "trap.example%2f@127.0.0.1",
        "１２７.０.０.１",
        "①②⑦.⓪.⓪.①",
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "127。0。0。1",
        "loca\u{ad}lhost",
        "%31%32%37.0.0.1",
        "trap.example\r\nHost:127.0.0.1",
        "trap\t.example",
        " 127.0.0.1",
    ];
    for host in hosts {
        for scheme in ["https", "http", "HTTPS", "ftp", "file", "gopher", "ws", "unix"] {
            for url in [format!("{scheme}://{host}:{port}/"), format!("{scheme}://{host}/"), format!("{scheme}:{host}:{port}/")] {
                let reply = ask(&client, &get(&url)).await;
                assert!(matches!(reply, Reply::NotAllowed { .. }), "{url:?}: {reply:?}");
            }
        }
    }
    for url in ["", "/", "//127.0.0.1/", "127.0.0.1", "https://", "https:///", "data:text/plain,hi", "javascript:alert(1)"] {
        assert!(matches!(ask(&client, &get(url)).await, Reply::NotAllowed { .. }), "{url:?}");
    }
    assert_eq!(canary.connections(), 0, "the canary was visited");
}

/// The address that was checked is the one that is connected to: a name is looked up once.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_asked_only_once() {
    let canary = Shop::start().await;
    let shop = Shop::start().await;
    let mut settings = settings(hosts(&["rebind.example"]), true);
    // The second answer would lead to metadata; whoever asked again would go there.
    let names = Names::new(&[&["127.0.0.1"], &["169.254.169.254"]]);
    settings.lookup = names.clone();
    let client = Client::new(settings).unwrap();
    let url = format!("http://rebind.example:{}/", shop.address.port());
    assert!(matches!(ask(&client, &get(&url)).await, Reply::Answered { status: 200, .. }));
    assert_eq!((names.asked.load(Ordering::SeqCst), shop.connections()), (1, 1));
    // A later call asks anew, and is not fooled by what was right before.
    let url = format!("http://rebind.example:{}/", canary.address.port());
    assert!(matches!(ask(&client, &get(&url)).await, Reply::NotAllowed { .. }));
    assert_eq!((names.asked.load(Ordering::SeqCst), canary.connections()), (2, 0));
}

#[tokio::test]
async fn bad_addresses_among_good_ones_are_left_out() {
    let shop = Shop::start().await;
    let mut settings = settings(hosts(&["mixed.example"]), true);
    settings.lookup = Names::new(&[&["169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "127.0.0.1"]]);
    let client = Client::new(settings).unwrap();
    let reply = ask(&client, &get(format!("http://mixed.example:{}/", shop.address.port()))).await;
    assert!(matches!(reply, Reply::Answered { status: 200, .. }), "{reply:?}");
    assert_eq!(shop.connections(), 1);
}

#[tokio::test]
async fn only_what_the_project_allows_right_now_is_called() {
    let shop = Shop::start().await;
    let live = Arc::new(Mutex::new(Arc::new(hosts(&["127.0.0.1"]))));
    let mut settings = settings(Hosts::default(), true);
    let read = live.clone();
    settings.hosts = Arc::new(move || read.lock().unwrap().clone());
    let client = Client::new(settings).unwrap();
    assert!(matches!(ask(&client, &get(shop.url("/"))).await, Reply::Answered { .. }));
    *live.lock().unwrap() = Arc::default();
    let reply = ask(&client, &get(shop.url("/"))).await;
    assert_eq!(reply, Reply::NotAllowed { detail: "the project does not allow calls to 127.0.0.1".to_owned() });
    assert_eq!(shop.seen().len(), 1);
}

#[tokio::test]
async fn in_earnest_calls_are_encrypted_and_on_the_usual_port() {
    let client = Client::new(settings(hosts(&["api.example"]), false)).unwrap();
    let why = |reply| match reply {
        Reply::NotAllowed { detail } => detail,
        other => panic!("{other:?}"),
    };
    assert!(why(ask(&client, &get("http://api.example/")).await).contains("https://"));
    assert!(why(ask(&client, &get("https://api.example:8443/")).await).contains("BUTTONHOOK_CALLS_PORTS"));
    assert!(why(ask(&client, &get("https://me:pw@api.example/")).await).contains("sign_in"));
    let mut only = settings(hosts(&["api.example"]), false);
    only.rules.hosts = Some(vec![HostPattern::parse("pay.example").unwrap()]);
    let gated = Client::new(only).unwrap();
    assert!(why(ask(&gated, &get("https://api.example/")).await).contains("BUTTONHOOK_CALLS_HOSTS"));
    let long = format!("https://api.example/{}", "x".repeat(2000));
    assert!(why(ask(&client, &get(long)).await).contains("longer"));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let (shop, canary) = (Shop::start().await, Shop::start().await);
    let client = trial(&["127.0.0.1"]);
    for status in [301, 302, 303, 307, 308] {
        shop.will([Act::SaysWith(status, format!("location: {}\r\n", canary.url("/")), Vec::new())]);
        assert!(matches!(ask(&client, &get(shop.url("/"))).await, Reply::Answered { status: told, .. } if told == status));
    }
    assert_eq!(canary.connections(), 0);
}
