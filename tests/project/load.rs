//! Which files are read, and what is said of those that cannot be.

use std::fs;
use std::os::unix::fs::symlink;

use buttonhook::model::limits::{SCRIPT_BYTES_MAX, SOURCE_BYTES_MAX};
use buttonhook::project::{LoadError, load};
use buttonhook::source::{Code, SourceKind};

use super::{Project, write};

fn paths(project: &Project) -> Vec<String> {
    load(&project.root).unwrap().sources.iter().map(|(_, source)| source.path.to_string()).collect()
}

#[test]
fn reads_flows_at_any_depth_and_scripts_and_leaves_the_rest() {
    let project = Project::new();
    for path in ["flows/a/b/deep.yml", "flows/UPPER.YAML", "scripts/prices.rhai", "flows/_always.yaml", "scripts/data/prices.csv"]
    {
        project.write(path, "a: 1");
    }
    let leftovers = [
        "flows/.shop.yaml.swp",
        "flows/shop.yaml~",
        "flows/#shop.yaml#",
        "flows/4913",
        "flows/.hidden.yaml",
        "flows/.git/x.yaml",
        "flows/notes.txt",
        "scripts/data/x.rhai",
        "scripts/data/prices.csv~",
        "scripts/data/deeper/prices.csv",
        "scripts/x.csv",
        "scripts/readme.md",
        "buttonhook.yaml",
        "other/x.yaml",
    ];
    for path in leftovers {
        project.write(path, "a: 1");
    }
    symlink("nobody@host.1", project.at("flows/.#shop.yaml")).unwrap();
    let flows = ["flows/UPPER.YAML", "flows/_always.yaml", "flows/a/b/deep.yml", "flows/shop.yaml"];
    assert_eq!(paths(&project), [&flows[..], &["scripts/data/prices.csv", "scripts/prices.rhai"]].concat());
    let loaded = load(&project.root).unwrap();
    assert_eq!(loaded.sources.iter().filter(|(_, source)| source.kind == SourceKind::Script).count(), 1);
    assert!(loaded.diagnostics.is_empty());
}

#[test]
fn takes_byte_order_marks_off_and_names_files_that_are_not_text() {
    let project = Project::new();
    project.write("flows/bom.yaml", "\u{feff}a: 1");
    project.write("flows/latin.yaml", b"a: 1\nb: caf\xe9\n");
    project.write("flows/large.yaml", "# ".repeat(SOURCE_BYTES_MAX / 2 + 1));
    project.write("flows/largest.yaml", "# ".repeat(SOURCE_BYTES_MAX / 2));
    project.write("scripts/large.rhai", "//".repeat(SCRIPT_BYTES_MAX / 2 + 1));
    let loaded = load(&project.root).unwrap();
    let text = |path: &str| loaded.sources.iter().find(|(_, source)| &*source.path == path).unwrap().1.text.clone();
    assert_eq!(&*text("flows/bom.yaml"), "a: 1");
    assert_eq!(text("flows/largest.yaml").len(), SOURCE_BYTES_MAX);
    let told: Vec<_> =
        loaded.diagnostics.iter().map(|one| (loaded.sources.place(one.span).path.to_string(), &*one.message)).collect();
    assert_eq!(
        told.iter().map(|(path, message)| (path.as_str(), *message)).collect::<Vec<_>>(),
        [
            ("flows/large.yaml", "the file is larger than 1024 KiB"),
            ("flows/latin.yaml", "the file is not UTF-8 text: a character in line 2 is written in another encoding"),
            ("scripts/large.rhai", "the file is larger than 64 KiB"),
        ]
    );
    assert!(loaded.diagnostics.iter().all(|one| one.code == Code::FILE_UNREADABLE && !one.help.is_empty()));
}

#[test]
fn links_stay_inside_the_project() {
    let project = Project::new();
    write(&project.around.path().join("secret.yaml"), "secret: 1");
    fs::create_dir_all(project.around.path().join("elsewhere")).unwrap();
    write(&project.around.path().join("elsewhere/x.yaml"), "secret: 1");
    symlink(project.around.path().join("secret.yaml"), project.at("flows/out.yaml")).unwrap();
    symlink(project.around.path().join("elsewhere"), project.at("flows/outside")).unwrap();
    symlink("nowhere", project.at("flows/dangling.yaml")).unwrap();
    symlink("shop.yaml", project.at("flows/inside.yaml")).unwrap();
    symlink("../flows", project.at("flows/round")).unwrap();
    let loaded = load(&project.root).unwrap();
    let told: Vec<_> = loaded.diagnostics.iter().map(|one| loaded.sources.place(one.span).path.to_string()).collect();
    assert_eq!(told, ["flows/dangling.yaml", "flows/out.yaml"]);
    assert!(loaded.sources.iter().all(|(_, source)| !source.text.contains("secret")));
    assert_eq!(paths(&project), ["flows/dangling.yaml", "flows/inside.yaml", "flows/out.yaml", "flows/shop.yaml"]);
}

#[test]
fn root_and_flows_may_themselves_be_links() {
    let project = Project::new();
    let flows = project.around.path().join("released");
    fs::rename(project.at("flows"), &flows).unwrap();
    symlink(&flows, project.at("flows")).unwrap();
    assert_eq!(paths(&project), ["flows/shop.yaml"]);
    let link = project.around.path().join("current");
    symlink(&project.root, &link).unwrap();
    assert_eq!(load(&link).unwrap().sources.revision(), load(&project.root).unwrap().sources.revision());
}

#[test]
fn gone_is_not_empty() {
    let project = Project::new();
    fs::remove_file(project.at("flows/shop.yaml")).unwrap();
    assert_eq!(load(&project.root).unwrap().sources.iter().count(), 0, "an empty directory is an empty project");
    fs::remove_dir(project.at("flows")).unwrap();
    let error = load(&project.root).unwrap_err();
    assert!(matches!(error, LoadError::NoFlows(_)) && error.to_string().contains("buttonhook new"), "{error}");
    fs::remove_dir_all(&project.root).unwrap();
    let error = load(&project.root).unwrap_err();
    assert!(matches!(error, LoadError::NoProject(_)) && error.to_string().contains("buttonhook new"), "{error}");
    fs::write(&project.root, "a file").unwrap();
    assert!(matches!(load(&project.root), Err(LoadError::NoProject(_))));
}

/// While files come and go all the time, a reading is whole or says that it is not: never an error of its own making.
#[test]
fn a_directory_in_motion_is_read_or_refused_as_unsteady() {
    let project = Project::new();
    let (root, stop) = (project.root.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let stopping = stop.clone();
    let mover = std::thread::spawn(move || {
        while !stopping.load(std::sync::atomic::Ordering::Relaxed) {
            fs::write(root.join("flows/new.yaml"), "a: 1").unwrap();
            fs::rename(root.join("flows/new.yaml"), root.join("flows/newer.yaml")).unwrap();
            fs::remove_file(root.join("flows/newer.yaml")).unwrap();
        }
    });
    let mut whole = 0;
    for _ in 0..300 {
        match load(&project.root) {
            Ok(loaded) => {
                assert!(loaded.diagnostics.is_empty());
                assert!(loaded.sources.iter().any(|(_, source)| &*source.path == "flows/shop.yaml"));
                whole += 1;
            }
            Err(LoadError::Unsteady(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    mover.join().unwrap();
    assert!(whole > 0);
}
