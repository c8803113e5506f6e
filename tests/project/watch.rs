//! Saving as people, editors and deploys do it, through watching, reading and swapping. Nothing here sleeps: each test waits
//! for what should happen.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use buttonhook::project::{Live, Reloaded, Watcher, open, reload};
use tokio::time::timeout;

use super::{Project, compile, now};

/// Far more than any change needs.
const PATIENCE: Duration = Duration::from_secs(30);

struct Watched {
    project: Project,
    live: Live<String>,
    watcher: Watcher,
}

impl Watched {
    fn new(project: Project) -> Self {
        let live = open(&project.root, now(), compile).unwrap();
        let watcher = Watcher::new(&project.root).unwrap();
        assert!(watcher.hears_events());
        Self { project, live, watcher }
    }

    /// The next reload that did something.
    async fn next(&mut self) -> Reloaded<String> {
        loop {
            timeout(PATIENCE, self.watcher.changed()).await.expect("the change was noticed");
            match reload(&self.live, &self.project.root, now(), compile) {
                Reloaded::Unchanged => {}
                done => return done,
            }
        }
    }

    /// Waits until what runs is `program`, whatever came before.
    async fn until(&mut self, program: &str) {
        while self.live.program().as_str() != program {
            self.next().await;
        }
    }

    async fn says(&mut self, text: &str) {
        self.until(&format!("[flows/shop.yaml: say: {text}]")).await;
    }
}

#[tokio::test]
async fn a_file_saved_in_place() {
    let mut watched = Watched::new(Project::new());
    let started = Instant::now();
    for text in ["two", "three", "four"] {
        watched.project.write("flows/shop.yaml", format!("say: {text}"));
        assert!(matches!(watched.next().await, Reloaded::Applied { .. }));
        watched.says(text).await;
    }
    // By the slow look alone each would take three seconds.
    assert!(started.elapsed() < Duration::from_secs(6), "events are heard: {:?}", started.elapsed());
}

#[tokio::test]
async fn a_file_saved_as_vim_does() {
    let mut watched = Watched::new(Project::new());
    for text in ["two", "three"] {
        let at = |name: &str| watched.project.at(&format!("flows/{name}"));
        fs::write(at("4913"), "").unwrap();
        fs::remove_file(at("4913")).unwrap();
        fs::rename(at("shop.yaml"), at("shop.yaml~")).unwrap();
        fs::write(at("shop.yaml"), format!("say: {text}")).unwrap();
        fs::remove_file(at("shop.yaml~")).unwrap();
        watched.says(text).await;
    }
}

#[tokio::test]
async fn a_file_saved_by_truncating_and_writing_in_pieces() {
    use std::io::Write;
    let mut watched = Watched::new(Project::new());
    let mut file = fs::File::create(watched.project.at("flows/shop.yaml")).unwrap();
    file.write_all(b"say: ").unwrap();
    file.flush().unwrap();
    file.write_all(b"two").unwrap();
    drop(file);
    watched.says("two").await;
}

#[tokio::test]
async fn a_file_replaced_by_renaming() {
    let mut watched = Watched::new(Project::new());
    for text in ["two", "three"] {
        let outside = watched.project.around.path().join("new");
        fs::write(&outside, format!("say: {text}")).unwrap();
        fs::rename(&outside, watched.project.at("flows/shop.yaml")).unwrap();
        watched.says(text).await;
    }
}

#[tokio::test]
async fn files_that_come_and_go_in_new_directories_too() {
    let mut watched = Watched::new(Project::new());
    watched.project.write("flows/more/deep/b.yaml", "b: 1");
    watched.until("[flows/more/deep/b.yaml: b: 1][flows/shop.yaml: say: one]").await;
    watched.project.write("flows/more/deep/b.yaml", "b: 2");
    watched.until("[flows/more/deep/b.yaml: b: 2][flows/shop.yaml: say: one]").await;
    fs::remove_dir_all(watched.project.at("flows/more")).unwrap();
    watched.until("[flows/shop.yaml: say: one]").await;
    watched.project.write("scripts/prices.rhai", "fn x() {}");
    watched.until("[flows/shop.yaml: say: one][scripts/prices.rhai: fn x() {}]").await;
    watched.project.write("scripts/data/prices.csv", "city");
    watched.until("[flows/shop.yaml: say: one][scripts/data/prices.csv: city][scripts/prices.rhai: fn x() {}]").await;
    watched.project.write("scripts/data/prices.csv", "town");
    watched.until("[flows/shop.yaml: say: one][scripts/data/prices.csv: town][scripts/prices.rhai: fn x() {}]").await;
}

#[tokio::test]
async fn many_files_at_once_are_one_reload() {
    let mut watched = Watched::new(Project::new());
    for n in 0..200 {
        watched.project.write(&format!("flows/f{n:03}.yaml"), "a: 1");
    }
    while watched.live.program().matches("a: 1").count() < 200 {
        watched.next().await;
    }
    assert!(watched.live.report().reloads <= 3, "{}", watched.live.report().reloads);
}

#[tokio::test]
async fn a_half_written_file_runs_only_when_it_is_whole() {
    let mut watched = Watched::new(Project::new());
    watched.project.write("flows/shop.yaml", "say: \"tw");
    let Reloaded::Refused(refused) = watched.next().await else { panic!("not refused") };
    assert!(refused.human.contains("a quote opened at line 1"), "{}", refused.human);
    assert_eq!(watched.live.program().as_str(), "[flows/shop.yaml: say: one]");
    watched.project.write("flows/shop.yaml", "say: \"two\"");
    watched.says("\"two\"").await;
    assert_eq!(watched.live.report().refused, None);
}

