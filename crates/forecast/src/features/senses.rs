//! What features read. Each thing is worked out once per bar, however many features read it.

use domain::Bar;
use serde::{Deserialize, Serialize};

use super::Feature;
use super::averages::{Ema, Macd, MacdPoint};
use super::hours::Direction;
use super::oscillators::{Rsi, Stochastic, StochasticPoint};
use super::ranges::Atr;
use super::returns::Spread;
use super::structure::Swings;
use super::trend::{DirectionalMovement, Directions};
use super::volume::{flow_share, signed, signed_volume, taker_share, typical_price};
use super::window::{Range, Rolling, highest, lowest, mean_and_variance, sum};

/// The last numbers of each kind, as far back as any feature looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Past {
    pub(super) closes: Rolling,
    pub(super) highs: Rolling,
    pub(super) lows: Rolling,
    pub(super) changes: Rolling,
    pub(super) volumes: Rolling,
    pub(super) log_volumes: Rolling,
    pub(super) signed_volumes: Rolling,
    pub(super) values: Rolling,
    pub(super) typical_prices: Rolling,
    pub(super) money_flows: Rolling,
}

impl Past {
    fn new() -> Past {
        Past {
            closes: Rolling::over(55),
            highs: Rolling::over(55),
            lows: Rolling::over(55),
            changes: Rolling::over(48),
            volumes: Rolling::over(24),
            log_volumes: Rolling::over(48),
            signed_volumes: Rolling::over(24),
            values: Rolling::over(24),
            typical_prices: Rolling::over(20),
            money_flows: Rolling::over(14),
        }
    }

    #[inline]
    fn hear(&mut self, bar: &Bar) {
        let typical = typical_price(bar);
        if let (Some(close), Some(before)) = (self.closes.ago(0), self.typical_prices.ago(0)) {
            self.changes.push(bar.close() / close - 1.0);
            self.signed_volumes.push(signed_volume(bar, close));
            self.money_flows.push(signed(typical * bar.volume(), typical - before));
        }
        self.closes.push(bar.close());
        self.highs.push(bar.high());
        self.lows.push(bar.low());
        self.volumes.push(bar.volume());
        if bar.volume() > 0.0 {
            self.log_volumes.push(libm::log(bar.volume()));
        } else {
            // No size is unusual next to nothing: what follows is compared with itself.
            self.log_volumes.clear();
        }
        self.values.push(typical * bar.volume());
        self.typical_prices.push(typical);
    }

    /// Range of `BARS` bars before the newest `SKIPPED`. Known when compiled, lengths make loops of no
    /// more than their work.
    #[inline]
    fn range<const SKIPPED: usize, const BARS: usize>(&self) -> Option<Range> {
        let high = highest(self.highs.before(SKIPPED, BARS)?);
        Some(Range { high, low: lowest(self.lows.before(SKIPPED, BARS)?) })
    }
}

/// The two exponential means that trends are read from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Means {
    pub(super) fast: Option<f64>,
    pub(super) slow: Option<f64>,
}

/// Ranges of the bars before this one, and of the last 14 with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranges {
    pub(super) before_20: Option<Range>,
    pub(super) before_55: Option<Range>,
    pub(super) with_14: Option<Range>,
}

/// One closed bar among those before it.
pub(super) struct Moment<'a> {
    pub(super) bar: &'a Bar,
    pub(super) past: &'a Past,
    pub(super) swings: &'a Swings,
    pub(super) last_close: Option<f64>,
    pub(super) true_range: Option<f64>,
    pub(super) atr: Option<f64>,
    pub(super) means: Means,
    pub(super) means_before: Means,
    pub(super) macd: Option<MacdPoint>,
    pub(super) directions: Option<Directions>,
    pub(super) rsi: Option<f64>,
    pub(super) stochastic: Option<StochasticPoint>,
    pub(super) ranges: Ranges,
    /// Mean and variance of the last 20 closes.
    pub(super) band: Option<(f64, f64)>,
    /// Of the last 24 changes.
    pub(super) spread: Option<Spread>,
    pub(super) volume_24: Option<f64>,
    pub(super) volume_fast: Option<f64>,
    pub(super) volume_slow: Option<f64>,
    pub(super) taker_share: Option<f64>,
    pub(super) taker_mean: Option<f64>,
    pub(super) flow_share: Option<f64>,
    pub(super) flow_mean: Option<f64>,
    pub(super) day_angle: Direction,
}

