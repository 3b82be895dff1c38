//! How far stop and target lie, how stops follow, and when a position leaves whatever price does
//! (mission rows S5 and S7).
//!
//! On a market without edge every such policy earns minus its costs (methods §1.12), so nothing here
//! claims to: it shapes risk, and learners may move it where evidence says so.

use domain::{
    Climate, ExitFactors, ExitPlan, Instrument, InstrumentKind, PartialExit, Regime, Side,
    Timestamp, Trail,
};
use serde::{Deserialize, Serialize};

use crate::Occasion;

/// Whether positions are held over the close of a market that closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayEnd {
    /// They are.
    #[default]
    Hold,
    /// They leave before it.
    Leave,
}

/// Distances and times of exits, in units of volatility so that they fit every market.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExitRules {
    /// Stop distance in average true ranges.
    pub stop_atr: f64,
    /// Target distance in average true ranges; seed 000's +3 % / −2 % is this ratio.
    pub target_atr: f64,
    /// A trailing stop starts after this many stop distances in favour.
    pub trail_after_r: f64,
    /// And follows this many stop distances behind.
    pub trail_behind_r: f64,
    /// Least stop distance, fraction of the price: below it costs eat any result.
    pub stop_fraction_min: f64,
    /// Most, fraction of the price.
    pub stop_fraction_max: f64,
    /// Longest hold in hours (seed 003: 72).
    pub hold_hours_max: f64,
    /// The same of shares (seed 002: 24).
    pub hold_hours_max_equity: f64,
    /// What the stop distance is multiplied by where moves are large for this market. Chosen, modest: the
    /// average true range lags when moves grow. The size shrinks as the stop widens.
    pub high_volatility_stop: f64,
    /// What the target distance is multiplied by where moves lead nowhere. Chosen, modest.
    pub range_target: f64,
    /// What it is multiplied by with the trend; against it, targets are a range's. Chosen, modest.
    pub trend_target: f64,
    /// The share of a position that is taken off early, 0..1. Off: it lowers the spread of results and
    /// earns nothing (methods §1.13), and it pays a fee more often.
    pub partial_share: f64,
    /// Where, in stop distances in favour.
    pub partial_at_r: f64,
    /// Whether positions are held over the close (seed 002: they are, by default).
    pub day_end: DayEnd,
    /// Minutes before the close at which positions leave, on half days too (seed 002: 15:45).
    pub leave_before_close_min: i64,
}

impl Default for ExitRules {
    fn default() -> ExitRules {
        ExitRules {
            stop_atr: 2.0,
            target_atr: 3.0,
            trail_after_r: 1.0,
            trail_behind_r: 1.0,
            stop_fraction_min: 0.003,
            stop_fraction_max: 0.08,
            hold_hours_max: 72.0,
            hold_hours_max_equity: 24.0,
            high_volatility_stop: 1.25,
            range_target: 0.75,
            trend_target: 1.25,
            partial_share: 0.0,
            partial_at_r: 1.0,
            day_end: DayEnd::Hold,
            leave_before_close_min: 15,
        }
    }
}

/// How a strategy takes its profits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profits {
    /// At a target, or behind the stop once it follows.
    AtTarget,
    /// Behind the stop alone, which follows from the start.
    Followed,
}

impl ExitRules {
    /// A plan for a market whose average true range is this fraction of the price; nothing where the
    /// day ends too soon to hold anything.
    pub(crate) fn plan(
        &self,
        occasion: &Occasion<'_>,
        atr_fraction: f64,
        profits: Profits,
    ) -> Option<ExitPlan> {
        let Occasion { climate, instrument, signal, .. } = occasion;
        let leave_by = self.leave_by(occasion)?;
        let stop_fraction = (atr_fraction * self.stop_atr * self.stop_gain(*climate))
            .clamp(self.stop_fraction_min, self.stop_fraction_max);
        let reward_r = self.target_atr / self.stop_atr * self.target_gain(*climate, signal.side);
        let (target_fraction, after_r) = match profits {
            Profits::AtTarget => (Some(stop_fraction * reward_r), self.trail_after_r),
            Profits::Followed => (None, 0.0),
        };
        let plan = ExitPlan {
            stop_fraction,
            target_fraction,
            trail: Some(trail(stop_fraction, after_r, self.trail_behind_r)),
            partial: self.partial(self.partial_share, stop_fraction, target_fraction),
            hold_ms_max: self.hold_ms_max(instrument),
            leave_by,
            // Known once it is sized: see `liquidation`.
            liquidation_fraction: None,
        };
        Some(plan)
    }

