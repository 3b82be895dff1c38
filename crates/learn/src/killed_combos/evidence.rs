//! Kills by evidence: what loses is traded smaller at first, then not at all, and comes back when its
//! shadows have earned it (methods §1.3, Wang & Ramdas 2022).

use domain::{
    Amendment, Change, Combo, Cycle, Effect, Evidence, Outcome, Policy, PolicyVersion, Throttle,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;

use super::record::Record;
use super::throttle::{chances, factors, quartered};
use super::{combo_at, place, says};
use crate::evidence::says_e;
use crate::harm::E_VALUE_BACK;
use crate::near::Near;
use crate::quiet::Quiet;
use crate::results::MeanR;
use crate::{House, LearnRules, Learner, LearnerReport};

/// Share of kills that may be false (methods §1.3).
const FALSE_KILLS: f64 = 0.10;

/// Days between two ways back of one combo (methods §1.3).
const DAYS_BETWEEN: i64 = 30;
const DAY_MS: i64 = 86_400_000;

/// Learns which symbol and side to throttle, to kill and to let in again.
///
/// It goes by what at most one gate refused, executed or not, so that a kill starves nothing of its way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KilledCombos {
    rules: LearnRules,
    outcomes: u64,
    outcomes_effective: f64,
    quiet: Quiet,
    near: Near,
    /// By [`place`].
    records: Vec<Record>,
}

