//! A10: which change of the policy led to which profit; a change that hurt is taken back (mission row A10,
//! methods Decision 6).
//!
//! A *trial* begins with the first change after the last one ended, and keeps the policy that stood before it as
//! the reference. Every candidate is asked for its stake under both; what differs, times what the candidate came
//! to, is what the changes gained or lost. Where both say the same the gain is nothing and costs nothing.
//! A trial ends when harm is shown and has been taken back, when enough differing outcomes have passed and the
//! changes have not been the worse, or when its time is up. What then stands for good is the first version of the
//! trial; what was learned after it goes on trial next, against that one.
//!
//! Exits are not judged here: both sides are held to the exits that stood. What-ifs tell what those are worth.

mod distance;
mod trial;

use std::collections::VecDeque;

use domain::{
    Amendment, Change, Cycle, Effect, Evidence, Outcome, Phase, Policy, PolicyVersion, Reason,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::interval::{MeanInterval, Z_95};
use stats::moments::Moments;

use crate::{LearnRules, Learner, LearnerReport, Rule, is_of};
use distance::{back_to, largest_difference};
use trial::{Gain, Trial};

/// Effective differing outcomes after which changes that have not been the worse may stand. Chosen: at a mean
/// of −.16 standard deviations a hundred trials are ended by luck at this count once.
const HELD_OUTCOMES: f64 = 200.0;

/// A trial goes on for this long at the most. Chosen: a month, as long as a killed combo stays killed
/// (methods §1.3); what has differed too seldom to tell by then hardly matters.
const TRIAL_MS_MAX: i64 = 30 * 24 * 3_600_000;

/// So many times as long where the changes look the worse and harm is not shown yet. Chosen.
const PATIENCE: i64 = 3;

/// An evidence of 20 is as good as p = .05.
const HARM_EVIDENCE: f64 = 20.0;

/// In so many effective decisions without harm one false alarm is at most a chance of 1 / [`HARM_EVIDENCE`].
///
/// The detector sums evidence over all moments at which harm may have begun, and is read against as many.
/// Measured on R streams: null 1 %, median delay 490 decisions at d = −.16; read against one moment alone, at
/// 20, every null alarms within 2,000 decisions.
const QUIET_DECISIONS: f64 = 2_000.0;

/// Trials of the past that a report tells of.
const TOLD_MAX: usize = 32;

/// Watches what changes of the policy are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfitEvolution {
    rules: LearnRules,
    standing: Policy,
    trial: Option<Trial>,
    /// What each kind of change has been worth, over the outcomes decided while one of it was on trial.
    kinds: Vec<Kind>,
    ended: VecDeque<Ended>,
    heard: u64,
    heard_effective: f64,
}

/// A kind of change, and what trials with one of it gained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kind {
    what: String,
    gains: Moments,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ending {
    Held,
    TakenBack,
    OutOfTime,
    Stuck,
    ByAPerson,
}

/// A trial that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ended {
    versions: (u64, u64),
    kinds: u32,
    gain: Gain,
    how: Ending,
}

impl ProfitEvolution {
    /// A learner that has heard nothing, under the policy that stands.
    pub fn new(rules: LearnRules, policy: &Policy) -> ProfitEvolution {
        ProfitEvolution {
            rules,
            standing: policy.clone(),
            trial: None,
            kinds: Vec::new(),
            ended: VecDeque::with_capacity(TOLD_MAX),
            heard: 0,
            heard_effective: 0.0,
        }
    }

    /// The bits of the kinds of change in these amendments.
    fn kinds_of(&mut self, amendments: &[Amendment]) -> u32 {
        let mut bits = 0;
        for amendment in amendments {
            let what = amendment.change.what();
            let known = self.kinds.iter().position(|kind| kind.what == what);
            let at = known.unwrap_or_else(|| {
                self.kinds.push(Kind { what: what.to_owned(), gains: Moments::default() });
                self.kinds.len() - 1
            });
            // There are fewer kinds of change than bits.
            bits |= 1_u32.checked_shl(at as u32).unwrap_or(0);
        }
        bits
    }

