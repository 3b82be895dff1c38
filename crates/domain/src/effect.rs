//! What the engine wants done and recorded after an event.

use crate::{
    Amendment, Decision, HorizonOutcome, Instruction, JobRun, Money, Outcome, PolicyVersion,
    RulingRecord, SymbolIx, Timestamp, Trade, Training, Trial, WhatIfOutcome,
};

/// Equity at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EquityPoint {
    /// When.
    pub at: Timestamp,
    /// Cash and open positions at the last closes, quote units.
    pub equity: f64,
    /// The start, less what was bought and fees, plus what was sold, exact.
    pub cash: Money,
    /// Positions held.
    pub positions: u32,
}

/// Bars that went missing inside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// On what.
    pub symbol: SymbolIx,
    /// When the last bar before it closed.
    pub from: Timestamp,
    /// When the first bar after it opened.
    pub to: Timestamp,
    /// How many are missing.
    pub bars_missing: u32,
}

/// An amendment that the governor did not take.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The amendment.
    pub amendment: Amendment,
    /// When it was proposed.
    pub at: Timestamp,
    /// Why not, with the numbers.
    pub why: String,
}

/// Everything one step leads to. The world owns it and hands it in again, so that a step allocates nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// What is asked of the venue.
    pub instructions: Vec<Instruction>,
    /// Decisions taken, in order.
    pub decisions: Vec<Decision>,
    /// Their feature rows, one after another, all of the registry's length.
    pub rows: Vec<f64>,
    /// Which features were present, one mask per decision.
    pub rows_present: Vec<u64>,
    /// Outcomes that became known, in the order they were learned from.
    pub outcomes: Vec<Outcome>,
    /// Horizons that matured.
    pub horizons: Vec<HorizonOutcome>,
    /// The same entries under other exit plans, where both are known.
    pub what_ifs: Vec<WhatIfOutcome>,
    /// Positions that closed.
    pub trades: Vec<Trade>,
    /// Policy versions published.
    pub versions: Vec<PolicyVersion>,
    /// Amendments that the governor did not take, and why.
    pub refused: Vec<Refused>,
    /// Orders of a person that were not carried out, and why; a sentence each.
    pub declined: Vec<String>,
    /// Jobs that ran.
    pub jobs: Vec<JobRun>,
    /// Trials of searches.
    pub trials: Vec<Trial>,
    /// Trainings that are asked for.
    pub trainings: Vec<Training>,
    /// What was ruled on models.
    pub rulings: Vec<RulingRecord>,
    /// Gaps met.
    pub gaps: Vec<Gap>,
    /// Shadows that were given up because their symbol had too many; they have no outcome.
    pub evicted: u32,
    /// Equity after the event, where it moved time.
    pub equity: Option<EquityPoint>,
}

impl Effects {
    /// Empties it and keeps its room.
    pub fn clear(&mut self) {
        self.instructions.clear();
        self.decisions.clear();
        self.rows.clear();
        self.rows_present.clear();
        self.outcomes.clear();
        self.horizons.clear();
        self.what_ifs.clear();
        self.trades.clear();
        self.versions.clear();
        self.refused.clear();
        self.declined.clear();
        self.jobs.clear();
        self.trials.clear();
        self.trainings.clear();
        self.rulings.clear();
        self.gaps.clear();
        self.evicted = 0;
        self.equity = None;
    }
}
