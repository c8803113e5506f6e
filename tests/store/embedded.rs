//! What only the embedded store has: its files, their owner, their layout, and the list of settled sends.

use std::path::Path;

use buttonhook::model::{Receipt, ReceiptStatus};
use buttonhook::store::StoreError;

use super::*;

fn database(dir: &Path) -> PathBuf {
    dir.join("buttonhook.db")
}

fn refusal(dir: &Path) -> StoreError {
    Embedded::open(dir).expect_err("it must not open")
}

#[tokio::test]
async fn a_second_owner_is_refused_until_the_first_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let first = Embedded::open(dir.path()).unwrap();
    let refused = refusal(dir.path());
    assert!(matches!(&refused, StoreError::Locked { path } if Path::new(path) == dir.path()), "{refused:?}");
    let clone = first.clone();
    drop(first);
    assert!(matches!(refusal(dir.path()), StoreError::Locked { .. }), "a clone still holds it");
    clone.close().await;
    drop(Embedded::open(dir.path()).expect("closed although the handle lives"));
    drop(Embedded::open(dir.path()).expect("dropped"));
}

#[tokio::test]
async fn a_newer_layout_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Embedded::open(dir.path()).unwrap());
    rusqlite::Connection::open(database(dir.path())).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = refusal(dir.path());
    assert!(matches!(refused, StoreError::TooNew { found: 99, .. }), "{refused:?}");
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    let layout: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(layout, 99);
}

#[tokio::test]
async fn what_is_not_a_store_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(database(dir.path()), "these are holiday pictures, not a database at all ".repeat(100)).unwrap();
    let refused = refusal(dir.path()).to_string();
    assert!(refused.contains("damaged or no database") && refused.contains("backup"), "{refused}");

    let dir = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(database(dir.path())).unwrap();
    other.execute_batch("CREATE TABLE pictures (id)").unwrap();
    drop(other);
    let refused = refusal(dir.path()).to_string();
    assert!(refused.contains("another program"), "{refused}");

    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let refused = refusal(&dir.path().join("file").join("store")).to_string();
    assert!(refused.contains("cannot make the directory") && refused.contains("BUTTONHOOK_STORE"), "{refused}");
}

/// A damaged file may open or not, and an operation may fail or not; nothing may panic or hang.
#[tokio::test]
async fn damage_anywhere_is_an_answer_and_never_a_panic() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    for n in 0..40 {
        turn(&*store, n, &n.to_string(), &[&format!("k{n}")], at(0)).await;
    }
    store.accept((0..40).map(|n| typed(&format!("more {n}"), by_phone(n))).collect(), at(1)).await.unwrap();
    store.close().await;
    let whole = std::fs::read(database(&place.dir())).unwrap();
    let mut refused = 0;
    for round in 0..48_usize {
        let mut bytes = whole.clone();
        match round % 3 {
            0 => bytes.truncate(whole.len() * round / 48),
            1 => bytes[round * 7919 % whole.len()] ^= 0xff,
            _ => bytes[round % (whole.len() / 4096) * 4096..][..4096].fill(0),
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(database(dir.path()), &bytes).unwrap();
        refused += match Embedded::open(dir.path()) {
            Err(error) => {
                assert!(matches!(error, StoreError::Failed(_)), "{error:?}");
                1
            }
            Ok(store) => work_on(&store).await,
        };
    }
    assert!(refused > 10, "most damage must be noticed; only {refused} of 48 was");
}

