//! What runs after the files changed, and what is said about it.

use std::fs;

use buttonhook::project::{Live, NotStarted, Reloaded, open, reload};

use super::{Project, compile, now};

fn started(project: &Project) -> Live<String> {
    open(&project.root, now(), compile).unwrap()
}

fn again(live: &Live<String>, project: &Project) -> Reloaded<String> {
    reload(live, &project.root, now(), compile)
}

#[test]
fn changed_files_run_and_unchanged_ones_do_nothing() {
    let project = Project::new();
    let live = started(&project);
    let first = live.program();
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
    project.write("flows/shop.yaml", "say: two, odd");
    let Reloaded::Applied { before, after, revision, warnings } = again(&live, &project) else { panic!("not applied") };
    assert_eq!((before.as_str(), after.as_str()), ("[flows/shop.yaml: say: one]", "[flows/shop.yaml: say: two, odd]"));
    assert_eq!(first.as_str(), "[flows/shop.yaml: say: one]", "whoever holds the old program keeps it");
    let report = live.report();
    assert_eq!((report.revision.as_str(), report.reloads, &report.refused), (revision.as_str(), 1, &None));
    assert!(warnings.ends_with("1 warning\n") && report.warnings == warnings, "{warnings}");
    fs::write(project.at("flows/shop.yaml"), "say: two, odd").unwrap();
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
}

#[test]
fn a_mistake_keeps_what_runs_and_is_told_once() {
    let project = Project::new();
    let live = started(&project);
    project.write("flows/shop.yaml", "say: {two} wrong");
    let Reloaded::Refused(refused) = again(&live, &project) else { panic!("not refused") };
    assert!(refused.human.contains("flows/shop.yaml:1:6") && refused.human.ends_with("2 errors\n"), "{}", refused.human);
    assert_eq!((refused.errors, refused.json.as_array().unwrap().len()), (2, 2));
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
    assert_eq!(live.program().as_str(), "[flows/shop.yaml: say: one]");
    assert_eq!(live.report().refused.as_ref(), Some(&refused));
    project.write("flows/shop.yaml", "say: {three} wrong");
    assert!(matches!(again(&live, &project), Reloaded::Refused(_)), "another mistake is told");
    project.write("flows/shop.yaml", "say: one");
    assert!(matches!(again(&live, &project), Reloaded::Restored { .. }));
    assert_eq!((live.report().refused.as_ref(), live.report().reloads), (None, 0));
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
}

#[test]
fn a_file_that_is_no_text_is_a_mistake_until_it_is_one() {
    let project = Project::new();
    let live = started(&project);
    project.write("flows/b.yaml", b"\xff\xfe");
    let Reloaded::Refused(refused) = again(&live, &project) else { panic!("not refused") };
    assert!(refused.human.contains("BH0005") && refused.errors == 1, "{}", refused.human);
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
    project.write("flows/b.yaml", "");
    assert!(
        matches!(again(&live, &project), Reloaded::Applied { .. }),
        "an empty file is another content than none that can be read"
    );
}

#[test]
fn a_project_that_is_gone_runs_on_and_says_so_once() {
    let project = Project::new();
    let live = started(&project);
    let aside = project.around.path().join("aside");
    fs::rename(project.at("flows"), &aside).unwrap();
    let Reloaded::Unreadable { message } = again(&live, &project) else { panic!("not unreadable") };
    assert!(message.contains("flows"), "{message}");
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
    assert_eq!(live.program().as_str(), "[flows/shop.yaml: say: one]");
    assert!(live.report().refused.as_ref().unwrap().human.contains(&message));
    fs::rename(&aside, project.at("flows")).unwrap();
    assert!(matches!(again(&live, &project), Reloaded::Restored { .. }));
}

#[test]
fn a_compiler_that_panics_or_says_nothing_stops_neither_server_nor_program() {
    let project = Project::new();
    let live = started(&project);
    project.write("flows/shop.yaml", "say: panic");
    let Reloaded::Refused(refused) = again(&live, &project) else { panic!("not refused") };
    assert!(refused.human.contains("the compiler panics") && refused.errors == 1, "{}", refused.human);
    assert!(matches!(again(&live, &project), Reloaded::Unchanged));
    project.write("flows/shop.yaml", "say: two");
    assert!(matches!(reload(&live, &project.root, now(), |_| (None, Vec::new())), Reloaded::Refused(_)));
    assert_eq!(live.program().as_str(), "[flows/shop.yaml: say: one]");
}

#[test]
fn a_first_start_stops_at_any_error() {
    let project = Project::new();
    project.write("flows/shop.yaml", "say: wrong");
    let Err(NotStarted::Refused(refused)) = open(&project.root, now(), compile) else { panic!("started") };
    assert_eq!(refused.errors, 1);
    fs::remove_dir_all(project.at("flows")).unwrap();
    let Err(NotStarted::Unreadable(message)) = open(&project.root, now(), compile) else { panic!("started") };
    assert!(message.contains("buttonhook new"), "{message}");
}
