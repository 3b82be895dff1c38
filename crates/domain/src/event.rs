//! What the engine hears. Everything it knows is a fold over these.

use serde::{Deserialize, Serialize};

use crate::{Bar, Policy, Reading, SymbolIx, Timestamp, VenueNews};

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
        to: Policy,
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
    /// A person's order.
    Command(Command),
}
