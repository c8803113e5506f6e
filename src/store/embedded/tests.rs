//! What cannot be brought about from outside: a full disk, a dead thread, a full queue, damaged rows.

use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::model::{Content, EventId, Inbound, Phone, Sender, Timestamp, time};
use crate::store::ClaimedSends;

fn at(ms: i64) -> Timestamp {
    time::from_millis(1_700_000_000_000 + ms)
}

fn typed(id: &str, phone: &str, text: &str) -> Delivery {
    Delivery::Message(Inbound {
        id: EventId(id.to_owned()),
        sender: Sender { phone: Phone::parse(phone), ..Sender::default() },
        sent_at: None,
        content: Content::Typed { text: text.to_owned() },
    })
}

fn open() -> (tempfile::TempDir, Embedded) {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).unwrap();
    (dir, store)
}

async fn sql(store: &Embedded, statement: &'static str) {
    store.queue().unwrap().run(Kind::Inside, move |db| db.execute(statement, ()).map(drop)).await.unwrap();
}

async fn number(store: &Embedded, kind: Kind, question: &'static str) -> i64 {
    store.queue().unwrap().run(kind, move |db| db.query_row(question, (), |row| row.get(0))).await.unwrap()
}

async fn until_waiting(store: &Embedded, operations: usize) {
    while store.queue().unwrap().waiting() < operations {
        tokio::task::yield_now().await;
    }
}

