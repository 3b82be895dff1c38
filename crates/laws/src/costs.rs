//! Fees, spread, slippage, and how much of a bar's volume may be ours.

use domain::{DecisionId, Side, Timestamp, draw};
use serde::{Deserialize, Serialize};

/// What trading costs. Defaults are the taker costs of the honesty bench (methods §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Costs {
    /// Fee a side, basis points of the value traded.
    pub taker_bps: f64,
    /// Half of bid–ask, basis points of the price, paid on each side.
    pub half_spread_bps: f64,
    /// Mean slippage a side, basis points of the price.
    pub slippage_mean_bps: f64,
    /// Its standard deviation; single fills may be better than the market showed.
    pub slippage_sd_bps: f64,
    /// The share of a bar's volume that one entry may take.
    pub volume_fraction_max: f64,
    /// How many bars an entry may take to fill, at least one; what they do not give is taken back.
    pub entry_bars_max: u32,
    /// Milliseconds from asking for an order to the first price it can have. What the venue holds, stops
    /// and targets, is there already and waits for nothing.
    pub latency_ms: i64,
}

impl Default for Costs {
    fn default() -> Costs {
        Costs {
            taker_bps: 4.0,
            half_spread_bps: 1.0,
            slippage_mean_bps: 1.0,
            slippage_sd_bps: 1.0,
            volume_fraction_max: 0.10,
            entry_bars_max: 1,
            latency_ms: 0,
        }
    }
}

const BPS: f64 = 1e-4;

impl Costs {
    /// What a round trip is expected to take, as a fraction of notional.
    pub fn round_trip_fraction(&self) -> f64 {
        2.0 * (self.taker_bps + self.half_spread_bps + self.slippage_mean_bps) * BPS
    }

    /// The price paid or got where the market showed `market`, slipping by `slipped_bps`.
    pub fn fill_price(&self, side: Side, market: f64, slipped_bps: f64) -> f64 {
        market * (1.0 + side.sign() * (self.half_spread_bps + slipped_bps) * BPS)
    }

    /// The fee on a traded value, in the units of the value.
    pub fn fee(&self, value: f64) -> f64 {
        value * self.taker_bps * BPS
    }

    /// Whether what was asked for then may be filled at the open of a bar that opened at `opened_at`: a
    /// price from before it arrived is not one it can have.
    pub const fn arrives_by(&self, requested_at: Timestamp, opened_at: Timestamp) -> bool {
        opened_at.ms_since(requested_at) >= self.latency_ms
    }

    /// How much of an entry a bar of this volume can fill, base units.
    pub fn fillable(&self, asked: f64, volume: f64) -> f64 {
        asked.min(volume * self.volume_fraction_max)
    }
}

/// Slippage at entry and at exit of one decision, basis points: two normal draws that depend on
/// nothing but the seed and the decision (Box & Muller 1958).
pub fn slippage_bps(costs: &Costs, seed: u64, decision: DecisionId) -> [f64; 2] {
    const STREAM_RADIUS: u64 = 1;
    const STREAM_ANGLE: u64 = 2;
    let radius = (-2.0 * libm::log(1.0 - draw(seed, decision, STREAM_RADIUS))).sqrt();
    let (sin, cos) = libm::sincos(std::f64::consts::TAU * draw(seed, decision, STREAM_ANGLE));
    [cos, sin].map(|part| costs.slippage_mean_bps + costs.slippage_sd_bps * radius * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_round_trip_is_twelve_basis_points() {
        assert!((Costs::default().round_trip_fraction() - 0.0012).abs() < 1e-15);
    }

    #[test]
    fn costs_are_paid_on_both_sides() {
        let costs = Costs::default();
        assert!(costs.fill_price(Side::Long, 100.0, 1.0) > 100.0);
        assert!(costs.fill_price(Side::Short, 100.0, 1.0) < 100.0);
        assert_eq!(costs.fillable(5.0, 10.0), 1.0);
        assert_eq!(costs.fillable(0.5, 10.0), 0.5);
    }

    #[test]
    fn with_latency_the_fill_comes_at_the_first_open_after_it() {
        const MINUTE_MS: i64 = 60_000;
        let first_open = |latency_ms| {
            let costs = Costs { latency_ms, ..Costs::default() };
            (0..).find(|bar| {
                let opened_at = Timestamp::from_ms(bar * MINUTE_MS);
                costs.arrives_by(Timestamp::from_ms(0), opened_at)
            })
        };
        assert_eq!([0, 1, 60_000, 90_000].map(first_open), [0, 1, 1, 2].map(Some));
    }

    #[test]
    fn slippage_has_the_mean_and_spread_it_was_given() {
        let costs = Costs::default();
        let n = 50_000_u64;
        let drawn: Vec<f64> = (0..n).flat_map(|i| slippage_bps(&costs, 7, DecisionId(i))).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance =
            drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / drawn.len() as f64;
        assert!((mean - 1.0).abs() < 0.015, "{mean}");
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
    }
}
