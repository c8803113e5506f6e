//! Files that were cut, that had bits turned over, that lost their log or got another one: each opens with what was acknowledged
//! up to some moment, or is refused with the way to restore. Never a panic, never other words than were stored.
//!
//! `BUTTONHOOK_DAMAGE=all` runs the whole matrix of the design (guarantees, section 4.2, row 4) instead of a sample.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use buttonhook::store::{StoreError, Verdict, backup};

use super::*;

const PEOPLE: usize = 60;
const CUT_EVERY: usize = 512;
const CUT_LAST: usize = 64 * 1024;

fn whole() -> bool {
    std::env::var("BUTTONHOOK_DAMAGE").is_ok_and(|value| value == "all")
}

/// One of how many of the cases the normal suite looks at.
fn every(normally: usize) -> usize {
    if whole() { 1 } else { normally }
}

/// A store's files, and what was acknowledged: the texts of each person's messages in order.
struct Good {
    database: Vec<u8>,
    log: Vec<u8>,
}

/// The words of message `nth` of person `who`; they tell whose they are.
fn words(who: usize, nth: usize) -> String {
    format!("message {nth} of person {who}, and some more words so that pages fill up")
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A store in the middle of its work, taken like after a kill: part of it in the database, the newest in the log.
static GOOD: LazyLock<Good> = LazyLock::new(|| {
    std::thread::spawn(|| {
        wait(async {
            let place = EmbeddedPlace::new();
            let store = place.open().await;
            fill(&*store, 0).await;
            store.close().await;
            let store = place.open().await;
            fill(&*store, 2).await;
            let read = |file: &str| std::fs::read(place.dir().join(file)).unwrap();
            let good = Good { database: read("buttonhook.db"), log: read("buttonhook.db-wal") };
            drop(store);
            good
        })
    })
    .join()
    .unwrap()
});

/// Two messages from everyone: one taken, with a send and a state that quotes it, and one waiting.
async fn fill(store: &dyn Store, from: usize) {
    for nth in from..from + 2 {
        let deliveries = (0..PEOPLE).map(|who| {
            let content = Content::Typed { text: words(who, nth) };
            Delivery::Message(Inbound { id: EventId(format!("{who}-{nth}")), sender: by_phone(who), sent_at: None, content })
        });
        store.accept(deliveries.collect(), at(nth as i64)).await.unwrap();
        if nth % 2 == 0 {
            let claims = claim_all(store, at(nth as i64)).await.contacts;
            let takes = claims.iter().map(quoting).collect();
            store.commit(takes, at(nth as i64)).await.unwrap();
        }
    }
}

/// A turn that remembers and says what it took.
fn quoting(claim: &Claim) -> Taken {
    let Content::Typed { text } = &claim.inbox.last().unwrap().inbound.content else { panic!("only texts") };
    let mut taken = takes(claim, &[&format!("{}-{}", claim.contact, claim.inbox.last().unwrap().seq)]);
    taken.conversation.contact.name.clear();
    let note = buttonhook::model::Value::Text(text.clone());
    let name = buttonhook::model::VariableName::new("last");
    taken.conversation.variables.entry(FlowName::new("shop")).or_default().insert(name, note);
    taken.sends[0].message = Message::Text { body: format!("You wrote: {text}") };
    taken
}

/// What became of a damaged store.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Seen {
    /// Refused at the start.
    Refused,
    /// It opened; part of it was set aside or refused later.
    Partly,
    /// As if nothing had happened, or as of an earlier moment.
    Prefix,
}

fn looked_at(database: &[u8], log: Option<&[u8]>, what: &str) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("buttonhook.db"), database).unwrap();
    if let Some(log) = log {
        std::fs::write(dir.path().join("buttonhook.db-wal"), log).unwrap();
    }
    wait(read_everything(dir.path(), log.is_some(), what))
}

