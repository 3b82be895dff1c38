//! The registry of features: one line each, a reading of the moment. What has to be remembered from bar
//! to bar is kept once, in `senses`, however many features read it. All of it is incremental: a bar
//! costs the same whether it is the first or the millionth.

pub mod averages;
mod bands;
#[cfg(test)]
mod definitions;
mod hours;
pub mod oscillators;
pub mod ranges;
mod returns;
mod senses;
mod structure;
pub mod trend;
pub mod volume;
pub mod window;

use domain::{Bar, Row};
use senses::{Moment, Senses};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number computed from closed bars, with what it has to remember.
pub trait Feature {
    /// Hears the next closed bar; says the number, or nothing while it warms up or where its input is
    /// absent.
    fn hear(&mut self, bar: &Bar) -> Option<f64>;
}

/// What a feature is called and means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureSpec {
    /// Its name in rows and files.
    pub name: &'static str,
    /// What it measures, and in which unit.
    pub what: &'static str,
}

macro_rules! feature_set {
    ($($name:ident: $read:expr, $what:literal;)*) => {
        /// What there is, in the order of rows.
        pub const FEATURES: &[FeatureSpec] = &[$(FeatureSpec { name: stringify!($name), what: $what },)*];

        impl FeatureRow {
            /// Reads every listed feature.
            fn read(&mut self, now: &Moment<'_>) {
                let mut at = 0;
                $(self.put(at, $read(now)); at += 1;)*
                debug_assert_eq!(at, FEATURE_COUNT);
            }
        }
    };
}

/// Every listed feature of one symbol and frame, with what they remember.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureSet {
    senses: Senses,
}

impl FeatureSet {
    /// Features that have heard nothing yet.
    pub fn new() -> FeatureSet {
        FeatureSet { senses: Senses::new() }
    }

    /// Lets every feature hear the next closed bar.
    pub fn hear(&mut self, bar: &Bar, row: &mut FeatureRow) {
        row.read(&self.senses.hear(bar));
    }
}

