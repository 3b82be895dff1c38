//! A17: what each gate is worth (seed 001's gate complexity monitor).
//!
//! A gate is worth what those came to that it alone refused: whom another refused too it has not kept out.
//! The monitor reports and recommends; it changes nothing, because a gate may guard against what has not
//! happened yet.

use domain::{
    Amendment, Cycle, GATES_MAX, Outcome, Phase, Policy, PolicyVersion, Threshold, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::sequential::e_bh;

use crate::asked::{Asked, Claim};
use crate::blocks::Blocks;
use crate::evidence::says_e;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Share of verdicts that may be wrong (e-BH, Wang & Ramdas 2022): with one gate in question it asks for the
/// e-value of 20 of methods §1.7 for each way, and with many for more.
const FALSE_SHARE: f64 = 0.05;

/// What a gate's refusals say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateVerdict {
    /// What it alone refused would have lost.
    EarnsItsKeep,
    /// What it alone refused would have gained.
    CostsMoney,
    /// Others would have refused all that it refused.
    NeverAlone,
    /// Too little is known.
    NotKnownYet,
}

/// A gate with what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedGate {
    /// Its name.
    pub gate: &'static str,
    /// What its refusals say.
    pub verdict: GateVerdict,
    /// Whether it guards costs or capital: it stands against what has not happened yet, and no outcome so far
    /// is a reason to retire it.
    pub is_guard: bool,
}

impl JudgedGate {
    /// The verdict as it is written everywhere.
    pub const fn says(self) -> &'static str {
        match (self.verdict, self.is_guard) {
            (GateVerdict::EarnsItsKeep, _) => "It earns its keep.",
            (GateVerdict::CostsMoney, false) => "It costs money: consider retiring it.",
            (GateVerdict::CostsMoney, true) => "It costs money, which is what a guard may do.",
            (GateVerdict::NeverAlone, false) => "It never refuses alone: consider retiring it.",
            (GateVerdict::NeverAlone, true) => "It never refuses alone so far.",
            (GateVerdict::NotKnownYet, _) => "Not known yet.",
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

    /// How many it refused, and how many of them alone; of none there is no share.
    fn refusals(&self) -> String {
        match self.refused {
            0 => "refused none".to_owned(),
            refused => format!(
                "refused {refused} ({:.0} % with others), {} alone",
                self.redundancy() * 100.0,
                self.alone
            ),
        }
    }

    /// Whether too few are known that this gate alone refused.
    fn is_starved(&self, verdict: GateVerdict, needed: f64) -> bool {
        verdict == GateVerdict::NotKnownYet && self.results.weight_sum() < needed
    }

    /// Share of its refusals that another gate made too.
    fn redundancy(&self) -> f64 {
        1.0 - self.alone as f64 / self.refused.max(1) as f64
    }
}

/// Watches what each gate is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct GateMonitor {
    rules: LearnRules,
    gates: Vec<&'static str>,
    /// The bits of those that guard costs or capital.
    guards: u16,
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
        let costs = house.gate_bit(Threshold::FeeMargin.gate()).unwrap_or(0);
        GateMonitor { rules, gates, guards: house.capital_gates | costs, known }
    }

    /// Each gate with what it is worth, in their order.
    pub fn judged(&self) -> Vec<JudgedGate> {
        let judged = self.gates.iter().zip(self.verdicts()).enumerate();
        let judged = judged.map(|(at, (gate, verdict))| JudgedGate {
            gate,
            verdict,
            is_guard: self.guards & (1 << at) != 0,
        });
        judged.collect()
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
            match (is_proven(0), is_proven(1)) {
                (true, false) => GateVerdict::EarnsItsKeep,
                (false, true) => GateVerdict::CostsMoney,
                _ if record.alone == 0 && record.refused_effective >= needed => {
                    GateVerdict::NeverAlone
                }
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

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let gates = self.gates.iter().zip(&self.known.records).zip(self.verdicts());
        let starved = gates.filter(|((_, record), verdict)| record.is_starved(*verdict, needed));
        let says = starved.map(|((gate, record), _)| {
            let (heard, refusals) = (record.results.weight_sum(), record.refusals());
            format!(
                "{heard:.0} of {needed:.0} effective outcomes that {gate} alone refused: {refusals}"
            )
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.known.outcomes,
            heard_effective: self.known.outcomes_effective,
            gates: self.judged(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for (judged, record) in self.judged().into_iter().zip(&self.known.records) {
            let (gate, verdict) = (judged.gate, judged.verdict);
            if record.is_starved(verdict, needed) {
                continue;
            }
            let refusals = record.refusals();
            let earned = record.earned().map_or_else(String::new, |of| {
                format!(
                    "; those came to {:+.2} R ({:+.2} to {:+.2}, {:.0} effective; e-value of a loss {}, of a gain {})",
                    of.mean,
                    of.low,
                    of.high,
                    of.n,
                    says_e(record.losses.e_value()),
                    says_e(record.gains.e_value())
                )
            });
            report.beliefs.push(format!("{gate}: {refusals}{earned}. {}", judged.says()));
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
