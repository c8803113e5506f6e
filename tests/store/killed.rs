//! A real process, killed with the real signal while many accept at once.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

/// Tells the test, run again as a child, where to write until it is killed.
const CHILD: &str = "BUTTONHOOK_TEST_STORE_CHILD";
const KILLS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_that_it_had_answered() {
    if let Some(dir) = std::env::var_os(CHILD) {
        return accept_until_killed(&PathBuf::from(dir)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    for life in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::killed::a_killed_process_loses_nothing_that_it_had_answered", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = lines.filter(|line| line.starts_with("answered ") && line.ends_with('.'));
        answered.extend(lines.by_ref().take(150 + life * 70));
        child.kill().unwrap();
        child.wait().unwrap();
        answered.extend(lines);
    }
    let store = Embedded::open(dir.path()).unwrap();
    assert!(answered.len() >= KILLS * 150);
    for line in &answered {
        let (id, contact) = line["answered ".len()..line.len() - 1].rsplit_once(' ').unwrap();
        let again = store.accept(vec![typed(id, by_phone(contact.parse().unwrap()))], at(0)).await.unwrap();
        assert_eq!(again.doubles, 1, "{id} was answered and is gone");
    }
    // What is there is whole: the mailboxes hold what the counts say, in order, without a gap.
    let inbox = store.stats(at(0)).await.unwrap().inbox;
    let mut found = 0;
    loop {
        let claims = claim_all(&store, at(1)).await.contacts;
        if claims.is_empty() {
            break;
        }
        for claim in &claims {
            let first = claim.inbox[0].seq;
            assert!(claim.inbox.iter().zip(first..).all(|(mail, seq)| mail.seq == seq));
            found += claim.inbox.len() as u64;
        }
        store.commit(claims.iter().map(|claim| takes(claim, &[])).collect(), at(1)).await.unwrap();
    }
    assert_eq!(found, inbox);
    assert!(found >= answered.len() as u64);
}

async fn accept_until_killed(dir: &std::path::Path) {
    let store = Embedded::open(dir).unwrap();
    let life = std::process::id();
    let mut writers = tokio::task::JoinSet::new();
    for contact in 0..8 {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0.. {
                let id = format!("{life}-{contact}-{n}");
                store.accept(vec![typed(&id, by_phone(contact))], at(n)).await.unwrap();
                println!("answered {id} {contact}.");
            }
        });
    }
    writers.join_all().await;
}
