//! A12: scenario auto-tuner and slicer. Searches thresholds around those that stand, everywhere and in slices;
//! counts every cell it tries (methods §1.5, §1.6; Decision 12). Parameters of strategies, their holds, targets
//! and parts taken early, are tuned by [`crate::ExitTimes`], from pairs on the same entries, and by nobody else.
//!
//! The best of many is mostly lucky. So a search only *names* a cell; what is decided after that must prove it,
//! by an e-process on its paired difference to what stands, and the whole grid of the night must beat luck by
//! Hansen's test. Names come from a purged walk forward with gates on win rate and profit. Every name is one
//! more question, however long ago the others were asked, and each asks for more evidence than the one before.

mod grid;
mod literal;
mod proof;
mod sample;
mod search;

pub(crate) use grid::place;
pub(crate) use proof::Proof;

use domain::{
    Amendment, Change, Cycle, Evidence, Outcome, Phase, Policy, PolicyVersion, Timestamp, Trial,
};
use serde::{Deserialize, Serialize};
use stats::spa::{SpaRules, superiority};

use crate::evidence::says_e;
use crate::near::Near;
use crate::quiet::{Quiet, is_taken_back};
use crate::{House, LearnRules, Learner, LearnerReport, Rule};
use grid::{Cell, Stands};
use sample::{FIRST_SEARCH, Kept, Sample};
use search::Search;

/// The evidence asked for of all claims ever named together (methods §1.4).
const EVIDENCE_MIN: f64 = 20.0;
/// The most that Hansen's test may leave to luck.
const LUCK_MOST: f64 = 0.05;
/// Cells named at once. Chosen: each one more asks for more evidence of the next.
const NAMED_MAX: usize = 4;
/// Nights on which the trials of a search are told. Chosen: the night after it, and one more, so that none is
/// lost where the night waits for the first bars after a silence.
const NIGHTS_TOLD: u8 = 2;
const DAY_S: u32 = 86_400;

/// Searches thresholds and slices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioTuner {
    rules: LearnRules,
    /// What these gates refused is not heard: they guard capital, and none of them learned to refuse.
    deaf_to: u16,
    heard: u64,
    heard_effective: f64,
    quiet: Quiet,
    sample: Sample,
    /// The thresholds that stood when last told.
    stands: Stands,
    named: Vec<Named>,
    /// How many were ever named.
    named_ever: u32,
    /// Nights on which the trials of the last search are still to be told.
    nights_untold: u8,
    /// The last day that it heard of, as days since 1970.
    day: u32,
}

/// A cell that a search named, with what it has proven since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Named {
    cell: Cell,
    /// Its number among all that were ever named, from 1.
    number: u32,
    /// What was decided before this was known when it was named, seconds.
    since_s: u32,
    proof: Proof,
}

impl Named {
    /// The evidence that it needs: the k-th name needs π²k²/6 times as much as a single one would. The inverse
    /// of these sums to one over all k, so that of all names ever chance proves one with probability 1/20 at
    /// most (Ville 1939).
    fn evidence_needed(&self) -> f64 {
        const FIRST: f64 = std::f64::consts::PI * std::f64::consts::PI / 6.0;
        let k = f64::from(self.number);
        EVIDENCE_MIN * FIRST * k * k
    }

    /// Its evidence in units of what it needs.
    fn share_proven(&self) -> f64 {
        self.proof.evidence() / self.evidence_needed()
    }
}

impl ScenarioTuner {
    /// A tuner that has heard nothing, in this house.
    pub fn new(rules: LearnRules, policy: &Policy, house: &House) -> ScenarioTuner {
        ScenarioTuner {
            rules,
            deaf_to: Near::of(house).guards(house),
            heard: 0,
            heard_effective: 0.0,
            quiet: Quiet::default(),
            sample: Sample::default(),
            stands: Stands::of(policy),
            named: Vec::new(),
            named_ever: 0,
            nights_untold: 0,
            day: 0,
        }
    }

