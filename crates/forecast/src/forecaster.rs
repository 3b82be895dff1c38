//! Everything that is forecast of one symbol: its frames, its regime, its readings, and the row that
//! heads, strategies and models look at.

use domain::{Bar, Instrument, Reading, Regime, Row};
use serde::{Deserialize, Serialize};

use crate::feature_at;
use crate::features;
use crate::frames::{Aggregate, Frame};
use crate::readings::Readings;
use crate::regime::{QUIET, RegimeFilter, RegimeRules, Season, Stride, TURBULENT};
use crate::row::WholeRow;
use crate::volatility::DayVolatility;

/// Which frames there are and how the working one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrameRules {
    /// Bars in one bar of the higher frame, 2..=48; of daily bars on a market that closes it is a week.
    pub higher_bars: u8,
    /// Which frame is worked on.
    pub working: WorkingFrame,
    /// How the kind of market is told.
    pub regime: RegimeRules,
}

impl Default for FrameRules {
    /// Four: an hour and four hours are what charts of these markets are read on. Chosen.
    fn default() -> FrameRules {
        FrameRules {
            higher_bars: 4,
            working: WorkingFrame::FollowsRegime,
            regime: RegimeRules::default(),
        }
    }
}

/// How the working frame is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingFrame {
    /// The higher one while volatility is high, where single bars are mostly noise; the bars as they
    /// come otherwise (mission row D4).
    #[default]
    FollowsRegime,
    /// Always the bars as they come.
    Base,
}

/// The longest window of a feature and the bar it is compared with: from then on a frame can say all
/// it will ever say.
const WINDOWS_FULL: u64 = 56;

/// What is known and thought of one symbol. It hears closed bars and public readings, in the order of
/// time, and looks at nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecaster {
    rules: FrameRules,
    base: Frame,
    higher: Frame,
    aggregate: Aggregate,
    season: Season,
    regime: RegimeFilter,
    readings: Readings,
    volatility: DayVolatility,
    last_close: Option<f64>,
    stride: Option<Stride>,
    works_higher: bool,
    frame_closed: bool,
    row: WholeRow,
}

impl Forecaster {
    /// One that has heard nothing.
    pub fn new(instrument: &Instrument, rules: &FrameRules) -> Forecaster {
        Forecaster {
            rules: *rules,
            base: Frame::new(),
            higher: Frame::new(),
            aggregate: Aggregate::new(instrument, rules.higher_bars),
            season: Season::of(instrument.interval),
            regime: RegimeFilter::new(&rules.regime),
            readings: Readings::new(),
            volatility: DayVolatility::of(instrument),
            last_close: None,
            stride: None,
            works_higher: false,
            frame_closed: false,
            row: WholeRow::absent(),
        }
    }

    /// Hears the next closed bar of its symbol.
    pub fn hear(&mut self, bar: &Bar) {
        let stride = self.stride_of(bar);
        self.volatility.hear(stride.change);
        let stride = self.season.take_out(bar.opened_at(), &stride);
        self.regime.hear(&stride);
        self.stride = self.regime.in_own_units(&stride).filter(|_| stride.reach.is_finite());
        self.base.hear(bar);
        // A bar that is late is still a bar; but it is too late to trade on.
        if let Some(late) = self.aggregate.overdue(bar) {
            self.hear_higher(&late);
        }
        let higher_closed = self.aggregate.hear(bar).map(|higher| self.hear_higher(&higher));
        self.choose_frame(higher_closed.is_some());
        self.regime_into_row();
        self.readings.show(bar.closed_at(), &mut self.row);
    }

    /// Hears a reading on its symbol or on all. It is seen from the next bar on.
    pub fn hear_reading(&mut self, reading: &Reading) {
        self.readings.hear(reading);
    }

    /// Begins again after missing bars: windows across them would lie. What was read, and what quiet
    /// and turbulent mean on this market, is kept.
    pub fn start_over(&mut self) {
        self.base = Frame::new();
        self.higher = Frame::new();
        self.aggregate.start_over();
        self.regime.start_over();
        (self.last_close, self.stride) = (None, None);
        (self.works_higher, self.frame_closed) = (false, false);
        self.row = WholeRow::absent();
    }

    /// What is known at the close of the last bar, on the working frame.
    pub fn row(&self) -> Row<'_> {
        self.row.row()
    }

    /// Whether a bar of the working frame closed with the last bar. Candidates arise only then.
    pub fn frame_closed(&self) -> bool {
        self.frame_closed
    }

    /// The kind of market its symbol is in.
    pub fn regime(&self) -> Regime {
        self.regime.label()
    }

    /// Bars of data in one bar of the working frame.
    pub fn frame_bars(&self) -> u8 {
        if self.works_higher { self.aggregate.bars() } else { 1 }
    }

    /// The last bar's move in the units of its own symbol, for [`crate::GlobalRegime`].
    pub fn stride(&self) -> Option<Stride> {
        self.stride
    }

    /// Standard deviation of the return over a day, fraction; nothing while it is forming.
    pub fn volatility_day(&self) -> Option<f64> {
        self.volatility.fraction()
    }

    fn stride_of(&mut self, bar: &Bar) -> Stride {
        let before = self.last_close.replace(bar.close()).unwrap_or(bar.open());
        Stride {
            change: bar.close() / before - 1.0,
            body: bar.close() / bar.open() - 1.0,
            reach: libm::log((bar.high() - bar.low()) / bar.close()),
        }
    }

    fn hear_higher(&mut self, bar: &Bar) {
        const SPREAD: usize = features::feature_at("ema_spread");
        const STRENGTH: usize = features::feature_at("rsi_14");
        const PLACE: usize = features::feature_at("channel_20");
        self.higher.hear(bar);
        let higher = self.higher.row().row();
        let said = [
            (const { feature_at("higher_ema_spread") }, higher.get(SPREAD)),
            (const { feature_at("higher_rsi") }, higher.get(STRENGTH)),
            (const { feature_at("higher_channel") }, higher.get(PLACE)),
        ];
        for (at, value) in said {
            self.row.put(at, value);
        }
    }

    /// The frame changes after a bar and never within one, and not to one that cannot speak yet.
    fn choose_frame(&mut self, higher_closed: bool) {
        let worked_higher = self.works_higher;
        self.works_higher = self.rules.working == WorkingFrame::FollowsRegime
            && self.regime.label() == Regime::HighVolatility
            && self.higher.has_heard(WINDOWS_FULL);
        self.frame_closed = higher_closed || !self.works_higher;
        if !self.works_higher {
            self.row.show(self.base.row());
        } else if higher_closed || !worked_higher {
            self.row.show(self.higher.row());
        }
    }

    fn regime_into_row(&mut self) {
        let kinds = self.regime.kinds();
        self.row.put(const { feature_at("regime_quiet") }, kinds.map(|kinds| kinds[QUIET]));
        self.row.put(const { feature_at("regime_turbulent") }, kinds.map(|kinds| kinds[TURBULENT]));
    }
}
