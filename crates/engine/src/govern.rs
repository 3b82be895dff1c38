//! When learners are asked, what becomes of what they propose, and what jobs tell. At most one version is
//! published per moment: what every bar asks and what jobs ask goes to the governor in one.

use domain::{
    Amendment, Command, Cycle, Effects, Finding, Job, JobRun, Phase, Policy, PolicyVersion, Reason,
    Refused, RunBy, SilencedBy, TimedBar, Timestamp,
};
use learn::Publication;

use crate::schedule::Due;
use crate::{Engine, State};

/// Which learners a job asks.
pub(crate) const fn cycles(job: Job) -> &'static [Cycle] {
    const NIGHT: [Cycle; Phase::ALL.len()] = [
        Cycle::Nightly(Phase::Preparation),
        Cycle::Nightly(Phase::Tuning),
        Cycle::Nightly(Phase::Acceleration),
        Cycle::Nightly(Phase::Learning),
        Cycle::Nightly(Phase::Allocation),
    ];
    match job {
        Job::FeeAudit => &[Cycle::FeeAudit],
        Job::OnlineLearning | Job::EndOfDay => &[Cycle::OnlineLearning],
        Job::Controller => &[Cycle::Controller],
        Job::Nightly => &NIGHT,
        _ => &[],
    }
}

impl Engine {
    /// Asks the learners whose time it is, and the jobs that are due theirs.
    pub(crate) fn govern(&mut self, at: Timestamp, bars: &[TimedBar], effects: &mut Effects) {
        // A frozen learner is a version of its own, and one moment has one: everything else waits a bar.
        if !self.settings.learns || self.freeze(at, effects) {
            return;
        }
        let mut amendments = Vec::new();
        self.ask(Cycle::EachBar, at, &mut amendments, effects);
        let mut due = std::mem::take(&mut self.bench.due);
        if self.state.schedule.is_due(at) {
            self.state.schedule.take_due(at, &mut due);
        }
        for cycle in due.iter().flat_map(|due| cycles(due.job)) {
            self.ask(*cycle, at, &mut amendments, effects);
        }
        let publication = self.publish(amendments, at, effects);
        for job in &due {
            self.train_by_job(job.job, at, effects);
            self.tell(job, &due, &publication, bars, at, effects);
        }
        due.clear();
        self.bench.due = due;
    }

    fn ask(
        &self,
        cycle: Cycle,
        at: Timestamp,
        amendments: &mut Vec<Amendment>,
        effects: &mut Effects,
    ) {
        let State { policy, watchdog, .. } = &self.state;
        for learner in self.learners.iter().filter(|learner| learner.cycle() == cycle) {
            if policy.is_silenced(learner.name()) || watchdog.is_guilty(learner.name()) {
                continue;
            }
            amendments.append(&mut learner.propose(policy, at));
            effects.trials.append(&mut learner.trials(policy, at));
        }
    }

    fn publish(
        &mut self,
        amendments: Vec<Amendment>,
        at: Timestamp,
        effects: &mut Effects,
    ) -> Publication {
        if amendments.is_empty() {
            return Publication::default();
        }
        let publication = self.governor.publish(&self.state.policy, amendments, at);
        self.state.watchdog.hear(&self.state.policy, &publication);
        effects.refused.extend_from_slice(&publication.refused);
        if let Some(version) = &publication.version {
            self.stand(version.clone(), effects);
        }
        publication
    }

    /// Freezes the next learner that a watchdog has found to misbehave; says whether there was one.
    fn freeze(&mut self, at: Timestamp, effects: &mut Effects) -> bool {
        let State { policy, watchdog, .. } = &self.state;
        let Some((learner, why)) = watchdog.next(policy) else { return false };
        let version = self.governor.silence(policy, learner, why, at);
        self.stand_if(version, effects);
        true
    }

