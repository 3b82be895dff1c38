//! A13 on worlds whose truth is known.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{Condition, GatePolicy, Policy, PolicyVersion, SymbolIx, Timestamp};
use learn::{DailyRules, Governor, LearnRules, Learner};
use scenarios::{BEGIN, Dice, HOUR_MS, Pattern};

const PLANTED: Pattern = Pattern::SymbolHours { symbol: SymbolIx(3), hour: 8, win_rate: 0.20 };

struct School {
    policy: Policy,
    governor: Governor,
    learner: DailyRules,
    versions: Vec<PolicyVersion>,
}

impl School {
    fn new(rules: LearnRules) -> School {
        School {
            policy: Policy::day_one(GatePolicy::default()),
            governor: Governor::new(rules),
            learner: DailyRules::new(rules, 0b0000_0111_1011_1000),
            versions: Vec::new(),
        }
    }

    fn night(&mut self, at: Timestamp) {
        let wanted = self.learner.propose(&self.policy, at);
        if let Some(version) = self.governor.publish(&self.policy, wanted, at).version {
            self.learner.adopt(&version);
            self.policy = version.policy.clone();
            self.versions.push(version);
        }
    }

    fn live(&mut self, pattern: Pattern, dice: &mut Dice, hours: std::ops::Range<u64>) {
        for hour in hours {
            self.learner.observe(&pattern.candidate(hour, dice));
            if hour % 24 == 7 {
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
        school.live(PLANTED, &mut Dice::new(seed), 0..12_000);
        for version in &school.versions {
            for a in version.reason.amendments() {
                eprintln!("{seed} {} {:?} {}", version.at, a.evidence.e_value, a.evidence.says);
            }
        }
        found += usize::from(!school.versions.is_empty());
        if seed == 0 {
            eprintln!("{:#?}", school.learner.report(&school.policy));
        }
    }
    eprintln!("found {found} of 20");
}

#[test]
fn scratch_null() {
    let mut accepted = 0;
    for seed in 0..200 {
        let mut school = School::new(LearnRules::default());
        school.live(Pattern::None, &mut Dice::new(1_000 + seed), 0..10_000);
        accepted += usize::from(!school.versions.is_empty());
        if seed == 0 {
            eprintln!("{:#?}", school.learner.report(&school.policy));
        }
    }
    eprintln!("accepted {accepted} of 200");
}