    /// Ends the trial and tells of it; gives it back.
    fn end(&mut self, how: Ending) -> Option<Trial> {
        let trial = self.trial.take()?;
        if self.ended.len() == TOLD_MAX {
            self.ended.pop_front();
        }
        let (versions, kinds) = (trial.versions(), trial.kinds());
        self.ended.push_back(Ended { versions, kinds, gain: trial.gain(), how });
        Some(trial)
    }

    /// Ends the trial; what was learned during it goes on trial next.
    fn go_on(&mut self, how: Ending, now: Timestamp) {
        const A_MOMENT_MS: i64 = 1;
        let ended = self.end(how);
        self.trial = ended.and_then(|trial| trial.next(&self.standing, now.plus_ms(A_MOMENT_MS)));
    }

    /// A change that somebody learned stands now.
    fn begin_or_go_on(&mut self, version: &PolicyVersion, amendments: &[Amendment]) {
        let kinds = self.kinds_of(amendments);
        let number = version.policy.version;
        match &mut self.trial {
            Some(trial) => trial.stands(number, kinds),
            None => {
                let (before, candidate) = (self.standing.clone(), version.policy.clone());
                self.trial = Some(Trial::begin(before, candidate, number, version.at, kinds));
            }
        }
    }

    /// One step back was published. It is done once hardly anything differs, or nothing moved: what a person
    /// holds fast cannot be taken back.
    fn stepped_back(&mut self, version: &PolicyVersion) {
        let Some(trial) = &self.trial else { return };
        let left =
            largest_difference(&version.policy, &back_to(trial.reference(), &version.policy));
        let moved = largest_difference(&version.policy, &self.standing);
        let least = self.rules.publish_fraction_min;
        if left < least || moved < f64::EPSILON {
            self.end(Ending::TakenBack);
        }
    }

    /// Whether the trial is over, or harm is shown, now that an outcome has been heard.
    fn look(&mut self, now: Timestamp) {
        let Some(trial) = &mut self.trial else { return };
        let spent_ms = now.ms_since(trial.since());
        let is_late = spent_ms > TRIAL_MS_MAX;
        if trial.is_harmful() {
            if is_late {
                self.end(Ending::Stuck);
            }
            return;
        }
        let gain = trial.gain();
        if is_late && (!gain.looks_worse() || spent_ms > PATIENCE * TRIAL_MS_MAX) {
            return self.go_on(Ending::OutOfTime, now);
        }
        let (harm_shown, held) = match self.rules.rule {
            Rule::Evidence => (
                gain.harm_evidence >= HARM_EVIDENCE,
                gain.outcomes_effective >= HELD_OUTCOMES && gain.mean() >= 0.0,
            ),
            // Seed 001 takes back what hurt, and asks for 50 outcomes before anything.
            Rule::Seed => {
                let is_enough = gain.outcomes as f64 >= self.rules.outcomes_min;
                (is_enough && gain.mean() < 0.0, is_enough && gain.mean() >= 0.0)
            }
        };
        if harm_shown {
            trial.is_to_be_taken_back(now);
        } else if held {
            self.go_on(Ending::Held, now);
        }
    }

    fn names(&self, kinds: u32) -> String {
        let of = |at: usize| kinds & 1_u32.checked_shl(at as u32).unwrap_or(0) != 0;
        let named = self.kinds.iter().enumerate().filter(|(at, _)| of(*at));
        named.map(|(_, kind)| kind.what.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn line(&self, (from, to): (u64, u64), kinds: u32, gain: &Gain, how: &str) -> String {
        let versions =
            if from == to { format!("version {from}") } else { format!("version {from}–{to}") };
        format!(
            "{versions}: {}: {}, e {:.2} for a gain, {:.2} for harm: {how}",
            self.names(kinds),
            said(&gain.gains),
            gain.gain_evidence,
            gain.harm_evidence
        )
    }
}

/// The mean with its interval and count, in words.
fn said(gains: &Moments) -> String {
    // Chosen: below five the spread is itself a guess.
    const TOLD_MIN: f64 = 5.0;
    let n = gains.weight_sum();
    match MeanInterval::with_count(gains, n, Z_95) {
        Some(MeanInterval { mean, low, high, .. }) if n >= TOLD_MIN => {
            format!("{mean:+.3} R per differing decision [{low:+.3}, {high:+.3}], {n:.0} effective")
        }
        _ => format!("{n:.0} effective differing decisions, too few to say"),
    }
}

impl Learner for ProfitEvolution {
    fn name(&self) -> &'static str {
        "profit_evolution"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Allocation)
    }

