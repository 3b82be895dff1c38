//! Results in blocks that share nothing with each other, so that an e-process may multiply over them.
//!
//! Outcomes that overlap move together: a product over them would take one stroke of luck for many. And those
//! that close early are mostly stops: heard in the order of their closing, losses would come first. So results
//! wait until the longest hold is over, are taken in the order of their decisions, and a block begins only
//! after everything in the one before it has closed. All of this is known when a decision is taken, so that a
//! block's value has no expectation but its decisions' own (methods §5, "by entry decision filtration").

use std::collections::VecDeque;

use domain::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};

/// Moments of decision in a block. Chosen: with one, a quarter of a crowded stream's worth is lost in waiting;
/// with ten, a strong effect in a sparse one is blurred.
const MOMENTS: u32 = 4;

/// Results that may wait at once; beyond them the oldest moment is left out whole: only its quick closers, most
/// of them stops, may have come in yet. Chosen: a tenth of what a slice may
/// keep (methods, Decision 12).
const WAITING_MAX: usize = 2_000;

/// A result on its way into a block.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    decided_at: Timestamp,
    closed_at: Timestamp,
    r: f64,
}

/// Decisions of one moment: they stand together for one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Moment {
    decided_at: Timestamp,
    sum_r: f64,
    count: f64,
}

/// A stream of results that gives a value for every block that is complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Blocks {
    waiting: VecDeque<Waiting>,
    /// The longest hold of any decision heard, milliseconds.
    hold_ms: i64,
    /// What was decided before this shares time with a block that is complete, or came too late.
    free_from: Timestamp,
    open: Option<Moment>,
    /// Latest close of anything in the block.
    closes_at: Timestamp,
    moments: u32,
    sum_r: f64,
}

impl Blocks {
    /// An empty stream of what is decided from `from` on.
    pub(crate) fn from(from: Timestamp) -> Blocks {
        Blocks {
            waiting: VecDeque::new(),
            hold_ms: 0,
            free_from: from,
            open: None,
            closes_at: from,
            moments: 0,
            sum_r: 0.0,
        }
    }

    /// Hears a result and hands on the mean of every block that is complete with it, units of initial risk.
    pub(crate) fn hear(&mut self, outcome: &Outcome, mut complete: impl FnMut(f64)) {
        const MINUTE_MS: f64 = 60_000.0;
        self.hold_ms = self.hold_ms.max((f64::from(outcome.basis.hold_min) * MINUTE_MS) as i64);
        self.wait(outcome);
        while let Some(next) = self.waiting.front() {
            let is_due = outcome.closed_at.ms_since(next.decided_at) >= self.hold_ms;
            if !is_due {
                if self.waiting.len() <= WAITING_MAX {
                    break;
                }
                let left_out = next.decided_at;
                self.leave_out(left_out);
                continue;
            }
            if let Some(next) = self.waiting.pop_front() {
                self.take(next, &mut complete);
            }
        }
    }

    /// What was decided at this moment counts in no block, however late it is heard.
    fn leave_out(&mut self, decided_at: Timestamp) {
        self.waiting.retain(|waiting| waiting.decided_at != decided_at);
        self.open.take_if(|open| open.decided_at == decided_at);
        self.free_from = self.free_from.max(decided_at.plus_ms(1));
    }

    fn wait(&mut self, outcome: &Outcome) {
        let Outcome { decided_at, closed_at, r, .. } = *outcome;
        if decided_at < self.free_from {
            return;
        }
        let at = self.waiting.partition_point(|before| before.decided_at <= decided_at);
        self.waiting.insert(at, Waiting { decided_at, closed_at, r });
    }