/// Holds the writer until the returned sender is dropped.
async fn hold(store: &Embedded) -> mpsc::Sender<()> {
    let (release, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let queue = store.queue().unwrap().clone();
    tokio::spawn(async move {
        let held = move |_: &rusqlite::Connection| {
            let _ = begun.send(());
            let _ = wait.recv();
            Ok(())
        };
        queue.run(Kind::Inside, held).await
    });
    has_begun.await.unwrap();
    release
}

#[tokio::test]
async fn a_full_disk_refuses_whole_operations_and_heals_by_itself() {
    let (_dir, store) = open();
    store.accept(vec![typed("first", "+27821234567", "hi")], at(0)).await.unwrap();
    let pages = number(&store, Kind::Inside, "PRAGMA page_count").await;
    let limit = move |pages: i64| {
        move |db: &rusqlite::Connection| db.query_row(&format!("PRAGMA max_page_count = {pages}"), (), |_| Ok(()))
    };
    store.queue().unwrap().run(Kind::Inside, limit(pages)).await.unwrap();
    let long = "x".repeat(10_000);
    let big = || vec![typed("small", "+27821234567", "hi"), typed("big", "+27821234568", &long)];
    let refused = store.accept(big(), at(1)).await.unwrap_err();
    assert!(refused.to_string().contains("disk is full"), "{refused}");
    // Nothing of the batch is left, not even the small message that had a place.
    assert_eq!(store.stats(at(1)).await.unwrap(), Stats { contacts: 1, inbox: 1, ..Stats::default() });
    store.queue().unwrap().run(Kind::Inside, limit(1_000_000)).await.unwrap();
    assert_eq!(store.accept(big(), at(2)).await.unwrap(), Accepted { fresh: 2, doubles: 0 });
}

#[tokio::test]
async fn an_operation_that_fails_sinks_no_other_of_its_batch() {
    let (_dir, store) = open();
    let release = hold(&store).await;
    let broken = |db: &rusqlite::Connection| -> rusqlite::Result<()> {
        db.execute("INSERT INTO setting VALUES ('half', x'00')", ())?;
        db.execute("INSERT INTO no_such_table VALUES (1)", ()).map(drop)
    };
    let queue = store.queue().unwrap().clone();
    let (before, failed, after, ()) = tokio::join!(
        store.accept(vec![typed("before", "+27821234567", "hi")], at(0)),
        queue.run(Kind::Inside, broken),
        store.accept(vec![typed("after", "+27821234567", "hi")], at(0)),
        async { drop(release) },
    );
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!((before.unwrap().fresh, after.unwrap().fresh), (1, 1));
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM setting").await, 0);
}

#[tokio::test]
async fn when_the_thread_dies_everyone_is_told() {
    let (_dir, store) = open();
    let release = hold(&store).await;
    let queue = store.queue().unwrap().clone();
    let dies = |_: &rusqlite::Connection| -> rusqlite::Result<()> { panic!("a test's panic") };
    let all = async {
        tokio::join!(queue.run(Kind::Inside, dies), store.accept(vec![typed("one", "+27821234567", "hi")], at(0)), async {
            drop(release)
        },)
    };
    let (died, waiting, ()) = tokio::time::timeout(Duration::from_secs(20), all).await.expect("nobody waits for ever");
    assert!(matches!(died, Err(StoreError::Closed)), "{died:?}");
    assert!(matches!(waiting, Err(StoreError::Closed)), "{waiting:?}");
    assert!(matches!(store.claim(1, 1, at(0)).await, Err(StoreError::Closed)));
    store.close().await;
}

#[tokio::test]
async fn a_full_queue_turns_new_messages_away_before_anything_else() {
    let (_dir, store) = open();
    let release = hold(&store).await;
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..writer::ACCEPTS_QUEUED_MAX {
        let store = store.clone();
        waiting.spawn(async move { store.accept(vec![typed(&n.to_string(), "+27821234567", "hi")], at(0)).await.map(drop) });
    }
    until_waiting(&store, writer::ACCEPTS_QUEUED_MAX).await;
    let turned_away = store.accept(vec![typed("more", "+27821234567", "hi")], at(0)).await;
    assert!(matches!(turned_away, Err(StoreError::Busy)), "{turned_away:?}");
    for _ in writer::ACCEPTS_QUEUED_MAX..writer::QUEUE_MAX {
        let store = store.clone();
        waiting.spawn(async move { store.settle(Vec::new(), at(0)).await });
    }
    until_waiting(&store, writer::QUEUE_MAX).await;
    let full = store.settle(Vec::new(), at(0)).await;
    assert!(matches!(full, Err(StoreError::Busy)), "{full:?}");
    drop(release);
    while let Some(done) = waiting.join_next().await {
        done.unwrap().expect("what had a place is done");
    }
    assert_eq!(store.stats(at(0)).await.unwrap().inbox, writer::ACCEPTS_QUEUED_MAX as u64);
}

/// How the batch that holds `operation`, and otherwise only a lease, is committed: 1 without waiting for the disk, 2 durably.
async fn synchronous<T>(store: &Embedded, operation: impl Future<Output = Result<T, StoreError>>) -> i64 {
    let release = hold(store).await;
    let asked = number(store, Kind::Lease, "PRAGMA synchronous");
    let (done, found, ()) = tokio::join!(operation, asked, async { drop(release) });
    done.map(drop).unwrap();
    found
}

#[tokio::test]
async fn only_leases_are_committed_without_waiting_for_the_disk() {
    let (_dir, store) = open();
    let message = vec![typed("one", "+27821234567", "hi")];
    assert_eq!(synchronous(&store, store.accept(message, at(0))).await, 2);
    assert_eq!(synchronous(&store, store.claim(1, 1000, at(0))).await, 1);
    assert_eq!(synchronous(&store, store.commit(Vec::new(), at(0))).await, 2);
    assert_eq!(synchronous(&store, store.claim_sends(1, 1000, at(0))).await, 2);
    assert_eq!(synchronous(&store, store.settle(Vec::new(), at(0))).await, 2);
    assert_eq!(synchronous(&store, store.claim_requests(1, 1000, at(0))).await, 2);
    assert_eq!(synchronous(&store, store.settle_requests(Vec::new(), at(0))).await, 2);
    assert_eq!(synchronous(&store, store.pause(at(0))).await, 2);
    assert_eq!(synchronous(&store, store.setting("secret", Vec::new)).await, 2);
}

#[tokio::test]
async fn a_conversation_that_cannot_be_read_is_set_aside_and_tried_at_the_next_start() {
    let (dir, store) = open();
    store.accept(vec![typed("bad", "+27821234567", "hi"), typed("good", "+27821234568", "hi")], at(0)).await.unwrap();
    sql(&store, "INSERT INTO conversation (contact, state) VALUES (1, '{\"turns\": \"many\"}')").await;
    let claims = store.claim(10, 1000, at(0)).await.unwrap();
    assert_eq!(claims.contacts.iter().map(|claim| claim.contact.0).collect::<Vec<_>>(), [2]);
    // More mail and the end of the lease do not bring it back, and nothing is lost.
    store.accept(vec![typed("more", "+27821234567", "hi")], at(1)).await.unwrap();
    assert!(store.claim(10, 1000, at(500)).await.unwrap().contacts.is_empty());
    let why = "SELECT count(*) FROM contact WHERE id = 1 AND parked LIKE 'the conversation cannot be read back%'";
    assert_eq!(number(&store, Kind::Inside, why).await, 1);
    sql(&store, "UPDATE conversation SET state = '{}' WHERE contact = 1").await;
    drop(store);
    let store = Embedded::open(dir.path()).unwrap();
    let claims = store.claim(1, 1000, at(600)).await.unwrap();
    assert_eq!((claims.contacts[0].contact.0, claims.contacts[0].inbox.len()), (1, 2));
}

#[tokio::test]
async fn a_send_that_cannot_be_read_is_given_up_and_the_next_one_leaves() {
    let (_dir, store) = open();
    store.accept(vec![typed("one", "+27821234567", "hi")], at(0)).await.unwrap();
    sql(
        &store,
        "INSERT INTO outbox (contact, key, message, on_unknown, due_at)
         VALUES (1, 'bad', '{', 'skip', 0), (1, 'good', '{\"text\": {\"body\": \"hello\"}}', 'skip', NULL)",
    )
    .await;
    assert!(store.claim_sends(10, 1000, at(0)).await.unwrap().sends.is_empty());
    let ClaimedSends { sends, .. } = store.claim_sends(10, 1000, at(0)).await.unwrap();
    assert_eq!(sends[0].key.0, "good");
    let settled = store.settled(None, 10).await.unwrap();
    assert_eq!((settled[0].key.0.as_str(), settled[0].outcome.as_str()), ("bad", "refused"));
    assert!(settled[0].detail.contains("cannot be read back"), "{}", settled[0].detail);
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_given_up_and_whoever_waits_hears_so() {
    let (_dir, store) = open();
    store.accept(vec![typed("one", "+27821234567", "hi")], at(0)).await.unwrap();
    sql(
        &store,
        "INSERT INTO request (contact, key, kind, what, due_at, stored_at)
         VALUES (1, 'asked', 'call', '{', 0, 0), (1, 'told', 'emit', '{\"emit\": 1}', 0, 0)",
    )
    .await;
    sql(&store, "UPDATE tally SET requests = 2").await;
    assert!(store.claim_requests(10, 1000, at(0)).await.unwrap().requests.is_empty());
    let mail = store.claim(10, 1000, at(0)).await.unwrap().contacts.remove(0).inbox;
    let Content::Answered { call, answer } = &mail[1].inbound.content else { panic!("no answer: {mail:?}") };
    assert_eq!((mail.len(), call.0.as_str()), (2, "asked"));
    assert!(format!("{answer:?}").contains("cannot be read back"), "{answer:?}");
    let stats = store.stats(at(0)).await.unwrap();
    assert_eq!((stats.requests, stats.given_up, stats.inbox), (0, 1, 2));
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_in_bites() {
    let (_dir, store) = open();
    let old = (0..200).map(|n| typed(&format!("old {n}"), "+27821234567", "hi")).collect();
    store.accept(old, at(0)).await.unwrap();
    store.accept(vec![typed("at the edge", "+27821234567", "hi")], at(prune::KEPT_MS)).await.unwrap();
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM seen").await, 201);
    store.accept(vec![typed("past it", "+27821234567", "hi")], at(prune::KEPT_MS + 1)).await.unwrap();
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM seen").await, 202 - 18);
    for n in 0..20 {
        store.accept(vec![typed(&format!("later {n}"), "+27821234567", "hi")], at(prune::KEPT_MS + 2)).await.unwrap();
    }
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM seen WHERE event LIKE 'old%'").await, 0);
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM seen").await, 22);
    assert_eq!(store.stats(at(0)).await.unwrap().inbox, 222, "mail is never pruned");
}

#[test]
fn a_log_that_has_grown_too_long_is_cut_unless_somebody_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let database = files::database(dir.path()).unwrap();
    let log = files::log_of(&database);
    let length = || std::fs::metadata(&log).unwrap().len();
    let mut writer = Writer::new(schema::open_writer(&database).unwrap(), log.clone());
    let before = length();
    writer.shorten_log();
    assert_eq!(length(), before, "it is short enough");
    let reader = schema::open_reader(&database).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM contact").unwrap();
    writer.shorten_at = before;
    writer.shorten_log();
    assert_eq!((length(), writer.shorten_at), (before, before + writer::LOG_BYTES_MAX));
    reader.execute_batch("COMMIT").unwrap();
    writer.shorten_at = before;
    writer.shorten_log();
    assert_eq!((length(), writer.shorten_at), (0, writer::LOG_BYTES_MAX));
}

/// However many sleep: both questions about timers are answered by the index that holds nobody else.
#[tokio::test]
async fn nothing_looks_through_all_contacts_to_find_a_timer() {
    let (_dir, store) = open();
    for question in [claim::WOKEN, claim::NEXT_TO_WAKE] {
        let plan = format!("EXPLAIN QUERY PLAN {question}");
        let told = store.queue().unwrap().run(Kind::Inside, move |db| {
            let mut statement = db.prepare(&plan)?;
            let bounds = vec![0_i64; statement.parameter_count()];
            let lines = statement.query_map(rusqlite::params_from_iter(bounds), |row| row.get::<_, String>(3))?;
            lines.collect::<rusqlite::Result<Vec<_>>>()
        });
        let lines = told.await.unwrap();
        assert!(lines.len() == 1 && lines[0].contains("INDEX contact_wakes (wakes_at"), "{question}: {lines:?}");
    }
}

/// With as much inside as may wait, messages are turned away whole and everything else is still taken.
#[tokio::test]
async fn a_full_mailbox_turns_messages_away_until_there_is_room() {
    let (_dir, store) = open();
    sql(&store, "UPDATE tally SET inbox = 199999").await;
    store.accept(vec![typed("last", "+27821234567", "hi")], at(0)).await.unwrap();
    let full = store.accept(vec![typed("more", "+27821234567", "hi")], at(0)).await;
    assert!(matches!(full, Err(StoreError::Busy)), "{full:?}");
    let receipt = crate::model::Receipt {
        id: EventId("w:sent".to_owned()),
        message: crate::model::MessageId("w".to_owned()),
        status: crate::model::ReceiptStatus::Sent,
        at: None,
        error: String::new(),
        to: None,
        text: None,
        is_free: false,
    };
    store.accept(vec![Delivery::Receipt(receipt)], at(0)).await.expect("word about our own makes nothing wait");
    let claims = store.claim(1, 1000, at(1)).await.unwrap();
    assert_eq!(claims.contacts[0].inbox.len(), 1, "what is inside is worked off");
    sql(&store, "UPDATE tally SET inbox = 199999").await;
    assert_eq!(store.accept(vec![typed("more", "+27821234567", "hi")], at(2)).await.unwrap().fresh, 1);
}

/// Word about messages that nobody of us sent is bounded in number and age.
#[tokio::test]
async fn word_about_unknown_messages_is_kept_within_bounds() {
    let (_dir, store) = open();
    let word = |nth: usize| {
        Delivery::Receipt(crate::model::Receipt {
            id: EventId(format!("w{nth}:sent")),
            message: crate::model::MessageId(format!("w{nth}")),
            status: crate::model::ReceiptStatus::Sent,
            at: None,
            error: String::new(),
            to: None,
            text: None,
            is_free: false,
        })
    };
    let most = usize::try_from(evidence::EARLY_MAX).unwrap();
    store.accept((0..most + 500).map(word).collect(), at(0)).await.unwrap();
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM early").await, evidence::EARLY_MAX);
    assert_eq!(number(&store, Kind::Inside, "SELECT count(*) FROM early WHERE message = 'w0'").await, 0, "the oldest goes");
    store.accept(vec![word(most + 500)], at(evidence::EARLY_KEPT_MS + 1)).await.unwrap();
    assert!(number(&store, Kind::Inside, "SELECT count(*) FROM early").await < evidence::EARLY_MAX - 10);
}

/// However many sends wait for their retry: they are found by the index that holds nobody else.
#[tokio::test]
async fn nothing_looks_through_all_sends_to_find_one_that_is_due() {
    let (_dir, store) = open();
    for (question, index) in [
        (outbox::NEXT_DUE, "outbox_wait"),
        (outbox::MAKE_READY[0], "outbox_wait"),
        (outbox::MAKE_READY[1], "outbox_wait"),
        ("SELECT id FROM outbox WHERE ready = 1 ORDER BY rank_at, id LIMIT 5", "outbox_ready"),
    ] {
        let plan = format!("EXPLAIN QUERY PLAN {question}");
        let told = store.queue().unwrap().run(Kind::Inside, move |db| {
            let mut statement = db.prepare(&plan)?;
            let bounds = vec![0_i64; statement.parameter_count()];
            let lines = statement.query_map(rusqlite::params_from_iter(bounds), |row| row.get::<_, String>(3))?;
            lines.collect::<rusqlite::Result<Vec<_>>>()
        });
        let lines = told.await.unwrap();
        assert!(lines.iter().all(|line| line.contains(index)), "{question}: {lines:?}");
    }
}
