//! What kind of market it is, told bar by bar. A label, once given, is never revised.

mod drift;
mod global;
mod season;

use domain::Regime;
use serde::{Deserialize, Serialize};
use stats::hmm::{Dwell, HmmSettings, OnlineHmm};

use drift::Drift;
pub use global::GlobalRegime;
pub(crate) use season::Season;

/// How the kind of market is told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegimeRules {
    /// Bars before the first label, 50..=5,000.
    pub bars_min: u32,
    /// How many bars the model of quiet and turbulent times remembers, 500..=50,000.
    pub memory_bars: f64,
    /// A new label stands after this many bars in a row have asked for it, 1..=100.
    pub dwell_bars_min: u32,
    /// Moves expected to be at least this many times their usual size are large, 1.15..=3.
    pub turbulent_ratio: f64,
    /// Moves expected to be at most this many times their usual size are small, 0.3..=0.85.
    pub quiet_ratio: f64,
    /// How many bars a drift is measured over, 5..=1,000.
    pub drift_bars: u32,
    /// A drift this many standard errors from none is a trend, 0.5..=10,
    pub trend_enter: f64,
    /// until it is nearer than this many, 0..=`trend_enter`.
    pub trend_leave: f64,
}

impl Default for RegimeRules {
    /// Measured: on row g of the test bench (`tests/regimes.rs`), and so that years of hourly crypto,
    /// currencies and shares change their label some ten times in 1,000 bars. Drift is chosen.
    fn default() -> RegimeRules {
        RegimeRules {
            bars_min: 200,
            memory_bars: 3_000.0,
            dwell_bars_min: 8,
            turbulent_ratio: 1.3,
            quiet_ratio: 0.75,
            drift_bars: 48,
            trend_enter: 2.0,
            trend_leave: 1.0,
        }
    }
}

/// One bar's move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stride {
    /// From the close before to the close, fraction.
    pub change: f64,
    /// From the open to the close, fraction.
    pub body: f64,
    /// Natural log of high minus low over the close; minus infinity where they are the same.
    pub reach: f64,
}

/// The three kinds that the size of moves tells apart, in this order everywhere.
pub(crate) const QUIET: usize = 0;
const USUAL: usize = 1;
pub(crate) const TURBULENT: usize = 2;

/// States of the hidden Markov model. One more than a market of two kinds needs costs nothing: what
/// a state is called follows from the size of its moves, so two states may be of one kind.
const STATES: usize = 3;
/// The place of the reach among what is observed.
const REACH: usize = 1;

/// A new direction stands after this many bars in a row. Chosen: few, since a drift over two days turns
/// slowly by itself.
const DIRECTION_BARS_MIN: u32 = 3;

/// Where moves of usual size lead, in the order of their dwell.
const DIRECTIONS: [Regime; 3] = [Regime::Range, Regime::TrendUp, Regime::TrendDown];

/// A label of size goes on until the expected size is back by this much more than it took to earn it,
/// in logs. Chosen.
const STAY: f64 = 0.1;
/// The kind that is asked for is asked for outright.
const SURE: f64 = 0.5;

/// What is usual is remembered over this many memories of the model: over one, a long quiet spell
/// would become the usual and lose its name. Measured on row g of the test bench.
const USUAL_MEMORIES: f64 = 4.0;

/// Tells the kind of market from the bars so far, at the same cost for each.
///
/// How wild it is comes from a hidden Markov model over (move from open to close, log of the reach),
/// filtered and learned online. The log of a bar's reach is nearly Gaussian and says five times as
/// much about volatility as its return (Alizadeh, Brandt & Diebold 2002; Parkinson 1980). Where moves
/// are of usual size, the drift tells trend from range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RegimeFilter {
    rules: RegimeRules,
    model: OnlineHmm<STATES, 2>,
    /// Long-run mean of the log of the reach: what is usual here.
    usual_reach: f64,
    /// From this far above the usual on moves are large, and from that far below on small, in logs.
    large: f64,
    small: f64,
    kinds: [f64; 3],
    dwell: Dwell,
    drift: Drift,
    /// Where the drift has been for long enough.
    direction: Dwell,
}

