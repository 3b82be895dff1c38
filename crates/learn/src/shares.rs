//! How capital is split over several alike things from what each has earned: strategies (D8), symbols (A11).
//!
//! Shares are factors around 1. They move only once there is evidence that the things differ at all, by an
//! e-value that holds at every look; then towards what is left of their means when luck is taken out.

use domain::{Effect, Evidence, PolicyVersion};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;
use stats::shrinkage::ShrunkMeans;
use stats::simplex::{Bounds, Reach};
use stats::thompson::{Belief, probabilities_best};

use crate::evidence::says_e;
use crate::governor::SHARE;
use crate::quiet::is_taken_back;
use crate::{LearnRules, LearnerReport, Rule, is_of};

/// An evidence of 20 is as good as p = .05. Measured, looking every night: where nothing differs shares move in
/// 2.4 % of 2,000 seeds (two strategies, 1,500 outcomes each) and in 2.3 % (eight symbols, 600 each).
const DIFFERENCE_EVIDENCE: f64 = 20.0;

/// The difference between means that the evidence is tightest for, in standard deviations of one result.
/// Chosen: a strategy's d of .2 is a good one (methods §1.4).
const DIFFERENCE_LOOKED_FOR: f64 = 0.2;

/// Standard errors of its own target within which a share stays where it is. Chosen: at one, shares follow
/// what is left of a difference and no longer the noise of every night.
const DEAD_ERRORS: f64 = 1.0;

/// What one of them has earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Record {
    outcomes: u64,
    /// All of it: what evidence rests on must not be forgotten.
    all: Moments,
    /// With the past forgotten: what is to be expected now.
    recent: Moments,
}

/// What each of several alike things has earned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shares {
    rules: LearnRules,
    records: Vec<Record>,
    /// Effective outcomes in all, and those before which nothing is proposed.
    effective: f64,
    quiet_until: f64,
}

/// What a share is in proportion to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InProportionTo {
    /// The probability of being the best of all.
    BeingBest,
    /// The probability of being better than another one, whichever.
    BeatingAnother,
}

/// What is known of one of them.
struct Known {
    at: usize,
    n: f64,
    mean: f64,
    error_variance: f64,
    variance: f64,
}

impl Shares {
    pub(crate) fn new(rules: LearnRules) -> Shares {
        Shares { rules, records: Vec::new(), effective: 0.0, quiet_until: 0.0 }
    }

    /// Hears what the one at this place earned, in any unit that is the same for all.
    pub(crate) fn hear(&mut self, at: usize, earned: f64, uniqueness: f64) {
        if self.records.len() <= at {
            self.records.resize(at + 1, Record::default());
        }
        let record = &mut self.records[at];
        record.outcomes += 1;
        record.all.observe_weighted(earned, uniqueness);
        record.recent.forget(1.0 - (1.0 - self.rules.keep_fraction) * uniqueness);
        record.recent.observe_weighted(earned, uniqueness);
        self.effective += uniqueness;
    }

    /// Nothing is proposed before as many effective outcomes again have been heard as anything rests on, when
    /// this version was published for what `learner` proposed or takes something back.
    pub(crate) fn adopt(&mut self, version: &PolicyVersion, learner: &str) {
        if is_taken_back(&version.reason) || is_of(&version.reason, learner) {
            self.quiet_until = self.effective + self.rules.outcomes_min;
        }
    }

    /// The next shares, one bounded step from those that stand, and what they rest on; nothing where too little
    /// is known, where nothing tells them apart, or where hardly anything would move.
    pub(crate) fn wanted(
        &self,
        standing: &[f64],
        what: InProportionTo,
    ) -> Option<(Vec<f64>, Evidence)> {
        if self.effective < self.quiet_until {
            return None;
        }
        let (shares, evidence) = match self.rules.rule {
            Rule::Evidence => self.by_evidence(standing, what)?,
            Rule::Seed => self.by_the_seed(standing)?,
        };
        let stands = |at: usize| standing.get(at).copied().unwrap_or(1.0);
        let moved = shares.iter().enumerate().map(|(at, to)| (to / stands(at) - 1.0).abs());
        let most = moved.fold(0.0, f64::max);
        (most >= self.rules.publish_fraction_min).then_some((shares, evidence))
    }

    /// Those with enough outcomes, by all that was earned or by what was lately.
    fn known(&self, of: fn(&Record) -> &Moments) -> Vec<Known> {
        let known = |(at, record): (usize, &Record)| {
            let enough = record.all.weight_sum() >= self.rules.outcomes_min;
            let moments = of(record);
            let (n, variance) = (moments.weight_sum(), moments.variance()?);
            // What never varied cannot be told from anything.
            (enough && variance > 0.0).then_some(Known {
                at,
                n,
                mean: moments.mean()?,
                error_variance: variance / n,
                variance,
            })
        };
        self.records.iter().enumerate().filter_map(known).collect()
    }

