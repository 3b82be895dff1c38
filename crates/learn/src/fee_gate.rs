//! A9, the fee gate: what trading really costs, against what it was expected to, decides how many times its cost
//! an edge has to be at the least.
//!
//! It sets a floor and no more: it raises the margin where costs run above it, and takes back what it raised
//! when they no longer do. What edges pay above that is for the gates' own learners to find out, and a margin
//! that one of them moved is theirs.

use domain::{
    Amendment, Change, Cycle, Evidence, ExitPlan, Outcome, Policy, PolicyVersion, Threshold,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::{GAIN_GRID, GridEProcess};

use crate::evidence::says_e;
use crate::quiet::{Quiet, is_taken_back};
use crate::{LearnRules, Learner, LearnerReport, is_of};

/// The gate is to hold for so many of a hundred trades' costs (methods §1.14: slippage's upper quartile).
const QUANTILE: f64 = 0.75;
/// Short by less than this, the margin stays. Chosen: a twentieth of a cost is less than it varies.
const OFF_MIN: f64 = 0.05;
/// A day, the least between two versions.
const DAY_MS: i64 = 86_400_000;
/// Costs beyond so many times the expected count as this many. Chosen.
const RATIO_MOST: f64 = 10.0;

/// Evidence that the margin that stands is too small or too large: it holds at every look.
const EVIDENCE_MIN: f64 = 20.0;

/// Whether trades cost more than the margin that stands allows for more often than one in four, or less often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Coverage {
    /// The ratio of costs that the margin allows for.
    allowed: f64,
    /// Weight, and weighted trades beyond it, of the block that is not full yet.
    block: (f64, f64),
    dearer: GridEProcess,
    cheaper: GridEProcess,
}

impl Coverage {
    fn of(allowed: f64) -> Coverage {
        Coverage {
            allowed,
            block: (0.0, 0.0),
            dearer: GridEProcess::new(1.0 - QUANTILE, &GAIN_GRID),
            cheaper: GridEProcess::new(QUANTILE, &GAIN_GRID),
        }
    }

    /// Trades that overlap are one bet together, once they are worth one of their own.
    fn hear(&mut self, ratio: f64, worth: f64) {
        let (weight, beyond) = &mut self.block;
        *weight += worth;
        *beyond += if ratio > self.allowed { worth } else { 0.0 };
        // A hair less than one: ten tenths do not add up to it.
        if *weight >= 1.0 - 1e-9 {
            let more_often = *beyond / *weight - (1.0 - QUANTILE);
            self.dearer.observe(more_often);
            self.cheaper.observe(-more_often);
            self.block = (0.0, 0.0);
        }
    }

    /// Evidence that the margin should move this way; two were asked, so each counts half.
    fn evidence(&self, up: bool) -> f64 {
        0.5 * if up { self.dearer.evidence() } else { self.cheaper.evidence() }
    }
}

/// What it has raised the margin to, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Raised {
    from: f64,
    to: f64,
}

/// Learns the upper quartile of realised over expected cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeeMargin {
    rules: LearnRules,
    margin_day_one: f64,
    outcomes: u64,
    outcomes_effective: f64,
    /// The quantile as it is followed, step by step, and its mean over the last steps.
    followed: f64,
    ratio: f64,
    coverage: Coverage,
    /// The margin that stood when last told.
    standing: f64,
    /// While nobody else has moved it since.
    raised: Option<Raised>,
    quiet: Quiet,
    published_at: Option<Timestamp>,
}

impl FeeMargin {
    /// A learner that has heard nothing; the margin of this policy is the one for costs as expected.
    pub fn new(rules: LearnRules, policy: &Policy) -> FeeMargin {
        FeeMargin {
            rules,
            margin_day_one: policy.gates.fee_margin,
            outcomes: 0,
            outcomes_effective: 0.0,
            followed: 1.0,
            ratio: 1.0,
            coverage: Coverage::of(1.0),
            standing: policy.gates.fee_margin,
            raised: None,
            quiet: Quiet::default(),
            published_at: None,
        }
    }

    /// The least margin that what trades cost asks for, never below the first.
    fn floor(&self) -> f64 {
        // A person's own margin may lie outside the learner's box.
        let most = Threshold::FeeMargin.bounds().1.max(self.margin_day_one);
        (self.margin_day_one * self.ratio.max(1.0)).min(most)
    }

    /// Where the margin that stands should go; none where it should stay.
    fn wanted(&self, standing: f64) -> Option<f64> {
        let floor = self.floor();
        let is_short = floor > standing && self.ratio > 1.0;
        let raised = self.raised.filter(|raised| raised.to == standing);
        let back = raised.map(|raised| floor.max(raised.from)).filter(|back| *back < standing);
        let (wanted, off_min) =
            if is_short { (Some(floor), OFF_MIN) } else { (back, self.rules.publish_fraction_min) };
        wanted.filter(|wanted| (wanted - standing).abs() >= off_min * standing)
    }

