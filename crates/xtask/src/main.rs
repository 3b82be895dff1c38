//! `cargo xtask check`: everything that must hold before a change may land, with plain `cargo`.

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
    for check in CHECKS.iter().chain([tests]) {
        eprintln!("== {}", check.what);
        if !passes(check) {
            eprintln!("== {} failed: cargo {}", check.what, check.args.join(" "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
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
