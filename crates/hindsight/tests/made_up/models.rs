//! Models of a run that never was.

use domain::{Grounds, MemberRecord, ModelKind, ModelRecord, Rows, RulingRecord, Stage, Trigger};
use evolve::ModelHealth;
use hindsight::report::{
    CalibrationStory, HealthStory, LatestStory, ModelsStory, PathStory, Story, TrainingsStory,
    VersionStory,
};

use super::{HOSTILE, Made, at, estimate, names, story};

const FEATURES: [&str; 10] = [
    "realised_volatility_24",
    "return_1",
    "side",
    "funding_rate",
    "distance_from_mean_72",
    "range_position_24",
    "volume_ratio",
    "hour_of_day",
    "trend_slope_48",
    "return_24",
];

fn figures(log_loss: f64, samples: f64) -> Vec<(String, f64)> {
    let told = [
        ("log_loss", log_loss),
        ("base_log_loss", 0.6812),
        ("auc", 0.533),
        ("samples", samples),
        ("effective", samples * 0.3),
        ("ece", 0.021),
        ("ece_floor", 0.039),
    ];
    told.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn member(kind: ModelKind, weight: f64, hours: usize) -> MemberRecord {
    let sees = matches!(kind, ModelKind::Xgboost | ModelKind::Lightgbm);
    let nth = kind.at();
    let parameter = match weight {
        w if w > 0.0 => ("verdict", "adds to the others"),
        _ => ("verdict", "adds nothing to the others: no weight"),
    };
    let size = |at: usize| 0.19 / (1.0 + (at * (2 + nth)) as f64);
    MemberRecord {
        kind,
        fitted_at: at(hours),
        hash: format!("{nth:064x}"),
        weight,
        figures: figures(0.6791 + 0.001 * nth as f64, 4_402.0),
        parameters: vec![(parameter.0.to_owned(), parameter.1.to_owned())],
        contributions: (FEATURES.iter().enumerate())
            .filter(|_| sees)
            .map(|(place, name)| ((*name).to_owned(), size(place)))
            .collect(),
    }
}

fn version(no: u64, stage: Stage) -> VersionStory {
    let hours = 24 * 7 * no as usize;
    let trigger = [Trigger::Time, Trigger::Drift, Trigger::Weekly][no as usize % 3];
    let weights = [0.55, 0.0, 0.30, 0.15];
    let record = ModelRecord {
        version: no,
        name: ModelRecord::name_of(at(hours), trigger),
        training: no,
        asked_at: at(hours),
        trigger,
        rows: Rows {
            count: 4_402 + 31 * no,
            effective: 1_321.0 + 9.0 * no as f64,
            decided_from: at(0),
            decided_to: at(hours - 5),
            known_to: at(hours),
            waiting: 17,
            left_out: 3,
            hash: format!("{:064x}", no * 77),
        },
        members: ModelKind::ALL
            .into_iter()
            .zip(weights)
            .map(|(k, w)| member(k, w, hours))
            .collect(),
        figures: figures(0.6779, 4_402.0),
        calibration: Vec::new(),
        hash: format!("{no:064x}"),
    };
    VersionStory { record, stage, entered_at: at(hours + 1) }
}

/// Grounds of a comparison that has shown nothing.
pub fn grounds(hypothesis: u64, evidence: f64) -> Grounds {
    Grounds {
        decisions: 212,
        blocks: 94,
        champion_mean_r: 0.0,
        challenger_mean_r: 0.021,
        gain_mean_r: 0.021,
        gain_low_r: -0.084,
        gain_high_r: 0.126,
        improvement: 0.42,
        tier: "deploy_candidate".to_owned(),
        evidence,
        evidence_needed: 20.0,
        harm: 0.4,
        harm_needed: 20.0,
        path: (1..=10).map(|tenth| evidence.powf(f64::from(tenth) / 10.0)).collect(),
        hypothesis,
        alpha: 0.05,
        trials: 9,
        probabilistic_sharpe: Some(0.81),
        deflated_sharpe: Some(0.34),
        overfit_probability: None,
    }
}

pub fn ruling(no: u64, name: &str, to: Stage, grounds: Option<Grounds>) -> RulingRecord {
    RulingRecord {
        at: at(24 * 7 * no as usize + 2),
        version: no,
        champion: 0,
        ruling: name.to_owned(),
        from: Stage::Shadow,
        to,
        share: if to == Stage::Canary { 0.1 } else { 0.0 },
        by_person: false,
        grounds,
        says: format!("Version {no} is compared with no model on the same decisions."),
    }
}

fn health(name: &str, rate: f64) -> HealthStory {
    let health = ModelHealth {
        fitted_at: Some(at(24 * 90)),
        outcomes_effective: 402.0,
        win_rate: Some(rate),
        win_rate_low: Some(rate - 0.048),
        win_rate_high: Some(rate + 0.048),
        break_even: Some(0.42),
        trend: None,
        says: format!("{name} favours what wins {:.0} % of 402", 100.0 * rate),
    };
    HealthStory { name: name.to_owned(), health }
}

fn calibration(version: u64) -> CalibrationStory {
    let point = |n: usize| {
        let said = 0.31 + 0.025 * n as f64;
        (said, estimate(said + 0.02 * (n as f64 * 1.7).sin(), 0.04, 440))
    };
    CalibrationStory {
        version,
        points: (0..10).map(point).collect(),
        error: Some(0.021),
        error_floor: Some(0.039),
        samples: 4_402,
        samples_effective: 1_321.0,
    }
}

/// So many versions, of which none has shown anything: each is replaced by the next.
pub fn unproven(versions: u64) -> ModelsStory {
    let last = grounds(1, 1.7);
    let mut rulings = Vec::new();
    for no in 1..=versions {
        rulings.push(ruling(no, "enter", Stage::Shadow, None));
        if no % 3 == 0 {
            rulings.push(ruling(
                no,
                "canary",
                Stage::Canary,
                Some(grounds(1, 1.0 + no as f64 * 0.01)),
            ));
        }
        if no % 7 == 0 {
            rulings.push(ruling(no, "drop", Stage::Retired, Some(grounds(1, 0.4))));
        } else if no < versions {
            rulings.push(ruling(no, "supersede", Stage::Retired, None));
        }
    }
    let stage = |no| if no == versions { Stage::Canary } else { Stage::Retired };
    ModelsStory {
        kinds: ModelKind::ALL.to_vec(),
        hungry: None,
        by_size: false,
        in_charge: 0,
        challenger: versions,
        share: 0.1,
        versions: (1..=versions).map(|no| version(no, stage(no))).collect(),
        trainings: TrainingsStory {
            asked: versions + 2,
            failed: 1,
            failed_why: Some("an ensemble needs 200 rows, and has 131".to_owned()),
            waiting: 1,
            triggers: vec![(Trigger::Time, versions), (Trigger::Drift, 2)],
        },
        health: ModelKind::ALL.map(|kind| health(kind.name(), 0.44)).to_vec(),
        rulings,
        paths: vec![path(1, true, &last)],
        standing: Some(last),
        needed: Some(913),
        calibration: Some(calibration(versions)),
        latest: Some(latest()),
    }
}

fn path(hypothesis: u64, stands: bool, grounds: &Grounds) -> PathStory {
    PathStory {
        hypothesis,
        stands,
        version: 9,
        decisions: grounds.decisions,
        blocks: grounds.blocks,
        evidence: grounds.path.clone(),
        needed: grounds.evidence_needed,
    }
}

fn latest() -> LatestStory {
    LatestStory {
        decisions: 612,
        blocks: 190,
        line_mean_r: -0.012,
        latest_mean_r: -0.031,
        without_decisions: 612,
        without_mean_r: 0.0,
        gain_mean_r: 0.019,
        gain_low_r: -0.022,
        gain_high_r: 0.060,
    }
}

/// One that earned its vote, beside a newest that has not.
pub fn proven() -> ModelsStory {
    let mut models = unproven(9);
    let claim = Grounds {
        decisions: 780,
        blocks: 350,
        gain_mean_r: 0.094,
        gain_low_r: 0.011,
        gain_high_r: 0.177,
        improvement: 1.88,
        harm: 0.02,
        overfit_probability: Some(0.21),
        deflated_sharpe: Some(0.97),
        probabilistic_sharpe: Some(0.998),
        ..grounds(1, 31.0)
    };
    let watched = Grounds { harm: 5_400.0, harm_needed: 5_000.0, ..grounds(2, 0.05) };
    models.rulings.truncate(9);
    let ramp = ruling(4, "ramp", Stage::Canary, Some(claim.clone()));
    let mut promote = ruling(4, "promote", Stage::Champion, Some(claim.clone()));
    promote.share = 1.0;
    models.rulings.extend([ramp, promote, ruling(3, "roll_back", Stage::Retired, Some(watched))]);
    models.in_charge = 4;
    models.versions[3].stage = Stage::Champion;
    let last = grounds(3, 1.7);
    models.paths =
        vec![path(1, false, &claim), path(2, false, &grounds(2, 0.2)), path(3, true, &last)];
    models.standing = Some(last);
    models
}

/// A run in which models were trained and none was put in charge.
pub fn modelled() -> Story {
    let made = Made { names: names(2), drift: 0.000_05, trades_each: 160, luck: 0.41 };
    Story { models: unproven(9), ..story(11, &made) }
}

/// Markup wherever models carry text.
pub fn hostile_models() -> ModelsStory {
    let mut models = unproven(3);
    models.trainings.failed_why = Some(HOSTILE.to_owned());
    models.health[0].name = HOSTILE.to_owned();
    models.health[0].health.says = HOSTILE.to_owned();
    models.health[0].health.trend = Some(HOSTILE.to_owned());
    for ruling in &mut models.rulings {
        ruling.ruling = HOSTILE.to_owned();
        ruling.says = HOSTILE.to_owned();
        if let Some(grounds) = &mut ruling.grounds {
            grounds.tier = HOSTILE.to_owned();
        }
    }
    for version in &mut models.versions {
        version.record.name = HOSTILE.to_owned();
        for member in &mut version.record.members {
            member.parameters = vec![("left_out".to_owned(), HOSTILE.to_owned())];
            member.contributions = vec![(HOSTILE.to_owned(), 0.1)];
        }
    }
    models
}