    /// Runs a job for a person, now; the clock's schedule stays as it is. As a dry run it computes and tells
    /// everything and changes nothing.
    pub(crate) fn run_by_hand(
        &mut self,
        job: Job,
        is_dry: bool,
        at: Timestamp,
        effects: &mut Effects,
    ) {
        if !self.settings.learns {
            return;
        }
        let by = if is_dry { RunBy::DryRun } else { RunBy::Person };
        let due = Due { job, due_at: at, by };
        let mut amendments = Vec::new();
        for cycle in cycles(job) {
            self.ask(*cycle, at, &mut amendments, effects);
        }
        let publication = if is_dry {
            // What was looked at to be shown is no trial.
            effects.trials.clear();
            self.governor.publish(&self.state.policy, amendments, at)
        } else {
            self.publish(amendments, at, effects)
        };
        self.tell(&due, &[due], &publication, &[], at, effects);
    }

    /// Records a run, if it has anything to say: see [`Engine::is_worth_telling`].
    fn tell(
        &mut self,
        due: &Due,
        beside: &[Due],
        publication: &Publication,
        bars: &[TimedBar],
        at: Timestamp,
        effects: &mut Effects,
    ) {
        let by_clock = matches!(due.by, RunBy::Clock | RunBy::CatchUp);
        let was_asked = |learner: &str| self.asks(due.job, learner);
        let was_answered = publication.refused.iter().any(|r| was_asked(&r.amendment.learner));
        let published = publication.version.as_ref().filter(|version| {
            version.reason.amendments().iter().any(|amendment| was_asked(&amendment.learner))
        });
        let (published, was_dry) =
            (published.map(|version| version.policy.version), due.by == RunBy::DryRun);
        let moment = Moment { at, bars, beside, is_after_gap: !effects.gaps.is_empty() };
        let is_told = !by_clock
            || self.is_worth_telling(due.job, &moment)
            || published.is_some()
            || was_answered;
        if is_told {
            let mut findings = self.findings(due, &moment);
            for cycle in cycles(due.job) {
                findings.extend(self.answers(*cycle, publication, was_dry));
            }
            effects.jobs.push(JobRun {
                job: due.job,
                due_at: due.due_at,
                ran_at: at,
                by: due.by,
                published: published.filter(|_| !was_dry),
                findings,
            });
        }
        if by_clock {
            self.state.accounts.note(due.job, at);
        }
    }

    fn asks(&self, job: Job, name: &str) -> bool {
        let asked = |cycle: Cycle| cycles(job).contains(&cycle);
        self.learners.iter().any(|learner| learner.name() == name && asked(learner.cycle()))
    }

    /// What the learners of one cycle proposed, and what became of it; and which of them starve.
    fn answers(&self, cycle: Cycle, publication: &Publication, was_dry: bool) -> Vec<Finding> {
        let of = match cycle {
            Cycle::Nightly(phase) => phase.name(),
            Cycle::Controller => Job::Controller.name(),
            Cycle::FeeAudit => Job::FeeAudit.name(),
            Cycle::OnlineLearning => Job::OnlineLearning.name(),
            Cycle::EachBar => "each bar",
        };
        let (mut said, mut quiet, mut is_amiss) = (Vec::new(), Vec::new(), false);
        let mut starved = Vec::new();
        for learner in self.learners.iter().filter(|learner| learner.cycle() == cycle) {
            let name = learner.name();
            let answer = answer(name, publication, was_dry);
            is_amiss |= answer.is_nonsense;
            match (self.state.policy.is_silenced(name), answer.says) {
                (true, _) => said.push(format!("{name} is silenced")),
                (false, Some(says)) => said.push(says),
                (false, None) => quiet.push(name),
            }
            starved.extend(hungry(name, &learner.starved(&self.state.policy)));
        }
        if !quiet.is_empty() {
            said.push(format!("as it stands: {}", quiet.join(", ")));
        }
        let says = if said.is_empty() { "nobody to ask".to_owned() } else { said.join("; ") };
        let line = Finding { of: of.to_owned(), is_amiss, says };
        std::iter::once(line).chain(starved).collect()
    }

