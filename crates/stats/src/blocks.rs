//! Results in blocks that share nothing with each other, so that an e-process may multiply over them.
//!
//! Outcomes that overlap move together: a product over them would take one stroke of luck for many. And those
//! that close early are mostly stops: heard in the order of their closing, losses would come first. So results
//! wait until the longest hold is over, are taken in the order of their decisions, and a block begins only
//! after everything in the one before it has closed. All of this is known when a decision is taken, so that a
//! block's value has no expectation but its decisions' own (methods §5, "by entry decision filtration").

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Results that may wait at once; beyond them the oldest moment is left out whole: only its quick closers, most
/// of them stops, may have come in yet. Chosen: a tenth of what a slice may
/// keep (methods, Decision 12).
const WAITING_MAX: usize = 2_000;

/// What a decision came to, and when. Moments are milliseconds of any one clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dated {
    /// When it was taken.
    pub decided_ms: i64,
    /// When it was known.
    pub closed_ms: i64,
    /// How long it could have been open at most, milliseconds.
    pub hold_ms: i64,
    /// What it came to, in any unit.
    pub value: f64,
}

/// A result on its way into a block.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Waiting {
    decided_ms: i64,
    closed_ms: i64,
    value: f64,
}

/// Decisions of one moment: they stand together for one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Moment {
    decided_ms: i64,
    sum: f64,
    count: f64,
}

/// A stream of results that gives a value for every block of so many moments of decision that is complete.
///
/// With one moment a block, nothing is lost where nothing overlaps, and a quarter of a crowded stream's worth
/// in waiting; with four, that quarter is kept; with ten, a strong effect in a sparse stream is blurred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocks<const MOMENTS: u32> {
    waiting: VecDeque<Waiting>,
    /// The longest hold of any decision heard, milliseconds.
    hold_ms: i64,
    /// What was decided before this shares time with a block that is complete, or came too late.
    free_from_ms: i64,
    open: Option<Moment>,
    /// Latest close of anything in the block.
    closes_ms: i64,
    moments: u32,
    sum: f64,
}

impl<const MOMENTS: u32> Blocks<MOMENTS> {
    /// An empty stream of what is decided from this millisecond on.
    pub fn from(from_ms: i64) -> Blocks<MOMENTS> {
        Blocks {
            waiting: VecDeque::new(),
            hold_ms: 0,
            free_from_ms: from_ms,
            open: None,
            closes_ms: from_ms,
            moments: 0,
            sum: 0.0,
        }
    }

    /// Hears a result and hands on the mean of every block that is complete with it, in the unit of the values.
    pub fn hear(&mut self, result: Dated, mut complete: impl FnMut(f64)) {
        self.hold_ms = self.hold_ms.max(result.hold_ms);
        self.wait(result);
        while let Some(next) = self.waiting.front() {
            let is_due = result.closed_ms.saturating_sub(next.decided_ms) >= self.hold_ms;
            if !is_due {
                if self.waiting.len() <= WAITING_MAX {
                    break;
                }
                let left_out = next.decided_ms;
                self.leave_out(left_out);
                continue;
            }
            if let Some(next) = self.waiting.pop_front() {
                self.take(next, &mut complete);
            }
        }
    }

    /// What was decided at this moment counts in no block, however late it is heard.
    fn leave_out(&mut self, decided_ms: i64) {
        self.waiting.retain(|waiting| waiting.decided_ms != decided_ms);
        self.open.take_if(|open| open.decided_ms == decided_ms);
        self.free_from_ms = self.free_from_ms.max(decided_ms.saturating_add(1));
    }

    fn wait(&mut self, result: Dated) {
        let Dated { decided_ms, closed_ms, value, .. } = result;
        if decided_ms < self.free_from_ms {
            return;
        }
        let at = self.waiting.partition_point(|before| before.decided_ms <= decided_ms);
        self.waiting.insert(at, Waiting { decided_ms, closed_ms, value });
    }

