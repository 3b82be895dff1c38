//! Learners and jobs of a run that never was.

use hindsight::report::{ChangeStory, JobStory, LearnerStory, RefusedStory, TrialStory};

use super::{at, estimate};

/// One that changed its mind, one that lacks outcomes, one that is frozen.
pub fn learners() -> Vec<LearnerStory> {
    let change = |version, hour, moved: &str| ChangeStory {
        version,
        at: at(hour),
        moved: vec![moved.to_owned(), "8 more moved less".to_owned()],
        rests: "1,318 outcomes (effective 402), e = 2.9 of 20: no evidence yet".to_owned(),
        e_value: Some(2.9),
        outcomes_effective: 402.0,
    };
    let weighs = LearnerStory {
        name: "head_weights".to_owned(),
        heard: 1_318,
        heard_effective: 402.0,
        beliefs: vec!["trend weighs 0.161: right 54.9 % of 611 votes".to_owned()],
        changes: 40,
        told: vec![
            change(2, 90, "trend 0.111 to 0.120 (+8.1 %)"),
            change(42, 900, "trend 0.148 to 0.161"),
        ],
        before: Some(estimate(0.02, 0.05, 211)),
        ..LearnerStory::default()
    };
    let lacks = LearnerStory {
        name: "gates".to_owned(),
        starved: vec!["0 of 50 outcomes for the fee gate".to_owned()],
        trials: TrialStory { cells: 60, moments: 31, taken: 1 },
        ..LearnerStory::default()
    };
    let frozen = LearnerStory {
        name: "symbol_factors".to_owned(),
        silenced: Some("frozen by a watchdog: its changes lost money".to_owned()),
        refused: Some(RefusedStory {
            times: 12,
            last_at: at(50),
            why: "symbol factors: the learner is silenced".to_owned(),
        }),
        ..LearnerStory::default()
    };
    vec![weighs, lacks, frozen]
}

/// A night, and a job that never ran.
pub fn jobs() -> Vec<JobStory> {
    let job = |name: &str, times, found: &[&str]| JobStory {
        name: name.to_owned(),
        when: "daily 07:00 UTC".to_owned(),
        times,
        amiss: times.min(1),
        published: times / 2,
        last_at: (times > 0).then(|| at(900)),
        due_at: Some(at(924)),
        found: found.iter().map(|line| (*line).to_owned()).collect(),
    };
    vec![
        job("nightly", 31, &["gates: 0 of 50 outcomes for the fee gate"]),
        job("weekly_training", 0, &[]),
    ]
}
