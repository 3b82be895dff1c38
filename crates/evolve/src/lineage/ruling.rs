//! What is ruled as decisions turn out, and how seats move with it.

use domain::{Grounds, RulingRecord, Seat, Stage, Timestamp};

use super::streams::{Ramp, Watched};
use super::{Lineage, Told};
use crate::judge::{Harm, Ruling, Standing, judge, judge_by_size};
use crate::rules::{DeployRule, ModelRules};

impl Lineage {
    /// What is to be done now. Seats move with it. Asked after every hour and every close: the evidence holds at
    /// every look, and what has not changed is not ruled again.
    pub fn rule(&mut self, at: Timestamp, rules: &ModelRules, by: DeployRule) -> Vec<RulingRecord> {
        if by == DeployRule::Evidence && self.watched.as_ref().is_some_and(Watched::calls_back) {
            return self.go_back(at, rules);
        }
        if self.is_void {
            return self.leave_void_share(at, rules);
        }
        let Some(contest) = &self.contest else { return Vec::new() };
        if self.seated(Seat::Challenger) == 0 {
            return Vec::new();
        }
        let canary = rules.canary();
        let ruling = match (by, &self.own) {
            (DeployRule::Seed, Some(own)) => judge_by_size(&own.means, &contest.duel, &canary),
            _ => judge(&contest.duel, &canary),
        };
        if let Ruling::Rollback(harm) = &ruling {
            return self.drop_challenger(harm, at, rules);
        }
        if self.ramp.is_some() {
            return self.climb(at, rules);
        }
        let grounds = || self.grounds(rules, by);
        match ruling {
            Ruling::KeepWatching { .. } | Ruling::Rollback(_) => Vec::new(),
            Ruling::Keep(standing) => {
                let record = self.settles(Told::Keep, rules).then(grounds);
                record.map_or_else(Vec::new, |grounds| self.keep(&standing, grounds, at))
            }
            Ruling::Canary(standing) => {
                let record = self.settles(Told::Canary, rules).then(grounds);
                record.map_or_else(Vec::new, |grounds| {
                    self.hear_a_share(&standing, grounds, at, rules)
                })
            }
            Ruling::Promote(_) if !rules.auto_deploy => self.propose(by, at, rules),
            Ruling::Promote(_) if by == DeployRule::Seed => {
                let says = "The gain is large: deployed at once, by its size alone (seed 004).";
                let grounds = grounds();
                self.put_in_charge(says.to_owned(), grounds, at, rules)
            }
            Ruling::Promote(standing) => self.begin_ramp(&standing, at, rules),
        }
    }

    /// Whether another word is due on the slot's effect. Chosen: a word stands for as many decisions as a step,
    /// so that the luck of one trade does not switch a share on and off.
    fn settles(&self, word: Told, rules: &ModelRules) -> bool {
        let is_first = self.told == Told::Nothing;
        let is_due = self.decisions_since_told >= u64::from(rules.step_decisions);
        self.told != word && (is_first || is_due)
    }

    fn keep(
        &mut self,
        standing: &Standing,
        grounds: Option<Grounds>,
        at: Timestamp,
    ) -> Vec<RulingRecord> {
        let (version, from) = (self.seated(Seat::Challenger), self.challenger_stage());
        (self.told, self.decisions_since_told, self.share) = (Told::Keep, 0, 0.0);
        let in_charge = self.in_charge();
        let says = match self.never_differed() {
            Some(nothing) => format!("{nothing}: {in_charge}."),
            None => format!("{}: not worth a change; {in_charge}.", self.says_gain(standing)),
        };
        vec![RulingRecord {
            grounds,
            ..self.record(version, "keep", from, Stage::Shadow, says, at)
        }]
    }

