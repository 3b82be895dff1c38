//! Twenty months of daily retraining with real trees on a market without edge: what the fast lane counts on
//! thousands of made-up streams has to agree with what the whole house does.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod bars;

use bars::{NOW, dataset};
use domain::{ModelKind, Stage};
use hindsight::config::Config;
use hindsight::world::{Recorder, Replay};
use learn::Rule;
use rayon::prelude::*;
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

/// What a month came to.
struct Month {
    trained: usize,
    /// Versions whose members together were better than the base rate on rows they had not seen.
    speaking: usize,
    /// Versions that were ever put in charge, or on their way there.
    deployed: usize,
}

fn month(seed: u64, market: Market, rule: Rule) -> Month {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("bars");
    std::fs::create_dir(&inside).unwrap();
    bars::write_market(&inside, market, seed, BARS, &["AAA"]);
    let config = config(rule);
    let dataset = dataset(&inside, &config);
    let mut store = Store::open(&format!("sqlite://{}/month.db", folder.path().display())).unwrap();
    let run = store.begin_run(&dataset.header(&config), "", NOW).unwrap();
    let recorder = Recorder::new(store, run, &dataset.hash());
    let mut replay = Replay::new(&dataset, config.settings(), recorder);
    while replay.next_moment().unwrap() {}
    replay.checkpoint().unwrap();
    let (mut store, run) = replay.end().1.into_store();
    let models = store.models(run).unwrap();
    let speaks = |one: &&store::StoredModel| one.record.figure("speaks") == Some(1.0);
    let deployed = store.rulings(run).unwrap();
    let deployed = deployed.iter().filter(|one| one.ruling == "ramp" || one.to == Stage::Champion);
    Month {
        trained: models.len(),
        speaking: models.iter().filter(speaks).count(),
        deployed: deployed.count(),
    }
}

#[test]
fn twenty_months_with_real_trees_deploy_no_more_than_the_fast_lane_says() {
    let walk = Market::Walk { volatility: 0.008 };
    let months: Vec<Month> =
        (0..MONTHS).into_par_iter().map(|seed| month(seed, walk, Rule::Evidence)).collect();
    let trained: usize = months.iter().map(|month| month.trained).sum();
    let speaking: usize = months.iter().map(|month| month.speaking).sum();
    let deployed = months.iter().filter(|month| month.deployed > 0).count();
    eprintln!(
        "{trained} versions in {MONTHS} months, {speaking} of them spoke; {deployed} months deployed one by evidence"
    );
    assert!(trained as u64 >= 20 * MONTHS, "a month retrains daily: {trained}");
    // At 5 % a month, more than three of twenty come by chance once in sixty times.
    assert!(deployed <= 3, "{deployed}");
}

#[test]
fn where_moves_carry_on_versions_speak_so_that_silence_on_a_walk_means_something() {
    let trending = Market::Trending { volatility: 0.008, carry: 0.6 };
    let month = month(1, trending, Rule::Seed);
    eprintln!("{} of {} versions spoke", month.speaking, month.trained);
    assert!(month.speaking > 0);
}