    /// A person's orders about the policy and what it is learned by.
    pub(crate) fn ordered(&mut self, command: &Command, effects: &mut Effects) {
        let (governor, policy) = (&self.governor, &self.state.policy);
        let version = match command {
            Command::Revert { to, at } => Some(governor.revert(policy, to, *at)),
            Command::Pin { pin, at } => governor.pin(policy, *pin, *at),
            Command::Unpin { value, at } => governor.unpin(policy, *value, *at),
            Command::Switch { learner, is_on, at } => self.switch(learner, *is_on, *at),
            Command::RunJob { job, is_dry, at } => {
                return self.run_by_hand(*job, *is_dry, *at, effects);
            }
            Command::Strike { from, to, relearned, at } => {
                let reason = Reason::Struck { from: *from, to: *to };
                return self.relearned(relearned, command, reason, *at, effects);
            }
            Command::Unstrike { from, to, relearned, at } => {
                let reason = Reason::Unstruck { from: *from, to: *to };
                return self.relearned(relearned, command, reason, *at, effects);
            }
            Command::Promote { version, at } => {
                let ruling = self.state.lineage.promote(*version, *at, &self.settings.models);
                return self.order_models(ruling, effects);
            }
            Command::RollBack { at } => {
                let ruling = self.state.lineage.roll_back(*at, &self.settings.models);
                return self.order_models(ruling, effects);
            }
            Command::Control { .. } => None,
        };
        self.stand_if(version, effects);
    }

    /// Nothing where there is no such learner.
    fn switch(&mut self, learner: &str, is_on: bool, at: Timestamp) -> Option<PolicyVersion> {
        if !self.learners.iter().any(|known| known.name() == learner) {
            return None;
        }
        if is_on {
            self.state.watchdog.forgive(learner);
            return self.governor.listen(&self.state.policy, learner, at);
        }
        self.governor.silence(&self.state.policy, learner, SilencedBy::Person, at)
    }

    pub(crate) fn stand_if(&mut self, version: Option<PolicyVersion>, effects: &mut Effects) {
        if let Some(version) = version {
            self.stand(version, effects);
        }
    }

    pub(crate) fn stand(&mut self, version: PolicyVersion, effects: &mut Effects) {
        self.compare_changed_exits_anew(&version.policy);
        self.state.policy = version.policy.clone();
        self.state.accounts.days.note_version(version.policy.version);
        for learner in &mut self.learners {
            learner.adopt(&version);
        }
        effects.versions.push(version);
    }

    /// The policy that stands.
    pub fn policy(&self) -> &Policy {
        &self.state.policy
    }
}

/// When a job runs, and what runs beside it.
pub(crate) struct Moment<'a> {
    pub(crate) at: Timestamp,
    /// Bars that closed at that moment.
    pub(crate) bars: &'a [TimedBar],
    /// Every job that is due.
    pub(crate) beside: &'a [Due],
    /// Whether bars were missing before those that closed now.
    pub(crate) is_after_gap: bool,
}

/// What became of what one learner proposed.
struct Answer {
    says: Option<String>,
    is_nonsense: bool,
}

fn answer(name: &str, publication: &Publication, was_dry: bool) -> Answer {
    let verb = if was_dry { "would change" } else { "changes" };
    let taken = publication.version.iter().flat_map(|version| version.reason.amendments());
    let taken = taken.filter(|amendment| amendment.learner == name).map(|amendment| {
        let outcomes = amendment.evidence.outcomes_effective;
        format!("{name} {verb} {} on {outcomes:.0} effective outcomes", amendment.change.what())
    });
    let is_its = |(refused, _): &(&Refused, _)| refused.amendment.learner == name;
    let refused = || publication.refused.iter().zip(&publication.why).filter(is_its);
    let refusals = refused().map(|(refused, _)| {
        format!("{name} is refused {}: {}", refused.amendment.change.what(), refused.why)
    });
    let lines: Vec<String> = taken.chain(refusals).collect();
    let is_nonsense = refused().any(|(_, why)| why.is_nonsense());
    Answer { says: (!lines.is_empty()).then(|| lines.join("; ")), is_nonsense }
}

/// What a learner lacks, in one line.
pub(crate) fn hungry(name: &str, starved: &[String]) -> Option<Finding> {
    const SHOWN: usize = 3;
    let mut says = starved.iter().take(SHOWN).cloned().collect::<Vec<String>>().join("; ");
    if starved.len() > SHOWN {
        says = format!("{says}; and {} more", starved.len() - SHOWN);
    }
    (!starved.is_empty()).then(|| Finding { of: name.to_owned(), is_amiss: false, says })
}
