//! Twenty months of daily retraining with real trees on a market without edge: what the fast lane counts on
//! thousands of made-up streams has to agree with what the whole house does.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod bars;

use bars::{NOW, dataset};
use domain::{ModelKind, Stage};
use hindsight::config::Config;
use hindsight::world::{Recorder, Replay};
use learn::Rule;
use scenarios::Market;
use store::Store;

const MONTHS: u64 = 20;
/// Two weeks to begin with, and thirty days of retraining.
const BARS: usize = 44 * 24;

fn config(rule: Rule) -> Config {
    let mut config = Config::default();
    config.learn.rule = rule;
    config.models.kinds = vec![ModelKind::Xgboost, ModelKind::Lightgbm];
    config.models.outcomes_min = 100;
    config
}

/// How many versions a month trained, and how many of them were ever put in charge or on their way there.
fn month(seed: u64, rule: Rule) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("bars");
    std::fs::create_dir(&inside).unwrap();
    let walk = Market::Walk { volatility: 0.008 };
    bars::write_market(&inside, walk, 2 * seed, BARS);
    let config = config(rule);
    let dataset = dataset(&inside, &config);
    let mut store = Store::open(&format!("sqlite://{}/month.db", folder.path().display())).unwrap();
    let run = store.begin_run(&dataset.header(&config), "", NOW).unwrap();
    let recorder = Recorder::new(store, run, &dataset.hash());
    let mut replay = Replay::new(&dataset, config.settings(), recorder);
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (mut store, run) = replay.end().1.into_store();
    let trained = store.models(run).unwrap().len();
    let deployed = store.rulings(run).unwrap();
    let deployed = deployed.iter().filter(|one| one.ruling == "ramp" || one.to == Stage::Champion);
    (trained, deployed.count())
}

#[test]
fn twenty_months_with_real_trees_deploy_no_more_than_the_fast_lane_says() {
    let months: Vec<(usize, usize)> = (0..MONTHS).map(|seed| month(seed, Rule::Evidence)).collect();
    let trained: usize = months.iter().map(|(trained, _)| trained).sum();
    let deployed = months.iter().filter(|(_, deployed)| *deployed > 0).count();
    eprintln!("{trained} versions in {MONTHS} months; {deployed} months deployed one by evidence");
    assert!(trained as u64 >= 20 * MONTHS, "a month retrains daily: {trained}");
    // At 5 % a month, more than three of twenty come by chance once in sixty times.
    assert!(deployed <= 3, "{deployed}");
}
