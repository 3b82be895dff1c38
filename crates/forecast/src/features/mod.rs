//! The registry of features: one line each. All of them are incremental: a bar costs the same
//! whether it is the first or the millionth.

pub mod averages;
pub mod bands;
pub mod channel;
pub mod flow;
pub mod oscillators;
pub mod ranges;
pub mod returns;
pub mod trend;
pub mod volume;
pub mod window;

use domain::{Bar, Row};
use serde::{Deserialize, Serialize};

/// A number computed from closed bars.
pub trait Feature {
    /// Hears the next closed bar; says the feature's value, or nothing while it warms up or where
    /// its input is absent.
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
    ($($name:ident: $kind:ty = $make:expr, $what:literal;)*) => {
        /// Every listed feature of one symbol and frame, with what it remembers.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct FeatureSet { $($name: $kind,)* }

        /// What there is, in the order of rows.
        pub const FEATURES: &[FeatureSpec] = &[$(FeatureSpec { name: stringify!($name), what: $what },)*];

        impl FeatureSet {
            /// Features that have heard nothing yet.
            pub fn new() -> FeatureSet {
                FeatureSet { $($name: $make,)* }
            }

            /// Lets every feature hear the next closed bar.
            pub fn hear(&mut self, bar: &Bar, row: &mut FeatureRow) {
                let mut at = 0;
                $(row.put(at, self.$name.hear(bar)); at += 1;)*
                debug_assert_eq!(at, FEATURE_COUNT);
            }
        }
    };
}

feature_set! {
    return_1: returns::Change = returns::Change::over(1), "change of the close over 1 bar, fraction";
    return_4: returns::Change = returns::Change::over(4), "change of the close over 4 bars, fraction";
    return_24: returns::Change = returns::Change::over(24), "change of the close over 24 bars, fraction";
    volatility_24: returns::Volatility = returns::Volatility::over(24), "standard deviation of 1-bar changes over 24 bars, fraction";
    efficiency_24: returns::Efficiency = returns::Efficiency::over(24), "net move over the path walked in 24 bars, 0..1 (Kaufman 1995)";
    atr_fraction: ranges::AtrFraction = ranges::AtrFraction::over(14), "average true range (Wilder 14) over the close, fraction";
    body: ranges::Body = ranges::Body, "close minus open over high minus low, -1..1";
    ema_spread: trend::EmaSpread = trend::EmaSpread::new(12, 26), "EMA 12 minus EMA 26, in average true ranges";
    ema_slope: trend::EmaSlope = trend::EmaSlope::new(26), "change of EMA 26 over 1 bar, in average true ranges";
    ema_cross: trend::EmaCross = trend::EmaCross::new(12, 26), "+1 on the bar where EMA 12 rises above EMA 26, -1 where it falls below, else 0";
    rsi_14: oscillators::Rsi = oscillators::Rsi::over(14), "relative strength index (Wilder 14), 0..100";
    band_z: bands::BandZ = bands::BandZ::over(20), "close minus its mean over 20 bars, in standard deviations";
    band_width: bands::BandWidth = bands::BandWidth::over(20), "standard deviation of 20 closes over their mean, fraction";
    channel_20: channel::ChannelPlace = channel::ChannelPlace::over(20), "place of the close in the range of the 20 bars before: 0 its low, 1 its high";
    channel_55: channel::ChannelPlace = channel::ChannelPlace::over(55), "place of the close in the range of the 55 bars before: 0 its low, 1 its high";
    volume_ratio: volume::VolumeRatio = volume::VolumeRatio::over(20), "volume over its mean of 20 bars";
    vwap_gap_24: volume::VwapGap = volume::VwapGap::over(24), "close over the volume-weighted mean price of 24 bars, minus 1, fraction";
    taker_share: flow::TakerShare = flow::TakerShare, "taker buys minus taker sells over volume, -1..1; absent where the source does not tell";
    taker_share_12: flow::TakerShareMean = flow::TakerShareMean::over(12), "its exponential mean over 12 bars";
}

/// How many features a row has.
pub const FEATURE_COUNT: usize = FEATURES.len();

const _: () = assert!(FEATURE_COUNT <= 64, "a row's presence is a mask of 64 bits");

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
    let mut at = 0;
    while at < FEATURE_COUNT {
        if same(FEATURES[at].name.as_bytes(), name.as_bytes()) {
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
    fn put(&mut self, at: usize, value: Option<f64>) {
        match value.filter(|value| value.is_finite()) {
            Some(value) => {
                self.values[at] = value;
                self.present |= 1 << at;
            }
            None => {
                self.values[at] = 0.0;
                self.present &= !(1 << at);
            }
        }
    }

    /// As others may read it.
    pub fn row(&self) -> Row<'_> {
        Row { values: &self.values, present: self.present }
    }
}
