//! The lineage: which version sits where, how it came there, and what is ruled on it next.
//!
//! The newest version sits in the challenger's seat, and the slot as such is compared with the champion: "does
//! the newest model beat the one in charge?" is one hypothesis, tested once at full α, whoever sits there
//! meanwhile (methods, Decision 2). With enough evidence the one that sits there climbs a ramp, and is then in
//! charge. Whom it replaced stays in the former's seat, and both are compared for as long as it is in charge.
//!
//! A change of champion, a ramp that ended in harm, and outcomes that are struck close a hypothesis. The next one has the next number and
//! again the full α: the error is bounded for each claim that is made, and the number says how many there were.

mod grounds;
mod latest;
mod person;
mod ruling;
mod streams;
mod tried;

use domain::{ModelRecord, Outcome, RulingRecord, SEAT_COUNT, Seat, Stage, Timestamp};
use serde::{Deserialize, Serialize};

pub use latest::LatestReport;

use crate::rules::ModelRules;
use latest::Latest;
use streams::{Contest, Own, Ramp, Watched};
use tried::Tried;

/// What was last said of the slot's effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    #[default]
    Nothing,
    Keep,
    Canary,
}

/// Who sits where, with what the duel and the watch have seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    seated: [u64; SEAT_COUNT],
    share: f64,
    /// A version that waits until the one before it has left its ramp.
    waiting: Option<u64>,
    /// The standing hypothesis' number, from 1, and when it began.
    hypothesis: u64,
    since: Timestamp,
    contest: Option<Contest>,
    own: Option<Own>,
    ramp: Option<Ramp>,
    /// There as long as the former's seat means something, empty or not.
    watched: Option<Watched>,
    tried: Tried,
    latest: Latest,
    told: Told,
    /// Decisions compared since it was told.
    decisions_since_told: u64,
    /// The version that was last proposed to a person.
    proposed: u64,
    /// The newest version that ever came.
    newest: u64,
    /// A share of decisions rests on what was struck.
    is_void: bool,
}

impl Lineage {
    /// The version in a seat; 0 where it is empty.
    pub fn seated(&self, seat: Seat) -> u64 {
        self.seated[seat.at()]
    }

    /// Whether a seat is compared: its model, or its emptiness, stands beside another.
    pub fn compares(&self, seat: Seat) -> bool {
        match seat {
            Seat::Champion => self.seated != [0; SEAT_COUNT],
            Seat::Challenger => self.seated(seat) != 0,
            Seat::Former => self.watched.is_some(),
        }
    }

    /// The version that waits for the challenger's seat. Its model is kept as those that are seated.
    pub fn waiting(&self) -> Option<u64> {
        self.waiting
    }

    /// Whether a version's model is needed.
    pub fn holds(&self, version: u64) -> bool {
        version != 0 && (self.seated.contains(&version) || self.waiting == Some(version))
    }

    /// The share of decisions on which the challenger's vote is heard, 0..=1.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Versions trained on this line so far.
    pub fn trials(&self) -> u64 {
        self.tried.count()
    }

    /// The number of the hypothesis that stands, from 1; 0 before the first version.
    pub fn hypothesis(&self) -> u64 {
        self.hypothesis
    }

    /// Whether the champion is watched beside whom it replaced.
    pub fn is_watched(&self) -> bool {
        self.watched.is_some()
    }

    /// Whether the challenger climbs its ramp.
    pub fn is_on_ramp(&self) -> bool {
        self.ramp.is_some()
    }

    /// What the line did beside what always deploying the latest would have done. While a version waits for
    /// the other's ramp, the latest is the one that is seated.
    pub fn latest_against_rule(&self, rules: &ModelRules) -> LatestReport {
        self.latest.report(rules)
    }

    /// A version takes the challenger's seat, or waits for it: one that has just been trained, or an older one
    /// that a person brings back, which was counted when it was new. One that sits or waits stays where it is.
    pub fn enter(
        &mut self,
        record: &ModelRecord,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let version = record.version;
        if self.holds(version) {
            return Vec::new();
        }
        if version > self.newest {
            self.newest = version;
            self.tried.count_one();
        }
        if self.hypothesis == 0 {
            (self.hypothesis, self.since) = (1, at);
        }
        if self.ramp.is_none() {
            return self.seat_newest(version, at, rules);
        }
        let climbing = self.seated(Seat::Challenger);
        let mut records = Vec::new();
        if let Some(older) = self.waiting.replace(version) {
            let says = self.replaces(version, format!("version {older} never sat"));
            records.push(self.record(
                older,
                "supersede",
                Stage::Candidate,
                Stage::Retired,
                says,
                at,
            ));
        }
        let says = format!("Version {version} waits while version {climbing} is on its ramp.");
        records.push(self.record(version, "enter", Stage::Candidate, Stage::Candidate, says, at));
        records
    }