    fn hear_a_share(
        &mut self,
        standing: &Standing,
        grounds: Option<Grounds>,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let (version, from) = (self.seated(Seat::Challenger), self.challenger_stage());
        (self.told, self.decisions_since_told) = (Told::Canary, 0);
        self.share = if rules.auto_deploy { rules.canary_share } else { 0.0 };
        let (ruling, does) = match rules.auto_deploy {
            true => ("canary", format!("heard on {:.0} % of decisions", 100.0 * self.share)),
            false => ("watch", "watched, because nothing is deployed without a person".to_owned()),
        };
        let evidence =
            format!("evidence {:.1} of {:.0}", standing.evidence, standing.evidence_needed);
        let says = format!("{}, {evidence}: {does}.", self.says_gain(standing));
        let to = self.challenger_stage();
        vec![RulingRecord { grounds, ..self.record(version, ruling, from, to, says, at) }]
    }

    /// What would be deployed is put to a person, once for each version.
    fn propose(&mut self, by: DeployRule, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        let (version, stage) = (self.seated(Seat::Challenger), self.challenger_stage());
        if self.proposed == version {
            return Vec::new();
        }
        self.proposed = version;
        let grounds = self.grounds(rules, by);
        let says = format!("Version {version} would be deployed, and waits for a person.");
        vec![RulingRecord { grounds, ..self.record(version, "propose", stage, stage, says, at) }]
    }

    fn begin_ramp(
        &mut self,
        standing: &Standing,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        if let Some(contest) = &mut self.contest {
            contest.duel.fall_anew();
        }
        let says = format!(
            "{}, evidence {:.1} of {:.0}",
            self.says_gain(standing),
            standing.evidence,
            standing.evidence_needed
        );
        self.step(0, &says, at, rules)
    }

    /// The next step of a ramp; behind the last one is the champion's seat.
    fn climb(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        let Some(ramp) = &self.ramp else { return Vec::new() };
        if ramp.harm.rejects(rules.harm_alpha) {
            let evidence = ramp.harm.evidence();
            let harm = Harm::Worse { evidence, evidence_needed: 1.0 / rules.harm_alpha };
            return self.drop_challenger(&harm, at, rules);
        }
        if ramp.decisions < u64::from(rules.step_decisions) {
            return Vec::new();
        }
        let says =
            format!("No harm on {} decisions at {:.0} %", ramp.decisions, 100.0 * self.share);
        let next = ramp.step + 1;
        if next < Ramp::shares(rules).len() {
            return self.step(next, &says, at, rules);
        }
        let grounds = self.grounds(rules, DeployRule::Evidence);
        self.put_in_charge(format!("{says}: it is in charge."), grounds, at, rules)
    }

    fn step(
        &mut self,
        step: usize,
        says: &str,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let (version, from) = (self.seated(Seat::Challenger), self.challenger_stage());
        let grounds = self.grounds(rules, DeployRule::Evidence);
        self.share = Ramp::shares(rules)[step];
        self.ramp = Some(Ramp::step(step, at, rules));
        let says = format!("{says}: heard on {:.0} % of decisions.", 100.0 * self.share);
        vec![RulingRecord {
            grounds,
            ..self.record(version, "ramp", from, Stage::Canary, says, at)
        }]
    }

    /// A ramp or a canary whose evidence was struck is left: the version is compared from the beginning.
    fn leave_void_share(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        (self.ramp, self.is_void) = (None, false);
        let version = self.seated(Seat::Challenger);
        let says =
            "What its share rested on was struck: it is compared from the beginning.".to_owned();
        let mut records =
            vec![self.record(version, "keep", Stage::Canary, Stage::Shadow, says, at)];
        if let Some(next) = self.waiting.take() {
            records.extend(self.seat_newest(next, at, rules));
        }
        records
    }

    /// The challenger goes. What a ramp's evidence claimed is spent with it; a slot that was only watched goes
    /// on with its evidence, and is asked after harm anew.
    pub(super) fn drop_challenger(
        &mut self,
        harm: &Harm,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let (version, from) = (self.seated(Seat::Challenger), self.challenger_stage());
        let grounds = self.grounds(rules, DeployRule::Evidence);
        if self.ramp.is_some() {
            self.ask_anew(at);
        } else if let Some(contest) = &mut self.contest {
            contest.duel.harm_anew();
            contest.duel.fall_anew();
        }
        let seated = self.empty_challenger(at, rules);
        let dropped = RulingRecord {
            grounds,
            ..self.record(version, "drop", from, Stage::Retired, says_harm(harm), at)
        };
        std::iter::once(dropped).chain(seated).collect()
    }

