//! The ensemble: what up to four members say, weighed by how they did on rows they had not seen.

mod blend;
mod composing;
mod figures;
pub(crate) mod fitting;
pub(crate) mod ground;
mod member;
mod saved;
mod stacking;
pub(crate) mod told;

use domain::{
    Chances, MODEL_COUNT, MemberRecord, Model, ModelKind, Opinion, Side, Timestamp, View,
};

use rayon::prelude::*;

use crate::Samples;
pub(crate) use blend::{Blend, Unseen};
pub(crate) use composing::{Composed, compose};
pub use member::{Ahead, Member};
pub(crate) use member::{Net, Saved, columns, columns_of};
pub(crate) use saved::Remembered;

/// Up to four members and what they count for: one version, never edited. Looking changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    pub(crate) version: u64,
    pub(crate) known_to: Timestamp,
    pub(crate) blend: Blend,
    pub(crate) members: [Option<Seated>; MODEL_COUNT],
    pub(crate) remembered: Remembered,
}

/// A member with what is told of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seated {
    pub(crate) member: Member,
    pub(crate) record: MemberRecord,
}

impl Ensemble {
    /// Its number in the run.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What it was composed from had turned out by then.
    pub fn known_to(&self) -> Timestamp {
        self.known_to
    }

    /// Whether it has anything to say: together its members were better than the base rate.
    pub fn speaks(&self) -> bool {
        self.blend.speaks()
    }

    /// A member.
    pub fn member(&self, kind: ModelKind) -> Option<&Member> {
        self.members[kind.at()].as_ref().map(|seated| &seated.member)
    }

    /// What a member counts for, log-odds for log-odds; 0 where it adds nothing.
    pub fn weight(&self, kind: ModelKind) -> f64 {
        self.blend.weights[kind.at()]
    }

    /// What a member expects alone, whether it counts or not.
    pub fn alone(&self, kind: ModelKind, view: &View<'_>) -> Option<Chances> {
        let scores = self.member(kind)?.scores(view)?;
        let of = |side| self.blend.own(kind.at(), scores.of(side));
        Some(Chances { long: of(Side::Long)?, short: of(Side::Short)? })
    }
}

impl Ensemble {
    /// What it expects of every sample: the row path run in parallel.
    pub fn predict_all(&self, samples: &Samples) -> Vec<Option<Opinion>> {
        let one = |at: usize| samples.with_view(at, |view| self.predict(view));
        (0..samples.len()).into_par_iter().map(one).collect()
    }
}

impl Model for Ensemble {
    fn predict(&self, view: &View<'_>) -> Option<Opinion> {
        let members = ModelKind::ALL.map(|kind| self.alone(kind, view));
        let whole =
            |side: Side| self.blend.whole(members.map(|said| said.map(|chances| chances.of(side))));
        let both = || Some(Chances { long: whole(Side::Long)?, short: whole(Side::Short)? });
        let chances = if self.speaks() { both() } else { None };
        Some(Opinion { chances, members })
    }
}
