//! A12 on worlds whose truth is known.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{Change, Condition, GatePolicy, Policy, PolicyVersion, Regime, Timestamp};
use learn::{Governor, LearnRules, Learner, ScenarioTuner};
use scenarios::{BEGIN, Dice, HOUR_MS, Pattern};

const PLANTED: Pattern =
    Pattern::Conviction { regime: Regime::TrendUp, conviction: 0.7, above: 0.55, below: 0.20 };

/// The tuner and its governor at work, asked every `nights` outcomes.
struct School {
    policy: Policy,
    governor: Governor,
    tuner: ScenarioTuner,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new(rules: LearnRules) -> School {
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            tuner: ScenarioTuner::new(
                rules,
                &Policy::day_one(GatePolicy::default()),
                0b0000_0111_1011_1000,
            ),
            versions: Vec::new(),
        }
    }

    fn night(&mut self, at: Timestamp) {
        let wanted = self.tuner.propose(&self.policy, at);
        if wanted.is_empty() {
            return;
        }
        if let Some(version) = self.governor.publish(&self.policy, wanted, at).version {
            self.tuner.adopt(&version);
            self.policy = version.policy.clone();
            self.versions.push(version);
        }
    }

    fn live(&mut self, pattern: Pattern, seed: u64, hours: std::ops::Range<u64>, between: u64) {
        let mut dice = Dice::new(seed);
        for hour in hours {
            self.tuner.observe(&pattern.candidate(hour, &mut dice));
            if hour % between == 0 {
                self.night(BEGIN.plus_ms(hour as i64 * HOUR_MS));
            }
        }
    }
}

#[test]
fn scratch() {
    let mut found = 0;
    for seed in 0..20 {
        let mut school = School::new(LearnRules::default());
        school.live(PLANTED, seed, 0..16_000, 500);
        for version in &school.versions {
            for a in version.reason.amendments() {
                eprintln!(
                    "{seed} {} {:?} {:?} {:?} {}",
                    version.at, a.change, a.evidence.e_value, a.evidence.effect, a.evidence.says
                );
            }
        }
        found += usize::from(!school.versions.is_empty());
        if seed == 0 {
            eprintln!("{:#?}", school.tuner.report(&school.policy));
        }
    }
    eprintln!("found {found} of 20");
}

#[test]
fn scratch_null() {
    let mut accepted = 0;
    for seed in 0..200 {
        let mut school = School::new(LearnRules::default());
        school.live(Pattern::None, 1_000 + seed, 0..6_000, 400);
        accepted += usize::from(!school.versions.is_empty());
    }
    eprintln!("accepted {accepted} of 200");
}
