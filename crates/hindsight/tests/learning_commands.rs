//! What a person can ask and order about learning, jobs and the store, as they type it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::path::Path;
use std::process::{Command, Output};

use domain::Job;
use serde_json::Value;

const STORE: [&str; 2] = ["--store", "sqlite://hindsight-demo/hindsight.db"];

fn hindsight(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hindsight"))
        .args(args)
        .current_dir(folder)
        .env_remove("HINDSIGHT_CONFIG")
        .output()
        .unwrap()
}

fn ask(home: &Path, args: &[&str]) -> Value {
    let output = hindsight(home, &[&STORE[..], args, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("--json prints exactly one document")
}

fn text(home: &Path, args: &[&str]) -> String {
    let output = hindsight(home, &[&STORE[..], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// One sentence on stderr, and the code.
fn check_refused(home: &Path, args: &[&str], code: i32, part: &str) {
    let output = hindsight(home, &[&STORE[..], args].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(part), "{args:?} said: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{args:?} said more than a sentence: {said}");
}

#[test]
fn a_run_answers_for_what_it_has_come_to_believe() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert!(hindsight(home, &["demo", "--models", "none", "--quiet"]).status.success());
    report(home);
    gates(home);
    jobs(home);
    windows(home);
    refusals(home);
    copies(home);
    seeds_and_history(home);
    struck_and_given_back(home);
}

fn report(home: &Path) {
    let told = ask(home, &["learn", "report"]);
    let learners = told["learners"].as_array().unwrap();
    let heads = learners.iter().find(|one| one["name"] == "head_weights").unwrap();
    assert!(heads["heard"].as_u64().unwrap() > 10_000);
    assert!(heads["beliefs"][0].as_str().unwrap().contains("effective votes"));
    let last = heads["told"].as_array().unwrap().last().unwrap();
    assert!(last["at"].as_str().unwrap().ends_with('Z'));
    assert!(!told["gates"].as_array().unwrap().is_empty());
    assert!(told["data"]["enriched_decisions"].as_u64().unwrap() > 10_000);
    let one = ask(home, &["learn", "report", "--learner", "head_weights"]);
    assert_eq!(one["learners"].as_array().unwrap().len(), 1);
    let said = text(home, &["learn", "report"]);
    for words in
        ["Undo: hindsight", "Starved: ", "  Proven ", "Gate \"fee\" refused", "not what it caused"]
    {
        assert!(said.contains(words), "the report does not say {words:?}: {said}");
    }
    for claim in ["improved", "better"] {
        assert!(!said.contains(claim) || said.contains("Learning improved"), "{claim} in {said}");
    }
    let shown = text(home, &["learn", "show", "2"]);
    assert!(shown.contains(" outcomes (effective ") && shown.contains("Back to it: "), "{shown}");
}

/// The card counts while the run goes on, the command from what is stored.
fn gates(home: &Path) {
    let page = std::fs::read_to_string(home.join("hindsight-demo/report.html")).unwrap();
    assert!(page.contains("EURUSD: its bars end on 2017-12-29, the run goes on to 20"));
    let card = page.split_once("id=\"gates\"").unwrap().1.split_once("</table>").unwrap().0;
    let told = ask(home, &["learn", "report"]);
    let mut alone = 0;
    for gate in told["gates"].as_array().unwrap() {
        let name = gate["gate"].as_str().unwrap().replace('_', " ");
        let row =
            card.split("<tr>").find(|row| row.to_lowercase().contains(&format!("\"row\">{name}<")));
        let row = row.unwrap_or_else(|| panic!("{name} has no row in {card}"));
        let r = &gate["refused_by_it_alone_r"];
        alone += r["n"].as_u64().unwrap_or(0);
        // Of too few neither says anything.
        let is_told = r["n_effective"].as_f64().is_some_and(|n| n >= 5.0);
        assert_eq!(row.contains("Refused by it alone: ") && row.contains(" each <span"), is_told);
        let verdict = gate["reading"].as_str().unwrap();
        assert!(row.contains(verdict) || gate["refused_with_outcome"] == 0, "{verdict}: {row}");
    }
    assert!(alone > 100, "some gate stands alone: {alone}");
}

fn jobs(home: &Path) {
    let told = ask(home, &["jobs", "list"]);
    let jobs = told["jobs"].as_array().unwrap();
    let names: Vec<&str> = jobs.iter().map(|job| job["job"].as_str().unwrap()).collect();
    assert_eq!(names, Job::ALL.map(Job::name));
    for job in jobs {
        for key in ["when", "times", "amiss", "published", "last_ran_at", "next_due_at"] {
            assert!(job.get(key).is_some(), "{key} of {job}");
        }
        assert!(job["next_due_at"].is_string() && job["last_ran_at"].is_string(), "{job}");
    }
    let before = ask(home, &["learn", "history"]);
    let ran = ask(home, &["jobs", "run", "nightly", "--dry-run"]);
    assert_eq!((&ran["job"], &ran["dry_run"]), (&Value::from("nightly"), &Value::from(true)));
    assert!(ran["findings"].is_array());
    assert_eq!(ask(home, &["learn", "history"]), before, "a dry run changes nothing");
    assert_eq!(ask(home, &["learn", "run", "nightly", "--dry-run"]), ran);
}

fn windows(home: &Path) {
    let told = ask(home, &["learn", "update", "24"]);
    assert_eq!((&told["accepted"], &told["trades_used"]), (&Value::from(false), &Value::from(0)));
    assert!(
        told["why"].as_str().unwrap().contains("No trained model in this run; nothing to update")
    );
    let told = ask(home, &["learn", "boost", "20000"]);
    let count = |key: &str| told[key].as_u64().unwrap();
    assert_eq!(count("winners") + count("losers"), count("trades"));
    assert!(count("trades") > 100 && !told["why"].as_str().unwrap().contains("too few"));
}

fn refusals(home: &Path) {
    check_refused(home, &["jobs", "run", "tea"], 2, "there is no job tea");
    check_refused(home, &["learn", "run", "tea"], 2, "there is no job tea");
    check_refused(home, &["learn", "report", "--learner", "x"], 2, "there is no learner x");
    check_refused(home, &["learn", "switch", "x", "off"], 2, "there is no learner x");
    check_refused(
        home,
        &["learn", "switch", "conviction_calibration", "on"],
        2,
        "switched on already",
    );
    check_refused(home, &["learn", "pin", "head.trend"], 2, "write NAME=VALUE");
    check_refused(home, &["learn", "pin", "head.trend=2"], 2, "lies between 0.05 and 0.3");
    check_refused(home, &["learn", "unpin", "head.trend"], 2, "is not pinned");
    check_refused(home, &["learn", "strike", "2018-02-01", "2018-01-01"], 2, "is empty");
    check_refused(home, &["learn", "strike", "soon", "2018-01-01"], 2, "is not a day");
    check_refused(home, &["learn", "strike", "1999-01-01", "1999-02-01"], 2, "decided nothing");
    check_refused(home, &["learn", "update", "0"], 2, "hold no trades");
    check_refused(home, &["learn", "show", "9999"], 2, "has no version 9999");
    check_refused(home, &["learn", "report", "--run", "nope"], 2, "the store has no run `nope`");
    check_refused(home, &["learn", "strike", "--undo"], 2, "nothing is struck");
    check_refused(home, &["learn", "pin", "hour.14=2"], 2, "hour.14 lies between 0 and 1.5");
    check_refused(home, &["export", "trades", "--to", "d.txt"], 2, "end in .csv or .parquet");
    let versions = ask(home, &["learn", "history"])["versions"].as_array().unwrap().len();
    check_refused(home, &["learn", "revert", &versions.to_string()], 2, "stand already");
    let told = ask(home, &["learn", "strike", "2018-01-01", "2018-02-01", "--dry-run"]);
    assert!(told["struck"].as_u64().unwrap() > 100);
}

/// A pin and a strike, both taken back: a whole round, after everything that wants an untouched run.
fn struck_and_given_back(home: &Path) {
    ask(home, &["learn", "pin", "hour.14=0"]);
    ask(home, &["learn", "unpin", "hour.14"]);
    let weights = |version: &Value| version["head_weights"].clone();
    let strike = ["learn", "strike", "2018-01-01", "2018-03-01"];
    let before = ask(home, &["learn", "report"])["data"]["struck"].clone();
    assert_eq!(before, Value::from(0));
    let told = ask(home, &strike);
    assert_eq!(told["reason"], "struck");
    let struck = ask(home, &["learn", "report"]);
    assert!(struck["data"]["struck"].as_u64().unwrap() > 100);
    check_refused(home, &strike, 2, "is struck already");
    let dry = ask(home, &["learn", "strike", "2018-02-01", "2018-04-01", "--dry-run"]);
    let all = ask(home, &["learn", "strike", "--undo", "--dry-run"]);
    assert!(
        all["given_back"].as_u64() > Some(100)
            && dry["outcomes"]
                == all["left"]
                    .as_u64()
                    .zip(all["given_back"].as_u64())
                    .map(|(left, back)| left - back)
                    .unwrap()
    );
    let back = ask(home, &["learn", "strike", "--undo"]);
    assert_eq!(back["reason"], "unstruck");
    assert_ne!(weights(&back), weights(&told));
    assert_eq!(ask(home, &["learn", "report"])["data"]["struck"], Value::from(0));
    check_refused(home, &["learn", "strike", "--undo"], 2, "nothing is struck");
    assert_eq!(ask(home, &["db", "check"])["damages"], Value::Array(Vec::new()));
}

fn copies(home: &Path) {
    let checked = ask(home, &["db", "check"]);
    assert_eq!(checked["damages"], Value::Array(Vec::new()));
    assert!(checked["links"].as_u64().unwrap() > 10);
    let schema = ask(home, &["db", "migrate"]);
    assert_eq!(schema["schema"], schema["schema_before"]);
    ask(home, &["db", "backup", "copy.db"]);
    check_refused(home, &["db", "backup", "copy.db"], 1, "a backup overwrites nothing");
    check_refused(home, &["db", "restore", "copy.db"], 1, "say --force to replace it");
    ask(home, &["db", "restore", "copy.db", "--force"]);
    check_refused(home, &["db", "restore", "none.db", "--force"], 1, "there is no store");
    std::fs::write(home.join("torn.db"), &std::fs::read(home.join("copy.db")).unwrap()[..100_000])
        .unwrap();
    let torn = hindsight(home, &["--store", "sqlite://torn.db", "db", "check"]);
    assert_eq!(torn.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&torn.stderr).contains("panicked"));
}

const SEEDS: [&str; 19] = [
    "signal_weights.json",
    "signal_weights_gate.json",
    "conviction_sizes.json",
    "allocation.json",
    "daily_learning_rules.json",
    "hold_time_policy.json",
    "fee_gate_state.json",
    "blocked_combos.json",
    "learning_state.json",
    "learning_health_status.json",
    "retraining_plan.json",
    "retraining_config.json",
    "signals.jsonl",
    "signal_outcomes.jsonl",
    "missed_opportunities.jsonl",
    "counterfactual_outcomes.jsonl",
    "enriched_decisions.jsonl",
    "learning_audit.jsonl",
    "positions_futures.json",
];

fn seeds_and_history(home: &Path) {
    let told = ask(home, &["export", "seeds", "--to", "seeds"]);
    for name in SEEDS {
        let text = std::fs::read_to_string(home.join("seeds").join(name)).unwrap();
        if name.ends_with(".json") {
            let document: Value = serde_json::from_str(&text).unwrap();
            assert!(document.is_object(), "{name}");
            continue;
        }
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        assert_eq!(
            rows.filter(Value::is_object).count() as u64,
            told["rows"][name].as_u64().unwrap()
        );
        assert!(!text.is_empty(), "{name}");
    }
    let config = std::fs::read_to_string(home.join("seeds/retraining_config.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    assert_eq!((&config["enabled"], &config["mode"]), (&Value::Bool(false), &"ENFORCED".into()));
    assert_eq!(config["auto_deploy"], true);
    let positions = std::fs::read_to_string(home.join("seeds/positions_futures.json")).unwrap();
    let positions: Value = serde_json::from_str(&positions).unwrap();
    assert_eq!(positions["closed_positions"][0]["symbol"].as_str().map(str::is_empty), Some(false));

    // What was written can be brought along again, as history that is no evidence.
    let before = ask(home, &["learn", "report"]);
    let told = ask(home, &["import", "seeds"]);
    assert_eq!(told["imports"].as_array().unwrap().len(), SEEDS.len());
    std::fs::write(
        home.join("mine.csv"),
        "symbol,side,opened_at,closed_at,net\nAAA,long,2024-01-01,2024-01-02,5\nAAA,up,2024-01-01,2024-01-02,5\n",
    )
    .unwrap();
    let told = ask(home, &["import", "mine.csv"]);
    assert_eq!(told["imports"][0]["refused"][0]["row"], 3);
    assert_eq!(ask(home, &["import", "mine.csv"])["imports"][0]["imported_before"], true);
    let after = ask(home, &["learn", "report"]);
    assert_eq!(after["learners"], before["learners"], "imported history is no evidence");
    assert_eq!(after["data"]["imported"].as_array().unwrap().len(), SEEDS.len() + 1);
    assert!(text(home, &["learn", "report"]).contains("imported, not counted as evidence"));
    std::fs::write(home.join("bad.csv"), "colour\nred\n").unwrap();
    check_refused(home, &["import", "bad.csv"], 1, "nothing in it can be imported");
    check_refused(home, &["import", "none.csv"], 1, "there is no such file");
    check_refused(home, &["import", "mine.csv", "--kind", "tea"], 2, "--kind tea is none");
    assert_eq!(ask(home, &["db", "check"])["damages"], Value::Array(Vec::new()));
}
