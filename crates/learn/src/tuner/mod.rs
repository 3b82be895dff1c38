//! A12: scenario auto-tuner and slicer. Searches thresholds around those that stand, everywhere and in slices,
//! and other exits per strategy; counts every cell it tries (methods §1.5, §1.6; Decision 12).
//!
//! The best of many is mostly lucky. So a search only *names* a cell; what is decided after that must prove it,
//! by an e-process on its paired difference to what stands, and the whole grid of the night must beat luck by
//! Hansen's test. Names come from a purged walk forward with gates on win rate and profit.

mod exits;
mod grid;
mod literal;
mod proof;
mod sample;
mod search;

pub(crate) use grid::place;
pub(crate) use proof::Proof;
pub(crate) use sample::R_MOST;

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, Reason, StrategyIx,
    Timestamp, Trial, WhatIfOutcome,
};
use serde::{Deserialize, Serialize};
use stats::sequential::GAIN_GRID;
use stats::spa::{SpaRules, superiority};

use crate::evidence::says_e;
use crate::{LearnRules, Learner, LearnerReport, Rule};
use exits::{Exits, Variant};
use grid::{Cell, Stands};
use sample::{FIRST_SEARCH, Kept, Sample};
use search::Search;

/// The evidence asked for (methods §1.4); of several claims each has its share of it.
const EVIDENCE_MIN: f64 = 20.0;
/// The most that Hansen's test may leave to luck.
const LUCK_MOST: f64 = 0.05;
/// Cells named at once. Chosen: each one more asks for more evidence of all.
const NAMED_MAX: usize = 4;

/// Searches thresholds, slices and exits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioTuner {
    rules: LearnRules,
    /// What these gates refused is not heard.
    deaf_to: u16,
    heard: u64,
    heard_effective: f64,
    /// Effective outcomes before which nothing is proposed again.
    quiet_until: f64,
    sample: Sample,
    exits: Exits,
    /// The thresholds that stood when last told.
    stands: Stands,
    named: Vec<Named>,
}

/// A cell that a search named, with what it has proven since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Named {
    cell: Cell,
    /// What was decided before this was known when it was named, seconds.
    since_s: u32,
    proof: Proof,
}

impl ScenarioTuner {
    /// A tuner that has heard nothing, and does not hear what gates with a bit in `deaf_to` refused.
    pub fn new(rules: LearnRules, policy: &Policy, deaf_to: u16) -> ScenarioTuner {
        ScenarioTuner {
            rules,
            deaf_to,
            heard: 0,
            heard_effective: 0.0,
            quiet_until: 0.0,
            sample: Sample::default(),
            exits: Exits::default(),
            stands: Stands::of(policy),
            named: Vec::new(),
        }
    }

    /// Searches all that is kept, and names what has room beside what is still proving itself: what is named
    /// again, and what has gained since it was named.
    fn name_anew(&mut self) {
        let since_s = self.sample.known_s();
        let search = Search::of(self.sample.all(), &self.stands);
        let found = search.named();
        self.named.retain(|named| {
            let evidence = named.proof.evidence();
            let again = found.iter().any(|scored| scored.cell.shares_place(&named.cell));
            evidence >= 1.0 || (again && evidence >= 0.5)
        });
        for scored in found {
            let is_new = self.named.iter().all(|named| !named.cell.shares_place(&scored.cell));
            if is_new && self.named.len() < NAMED_MAX {
                let proof = Proof::new(R_MOST, &GAIN_GRID);
                self.named.push(Named { cell: scored.cell, since_s, proof });
            }
        }
    }

    fn prove(&mut self, kept: &Kept) {
        if self.named.is_empty() {
            return;
        }
        let stands = i8::from(self.stands.admits(kept));
        for named in self.named.iter_mut().filter(|named| kept.decided_s >= named.since_s) {
            let more = i8::from(named.cell.admits(kept, &self.stands)) - stands;
            if more != 0 {
                named.proof.hear(f64::from(more) * f64::from(kept.r), f64::from(kept.worth));
            }
        }
    }

    /// The named cell that has proven itself, where the whole grid beats luck too.
    fn proven(&self) -> Option<(&Named, f64)> {
        let enough = |named: &&Named| {
            named.proof.evidence() >= EVIDENCE_MIN * NAMED_MAX as f64
                && named.proof.effective() >= self.rules.outcomes_min
        };
        let best = self.named.iter().filter(enough);
        let best = best.max_by(|a, b| a.proof.evidence().total_cmp(&b.proof.evidence()))?;
        // The costly question comes last: most nights nothing has proven itself.
        let gains = Search::of(self.sample.all(), &self.stands).gains();
        let luck = superiority(&gains, &SpaRules::default())?.p;
        (luck < LUCK_MOST).then_some((best, luck))
    }

