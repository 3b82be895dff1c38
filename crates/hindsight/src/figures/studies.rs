//! From what was counted to where results came from.

use std::collections::BTreeMap;

use domain::{Timestamp, estimate};

use super::Frame;
use crate::report::{CutStory, DayStory, SliceFigures, SliceStory, Studies, TwinStory, WeekStory};
use crate::summary::{
    RegimeFigures, StreakFigures, TrendFigures, TwinFigures, WeekFigures, WeeksFigures,
};
use crate::tally::{
    Cut, Day, Days, ResultTally, Slice, Streak, Tally, longest_by_chance, slice_name,
};

/// Everything beyond the figures of the contract.
pub(crate) fn studies(frame: &Frame<'_>) -> Studies {
    let tally = frame.tally;
    let symbols: Vec<String> =
        frame.dataset.series.iter().map(|series| series.symbol.clone()).collect();
    let strategies: Vec<&str> = decide::STRATEGIES.iter().map(|strategy| strategy.name()).collect();
    let cuts = tally.breakdown.iter().map(|(name, cut)| CutStory {
        name,
        rows: rows(tally, (name, cut), &strategies, &symbols),
    });
    Studies {
        twin: tally.twin.as_ref().map(crate::tally::Twin::story),
        cuts: cuts.collect(),
        weeks: tally.weeks.iter().map(|one| week(tally, one)).collect(),
        week_change: tally.weeks.change(tally.breakdown.executed()),
        trend: (tally.weeks.iter().count() > 0).then(|| tally.weeks.trend()),
        winning: by_chance(tally, tally.streaks.winning, |net| net > 0.0),
        losing: by_chance(tally, tally.streaks.losing, |net| net < 0.0),
        worst_days: tally.days.worst().into_iter().map(|bad| day(bad, &symbols)).collect(),
        days: tally.days.counted(),
        evicted_shadows: tally.evicted_shadows,
    }
}

fn rows(
    tally: &Tally,
    (name, cut): (&str, &Cut),
    strategies: &[&str],
    symbols: &[String],
) -> Vec<SliceStory> {
    let nothing = Slice::default();
    (0..cut.all.len().max(cut.executed.len()))
        .filter_map(|at| {
            let executed = cut.executed.get(at).unwrap_or(&nothing);
            let all = cut.all.get(at).unwrap_or(&nothing);
            if executed.is_empty() && all.is_empty() {
                return None;
            }
            Some(SliceStory {
                name: slice_name(name, at, strategies, symbols)?,
                executed: figures(executed, tally.breakdown.executed()),
                all: figures(all, tally.breakdown.all()),
                net: executed.net(),
                trades: executed.trades(),
            })
        })
        .collect()
}

fn figures(slice: &Slice, usual: &ResultTally) -> SliceFigures {
    SliceFigures {
        r: slice.results().mean_of_few(usual),
        win_rate: slice.wins().rate(),
        sum_r: slice.sum_r(),
    }
}

fn week(tally: &Tally, (from, slice): (Timestamp, &Slice)) -> WeekStory {
    let figures = figures(slice, tally.breakdown.executed());
    WeekStory { from, trades: slice.trades(), net: slice.net(), figures }
}

/// A row beside how long luck alone would make it, at this run's share of its kind.
fn by_chance(tally: &Tally, streak: Streak, is_kind: fn(f64) -> bool) -> (Streak, Option<f64>) {
    let trades = tally.trades.len() as u64;
    let kind = tally.trades.iter().filter(|trade| is_kind(estimate(trade.net))).count();
    let share = kind as f64 / trades.max(1) as f64;
    (streak, longest_by_chance(trades, share))
}

fn day(day: Day, symbols: &[String]) -> DayStory {
    let name = |at: usize| symbols.get(at).cloned().unwrap_or_default();
    let mut by_symbol: Vec<(String, u64, f64)> = (day.symbols.iter())
        .map(|(symbol, (trades, net))| (name(symbol.at()), *trades, estimate(*net)))
        .collect();
    by_symbol.sort_by(|a, b| a.2.total_cmp(&b.2));
    DayStory {
        at: Timestamp::from_ms(Days::start_ms(&day)),
        symbols: by_symbol,
        net: estimate(day.net),
        costs: estimate(day.costs),
        day,
    }
}

/// Executed results per regime.
pub(super) fn regimes(tally: &Tally, name: &str) -> BTreeMap<String, RegimeFigures> {
    let rows = tally.breakdown.cut(name).map(|cut| rows(tally, (name, cut), &[], &[]));
    rows.unwrap_or_default()
        .into_iter()
        .map(|row| {
            let told = RegimeFigures {
                trades: row.trades,
                net: row.net,
                executed: row.executed,
                all: row.all,
            };
            (row.name, told)
        })
        .collect()
}

/// Week over week.
pub(super) fn weeks(tally: &Tally) -> WeeksFigures {
    let trend = tally.weeks.trend();
    let latest = tally.weeks.iter().next_back().map(|last| {
        let told = week(tally, last);
        WeekFigures { from: told.from, trades: told.trades, net: told.net, executed: told.figures }
    });
    WeeksFigures {
        count: tally.weeks.iter().count() as u64,
        latest,
        change: tally.weeks.change(tally.breakdown.executed()),
        trend: TrendFigures {
            direction: trend.direction.name(),
            weeks: trend.weeks,
            e_improving: trend.e_improving,
            e_declining: trend.e_declining,
        },
    }
}

/// The longest rows.
pub(super) fn streaks(tally: &Tally) -> StreakFigures {
    StreakFigures { winning: tally.streaks.winning.trades, losing: tally.streaks.losing.trades }
}

/// Learning beside its twin.
pub(super) fn twin(tally: &Tally) -> Option<TwinFigures> {
    let story: TwinStory = tally.twin.as_ref()?.story();
    Some(TwinFigures {
        net_return: story.learning.net_return,
        net_return_frozen: story.frozen.net_return,
        max_drawdown_frozen: story.frozen.worst_fall,
        executed: story.learning.executed,
        executed_frozen: story.frozen.executed,
        differing: story.differing,
        alike: story.alike,
        stake_ratio: story.stake_ratio,
        difference: story.difference,
        evidence: story.evidence,
        evidence_worse: story.evidence_worse,
        evidence_needed: story.evidence_needed,
        needed: story.needed,
        from_stakes: story.from_stakes,
        says: story.whole(),
    })
}
