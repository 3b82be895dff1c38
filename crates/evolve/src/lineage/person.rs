//! What a person orders.

use domain::{RulingRecord, Seat, Stage, Timestamp};

use super::Lineage;
use crate::rules::{DeployRule, ModelRules};

impl Lineage {
    /// A person puts a version in charge: one that sits in a seat, the former one by going back to it, or one
    /// that waits, for which the one on its ramp goes. Any other is brought back by [`Lineage::enter`] before.
    ///
    /// # Errors
    /// A sentence where it is not there.
    pub fn promote(
        &mut self,
        version: u64,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Result<Vec<RulingRecord>, String> {
        let seat = Seat::ALL.into_iter().find(|seat| self.seated(*seat) == version);
        let records = match seat.filter(|_| version != 0) {
            Some(Seat::Challenger) => self.put_challenger_in_charge(at, rules),
            Some(Seat::Former) => self.go_back(at, rules),
            Some(Seat::Champion) => return Err(format!("version {version} is in charge already")),
            None if self.waiting == Some(version) => {
                let mut records = self.send_away(at, rules);
                records.extend(self.put_challenger_in_charge(at, rules));
                records
            }
            None => return Err(format!("version {version} sits in no seat")),
        };
        Ok(by_person(records))
    }

    /// A person has the models go one step back: from a champion to whom it replaced, or to no model; from a
    /// challenger that is heard to one that is gone.
    ///
    /// # Errors
    /// A sentence where there is nothing to go back from.
    pub fn roll_back(
        &mut self,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Result<Vec<RulingRecord>, String> {
        if self.seated(Seat::Champion) != 0 {
            return Ok(by_person(self.go_back(at, rules)));
        }
        if self.seated(Seat::Challenger) == 0 || self.share() == 0.0 {
            return Err("no model is heard".to_owned());
        }
        let mut records = self.send_away(at, rules);
        if let Some(first) = records.first_mut() {
            first.by_person = true;
        }
        Ok(records)
    }

    fn put_challenger_in_charge(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        let grounds = self.grounds(rules, DeployRule::Evidence);
        let says = format!("A person put version {} in charge.", self.seated(Seat::Challenger));
        self.put_in_charge(says, grounds, at, rules)
    }

    fn send_away(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        let version = self.seated(Seat::Challenger);
        let grounds = self.grounds(rules, DeployRule::Evidence);
        if self.is_on_ramp() {
            self.ask_anew(at);
        }
        let seated = self.empty_challenger(at, rules);
        let says = format!("A person sent version {version} away.");
        let gone = RulingRecord {
            grounds,
            ..self.record(version, "drop", Stage::Canary, Stage::Retired, says, at)
        };
        std::iter::once(gone).chain(seated).collect()
    }
}

/// The seats that a person moves, and those that move with them.
fn by_person(records: Vec<RulingRecord>) -> Vec<RulingRecord> {
    let of = |record: RulingRecord| {
        let by_person = record.ruling != "enter";
        RulingRecord { by_person, ..record }
    };
    records.into_iter().map(of).collect()
}
