//! The program as a person meets it: what it prints, how it fails, and what it leaves alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn hindsight(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hindsight"))
        .args(args)
        .current_dir(folder)
        .env_remove("HINDSIGHT_CONFIG")
        .output()
        .unwrap()
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let output = hindsight(folder, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("--json prints exactly one document")
}

const SUMMARY_KEYS: [&str; 21] = [
    "bars",
    "symbols",
    "from",
    "to",
    "candidates",
    "decisions",
    "trades",
    "probes",
    "outcomes",
    "shadow_outcomes",
    "policy_versions",
    "model_rulings",
    "win_rate",
    "profit_factor",
    "net_return",
    "sharpe",
    "deflated_sharpe",
    "max_drawdown",
    "fees",
    "digest",
    "bars_per_second",
];

#[test]
fn the_demo_closes_the_loop_and_every_follow_up_works() {
    let home = tempfile::tempdir().unwrap();
    let told = json(home.path(), &["demo", "--models", "none", "--json"]);
    for key in SUMMARY_KEYS.into_iter().chain(["seconds"]) {
        assert!(told.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(told["bars"], 23_080);
    assert_eq!(told["decisions"], told["candidates"]);
    assert!(told["trades"].as_u64().unwrap() > 100);
    assert!(told["policy_versions"].as_u64().unwrap() > 10);
    assert!(home.path().join("hindsight-demo/report.html").exists());
    let again = json(home.path(), &["--json", "demo", "--models", "none"]);
    assert_eq!(again["digest"], told["digest"]);
    let other =
        json(home.path(), &["demo", "--seed", "8", "--models", "none", "--out", "other", "--json"]);
    assert_ne!(other["digest"], told["digest"]);

    let store = ["--store", "sqlite://hindsight-demo/hindsight.db"];
    let ask = |args: &[&str]| json(home.path(), &[&store[..], args, &["--json"]].concat());
    let history = ask(&["learn", "history"]);
    let versions = history["versions"].as_array().unwrap();
    let sum: f64 =
        versions[3]["head_weights"].as_object().unwrap().values().filter_map(Value::as_f64).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    assert_eq!(versions[0]["reason"], "day_one");
    assert_eq!(ask(&["learn", "show", "2"])["version"], 2);
    let reverted = ask(&["learn", "revert", "1"]);
    assert_eq!(reverted["reason"], "revert");
    assert_eq!(reverted["head_weights"], versions[0]["head_weights"]);
    assert_eq!(
        ask(&["learn", "history"])["versions"].as_array().unwrap().len(),
        versions.len() + 1
    );

    let runs = ask(&["runs"]);
    assert_eq!(runs["runs"][0]["run"], told["run"]);
    assert_eq!(runs["runs"][0]["digest"], told["digest"]);
    // Taking the policy back changes what starts from it.
    let bars = "hindsight-demo/bars";
    let run = told["run"].as_str().unwrap();
    ask(&["learn", "revert", "40"]);
    let from_it = ask(&["replay", "--data", bars, "--policy", run]);
    ask(&["learn", "revert", "1", "--run", run]);
    let from_day_one = ask(&["replay", "--data", bars, "--policy", run]);
    assert_ne!(from_it["digest"], from_day_one["digest"]);
    assert_eq!(from_day_one["digest"], told["digest"]);

    let exported = ask(&["export", "decisions", "--to", "d.csv"]);
    let text = std::fs::read_to_string(home.path().join("d.csv")).unwrap();
    assert_eq!(text.lines().count() as u64, exported["rows"].as_u64().unwrap() + 1);
    let header = text.lines().next().unwrap();
    for column in [
        "decision_id",
        "decided_at",
        "conviction",
        "refusals",
        "policy_version",
        "propensity",
        "outcome_r",
    ] {
        assert!(header.split(',').any(|name| name == column), "{column}");
    }
    let id = text.lines().nth(500).unwrap().split(',').next().unwrap();
    assert_eq!(ask(&["explain", id])["decision_id"], id);
    for what in ["trades", "outcomes"] {
        assert!(ask(&["export", what, "--to", "out"])["rows"].as_u64().unwrap() > 0);
        assert!(home.path().join(format!("out/{what}.parquet")).exists());
    }
}

/// Says one sentence on stderr, ends with the code, and leaves the store as it was.
fn check_refused(home: &Path, args: &[&str], code: i32, part: &str) {
    let store = home.join("hindsight.db");
    let before = std::fs::read(&store).ok();
    let output = hindsight(home, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(part), "{args:?} said: {said}");
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{args:?} said more than a sentence: {said}");
    assert_eq!(std::fs::read(&store).ok(), before, "{args:?} touched the store");
}

#[test]
fn what_is_malformed_gets_one_clear_sentence_and_leaves_the_store_alone() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let write = |name: &str, bytes: &[u8]| std::fs::write(here.join(name), bytes).unwrap();
    let header = "ts,open,high,low,close,volume\n";
    let good: String = (0..200)
        .map(|at| format!("{},10,11,9,10.5,100\n", 1_600_000_000_000_i64 + at * 3_600_000))
        .collect();
    write("AAA-1h.csv", format!("{header}{good}").as_bytes());
    json(here, &["replay", "--data", "AAA-1h.csv", "--json"]);

    write("empty-1h.csv", b"");
    write(
        "junk-1h.csv",
        &(0..4_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
    );
    write("junk-1h.parquet", b"PAR1 this is no parquet file at all PAR1");
    write("wrong-1h.csv", b"name,colour\nx,red\n");
    write("nan-1h.csv", format!("{header}1600000000000,NaN,11,9,10,1\n").as_bytes());
    write("negative-1h.csv", format!("{header}1600000000000,10,11,-9,10,1\n").as_bytes());
    write("future-1h.csv", format!("{header}7000000000000,10,11,9,10,1\n").as_bytes());
    write("far-1h.csv", format!("{header}99999999999999999,10,11,9,10,1\n").as_bytes());
    let whole = here.join("whole");
    std::fs::create_dir(&whole).unwrap();
    json(here, &["data", "import", "AAA-1h.csv", "--out", "whole", "--json"]);
    let parquet = std::fs::read(whole.join("AAA-1h.parquet")).unwrap();
    write("cut-1h.parquet", &parquet[..parquet.len() / 2]);

    for (file, part) in [
        ("empty-1h.csv", "empty"),
        ("junk-1h.csv", "junk-1h.csv"),
        ("junk-1h.parquet", "junk-1h.parquet"),
        ("cut-1h.parquet", "cut-1h.parquet"),
        ("wrong-1h.csv", "wrong-1h.csv"),
        ("nan-1h.csv", "open is not a finite number"),
        ("negative-1h.csv", "low -9 is not above zero"),
        ("future-1h.csv", "future-1h.csv"),
        ("far-1h.csv", "far-1h.csv"),
        ("missing-1h.csv", "missing-1h.csv"),
    ] {
        check_refused(here, &["replay", "--data", file], 1, part);
    }
    write("bad.toml", b"[risk]\ndaily_los_fraction = 0.1\n");
    check_refused(
        here,
        &["--config", "bad.toml", "replay", "--data", "AAA-1h.csv"],
        2,
        "did you mean risk.daily_loss_fraction",
    );
    check_refused(
        here,
        &["replay", "--data", "AAA-1h.csv", "--from", "yesterday"],
        2,
        "--from yesterday",
    );
    check_refused(here, &["explain", "zzz"], 2, "not a decision id");
    check_refused(here, &["explain", "0000000000000000"], 2, "no decision");
    check_refused(here, &["learn", "show", "9999"], 2, "no version 9999");
    check_refused(here, &["learn", "history", "--run", "nosuch"], 2, "nosuch");
    check_refused(here, &["export", "trades", "--to", "t.xlsx"], 2, ".csv or .parquet");
    check_refused(
        here,
        &["--store", "postgres://x/y", "learn", "history"],
        2,
        "not built into this version",
    );
}

#[test]
fn bad_rows_are_left_out_counted_and_named() {
    let home = tempfile::tempdir().unwrap();
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for at in 0..300_i64 {
        let close = if at == 100 { "NaN" } else { "10.5" };
        text.push_str(&format!("{},10,11,9,{close},100\n", 1_600_000_000_000_i64 + at * 3_600_000));
    }
    std::fs::write(home.path().join("AAA-1h.csv"), text).unwrap();
    let told = json(home.path(), &["replay", "--data", "AAA-1h.csv", "--json"]);
    assert_eq!((told["bars"].as_u64(), told["rows_refused"].as_u64()), (Some(299), Some(1)));
    let strict = hindsight(home.path(), &["replay", "--data", "AAA-1h.csv", "--strict"]);
    assert_eq!(strict.status.code(), Some(1));
    let checked = hindsight(home.path(), &["data", "check", "AAA-1h.csv"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("row 102"));
}

#[test]
fn repeating_a_replay_replaces_its_run() {
    let home = tempfile::tempdir().unwrap();
    let rows: String = (0..400_i64)
        .map(|at| {
            format!(
                "{},{p},{h},{l},{p},100\n",
                1_600_000_000_000_i64 + at * 3_600_000,
                p = 100 + at % 7,
                h = 101 + at % 7,
                l = 99 + at % 7
            )
        })
        .collect();
    std::fs::write(
        home.path().join("AAA-1h.csv"),
        format!("ts,open,high,low,close,volume\n{rows}"),
    )
    .unwrap();
    let first = json(home.path(), &["replay", "--data", "AAA-1h.csv", "--json"]);
    let second = json(home.path(), &["replay", "--data", "AAA-1h.csv", "--json"]);
    let other = json(home.path(), &["replay", "--data", "AAA-1h.csv", "--seed", "9", "--json"]);
    assert_eq!(first["run"], second["run"]);
    assert_ne!(first["run"], other["run"]);
    let history =
        json(home.path(), &["learn", "history", "--run", first["run"].as_str().unwrap(), "--json"]);
    assert_eq!(history["run"], first["run"]);
}

#[test]
fn a_folder_that_is_not_the_demos_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("hindsight.db"), "years of work").unwrap();
    let output = hindsight(home.path(), &["demo", "--models", "none", "--out", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not the demo's folder"));
    assert_eq!(std::fs::read_to_string(folder.join("hindsight.db")).unwrap(), "years of work");

    json(home.path(), &["demo", "--models", "none", "--json"]);
    let note = home.path().join("hindsight-demo/note.txt");
    std::fs::write(&note, "worth keeping").unwrap();
    json(home.path(), &["demo", "--models", "none", "--json"]);
    assert_eq!(std::fs::read_to_string(note).unwrap(), "worth keeping");
}

#[test]
fn usage_is_a_sentence_with_code_2() {
    let home = tempfile::tempdir().unwrap();
    for args in [&["nosuch"][..], &["replay"], &["demo", "--rule", "vibes"], &["--json"]] {
        assert_eq!(hindsight(home.path(), args).status.code(), Some(2), "{args:?}");
    }
    let completions = hindsight(home.path(), &["completions", "bash"]);
    assert!(completions.status.success() && !completions.stdout.is_empty());
    let config = hindsight(home.path(), &["config"]);
    assert!(String::from_utf8_lossy(&config.stdout).contains("daily_loss_fraction = 0.05"));
}

#[test]
fn the_printed_configuration_reads_back_and_no_model_is_a_choice() {
    let home = tempfile::tempdir().unwrap();
    let printed = hindsight(home.path(), &["config"]);
    std::fs::write(home.path().join("hindsight.toml"), &printed.stdout).unwrap();
    let again = hindsight(home.path(), &["config"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(again.stdout, printed.stdout);
    let replay = |models: &str| {
        let output = hindsight(home.path(), &["replay", "--data", "none.csv", "--models", models]);
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(replay("none").contains("none.csv") && !replay("none").contains("models.kinds"));
    assert!(replay("none,xgboost").contains("none stands alone"));
}
