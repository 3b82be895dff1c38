//! What the engine hears. Everything it knows is a fold over these.

use serde::{Deserialize, Serialize};

use crate::{
    Bar, Job, ModelNews, Pin, PinnedValue, Policy, Reading, SymbolIx, Timestamp, VenueNews,
};

/// A bar and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimedBar {
    /// On what.
    pub symbol: SymbolIx,
    /// The bar.
    pub bar: Bar,
}

/// What a person allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Everything.
    #[default]
    Run,
    /// No new positions; those held go on under their exits.
    Pause,
    /// No new positions; those held are left as soon as their exits tighten.
    ReduceOnly,
    /// No new positions; those held are closed at once.
    Kill,
}

impl Control {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Control::Run => "run",
            Control::Pause => "pause",
            Control::ReduceOnly => "reduce_only",
            Control::Kill => "kill",
        }
    }
}

/// What a person orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Publish the values of an earlier policy version again. They come with the order, so that
    /// folding it needs no memory of every version there was.
    Revert {
        /// The earlier version, whole.
        to: Box<Policy>,
        /// When it was ordered.
        at: Timestamp,
    },
    /// From now on this much is allowed.
    Control {
        /// How much.
        control: Control,
        /// When it was ordered.
        at: Timestamp,
    },
    /// A value is held fast from now on.
    Pin {
        /// Which, and at what.
        pin: Pin,
        /// When it was ordered.
        at: Timestamp,
    },
    /// A value may be learned again.
    Unpin {
        /// Which.
        value: PinnedValue,
        /// When it was ordered.
        at: Timestamp,
    },
    /// A learner is listened to or not.
    Switch {
        /// Its name.
        learner: String,
        /// Whether it is listened to.
        is_on: bool,
        /// When it was ordered.
        at: Timestamp,
    },
    /// Outcomes of a stretch are struck: what was learned from them is unlearned. What follows from the
    /// rest, learned again from day one, comes with the order, so that folding it needs no memory of
    /// every outcome there was.
    Strike {
        /// Outcomes decided from here on
        from: Timestamp,
        /// up to here, this moment left out.
        to: Timestamp,
        /// What was learned from all others.
        relearned: Box<Relearned>,
        /// When it was ordered.
        at: Timestamp,
    },
    /// A job runs now.
    RunJob {
        /// Which.
        job: Job,
        /// Whether nothing may change.
        is_dry: bool,
        /// When it was ordered.
        at: Timestamp,
    },
    /// A version of the models takes charge now, whatever the evidence.
    Promote {
        /// Which.
        version: u64,
        /// When it was ordered.
        at: Timestamp,
    },
    /// The models go one step back: a version on its way leaves, else the one in charge gives way to the one
    /// before it.
    RollBack {
        /// When it was ordered.
        at: Timestamp,
    },
    /// A strike is taken back: outcomes of the stretch teach again. What was learned from all but the
    /// stretches that stay struck comes with the order.
    Unstrike {
        /// The stretch that was struck.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
        /// What was learned with it.
        relearned: Box<Relearned>,
        /// When it was ordered.
        at: Timestamp,
    },
}

/// What an engine has learned, apart from everything else it knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relearned {
    /// The policy.
    pub policy: Policy,
    /// What each learner remembers, by name.
    pub learners: Vec<(String, Vec<u8>)>,
    /// What the records beside the learners hold.
    pub records: Vec<u8>,
}

/// What the engine hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// All bars that closed at the same millisecond, in the order of symbols, at most one each.
    Bars {
        /// When they closed.
        closed_at: Timestamp,
        /// The bars.
        bars: Vec<TimedBar>,
    },
    /// Readings that became public at one moment.
    Readings(Vec<Reading>),
    /// News of the venue.
    Venue(VenueNews),
    /// News of models.
    Model(ModelNews),
    /// A person's order.
    Command(Command),
}
