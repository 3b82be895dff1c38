//! Hours by evidence: an hour that is shown, with the one before and the one after, to earn otherwise than the
//! rest of the day is staked by what it earns.

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;

use super::{HOURS, is_pinned, says, says_starved, standing};
use crate::factors::{MOVE_MIN, differs, relative, stepped};
use crate::governor::FACTOR;
use crate::near::Near;
use crate::quiet::Quiet;
use crate::results::{MeanR, Results};
use crate::{House, LearnRules, Learner, LearnerReport};

/// Share of sized hours that may be sized for luck. Chosen.
const FALSE_SIZES: f64 = 0.05;

/// The same for keeping a factor that stands, so that it does not waver. Chosen: a quarter of the evidence.
const FALSE_SIZES_KEPT: f64 = 0.20;

/// What an outcome of a neighbouring hour counts of one of the hour's own. Chosen: hours are alike.
const NEIGHBOUR: f64 = 0.5;

/// Learns what each hour of the exchange's day is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HourFactors {
    rules: LearnRules,
    quiet: Quiet,
    near: Near,
    all: Results,
    hours: [Results; HOURS],
}

/// One hour with its neighbours.
struct Smoothed {
    mean: MeanR,
    /// The evidence that these hours earn otherwise than the rest of the day.
    e_value: f64,
}

impl HourFactors {
    /// A learner that has heard nothing.
    pub fn new(rules: LearnRules, house: &House) -> HourFactors {
        HourFactors {
            rules,
            quiet: Quiet::default(),
            near: Near::of(house),
            all: Results::default(),
            hours: [Results::default(); HOURS],
        }
    }

    /// The hour with those around it, these counting this share.
    fn around(&self, hour: usize, neighbour: f64) -> Results {
        let mut around = self.hours[hour];
        around.take_in(&self.hours[(hour + 1) % HOURS], neighbour);
        around.take_in(&self.hours[(hour + HOURS - 1) % HOURS], neighbour);
        around
    }

    fn smoothed(&self, hour: usize) -> Option<Smoothed> {
        if self.hours[hour].effective() < self.rules.outcomes_min {
            return None;
        }
        let mean = self.around(hour, NEIGHBOUR).recent_r()?;
        let three = self.around(hour, 1.0);
        let rest = self.all.without(&three);
        let e_value = differs(&three.mean_r()?, &rest.mean_r()?);
        Some(Smoothed { mean, e_value })
    }

    fn amendment(&self, policy: &Policy) -> Option<Amendment> {
        let each = (0..HOURS).filter_map(|hour| Some((hour, self.smoothed(hour)?)));
        let heard: Vec<(usize, Smoothed)> = each.collect();
        let e_values: Vec<f64> = heard.iter().map(|(_, hour)| hour.e_value).collect();
        let (sized, kept) = (e_bh(&e_values, FALSE_SIZES), e_bh(&e_values, FALSE_SIZES_KEPT));
        let means: Vec<MeanR> = heard.iter().map(|(_, hour)| hour.mean).collect();
        let wanted = relative(&means);
        let stands = standing(policy);
        let mut factors = stands;
        let mut because = Vec::new();
        let (mut e_value, mut effective) = (f64::INFINITY, f64::INFINITY);
        for (at, (hour, smoothed)) in heard.iter().enumerate() {
            let stands = stands[*hour];
            let is_sized = sized.contains(&at) || (stands != 1.0 && kept.contains(&at));
            let to = if is_sized { wanted[at] } else { 1.0 };
            let Some(step) = stepped(&self.rules, FACTOR, &[stands], &[to], MOVE_MIN) else {
                continue;
            };
            if is_pinned(policy, *hour) {
                continue;
            }
            factors[*hour] = step[0];
            e_value = e_value.min(smoothed.e_value);
            effective = effective.min(self.hours[*hour].effective());
            let results = &self.hours[*hour];
            because.push(format!(
                "{}, wanted x {to:.2}",
                says(policy, *hour, results, &smoothed.mean)
            ));
        }
        (factors != stands).then(|| Amendment {
            learner: self.name().to_owned(),
            change: Change::HourFactors(factors.to_vec()),
            evidence: Evidence {
                outcomes: self.all.outcomes,
                outcomes_effective: effective,
                e_value: Some(e_value),
                says: because.join("; "),
                ..Evidence::default()
            },
        })
    }
}

impl Learner for HourFactors {
    fn name(&self) -> &'static str {
        "hour_factors"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        let hour = usize::from(outcome.basis.hour);
        if !self.near.counts(outcome) || hour >= HOURS {
            return;
        }
        self.all.hear(outcome, 1.0);
        self.hours[hour].hear(outcome, self.rules.keep_fraction);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.all.effective()) {
            return Vec::new();
        }
        self.amendment(policy).into_iter().collect()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let hours = self.hours.iter().enumerate();
        let starved = hours.filter(|(hour, _)| self.smoothed(*hour).is_none());
        starved.map(|(hour, of)| says_starved(hour, of.effective(), needed)).collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.all.outcomes,
            heard_effective: self.all.effective(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        for (hour, results) in self.hours.iter().enumerate() {
            let Some(smoothed) = self.smoothed(hour) else { continue };
            report.beliefs.push(format!(
                "{}, evidence that it is unlike the rest of the day {:.1}",
                says(policy, hour, results, &smoothed.mean),
                smoothed.e_value
            ));
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.all.effective(), self.rules.outcomes_min);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