/// Opens and reads all that can be read. Whatever is served must be what was stored.
/// `whole_moment`: it may be an earlier moment, of which nobody knows how much had come in.
async fn read_everything(dir: &Path, whole_moment: bool, what: &str) -> Seen {
    let store = match Embedded::open(dir) {
        Ok(store) => store,
        Err(error) => {
            let StoreError::Failed(words) = &error else { panic!("{what}: {error:?}") };
            assert!(
                words.contains("backup") || words.contains("another program") || words.contains("cannot be opened"),
                "{what}: {words}"
            );
            return Seen::Refused;
        }
    };
    let mut seen = Seen::Prefix;
    match store.claim(1_000, LEASE_MS, at(100)).await {
        Ok(claims) => {
            claims.contacts.iter().for_each(|claim| honest(claim, what));
            let aside = set_aside(dir);
            if aside > 0 {
                seen = Seen::Partly;
            }
            // The database alone holds mail and a send of everyone: whoever is not given out must have been found damaged.
            let all = claims.contacts.len() + aside == PEOPLE;
            assert!(whole_moment || all, "{what}: {} of {PEOPLE}, {aside} set aside", claims.contacts.len());
        }
        Err(error) => seen = told(&error, what),
    }
    match store.claim_sends(1_000, LEASE_MS, at(100)).await {
        Ok(claimed) => {
            let given_up = store.settled(None, 10_000).await.map_or(PEOPLE, |settled| settled.len());
            if given_up > 0 {
                seen = Seen::Partly;
            }
            let all = claimed.sends.len() + given_up >= PEOPLE;
            assert!(whole_moment || all, "{what}: {} of {PEOPLE} sends, {given_up} given up", claimed.sends.len());
            for send in claimed.sends {
                let Message::Text { body } = &send.message else { panic!("{what}: {:?}", send.message) };
                let text = body.strip_prefix("You wrote: ").unwrap_or_else(|| panic!("{what}: {body}"));
                let (who, _) = genuine(text, what);
                assert_eq!(send.to.phone, Some(phone(who)), "{what}: it would go to somebody else");
            }
        }
        Err(error) => seen = told(&error, what),
    }
    if let Err(error) = store.accept(vec![typed("late", by_phone(3))], at(101)).await {
        seen = told(&error, what);
    }
    seen
}

/// How many contacts were found damaged.
fn set_aside(dir: &Path) -> usize {
    let db = rusqlite::Connection::open(dir.join("buttonhook.db")).unwrap();
    let question = "SELECT count(*) FROM contact WHERE parked IS NOT NULL";
    db.query_row(question, (), |row| row.get::<_, i64>(0)).map_or(PEOPLE, |count| count as usize)
}

fn told(error: &StoreError, what: &str) -> Seen {
    assert!(!matches!(error, StoreError::Closed), "{what}: a thread ended");
    Seen::Partly
}

/// The words are some that were stored, to the letter.
fn genuine(text: &str, what: &str) -> (usize, usize) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse::<usize>().ok());
    let (nth, who) = (numbers.next().unwrap_or(usize::MAX), numbers.next().unwrap_or(usize::MAX));
    assert!(nth < 4 && who < PEOPLE && text == words(who, nth), "{what}: something else is served than was stored: {text}");
    (who, nth)
}

fn honest(claim: &Claim, what: &str) {
    let mut from = None;
    for mail in &claim.inbox {
        let Content::Typed { text } = &mail.inbound.content else { panic!("{what}: {:?}", mail.inbound) };
        let (who, nth) = genuine(text, what);
        assert!(
            from.is_none_or(|(of, before)| of == who && before + 1 == nth),
            "{what}: mail of contact {} out of order",
            claim.contact
        );
        assert_eq!(claim.conversation.contact.phone, Some(phone(who)), "{what}: somebody else's mail");
        from = Some((who, nth));
    }
    for value in claim.conversation.variables.values().flat_map(BTreeMap::values) {
        let buttonhook::model::Value::Text(text) = value else { panic!("{what}: {value:?}") };
        let (who, nth) = genuine(text, what);
        assert!(from.is_none_or(|(of, first)| of == who || first > nth), "{what}: the state of another person");
    }
}

fn counted(cases: Vec<Seen>) -> BTreeMap<Seen, usize> {
    let mut counts = BTreeMap::new();
    for seen in cases {
        *counts.entry(seen).or_insert(0) += 1;
    }
    println!("{counts:?}");
    counts
}

#[test]
fn a_good_store_is_read_whole() {
    assert_eq!(looked_at(&GOOD.database, Some(&GOOD.log), "untouched"), Seen::Prefix);
}

