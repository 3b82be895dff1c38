//! What a trained model may see and say.

use serde::{Deserialize, Serialize};

use crate::Side;

/// The features at one moment. A feature that is still warming up, or whose input is absent, is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// One number per feature, in the order of the registry; zero where absent.
    pub values: &'a [f64],
    /// One bit per feature that is present, lowest first.
    pub present: u64,
}

impl Row<'_> {
    /// The feature at place `index`.
    pub fn get(&self, index: usize) -> Option<f64> {
        if index < self.values.len() && self.present & (1 << index) != 0 {
            Some(self.values[index])
        } else {
            None
        }
    }
}

/// Closes in a whole window. Chosen: four days of hours, and six patches of sixteen bars.
pub const WINDOW_BARS: usize = 96;

/// Everything a model may look at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The features now.
    pub row: Row<'a>,
    /// Closes of the bars as they come, oldest first, the last one the close of now; at most [`WINDOW_BARS`],
    /// fewer after a start or a gap. Single precision: what is looked at is what is stored, to the bit.
    pub window: &'a [f32],
}

/// Probability that a position entered now ends above zero after costs, each way. The two need not sum to 1:
/// stops lie nearer than targets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chances {
    /// Of a long.
    pub long: f64,
    /// Of a short.
    pub short: f64,
}

impl Chances {
    /// Of one side.
    pub const fn of(&self, side: Side) -> f64 {
        match side {
            Side::Long => self.long,
            Side::Short => self.short,
        }
    }
}

/// The four kinds of models (mission row D3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// Boosted trees grown level by level.
    Xgboost,
    /// Boosted trees grown leaf by leaf, on the rows that err most.
    Lightgbm,
    /// Blocks of several rates that each explain a part of the window (Challu et al. 2023).
    Nhits,
    /// Attention over patches of the window (Nie et al. 2023).
    Patchtst,
}

/// How many kinds there are.
pub const MODEL_COUNT: usize = ModelKind::ALL.len();

impl ModelKind {
    /// All four, in order.
    pub const ALL: [ModelKind; 4] =
        [ModelKind::Xgboost, ModelKind::Lightgbm, ModelKind::Nhits, ModelKind::Patchtst];

    /// Its place among the four.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            ModelKind::Xgboost => "xgboost",
            ModelKind::Lightgbm => "lightgbm",
            ModelKind::Nhits => "nhits",
            ModelKind::Patchtst => "patchtst",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<ModelKind> {
        ModelKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What the ensemble expects, and what each of its members does. Members are judged also while the whole says
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    /// What it expects as a whole; nothing where its members together know no better than the base rate.
    pub chances: Option<Chances>,
    /// What each member expects, by the place of its kind; nothing of those it does not have.
    pub members: [Option<Chances>; MODEL_COUNT],
}

/// A trained model. Looking changes nothing.
pub trait Model: Send + Sync {
    /// What it expects, or nothing where it has no opinion.
    fn predict(&self, view: &View<'_>) -> Option<Opinion>;
}

/// The fast layer over what members say, learned from completed trades between trainings (mission row A15):
/// log-odds of a side are those of the ensemble, plus a bias, plus each member's own by its slope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FastLayer {
    /// Added to the log-odds of either side.
    pub bias: f64,
    /// Added of each member's log-odds, by the place of its kind.
    pub slopes: [f64; MODEL_COUNT],
}

impl FastLayer {
    /// Nearer to 0 or 1 than this no probability is taken to be.
    pub const LEAST: f64 = 1e-4;

    /// The log-odds of a probability, which is kept off 0 and 1.
    pub fn log_odds(probability: f64) -> f64 {
        let p = probability.clamp(FastLayer::LEAST, 1.0 - FastLayer::LEAST);
        libm::log(p / (1.0 - p))
    }

    /// What it makes of one side's probabilities: of the ensemble, and of each member that spoke.
    pub fn refined(&self, ensemble: f64, members: [Option<f64>; MODEL_COUNT]) -> f64 {
        if *self == FastLayer::default() {
            return ensemble;
        }
        let spoken = self.slopes.iter().zip(members);
        let own: f64 = spoken.filter_map(|(slope, p)| Some(slope * FastLayer::log_odds(p?))).sum();
        1.0 / (1.0 + libm::exp(-(FastLayer::log_odds(ensemble) + self.bias + own)))
    }

    /// What it makes of an opinion; nothing where the whole says nothing.
    pub fn over(&self, opinion: &Opinion) -> Option<Chances> {
        let whole = opinion.chances?;
        let of = |side: Side| {
            let members = opinion.members.map(|said| said.map(|chances| chances.of(side)));
            self.refined(whole.of(side), members)
        };
        Some(Chances { long: of(Side::Long), short: of(Side::Short) })
    }
}

/// Which model stood where while a decision was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// The model in charge.
    Champion,
    /// The newest one, which is compared with it.
    Challenger,
    /// The one that was in charge before, for as long as its successor is watched.
    Former,
}