    fn take(&mut self, next: Waiting, complete: &mut impl FnMut(f64)) {
        if self.open.is_some_and(|open| open.decided_ms != next.decided_ms) {
            self.end_moment(complete);
        }
        if next.decided_ms < self.free_from_ms {
            return;
        }
        let fresh = Moment { decided_ms: next.decided_ms, sum: 0.0, count: 0.0 };
        let open = self.open.get_or_insert(fresh);
        open.sum += next.value;
        open.count += 1.0;
        self.closes_ms = self.closes_ms.max(next.closed_ms);
    }

    fn end_moment(&mut self, complete: &mut impl FnMut(f64)) {
        let Some(open) = self.open.take() else { return };
        self.sum += open.sum / open.count;
        self.moments += 1;
        // What is decided at this moment and heard later has missed it.
        self.free_from_ms = self.free_from_ms.max(open.decided_ms.saturating_add(1));
        if self.moments >= MOMENTS {
            complete(self.sum / f64::from(self.moments));
            self.free_from_ms = self.free_from_ms.max(self.closes_ms);
            (self.moments, self.sum) = (0, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A decision of this hour, open for so many of the most it could be.
    fn result(hour: i64, value: f64, open_hours: i64, hold_hours: i64) -> Dated {
        const HOUR_MS: i64 = 3_600_000;
        Dated {
            decided_ms: hour * HOUR_MS,
            closed_ms: (hour + open_hours) * HOUR_MS,
            hold_ms: hold_hours * HOUR_MS,
            value,
        }
    }

    fn blocks_of<const MOMENTS: u32>(results: impl IntoIterator<Item = Dated>) -> Vec<f64> {
        let (mut blocks, mut made) = (Blocks::<MOMENTS>::from(0), Vec::new());
        for result in results {
            blocks.hear(result, |block| made.push(block));
        }
        made
    }

    #[test]
    fn four_moments_make_a_block_and_what_one_moment_brought_counts_once() {
        let of = |hour: i64| result(hour, (hour % 4) as f64, 1, 1);
        let alone = blocks_of::<4>((0..40).map(of));
        assert_eq!(alone.len(), 9);
        assert!(alone.iter().all(|block| *block == 1.5), "{alone:?}");
        let copies = (0..40).flat_map(|hour| [of(hour); 10]);
        assert_eq!(blocks_of::<4>(copies), alone);
    }

    #[test]
    fn where_nothing_overlaps_blocks_of_one_moment_lose_nothing() {
        let made = blocks_of::<1>((0..40).map(|hour| result(hour, hour as f64, 1, 1)));
        assert_eq!(made, (0..39).map(f64::from).collect::<Vec<_>>());
        // Open for three hours each, every third is free of those before.
        let made = blocks_of::<1>((0..40).map(|hour| result(hour, hour as f64, 3, 3)));
        assert_eq!(made[..5], [0.0, 3.0, 6.0, 9.0, 12.0]);
    }

    #[test]
    fn what_was_open_with_a_block_is_in_no_other() {
        // Decided at 0–3, closed by 11; the next are 11–14, closed by 22; and so on.
        let long = |hour: i64| result(hour, hour as f64, 8, 8);
        assert_eq!(blocks_of::<4>((0..34).map(long)), [1.5, 12.5, 23.5]);
    }

    #[test]
    fn a_moment_that_no_longer_fits_is_left_out_whole() {
        // Too many stops of one moment are in before its wins; then four quiet moments come.
        let crowd =
            (0..=WAITING_MAX).map(|_| result(0, -1.0, 1, 10)).chain([result(0, 2.0, 10, 10)]);
        let quiet = (1..40).map(|hour| result(hour, 0.5, 1, 10));
        let made = blocks_of::<4>(crowd.chain(quiet));
        assert!(made.len() > 3 && made.iter().all(|block| *block == 0.5), "{made:?}");
    }

    #[test]
    fn the_order_of_closing_changes_nothing() {
        let mut results: Vec<Dated> = (0..200)
            .map(|hour| result(hour, ((hour * 7919) % 31) as f64 - 15.0, (hour * 5) % 9 + 1, 10))
            .collect();
        let by_decision = blocks_of::<4>(results.clone());
        results.sort_by_key(|result| result.closed_ms);
        let by_close = blocks_of::<4>(results);
        assert!(by_close.len() > 5);
        assert_eq!(by_close[..5], by_decision[..5]);
    }
}