    fn take(&mut self, next: Waiting, complete: &mut impl FnMut(f64)) {
        if self.open.is_some_and(|open| open.decided_at != next.decided_at) {
            self.end_moment(complete);
        }
        if next.decided_at < self.free_from {
            return;
        }
        let fresh = Moment { decided_at: next.decided_at, sum_r: 0.0, count: 0.0 };
        let open = self.open.get_or_insert(fresh);
        open.sum_r += next.r;
        open.count += 1.0;
        self.closes_at = self.closes_at.max(next.closed_at);
    }

    fn end_moment(&mut self, complete: &mut impl FnMut(f64)) {
        let Some(open) = self.open.take() else { return };
        self.sum_r += open.sum_r / open.count;
        self.moments += 1;
        // What is decided at this moment and heard later has missed it.
        self.free_from = self.free_from.max(open.decided_at.plus_ms(1));
        if self.moments == MOMENTS {
            complete(self.sum_r / f64::from(MOMENTS));
            self.free_from = self.free_from.max(self.closes_at);
            (self.moments, self.sum_r) = (0, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenarios::{BEGIN, Dice, HOUR_MS, outcome};

    fn blocks_of(outcomes: impl IntoIterator<Item = Outcome>) -> Vec<f64> {
        let (mut blocks, mut made) = (Blocks::from(BEGIN), Vec::new());
        for outcome in outcomes {
            blocks.hear(&outcome, |block| made.push(block));
        }
        made
    }

    #[test]
    fn four_moments_make_a_block_and_what_one_moment_brought_counts_once() {
        let alone = blocks_of((0..40).map(|hour| outcome(hour, (hour % 4) as f64)));
        assert_eq!(alone.len(), 9);
        assert!(alone.iter().all(|block| *block == 1.5), "{alone:?}");
        let copies = (0..40).flat_map(|hour| [outcome(hour, (hour % 4) as f64); 10]);
        assert_eq!(blocks_of(copies), alone);
    }

    #[test]
    fn what_was_open_with_a_block_is_in_no_other() {
        // Every one is open for eight hours: a block of four hours' decisions waits for its last to close.
        let long = |hour| {
            let mut outcome = outcome(hour, hour as f64);
            outcome.closed_at = outcome.decided_at.plus_ms(8 * HOUR_MS);
            outcome.basis.hold_min = 480.0;
            outcome
        };
        // Decided at 0–3, closed by 11; the next are 11–14, closed by 22; and so on.
        assert_eq!(blocks_of((0..34).map(long)), [1.5, 12.5, 23.5]);
    }

    #[test]
    fn a_moment_that_no_longer_fits_is_left_out_whole() {
        let at = |hour: u64, r: f64, closes: i64| {
            let mut outcome = outcome(hour, r);
            outcome.closed_at = outcome.decided_at.plus_ms(closes * HOUR_MS);
            outcome.basis.hold_min = 600.0;
            outcome
        };
        // Too many stops of one moment are in before its wins; then four quiet moments come.
        let crowd = (0..=WAITING_MAX).map(|_| at(0, -1.0, 1)).chain([at(0, 2.0, 10)]);
        let quiet = (1..40).map(|hour| at(hour, 0.5, 1));
        let made = blocks_of(crowd.chain(quiet));
        assert!(made.len() > 3 && made.iter().all(|block| *block == 0.5), "{made:?}");
    }

    #[test]
    fn the_order_of_closing_changes_nothing() {
        let mut dice = Dice::new(7);
        let mut outcomes: Vec<Outcome> = (0..200)
            .map(|hour| {
                let mut outcome = outcome(hour, dice.normal());
                outcome.closed_at =
                    outcome.decided_at.plus_ms((dice.uniform() * 9.0 * HOUR_MS as f64) as i64);
                outcome.basis.hold_min = 600.0;
                outcome
            })
            .collect();
        let by_decision = blocks_of(outcomes.clone());
        outcomes.sort_by_key(|outcome| outcome.closed_at);
        let by_close = blocks_of(outcomes);
        assert!(by_close.len() > 5);
        assert_eq!(by_close[..5], by_decision[..5]);
    }
}
