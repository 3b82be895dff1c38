//! Parts of one symbol from several files become one series.

use std::path::Path;
use std::sync::Arc;

use domain::{Bar, Interval, Timestamp};

use crate::adjust::{Forward, Kept, forward};
use crate::door::Admitted;
use crate::series::Grid;
use crate::{BadRow, MarketError, Refusals, Series, Wanted};

const DAY_MS: i64 = 86_400_000;

/// What one file gave.
pub(crate) struct Part {
    pub(crate) path: Arc<Path>,
    pub(crate) symbol: String,
    pub(crate) interval: Interval,
    pub(crate) admitted: Vec<Admitted>,
    pub(crate) refusals: Refusals,
}

/// Joins the parts of one symbol and interval, in the order given; nothing when no bar is in the
/// wanted span. The first of two rows for the same moment stays, and no two bars overlap.
pub(crate) fn join(mut parts: Vec<Part>, wanted: &Wanted) -> Result<Option<Series>, MarketError> {
    let Some(first) = parts.first() else { return Ok(None) };
    let (symbol, interval) = (first.symbol.clone(), first.interval);
    let source = first.path.to_path_buf();
    let mut placed = Vec::with_capacity(parts.iter().map(|part| part.admitted.len()).sum());
    for (at, part) in parts.iter_mut().enumerate() {
        placed.extend(part.admitted.drain(..).map(|admitted| Placed { part: at, admitted }));
    }
    // A stable sort keeps the order of files and rows among equal moments; newest-first costs one turn.
    if !placed.is_sorted_by_key(Placed::opened_at) {
        placed.sort_by_key(Placed::opened_at);
    }
    let Sequence { bars, kept } = in_sequence(placed, interval, &mut parts);
    let grid = Grid::of(&bars);
    let Forward { bars, adjustments, refused } = forward(bars, &kept, interval);
    for (Kept { part, row, .. }, reason) in refused {
        let Part { path, refusals, .. } = &mut parts[part];
        refusals.refuse_late(path, row, reason);
    }
    let grid = if adjustments.is_empty() { grid } else { grid.finer(&bars) };
    let mut refusals = Refusals::default();
    for part in parts {
        refusals.absorb(part.refusals);
    }
    if wanted.strict
        && let Some(refusal) = refusals.kept().first()
    {
        return Err(MarketError::BadRow(refusal.clone()));
    }
    refusals.settle(adjustments);
    Ok((!bars.is_empty()).then(|| Series::of(symbol, interval, bars, grid, refusals, source)))
}

struct Placed {
    part: usize,
    admitted: Admitted,
}

impl Placed {
    fn opened_at(&self) -> Timestamp {
        self.admitted.bar.opened_at()
    }
}

/// Bars in the order of time, and what their rows told besides, where any of them tells a factor.
struct Sequence {
    bars: Vec<Bar>,
    kept: Vec<Kept>,
}

/// The bars one after the other; a row that finds its time taken is counted with the file it stands in.
fn in_sequence(placed: Vec<Placed>, interval: Interval, parts: &mut [Part]) -> Sequence {
    let mut bars: Vec<Bar> = Vec::with_capacity(placed.len());
    let tells_factors = placed.iter().any(|placed| placed.admitted.factor != 1.0);
    let mut kept: Vec<Kept> = Vec::new();
    let mut late: Vec<Refusals> = vec![Refusals::default(); parts.len()];
    // Once a session has shown how it begins, the next one's first bar ends on the grid whether or not
    // its second one is there: nobody can know that when it closes.
    let mut begins_off_grid = false;
    for Placed { part, admitted: Admitted { bar, row, factor } } in placed {
        let other_factor = kept.last().is_some_and(|last| last.factor != factor);
        let before = bars.len();
        match fit(&bars, &bar, interval) {
            Fit::Repeats if other_factor => {
                let opened_at = bar.opened_at();
                late[part].refuse(&parts[part].path, row, BadRow::Conflicting { opened_at });
            }
            Fit::Follows if begins_off_grid && is_first_off_grid(bars.last(), &bar, interval) => {
                bars.push(bar.closing_at(next_on_grid(bar.opened_at(), interval)));
            }
            Fit::Follows => bars.push(bar),
            Fit::EndsFirst => {
                begins_off_grid = true;
                if let Some(first) = bars.last_mut() {
                    *first = first.closing_at(bar.opened_at());
                }
                bars.push(bar);
            }
            Fit::Repeats => late[part].count_repeat(),
            Fit::Not(reason) => late[part].refuse(&parts[part].path, row, reason),
        }
        if tells_factors && bars.len() > before {
            kept.push(Kept { part, row, factor });
        }
    }
    for (part, late) in parts.iter_mut().zip(late) {
        part.refusals.absorb_same_file(late);
    }
    Sequence { bars, kept }
}

