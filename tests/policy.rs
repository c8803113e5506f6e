//! The dependency policy without a network: what `deny.toml` says of licences, sources and banned crates, asked of
//! `cargo metadata` and `Cargo.lock`. `cargo deny check` adds the advisories where it is installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "CC0-1.0",
    "Unicode-3.0",
    "Unlicense",
    "BSL-1.0",
];
/// A licence that one crate alone may have.
const EXCEPTIONS: &[(&str, &str)] = &[("smartstring", "MPL-2.0+"), ("webdriver", "MPL-2.0")];
const BANNED: &[&str] = &["openssl-sys", "native-tls", "serde_yaml", "serde_yml", "yaml-rust", "libyaml-rs"];
/// Crates that end up in the program itself, on Linux. A number to keep in view, not a goal.
const CRATES_MAX: usize = 300;

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs the tests, so it is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether an SPDX expression can be met by the allowed licences: one part of every `OR`, all parts of every `AND`.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace(['(', ')'], " ").replace('/', " OR ");
    // Precedence: AND binds tighter than OR; with the parentheses gone this asks for more than is needed, never for less.
    expression.split(" AND ").all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
        || expression.split(" OR ").any(|part| part.split(" AND ").all(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn every_crate_has_an_allowed_licence_and_source() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if name == "buttonhook" {
            continue;
        }
        let licence = package["license"].as_str().unwrap_or("none");
        if !allowed(licence) && !EXCEPTIONS.contains(&(name, licence)) {
            wrong.push(format!("{name} has the licence {licence}"));
        }
        if !package["source"].as_str().is_some_and(|source| source.starts_with("registry+")) {
            wrong.push(format!("{name} does not come from the registry"));
        }
        if BANNED.contains(&name) {
            wrong.push(format!("{name} is banned"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_program_itself_stays_small() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--target",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let crates: BTreeSet<&str> =
        std::str::from_utf8(&output.stdout).unwrap().lines().map(|line| line.trim_end_matches(" (*)")).collect();
    assert!(crates.len() > 50 && crates.len() <= CRATES_MAX, "{} crates", crates.len());
}

#[test]
fn the_two_policies_are_the_same() {
    let deny = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap();
    for licence in LICENCES {
        assert!(deny.contains(&format!("\"{licence}\"")), "deny.toml does not allow {licence}");
    }
    for name in BANNED {
        assert!(deny.contains(&format!("name = \"{name}\"")), "deny.toml does not ban {name}");
    }
}
