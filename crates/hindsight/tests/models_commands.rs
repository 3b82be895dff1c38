//! `models` as a person types it: training from what a run has stored, deploying, going back, and benches.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod bars;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn hindsight(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hindsight"))
        .args(args)
        .current_dir(home)
        .env_remove("HINDSIGHT_CONFIG")
        .output()
        .unwrap()
}

fn ask(home: &Path, args: &[&str]) -> Value {
    let output = hindsight(home, &[args, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    serde_json::from_slice(&output.stdout).expect("--json prints exactly one document")
}

fn text(home: &Path, args: &[&str]) -> String {
    let output = hindsight(home, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// One sentence on stderr, the code, and a store that stays as it was.
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

/// A run of 700 hours of two symbols, without models.
fn replayed(home: &Path) {
    std::fs::create_dir(home.join("bars")).unwrap();
    bars::write(&home.join("bars"), 5, 700);
    ask(home, &["replay", "--data", "bars"]);
}

#[test]
fn a_person_trains_deploys_and_goes_back() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    replayed(home);
    nothing_yet(home);
    trained(home);
    deployed(home);
    damaged(home);
}

fn nothing_yet(home: &Path) {
    let told = ask(home, &["models", "list"]);
    assert_eq!(told["versions"], serde_json::json!([]));
    assert_eq!(told["seats"]["champion"], Value::Null);
    let said = text(home, &["models", "list"]);
    assert!(said.contains("has no model") && said.contains("models train --models all"), "{said}");
    let plan = ask(home, &["models", "plan"]);
    assert_eq!((&plan["enabled"], &plan["plan"]), (&Value::Bool(false), &serde_json::json!([])));
    check_refused(home, &["models", "show", "1"], 2, "has no model");
    check_refused(home, &["models", "promote", "1"], 2, "has no model");
    check_refused(home, &["models", "rollback"], 1, "nothing was changed");
    check_refused(home, &["models", "rollback", "boost"], 2, "there is ensemble");
    check_refused(home, &["models", "train"], 2, "--models all");
    let bad = ["replay", "--data", "bars", "--models", "none,xgboost"];
    check_refused(home, &bad, 2, "none stands alone");
    let said = text(home, &["models", "plan"]);
    assert!(said.contains("models train --models all"), "{said}");
    let bad = ["models", "train", "--models", "xgboost,arima"];
    check_refused(home, &bad, 2, "xgboost, lightgbm, nhits, patchtst");
    let bad = ["replay", "--data", "bars", "--models", "arima"];
    check_refused(home, &bad, 2, "xgboost, lightgbm, nhits, patchtst");
}

const TREES: [&str; 4] = ["models", "train", "--models", "lightgbm,xgboost"];

fn trained(home: &Path) {
    let before = std::fs::read(home.join("hindsight.db")).unwrap();
    let would = ask(home, &[&TREES[..], &["--all", "--dry-run"]].concat());
    assert_eq!(std::fs::read(home.join("hindsight.db")).unwrap(), before, "a dry run wrote");
    let count = would["rows"]["count"].as_u64().unwrap();
    assert!(count > 100, "{would}");
    let first = ask(home, &[&TREES[..], &["--all", "--threads", "1"]].concat());
    assert_eq!(first["seats"]["challenger"], 1);
    assert_eq!(first["rulings"][0]["ruling"], "enter");
    assert_eq!(first["trained"]["version"], 1);
    for at in [&first["rulings"][0]["at"], &first["trained"]["rows"]["decided_from"]] {
        assert!(at.as_str().is_some_and(|at| at.ends_with('Z')), "{at}");
    }
    // The same again, on two threads, is the same members under another number.
    ask(home, &[&TREES[..], &["--all", "--threads", "2"]].concat());
    let told = ask(home, &["models", "list"]);
    let versions = told["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0]["rows"], would["rows"]);
    assert_eq!(versions[0]["rows"]["hash"], versions[1]["rows"]["hash"]);
    assert_eq!(versions[0]["members"], versions[1]["members"]);
    assert_eq!(versions[0]["trigger"], "person");
    let names: Vec<&Value> =
        versions[0]["members"].as_array().unwrap().iter().map(|m| &m["model"]).collect();
    assert_eq!(names, ["xgboost", "lightgbm"]);
    for key in ["log_loss", "base_log_loss"] {
        assert!(versions[0][key].as_f64().is_some_and(|loss| loss > 0.0), "{key}: {}", versions[0]);
    }
    let said = text(home, &["models", "list"]);
    assert!(said.contains("2 versions") && said.contains("In charge: no model"), "{said}");
    for called in ["1", versions[0]["name"].as_str().unwrap()] {
        let shown = ask(home, &["models", "show", called, "--verify"]);
        assert_eq!(shown["version"], 1);
        assert_eq!(shown["verified"]["rows"], true, "{}", shown["verified"]);
        assert_eq!(shown["verified"]["bytes"], true, "{}", shown["verified"]);
        assert!(!shown["members"][0]["contributions"].as_array().unwrap().is_empty());
    }
    let said = text(home, &["models", "list"]);
    assert!(
        said.lines().all(|line| line.chars().count() <= 110 || line.contains("--run")),
        "{said}"
    );
    // The newest takes the seat: the one before sits nowhere, and nothing that would fail is suggested.
    let said = text(home, &["models", "show", "1"]);
    assert!(!said.contains("promote 1") && said.contains("sits in no seat"), "{said}");
    check_refused(home, &["models", "promote", "1"], 1, "train again");
    assert!(text(home, &["models", "show", "2"]).contains("promote 2"));
    let learned = ask(home, &["learn", "update", "24", "--dry-run"]);
    assert!(learned["why"].as_str().unwrap().starts_with("2 versions were trained"), "{learned}");
    let hash = &versions[1]["hash"].as_str().unwrap()[..10];
    assert_eq!(ask(home, &["models", "show", hash])["version"], 2);
    let said = text(home, &["models", "show", "2", "--verify"]);
    assert!(said.contains("Verified") && said.contains("goes by"), "{said}");
    check_refused(home, &["models", "show", "3"], 2, "it has versions 1 to 2");
}

fn deployed(home: &Path) {
    let seats = || ask(home, &["models", "list"])["seats"].clone();
    let would = ask(home, &["models", "promote", "2", "--dry-run"]);
    assert!(would["rulings"].as_array().is_some_and(|rulings| !rulings.is_empty()));
    assert_eq!(seats()["champion"], Value::Null);
    let done = ask(home, &["models", "promote", "2"]);
    assert_eq!(done["seats"]["champion"], 2);
    assert_eq!(done["rulings"][0]["by_person"], true);
    check_refused(home, &["models", "promote", "2"], 1, "in charge of run");
    assert!(text(home, &["models", "show", "2"]).contains("It is in charge. Back: "));
    let said = text(home, &["models", "rollback", "ensemble"]);
    assert!(!said.contains("Back: "), "nothing is left to go back from: {said}");
    check_refused(home, &["models", "rollback"], 1, "nothing was changed");
    assert_eq!(seats()["champion"], Value::Null);
    let history = ask(home, &["models", "list"])["rulings"].clone();
    let rulings: Vec<&str> =
        history.as_array().unwrap().iter().filter_map(|r| r["ruling"].as_str()).collect();
    assert!(rulings.contains(&"promote") && rulings.contains(&"roll_back"), "{rulings:?}");
    // A run that trained by hand answers for everything else as before.
    assert!(ask(home, &["jobs", "run", "fee_audit"])["ran"].as_bool().unwrap());
    assert!(ask(home, &["db", "check"]).is_object());
}

/// What is damaged is named, takes no charge, and is no reason to do nothing else.
fn damaged(home: &Path) {
    ask(home, &[&TREES[..], &["--all"]].concat());
    let versions = ask(home, &["models", "list"])["versions"].clone();
    let hash = versions[2]["hash"].as_str().unwrap().to_owned();
    let store = home.join("hindsight.db");
    let mut bytes = std::fs::read(&store).unwrap();
    let start: Vec<u8> =
        (0..4).map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).unwrap()).collect();
    let places: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == start[..]).collect();
    assert!(!places.is_empty(), "the checksum of the saved model is not in the store's file");
    places.iter().for_each(|at| bytes[*at] ^= 1);
    std::fs::write(&store, &bytes).unwrap();
    let before = ask(home, &["models", "list"])["seats"].clone();
    let output = hindsight(home, &["models", "promote", "3"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("version 3") && said.contains("nothing was changed"), "{said}");
    assert_eq!(ask(home, &["models", "list"])["seats"], before);
    let output = hindsight(home, &["models", "plan"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("backup") && said.contains("models train"), "{said}");
    let output = hindsight(home, &["models", "show", "3", "--verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(ask(home, &["models", "show", "1", "--verify"])["verified"]["bytes"], true);
    // A new one takes its seat, and is whole; its damage is told once on the way.
    let output = hindsight(home, &[&TREES[..], &["--all"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.lines().count() == 1, "{said}");
    assert!(ask(home, &["models", "plan"]).is_object());
    assert_eq!(ask(home, &["models", "promote", "4"])["seats"]["champion"], 4);
    assert_eq!(ask(home, &["models", "rollback"])["seats"]["champion"], Value::Null);
}

#[test]
fn a_training_that_is_killed_leaves_the_store_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    replayed(home);
    let before = ask(home, &["models", "list"]);
    for told in [1, 2, 4] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hindsight"))
            .args([&TREES[..], &["--all", "--verbose", "--threads", "1"]].concat())
            .current_dir(home)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // What is being fitted is told line by line: somewhere in the middle it ends.
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert_eq!(lines.take(told).count(), told, "it was over before it could be killed");
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        assert_eq!(ask(home, &["models", "list"]), before, "killed after {told} lines");
    }
    assert!(ask(home, &["db", "check"]).is_object());
}

#[test]
fn benches_print_their_figures_and_need_no_store() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let write = |name: &str, text: String| std::fs::write(home.join(name), text).unwrap();
    // Ten rows of every twelve are learned from; the last value repeated misses a line by its slope.
    let line = |at: usize| format!("2020-01-{:02} 00:00,{},{}\n", 1 + at % 28, at, 7 * (at % 2));
    write("line.csv", format!("date,up,OT\n{}", (0..400).map(line).collect::<String>()));
    let told = ask(
        home,
        &[
            "models",
            "bench",
            "forecast",
            "--data",
            "line.csv",
            "--model",
            "repeat",
            "--horizon",
            "2",
            "--window",
            "3",
        ],
    );
    for key in ["mse", "mae", "repeat_mse", "repeat_mae", "seconds", "cpu_seconds", "says"] {
        assert!(told.get(key).is_some(), "{key} is missing in {told}");
    }
    // Up: one and two steps missed, in deviations of 280 whole numbers. OT: one of two steps by two deviations.
    let deviation = ((280.0_f64 * 280.0 - 1.0) / 12.0).sqrt();
    let due = (((1.0 + 4.0) / 2.0) / (deviation * deviation) + (4.0 + 0.0) / 2.0) / 2.0;
    let mse = told["mse"].as_f64().unwrap();
    assert!((mse - due).abs() < 1e-4, "{mse} is not {due}");
    assert_eq!((&told["windows"], &told["channels"]), (&Value::from(79), &Value::from(2)));

    let rows = |from: usize, to: usize| -> String {
        (from..to)
            .map(|at| {
                let x = (at * 37 % 101) as f64 / 101.0;
                let noise = (at * 61 % 97) as f64 / 97.0;
                format!("{},{x},{noise}\n", u8::from(x + 0.3 * noise > 0.6))
            })
            .collect()
    };
    write("train.csv", format!("y,x,z\n{}", rows(0, 600)));
    write("test.csv", format!("y,x,z\n{}", rows(600, 900)));
    write("bare.tsv", rows(0, 600).replace(',', "\t"));
    write("bare-test.tsv", rows(600, 900).replace(',', "\t"));
    let boost = |train: &str, test: &str, label: &str, model: &str| {
        let args = ["models", "bench", "boost", "--train", train, "--test", test];
        ask(home, &[&args[..], &["--label", label, "--model", model, "--trees", "30"]].concat())
    };
    for model in ["xgboost", "lightgbm"] {
        let by_name = boost("train.csv", "test.csv", "y", model);
        for key in ["logloss", "auc", "seconds", "cpu_seconds"] {
            assert!(by_name[key].as_f64().is_some(), "{key} is missing in {by_name}");
        }
        assert!(by_name["auc"].as_f64().unwrap() > 0.95, "{by_name}");
        assert!(by_name["logloss"].as_f64() < by_name["base_logloss"].as_f64(), "{by_name}");
        for (train, test) in [("train.csv", "test.csv"), ("bare.tsv", "bare-test.tsv")] {
            let by_place = boost(train, test, "0", model);
            assert_eq!(by_place["logloss"], by_name["logloss"], "{model} on {train}");
        }
    }
    assert!(!home.join("hindsight.db").exists(), "a bench made a store");
    bad_input(home);
}

fn bad_input(home: &Path) {
    let write = |name: &str, text: &str| std::fs::write(home.join(name), text).unwrap();
    write("words.csv", "y,x\n1,red\n0,blue\n");
    write("three.csv", "y,x\n1,1\n0,2\n2,3\n");
    write("hole.csv", "date,a\n2020-01-01,1\n2020-01-02,\n");
    write("short.csv", "date,a\n2020-01-01,1\n2020-01-02,2\n");
    let boost = |train: &str, label: &str, code: i32, part: &str| {
        let args = ["models", "bench", "boost", "--train", train, "--test", train];
        let args = [&args[..], &["--label", label, "--model", "lightgbm"]].concat();
        check_refused(home, &args, code, part);
    };
    boost("train.csv", "w", 2, "it has y, x, z");
    boost("train.csv", "9", 2, "no such column");
    boost("missing.csv", "y", 2, "missing.csv");
    boost("words.csv", "y", 1, "column x says \"red\" in row 1");
    boost("three.csv", "y", 1, "more than two values");
    let forecast = |data: &str, more: &[&str], code: i32, part: &str| {
        let args = ["models", "bench", "forecast", "--data", data, "--model", "repeat"];
        check_refused(home, &[&args[..], &["--horizon", "2"], more].concat(), code, part);
    };
    forecast("hole.csv", &[], 1, "column a is empty in row 2");
    forecast("short.csv", &[], 1, "too few");
    forecast("line.csv", &["--window", "3", "--split", "1/2"], 2, "--split 1/2");
    forecast("line.csv", &["--window", "3", "--split", "9000/10/10"], 1, "too few");
}