    /// The mean of the e-values of "this one earns what the others do" (valid under any dependence).
    fn evidence_of_a_difference(&self) -> f64 {
        let known = self.known(|record| &record.all);
        if known.len() < 2 {
            return 1.0;
        }
        let weight: f64 = known.iter().map(|one| one.n).sum();
        let sum: f64 = known.iter().map(|one| one.n * one.mean).sum();
        let each = known.iter().map(|one| {
            let others_n = weight - one.n;
            let others_mean = (sum - one.n * one.mean) / others_n;
            let others = known.iter().filter(|other| other.at != one.at);
            let others_error: f64 =
                others.map(|other| other.n * other.variance).sum::<f64>() / (others_n * others_n);
            let error_variance = one.error_variance + others_error;
            mixture_e_value(one.mean - others_mean, error_variance, one.variance)
        });
        each.sum::<f64>() / known.len() as f64
    }

    fn by_evidence(&self, standing: &[f64], what: InProportionTo) -> Option<(Vec<f64>, Evidence)> {
        let e_value = self.evidence_of_a_difference();
        if e_value < DIFFERENCE_EVIDENCE {
            return None;
        }
        let known = self.known(|record| &record.recent);
        let chances = chances(&known, what)?;
        let errors = errors_of_chances(&known, what, &chances);
        let shares = self.step(standing, &known, &chances, &errors)?;
        let best = (0..known.len()).max_by(|a, b| chances[*a].total_cmp(&chances[*b]))?;
        let leader = self.interval(known[best].at);
        Some((
            shares,
            Evidence {
                shrink: None,
                e_value: Some(e_value),
                effect: leader.map(|of| Effect { mean: of.mean, low: of.low, high: of.high }),
                says: format!(
                    "they differ, e {e_value:.0}; the effect is number {}'s",
                    known[best].at
                ),
                ..self.counts(known.iter().map(|one| one.at))
            },
        ))
    }

    /// As many outcomes as all of them rest on, of effective ones the fewest.
    fn counts(&self, of: impl Iterator<Item = usize>) -> Evidence {
        let mut counts = Evidence::of(0, f64::INFINITY);
        for at in of {
            let record = &self.records[at];
            counts.outcomes += record.outcomes;
            counts.outcomes_effective = counts.outcomes_effective.min(record.all.weight_sum());
        }
        counts
    }

    /// The shares nearest to the chances, with mean 1, within box and step; who is not known keeps his, and who
    /// is nearer than the error of his chance keeps it but for what others leave or take.
    fn step(
        &self,
        standing: &[f64],
        known: &[Known],
        chances: &[f64],
        errors: &[f64],
    ) -> Option<Vec<f64>> {
        let count = self.records.len().max(standing.len());
        let stands: Vec<f64> =
            (0..count).map(|at| standing.get(at).copied().unwrap_or(1.0)).collect();
        let (sum, equal) = (stands.iter().sum::<f64>(), 1.0 / count as f64);
        let mut target: Vec<f64> = stands.iter().map(|share| share / sum).collect();
        let bounds = Bounds {
            least: SHARE.least * equal,
            most: SHARE.most * equal,
            step_fraction: self.rules.step_fraction_max,
        };
        let mut reach = Reach { lower: target.clone(), upper: target.clone() };
        let free: f64 = known.iter().map(|one| target[one.at]).sum();
        let all: f64 = chances.iter().sum();
        let mut any_moves = false;
        for ((one, chance), error) in known.iter().zip(chances).zip(errors) {
            reach.lower[one.at] = bounds.lower(target[one.at]);
            reach.upper[one.at] = bounds.upper(target[one.at]);
            let wanted = free * chance / all;
            if (wanted - target[one.at]).abs() > DEAD_ERRORS * free * error {
                target[one.at] = wanted;
                any_moves = true;
            }
        }
        if !any_moves {
            return None;
        }
        let shares = reach.project_kl(&target)?;
        Some(shares.into_iter().map(|share| share / equal).collect())
    }

    /// Seed 001: promote what has made money and demote what has lost it, by a fifth.
    fn by_the_seed(&self, standing: &[f64]) -> Option<(Vec<f64>, Evidence)> {
        const FIFTH: f64 = 0.20;
        let is_known = |record: &Record| record.outcomes as f64 >= self.rules.outcomes_min;
        let next = |(at, record): (usize, &Record)| {
            let stands = standing.get(at).copied().unwrap_or(1.0);
            let earned = record.all.mean().unwrap_or(0.0);
            let step = match is_known(record) {
                true if earned > 0.0 => 1.0 + FIFTH,
                true if earned < 0.0 => 1.0 - FIFTH,
                _ => 1.0,
            };
            (stands * step).clamp(SHARE.least, SHARE.most)
        };
        let known = self.records.iter().enumerate().filter(|(_, record)| is_known(record));
        let least = known.map(|(_, record)| record.outcomes).min()?;
        let shares = self.records.iter().enumerate().map(next).collect();
        Some((shares, Evidence::of(least, least as f64)))
    }

