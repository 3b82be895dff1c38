//! The lineage: which version sits where, how it came there, and what is ruled on it next.

use domain::{ModelRecord, Outcome, RulingRecord, SEAT_COUNT, Seat, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rules::{DeployRule, ModelRules};

/// Who sits where, with what the duel and the watch have seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    seated: [u64; SEAT_COUNT],
    share: f64,
    trials: u64,
}

impl Lineage {
    /// The version in a seat; 0 where it is empty.
    pub fn seated(&self, seat: Seat) -> u64 {
        self.seated[seat.at()]
    }

    /// The share of decisions on which the challenger's vote is heard, 0..=1.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Whether a seat is compared: its model, or its emptiness, stands beside another.
    pub fn compares(&self, seat: Seat) -> bool {
        match seat {
            Seat::Champion => self.seated != [0; SEAT_COUNT],
            Seat::Challenger | Seat::Former => self.seated(seat) != 0,
        }
    }

    /// Whether a version sits somewhere or waits for a seat.
    pub fn holds(&self, version: u64) -> bool {
        self.seated.contains(&version)
    }

    /// A version that has just been trained takes the challenger's seat, or waits for it.
    pub fn enter(
        &mut self,
        record: &ModelRecord,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let _ = (at, rules);
        self.trials += 1;
        self.seated[Seat::Challenger.at()] = record.version;
        Vec::new()
    }

    /// Hears how a decision turned out that was taken with models beside it.
    pub fn observe(&mut self, outcome: &Outcome, rules: &ModelRules) {
        let _ = (outcome, rules);
    }

    /// What is to be done now. Seats move with it.
    pub fn rule(&mut self, at: Timestamp, rules: &ModelRules, by: DeployRule) -> Vec<RulingRecord> {
        let _ = (at, rules, by);
        Vec::new()
    }

    /// A person puts a version in charge. Only one that sits in a seat is there to be put.
    ///
    /// # Errors
    /// A sentence where it is not there.
    pub fn promote(
        &mut self,
        version: u64,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Result<Vec<RulingRecord>, String> {
        let _ = (at, rules);
        Err(format!("version {version} sits in no seat"))
    }

    /// A person has the models go one step back.
    ///
    /// # Errors
    /// A sentence where there is nothing to go back from.
    pub fn roll_back(
        &mut self,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Result<Vec<RulingRecord>, String> {
        let _ = (at, rules);
        Err("no model is seated".to_owned())
    }

    /// What was compared is forgotten: outcomes were struck.
    pub fn forget(&mut self) {}
}
