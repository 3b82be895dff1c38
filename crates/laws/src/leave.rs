//! When a position has to leave at the market, whatever its price.

use domain::{ExitPlan, ExitReason, Marks, Timestamp};

/// What passes from the close at which an order to leave is asked for to the close of the bar that can fill
/// it, at the latest: the bar, and the latency in whole bars, since only opens fill.
pub fn lead_ms(bar_ms: i64, latency_ms: i64) -> i64 {
    let bars_late = (latency_ms.max(0) + bar_ms - 1) / bar_ms;
    bar_ms * (1 + bars_late)
}

/// Why a position is to be left, now that a bar has closed, if it is. `lead_ms` is what
/// [`lead_ms`] says.
pub fn leaves_at_close(
    plan: &ExitPlan,
    opened_at: Timestamp,
    closed_at: Timestamp,
    lead_ms: i64,
) -> Option<ExitReason> {
    if closed_at.ms_since(opened_at) >= plan.hold_ms_max {
        return Some(ExitReason::Time);
    }
    let leave_by = plan.leave_by?;
    // Left at the next open it ends before its moment; one bar later it could not.
    (closed_at.plus_ms(lead_ms) > leave_by).then_some(ExitReason::SessionEnd)
}

/// The first close at which [`leaves_at_close`] says anything.
pub fn leaves_from(plan: &ExitPlan, opened_at: Timestamp, lead_ms: i64) -> Timestamp {
    let held_long = opened_at.plus_ms(plan.hold_ms_max);
    match plan.leave_by {
        Some(leave_by) => held_long.min(leave_by.plus_ms(1 - lead_ms)),
        None => held_long,
    }
}

/// When the result so far is noted at this mark: at the first close from then on.
pub const fn mark_at(plan: &ExitPlan, opened_at: Timestamp, mark: usize) -> Timestamp {
    const PARTS: i64 = Marks::COUNT as i64 + 1;
    opened_at.plus_ms(plan.hold_ms_max / PARTS * (mark as i64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn a_latency_costs_whole_bars_because_only_opens_fill() {
        let bar_ms = 60 * MINUTE_MS;
        let cases = [(0, 1), (250, 2), (bar_ms, 2), (bar_ms + 1, 3)];
        for (latency_ms, bars) in cases {
            assert_eq!(lead_ms(bar_ms, latency_ms), bars * bar_ms, "{latency_ms}");
        }
    }

    /// A line: longest hold and moment to leave by, in minutes after the open, and the close at which it is
    /// flagged, with the reason.
    fn check_leaving(lead_min: i64, table: &str) {
        for line in table.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let minutes = |at: usize| words[at].parse::<i64>().unwrap() * MINUTE_MS;
            let plan = ExitPlan {
                stop_fraction: 0.02,
                target_fraction: None,
                trail: None,
                partial: None,
                hold_ms_max: minutes(0),
                leave_by: (words[1] != "-").then(|| Timestamp::from_ms(minutes(1))),
                liquidation_fraction: None,
            };
            let opened_at = Timestamp::from_ms(0);
            let at_close = |minute: i64| {
                let closed_at = Timestamp::from_ms(minute * MINUTE_MS);
                leaves_at_close(&plan, opened_at, closed_at, lead_min * MINUTE_MS)
            };
            let (minute, reason) =
                (1..).find_map(|minute| Some((minute, at_close(minute)?))).unwrap();
            assert_eq!((minute * MINUTE_MS, reason.name()), (minutes(2), words[3]), "{line}");
            let from = leaves_from(&plan, opened_at, lead_min * MINUTE_MS);
            let rounded = (from.ms() + MINUTE_MS - 1) / MINUTE_MS;
            assert_eq!(rounded.max(1), minute, "{line}");
        }
    }

    #[test]
    fn it_leaves_at_the_open_of_the_bar_in_which_its_moment_falls() {
        check_leaving(
            1,
            "30  -  30 time
             30 45  30 time
             90 45  45 session_end
             90 90  90 time
             90  0   1 session_end",
        );
    }

    #[test]
    fn marks_lie_where_their_shares_of_the_longest_hold_say() {
        let plan = ExitPlan {
            stop_fraction: 0.02,
            target_fraction: None,
            trail: None,
            partial: None,
            hold_ms_max: 72 * 60 * MINUTE_MS,
            leave_by: None,
            liquidation_fraction: None,
        };
        let opened_at = Timestamp::from_ms(7);
        for (mark, share) in Marks::AT.into_iter().enumerate() {
            let after_ms = mark_at(&plan, opened_at, mark).ms_since(opened_at);
            assert_eq!(after_ms as f64, share * plan.hold_ms_max as f64);
        }
    }

    #[test]
    fn with_latency_it_asks_as_much_earlier() {
        check_leaving(
            3,
            "90 45  43 session_end
             90  -  90 time",
        );
    }
}
