//! A7: what the blocked would have brought (seed 001's counterfactuals and missed opportunities).
//!
//! Replayed, not guessed: a market that our order does not move tells what a declined candidate would have
//! come to, an hour on, after a round trip's expected costs. It is a witness and proposes nothing: a gate's
//! threshold is moved by what the refused would have earned under their own exits (A4), and a move over an
//! hour is the result of no trade that this system would have made.

use domain::{
    Amendment, Cycle, GATES_MAX, HORIZONS, HorizonLesson, Outcome, Phase, Policy, PolicyVersion,
    Side, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95, wilson};
use stats::moments::Moments;

use crate::gate_thresholds::COUNTERFACTUAL_MS;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Of the kinds of candidates that were missed, so many are named. Chosen.
const KINDS_NAMED: usize = 3;

/// Candidates of one kind, an hour on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counterfactual {
    /// How many.
    pub candidates: u64,
    /// Their values after costs, basis points, weighed by uniqueness.
    values: Moments,
    gained_effective: f64,
    gain_sum_bps: f64,
    loss_sum_bps: f64,
}

impl Counterfactual {
    fn hear(&mut self, value_bps: f64, uniqueness: f64) {
        self.candidates += 1;
        self.values.observe_weighted(value_bps, uniqueness);
        if value_bps > 0.0 {
            self.gained_effective += uniqueness;
            self.gain_sum_bps += uniqueness * value_bps;
        } else {
            self.loss_sum_bps -= uniqueness * value_bps;
        }
    }

    /// The same with overlap discounted.
    pub fn effective(&self) -> f64 {
        self.values.weight_sum()
    }

    /// The share that would have gained; nothing of none.
    pub fn gained_fraction(&self) -> Option<f64> {
        (self.effective() > 0.0).then(|| self.gained_effective / self.effective())
    }

    /// What one would have brought on average, basis points after costs; nothing of at most one.
    pub fn value_bps(&self) -> Option<MeanInterval> {
        MeanInterval::with_count(&self.values, self.effective(), Z_95)
    }

    /// What was missed by taking none of them, against taking those alone that gained: basis points for one
    /// effective candidate. What was spared is the other side of it.
    pub fn regret_bps(&self) -> Option<f64> {
        (self.effective() > 0.0).then(|| self.gain_sum_bps / self.effective())
    }

    /// What was spared by taking none of them, basis points for one effective candidate.
    pub fn spared_bps(&self) -> Option<f64> {
        (self.effective() > 0.0).then(|| self.loss_sum_bps / self.effective())
    }

    /// Whether there is enough to say what it would have come to.
    fn is_said(&self, needed: f64) -> bool {
        self.effective() >= needed && self.value_bps().is_some()
    }

    fn says(&self) -> Option<String> {
        let (value, gained) = (self.value_bps()?, self.gained_fraction()?);
        let within = wilson(self.gained_effective, self.effective(), Z_95);
        Some(format!(
            "{:.0} % would have gained ({:.0} to {:.0} %), {:+.1} bp each ({:+.1} to {:+.1}), missed {:.1} bp and spared {:.1} bp, {:.0} effective",
            gained * 100.0,
            within.low * 100.0,
            within.high * 100.0,
            value.mean,
            value.low,
            value.high,
            self.regret_bps()?,
            self.spared_bps()?,
            self.effective()
        ))
    }
}

/// Keeps the record of what was declined.
#[derive(Clone, Debug, PartialEq)]
pub struct MissedOpportunities {
    rules: LearnRules,
    gates: Vec<&'static str>,
    known: Known,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    refused: Counterfactual,
    passed: Counterfactual,
    by_gate: [Counterfactual; GATES_MAX],
    /// Of the refused, by symbol, long and short.
    by_symbol: Vec<[Counterfactual; 2]>,
}

impl MissedOpportunities {
    /// A record of nothing yet, for this house's gates.
    pub fn new(rules: LearnRules, house: &House) -> MissedOpportunities {
        MissedOpportunities { rules, gates: house.gates.clone(), known: Known::default() }
    }