    /// Hears how a decision turned out that was taken with models beside it. Seats may have moved since: for the
    /// slot it counts while the champion is the one it was taken under, for a version if it sat there then.
    pub fn observe(&mut self, outcome: &Outcome, rules: &ModelRules) {
        if !(outcome.teaches() && outcome.r.is_finite()) {
            return;
        }
        let is_watched = self.watched.as_ref().is_some_and(|watched| watched.covers(outcome));
        self.latest.hear(outcome, is_watched, rules);
        let [champion, challenger, former] = outcome.basis.modelled.seated.map(u64::from);
        if champion != self.seated(Seat::Champion) || self.hypothesis == 0 {
            return;
        }
        if former == self.seated(Seat::Former)
            && let Some(watched) = &mut self.watched
        {
            watched.hear(outcome, rules);
        }
        if challenger != 0 {
            self.compare(challenger, outcome, rules);
        }
    }

    fn compare(&mut self, challenger: u64, outcome: &Outcome, rules: &ModelRules) {
        let is_seated = challenger == self.seated(Seat::Challenger);
        if !self.open_contest(rules).hear(outcome, rules) {
            return;
        }
        if is_seated {
            self.hear_of_seated(outcome, rules);
        }
        self.decisions_since_told += 1;
    }

    fn hear_of_seated(&mut self, outcome: &Outcome, rules: &ModelRules) {
        let Lineage { tried, contest, own, .. } = self;
        if let (Some(own), Some(contest)) = (own, contest) {
            own.hear(outcome, rules, |block| {
                tried.observe(block);
                contest.duel.bear(block);
            });
        }
        if let Some(ramp) = &mut self.ramp {
            ramp.hear(outcome, rules);
        }
    }

    /// What was compared is forgotten: outcomes were struck. The next hypothesis begins, because the one that
    /// stood had its looks; who sits where stays, and so does the count of trials. A share that rests on what
    /// was struck is taken back at once, and told at the next ruling.
    pub fn forget(&mut self) {
        if self.hypothesis > 0 {
            self.ask_anew(self.since);
        }
        self.own = self.own.as_ref().map(Own::anew);
        self.watched = self.watched.as_ref().map(Watched::anew);
        self.is_void |= self.share > 0.0;
        (self.told, self.decisions_since_told, self.share) = (Told::Nothing, 0, 0.0);
        self.tried.forget();
        self.latest = Latest::default();
    }

    /// Where the challenger stands.
    fn challenger_stage(&self) -> Stage {
        if self.share > 0.0 { Stage::Canary } else { Stage::Shadow }
    }

    /// Puts a version into the challenger's seat, whoever sits there. What the slot has shown goes on.
    fn seat_newest(
        &mut self,
        version: u64,
        at: Timestamp,
        rules: &ModelRules,
    ) -> Vec<RulingRecord> {
        let mut records = Vec::new();
        let (older, stage) = (self.seated(Seat::Challenger), self.challenger_stage());
        if older != 0 {
            let says = self.replaces(version, format!("it takes the seat of version {older}"));
            records.push(self.record(older, "supersede", stage, Stage::Retired, says, at));
        }
        self.seated[Seat::Challenger.at()] = version;
        self.own = Some(Own::from(at));
        self.tried.begin();
        self.is_void = false;
        self.open_contest(rules).duel.fall_anew();
        let champion = self.seated(Seat::Champion);
        let says = match champion {
            0 => format!("Version {version} is compared with no model on the same decisions."),
            _ => format!(
                "Version {version} is compared with version {champion} on the same decisions."
            ),
        };
        records.push(self.record(version, "enter", Stage::Candidate, stage, says, at));
        records
    }

    /// Nobody challenges, unless somebody waits for it.
    fn empty_challenger(&mut self, at: Timestamp, rules: &ModelRules) -> Vec<RulingRecord> {
        self.seated[Seat::Challenger.at()] = 0;
        self.share = 0.0;
        self.told = Told::Nothing;
        (self.ramp, self.own, self.is_void) = (None, None, false);
        let next = self.waiting.take();
        next.map_or_else(Vec::new, |next| self.seat_newest(next, at, rules))
    }

    /// The comparison of the standing hypothesis, from its beginning on.
    fn open_contest(&mut self, rules: &ModelRules) -> &mut Contest {
        let since = self.since;
        self.contest.get_or_insert_with(|| Contest::open(since, rules))
    }

    /// The next hypothesis begins, with nothing heard.
    fn ask_anew(&mut self, at: Timestamp) {
        self.hypothesis += 1;
        self.since = at;
        self.contest = None;
    }

    fn replaces(&self, version: u64, what: String) -> String {
        let comes = if version < self.newest { "comes back" } else { "is newer" };
        format!("Version {version} {comes}: {what}.")
    }

    /// Who is in charge, for the wording of what is ruled.
    fn in_charge(&self) -> String {
        match self.seated(Seat::Champion) {
            0 => "no model is in charge".to_owned(),
            version => format!("version {version} stays in charge"),
        }
    }

    fn record(
        &self,
        version: u64,
        ruling: &str,
        from: Stage,
        to: Stage,
        says: String,
        at: Timestamp,
    ) -> RulingRecord {
        RulingRecord {
            at,
            version,
            champion: self.seated(Seat::Champion),
            ruling: ruling.to_owned(),
            from,
            to,
            share: match to {
                Stage::Champion => 1.0,
                Stage::Canary => self.share,
                Stage::Candidate | Stage::Shadow | Stage::Retired => 0.0,
            },
            by_person: false,
            grounds: None,
            says,
        }
    }
}
