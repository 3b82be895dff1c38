//! What a training learns from: every decision's row, kept until it has turned out and for as long as a
//! training may look back, and the closes its window is made of. As of a moment it knows what was known then
//! and nothing later.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::Context;
use domain::{Effects, Outcome, Strikes, Timestamp, Training, WINDOW_BARS};
use models::{Closes, Sample, Samples};
use store::{CloseRecord, JOURNAL_TOLD, RunNo, Store, StoredCloses, ToldCount};

/// Decisions with what they came to, in the order in which they were taken.
pub(crate) struct LearningSet {
    features: usize,
    decisions: VecDeque<Decided>,
    /// The number of the first of them.
    first_no: u64,
    /// By the symbol's place.
    closes: Vec<Closes>,
}

struct Decided {
    decided_at: Timestamp,
    present: u64,
    row: Box<[f32]>,
    fate: Option<Fate>,
}

/// What a decision came to, and when that was heard.
struct Fate {
    heard_at: Timestamp,
    teaches: bool,
    sample: Sample,
}

/// The samples of a training.
pub(crate) struct Learned {
    /// The newest that had settled, in the order of decisions.
    pub(crate) samples: Samples,
    /// What had settled before them and is too much to be learned from.
    pub(crate) older: u64,
    /// Decisions that had not settled.
    pub(crate) waiting: u64,
    /// Outcomes across missing bars, and struck ones.
    pub(crate) left_out: u64,
}

impl LearningSet {
    /// Nothing yet, about so many symbols.
    pub(crate) fn new(symbols: usize) -> LearningSet {
        LearningSet {
            features: forecast::FEATURE_COUNT,
            decisions: VecDeque::new(),
            first_no: 0,
            closes: vec![Closes::default(); symbols],
        }
    }

    /// What a run has stored of what was decided from `since` on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn of_store(
        store: &mut Store,
        run: RunNo,
        symbols: usize,
        since: Timestamp,
    ) -> anyhow::Result<LearningSet> {
        let mut set = LearningSet::new(symbols);
        store.decisions(run, |record| {
            if record.decision.decided_at >= since {
                let row = record.row.iter().copied();
                set.decide(record.decision.no, record.decision.decided_at, record.present, row);
            }
        })?;
        let mut outcomes = Vec::new();
        store.outcomes(run, |outcome| outcomes.push(outcome))?;
        let mut left = outcomes.iter();
        for told in told(store, run)? {
            let heard = left.by_ref().take(told.outcomes as usize);
            heard.for_each(|outcome| set.turn_out(outcome, told.at));
        }
        left.for_each(|outcome| set.turn_out(outcome, outcome.closed_at));
        let all = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        for (own, stored) in set.closes.iter_mut().zip(store.closes(run, all.0, all.1)?) {
            let StoredCloses { values, closed_at, in_a_row } = stored;
            *own = Closes { values, closed_at, in_a_row };
        }
        set.forget_before(since);
        Ok(set)
    }

    /// Takes in what the bars of one moment led to, and their closes.
    pub(super) fn hear(&mut self, closed_at: Timestamp, effects: &Effects, closes: &[CloseRecord]) {
        let rows = effects.rows.chunks_exact(self.features).zip(&effects.rows_present);
        for (decision, (row, present)) in effects.decisions.iter().zip(rows) {
            self.decide(decision.no, decision.decided_at, *present, row.iter().copied());
        }
        effects.outcomes.iter().for_each(|outcome| self.turn_out(outcome, closed_at));
        closes.iter().for_each(|close| self.close(close));
    }

    fn decide(
        &mut self,
        no: u64,
        decided_at: Timestamp,
        present: u64,
        row: impl Iterator<Item = f64>,
    ) {
        if self.decisions.is_empty() {
            self.first_no = no;
        }
        let row = row.map(|value| value as f32).collect();
        self.decisions.push_back(Decided { decided_at, present, row, fate: None });
    }

    fn turn_out(&mut self, outcome: &Outcome, heard_at: Timestamp) {
        // One that was decided before all that is kept is too old to be learned from.
        let Some(at) = outcome.decision_no.checked_sub(self.first_no) else { return };
        let Some(decided) = self.decisions.get_mut(at as usize) else { return };
        let sample = Sample::of(outcome, decided.present);
        decided.fate = Some(Fate { heard_at, teaches: outcome.teaches(), sample });
    }

    fn close(&mut self, record: &CloseRecord) {
        let Some(closes) = self.closes.get_mut(record.symbol.at()) else { return };
        closes.values.push(record.close);
        closes.closed_at.push(record.closed_at);
        closes.in_a_row.push(record.in_a_row);
    }

    /// Lets go of what was decided before a moment, and of closes no window of what is left looks at.
    pub(super) fn forget_before(&mut self, since: Timestamp) {
        while self.decisions.front().is_some_and(|decided| decided.decided_at < since) {
            self.decisions.pop_front();
            self.first_no += 1;
        }
        for closes in &mut self.closes {
            let old = closes.closed_at.partition_point(|at| *at < since);
            let old = old.saturating_sub(WINDOW_BARS);
            // Moving what is left is dear, so that it is done once for many.
            if old > closes.values.len() / 2 {
                closes.values.drain(..old);
                closes.closed_at.drain(..old);
                closes.in_a_row.drain(..old);
            }
        }
    }

    /// What a training learns from, as of the moment it was asked for: the newest so many that had settled. What
    /// is struck is left out.
    pub(crate) fn learned(&self, training: &Training, strikes: &Strikes, most: usize) -> Learned {
        let closes = self.closes.iter().map(|closes| Arc::new(looked_at(closes, training)));
        let samples = Samples::new(self.features, closes.collect());
        let mut learned = Learned { samples, older: 0, waiting: 0, left_out: 0 };
        let within =
            |decided: &&Decided| (training.since..=training.asked_at).contains(&decided.decided_at);
        let mut taken = Vec::new();
        for decided in self.decisions.iter().rev().filter(within) {
            match decided.settled(training.asked_at) {
                None => learned.waiting += 1,
                Some(fate) if !fate.teaches || strikes.holds(decided.decided_at) => {
                    learned.left_out += 1;
                }
                Some(_) if taken.len() >= most => learned.older += 1,
                Some(fate) => taken.push((decided, &fate.sample)),
            }
        }
        for (decided, sample) in taken.into_iter().rev() {
            let row = decided.row.iter().map(|value| f64::from(*value));
            learned.samples.push(sample.clone(), row);
        }
        learned
    }
}

