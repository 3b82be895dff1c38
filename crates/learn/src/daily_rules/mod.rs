//! A13: daily intelligence. Patterns of one or two conditions, counted as they are heard, become explicit rules.
//!
//! Of thousands of patterns many look like something. So looking like something only *names* a pattern; what is
//! decided after that must prove it by an e-process, at a false discovery rate over everything that was ever
//! named (e-BH, Wang & Ramdas 2022). What must be proven is a difference to the rest: each result is taken less
//! the mean of those before it, else on a market that loses its costs whatever luck named would be proven to
//! lose. That mean knows nothing of the result it is taken from, and errs by a few hundredths either way. A rule
//! shows the results of after it was named, which no selection has touched; they too must lie on its side of
//! nothing. It expires unless it is confirmed again.

mod literal;
mod table;
mod words;

pub use words::rule_words;

use domain::{
    Amendment, Change, Condition, Cycle, DailyRule, Evidence, Outcome, Phase, Policy,
    PolicyVersion, SymbolIx, Timestamp, Trial,
};
use serde::{Deserialize, Serialize};
use stats::interval::Z_95;
use stats::sequential::e_bh;

use crate::evidence::says_e;
use crate::near::Near;
use crate::quiet::{Quiet, is_taken_back};
use crate::tuner::Proof;
use crate::{House, LearnRules, Learner, LearnerReport, Rule};
use table::{Pattern, SYMBOLS, Sums, Table, Values};

/// Rules that stand at once. Chosen: what a person can still read.
const RULES_MAX: usize = 12;
/// Patterns that prove themselves at once. Chosen: a few more than may stand.
const NAMED_MAX: usize = 16;
/// False discoveries among rules (methods §1.3: 10 %).
const FALSE_FRACTION: f64 = 0.10;
/// How long a rule stands without being confirmed. Chosen.
const DAYS_MOST: i64 = 14;
const DAY_MS: i64 = 86_400_000;
/// What a rule that loses multiplies stakes by.
const LOSER: f64 = 0.5;
/// What a rule that wins multiplies stakes by. Chosen: half a bounded step beyond.
const WINNER: f64 = 1.25;
/// Deviations from nothing, and from all other candidates, by which a pattern is named. Chosen: a name costs
/// patience, not truth.
const NAMED_Z_MIN: f64 = 2.5;

/// Finds rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DailyRules {
    rules: LearnRules,
    near: Near,
    heard: u64,
    heard_effective: f64,
    quiet: Quiet,
    /// Effective outcomes at which patterns are named next.
    name_at: f64,
    /// How many were ever named: all of them are tests.
    named_ever: u32,
    has_untold_symbols: bool,
    table: Table,
    rest: Rest,
    named: Vec<Named>,
}

/// What candidates have lately come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rest {
    worth: f64,
    mean_r: f64,
}

impl Rest {
    fn hear(&mut self, r: f64, worth: f64) {
        // Chosen: known to a few hundredths, and no older than the market it is compared on.
        const WORTH_MOST: f64 = 1_000.0;
        if worth.is_nan() || worth <= 0.0 {
            return;
        }
        self.worth = (self.worth + worth).min(WORTH_MOST);
        self.mean_r += (r - self.mean_r) * (worth / self.worth).min(1.0);
    }
}

/// A pattern that must prove itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Named {
    pattern: Pattern,
    loses: bool,
    /// What was decided before this moment was known when it was named.
    since: Timestamp,
    /// That it differs from the rest.
    proof: Proof,
    /// What it came to itself, heard with the proof.
    results: Sums,
    /// Until when its rule stands, where it has one.
    stands_until: Option<Timestamp>,
    /// Effective outcomes and gain since its rule was last confirmed.
    stretch: (f64, f64),
}

impl Named {
    fn hear(&mut self, r: f64, rest_r: f64, worth: f64) {
        let more_r = r - rest_r;
        let gain = if self.loses { -more_r } else { more_r };
        self.proof.hear(gain, worth);
        self.results.hear(r, worth);
        self.stretch.0 += worth;
        self.stretch.1 += worth * gain;
    }

