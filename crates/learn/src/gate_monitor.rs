//! A17: what each gate is worth (seed 001's gate complexity monitor).
//!
//! A gate is worth what those came to that it alone refused: whom another refused too it has not kept out.
//! The monitor reports and recommends; it changes nothing, because a gate may guard against what has not
//! happened yet.

use domain::{Amendment, Cycle, GATES_MAX, Outcome, Phase, Policy, PolicyVersion, Timestamp};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::sequential::e_bh;

use crate::asked::{Asked, Claim};
use crate::blocks::Blocks;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Share of verdicts that may be wrong (e-BH, Wang & Ramdas 2022): with one gate in question it asks for the
/// e-value of 20 of methods §1.7 for each way, and with many for more.
const FALSE_SHARE: f64 = 0.05;

/// What a gate's refusals say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateVerdict {
    /// What it alone refused would have lost.
    EarnsItsKeep,
    /// What it alone refused would have gained: it may be retired.
    CostsMoney,
    /// Others would have refused all that it refused: it may be retired.
    NeverAlone,
    /// What it alone refused tells nothing against it: it guards capital, and what it kept out is a loss that
    /// did not happen.
    GuardsCapital,
    /// Too little is known.
    NotKnownYet,
}

impl GateVerdict {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            GateVerdict::EarnsItsKeep => "earns its keep",
            GateVerdict::CostsMoney => "costs money: consider retiring it",
            GateVerdict::NeverAlone => "never alone: consider retiring it",
            GateVerdict::GuardsCapital => "guards capital: not judged by what it refused",
            GateVerdict::NotKnownYet => "not known yet",
        }
    }
}

/// One gate's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    refused: u64,
    refused_effective: f64,
    alone: u64,
    results: Moments,
    blocks: Blocks,
    gains: Asked,
    losses: Asked,
}

impl Record {
    fn new() -> Record {
        Record {
            refused: 0,
            refused_effective: 0.0,
            alone: 0,
            results: Moments::default(),
            blocks: Blocks::from(Timestamp::from_ms(i64::MIN)),
            gains: Asked::new(Claim::Gain),
            losses: Asked::new(Claim::Loss),
        }
    }

    fn hear_alone(&mut self, outcome: &Outcome) {
        self.alone += 1;
        self.results.observe_weighted(outcome.r, outcome.uniqueness);
        let Record { blocks, gains, losses, .. } = self;
        blocks.hear(outcome, |r| {
            gains.hear(r);
            losses.hear(r);
        });
    }

    /// What it alone refused came to, units of initial risk.
    fn earned(&self) -> Option<MeanInterval> {
        MeanInterval::with_count(&self.results, self.results.weight_sum(), Z_95)
    }

    /// Share of its refusals that another gate made too; of none there is no share.
    fn redundancy(&self) -> Option<f64> {
        (self.refused > 0).then(|| 1.0 - self.alone as f64 / self.refused as f64)
    }
}

/// Watches what each gate is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct GateMonitor {
    rules: LearnRules,
    gates: Vec<&'static str>,
    capital_gates: u16,
    known: Known,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    outcomes: u64,
    outcomes_effective: f64,
    records: Vec<Record>,
}

impl GateMonitor {
    /// A monitor that has heard nothing, for this house's gates.
    pub fn new(rules: LearnRules, house: &House) -> GateMonitor {
        let gates: Vec<&'static str> = house.gates.iter().copied().take(GATES_MAX).collect();
        let records = gates.iter().map(|_| Record::new()).collect();
        let known = Known { outcomes: 0, outcomes_effective: 0.0, records };
        GateMonitor { rules, gates, capital_gates: house.capital_gates, known }
    }

    /// What is known of each gate, in their order.
    pub fn verdicts(&self) -> Vec<GateVerdict> {
        let records = &self.known.records;
        // Both ways of every gate are asked together, so that many gates do not make a verdict out of luck.
        let both = |record: &Record| [record.losses.e_value(), record.gains.e_value()];
        let proven = e_bh(&records.iter().flat_map(both).collect::<Vec<f64>>(), FALSE_SHARE);
        let needed = self.rules.outcomes_min;
        let verdict = |(at, record): (usize, &Record)| {
            let is_proven = |way: usize| {
                record.results.weight_sum() >= needed && proven.contains(&(2 * at + way))
            };
            let is_guard = self.capital_gates & (1 << at) != 0;
            let is_never_alone = record.alone == 0 && record.refused_effective >= needed;
            match (is_proven(0), is_proven(1)) {
                (true, false) => GateVerdict::EarnsItsKeep,
                (false, true) if is_guard => GateVerdict::GuardsCapital,
                _ if is_never_alone && is_guard => GateVerdict::GuardsCapital,
                (false, true) => GateVerdict::CostsMoney,
                _ if is_never_alone => GateVerdict::NeverAlone,
                _ => GateVerdict::NotKnownYet,
            }
        };
        records.iter().enumerate().map(verdict).collect()
    }
}

impl Learner for GateMonitor {
    fn name(&self) -> &'static str {
        "gate_monitor"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        self.known.outcomes += 1;
        self.known.outcomes_effective += outcome.uniqueness;
        let is_alone = outcome.refused.count_ones() == 1;
        let mut left = outcome.refused;
        while left != 0 {
            if let Some(record) = self.known.records.get_mut(left.trailing_zeros() as usize) {
                record.refused += 1;
                record.refused_effective += outcome.uniqueness;
                if is_alone {
                    record.hear_alone(outcome);
                }
            }
            left &= left - 1;
        }
    }

    /// Retiring a gate is a person's decision.
    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        Vec::new()
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.known.outcomes,
            heard_effective: self.known.outcomes_effective,
            ..LearnerReport::default()
        };
        let verdicts = self.verdicts();
        for ((gate, record), verdict) in self.gates.iter().zip(&self.known.records).zip(verdicts) {
            let alone_effective = record.results.weight_sum();
            let with_others = record
                .redundancy()
                .map_or_else(String::new, |share| format!(" ({:.0} % with others)", share * 100.0));
            let refusals =
                format!("refused {}{with_others}, {} alone", record.refused, record.alone);
            if verdict == GateVerdict::NotKnownYet && alone_effective < needed {
                report.starved.push(format!(
                    "{alone_effective:.0} of {needed:.0} effective outcomes that {gate} alone refused: {refusals}"
                ));
                continue;
            }
            let earned = record.earned().map_or_else(String::new, |of| {
                format!(
                    "; those came to {:+.2} R ({:+.2} to {:+.2}, {:.0} effective; e-value of a loss {:.1}, of a gain {:.1})",
                    of.mean,
                    of.low,
                    of.high,
                    of.n,
                    record.losses.e_value(),
                    record.gains.e_value()
                )
            });
            report.beliefs.push(format!("{gate} {}: {refusals}{earned}", verdict.name()));
        }
        report
    }

    fn adopt(&mut self, _: &PolicyVersion) {}

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.known).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        let read = postcard::from_bytes::<Known>(saved);
        // Of another house's gates nothing can be told.
        let read = read.ok().filter(|read| read.records.len() == self.gates.len());
        read.map(|read| self.known = read).is_some()
    }
}