    fn is_heard_enough(&self) -> bool {
        let heard = self.outcomes_effective;
        heard >= self.rules.outcomes_min && self.quiet.is_over(heard)
    }

    /// One step of the quantile's regression (Robbins & Monro 1951): up by a lot where it was exceeded, down
    /// by a little where it was not. Steps shrink, and their mean is what is believed (Polyak & Juditsky 1992).
    fn follow(&mut self, ratio: f64, worth: f64) {
        const STEP: f64 = 0.5;
        const STEP_LEAST: f64 = 0.01;
        const MEAN_OVER: f64 = 100.0;
        let step = (STEP / (1.0 + self.outcomes_effective).sqrt()).max(STEP_LEAST);
        let lean = if ratio > self.followed { QUANTILE } else { QUANTILE - 1.0 };
        self.followed += step * worth * lean;
        let share = worth / (1.0 + self.outcomes_effective).min(MEAN_OVER);
        self.ratio += share * (self.followed - self.ratio);
    }
}

/// What a round trip took over what it was expected to take; nothing where the decision did not say. The
/// claimed edge over the expected cost is recorded, and the edge is conviction times the hoped-for move.
fn cost_ratio(outcome: &Outcome) -> Option<f64> {
    let basis = &outcome.basis;
    let reward_r = basis.target_r.map_or(ExitPlan::NO_TARGET_R, f64::from);
    let edge_bps = outcome.conviction * reward_r * f64::from(basis.stop_fraction) * 1e4;
    let expected_bps = edge_bps / f64::from(basis.edge_ratio);
    let ratio = outcome.cost_bps / expected_bps;
    (expected_bps > 0.0 && ratio.is_finite()).then(|| ratio.clamp(0.0, RATIO_MOST))
}

impl Learner for FeeMargin {
    fn name(&self) -> &'static str {
        "fee_margin"
    }

    fn cycle(&self) -> Cycle {
        Cycle::FeeAudit
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !outcome.standing.is_executed() {
            return;
        }
        let Some(ratio) = cost_ratio(outcome) else { return };
        let worth = outcome.uniqueness;
        self.coverage.hear(ratio, worth);
        self.follow(ratio, worth);
        self.outcomes += 1;
        self.outcomes_effective += worth;
    }

    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment> {
        let is_early = self.published_at.is_some_and(|before| at.ms_since(before) < DAY_MS);
        let standing = policy.gates.fee_margin;
        let Some(wanted) = self.wanted(standing) else { return Vec::new() };
        let e_value = self.coverage.evidence(wanted > standing);
        if is_early || e_value < EVIDENCE_MIN || !self.is_heard_enough() {
            return Vec::new();
        }
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::Threshold { threshold: Threshold::FeeMargin, to: wanted },
            evidence: Evidence {
                e_value: Some(e_value),
                says: format!(
                    "three of four round trips cost up to {:.2} times what was expected, so an edge has to be {wanted:.2} times it",
                    self.ratio
                ),
                ..Evidence::of(self.outcomes, self.outcomes_effective)
            },
        }]
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let n = self.outcomes_effective;
        let mut report =
            LearnerReport { heard: self.outcomes, heard_effective: n, ..LearnerReport::default() };
        if n < needed {
            report.starved.push(format!("{n:.0} of {needed:.0} effective executed outcomes"));
        } else {
            report.beliefs.push(format!(
                "three of four round trips cost up to {:.2} times what was expected over {n:.0} effective; the margin stands at {:.2}, e = {} that it is too small and {} that it is too large",
                self.ratio,
                policy.gates.fee_margin,
                says_e(self.coverage.evidence(true)),
                says_e(self.coverage.evidence(false))
            ));
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.outcomes_effective, self.rules.outcomes_min);
        let (stood, stands) = (self.standing, version.policy.gates.fee_margin);
        let is_own = is_of(&version.reason, self.name()) && !is_taken_back(&version.reason);
        if is_own {
            self.published_at = Some(version.at);
            let from = self.raised.map_or(stood, |raised| raised.from);
            self.raised = (stands > from).then_some(Raised { from, to: stands });
        } else if stands != stood {
            self.raised = None;
        }
        self.standing = stands;
        // A margin below the first is short of nothing until trades cost more than was expected.
        let allowed = (stands / self.margin_day_one).max(1.0);
        if allowed != self.coverage.allowed {
            self.coverage = Coverage::of(allowed);
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
