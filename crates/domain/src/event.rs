//! What the engine hears. Everything it knows is a fold over these.

use serde::{Deserialize, Serialize};

use crate::{Bar, Policy, SymbolIx, Timestamp, VenueNews};

/// A bar and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimedBar {
    /// On what.
    pub symbol: SymbolIx,
    /// The bar.
    pub bar: Bar,
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
    /// News of the venue.
    Venue(VenueNews),
    /// A person's order.
    Command(Command),
}