impl KilledCombos {
    /// A learner that has heard nothing, starting from the policy that stands.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> KilledCombos {
        let mut learner = KilledCombos {
            rules,
            outcomes: 0,
            outcomes_effective: 0.0,
            quiet: Quiet::default(),
            near: Near::of(house),
            records: Vec::new(),
        };
        for combo in &policy.killed {
            learner.record(*combo).harm.stop();
        }
        learner
    }

    fn record(&mut self, combo: Combo) -> &mut Record {
        let at = place(combo);
        if self.records.len() <= at {
            self.records.resize_with(at + 1, Record::new);
        }
        &mut self.records[at]
    }

    /// Records of which anything is known, with their combos, rising.
    fn known(&self) -> impl Iterator<Item = (Combo, &Record)> {
        let records = self.records.iter().enumerate();
        records
            .filter(|(_, record)| record.all.outcomes > 0)
            .map(|(at, record)| (combo_at(at), record))
    }

    fn is_heard_enough(&self, effective: f64) -> bool {
        effective >= self.rules.outcomes_min
    }

    /// What evidence and the seed's condition together speak against.
    fn to_kill(&self) -> Vec<(Combo, &Record)> {
        let known: Vec<(Combo, &Record)> = self.known().collect();
        let e_values: Vec<f64> = known.iter().map(|(_, record)| record.harm.e_value()).collect();
        let rejected = e_bh(&e_values, FALSE_KILLS).into_iter().map(|at| known[at]);
        rejected
            .filter(|(_, record)| !record.harm.is_stopped() && record.seed_kills())
            .filter(|(_, record)| self.is_heard_enough(record.since.effective()))
            .collect()
    }

    /// What has earned its way back.
    fn to_let_in(&self, at: Timestamp) -> Vec<(Combo, &Record)> {
        let waited = |record: &Record| {
            let last = record.let_in_at;
            last.is_none_or(|last| at.ms_since(last) >= DAYS_BETWEEN * DAY_MS)
        };
        let earned = |record: &Record| {
            record.harm.e_value_back().is_some_and(|e_value| e_value >= E_VALUE_BACK)
        };
        self.known().filter(|(_, record)| earned(record) && waited(record)).collect()
    }

    fn kills(&self, policy: &Policy, at: Timestamp) -> Option<Amendment> {
        let (to_kill, to_let_in) = (self.to_kill(), self.to_let_in(at));
        let mut killed = policy.killed.clone();
        killed.retain(|combo| to_let_in.iter().all(|(back, _)| back != combo));
        killed.extend(to_kill.iter().map(|(combo, _)| *combo));
        killed.sort_unstable();
        killed.dedup();
        if killed == policy.killed {
            return None;
        }
        let changed = || to_kill.iter().chain(&to_let_in);
        let because = to_kill.iter().map(|(combo, record)| says_kill(*combo, record));
        let because =
            because.chain(to_let_in.iter().map(|(combo, record)| says_back(*combo, record)));
        let e_values = changed().map(|(_, record)| {
            let harm = &record.harm;
            harm.e_value_back().unwrap_or_else(|| harm.e_value())
        });
        let (first, mean) =
            changed().find_map(|(_, record)| Some((record, record.all.mean_r()?)))?;
        let (low, high) = mean.interval();
        Some(Amendment {
            learner: self.name().to_owned(),
            change: Change::Killed(killed),
            evidence: Evidence {
                outcomes: first.all.outcomes,
                outcomes_effective: least(changed().map(|(_, record)| record.all.effective())),
                e_value: Some(least(e_values)),
                effect: Some(Effect { mean: mean.mean, low, high }),
                says: because.collect::<Vec<_>>().join("; "),
                ..Evidence::default()
            },
        })
    }

    /// The throttles as they should stand, rising; those of killed combos too, so that one that comes back
    /// comes back small.
    fn throttled(&self, policy: &Policy) -> Vec<(Throttle, &Record)> {
        let with_means = self.known().filter_map(|(combo, record)| {
            let mean = record.all.recent_r()?;
            Some((combo, record, mean))
        });
        let with_means: Vec<(Combo, &Record, MeanR)> = with_means.collect();
        let means: Vec<MeanR> = with_means.iter().map(|(_, _, mean)| *mean).collect();
        let each = with_means.iter().zip(factors(&means));
        each.map(|((combo, record, _), factor)| {
            let standing = standing_throttle(policy, *combo);
            let is_heard = self.is_heard_enough(record.all.effective());
            let factor = if is_heard { quartered(standing, factor) } else { standing };
            (Throttle { combo: *combo, factor }, *record)
        })
        .collect()
    }

    /// The probability that each combo earns anything, as throttles take it; rising.
    fn chances(&self) -> Vec<(Combo, f64)> {
        let known = self.known().filter_map(|(one, record)| Some((one, record.all.recent_r()?)));
        let (combos, means): (Vec<Combo>, Vec<MeanR>) = known.unzip();
        combos.into_iter().zip(chances(&means)).collect()
    }

    fn throttles(&self, policy: &Policy) -> Option<Amendment> {
        let wanted = self.throttled(policy);
        let changed = || {
            let moved =
                |throttle: &Throttle| throttle.factor != standing_throttle(policy, throttle.combo);
            wanted.iter().filter(move |(throttle, _)| moved(throttle))
        };
        changed().next()?;
        let because = changed().map(|(throttle, record)| {
            let mean = record.all.recent_r().map_or_else(String::new, |mean| mean.says());
            format!("{} at {:.2}: {mean}", says(throttle.combo), throttle.factor)
        });
        let because = because.collect::<Vec<_>>().join("; ");
        let evidence = Evidence {
            outcomes: changed().map(|(_, record)| record.all.outcomes).min().unwrap_or(0),
            outcomes_effective: least(changed().map(|(_, record)| record.all.effective())),
            says: because,
            ..Evidence::default()
        };
        let known = |combo: Combo| wanted.iter().any(|(throttle, _)| throttle.combo == combo);
        let unheard = policy.throttles.iter().filter(|throttle| !known(throttle.combo)).copied();
        let heard = wanted.iter().map(|(throttle, _)| *throttle).filter(|t| t.factor < 1.0);
        let mut throttles: Vec<Throttle> = unheard.chain(heard).collect();
        throttles.sort_by_key(|throttle| throttle.combo);
        let change = Change::Throttles(throttles);
        Some(Amendment { learner: self.name().to_owned(), change, evidence })
    }
}