#[test]
fn a_database_cut_anywhere_near_its_end() {
    let cuts = (1..=CUT_LAST.min(GOOD.database.len()) / CUT_EVERY).step_by(every(6));
    let cases = cuts.map(|cut| {
        let kept = GOOD.database.len() - cut * CUT_EVERY;
        looked_at(&GOOD.database[..kept], None, &format!("{kept} bytes of the database"))
    });
    let counts = counted(cases.collect());
    assert!(counts.get(&Seen::Refused).is_some_and(|refused| *refused > 0), "no cut was noticed");
}

#[test]
fn a_log_cut_anywhere_gives_an_earlier_moment() {
    let cuts = (0..CUT_LAST.min(GOOD.log.len()) / CUT_EVERY).step_by(every(6));
    for cut in cuts {
        let kept = GOOD.log.len() - cut * CUT_EVERY;
        let seen = looked_at(&GOOD.database, Some(&GOOD.log[..kept]), &format!("{kept} bytes of the log"));
        assert_eq!(seen, Seen::Prefix, "a log that is torn ends at its last whole commit");
    }
}

#[test]
fn bits_that_turn_over() {
    let mut random = 7_u64;
    let rounds = if whole() { 1_000 } else { 150 };
    let cases = (0..rounds).map(|_| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (mut database, mut log) = (GOOD.database.clone(), GOOD.log.clone());
        let bytes = if random >> 40 & 1 == 0 { &mut database } else { &mut log };
        let at = (random >> 33) as usize % bytes.len();
        bytes[at] ^= 1 << (random >> 60 & 7);
        let what = format!("bit of byte {at} of {} turned over", bytes.len());
        // Without the log nothing hides what was done to the database.
        let log = (database == GOOD.database).then_some(log.as_slice());
        looked_at(&database, log, &what)
    });
    let counts = counted(cases.collect());
    assert!(counts.len() > 1, "some must be noticed: {counts:?}");
}

#[test]
fn pages_of_zeros() {
    let pages = (0..GOOD.database.len() / 4096).step_by(every(4));
    let cases = pages.map(|page| {
        let mut database = GOOD.database.clone();
        database[page * 4096..][..4096].fill(0);
        looked_at(&database, None, &format!("page {page} is zeros"))
    });
    let counts = counted(cases.collect());
    assert!(counts[&Seen::Refused] > counts.get(&Seen::Prefix).copied().unwrap_or(0), "most must be noticed: {counts:?}");
}

#[test]
fn a_log_that_is_gone_or_belongs_to_another_store() {
    assert_eq!(looked_at(&GOOD.database, None, "no log"), Seen::Prefix, "as of the last time that the log was moved");
    let mut other = GOOD.log.clone();
    // Another store's log has other salts, and so do the checksums of its frames.
    other[16..24].copy_from_slice(b"another.");
    assert_eq!(looked_at(&GOOD.database, Some(&other), "another log"), Seen::Prefix);
    assert_eq!(looked_at(&GOOD.database, Some(b"no log at all"), "garbage for a log"), Seen::Prefix);
}

/// A digit in stored words that became another one: still JSON, and found by nothing but the checksum.
#[tokio::test]
async fn words_that_were_changed_behind_our_back_are_not_served() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    fill(&*store, 0).await;
    store.close().await;
    drop(store);
    let db = rusqlite::Connection::open(place.dir().join("buttonhook.db")).unwrap();
    db.execute_batch(
        "UPDATE inbox SET inbound = replace(inbound, 'message 1 of person 3,', 'message 1 of person 4,');
         UPDATE conversation SET state = replace(state, 'message 0 of person 5,', 'message 0 of person 6,');
         UPDATE outbox SET message = replace(message, 'message 0 of person 7,', 'message 0 of person 8,');",
    )
    .unwrap();
    drop(db);
    let to = place.dir().join("copy.db");
    let refused = backup(&place.dir(), &to).unwrap_err().to_string();
    assert!(refused.contains("checksum") && refused.contains("no backup was written") && !to.exists(), "{refused}");
    let store = Embedded::open(&place.dir()).unwrap();
    let claims = claim_all(&store, at(9)).await.contacts;
    assert_eq!(claims.len(), PEOPLE - 2, "two are set aside, and hold up nobody");
    claims.iter().for_each(|claim| honest(claim, "changed words"));
    let sends = store.claim_sends(1_000, LEASE_MS, at(9)).await.unwrap().sends;
    assert_eq!(sends.len(), PEOPLE - 1);
    let settled = store.settled(None, 9).await.unwrap();
    assert!(settled[0].detail.contains("checksum"), "{settled:?}");
}

