//! How learning went since the last checkpoint, brought to as few rows as tell it.

use domain::{Effects, Job, JobRun, Refused, RunBy, Trial};
use store::{JobCount, Refusal, ToldCount};

/// What is recorded of it.
#[derive(Default)]
pub(super) struct Schooling {
    /// Runs of jobs that came to something.
    pub(super) jobs: Vec<JobRun>,
    /// Trials of searches.
    pub(super) trials: Vec<Trial>,
    /// How much was told at each moment.
    pub(super) told: Vec<ToldCount>,
    counts: Vec<JobCount>,
    refusals: Vec<Refusal>,
}

impl Schooling {
    /// Takes in what one step led to.
    pub(super) fn record(&mut self, effects: &Effects) {
        effects.jobs.iter().for_each(|run| self.ran(run));
        effects.refused.iter().for_each(|refused| self.refuse(refused));
        self.trials.extend_from_slice(&effects.trials);
        if let Some(point) = &effects.equity {
            self.told.push(ToldCount {
                at: point.at,
                outcomes: effects.outcomes.len() as u32,
                horizons: effects.horizons.len() as u32,
                what_ifs: effects.what_ifs.len() as u32,
            });
        }
    }

    /// How often each job ran.
    pub(super) fn counts(&self) -> &[JobCount] {
        &self.counts
    }

    /// What was turned away.
    pub(super) fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// Forgets it all and keeps the room.
    pub(super) fn clear(&mut self) {
        self.jobs.clear();
        self.trials.clear();
        self.told.clear();
        self.counts.clear();
        self.refusals.clear();
    }

    fn ran(&mut self, run: &JobRun) {
        match self.counts.iter_mut().find(|count| count.job == run.job) {
            Some(count) => count.add(run),
            None => self.counts.push(JobCount::of(run)),
        }
        if came_to_something(run) {
            self.jobs.push(run.clone());
        }
    }

    /// The same proposal is turned away bar after bar for the same reason with other numbers; one line
    /// with a count says as much.
    fn refuse(&mut self, refused: &Refused) {
        let same = |told: &&mut Refusal| {
            told.amendment.learner == refused.amendment.learner
                && told.amendment.change.what() == refused.amendment.change.what()
                && letters(&told.why).eq(letters(&refused.why))
        };
        if let Some(told) = self.refusals.iter_mut().find(same) {
            told.times += 1;
            told.last_at = refused.at;
            told.why.clone_from(&refused.why);
            told.amendment.clone_from(&refused.amendment);
            return;
        }
        self.refusals.push(Refusal {
            amendment: refused.amendment.clone(),
            why: refused.why.clone(),
            times: 1,
            first_at: refused.at,
            last_at: refused.at,
        });
    }
}

/// Whether a run deserves a row: with hourly bars four jobs run with every one of them, and a row each
/// would be most of the store.
fn came_to_something(run: &JobRun) -> bool {
    let is_rare =
        !matches!(run.job, Job::FeeAudit | Job::Recovery | Job::TriggerCheck | Job::OnlineLearning);
    is_rare
        || run.published.is_some()
        || matches!(run.by, RunBy::Person | RunBy::DryRun)
        || run.findings.iter().any(|finding| finding.is_amiss)
}

/// A reason without its numbers.
fn letters(why: &str) -> impl Iterator<Item = char> + '_ {
    why.chars().filter(|letter| letter.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use domain::{Amendment, Change, Evidence, Finding, Timestamp};

    use super::*;

    fn run(job: Job, at: i64, is_amiss: bool) -> JobRun {
        let at = Timestamp::from_ms(at);
        let finding = Finding { of: "x".to_owned(), is_amiss, says: "y".to_owned() };
        let by = RunBy::Clock;
        JobRun { job, due_at: at, ran_at: at, by, published: None, findings: vec![finding] }
    }

    fn refused(effective: f64, at: i64) -> Refused {
        let change = Change::Threshold { threshold: domain::Threshold::FeeMargin, to: 2.0 };
        let evidence = Evidence::of(9, effective);
        Refused {
            amendment: Amendment { learner: "gates".to_owned(), change, evidence },
            at: Timestamp::from_ms(at),
            why: format!("rests on {effective:.1} effective outcomes, needs 50"),
        }
    }

    #[test]
    fn frequent_jobs_are_counted_and_only_kept_where_something_is_amiss() {
        let mut schooling = Schooling::default();
        for at in 0..100 {
            let jobs = vec![run(Job::FeeAudit, at, at == 7), run(Job::Recovery, at, false)];
            schooling.record(&Effects { jobs, ..Effects::default() });
        }
        let jobs = vec![run(Job::Nightly, 100, false)];
        schooling.record(&Effects { jobs, ..Effects::default() });
        assert_eq!(schooling.jobs.len(), 2);
        let told: Vec<_> = schooling
            .counts()
            .iter()
            .map(|c| (c.job, c.times, c.amiss, c.last_ran_at.ms()))
            .collect();
        let due =
            [(Job::FeeAudit, 100, 1, 99), (Job::Recovery, 100, 0, 99), (Job::Nightly, 1, 0, 100)];
        assert_eq!(told, due);
    }

    #[test]
    fn what_is_turned_away_again_and_again_is_one_line_with_the_last_numbers() {
        let mut schooling = Schooling::default();
        for at in 0..40 {
            let mut other = refused(9.0, at);
            other.why = "the learner is silenced".to_owned();
            let refused = vec![refused(at as f64, at), other];
            schooling.record(&Effects { refused, ..Effects::default() });
        }
        let told = schooling.refusals();
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].times, told[0].first_at.ms(), told[0].last_at.ms()), (40, 0, 39));
        assert!(told[0].why.contains("39.0"), "{}", told[0].why);
        schooling.clear();
        assert!(schooling.refusals().is_empty() && schooling.counts().is_empty());
    }
}
