//! From the registry and the engine to what came of models.

use domain::{Grounds, ModelKind, RulingRecord, Seat, Trigger};
use engine::Engine;
use evolve::{DeployRule, LatestReport};
use stats::calibration::calibration_error_floor;
use stats::interval::{Z_95, wilson};
use store::{RunNo, Store, StoreError, StoredTraining};

use crate::report::{
    CalibrationStory, Estimate, HealthStory, LatestStory, ModelsStory, PathStory, TrainingsStory,
    VersionStory,
};
use crate::summary::{LatestFigures, ModelsFigures};

/// What the engine alone knows of models at the end.
#[derive(Debug)]
pub(crate) struct ModelsAtEnd {
    kinds: Vec<ModelKind>,
    by_size: bool,
    in_charge: u64,
    challenger: u64,
    share: f64,
    standing: Option<Grounds>,
    health: Vec<HealthStory>,
    latest: LatestReport,
    hungry: Option<String>,
}

impl ModelsAtEnd {
    /// As the engine tells it.
    pub(crate) fn of(engine: &Engine) -> ModelsAtEnd {
        let (settings, lineage) = (engine.settings(), engine.lineage());
        let (rules, by) = (&settings.models, settings.deploy_rule());
        let each = ModelKind::ALL.into_iter().zip(engine.model_health());
        let trained = each.filter(|(kind, _)| rules.kinds.contains(kind));
        let mut health: Vec<HealthStory> = trained
            .map(|(kind, health)| HealthStory { name: kind.name().to_owned(), health })
            .collect();
        if !health.is_empty() {
            let whole = engine.triggers().health_of_whole();
            health.push(HealthStory { name: "ensemble".to_owned(), health: whole });
        }
        ModelsAtEnd {
            kinds: rules.kinds.clone(),
            by_size: by == DeployRule::Seed,
            in_charge: engine.seated(Seat::Champion),
            challenger: engine.seated(Seat::Challenger),
            share: lineage.share(),
            standing: lineage.grounds(rules, by),
            health,
            latest: lineage.latest_against_rule(rules),
            hungry: engine.triggers().hungry(rules).filter(|_| !rules.kinds.is_empty()),
        }
    }
}

/// The life of models in a run.
pub(crate) fn models(
    store: &mut Store,
    run: RunNo,
    end: ModelsAtEnd,
) -> Result<ModelsStory, StoreError> {
    let versions = store.models(run)?.into_iter().map(|model| VersionStory {
        record: model.record,
        stage: model.stage,
        entered_at: model.entered_at,
    });
    let rulings = store.rulings(run)?;
    let mut story = ModelsStory {
        kinds: end.kinds,
        by_size: end.by_size,
        in_charge: end.in_charge,
        challenger: end.challenger,
        share: end.share,
        versions: versions.collect(),
        trainings: trainings(&store.trainings(run)?),
        health: end.health,
        needed: end.standing.as_ref().and_then(more_needed),
        paths: paths(&rulings, end.standing.as_ref(), end.challenger),
        rulings,
        standing: end.standing,
        calibration: None,
        hungry: end.hungry,
        latest: (end.latest.decisions > 0).then(|| latest(&end.latest)),
    };
    story.calibration = story.shown().and_then(calibration);
    Ok(story)
}

/// The figures of the contract; nothing where no model was switched on.
pub(crate) fn models_figures(
    story: &ModelsStory,
) -> (Option<ModelsFigures>, Option<LatestFigures>) {
    let models = story.is_on().then(|| ModelsFigures {
        trained: story.versions.len() as u64,
        in_charge: (story.in_charge != 0).then_some(story.in_charge),
        rulings: story.rulings.len() as u64,
        trainings: story.trainings.asked,
        failed: story.trainings.failed,
        says: story.sentence() + ".",
    });
    let latest = story.latest.as_ref().map(|latest| LatestFigures {
        decisions: latest.decisions,
        difference_r: latest.gain_mean_r,
        low: latest.gain_low_r,
        high: latest.gain_high_r,
        says: latest.sentence() + ".",
    });
    (models, latest)
}

