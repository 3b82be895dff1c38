//! Models in their seats: what each expects of a symbol, whose vote is heard on a decision, and what the
//! standing policy would stake under the vote of every other.

use std::collections::BTreeMap;
use std::sync::Arc;

use decide::{Case, stake_wanted};
use domain::{
    Chances, DecisionId, HeadName, Leans, MODEL_COUNT, Model, Modelled, Opinion, SEAT_COUNT, Seat,
    Signal, SymbolIx, View, Vote, Votes, component_at, draw,
};
use forecast::models_lean;

use crate::candidates::{Candidate, signal_under};
use crate::{Engine, SnapshotError};

/// Chance streams are kept apart by number; slippage has 1 and 2, exploring 3, contests 4.
const STREAM_CANARY: u64 = 5;

/// The place of the component that leans with the models.
const ENSEMBLE: usize = component_at("ensemble");

/// The models that are loaded, by version. The engine's state knows them by hash; they are never part of it.
pub(crate) type Loaded = BTreeMap<u64, Arc<dyn Model>>;

/// What the seated models expect of one symbol now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Advice {
    /// What each seat's model expects, fast layer over it; nothing where it is empty or says nothing.
    chances: [Option<Chances>; SEAT_COUNT],
    /// What the model whose record is kept said, without the fast layer.
    recorded: Option<Opinion>,
}

impl Advice {
    const SILENT: Advice = Advice { chances: [None; SEAT_COUNT], recorded: None };

    /// Whether a seat's model has said anything.
    pub(crate) fn speaks(&self, seat: Seat) -> bool {
        self.chances[seat.at()].is_some()
    }

    fn lean(&self, seat: Seat) -> Option<f64> {
        self.chances[seat.at()].as_ref().map(models_lean)
    }

    /// The votes with the one of this seat's model.
    fn votes(&self, seat: Seat, others: &Votes) -> Votes {
        let mut votes = *others;
        votes.set(HeadName::Models, self.lean(seat).and_then(Vote::leaning));
        votes
    }

    fn leans(&self, seat: Seat, others: &Leans) -> Leans {
        let mut leans = *others;
        leans.set(ENSEMBLE, self.lean(seat));
        leans
    }
}

impl Engine {
    /// Whether any model sits anywhere: without one nothing here is asked.
    pub(crate) fn has_models(&self) -> bool {
        !self.loaded.is_empty()
    }

    /// Asks every seated model about a symbol.
    pub(crate) fn advise(&self, symbol: SymbolIx) -> Advice {
        if !self.has_models() {
            return Advice::SILENT;
        }
        let state = &self.state.symbols[symbol.at()];
        let view = View { row: state.forecaster.row(), window: state.window.closes() };
        let layer = &self.state.policy.fast_layer;
        let opinions = Seat::ALL.map(|seat| self.opinion(seat, &view));
        let champion_is_seated = self.state.lineage.seated(Seat::Champion) != 0;
        let kept = if champion_is_seated { Seat::Champion } else { Seat::Challenger };
        Advice {
            chances: opinions.map(|opinion| opinion.and_then(|opinion| layer.over(&opinion))),
            recorded: opinions[kept.at()],
        }
    }

    fn opinion(&self, seat: Seat, view: &View<'_>) -> Option<Opinion> {
        let version = self.state.lineage.seated(seat);
        if version == 0 {
            return None;
        }
        self.loaded.get(&version)?.predict(view)
    }

    /// Whose vote is heard on a decision: the champion's, but on the canary's share of them the challenger's,
    /// by a draw.
    pub(crate) fn heard_seat(&self, id: DecisionId) -> Seat {
        let share = self.state.lineage.share();
        let is_canary = share > 0.0 && draw(self.settings.seed, id, STREAM_CANARY) < share;
        if is_canary { Seat::Challenger } else { Seat::Champion }
    }

    /// The votes and leans that a decision hears.
    pub(crate) fn with_models(
        &self,
        advice: &Advice,
        seat: Seat,
        votes: &Votes,
        leans: &Leans,
    ) -> (Votes, Leans) {
        if !self.has_models() {
            return (*votes, *leans);
        }
        (advice.votes(seat, votes), advice.leans(seat, leans))
    }

    /// What models had to do with a decision: recorded with it, and judged by when it has turned out.
    pub(crate) fn modelled(&self, case: &Case<'_>, candidate: &Candidate) -> Modelled {
        if !self.has_models() {
            return Modelled::NONE;
        }
        let (lineage, advice) = (&self.state.lineage, &candidate.advice);
        let seated = Seat::ALL.map(|seat| lineage.seated(seat) as u32);
        let side = case.signal.side;
        let of_side = |chances: &Chances| chances.of(side) as f32;
        let recorded = advice.recorded.as_ref();
        let whole = recorded.and_then(|opinion| opinion.chances);
        let mut members = [Modelled::UNSAID; MODEL_COUNT];
        for (kept, said) in
            members.iter_mut().zip(recorded.iter().flat_map(|opinion| opinion.members))
        {
            *kept = said.as_ref().map_or(Modelled::UNSAID, of_side);
        }
        Modelled {
            version: seated[candidate.heard.at()],
            seated,
            stakes: Seat::ALL.map(|seat| self.stake_under(seat, case, candidate) as f32),
            ensemble: whole.as_ref().map_or(Modelled::UNSAID, of_side),
            members,
        }
    }

    /// The stake with another seat's vote. Without a signal it declines; what the other way would have come to
    /// nobody knows.
    fn stake_under(&self, seat: Seat, case: &Case<'_>, candidate: &Candidate) -> f64 {
        if seat == candidate.heard {
            return stake_wanted(case, &self.settings.size);
        }
        if !self.state.lineage.compares(seat) {
            return 0.0;
        }
        let bound = &self.strategies[candidate.strategy];
        let votes = candidate.advice.votes(seat, &case.signal.votes).only(bound.strategy.heads());
        let leans = candidate.advice.leans(seat, &candidate.leans);
        let signal: Option<Signal> = signal_under(case.policy, &votes, &leans);
        let Some(signal) = signal else { return 0.0 };
        if signal.side != case.signal.side {
            return f64::from(Modelled::OTHER_SIDE);
        }
        let prospects =
            self.prospects(case.policy, case.strategy, &signal, case.plan, case.climate);
        stake_wanted(&Case { signal: &signal, prospects: &prospects, ..*case }, &self.settings.size)
    }

    /// Models that the engine's state has in use, by version and hash: who restores it has to bring them.
    pub fn models_in_use(&self) -> impl Iterator<Item = (u64, &str)> {
        self.state.models.iter().map(|(version, hash)| (*version, hash.as_str()))
    }

    /// Brings every model that the state has in use.
    ///
    /// # Errors
    /// When one cannot be brought: without it the engine would decide otherwise than it did.
    pub fn bring_models(
        &mut self,
        mut bring: impl FnMut(u64, &str) -> Option<Arc<dyn Model>>,
    ) -> Result<(), SnapshotError> {
        for (version, hash) in &self.state.models {
            let model =
                bring(*version, hash).ok_or(SnapshotError::NoModel { version: *version })?;
            self.loaded.insert(*version, model);
        }
        Ok(())
    }
}