/// How many seats there are.
pub const SEAT_COUNT: usize = Seat::ALL.len();

impl Seat {
    /// All three, in order.
    pub const ALL: [Seat; 3] = [Seat::Champion, Seat::Challenger, Seat::Former];

    /// Its place among the three.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Seat::Champion => "champion",
            Seat::Challenger => "challenger",
            Seat::Former => "former",
        }
    }
}

/// What trained models had to do with a decision, as far as anybody asks when it has turned out. Single
/// precision; below zero is what was not said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Modelled {
    /// The version that was asked, whether it said anything or not; 0 where the seat is empty.
    pub version: u32,
    /// The version in each seat; 0 where it is empty. An empty seat stands for no model: the head abstains.
    pub seated: [u32; SEAT_COUNT],
    /// The share of equity that the standing policy would have put at risk with the vote of each seat, through
    /// its stateless gates and sizes; 0 where they decline, [`Modelled::OTHER_SIDE`] where they would have gone
    /// the other way.
    pub stakes: [f32; SEAT_COUNT],
    /// What the ensemble whose record is kept (the champion, before there is one the challenger) expected of
    /// the decided side, before the fast layer.
    pub ensemble: f32,
    /// What each of its members expected of the decided side.
    pub members: [f32; MODEL_COUNT],
}

impl Modelled {
    /// What stands for a probability that was not said; no NaN, which would equal nothing.
    pub const UNSAID: f32 = -1.0;

    /// What stands for the stake of a seat that would have gone the other way: what that would have come to is
    /// not known. It is no declining, which would have come to 0 and saved the costs.
    pub const OTHER_SIDE: f32 = -1.0;

    /// No model was there.
    pub const NONE: Modelled = Modelled {
        version: 0,
        seated: [0; SEAT_COUNT],
        stakes: [0.0; SEAT_COUNT],
        ensemble: Modelled::UNSAID,
        members: [Modelled::UNSAID; MODEL_COUNT],
    };

    /// What the ensemble expected of the decided side, if it spoke.
    pub fn ensemble(&self) -> Option<f64> {
        said(self.ensemble)
    }

    /// What a member expected of the decided side, if it spoke.
    pub fn member(&self, kind: ModelKind) -> Option<f64> {
        said(self.members[kind.at()])
    }

    /// What every member expected of the decided side.
    pub fn members(&self) -> [Option<f64>; MODEL_COUNT] {
        self.members.map(said)
    }

    /// By how much one seat would have done better than another, units of initial risk, where the decision
    /// came to `r`: the larger of both stakes counts as one. Nothing where neither would have traded, one would
    /// have gone the other way, or nobody was compared.
    pub fn gain_r(&self, seat: Seat, over: Seat, r: f64) -> Option<f64> {
        let (own, other) = self.compared(seat, over)?;
        Some((own - other) / own.max(other) * r)
    }

    /// The stakes of two seats that can be compared. It follows from the decision alone, so that leaving the
    /// others out favours nobody.
    pub fn compared(&self, seat: Seat, over: Seat) -> Option<(f64, f64)> {
        let (own, other) = (f64::from(self.stakes[seat.at()]), f64::from(self.stakes[over.at()]));
        let is_known = own >= 0.0 && other >= 0.0;
        (is_known && own.max(other) > 0.0).then_some((own, other))
    }
}

fn said(probability: f32) -> Option<f64> {
    (probability >= 0.0).then(|| f64::from(probability))
}

impl Default for Modelled {
    fn default() -> Modelled {
        Modelled::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_that_has_learned_nothing_changes_nothing() {
        let layer = FastLayer::default();
        assert_eq!(layer.refined(0.37, [Some(0.9); MODEL_COUNT]), 0.37);
        let tilted = FastLayer { bias: 0.0, slopes: [1.0, 0.0, 0.0, 0.0] };
        let both = tilted.refined(0.5, [Some(0.7), None, None, None]);
        assert!((both - 0.7).abs() < 1e-12, "{both}");
        assert_eq!(tilted.refined(0.4, [None; MODEL_COUNT]), 0.4);
    }

    #[test]
    fn gains_are_told_in_units_of_the_larger_stake() {
        let mut seen = Modelled::NONE;
        assert_eq!(seen.gain_r(Seat::Challenger, Seat::Champion, 1.0), None);
        seen.stakes = [0.001, 0.0, 0.002];
        assert_eq!(seen.gain_r(Seat::Challenger, Seat::Champion, -1.0), Some(1.0));
        assert_eq!(seen.gain_r(Seat::Former, Seat::Champion, 1.0), Some(0.5));
        seen.stakes[Seat::Challenger.at()] = Modelled::OTHER_SIDE;
        assert_eq!(seen.gain_r(Seat::Challenger, Seat::Champion, 1.0), None);
        assert_eq!(seen.gain_r(Seat::Champion, Seat::Challenger, 1.0), None);
        assert_eq!(seen.gain_r(Seat::Former, Seat::Champion, 1.0), Some(0.5));
    }
}