impl RegimeFilter {
    pub(crate) fn new(rules: &RegimeRules) -> RegimeFilter {
        let settings = HmmSettings {
            bootstrap_bars: u64::from(rules.bars_min),
            memory_bars: rules.memory_bars,
            ..HmmSettings::default()
        };
        RegimeFilter {
            rules: *rules,
            model: OnlineHmm::new(settings),
            usual_reach: 0.0,
            large: libm::log(rules.turbulent_ratio),
            small: libm::log(rules.quiet_ratio),
            kinds: [0.0; 3],
            dwell: Dwell::new(SURE, rules.dwell_bars_min),
            drift: Drift::over(rules.drift_bars),
            direction: Dwell::new(SURE, DIRECTION_BARS_MIN),
        }
    }

    /// Hears the next move; one without a finite reach is only a change.
    pub(crate) fn hear(&mut self, stride: &Stride) {
        self.drift.hear(stride.change, &self.rules);
        let asked = self.drift.label();
        let is_asked: [f64; 3] = std::array::from_fn(|at| f64::from(DIRECTIONS[at] == asked));
        self.direction.observe(&is_asked);
        if !stride.reach.is_finite() {
            return;
        }
        self.model.observe(&[stride.body, stride.reach]);
        let memory = USUAL_MEMORIES * self.rules.memory_bars.max(1.0);
        let heard = (self.model.observed() as f64).clamp(1.0, memory);
        self.usual_reach += (stride.reach - self.usual_reach) / heard;
        self.tell();
    }

    /// The label that stands.
    pub(crate) fn label(&self) -> Regime {
        match self.dwell.label() {
            Some(QUIET) => Regime::LowVolatility,
            Some(TURBULENT) => Regime::HighVolatility,
            Some(_) => self.direction.label().map_or(Regime::Range, |at| DIRECTIONS[at]),
            None => Regime::Forming,
        }
    }

    /// Probability of quiet, usual and turbulent times; nothing while the model is forming.
    pub(crate) fn kinds(&self) -> Option<[f64; 3]> {
        self.model.posterior().is_some().then_some(self.kinds)
    }

    /// A move in the units of what is usual here: a usual reach is one, its log nought.
    pub(crate) fn in_own_units(&self, stride: &Stride) -> Option<Stride> {
        self.model.posterior()?;
        let unit = libm::exp(self.usual_reach);
        Some(Stride {
            change: stride.change / unit,
            body: stride.body / unit,
            reach: stride.reach - self.usual_reach,
        })
    }

    /// After missing bars: a window of moves across them would lie. What quiet and turbulent mean here is
    /// kept, and so is the label until another has been earned: not to know is no reason to fear less.
    pub(crate) fn start_over(&mut self) {
        self.drift = Drift::over(self.rules.drift_bars);
    }

    /// What the filtered states say of the size of moves: how likely each kind is, and which one the
    /// size expected next asks for. The label goes by the expectation, because states overlap: where
    /// two of them share a turbulent spell, neither is likely for long. Measured on row g, that leaves
    /// a quarter of the false switches.
    fn tell(&mut self) {
        let Some((posterior, outlooks)) = self.model.posterior().zip(self.outlooks()) else {
            return;
        };
        let (mut kinds, mut expected) = ([0.0; 3], 0.0);
        for (share, outlook) in posterior.iter().zip(outlooks) {
            let size = outlook - self.usual_reach;
            kinds[self.kind(size, 0.0, 0.0)] += share;
            expected += share * size;
        }
        let stays = |kind| if self.dwell.label() == Some(kind) { STAY } else { 0.0 };
        let asked = self.kind(expected, stays(QUIET), stays(TURBULENT));
        self.kinds = kinds;
        self.dwell.observe(&std::array::from_fn::<f64, 3, _>(|kind| f64::from(kind == asked)));
    }

    /// The reach to expect of the bar after each state. Two states that come and go between one another
    /// are one spell cut in two: they have about the same outlook, and so the same name. Measured on
    /// row g: by their own means one world in twelve had the wrong label for a tenth of its life.
    fn outlooks(&self) -> Option<[f64; STATES]> {
        let reaches = self.model.means()?.map(|means| means[REACH]);
        let after = |row: [f64; STATES]| row.iter().zip(&reaches).map(|(p, reach)| p * reach).sum();
        self.model.transitions().map(|transitions| transitions.map(after))
    }

    /// What moves of a size are called, in logs above the usual, with the edges moved so far inwards.
    fn kind(&self, size: f64, quiet_stays: f64, turbulent_stays: f64) -> usize {
        if size >= self.large - turbulent_stays {
            TURBULENT
        } else if size <= self.small + quiet_stays {
            QUIET
        } else {
            USUAL
        }
    }
}
