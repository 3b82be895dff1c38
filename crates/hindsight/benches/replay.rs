//! A whole replay with store and report: bars per CPU second, and the most memory it held.
//!
//! Real bars come from `HINDSIGHT_DATA`, else from `../shared/data` beside the checkout; without
//! either, the bundled bars stand in and the output says so.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its figures and stops at trouble"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const RUNS: usize = 5;

fn main() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder =
        std::env::var_os("HINDSIGHT_DATA").map_or(beside, PathBuf::from).join("binance-spot-1h");
    let (what, args) = if folder.exists() {
        let data = folder.canonicalize().unwrap().display().to_string();
        ("binance-spot-1h", vec!["replay".to_owned(), "--data".to_owned(), data])
    } else {
        ("the bundled bars, for want of binance-spot-1h", vec!["demo".to_owned()])
    };
    let mut spent: Vec<Spent> = (0..RUNS).map(|_| run(&args)).collect();
    spent.sort_by(|left, right| left.cpu_s.total_cmp(&right.cpu_s));
    let (middle, most) =
        (&spent[RUNS / 2], spent.iter().map(|spent| spent.memory_mb).fold(0.0, f64::max));
    println!(
        "whole replay of {what}, {} bars, store and report: {:.0} bars per CPU second (median of {RUNS}, {:.2} CPU s), at most {most:.0} MB",
        middle.bars,
        middle.bars / middle.cpu_s,
        middle.cpu_s
    );
}

struct Spent {
    bars: f64,
    cpu_s: f64,
    memory_mb: f64,
}

/// Runs the program in a folder of its own under GNU time, which reports of the finished process.
fn run(args: &[String]) -> Spent {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new("/usr/bin/time")
        .args(["--format", "%U %S %M", env!("CARGO_BIN_EXE_hindsight"), "--json"])
        .args(args)
        .args(["--out", "out"])
        .current_dir(home.path())
        .output()
        .expect("GNU time at /usr/bin/time");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let last =
        String::from_utf8_lossy(&output.stderr).trim_end().lines().last().unwrap().to_owned();
    let figures: Vec<f64> = last.split(' ').map(|figure| figure.parse().unwrap()).collect();
    Spent {
        bars: told["bars"].as_f64().unwrap(),
        cpu_s: figures[0] + figures[1],
        memory_mb: figures[2] / 1024.0,
    }
}