feature_set! {
    return_1: (|now| returns::change(now, 1)), "change of the close over 1 bar, fraction";
    return_4: (|now| returns::change(now, 4)), "change of the close over 4 bars, fraction";
    return_24: (|now| returns::change(now, 24)), "change of the close over 24 bars, fraction";
    volatility_24: returns::volatility_24, "standard deviation of 1-bar changes over 24 bars, fraction";
    efficiency_24: (|now| returns::efficiency(now, 24)), "net move over the path walked in 24 bars, 0..1 (Kaufman 1995)";
    atr_fraction: ranges::atr_fraction, "average true range (Wilder 14) over the close, fraction";
    body: ranges::body, "close minus open over high minus low, -1..1";
    ema_spread: trend::ema_spread, "EMA 12 minus EMA 26, in average true ranges";
    ema_slope: trend::ema_slope, "change of EMA 26 over 1 bar, in average true ranges";
    ema_cross: trend::ema_cross, "+1 on the bar where EMA 12 rises above EMA 26, -1 where it falls below, else 0";
    rsi_14: (|now: &Moment<'_>| now.rsi), "relative strength index (Wilder 14), 0..100";
    band_z: bands::band_z, "close minus its mean over 20 bars, in standard deviations";
    band_width: bands::band_width, "standard deviation of 20 closes over their mean, fraction";
    channel_20: (|now: &Moment<'_>| bands::channel(now, now.ranges.before_20)), "place of the close in the range of the 20 bars before: 0 its low, 1 its high";
    channel_55: (|now: &Moment<'_>| bands::channel(now, now.ranges.before_55)), "place of the close in the range of the 55 bars before: 0 its low, 1 its high";
    volume_ratio: (|now| volume::volume_ratio(now, 20)), "volume over its mean of 20 bars";
    vwap_gap_24: volume::vwap_gap_24, "close over the volume-weighted mean price of 24 bars, minus 1, fraction";
    taker_share: (|now: &Moment<'_>| now.taker_share), "taker buys minus taker sells over volume, -1..1; absent where the source does not tell";
    taker_share_12: (|now: &Moment<'_>| now.taker_mean), "its exponential mean over 12 bars";
    macd_histogram: trend::macd_histogram, "MACD (12, 26) minus its EMA 9, in average true ranges";
    adx_14: trend::adx, "average directional index (Wilder 14), 0..100; 0 where nothing moved";
    di_spread: trend::di_spread, "plus DI minus minus DI (Wilder 14), -100..100";
    obv_slope_24: volume::obv_slope_24, "change of on-balance volume over 24 bars over the volume traded in them, -1..1";
    cci_20: (|now| oscillators::cci(now, 20)), "commodity channel index (Lambert) of 20 bars, mostly -200..200; 0 where nothing moved";
    mfi_14: (|now| oscillators::mfi(now, 14)), "money flow index of 14 bars, 0..100; 0 where nothing was traded";
    stoch_k: oscillators::stoch_k, "slow stochastic %K (14, 3, 3), 0..100; 0 where nothing moved";
    roc_10: (|now| returns::change(now, 10)), "change of the close over 10 bars, fraction";
    autocorrelation_24: returns::autocorrelation_24, "lag-1 autocorrelation of 1-bar changes over 24 bars, -1..1";
    skew_24: returns::skew_24, "skewness of 1-bar changes over 24 bars";
    downside_share_24: returns::downside_share_24, "share of the squared 1-bar changes over 24 bars that were falls, 0..1";
    volatility_ratio: returns::volatility_ratio, "volatility of 6 bars over volatility of 48 bars";
    range_ratio: ranges::range_ratio, "true range of the bar, in average true ranges";
    squeeze: bands::squeeze, "2 standard deviations of 20 closes over 1.5 average true ranges: below 1 Bollinger's bands lie inside Keltner's channel";
    close_place: ranges::close_place, "close in the range of its bar: 0 the low, 1 the high";
    upper_wick: ranges::upper_wick, "high minus the higher of open and close, over high minus low, 0..1";
    lower_wick: ranges::lower_wick, "lower of open and close minus low, over high minus low, 0..1";
    gap_open: ranges::gap_open, "open over the close before, minus 1, fraction";
    volume_trend: volume::volume_trend, "EMA 12 of volume over EMA 48 of volume";
    volume_shock: (|now| volume::volume_shock(now, 48)), "logarithm of volume minus its mean over 48 bars, in standard deviations; absent while one had no trade";
    flow_share: (|now: &Moment<'_>| now.flow_share), "order flow over volume; absent where the source does not tell";
    flow_12: (|now: &Moment<'_>| now.flow_mean), "exponential mean of flow_share over 12 bars";
    swing_high_gap: structure::swing_high_gap, "close minus the last swing high, known 3 bars after it, in average true ranges; absent after 120 bars without one";
    swing_low_gap: structure::swing_low_gap, "close minus the last swing low, known 3 bars after it, in average true ranges; absent after 120 bars without one";
    structure: structure::structure, "+1 after a higher swing high and a higher swing low, -1 after a lower and a lower, else 0";
    drawdown_55: (|now| returns::drawdown(now, 55)), "how far the close is below the highest of 55 closes, fraction, 0..1";
    hour_sin: hours::hour_sin, "sine of the time of day (UTC) of the close, -1..1";
    hour_cos: hours::hour_cos, "cosine of the time of day (UTC) of the close, -1..1";
    weekday: hours::weekday, "day of the week (UTC) that the bar belongs to: Monday -1 to Sunday 1";
}

/// How many features a row has.
pub const FEATURE_COUNT: usize = FEATURES.len();

const _: () = assert!(
    FEATURE_COUNT <= 48,
    "a row's presence is a mask of 64 bits, and context needs its places in it"
);

impl Default for FeatureSet {
    fn default() -> FeatureSet {
        FeatureSet::new()
    }
}

/// The place of a feature in the row, for those who read it by name; resolved when compiled.
///
/// # Panics
/// When there is no such feature, which stops the build where it is used in a constant.
pub const fn feature_at(name: &str) -> usize {
    place(FEATURES, name)
}

/// The place of a name in a list.
pub(crate) const fn place(listed: &[FeatureSpec], name: &str) -> usize {
    let mut at = 0;
    while at < listed.len() {
        if same(listed[at].name.as_bytes(), name.as_bytes()) {
            return at;
        }
        at += 1;
    }
    panic!("no feature of this name is listed");
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// All features at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureRow {
    #[serde(serialize_with = "write_values", deserialize_with = "read_values")]
    values: [f64; FEATURE_COUNT],
    present: u64,
}

impl Default for FeatureRow {
    fn default() -> FeatureRow {
        FeatureRow { values: [0.0; FEATURE_COUNT], present: 0 }
    }
}

impl FeatureRow {
    /// A number that is not finite counts as absent: no head shall vote on it.
    #[inline]
    fn put(&mut self, at: usize, value: Option<f64>) {
        let value = value.filter(|value| value.is_finite());
        self.values[at] = value.unwrap_or(0.0);
        // Without a branch: which features are present is not worth guessing forty-eight times a bar.
        self.present = self.present & !(1 << at) | u64::from(value.is_some()) << at;
    }

    /// As others may read it.
    pub fn row(&self) -> Row<'_> {
        Row { values: &self.values, present: self.present }
    }
}

/// As a sequence: serde itself writes no array of more than 32.
fn write_values<S: Serializer>(values: &[f64; FEATURE_COUNT], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values)
}

fn read_values<'de, D: Deserializer<'de>>(from: D) -> Result<[f64; FEATURE_COUNT], D::Error> {
    let values = Vec::<f64>::deserialize(from)?;
    let told = values.len();
    values.try_into().map_err(|_| D::Error::invalid_length(told, &"one number per feature"))
}