    /// What had spoken for it is over: it is asked anew.
    fn begin_anew(&mut self) {
        (self.proof, self.results) = (Proof::new(), Sums::default());
    }

    /// Its results' interval where all of that lies on its side of nothing.
    fn interval(&self) -> Option<(f64, f64)> {
        let (mean, half) = (self.results.mean(), Z_95 * self.results.error());
        let (low, high) = (mean - half, mean + half);
        let is_apart = if self.loses { high < 0.0 } else { low > 0.0 };
        is_apart.then_some((low, high))
    }

    /// Whether what came since its rule last began says the same. Chosen: of five effective outcomes.
    fn is_confirmed(&self) -> bool {
        const STRETCH_MIN: f64 = 5.0;
        self.stretch.0 >= STRETCH_MIN && self.stretch.1 > 0.0
    }
}

/// How far a pattern is from nothing and from all others, in standard errors: the nearer of the two, with its
/// sign; 0 where they disagree.
fn deviations(sums: &Sums, all: &Sums) -> f64 {
    let (mean, error) = (sums.mean(), sums.error());
    if error.is_nan() || error <= 0.0 {
        return 0.0;
    }
    let (from_nothing, from_all) = (mean / error, (mean - all.mean()) / error);
    if from_nothing * from_all <= 0.0 {
        return 0.0;
    }
    from_nothing.signum() * from_nothing.abs().min(from_all.abs())
}

impl DailyRules {
    /// A learner that has heard nothing, in this house.
    pub fn new(rules: LearnRules, house: &House) -> DailyRules {
        DailyRules {
            rules,
            near: Near::of(house),
            heard: 0,
            heard_effective: 0.0,
            quiet: Quiet::default(),
            name_at: 4.0 * rules.outcomes_min,
            named_ever: 0,
            has_untold_symbols: false,
            table: Table::new(),
            rest: Rest::default(),
            named: Vec::new(),
        }
    }

    /// Names what stands out, the farthest first, beside what is still proving itself.
    fn name_anew(&mut self, at: Timestamp) {
        let all = *self.table.all();
        let z = |table: &Table, pattern: Pattern| deviations(table.sums(pattern), &all);
        let table = &self.table;
        self.named.retain(|named| {
            let evidence = named.proof.evidence();
            let again = z(table, named.pattern).abs() >= NAMED_Z_MIN;
            named.stands_until.is_some() || evidence >= 1.0 || (again && evidence >= 0.5)
        });
        let heard = self.table.heard(self.rules.outcomes_min);
        let far = heard.map(|(pattern, sums)| (deviations(sums, &all), pattern));
        let mut far: Vec<(f64, Pattern)> = far.filter(|(z, _)| z.abs() >= NAMED_Z_MIN).collect();
        far.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        for (deviation, pattern) in far {
            if self.named.len() == NAMED_MAX {
                break;
            }
            // What is mostly the shadow of another pattern is not named beside it. Chosen: half its deviations.
            let is_shadow = |named: &Named| {
                let other = z(&self.table, named.pattern).abs();
                pattern.is_within(named.pattern)
                    || (pattern.shares(named.pattern) && deviation.abs() < 0.5 * other)
            };
            if self.named.iter().any(is_shadow) {
                continue;
            }
            self.named_ever += 1;
            self.named.push(Named {
                pattern,
                loses: deviation < 0.0,
                since: at,
                proof: Proof::new(),
                results: Sums::default(),
                stands_until: None,
                stretch: (0.0, 0.0),
            });
        }
    }

    /// The places of what has proven itself, over everything that was ever named: what was given up is counted
    /// as never proven.
    fn proven(&self) -> Vec<usize> {
        let mut evidence: Vec<f64> =
            self.named.iter().map(|named| named.proof.evidence()).collect();
        evidence.resize(evidence.len().max(self.named_ever as usize), 0.0);
        let rejected = e_bh(&evidence, FALSE_FRACTION);
        let enough = |at: &usize| self.named[*at].proof.effective() >= self.rules.outcomes_min;
        rejected.into_iter().filter(|at| *at < self.named.len()).filter(enough).collect()
    }