impl Decided {
    /// What it came to, where that was heard by then and would have been however it had ended.
    fn settled(&self, known_to: Timestamp) -> Option<&Fate> {
        let fate = self.fate.as_ref()?;
        (fate.heard_at <= known_to && fate.sample.settled_at() <= known_to).then_some(fate)
    }
}

/// What a training looks at: its own stretch, a window before it, and nothing after. However much more is
/// kept, it is the same. Of a symbol that has left the market since, nothing: its last closes are of another time.
fn looked_at(closes: &Closes, training: &Training) -> Closes {
    let first = closes.closed_at.partition_point(|at| *at < training.since);
    let known = closes.closed_at.partition_point(|at| *at <= training.asked_at);
    let from = if first == known { known } else { first.saturating_sub(WINDOW_BARS) };
    let range = from..known;
    Closes {
        values: closes.values[range.clone()].to_vec(),
        closed_at: closes.closed_at[range.clone()].to_vec(),
        in_a_row: closes.in_a_row[range].to_vec(),
    }
}

/// How much was told at each moment, in order.
fn told(store: &mut Store, run: RunNo) -> anyhow::Result<Vec<ToldCount>> {
    let mut told = Vec::new();
    for entry in store.journal(run)?.into_iter().filter(|entry| entry.kind == JOURNAL_TOLD) {
        let mut some: Vec<ToldCount> =
            postcard::from_bytes(&entry.body).context("read the journal")?;
        told.append(&mut some);
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use domain::PlannedTraining;

    use super::*;

    fn hours(from: i64, count: i64) -> Closes {
        let closed_at = (from..from + count).map(|hour| Timestamp::from_ms(hour * 3_600_000));
        let in_a_row = 1..=count as u32;
        Closes {
            values: vec![1.0; count as usize],
            closed_at: closed_at.collect(),
            in_a_row: in_a_row.collect(),
        }
    }

    #[test]
    fn a_training_looks_at_its_stretch_and_a_window_before_and_not_at_who_has_left() {
        let at = |hour: i64| Timestamp::from_ms(hour * 3_600_000);
        let plan: Vec<PlannedTraining> = Vec::new();
        let training =
            Training { no: 1, asked_at: at(2_000), ready_at: at(2_000), since: at(1_000), plan };
        let there = looked_at(&hours(0, 3_000), &training);
        assert_eq!(there.closed_at.first(), Some(&at(1_000 - WINDOW_BARS as i64)));
        assert_eq!(there.closed_at.last(), Some(&at(2_000)));
        assert_eq!(looked_at(&hours(0, 900), &training), Closes::default());
        assert_eq!(looked_at(&hours(0, 1_001), &training).values.len(), WINDOW_BARS + 1);
    }
}