    /// Per strategy, the other exits that have proven themselves best.
    fn proven_exits(&self) -> Vec<Variant<'_>> {
        let tried = self.exits.variants().count() as f64;
        let mut proven: Vec<Variant<'_>> = Vec::new();
        for variant in self.exits.variants() {
            let proof = variant.proof;
            let enough = proof.evidence() >= EVIDENCE_MIN * tried
                && proof.effective() >= self.rules.outcomes_min;
            match proven.iter_mut().find(|other| other.strategy == variant.strategy) {
                Some(other) if enough && other.proof.evidence() < proof.evidence() => {
                    *other = variant;
                }
                None if enough => proven.push(variant),
                _ => {}
            }
        }
        proven
    }

    fn amendment(&self, change: Change, proof: &Proof, says: String) -> Amendment {
        let evidence = Evidence {
            outcomes: proof.outcomes(),
            outcomes_effective: proof.effective(),
            e_value: Some(proof.evidence()),
            effect: proof.effect(),
            says,
            ..Evidence::default()
        };
        Amendment { learner: self.name().to_owned(), change, evidence }
    }

    fn exits_amendment(&self, variant: &Variant<'_>) -> Amendment {
        let standing = self.exits.standing(StrategyIx(variant.strategy));
        let change = variant.change(standing, self.rules.step_fraction_max);
        self.amendment(change, variant.proof, variant.words())
    }

    /// What a night would take, in the words of its trials.
    fn taken(&self) -> Vec<String> {
        if self.is_quiet() {
            return Vec::new();
        }
        if self.rules.rule == Rule::Seed {
            return literal::taken(&self.sample, &self.exits, &self.stands);
        }
        let cells = self.proven().into_iter().map(|(named, _)| named.cell.words());
        cells.chain(self.proven_exits().iter().map(Variant::words)).collect()
    }

    fn is_quiet(&self) -> bool {
        self.heard_effective < self.quiet_until
    }
}

impl Learner for ScenarioTuner {
    fn name(&self) -> &'static str {
        "scenario_tuner"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Tuning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        if outcome.refused & self.deaf_to != 0 {
            return;
        }
        self.heard += 1;
        self.heard_effective += outcome.uniqueness;
        if let Some(kept) = Kept::of(outcome) {
            // To the letter every outcome counts one.
            let worth = if self.rules.rule == Rule::Seed { 1.0 } else { kept.worth };
            let kept = Kept { worth, ..kept };
            self.prove(&kept);
            if self.sample.push(kept) && self.rules.rule == Rule::Evidence {
                self.name_anew();
            }
        }
    }

    fn observe_what_if(&mut self, outcome: &WhatIfOutcome) {
        self.exits.hear(outcome);
    }

    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        if self.is_quiet() {
            return Vec::new();
        }
        if self.rules.rule == Rule::Seed {
            return literal::propose(self, &self.stands);
        }
        let mut amendments = Vec::new();
        if let Some((named, luck)) = self.proven() {
            let says = format!("{} (grid against luck: p {luck:.3})", named.cell.words());
            let changes = named.cell.changes(&self.stands).into_iter();
            amendments
                .extend(changes.map(|change| self.amendment(change, &named.proof, says.clone())));
        }
        amendments.extend(self.proven_exits().iter().map(|one| self.exits_amendment(one)));
        amendments
    }

    fn trials(&self, _: &Policy, at: Timestamp) -> Vec<Trial> {
        let taken = self.taken();
        let trial = |cell: String, outcomes_effective: f64, (mean_r, sharpe): (f64, f64)| Trial {
            learner: self.name().to_owned(),
            at,
            was_taken: taken.contains(&cell),
            cell,
            outcomes_effective,
            mean_r,
            sharpe,
        };
        let search = Search::of(self.sample.all(), &self.stands);
        let cells = search.cells().map(|scored| {
            let unseen = scored.unseen;
            trial(scored.cell.words(), unseen.worth, unseen.mean_and_sharpe())
        });
        let exits = self
            .exits
            .variants()
            .map(|one| trial(one.words(), one.proof.effective(), one.proof.mean_and_sharpe()));
        cells.chain(exits).collect()
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let (searched, fresh) = self.sample.effective();
        let mut report = LearnerReport {
            heard: self.heard,
            heard_effective: self.heard_effective,
            ..LearnerReport::default()
        };
        let standing = self.stands.slices.iter().map(|slice| Cell::In(*slice).words());
        report.beliefs.extend(standing.map(|words| format!("stands: {words}")));
        if searched < FIRST_SEARCH {
            report.starved.push(format!(
                "{fresh:.0} of {FIRST_SEARCH:.0} effective outcomes for a first search"
            ));
        }
        for Named { cell, proof, .. } in &self.named {
            let what = format!("named: {}", cell.words());
            report.beliefs.push(believed(&what, proof, EVIDENCE_MIN * NAMED_MAX as f64));
        }
        let needed = EVIDENCE_MIN * self.exits.variants().count() as f64;
        for variant in self.exits.variants() {
            report.beliefs.push(believed(&variant.words(), variant.proof, needed));
        }
        report
    }

    /// What was proven was proven against what stood: against anything else it is named and proven again.
    fn adopt(&mut self, version: &PolicyVersion) {
        let stands = Stands::of(&version.policy);
        let is_revert = matches!(version.reason, Reason::Revert { .. });
        if is_revert || self.stands != stands {
            self.stands = stands;
            self.named.clear();
            if self.rules.rule == Rule::Evidence {
                self.sample.begin_epoch();
                self.name_anew();
            }
        }
        self.exits.adopt(&version.policy.exits);
        if is_revert {
            self.exits.forget();
            self.quiet_until = self.heard_effective + self.rules.outcomes_min;
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}

/// A claim with what it rests on.
fn believed(what: &str, proof: &Proof, needed: f64) -> String {
    let (n, e) = (proof.effective(), says_e(proof.evidence()));
    match proof.effect() {
        Some(effect) => format!(
            "{what}: {:+.3} R per candidate it decides otherwise [{:+.3}, {:+.3}], {n:.0} effective since, e = {e} of {needed:.0}",
            effect.mean, effect.low, effect.high
        ),
        None => format!("{what}: {n:.0} effective since, e = {e} of {needed:.0}"),
    }
}