impl Learner for KilledCombos {
    fn name(&self) -> &'static str {
        "killed_combos"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Controller
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !self.near.counts(outcome) {
            return;
        }
        self.outcomes += 1;
        self.outcomes_effective += outcome.uniqueness;
        let keep_fraction = self.rules.keep_fraction;
        self.record(Combo { symbol: outcome.symbol, side: outcome.side })
            .hear(outcome, keep_fraction);
    }

    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.outcomes_effective) {
            return Vec::new();
        }
        [self.kills(policy, at), self.throttles(policy)].into_iter().flatten().collect()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let heard = self.known().map(|(combo, record)| (combo, record.all.effective()));
        let starved = heard.filter(|(_, heard)| !self.is_heard_enough(*heard));
        let says = starved.map(|(combo, heard)| {
            format!("{heard:.0} of {needed:.0} effective outcomes of {}", says(combo))
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.outcomes,
            heard_effective: self.outcomes_effective,
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let chances = self.chances();
        for (combo, record) in self.known() {
            let throttle = standing_throttle(policy, combo);
            if record.harm.is_stopped() {
                report.beliefs.push(says_back(combo, record));
            } else if throttle < 1.0 {
                let at = chances.binary_search_by_key(&combo, |(one, _)| *one).ok();
                let chance = at.map(|at| chances[at].1);
                report.beliefs.push(says_throttle(combo, throttle, record, chance));
            }
        }
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.outcomes_effective, self.rules.outcomes_min);
        let killed = &version.policy.killed;
        for combo in killed {
            self.record(*combo).harm.stop();
        }
        for (at, record) in self.records.iter_mut().enumerate() {
            if killed.binary_search(&combo_at(at)).is_err() {
                record.let_in(version.at);
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}

fn standing_throttle(policy: &Policy, combo: Combo) -> f64 {
    let throttles = &policy.throttles;
    match throttles.binary_search_by_key(&combo, |throttle| throttle.combo) {
        Ok(at) => throttles[at].factor,
        Err(_) => 1.0,
    }
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn says_kill(combo: Combo, record: &Record) -> String {
    let mean = record.since.mean_r().map_or_else(|| "too little".to_owned(), |mean| mean.says());
    format!(
        "{} won {:.0} % of {:.0} effective outcomes, {mean} each, evidence that it loses {}",
        says(combo),
        record.since.win_rate().unwrap_or(0.0) * 100.0,
        record.since.effective(),
        says_e(record.harm.e_value())
    )
}

/// A throttle is caution: it rests on a probability, and claims no evidence.
fn says_throttle(combo: Combo, throttle: f64, record: &Record, chance: Option<f64>) -> String {
    let kept = match throttle {
        t if t <= 0.25 => "a quarter of the stake",
        t if t <= 0.5 => "half of the stake",
        _ => "three quarters of the stake",
    };
    let chance = chance.map_or_else(
        || "too little is known of it".to_owned(),
        |chance| format!("probability that it earns {:.0} %", 100.0 * chance),
    );
    let mean = record.all.recent_r().map_or_else(|| "too little".to_owned(), |mean| mean.says());
    format!(
        "x {throttle:.2}, {}: {chance}, hence {kept}; caution, not evidence; {mean} each, {:.0} effective outcomes",
        says(combo),
        record.all.effective()
    )
}

fn says_back(combo: Combo, record: &Record) -> String {
    let shadows = record.harm.shadows().copied().unwrap_or_default();
    let mean = shadows.mean_r().map_or_else(|| "too little".to_owned(), |mean| mean.says());
    format!(
        "{} is not traded; {:.0} effective outcomes since, {mean} each, evidence that it earns {:.1} of {E_VALUE_BACK:.0}",
        says(combo),
        shadows.effective(),
        record.harm.e_value_back().unwrap_or(1.0)
    )
}
