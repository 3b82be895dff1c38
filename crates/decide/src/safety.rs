//! The safety governor (mission row S6): what a person allows, and what is not as it should be.
//!
//! It is a fold over events like everything else and goes into snapshots, so that neither a restart
//! nor a replay forgets a kill. It only ever restricts.

use std::collections::BTreeSet;

use domain::{Control, ExitMode, Restriction, StandingOrder};
use serde::{Deserialize, Serialize};

use crate::strictest;

/// What is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degradation {
    /// Bars are late: prices are old.
    DataStale,
    /// The venue does not answer.
    VenueUnreachable,
    /// An order was left without an answer: it may or may not stand.
    OrderUnknown,
    /// What the venue says we hold is not what we believe.
    HoldingsUnknown,
}

impl Degradation {
    /// All of them.
    pub const ALL: [Degradation; 4] = [
        Degradation::DataStale,
        Degradation::VenueUnreachable,
        Degradation::OrderUnknown,
        Degradation::HoldingsUnknown,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Degradation::DataStale => "data_stale",
            Degradation::VenueUnreachable => "venue_unreachable",
            Degradation::OrderUnknown => "order_unknown",
            Degradation::HoldingsUnknown => "holdings_unknown",
        }
    }

    /// Whether only a person may call it over. Silence ends when an answer comes; a book that was
    /// wrong once has a reason that nobody has seen yet.
    pub const fn waits_for_a_person(self) -> bool {
        matches!(self, Degradation::HoldingsUnknown)
    }
}

/// What a person allows and what is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    control: Control,
    degraded: BTreeSet<Degradation>,
}

impl Safety {
    /// Hears what a person allows from now on. Whoever says *run* has looked: what waits for a
    /// person is over. What does not, stays until it is.
    pub fn hear(&mut self, control: Control) {
        self.control = control;
        if control == Control::Run {
            self.degraded.retain(|cause| !cause.waits_for_a_person());
        }
    }

    /// From now on this is not as it should be.
    pub fn degrade(&mut self, cause: Degradation) {
        self.degraded.insert(cause);
    }

    /// It is again, as far as a machine may say so.
    pub fn recover(&mut self, cause: Degradation) {
        if !cause.waits_for_a_person() {
            self.degraded.remove(&cause);
        }
    }

    /// What a person allows.
    pub fn control(&self) -> Control {
        self.control
    }

    /// What is not as it should be.
    pub fn degraded(&self) -> impl Iterator<Item = Degradation> + '_ {
        self.degraded.iter().copied()
    }

    /// Whether anything is not as it should be.
    pub fn is_degraded(&self) -> bool {
        !self.degraded.is_empty()
    }

    /// How positions are to be left.
    pub fn exits(&self) -> ExitMode {
        self.restrictions().exits
    }

    /// The restrictions of every symbol's standing order that come from here.
    pub fn restrictions(&self) -> StandingOrder {
        let stop = |exits, cause: Restriction| StandingOrder {
            may_enter: false,
            exits,
            because: cause.bit(),
            ..StandingOrder::FREE
        };
        let ordered = match self.control {
            Control::Run => StandingOrder::FREE,
            Control::Pause => stop(ExitMode::AsPlanned, Restriction::Paused),
            Control::ReduceOnly => stop(ExitMode::Tight, Restriction::ReduceOnly),
            Control::Kill => stop(ExitMode::Flat, Restriction::Killed),
        };
        if !self.is_degraded() {
            return ordered;
        }
        // Leaving at once on prices or a book in doubt could do more harm than the stops that the
        // venue holds: what is open goes on as planned.
        strictest(ordered, stop(ExitMode::AsPlanned, Restriction::Degraded))
    }
}