    /// The challenger takes over, and whom it replaces stays beside it.
    pub(super) fn put_in_charge(
        &mut self,
        says: String,
        grounds: Option<Grounds>,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let (version, from) = (self.seated(Seat::Challenger), self.challenger_stage());
        let older = self.seated(Seat::Champion);
        self.share = 0.0;
        let promoted = self.record(version, "promote", from, Stage::Champion, says, at);
        let mut records = vec![RulingRecord { grounds, ..promoted }];
        if older != 0 {
            let says = format!("Version {version} is in charge; version {older} stays beside it.");
            records.push(self.record(
                older,
                "supersede",
                Stage::Champion,
                Stage::Retired,
                says,
                at,
            ));
        }
        self.seated = [version, 0, older];
        self.watched = Some(Watched::from(at));
        self.ask_anew(at);
        records.extend(self.empty_challenger(at, rules));
        records
    }

    /// The champion goes, and whom it replaced is in charge again: no model, if it was none.
    pub(super) fn go_back(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        let [champion, challenger, former] = self.seated;
        let stage = self.challenger_stage();
        let grounds = self.watch_grounds(rules);
        self.share = 0.0;
        let to = match former {
            0 => "no model is in charge".to_owned(),
            _ => format!("version {former} is in charge again"),
        };
        let whom = if former == 0 { "no model" } else { "whom it replaced" };
        let says = match &grounds {
            Some(grounds) => format!(
                "Gain {:+.3} R a decision over {whom}, evidence of harm {:.0} of {:.0}: {to}.",
                grounds.gain_mean_r, grounds.harm, grounds.harm_needed
            ),
            None => format!("Before anything was compared: {to}."),
        };
        let back = self.record(champion, "roll_back", Stage::Champion, Stage::Retired, says, at);
        let mut records = vec![RulingRecord { grounds, ..back }];
        if former != 0 {
            let says = format!("Version {champion} is gone.");
            records.push(self.record(former, "promote", Stage::Retired, Stage::Champion, says, at));
        }
        if challenger != 0 {
            let says = format!("Version {champion}, which it was compared with, is gone.");
            records.push(self.record(challenger, "drop", stage, Stage::Retired, says, at));
        }
        self.seated = [former, 0, 0];
        self.watched = None;
        self.ask_anew(at);
        records.extend(self.empty_challenger(at, rules));
        records
    }
}

impl Lineage {
    /// The gain of the slot's record, and how much of it is the seated version's own.
    fn says_gain(&self, standing: &Standing) -> String {
        let whose = if self.seated(Seat::Champion) == 0 { "no model's" } else { "the champion's" };
        let own = self.own.as_ref().map_or(0, |own| own.means.decisions());
        let of_which = match own < standing.decisions {
            true => format!(", of which {own} under this version"),
            false => String::new(),
        };
        format!(
            "Gain {:+.3} R a decision, {:+.1} % of {whose} or the floor, over {} decisions{of_which}",
            standing.gain_mean_r,
            100.0 * standing.improvement,
            standing.decisions,
        )
    }

    /// That no stake was ever another, where it is so.
    fn never_differed(&self) -> Option<String> {
        let duel = &self.contest.as_ref()?.duel;
        let (same, decisions) = (!duel.has_differed(), duel.decisions());
        same.then(|| {
            format!("It has said nothing that would have changed a stake in {decisions} decisions")
        })
    }
}

pub(super) fn says_harm(harm: &Harm) -> String {
    match harm {
        Harm::TooDeep { drawdown_r, drawdown_r_max } => {
            format!(
                "Its gain fell {drawdown_r:.1} R from its peak; {drawdown_r_max:.0} R is borne."
            )
        }
        Harm::Worse { evidence, evidence_needed } => {
            format!("Evidence of harm {evidence:.1} of {evidence_needed:.0}.")
        }
    }
}