/// Uses every operation once; 1 when any was refused.
async fn work_on(store: &Embedded) -> usize {
    let mut refused = store.accept(vec![typed("late", by_phone(3))], at(2)).await.is_err();
    match store.claim(1000, LEASE_MS, at(2)).await {
        Ok(claims) => {
            let takes = claims.contacts.iter().map(|claim| takes(claim, &[])).collect();
            refused |= store.commit(takes, at(2)).await.is_err();
        }
        Err(_) => refused = true,
    }
    match store.claim_sends(1000, LEASE_MS, at(2)).await {
        Ok(claimed) => {
            let settlements = claimed.sends.into_iter().map(|send| settlement(&send.key.0, send.attempt, left("w"))).collect();
            refused |= store.settle(settlements, at(2)).await.is_err();
        }
        Err(_) => refused = true,
    }
    refused |= store.stats(at(2)).await.is_err() | store.history(None, 100).await.is_err();
    for answer in [store.accept(Vec::new(), at(2)).await.err(), store.waiting().await.err()].into_iter().flatten() {
        assert!(!matches!(answer, StoreError::Closed), "the threads live");
    }
    usize::from(refused)
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.dir()), 0o700);
    let files: Vec<_> = std::fs::read_dir(place.dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "database, log and lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn receipts_outrank_each_other_however_they_arrive() {
    let place = EmbeddedPlace::new();
    let store = Embedded::open(&place.dir()).unwrap();
    turn(&store, 1, "a", &["k"], at(0)).await;
    store.claim_sends(1, LEASE_MS, at(0)).await.unwrap();
    settle(&store, "k", left("wamid.1"), at(3)).await;
    let receipt = |message: &str, status: ReceiptStatus, error: &str| {
        Delivery::Receipt(Receipt {
            id: EventId(format!("{message} {status:?}")),
            message: MessageId(message.to_owned()),
            status,
            at: None,
            to: None,
            text: None,
            is_free: false,
            error: error.to_owned(),
        })
    };
    let settled = store.settled(None, 10).await.unwrap();
    assert_eq!((settled[0].outcome.as_str(), settled[0].status), ("sent", Some(ReceiptStatus::Sent)));
    assert_eq!((settled[0].tries, settled[0].at), (1, at(3)));
    // What comes, and what then stands.
    let story = [
        (ReceiptStatus::Failed, ReceiptStatus::Failed),
        (ReceiptStatus::Sent, ReceiptStatus::Failed),
        (ReceiptStatus::Read, ReceiptStatus::Read),
        (ReceiptStatus::Delivered, ReceiptStatus::Read),
        (ReceiptStatus::Played, ReceiptStatus::Played),
    ];
    for (comes, stands) in story {
        let words = if comes == ReceiptStatus::Failed { "131026: undeliverable" } else { "" };
        assert_eq!(store.accept(vec![receipt("wamid.1", comes, words)], at(4)).await.unwrap().doubles, 0);
        assert_eq!(store.settled(None, 10).await.unwrap()[0].status, Some(stands), "after {comes:?}");
    }
    assert_eq!(store.settled(None, 10).await.unwrap()[0].detail, "131026: undeliverable");
    // A double, and one about a message that is not ours.
    let more = vec![receipt("wamid.1", ReceiptStatus::Read, ""), receipt("wamid.other", ReceiptStatus::Read, "")];
    let accepted = store.accept(more, at(5)).await.unwrap();
    assert_eq!((accepted.fresh, accepted.doubles), (0, 1));
    assert_eq!(store.settled(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn people_can_read_why_a_send_did_not_leave() {
    let place = EmbeddedPlace::new();
    let store = Embedded::open(&place.dir()).unwrap();
    let claim = turn(&store, 1, "a", &["k", "l"], at(0)).await;
    let detail = "131047: re-engagement message".to_owned();
    let refused = Fate::Refused { refusal: buttonhook::model::Refusal::WindowClosed, detail };
    for (key, fate) in [("k", refused), ("l", Fate::Unknown { detail: "no answer within 35 s".to_owned() })] {
        store.claim_sends(1, LEASE_MS, at(0)).await.unwrap();
        settle(&store, key, fate, at(1)).await;
    }
    let settled = store.settled(Some(claim.contact), 10).await.unwrap();
    let told: Vec<_> = settled.iter().map(|send| (send.key.0.as_str(), send.outcome.as_str(), send.detail.as_str())).collect();
    let expected = [
        ("l", "unknown", "no answer within 35 s"),
        ("k", "refused", "outside the 24-hour window: 131047: re-engagement message"),
    ];
    assert_eq!(told, expected);
    assert!(store.settled(Some(buttonhook::model::ContactId(99)), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_log_is_moved_into_the_database_in_quiet_moments() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    store.accept((0..2000).map(|n| typed(&n.to_string(), by_phone(n))).collect(), at(0)).await.unwrap();
    let written = std::fs::metadata(place.dir().join("buttonhook.db-wal")).unwrap().len();
    let begun = std::time::Instant::now();
    // Watched, not slept for: the database grows when the log has been copied into it.
    while std::fs::metadata(database(&place.dir())).unwrap().len() < written / 4 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "nobody moves the log");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(store.stats(at(0)).await.unwrap().inbox, 2000);
}

/// A store that the first version wrote is brought up to date, and what slept in it still sleeps.
#[tokio::test]
async fn a_store_of_the_first_layout_learns_of_timers() {
    let dir = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(database(dir.path())).unwrap();
    old.execute_batch(include_str!("../../src/store/embedded/migrations/0001_first.sql")).unwrap();
    old.execute_batch(
        "INSERT INTO contact (phone, name, tail, head) VALUES ('27821234567', 'Rosa', 3, 3);
         INSERT INTO alias VALUES ('phone', '27821234567', 1);
         INSERT INTO conversation (contact, state) VALUES (1, '{\"turns\": 3}');
         INSERT INTO outbox (contact, key, message, on_unknown, due_at) VALUES (1, 'waits', '{\"text\": {\"body\": \"hello\"}}', 'skip', 0);
         UPDATE tally SET contacts = 1, outbox = 1;
         PRAGMA application_id = 0x42686b53; PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let store = Embedded::open(dir.path()).unwrap();
    assert!(claim_all(&store, at(0)).await.contacts.is_empty());
    let sender = Sender { phone: buttonhook::model::Phone::parse("+27821234567"), ..Sender::default() };
    store.accept(vec![typed("a", sender)], at(0)).await.unwrap();
    let claim = claim_all(&store, at(0)).await.contacts.remove(0);
    assert_eq!((claim.conversation.turns, claim.conversation.contact.name.as_str()), (3, "Rosa"));
    store.commit(vec![takes_and_waits(&claim, &[timer("x", 5)])], at(0)).await.unwrap();
    assert_eq!(claim_all(&store, at(5)).await.contacts.len(), 1);
    let sends = store.claim_sends(9, LEASE_MS, at(6)).await.unwrap().sends;
    assert_eq!((sends.len(), sends[0].key.0.as_str(), sends[0].attempt), (1, "waits", 1));
    assert!(sends[0].stored_at > at(0), "it waits from the upgrade on, not since 1970");
    store.close().await;
    let layout: i64 = rusqlite::Connection::open(database(dir.path()))
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert!(layout > 1, "layout {layout}");
}