    fn observe(&mut self, outcome: &Outcome) {
        let Some(trial) = &mut self.trial else { return };
        let basis = &outcome.basis;
        // What was decided before the trial was compared with something else, or with nothing.
        if trial.concerns(outcome) && basis.stake != basis.stake_before {
            self.heard += 1;
            self.heard_effective += outcome.uniqueness;
            let (gained_r, kinds) = trial.hear(outcome);
            for (at, kind) in self.kinds.iter_mut().enumerate() {
                if kinds & 1_u32.checked_shl(at as u32).unwrap_or(0) != 0 {
                    kind.gains.observe_weighted(gained_r, outcome.uniqueness);
                }
            }
        }
        self.look(outcome.closed_at);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        let Some(trial) = self.trial.as_ref().filter(|trial| trial.is_harmful()) else {
            return Vec::new();
        };
        let wanted = back_to(trial.reference(), policy);
        if largest_difference(policy, &wanted) < self.rules.publish_fraction_min {
            return Vec::new();
        }
        let gain = trial.gain();
        let interval = MeanInterval::with_count(&gain.gains, gain.outcomes_effective, Z_95);
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::TakeBack(Box::new(wanted)),
            evidence: Evidence {
                e_value: Some(gain.harm_evidence),
                effect: interval.map(|of| Effect { mean: of.mean, low: of.low, high: of.high }),
                says: self.line(
                    trial.versions(),
                    trial.kinds(),
                    &gain,
                    "back to what stood before",
                ),
                ..Evidence::of(gain.outcomes, gain.outcomes_effective)
            },
        }]
    }

    fn reference(&self) -> Option<&Policy> {
        self.trial.as_ref().map(Trial::reference)
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let trial = self.trial.as_ref().map(|trial| (trial, trial.gain().outcomes_effective));
        let starved = trial.filter(|(_, heard)| *heard < HELD_OUTCOMES).map(|(trial, heard)| {
            let version = trial.reference().version;
            format!(
                "{heard:.0} of {HELD_OUTCOMES:.0} effective outcomes that differ from version {version}"
            )
        });
        starved.into_iter().collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.heard,
            heard_effective: self.heard_effective,
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for over in &self.ended {
            let how = match over.how {
                Ending::Held => "not the worse, and stands",
                Ending::TakenBack => "taken back",
                Ending::OutOfTime => "nothing shown in its time, and stands",
                Ending::Stuck => "harmful, and not taken back in 30 days",
                Ending::ByAPerson => "ended by a person's change",
            };
            report.past.push(self.line(over.versions, over.kinds, &over.gain, how));
        }
        for kind in self.kinds.iter().filter(|kind| kind.gains.weight_sum() > 0.0) {
            report.beliefs.push(format!(
                "{}: {}, all trials with it",
                kind.what,
                said(&kind.gains)
            ));
        }
        match &self.trial {
            None => report.beliefs.push("no change is on trial".to_owned()),
            Some(trial) => {
                let (gain, kinds) = (trial.gain(), trial.kinds());
                let how = if trial.is_harmful() { "is being taken back" } else { "on trial" };
                report.beliefs.push(self.line(trial.versions(), kinds, &gain, how));
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        match &version.reason {
            reason if is_of(reason, self.name()) => self.stepped_back(version),
            Reason::Learned(amendments) => self.begin_or_go_on(version, amendments),
            Reason::Silenced => {}
            // A person's changes are not on trial, and would be mistaken for what was learned.
            Reason::DayOne
            | Reason::Revert { .. }
            | Reason::Pinned
            | Reason::Struck { .. }
            | Reason::Unstruck { .. } => {
                self.end(Ending::ByAPerson);
            }
        }
        self.standing = version.policy.clone();
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
