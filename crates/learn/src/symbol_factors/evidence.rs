//! Symbols by evidence: one that is shown to earn otherwise than the rest is staked by what it earns; one
//! that is shown to lose is paused, and comes back in steps when its shadows earn.

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, SymbolIx, Timestamp,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;

use super::record::Record;
use super::{is_pinned, ranked, says, standing};
use crate::evidence::says_e;
use crate::factors::{MOVE_MIN, differs, relative, stepped};
use crate::governor::PAUSABLE;
use crate::harm::E_VALUE_BACK;
use crate::near::Near;
use crate::quiet::Quiet;
use crate::results::{MeanR, Results};
use crate::{House, LearnRules, Learner, LearnerReport};

/// Share of pauses that may be false. Chosen: one symbol alone is paused at an e-value of 20.
const FALSE_PAUSES: f64 = 0.05;

/// At most one symbol in so many is paused. Chosen: where all lose their costs the rest goes on, and is learned
/// from.
const PAUSED_ONE_IN: usize = 2;

/// Share of sized symbols that may be sized for luck. Chosen: half as many, so that both together stay near one
/// market in twenty.
const FALSE_SIZES: f64 = 0.025;

/// The same for keeping a factor that stands, so that it does not waver. Chosen: an eighth of the evidence.
const FALSE_SIZES_KEPT: f64 = 0.20;

/// Learns what each symbol earns against the rest.
///
/// It goes by what at most one gate refused, executed or not, so that a pause starves nothing of its way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolFactors {
    rules: LearnRules,
    quiet: Quiet,
    near: Near,
    all: Results,
    /// By the symbol's place.
    records: Vec<Record>,
}

/// What is wanted of one symbol, and on which evidence.
struct Wanted {
    factor: f64,
    e_value: f64,
}

impl SymbolFactors {
    /// A learner that has heard nothing, starting from the policy that stands.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> SymbolFactors {
        let mut learner = SymbolFactors {
            rules,
            quiet: Quiet::default(),
            near: Near::of(house),
            all: Results::default(),
            records: Vec::new(),
        };
        learner.follow(policy);
        learner
    }

    fn follow(&mut self, policy: &Policy) {
        if self.records.len() < policy.symbol_factors.len() {
            self.records.resize_with(policy.symbol_factors.len(), Record::new);
        }
        for (at, record) in self.records.iter_mut().enumerate() {
            if policy.symbol_factors.get(at).is_some_and(|factor| *factor <= 0.0) {
                record.harm.stop();
            } else {
                record.harm.let_in();
            }
        }
    }

    /// Symbols of which enough was heard, with their recent means.
    fn heard(&self) -> Vec<(usize, &Record, MeanR)> {
        let each = self.records.iter().enumerate();
        let heard = each.filter(|(_, r)| r.results.effective() >= self.rules.outcomes_min);
        heard.filter_map(|(at, record)| Some((at, record, record.results.recent_r()?))).collect()
    }

    /// What is wanted of each symbol of which enough was heard; nothing of one that stays paused.
    fn wanted(&self, policy: &Policy) -> Vec<(usize, Option<Wanted>)> {
        let heard = self.heard();
        let pauses: Vec<f64> = heard.iter().map(|(_, record, _)| record.harm.e_value()).collect();
        let unlike: Vec<f64> = heard.iter().map(|(_, record, _)| self.unlike(record)).collect();
        let paused = self.to_pause(policy, &heard, &pauses);
        let (sized, kept) = (e_bh(&unlike, FALSE_SIZES), e_bh(&unlike, FALSE_SIZES_KEPT));
        let needed = self.rules.outcomes_min;
        let means: Vec<MeanR> = heard.iter().map(|(_, _, mean)| *mean).collect();
        let factors = relative(&means);
        let one = |(at, (symbol, record, _)): (usize, &(usize, &Record, MeanR))| {
            let want = |factor, e_value| Some(Wanted { factor, e_value });
            let stands = policy.symbol_factor(SymbolIx(*symbol as u16));
            let is_sized = sized.contains(&at) || (stands != 1.0 && kept.contains(&at));
            let wanted = match record.harm.e_value_back() {
                Some(back) if back >= E_VALUE_BACK && record.harm.heard_back() >= needed => {
                    want(1.0, back)
                }
                Some(_) => None,
                None if paused.contains(&at) => want(0.0, pauses[at]),
                None if is_sized => want(factors[at], unlike[at]),
                None => want(1.0, unlike[at]),
            };
            (*symbol, wanted)
        };
        heard.iter().enumerate().map(one).collect()
    }

    /// Places among the heard of those to be paused: shown to lose, and no more than there is room for. Who
    /// is on the way there goes first.
    fn to_pause(
        &self,
        policy: &Policy,
        heard: &[(usize, &Record, MeanR)],
        e_values: &[f64],
    ) -> Vec<usize> {
        let stands = |at: usize| policy.symbol_factor(SymbolIx(heard[at].0 as u16));
        let stopped = heard.iter().filter(|(_, record, _)| record.harm.is_stopped()).count();
        let room = (heard.len() / PAUSED_ONE_IN).saturating_sub(stopped);
        let mut losing = e_bh(e_values, FALSE_PAUSES);
        losing.retain(|at| heard[*at].2.mean < 0.0 && !heard[*at].1.harm.is_stopped());
        let strongest = |one: usize, other: usize| e_values[other].total_cmp(&e_values[one]);
        losing.sort_by(|&a, &b| stands(a).total_cmp(&stands(b)).then(strongest(a, b)));
        losing.truncate(room);
        losing
    }

    /// One step of all symbols that shall move far enough, with the weakest of what each rests on.
    fn amendment(&self, policy: &Policy) -> Option<Amendment> {
        let stands = standing(policy, self.records.len());
        let mut factors = stands.clone();
        let mut because = Vec::new();
        let (mut e_value, mut effective) = (f64::INFINITY, f64::INFINITY);
        for (at, wanted) in self.wanted(policy) {
            let Some(wanted) = wanted.filter(|_| !is_pinned(policy, at)) else { continue };
            let step = stepped(&self.rules, PAUSABLE, &stands[at..=at], &[wanted.factor], MOVE_MIN);
            let Some(step) = step else { continue };
            factors[at] = step[0];
            let results = &self.records[at].results;
            e_value = e_value.min(wanted.e_value);
            effective = effective.min(self.records[at].rests_on_effective());
            if let Some(mean) = results.recent_r() {
                let said = says(policy, at, results, &mean);
                because.push(format!("{said}, wanted x {:.2}", wanted.factor));
            }
        }
        (factors != stands).then(|| Amendment {
            learner: self.name().to_owned(),
            change: Change::SymbolFactors(factors),
            evidence: Evidence {
                outcomes: self.all.outcomes,
                outcomes_effective: effective,
                e_value: Some(e_value),
                says: because.join("; "),
                ..Evidence::default()
            },
        })
    }

    /// The evidence that a symbol earns otherwise than the rest.
    fn unlike(&self, record: &Record) -> f64 {
        let rest = self.all.without(&record.results);
        match (record.results.mean_r(), rest.mean_r()) {
            (Some(own), Some(rest)) => differs(&own, &rest),
            _ => 1.0,
        }
    }
}