    /// The rule of what has proven itself; none where an interval of it still holds zero.
    fn rule(&self, named: &Named, at: Timestamp) -> Option<DailyRule> {
        // Chosen: to stop altogether asks for a hundred, for each that was ever named.
        let stop_at = 100.0 * f64::from(self.named_ever.max(1));
        named.proof.effect().filter(|effect| effect.low > 0.0)?;
        let (low_r, high_r) = named.interval()?;
        let stops = named.loses && named.proof.evidence() >= stop_at;
        let factor = if !named.loses {
            WINNER
        } else if stops {
            0.0
        } else {
            LOSER
        };
        Some(DailyRule {
            when: named.pattern.conditions(),
            factor,
            support: named.proof.effective(),
            mean_r: named.results.mean(),
            low_r,
            high_r,
            found_at: at,
            expires_at: at.plus_ms(DAYS_MOST * DAY_MS),
        })
    }

    /// What would stand now, and which of it is new or confirmed anew.
    fn list(&self, policy: &Policy, at: Timestamp) -> (Vec<DailyRule>, Vec<usize>) {
        let mut rules: Vec<DailyRule> =
            policy.rules.iter().filter(|rule| at < rule.expires_at).cloned().collect();
        let mut fresh = Vec::new();
        for place in self.proven() {
            let named = &self.named[place];
            let Some(rule) = self.rule(named, at) else { continue };
            let standing = rules.iter().position(|standing| standing.when == rule.when);
            match (standing, named.stands_until) {
                (Some(standing), _) => {
                    // Confirmed once half of its time is over: a new version every night would say nothing new.
                    let is_due = rules[standing].expires_at.ms_since(at) <= DAYS_MOST * DAY_MS / 2;
                    if is_due && named.is_confirmed() {
                        rules[standing] = DailyRule { found_at: rules[standing].found_at, ..rule };
                        fresh.push(place);
                    }
                }
                // What has expired unconfirmed must be named and proven anew.
                (None, Some(_)) => {}
                (None, None) if rules.len() < RULES_MAX => {
                    rules.push(rule);
                    fresh.push(place);
                }
                (None, None) => {}
            }
        }
        (rules, fresh)
    }

    fn evidence(&self, rules: &[DailyRule], fresh: &[usize]) -> Evidence {
        let proofs = || fresh.iter().map(|&at| &self.named[at].proof);
        let whens: Vec<Vec<Condition>> =
            fresh.iter().map(|&at| self.named[at].pattern.conditions()).collect();
        let told = rules.iter().filter(|rule| whens.contains(&rule.when)).map(numbered);
        let says: Vec<String> = told.collect();
        Evidence {
            outcomes: proofs().map(Proof::outcomes).sum(),
            outcomes_effective: proofs().map(Proof::effective).sum(),
            e_value: proofs().map(Proof::evidence).reduce(f64::min),
            says: if says.is_empty() {
                "what had expired is gone".to_owned()
            } else {
                says.join("; ")
            },
            ..Evidence::default()
        }
    }
}

/// A rule in words, symbols by number.
fn numbered(rule: &DailyRule) -> String {
    rule_words(rule, |symbol: SymbolIx| format!("symbol {}", symbol.0))
}