    fn interval(&self, at: usize) -> Option<MeanInterval> {
        let all = &self.records[at].all;
        MeanInterval::with_count(all, all.weight_sum(), Z_95)
    }

    /// What is known of each, in lines a person reads; `name` says what they are, `unit` of what.
    pub(crate) fn report(&self, standing: &[f64], name: &str, unit: &str) -> LearnerReport {
        let needed = self.rules.outcomes_min;
        let mut report = LearnerReport {
            heard: self.records.iter().map(|record| record.outcomes).sum(),
            heard_effective: self.effective,
            ..LearnerReport::default()
        };
        for (at, record) in self.records.iter().enumerate() {
            let n = record.all.weight_sum();
            match self.interval(at).filter(|_| n >= needed) {
                Some(of) => report.beliefs.push(format!(
                    "{name} {at} has share {:.2}: {:+.3} {unit} [{:+.3}, {:+.3}] over {n:.0} effective outcomes",
                    standing.get(at).copied().unwrap_or(1.0),
                    of.mean,
                    of.low,
                    of.high
                )),
                None => report
                    .starved
                    .push(format!("{n:.0} of {needed:.0} effective outcomes of {name} {at}")),
            }
        }
        let e_value = self.evidence_of_a_difference();
        report.beliefs.push(format!(
            "evidence that one earns other than the rest: e = {} of {DIFFERENCE_EVIDENCE:.0}",
            says_e(e_value)
        ));
        report
    }
}

/// The normal mixture's e-value of a difference with this squared standard error (Robbins 1970): as
/// outcomes come in, its estimate over its error variance moves like a Brownian motion in 1 / error variance.
fn mixture_e_value(difference: f64, error_variance: f64, variance: f64) -> f64 {
    let information = 1.0 / error_variance;
    let prior = 1.0 / (DIFFERENCE_LOOKED_FOR * DIFFERENCE_LOOKED_FOR * variance);
    let whole = prior + information;
    let score = difference * information;
    let log = 0.5 * libm::log(prior / whole) + score * score / (2.0 * whole);
    libm::exp(log).min(f64::MAX)
}

/// What each one's part of all chances may be off by: what it changes by when its own mean is a standard error
/// higher or lower.
fn errors_of_chances(known: &[Known], what: InProportionTo, chances: &[f64]) -> Vec<f64> {
    let part = |at: usize, errors: f64| {
        let moved: Vec<Known> = known
            .iter()
            .enumerate()
            .map(|(other, one)| {
                let off = if other == at { errors * one.error_variance.sqrt() } else { 0.0 };
                Known { mean: one.mean + off, ..*one }
            })
            .collect();
        let shifted = self::chances(&moved, what).unwrap_or_else(|| vec![1.0; known.len()]);
        shifted[at] / shifted.iter().sum::<f64>()
    };
    (0..chances.len()).map(|at| (part(at, 1.0) - part(at, -1.0)).abs() / 2.0).collect()
}

/// What each one's share is in proportion to; nothing where noise explains all of the spread.
fn chances(known: &[Known], what: InProportionTo) -> Option<Vec<f64>> {
    let means: Vec<f64> = known.iter().map(|one| one.mean).collect();
    let errors: Vec<f64> = known.iter().map(|one| one.error_variance).collect();
    let shrunk = ShrunkMeans::of(&means, &errors)?;
    if shrunk.variance_between <= 0.0 {
        return None;
    }
    let scale = |at: usize| libm::sqrt(shrunk.kept_fraction[at] * errors[at]);
    match what {
        InProportionTo::BeingBest => {
            let beliefs: Vec<Belief> = (0..known.len())
                .map(|at| Belief { mean: shrunk.means[at], scale: scale(at), freedom: known[at].n })
                .collect();
            let mut chances = vec![0.0; known.len()];
            probabilities_best(&beliefs, &mut chances);
            Some(chances)
        }
        InProportionTo::BeatingAnother => {
            let beats = |one: usize, other: usize| {
                let both = scale(one) * scale(one) + scale(other) * scale(other);
                stats::normal::cdf((shrunk.means[one] - shrunk.means[other]) / libm::sqrt(both))
            };
            let all = 0..known.len();
            let of = |one: usize| all.clone().map(|other| beats(one, other)).sum::<f64>() - 0.5;
            Some(all.clone().map(of).collect())
        }
    }
}