/// A send that a person is asked about carries its checksum while it waits for their word, and into the line again.
#[tokio::test]
async fn a_question_whose_message_was_changed_is_not_sent_again() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    for who in [1, 2] {
        turn(&*store, who, &format!("m{who}"), &[&format!("k{who}")], at(0)).await;
    }
    store.claim_sends(2, LEASE_MS, at(1)).await.unwrap();
    for key in ["k1", "k2"] {
        settle(&*store, key, Fate::Ask { detail: "no answer".to_owned() }, at(2)).await;
    }
    store.close().await;
    drop(store);
    let db = rusqlite::Connection::open(place.dir().join("buttonhook.db")).unwrap();
    assert_eq!(db.execute("UPDATE sent SET asks = replace(asks, 'about k1', 'about k7')", ()).unwrap(), 2);
    drop(db);
    let refused = backup(&place.dir(), &place.dir().join("copy.db")).unwrap_err().to_string();
    assert!(refused.contains("send in doubt"), "{refused}");
    let store = Embedded::open(&place.dir()).unwrap();
    for key in ["k1", "k2"] {
        assert!(store.rule(SendKey(key.to_owned()), Verdict::Resend, at(3)).await.unwrap());
    }
    let sends = store.claim_sends(2, LEASE_MS, at(4)).await.unwrap().sends;
    assert_eq!(sends.iter().map(|send| send.key.0.as_str()).collect::<Vec<_>>(), ["k2"]);
    assert!(store.settled(None, 1).await.unwrap()[0].detail.contains("checksum"));
}

#[tokio::test]
async fn mail_that_is_missing_is_found() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    fill(&*store, 0).await;
    store.close().await;
    drop(store);
    let db = rusqlite::Connection::open(place.dir().join("buttonhook.db")).unwrap();
    db.execute_batch("DELETE FROM inbox WHERE contact = 3").unwrap();
    drop(db);
    let store = Embedded::open(&place.dir()).unwrap();
    assert_eq!(claim_all(&store, at(9)).await.contacts.len(), PEOPLE - 1, "an accepted message is not passed over in silence");
}

#[cfg(unix)]
#[test]
fn files_that_may_not_be_written_are_refused_in_words() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("buttonhook.db");
    std::fs::write(&database, &GOOD.database).unwrap();
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o400)).unwrap();
    // Whoever may write everything is not kept out by permissions.
    if std::fs::OpenOptions::new().write(true).open(&database).is_ok() {
        return;
    }
    let refused = Embedded::open(dir.path()).expect_err("read-only").to_string();
    assert!(refused.contains("give this user the right to write there"), "{refused}");
}

#[tokio::test]
async fn a_backup_is_taken_beside_the_work_and_opens() {
    let place = EmbeddedPlace::new();
    let store = place.open().await;
    fill(&*store, 0).await;
    let to = place.dir().join("backup.db");
    let held = backup(&place.dir(), &to).unwrap();
    assert_eq!((held.contacts, held.inbox, held.outbox), (PEOPLE as u64, PEOPLE as u64, PEOPLE as u64));
    fill(&*store, 2).await;
    assert!(backup(&place.dir(), &to).unwrap_err().to_string().contains("there already"));
    let restored = tempfile::tempdir().unwrap();
    std::fs::copy(&to, restored.path().join("buttonhook.db")).unwrap();
    assert_eq!(read_everything(restored.path(), false, "restored").await, Seen::Prefix);
    let leftovers: Vec<_> = std::fs::read_dir(place.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(leftovers.iter().all(|name| !name.to_string_lossy().contains("part")), "{leftovers:?}");
    let nowhere = tempfile::tempdir().unwrap();
    assert!(backup(nowhere.path(), &to).unwrap_err().to_string().contains("no store"));
}