impl Learner for DailyRules {
    fn name(&self) -> &'static str {
        "daily_rules"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        if !self.near.counts(outcome) {
            return;
        }
        let to_the_letter = self.rules.rule == Rule::Seed;
        let worth = if to_the_letter { 1.0 } else { outcome.uniqueness };
        let r = outcome.r;
        self.heard += 1;
        self.heard_effective += outcome.uniqueness;
        let values = Values::of(&outcome.occurrence());
        self.has_untold_symbols |= outcome.symbol.at() >= SYMBOLS;
        for named in &mut self.named {
            if outcome.decided_at >= named.since && named.pattern.holds(&values) {
                named.hear(r, self.rest.mean_r, worth);
                if named.proof.is_over() {
                    self.named_ever += 1;
                    named.begin_anew();
                }
            }
        }
        self.table.hear(&values, r, worth);
        self.rest.hear(r, worth);
        if !to_the_letter && self.heard_effective >= self.name_at {
            self.name_anew(outcome.closed_at);
            // Chosen: a quarter more than was heard, and never so seldom that a season goes by.
            let between = (0.25 * self.heard_effective).clamp(200.0, 2_000.0);
            self.name_at = self.heard_effective + between;
            self.table.keep(0.98);
        }
    }

    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment> {
        if !self.quiet.is_over(self.heard_effective) {
            return Vec::new();
        }
        let (rules, evidence) = if self.rules.rule == Rule::Seed {
            literal::rules(&self.table, at)
        } else {
            let (rules, fresh) = self.list(policy, at);
            let evidence = self.evidence(&rules, &fresh);
            (rules, evidence)
        };
        if rules == policy.rules {
            return Vec::new();
        }
        vec![Amendment { learner: self.name().to_owned(), change: Change::Rules(rules), evidence }]
    }

    fn trials(&self, policy: &Policy, at: Timestamp) -> Vec<Trial> {
        let (rules, _) = self.list(policy, at);
        let trial = |named: &Named| {
            let (gain, sharpe) = named.proof.mean_and_sharpe();
            let sign = if named.loses { -1.0 } else { 1.0 };
            let when = named.pattern.conditions();
            Trial {
                learner: self.name().to_owned(),
                at,
                cell: when.iter().map(|c| crate::tuner::place(*c)).collect::<Vec<_>>().join(", "),
                outcomes_effective: named.proof.effective(),
                mean_r: sign * gain,
                sharpe: sign * sharpe,
                was_taken: rules.iter().any(|rule| rule.when == when),
            }
        };
        self.named.iter().map(trial).collect()
    }

    fn report(&self, policy: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.heard,
            heard_effective: self.heard_effective,
            ..LearnerReport::default()
        };
        report
            .beliefs
            .extend(policy.rules.iter().map(|rule| format!("stands: {}", numbered(rule))));
        for named in self.named.iter().filter(|named| named.stands_until.is_none()) {
            let when = named.pattern.conditions();
            report.beliefs.push(format!(
                "named: {}: {} beside the rest so far, {:.0} effective since, e = {}",
                when.iter().map(|c| crate::tuner::place(*c)).collect::<Vec<_>>().join(", "),
                if named.loses { "loses" } else { "wins" },
                named.proof.effective(),
                says_e(named.proof.evidence())
            ));
        }
        if self.named_ever == 0 {
            let heard = self.heard_effective;
            let needed = self.name_at;
            report.starved.push(format!("{heard:.0} of {needed:.0} effective outcomes for a look"));
        }
        if self.has_untold_symbols {
            report.starved.push(format!("symbols beyond the first {SYMBOLS} are not told apart"));
        }
        report
    }

    /// After a version was taken back, what was named must be named and proven again.
    fn adopt(&mut self, version: &PolicyVersion) {
        if is_taken_back(&version.reason) {
            self.named.clear();
        }
        self.quiet.adopt(version, self.heard_effective, self.rules.outcomes_min);
        let rules = &version.policy.rules;
        self.named.retain_mut(|named| {
            let when = named.pattern.conditions();
            let until = rules.iter().find(|rule| rule.when == when).map(|rule| rule.expires_at);
            let is_over = named.stands_until.is_some() && until.is_none();
            if until != named.stands_until {
                (named.stands_until, named.stretch) = (until, (0.0, 0.0));
            }
            !is_over
        });
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        let read = postcard::from_bytes::<DailyRules>(saved).ok();
        read.filter(|read| read.table.is_whole()).map(|read| *self = read).is_some()
    }
}