impl Moment<'_> {
    /// A distance in average true ranges; nothing where the market did not move.
    #[inline]
    pub(super) fn in_ranges(&self, distance: f64) -> Option<f64> {
        self.atr.filter(|&atr| atr > 0.0).map(|atr| distance / atr)
    }
}

/// What has to be remembered from bar to bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Senses {
    past: Past,
    swings: Swings,
    atr: Atr,
    fast: Ema,
    slow: Ema,
    macd: Macd,
    directions: DirectionalMovement,
    rsi: Rsi,
    stochastic: Stochastic,
    volume_fast: Ema,
    volume_slow: Ema,
    taker_mean: Ema,
    flow_mean: Ema,
}

impl Senses {
    pub(super) fn new() -> Senses {
        Senses {
            past: Past::new(),
            swings: Swings::default(),
            atr: Atr::over(14),
            fast: Ema::over(12),
            slow: Ema::over(26),
            macd: Macd::new(12, 26, 9),
            directions: DirectionalMovement::over(14),
            rsi: Rsi::over(14),
            stochastic: Stochastic::new(3, 3),
            volume_fast: Ema::over(12),
            volume_slow: Ema::over(48),
            taker_mean: Ema::over(12),
            flow_mean: Ema::over(12),
        }
    }

    /// Hears the next closed bar.
    #[inline]
    pub(super) fn hear<'a>(&'a mut self, bar: &'a Bar) -> Moment<'a> {
        let ranges = self.ranges(bar);
        let last_close = self.past.closes.ago(0);
        self.past.hear(bar);
        self.swings.hear(&self.past.highs, &self.past.lows);
        let means_before = Means { fast: self.fast.value(), slow: self.slow.value() };
        let close = bar.close();
        let means = Means { fast: self.fast.push(close), slow: self.slow.push(close) };
        let (true_range, atr) = self.atr.hear_both(bar);
        let (taker_share, flow_share) = (taker_share(bar), flow_share(bar));
        Moment {
            bar,
            last_close,
            true_range,
            atr,
            means,
            means_before,
            macd: self.macd.push(close),
            directions: self.directions.hear(bar),
            rsi: self.rsi.hear(bar),
            stochastic: ranges.with_14.and_then(|range| self.stochastic.push(close, range)),
            ranges,
            band: self.past.closes.last(20).map(mean_and_variance),
            spread: self.past.changes.last(24).map(Spread::of),
            volume_24: self.past.volumes.last(24).map(sum),
            volume_fast: self.volume_fast.push(bar.volume()),
            volume_slow: self.volume_slow.push(bar.volume()),
            taker_share,
            taker_mean: taker_share.and_then(|share| self.taker_mean.push(share)),
            flow_share,
            flow_mean: flow_share.and_then(|share| self.flow_mean.push(share)),
            day_angle: Direction::of(bar),
            past: &self.past,
            swings: &self.swings,
        }
    }

    /// Each longer stretch is the shorter one and what came before it.
    #[inline]
    fn ranges(&self, bar: &Bar) -> Ranges {
        let before_13 = self.past.range::<0, 13>();
        let join = |near: Option<Range>, far: Option<Range>| Some(near?.with(far?));
        let before_20 = join(before_13, self.past.range::<13, 7>());
        Ranges {
            before_20,
            before_55: join(before_20, self.past.range::<20, 35>()),
            with_14: before_13.map(|range| range.with(Range { high: bar.high(), low: bar.low() })),
        }
    }
}