    /// All that any gate refused.
    pub fn refused(&self) -> &Counterfactual {
        &self.known.refused
    }

    /// What the gate at this place refused, alone or with others.
    pub fn refused_by(&self, gate: usize) -> Option<&Counterfactual> {
        self.known.by_gate.get(gate)
    }

    fn note_symbol(&mut self, lesson: &HorizonLesson, value_bps: f64) {
        let by_symbol = &mut self.known.by_symbol;
        if by_symbol.len() <= lesson.symbol.at() {
            by_symbol.resize(lesson.symbol.at() + 1, Default::default());
        }
        let side = usize::from(lesson.side == Side::Short);
        by_symbol[lesson.symbol.at()][side].hear(value_bps, lesson.uniqueness);
    }

    /// Everything that is told apart, by name.
    fn kinds(&self) -> impl Iterator<Item = (String, &Counterfactual)> {
        let known = &self.known;
        let gates = self.gates.iter().zip(&known.by_gate);
        let named = [("what was refused", &known.refused), ("what was let pass", &known.passed)];
        let all = named.into_iter().map(|(name, of)| (name.to_owned(), of));
        all.chain(gates.map(|(gate, of)| (format!("refused by {gate}"), of)))
    }

    /// The kinds of which most was missed for sure: by the lower end of what one would have brought.
    fn best_missed(&self) -> Vec<(usize, Side, MeanInterval)> {
        let needed = self.rules.outcomes_min;
        let mut kinds = Vec::new();
        for (symbol, sides) in self.known.by_symbol.iter().enumerate() {
            for (side, of) in [Side::Long, Side::Short].into_iter().zip(sides) {
                if let Some(value) = of.value_bps().filter(|value| value.n >= needed) {
                    kinds.push((symbol, side, value));
                }
            }
        }
        kinds.sort_by(|a, b| b.2.low.total_cmp(&a.2.low));
        kinds.truncate(KINDS_NAMED);
        kinds
    }
}

impl Learner for MissedOpportunities {
    fn name(&self) -> &'static str {
        "missed_opportunities"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, _: &Outcome) {}

    fn observe_horizon(&mut self, lesson: &HorizonLesson) {
        let horizon = HORIZONS.get(usize::from(lesson.horizon));
        if horizon.is_none_or(|of| of.ms != COUNTERFACTUAL_MS) {
            return;
        }
        let value_bps = lesson.value_bps();
        if !lesson.was_refused() {
            self.known.passed.hear(value_bps, lesson.uniqueness);
            return;
        }
        self.known.refused.hear(value_bps, lesson.uniqueness);
        let mut left = lesson.refused;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            self.known.by_gate[at].hear(value_bps, lesson.uniqueness);
            left &= left - 1;
        }
        self.note_symbol(lesson, value_bps);
    }

    /// A witness: it changes nothing.
    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        Vec::new()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let starved = self.kinds().filter(|(_, of)| !of.is_said(needed));
        let says = starved.map(|(name, of)| {
            format!("{:.0} of {needed:.0} effective hours after {name}", of.effective())
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let known = &self.known;
        let mut report = LearnerReport {
            heard: known.refused.candidates + known.passed.candidates,
            heard_effective: known.refused.effective() + known.passed.effective(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for (name, of) in self.kinds().filter(|(_, of)| of.is_said(needed)) {
            let says = of.says().into_iter();
            report.beliefs.extend(says.map(|says| format!("{name}, an hour on: {says}")));
        }
        for (symbol, side, value) in self.best_missed() {
            report.beliefs.push(format!(
                "symbol {symbol} {}: {:+.1} bp each ({:+.1} to {:+.1}), {:.0} effective refused",
                if side == Side::Long { "long" } else { "short" },
                value.mean,
                value.low,
                value.high,
                value.n
            ));
        }
        report
    }

    fn adopt(&mut self, _: &PolicyVersion) {}

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.known).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| self.known = read).is_ok()
    }
}
