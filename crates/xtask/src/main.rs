//! `cargo xtask check`: everything that must hold before a change may land, with plain `cargo`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// One check: what it is, and the `cargo` call that makes it.
struct Check {
    what: &'static str,
    args: &'static [&'static str],
    env: Option<(&'static str, &'static str)>,
}

const CHECKS: &[Check] = &[
    Check { what: "format", args: &["fmt", "--all", "--check"], env: None },
    Check {
        what: "lints",
        args: &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
        env: None,
    },
    Check {
        what: "docs",
        args: &["doc", "--workspace", "--no-deps"],
        env: Some(("RUSTDOCFLAGS", "--deny warnings")),
    },
];

/// Tests come last, so that the runner's closing line is the last thing to be read.
const TESTS: Check = Check { what: "tests", args: &["test", "--workspace"], env: None };
const TESTS_BY_NEXTEST: Check =
    Check { what: "tests", args: &["nextest", "run", "--workspace", "--no-fail-fast"], env: None };

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("check") => check(),
        _ => {
            eprintln!("usage: cargo xtask check");
            ExitCode::from(2)
        }
    }
}

fn check() -> ExitCode {
    let tests = if has_nextest() { &TESTS_BY_NEXTEST } else { &TESTS };
    name_what_has_no_data();
    for check in CHECKS.iter().chain([tests]) {
        eprintln!("== {}", check.what);
        if !passes(check) {
            eprintln!("== {} failed: cargo {}", check.what, check.args.join(" "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A test on real bars that finds none says so, but a runner shows what passing tests say to nobody: said
/// here, so that none passes in silence.
fn name_what_has_no_data() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let beside = || crates.join("../../shared/data");
    let data = std::env::var_os("HINDSIGHT_DATA").map_or_else(beside, PathBuf::from);
    if data.exists() {
        return;
    }
    eprintln!(
        "== skipped for want of real bars at {} (HINDSIGHT_DATA names another place):",
        data.display()
    );
    for test in tests_of(&crates) {
        let text = std::fs::read_to_string(&test).unwrap_or_default();
        if text.contains("shared(") {
            eprintln!("   parts of {}", test.strip_prefix(&crates).unwrap_or(&test).display());
        }
    }
}

/// Every test file of every crate, sorted.
fn tests_of(crates: &Path) -> Vec<PathBuf> {
    let entries = |folder: PathBuf| {
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
    };
    let mut tests: Vec<PathBuf> =
        entries(crates.to_owned()).flat_map(|krate| entries(krate.join("tests"))).collect();
    tests.sort();
    tests
}

fn passes(check: &Check) -> bool {
    let mut command = cargo();
    command.args(check.args);
    if let Some((name, value)) = check.env {
        command.env(name, value);
    }
    command.status().is_ok_and(|status| status.success())
}

fn has_nextest() -> bool {
    cargo().args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