fn trainings(stored: &[StoredTraining]) -> TrainingsStory {
    let ends = || stored.iter().filter_map(|training| training.end.as_ref());
    let failures = || ends().filter_map(|end| end.came_to.as_ref().err());
    let asked = |trigger: Trigger| {
        stored.iter().filter(|one| one.training.trigger() == trigger).count() as u64
    };
    TrainingsStory {
        asked: stored.len() as u64,
        failed: failures().count() as u64,
        failed_why: failures().next_back().cloned(),
        waiting: (stored.len() - ends().count()) as u64,
        triggers: (Trigger::ALL.into_iter())
            .map(|trigger| (trigger, asked(trigger)))
            .filter(|(_, times)| *times > 0)
            .collect(),
    }
}

/// About how many more decisions an effect of this size would need: 2 ln(1/α) / d² blocks in all (methods,
/// fact 3), where d is their mean over their deviation, as their probabilistic Sharpe ratio tells it.
fn more_needed(grounds: &Grounds) -> Option<u64> {
    let z = stats::normal::quantile(grounds.probabilistic_sharpe?).filter(|z| *z > 0.0)?;
    let blocks = grounds.blocks as f64;
    let d = z / (blocks - 1.0).max(1.0).sqrt();
    let needed = 2.0 * grounds.evidence_needed.ln() / (d * d);
    let more = (needed - blocks) * grounds.decisions as f64 / blocks;
    let is_short = grounds.evidence < grounds.evidence_needed;
    (is_short && more.is_finite() && (1.0..1e9).contains(&more)).then_some(more.ceil() as u64)
}

/// How evidence went under each hypothesis, as it was told last. A champion that is sent away was compared with
/// whom it had replaced: that is another question, and none of these.
fn paths(rulings: &[RulingRecord], standing: Option<&Grounds>, challenger: u64) -> Vec<PathStory> {
    let mut paths: Vec<PathStory> = Vec::new();
    let told = rulings.iter().filter(|ruling| ruling.ruling != "roll_back");
    let told = told.filter_map(|ruling| Some((ruling.version, ruling.grounds.as_ref()?, false)));
    for (version, grounds, stands) in told.chain(standing.map(|last| (challenger, last, true))) {
        let path = PathStory {
            hypothesis: grounds.hypothesis,
            stands,
            version,
            decisions: grounds.decisions,
            blocks: grounds.blocks,
            evidence: grounds.path.clone(),
            needed: grounds.evidence_needed,
        };
        match paths.last_mut().filter(|last| last.hypothesis == path.hypothesis) {
            Some(last) => *last = path,
            None => paths.push(path),
        }
    }
    paths
}

/// Each share with the interval of as many independent rows as its own are worth.
fn calibration(version: &VersionStory) -> Option<CalibrationStory> {
    let record = &version.record;
    let in_points: u64 = record.calibration.iter().map(|(_, _, rows)| rows).sum();
    let samples = record.figure("samples").unwrap_or(in_points as f64);
    let effective = record.figure("effective").unwrap_or(samples);
    let worth = if samples > 0.0 { (effective / samples).min(1.0) } else { 1.0 };
    let point = |&(expected, won, rows): &(f64, f64, u64)| {
        let n_effective = rows as f64 * worth;
        let interval = wilson(won * n_effective, n_effective, Z_95);
        let (low, high) = (interval.low, interval.high);
        (expected, Estimate { value: won, low, high, n: rows, n_effective })
    };
    (!record.calibration.is_empty()).then(|| CalibrationStory {
        version: record.version,
        points: record.calibration.iter().map(point).collect(),
        error: record.figure("ece"),
        error_floor: record.figure("ece_floor").or_else(|| calibration_error_floor(effective)),
        samples: samples as u64,
        samples_effective: effective,
    })
}