/// How a bar stands to those before it.
enum Fit {
    Follows,
    /// The last one was a session's short first bar, and this is its second.
    EndsFirst,
    Repeats,
    Not(BadRow),
}

fn fit(bars: &[Bar], bar: &Bar, interval: Interval) -> Fit {
    let opened_at = bar.opened_at();
    match bars {
        [.., last] if last.closed_at() <= opened_at => Fit::Follows,
        [.., last] if last == bar => Fit::Repeats,
        [.., last] if last.opened_at() == opened_at => Fit::Not(BadRow::Conflicting { opened_at }),
        [before @ .., last] if is_short_first(before.last(), last, opened_at, interval) => {
            Fit::EndsFirst
        }
        [.., last] => Fit::Not(BadRow::Overlaps { opened_at, closed_at: last.closed_at() }),
        [] => Fit::Follows,
    }
}

/// A session that begins off the grid, as New York does at 09:30, has a short first bar: the second
/// one opens on the hour. Without a pause before it, a bar off the grid is a stray; and a bar of a day
/// or more holds its session whole, wherever its stamp lies.
fn is_short_first(
    before: Option<&Bar>,
    bar: &Bar,
    next_opened_at: Timestamp,
    interval: Interval,
) -> bool {
    is_first_off_grid(before, bar, interval) && is_on_grid(next_opened_at, interval)
}

fn is_first_off_grid(before: Option<&Bar>, bar: &Bar, interval: Interval) -> bool {
    let after_a_pause = before.is_none_or(|before| before.closed_at() < bar.opened_at());
    after_a_pause && interval.ms() < DAY_MS && !is_on_grid(bar.opened_at(), interval)
}

const fn next_on_grid(at: Timestamp, interval: Interval) -> Timestamp {
    at.plus_ms(interval.ms() - at.ms().rem_euclid(interval.ms()))
}

