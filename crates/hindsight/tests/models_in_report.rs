//! A replay that trains: what its figures, its terminal and its report say of models is what the store has.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod bars;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Trees alone, trained every ten days: seconds and not minutes.
const CONFIG: &str =
    "[models]\ninterval_hours = 240\noutcomes_new = 0\noutcomes_min = 100\nlookback_days = 30\n";

fn hindsight(home: &Path, args: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_hindsight"))
        .args(args)
        .current_dir(home)
        .env_remove("HINDSIGHT_CONFIG")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    output
}

fn ask(home: &Path, args: &[&str]) -> Value {
    serde_json::from_slice(&hindsight(home, &[args, &["--json"]].concat()).stdout).unwrap()
}

#[test]
fn a_replay_that_trains_tells_of_its_models_what_the_store_has() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    std::fs::create_dir(home.join("bars")).unwrap();
    bars::write(&home.join("bars"), 3, 900);
    std::fs::write(home.join("hindsight.toml"), CONFIG).unwrap();
    let replay = ["replay", "--data", "bars", "--models", "xgboost,lightgbm"];
    let told = ask(home, &[&replay[..], &["--out", "out"]].concat());
    let stored = ask(home, &["models", "list"]);
    let count = |of: &Value| of.as_array().unwrap().len() as u64;
    let models = &told["models"];
    assert!(models["trained"].as_u64().unwrap() >= 2, "{models}");
    assert_eq!(models["trained"], count(&stored["versions"]));
    assert_eq!(models["rulings"], count(&stored["rulings"]));
    assert_eq!(models["trainings"], count(&stored["trainings"]));
    assert_eq!(told["model_rulings"], models["rulings"]);
    assert_eq!(models["in_charge"], stored["seats"]["champion"]);
    let latest = &told["always_latest"];
    assert!(latest["decisions"].as_u64().unwrap() > 0, "{latest}");
    let figure = |name: &str| latest[name].as_f64().unwrap();
    assert!(figure("low") <= figure("difference_r") && figure("difference_r") <= figure("high"));
    let page = std::fs::read_to_string(home.join("out/report.html")).unwrap();
    for anchor in ["models", "rulings", "calibration", "contributions", "latest"] {
        assert!(page.contains(&format!("id=\"{anchor}\"")), "no card {anchor}");
    }
    let newest = stored["versions"].as_array().unwrap().last().unwrap()["name"].as_str().unwrap();
    assert!(page.contains(newest), "the page does not know {newest}");

    let said = String::from_utf8(hindsight(home, &replay).stdout).unwrap();
    let line = |name: &str| said.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(line("models").contains("trained") && line("always the latest").contains("n = "));
    for told in [line("models"), line("always the latest")] {
        assert!(told.chars().count() <= 100, "wider than a terminal: {told}");
    }
}

#[test]
fn a_replay_without_models_has_none_to_tell_of() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    std::fs::create_dir(home.join("bars")).unwrap();
    bars::write(&home.join("bars"), 3, 400);
    let told = ask(home, &["replay", "--data", "bars", "--out", "out"]);
    assert_eq!((&told["models"], &told["always_latest"]), (&Value::Null, &Value::Null));
    assert_eq!(told["model_rulings"], 0);
    let page = std::fs::read_to_string(home.join("out/report.html")).unwrap();
    assert!(page.contains("No model was switched on") && !page.contains("id=\"rulings\""));
}
