//! Which months and days a span of the archive is made of.

use std::fmt;

use domain::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::Offset;

/// A month's file appears on the first Monday after it. Chosen: some days more, for a late one.
const PUBLISHED_WITHIN_MS: i64 = 12 * 86_400_000;

/// What one file of the archive covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// The month that begins on this day.
    Month(Date),
    /// This day.
    Day(Date),
}

impl Span {
    /// Its folder in the archive.
    pub(super) const fn period(self) -> &'static str {
        match self {
            Span::Month(_) => "monthly",
            Span::Day(_) => "daily",
        }
    }

    /// When it is over.
    pub(super) fn ends_at(self) -> Timestamp {
        match self {
            Span::Month(first) => moment(next_month(first)),
            Span::Day(day) => moment(day.saturating_add(1.day())),
        }
    }

    /// Whether its file may not be there yet.
    pub(super) fn may_be_unpublished(self, now: Timestamp) -> bool {
        now < self.ends_at().plus_ms(PUBLISHED_WITHIN_MS)
    }

    /// Its days that overlap a span of time.
    pub(super) fn days(self, from: Timestamp, to: Timestamp) -> Vec<Span> {
        let (Span::Month(first) | Span::Day(first)) = self;
        let mut days = Vec::new();
        let mut day = first;
        while moment(day) < self.ends_at() {
            let span = Span::Day(day);
            if span.ends_at() > from && moment(day) < to {
                days.push(span);
            }
            day = day.saturating_add(1.day());
        }
        days
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Month(first) => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Span::Day(day) => write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        }
    }
}

/// The months that overlap a span of time, oldest first.
pub(super) fn months(from: Timestamp, to: Timestamp) -> Vec<Span> {
    let mut months = Vec::new();
    let mut first = day_of(from).first_of_month();
    while moment(first) < to {
        months.push(Span::Month(first));
        let next = next_month(first);
        if next <= first {
            break;
        }
        first = next;
    }
    months
}

fn next_month(first: Date) -> Date {
    first.saturating_add(1.month())
}

fn day_of(at: Timestamp) -> Date {
    let moment = jiff::Timestamp::from_millisecond(at.ms()).unwrap_or_default();
    Offset::UTC.to_datetime(moment).date()
}

fn moment(day: Date) -> Timestamp {
    let at = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or_default();
    Timestamp::from_ms(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        moment(day.parse().unwrap())
    }

    fn said(spans: &[Span]) -> String {
        spans.iter().map(Span::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_span_is_made_of_months_and_the_last_of_days() {
        assert_eq!(said(&months(at("2023-11-15"), at("2024-02-01"))), "2023-11 2023-12 2024-01");
        assert_eq!(said(&months(at("2024-02-01"), at("2024-02-02"))), "2024-02");
        assert_eq!(said(&months(at("2024-02-02"), at("2024-02-02").plus_ms(-1))), "2024-02");
        assert_eq!(said(&months(at("2024-03-02"), at("2024-02-02"))), "");
        let february = Span::Month("2024-02-01".parse().unwrap());
        assert_eq!(february.days(at("2024-01-09"), at("2025-01-09")).len(), 29);
        let days = february.days(at("2024-02-27").plus_ms(1), at("2024-02-29"));
        assert_eq!(said(&days), "2024-02-27 2024-02-28");
    }

    #[test]
    fn a_month_is_awaited_for_twelve_days() {
        let month = Span::Month("2024-02-01".parse().unwrap());
        assert!(month.may_be_unpublished(at("2024-03-12")));
        assert!(!month.may_be_unpublished(at("2024-03-13")));
    }
}