fn latest(report: &LatestReport) -> LatestStory {
    LatestStory {
        decisions: report.decisions,
        blocks: report.blocks,
        line_mean_r: report.line_mean_r,
        latest_mean_r: report.latest_mean_r,
        without_decisions: report.without_decisions,
        without_mean_r: report.without_mean_r,
        gain_mean_r: report.gain_mean_r,
        gain_low_r: report.gain_low_r,
        gain_high_r: report.gain_high_r,
    }
}

#[cfg(test)]
mod tests {
    use domain::{ModelRecord, Rows, Stage, Timestamp};

    use super::*;

    fn grounds(hypothesis: u64, evidence: f64) -> Grounds {
        Grounds {
            decisions: 400,
            blocks: 200,
            evidence,
            evidence_needed: 20.0,
            probabilistic_sharpe: Some(0.841_344_746),
            path: vec![1.0, evidence],
            hypothesis,
            ..Grounds::default()
        }
    }

    fn ruling(name: &str, version: u64, grounds: Option<Grounds>) -> RulingRecord {
        RulingRecord {
            at: Timestamp::from_ms(0),
            version,
            champion: 0,
            ruling: name.to_owned(),
            from: Stage::Shadow,
            to: Stage::Canary,
            share: 0.1,
            by_person: false,
            grounds,
            says: String::new(),
        }
    }

    #[test]
    fn what_more_it_would_take_follows_from_the_effect() {
        // One deviation off zero after 199 degrees: d = 1 / √199, so 2 ln 20 · 199 = 1,192.3 blocks of two.
        let more = more_needed(&grounds(1, 2.0)).unwrap();
        assert!((1_984..=1_986).contains(&more), "{more}");
        let against = Grounds { probabilistic_sharpe: Some(0.4), ..grounds(1, 0.5) };
        assert_eq!(more_needed(&against), None);
        assert_eq!(more_needed(&grounds(1, 20.0)), None);
        assert_eq!(more_needed(&Grounds::default()), None);
    }

    #[test]
    fn each_hypothesis_has_one_path_and_a_champion_sent_away_none() {
        let told = [
            ruling("enter", 1, None),
            ruling("keep", 1, Some(grounds(1, 1.1))),
            ruling("ramp", 3, Some(grounds(1, 21.0))),
            ruling("roll_back", 3, Some(grounds(2, 0.1))),
        ];
        let paths = paths(&told, Some(&grounds(3, 1.4)), 9);
        let known: Vec<(u64, u64, bool)> =
            paths.iter().map(|path| (path.hypothesis, path.version, path.stands)).collect();
        assert_eq!(known, [(1, 3, false), (3, 9, true)]);
        assert_eq!(paths[0].evidence, [1.0, 21.0]);
    }

    #[test]
    fn shares_of_overlapping_rows_have_the_interval_of_what_they_are_worth() {
        let figures = [("samples", 1_000.0), ("effective", 100.0), ("ece", 0.02)];
        let record = ModelRecord {
            version: 3,
            name: String::new(),
            training: 1,
            asked_at: Timestamp::from_ms(0),
            trigger: Trigger::Time,
            rows: Rows::default(),
            members: Vec::new(),
            figures: figures.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            calibration: vec![(0.4, 0.5, 1_000)],
            hash: String::new(),
        };
        let entered_at = Timestamp::from_ms(0);
        let version = VersionStory { record, stage: Stage::Shadow, entered_at };
        let told = calibration(&version).unwrap();
        let due = wilson(50.0, 100.0, Z_95);
        let (_, won) = told.points[0];
        assert_eq!((won.low, won.high, won.n), (due.low, due.high, 1_000));
        // 1.4 / √100 (methods §1.8).
        assert!((told.error_floor.unwrap() - 0.14).abs() < 1e-12);
    }
}