    /// The plan as the policy would have it. Stop and hold stay within their bounds, what follows the stop
    /// follows it in stop distances, and a part leaves early only where none was configured.
    pub fn adjusted(
        &self,
        plan: &ExitPlan,
        factors: ExitFactors,
        instrument: &Instrument,
    ) -> ExitPlan {
        if factors == ExitFactors::default() {
            return *plan;
        }
        let stop_fraction = (plan.stop_fraction * factors.stop)
            .clamp(self.stop_fraction_min, self.stop_fraction_max);
        let wider = stop_fraction / plan.stop_fraction;
        let target_fraction = plan.target_fraction.map(|target| target * factors.target);
        let trail = |trail: Trail| Trail {
            after_fraction: trail.after_fraction * wider,
            behind_fraction: trail.behind_fraction * wider,
        };
        let share =
            if self.partial_share > 0.0 { self.partial_share } else { factors.partial_share };
        let hold_ms = (plan.hold_ms_max as f64 * factors.hold) as i64;
        ExitPlan {
            stop_fraction,
            target_fraction,
            trail: plan.trail.map(trail),
            partial: self.partial(share, stop_fraction, target_fraction),
            hold_ms_max: hold_ms.max(instrument.interval.ms()),
            ..*plan
        }
    }

    fn stop_gain(&self, climate: Climate) -> f64 {
        match climate.regime {
            Regime::HighVolatility => self.high_volatility_stop,
            _ => 1.0,
        }
    }

    fn target_gain(&self, climate: Climate, side: Side) -> f64 {
        match (climate.regime, side) {
            (Regime::TrendUp, Side::Long) | (Regime::TrendDown, Side::Short) => self.trend_target,
            (Regime::Range | Regime::TrendUp | Regime::TrendDown, _) => self.range_target,
            (Regime::Forming | Regime::LowVolatility | Regime::HighVolatility, _) => 1.0,
        }
    }

    /// The part taken off early, where there is one and it comes before the target.
    fn partial(
        &self,
        share_fraction: f64,
        stop_fraction: f64,
        target_fraction: Option<f64>,
    ) -> Option<PartialExit> {
        let at_fraction = stop_fraction * self.partial_at_r;
        let is_early = target_fraction.is_none_or(|target| at_fraction < target);
        let takes_a_part = share_fraction > 0.0 && share_fraction < 1.0;
        (is_early && takes_a_part).then_some(PartialExit { at_fraction, share_fraction })
    }

    /// Never less than ten bars: nothing shorter could be watched on bars that long. Chosen.
    fn hold_ms_max(&self, instrument: &Instrument) -> i64 {
        const BARS_MIN: i64 = 10;
        const HOUR_MS: f64 = 3_600_000.0;
        let hours = match instrument.kind {
            InstrumentKind::Equity => self.hold_hours_max_equity,
            InstrumentKind::Spot | InstrumentKind::Perpetual | InstrumentKind::Fx => {
                self.hold_hours_max
            }
        };
        ((hours * HOUR_MS) as i64).max(BARS_MIN * instrument.interval.ms())
    }

    /// When to leave before the close, if at all. Nothing, not even that, where the next bar would have
    /// to be left at the open at which it was entered.
    fn leave_by(&self, occasion: &Occasion<'_>) -> Option<Option<Timestamp>> {
        const MINUTE_MS: i64 = 60_000;
        let Occasion { instrument, now, .. } = occasion;
        if self.day_end == DayEnd::Hold {
            return Some(None);
        }
        let Some(close) = instrument.calendar.session_close(*now) else { return Some(None) };
        let leave_by = close.plus_ms(-self.leave_before_close_min * MINUTE_MS);
        (leave_by.ms_since(*now) >= instrument.interval.ms()).then_some(Some(leave_by))
    }
}

fn trail(stop_fraction: f64, after_r: f64, behind_r: f64) -> Trail {
    Trail { after_fraction: stop_fraction * after_r, behind_fraction: stop_fraction * behind_r }
}