impl Learner for SymbolFactors {
    fn name(&self) -> &'static str {
        "symbol_factors"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !self.near.counts(outcome) {
            return;
        }
        let at = outcome.symbol.at();
        if self.records.len() <= at {
            self.records.resize_with(at + 1, Record::new);
        }
        self.all.hear(outcome, 1.0);
        self.records[at].hear(outcome, self.rules.keep_fraction);
    }

    fn propose(&self, policy: &Policy, _: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.all.effective()) {
            return Vec::new();
        }
        self.amendment(policy).into_iter().collect()
    }

    fn starved(&self, _: &Policy) -> Vec<String> {
        let needed = self.rules.outcomes_min;
        let heard = self.records.iter().map(|record| &record.results).enumerate();
        let starved = heard.filter(|(_, of)| of.outcomes > 0 && of.effective() < needed);
        let says = starved.map(|(at, of)| {
            format!("{:.0} of {needed:.0} effective outcomes of symbol {at}", of.effective())
        });
        says.collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.all.outcomes,
            heard_effective: self.all.effective(),
            starved: self.starved(policy),
            ..LearnerReport::default()
        };
        let lines = self.heard().into_iter().map(|(at, record, mean)| {
            let said = says(policy, at, &record.results, &mean);
            let back = record.harm.e_value_back();
            let paused = back
                .map(|e| format!(", paused, evidence that it earns {e:.1} of {E_VALUE_BACK:.0}"));
            let loses = || format!(", evidence that it loses {}", says_e(record.harm.e_value()));
            (mean.mean, said + &paused.unwrap_or_else(loses))
        });
        report.beliefs = ranked(lines.collect());
        report
    }

    fn adopt(&mut self, version: &PolicyVersion) {
        self.quiet.adopt(version, self.all.effective(), self.rules.outcomes_min);
        self.follow(&version.policy);
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