#[tokio::test]
async fn flows_as_a_link_that_is_swapped() {
    let project = Project::new();
    let release = |name: &str| project.around.path().join(name);
    fs::rename(project.at("flows"), release("one")).unwrap();
    symlink(release("one"), project.at("flows")).unwrap();
    let (two, next) = (release("two"), project.at("next"));
    super::write(&two.join("shop.yaml"), "say: two");
    let mut watched = Watched::new(project);
    symlink(&two, &next).unwrap();
    fs::rename(&next, watched.project.at("flows")).unwrap();
    watched.says("two").await;
    fs::write(two.join("shop.yaml"), "say: three").unwrap();
    watched.says("three").await;
}

#[tokio::test]
async fn root_as_a_link_that_is_swapped() {
    let mut project = Project::new();
    let around = project.around.path().to_owned();
    fs::rename(&project.root, around.join("one")).unwrap();
    super::write(&around.join("two/flows/shop.yaml"), "say: two");
    project.root = around.join("current");
    symlink("one", &project.root).unwrap();
    let mut watched = Watched::new(project);
    symlink("two", around.join("next")).unwrap();
    fs::rename(around.join("next"), around.join("current")).unwrap();
    watched.says("two").await;
    fs::write(around.join("two/flows/shop.yaml"), "say: three").unwrap();
    watched.says("three").await;
}

/// A link above the project is nothing that is watched: only the slow look finds it.
#[tokio::test]
async fn a_link_above_the_root_that_is_swapped() {
    let mut project = Project::new();
    let around = project.around.path().to_owned();
    super::write(&around.join("releases/1/shop/flows/shop.yaml"), "say: one");
    super::write(&around.join("releases/2/shop/flows/shop.yaml"), "say: two");
    symlink("releases/1", around.join("current")).unwrap();
    project.root = around.join("current/shop");
    let mut watched = Watched::new(project);
    symlink("releases/2", around.join("next")).unwrap();
    fs::rename(around.join("next"), around.join("current")).unwrap();
    watched.says("two").await;
    fs::write(around.join("releases/2/shop/flows/shop.yaml"), "say: three").unwrap();
    watched.says("three").await;
}

/// As Kubernetes mounts a configuration map: the swap happens behind the links.
#[tokio::test]
async fn files_as_links_into_a_directory_that_is_swapped() {
    let project = Project::new();
    fs::remove_file(project.at("flows/shop.yaml")).unwrap();
    project.write("flows/..1/shop.yaml", "say: one");
    symlink("..1", project.at("flows/..data")).unwrap();
    symlink("..data/shop.yaml", project.at("flows/shop.yaml")).unwrap();
    let mut watched = Watched::new(project);
    watched.project.write("flows/..2/shop.yaml", "say: two");
    symlink("..2", watched.project.at("flows/..tmp")).unwrap();
    fs::rename(watched.project.at("flows/..tmp"), watched.project.at("flows/..data")).unwrap();
    watched.says("two").await;
}

#[tokio::test]
async fn directories_that_are_removed_and_made_again() {
    let mut watched = Watched::new(Project::new());
    for (removed, text) in [("flows", "two"), ("", "three")] {
        fs::remove_dir_all(watched.project.at(removed)).unwrap();
        assert!(matches!(watched.next().await, Reloaded::Unreadable { .. }));
        watched.project.write("flows/shop.yaml", format!("say: {text}"));
        watched.says(text).await;
        watched.project.write("flows/shop.yaml", format!("say: {text} again"));
        watched.says(&format!("{text} again")).await;
    }
}

#[tokio::test]
async fn a_directory_put_in_the_place_of_another() {
    let mut watched = Watched::new(Project::new());
    let around = watched.project.around.path().to_owned();
    super::write(&around.join("new/shop.yaml"), "say: two");
    fs::rename(watched.project.at("flows"), around.join("old")).unwrap();
    fs::rename(around.join("new"), watched.project.at("flows")).unwrap();
    watched.says("two").await;
    watched.project.write("flows/shop.yaml", "say: three");
    watched.says("three").await;
}

/// A wake-up that was taken is not lost when the waiting is broken off.
#[tokio::test]
async fn waiting_may_be_broken_off() {
    let mut watched = Watched::new(Project::new());
    watched.project.write("flows/shop.yaml", "say: two");
    for _ in 0..20 {
        if timeout(Duration::from_millis(20), watched.watcher.changed()).await.is_ok() {
            break;
        }
    }
    if matches!(reload(&watched.live, &watched.project.root, now(), compile), Reloaded::Unchanged) {
        watched.says("two").await;
    }
    assert_eq!(watched.live.program().as_str(), "[flows/shop.yaml: say: two]");
}

/// The store lies in the project too, and reading files is an event: neither may wake anyone.
#[tokio::test]
async fn noise_beside_the_project_and_reading_it_wake_nobody() {
    let mut watched = Watched::new(Project::new());
    watched.project.write("flows/shop.yaml", "say: two");
    watched.says("two").await;
    let waiting = async {
        // Longer than the quiet time and a rescan.
        timeout(Duration::from_secs(4), watched.watcher.changed()).await
    };
    let (root, around) = (watched.project.root.clone(), watched.project.around.path().to_owned());
    let noise = async {
        for n in 0..50 {
            fs::write(root.join("buttonhook.db-wal"), format!("{n}")).unwrap();
            fs::write(around.join("beside"), format!("{n}")).unwrap();
            fs::read(root.join("flows/shop.yaml")).unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (waited, ()) = tokio::join!(waiting, noise);
    assert!(waited.is_err(), "nothing changed, but somebody was woken");
}