const fn is_on_grid(at: Timestamp, interval: Interval) -> bool {
    at.ms().rem_euclid(interval.ms()) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::RawBar;
    use proptest::prelude::*;

    const MINUTE_MS: i64 = 60_000;
    /// 2021-01-04T00:00:00Z, a Monday; weeks of the epoch begin on Thursdays.
    const MONDAY_MS: i64 = 1_609_718_400_000;

    fn part(minutes: &[i64], interval: Interval) -> Part {
        let bar = |minute: &i64| RawBar {
            opened_at: Timestamp::from_ms(MONDAY_MS + minute * MINUTE_MS),
            open: 1.0,
            high: 1.0,
            low: 1.0,
            close: 1.0,
            volume: 0.0,
            taker_buy_volume: None,
            flow: None,
        };
        let admitted = minutes.iter().zip(1..).map(|(minute, row)| {
            let bar = Bar::admit(bar(minute), interval).unwrap();
            Admitted { bar, row, factor: 1.0 }
        });
        Part {
            path: Path::new("XY.csv").into(),
            symbol: "XY".to_owned(),
            interval,
            admitted: admitted.collect(),
            refusals: Refusals::default(),
        }
    }

    fn joined(parts: Vec<Part>) -> Series {
        join(parts, &Wanted::all(Timestamp::default())).unwrap().unwrap()
    }

    fn minute(at: Timestamp) -> i64 {
        (at.ms() - MONDAY_MS) / MINUTE_MS
    }

    /// Sessions from 09:30 to 13:00 on two days, the second cut after its first bar, or without its
    /// second: what closed when is the same as with all of them.
    #[test]
    fn a_session_opener_closes_on_the_hour_whatever_comes_after_it() {
        let hour = Interval::parse("1h").unwrap();
        let day = |first: i64| [first, first + 30, first + 90, first + 150];
        let whole: Vec<i64> = [day(9 * 60 + 30), day(24 * 60 + 9 * 60 + 30)].concat();
        let cut: Vec<i64> = whole[..5].to_vec();
        let holed: Vec<i64> = whole.iter().copied().filter(|minute| *minute != whole[5]).collect();
        let closes = |stamps: &[i64]| -> Vec<i64> {
            joined(vec![part(stamps, hour)])
                .bars
                .iter()
                .map(|bar| minute(bar.closed_at()))
                .collect()
        };
        let expected = closes(&whole);
        assert_eq!(expected[0], 10 * 60);
        assert_eq!(expected[4], 24 * 60 + 10 * 60);
        assert_eq!(closes(&cut), expected[..5]);
        assert_eq!(closes(&holed)[4], expected[4]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_stamps_no_two_bars_overlap_and_no_row_is_lost(
            stamps in prop::collection::vec(prop::collection::vec(0_i64..40, 1..30), 1..3),
            step in prop::sample::select(vec![1_i64, 7, 15, 30]),
            interval in prop::sample::select(vec!["15m", "1h", "2h", "4h", "1d", "1w"]),
        ) {
            let interval = Interval::parse(interval).unwrap();
            let minutes: Vec<Vec<i64>> =
                stamps.iter().map(|file| file.iter().map(|stamp| stamp * step).collect()).collect();
            let one = joined(minutes.iter().map(|file| part(file, interval)).collect());

            let rows = minutes.iter().map(Vec::len).sum::<usize>() as u64;
            let taken = one.bars.len() as u64 + one.refusals.total() + one.refusals.repeats();
            prop_assert_eq!(taken, rows);
            let mut closed_before = None;
            for pair in one.bars.windows(2) {
                let (bar, next) = (&pair[0], &pair[1]);
                let full = bar.opened_at().plus_ms(interval.ms());
                prop_assert!(bar.closed_at() <= next.opened_at());
                if bar.closed_at() < full {
                    // Closes follow from opens, which is what lets the opens alone stand in a hash.
                    prop_assert_eq!(bar.closed_at(), next_on_grid(bar.opened_at(), interval));
                    prop_assert!(closed_before.is_none_or(|closed_at| closed_at < bar.opened_at()));
                    prop_assert!(interval.ms() < DAY_MS);
                    prop_assert!(!is_on_grid(bar.opened_at(), interval));
                }
                closed_before = Some(bar.closed_at());
            }

            let kept: Vec<i64> = one.bars.iter().map(|bar| minute(bar.opened_at())).collect();
            let again = joined(vec![part(&kept, interval)]);
            prop_assert_eq!((&again.bars, &again.hash), (&one.bars, &one.hash));
            prop_assert_eq!(again.refusals, Refusals::default());
        }
    }

    /// A line is minutes since midnight, then what comes of them: `OPEN..CLOSE`, refused ones as `row N`.
    fn check(interval: &str, cases: &str) {
        let interval = Interval::parse(interval).unwrap();
        for line in cases.lines() {
            let (given, told) = line.split_once(':').unwrap();
            let minutes: Vec<i64> =
                given.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let one = joined(vec![part(&minutes, interval)]);
            let bars = one
                .bars
                .iter()
                .map(|bar| format!("{}..{}", minute(bar.opened_at()), minute(bar.closed_at())));
            let refused = one.refusals.kept().iter().map(|refusal| format!("row {}", refusal.row));
            assert_eq!(bars.chain(refused).collect::<Vec<_>>().join(" "), told.trim(), "{line}");
        }
    }

    #[test]
    fn a_stray_row_is_refused_and_a_short_first_bar_is_kept() {
        check(
            "1h",
            "540 600 630 660: 540..600 600..660 660..720 row 3
             570 600 660: 570..600 600..660 660..720
             0 570 600 660: 0..60 570..600 600..660 660..720
             540 570 600 660: 540..600 600..660 660..720 row 2
             555 570 600: 555..600 600..660 row 2
             570 590 640: 570..630 640..700 row 2
             570 630 690: 570..630 630..690 690..750
             570 630 660 690: 570..630 630..690 690..750 row 3
             600 630 570 660: 570..600 600..660 660..720 row 2",
        );
        check("4h", "240 480 870 960: 240..480 480..720 870..960 960..1200");
        check(
            "1d",
            "0 1440 2880: 0..1440 1440..2880 2880..4320
             1320 2760 4200: 1320..2760 2760..4200 4200..5640
             1320 1440 2760: 1320..2760 2760..4200 row 2",
        );
    }
}