    /// Searches all that is kept, and names what has room beside what is still proving itself: what is named
    /// again, and what has gained since it was named.
    fn name_anew(&mut self) {
        self.nights_untold = NIGHTS_TOLD;
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
                self.named_ever += 1;
                let (cell, number) = (scored.cell, self.named_ever);
                self.named.push(Named { cell, number, since_s, proof: Proof::new() });
            }
        }
    }

    /// Counts the days that it hears of since the last search.
    fn turn_day(&mut self, kept: &Kept) {
        let day = kept.closed_s() / DAY_S;
        if day > self.day {
            self.day = day;
            self.nights_untold = self.nights_untold.saturating_sub(1);
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
                if named.proof.is_over() {
                    self.named_ever += 1;
                    (named.number, named.proof) = (self.named_ever, Proof::new());
                }
            }
        }
    }

    /// The named cell that has proven itself, where the whole grid beats luck too.
    fn proven(&self) -> Option<(&Named, f64)> {
        let enough = |named: &&Named| {
            named.share_proven() >= 1.0 && named.proof.effective() >= self.rules.outcomes_min
        };
        let best = self.named.iter().filter(enough);
        let best = best.max_by(|a, b| a.share_proven().total_cmp(&b.share_proven()))?;
        // The costly question comes last: most nights nothing has proven itself.
        let gains = Search::of(self.sample.all(), &self.stands).gains();
        let luck = superiority(&gains, &SpaRules::default())?.p;
        (luck < LUCK_MOST).then_some((best, luck))
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

    /// What a night would take, in the words of its trials.
    fn taken(&self) -> Vec<String> {
        if self.is_quiet() {
            return Vec::new();
        }
        if self.rules.rule == Rule::Seed {
            return literal::taken(&self.sample, &self.stands);
        }
        self.proven().into_iter().map(|(named, _)| named.cell.words()).collect()
    }

    fn is_quiet(&self) -> bool {
        !self.quiet.is_over(self.heard_effective)
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
            self.turn_day(&kept);
            self.prove(&kept);
            if self.sample.push(kept) && self.rules.rule == Rule::Evidence {
                self.name_anew();
            }
        }
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
        amendments
    }

    /// Cells are the same trials however often they are looked at: between searches nothing is told anew, but
    /// where something is taken. To the letter every night is a search.
    fn trials(&self, _: &Policy, at: Timestamp) -> Vec<Trial> {
        let taken = self.taken();
        let is_searched = self.rules.rule == Rule::Seed || self.nights_untold > 0;
        if taken.is_empty() && !is_searched {
            return Vec::new();
        }
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
        cells.collect()
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
            report
                .starved
                .push(format!("{fresh:.0} of {FIRST_SEARCH:.0} effective outcomes for a search"));
        }
        for named in &self.named {
            let what = format!("named: {}", named.cell.words());
            report.beliefs.push(believed(&what, &named.proof, named.evidence_needed()));
        }
        report
    }

    /// What was proven was proven against what stood. Where that has moved it is named and proven again, and so
    /// is everything where a version was taken back; what another place's step leaves alone goes on.
    fn adopt(&mut self, version: &PolicyVersion) {
        let stands = Stands::of(&version.policy);
        let is_back = is_taken_back(&version.reason);
        if is_back || self.stands != stands {
            let before = std::mem::replace(&mut self.stands, stands);
            let stands = &self.stands;
            self.named.retain_mut(|named| {
                let beside = named.cell.beside(&before, stands);
                named.cell = beside.unwrap_or(named.cell);
                !is_back && beside.is_some_and(|cell| cell.has_room(stands))
            });
            if self.rules.rule == Rule::Evidence {
                self.sample.begin_epoch();
                self.name_anew();
            }
        }
        self.quiet.adopt(version, self.heard_effective, self.rules.outcomes_min);
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
