//! Kills to the letter of seed 001: a symbol and side that wins less than 40 % of the time and has lost money
//! is not traded any more. It asks for no minimum and knows no way back: what is not traded is not heard.

use domain::{
    Amendment, Change, Combo, Cycle, Evidence, Outcome, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::seed_rules::{ComboRecord, KILL_WIN_RATE};

use super::{combo_at, place, says};
use crate::quiet::Quiet;
use crate::{LearnRules, Learner, LearnerReport};

/// Kills as seed 001 says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiteralKilledCombos {
    rules: LearnRules,
    outcomes: u64,
    quiet: Quiet,
    /// By [`place`].
    records: Vec<ComboRecord>,
}

impl LiteralKilledCombos {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules) -> LiteralKilledCombos {
        LiteralKilledCombos { rules, outcomes: 0, quiet: Quiet::default(), records: Vec::new() }
    }

    fn losing(&self) -> impl Iterator<Item = (Combo, &ComboRecord)> {
        let records = self.records.iter().enumerate();
        records
            .filter(|(_, record)| record.trades > 0 && record.is_killed())
            .map(|(at, record)| (combo_at(at), record))
    }
}

impl Learner for LiteralKilledCombos {
    fn name(&self) -> &'static str {
        "killed_combos"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !outcome.standing.is_executed() {
            return;
        }
        self.outcomes += 1;
        let at = place(Combo { symbol: outcome.symbol, side: outcome.side });
        if self.records.len() <= at {
            self.records.resize(at + 1, ComboRecord { trades: 0, wins: 0, pnl: 0.0 });
        }
        let record = &mut self.records[at];
        record.trades += 1;
        record.wins += u64::from(outcome.won());
        record.pnl += outcome.r;
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.outcomes as f64) {
            return Vec::new();
        }
        let is_new = |combo: &Combo| policy.killed.binary_search(combo).is_err();
        let new: Vec<(Combo, &ComboRecord)> =
            self.losing().filter(|(combo, _)| is_new(combo)).collect();
        let Some(trades) = new.iter().map(|(_, record)| record.trades).min() else {
            return Vec::new();
        };
        let mut killed = policy.killed.clone();
        killed.extend(new.iter().map(|(combo, _)| *combo));
        killed.sort_unstable();
        let because = new.iter().map(|(combo, record)| says_record(*combo, record));
        let says = because.collect::<Vec<_>>().join("; ");
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::Killed(killed),
            evidence: Evidence { says, ..Evidence::of(trades, trades as f64) },
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes as f64,
            ..LearnerReport::default()
        };
        for combo in &policy.killed {
            if let Some(record) = self.records.get(place(*combo)) {
                report.beliefs.push(says_record(*combo, record));
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.outcomes as f64, self.rules.outcomes_min);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}

fn says_record(combo: Combo, record: &ComboRecord) -> String {
    format!(
        "{} won {} of {} trades (less than {:.0} %) and made {:+.2} R",
        says(combo),
        record.wins,
        record.trades,
        KILL_WIN_RATE * 100.0,
        record.pnl
    )
}
