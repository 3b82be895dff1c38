//! What a recording covers: where nothing came for long, nobody was listening.

use std::ops::Range;

use domain::{BadBar, Interval, Timestamp};

use crate::BadRow;
use crate::stamp::MOMENTS_MS;

/// How long neither quote nor trade may come before it counts as an outage. Chosen: the longest silence
/// of the recorded books we hold is below one second, and recorders that lose their line take longer.
const SILENCE_MS_MAX: i64 = 10_000;

/// A stretch of time without an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

/// Stretches in the order of time, more than the silence apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans(pub(crate) Vec<Span>);

/// How a row came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    InTime,
    /// Nothing is known of what happened since the row before.
    AfterSilence,
}

impl Spans {
    /// Notes a row's moment, or says why it cannot be one of this recording.
    pub(crate) fn take(&mut self, at: Timestamp) -> Result<Heard, BadRow> {
        if !MOMENTS_MS.contains(&at.ms()) {
            return Err(BadRow::BadBar(BadBar::NotATime { ms: at.ms() }));
        }
        match self.0.last_mut() {
            Some(span) if at < span.last => Err(BadRow::OutOfOrder { at, before: span.last }),
            Some(span) if at.ms() - span.last.ms() <= SILENCE_MS_MAX => {
                span.last = at;
                Ok(Heard::InTime)
            }
            _ => {
                self.0.push(Span { first: at, last: at });
                Ok(Heard::AfterSilence)
            }
        }
    }

    /// What one of two recordings of the same market covers, or the other.
    pub(crate) fn joined(self, other: Spans) -> Spans {
        let mut all = self.0;
        all.extend(other.0);
        all.sort_by_key(|span| span.first);
        let mut joined: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match joined.last_mut() {
                Some(last) if span.first.ms() - last.last.ms() <= SILENCE_MS_MAX => {
                    last.last = last.last.max(span.last);
                }
                _ => joined.push(span),
            }
        }
        Spans(joined)
    }

    /// How many intervals are covered whole.
    pub(crate) fn bars(&self, interval: Interval) -> u64 {
        let count = |span: &Span| {
            let whole = span.whole(interval);
            whole.end.saturating_sub(whole.start).max(0) as u64
        };
        self.0.iter().map(count).sum()
    }
}

impl Span {
    /// The intervals it covers whole, by their number since the epoch.
    pub(crate) const fn whole(&self, interval: Interval) -> Range<i64> {
        let step = interval.ms();
        let begins_within = self.first.ms().rem_euclid(step) > 0;
        self.first.ms().div_euclid(step) + begins_within as i64..self.last.ms().div_euclid(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_600_000_000_000;

    fn heard(seconds: &[i64]) -> Spans {
        let mut spans = Spans::default();
        for second in seconds {
            spans.take(Timestamp::from_ms(NOON_MS + second * 1_000)).unwrap();
        }
        spans
    }

    fn said(spans: &Spans) -> String {
        let second = |at: Timestamp| (at.ms() - NOON_MS) / 1_000;
        let said = |span: &Span| format!("{}..{}", second(span.first), second(span.last));
        spans.0.iter().map(said).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_silence_parts_what_is_covered_and_trades_bridge_that_of_quotes() {
        assert_eq!(said(&heard(&[0, 10, 21, 22])), "0..10 21..22");
        let quotes = || heard(&[0, 5, 20, 25, 50]);
        assert_eq!(said(&quotes().joined(heard(&[12]))), "0..25 50..50");
        assert_eq!(
            said(&quotes().joined(heard(&[-30, 18, 70]))),
            "-30..-30 0..5 18..25 50..50 70..70"
        );
        assert_eq!(said(&heard(&[]).joined(quotes())), "0..5 20..25 50..50");
        let second = Interval::parse("1s").unwrap();
        assert_eq!(quotes().bars(second), 10);
        assert_eq!(quotes().bars(Interval::HOUR), 0);
    }

    #[test]
    fn a_row_from_the_past_or_from_no_time_of_markets_is_refused() {
        let mut spans = heard(&[0, 5]);
        let mut reason =
            |ms: i64| spans.take(Timestamp::from_ms(ms)).map_err(|reason| reason.kind());
        assert_eq!(reason(NOON_MS + 5_000), Ok(Heard::InTime));
        assert_eq!(reason(NOON_MS + 4_999), Err("older than the row before"));
        for ms in [0, -1, i64::MIN, i64::MAX, 631_151_999_999, 7_258_118_400_000] {
            assert_eq!(reason(ms), Err("not a time"), "{ms}");
        }
        assert_eq!(said(&spans), "0..5");
    }
}
