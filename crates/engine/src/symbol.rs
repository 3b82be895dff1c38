//! What is kept per symbol: its features, its shadows, its pending horizons.

use domain::{Gap, Grid, Instrument, TimedBar, Timestamp, name_hash};
use forecast::{FeatureRow, FeatureSet};
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::Engine;
use crate::horizons::Horizons;
use crate::shadows::Shadows;

/// One symbol at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SymbolState {
    pub(crate) name_hash: u64,
    pub(crate) grid: Grid,
    pub(crate) features: FeatureSet,
    pub(crate) row: FeatureRow,
    pub(crate) last_close: f64,
    pub(crate) last_closed_at: Option<Timestamp>,
    pub(crate) traded_at: Option<Timestamp>,
    pub(crate) shadows: Shadows,
    pub(crate) horizons: Horizons,
    /// How many labels overlap, per strategy.
    pub(crate) overlap: Vec<Concurrency>,
}

impl SymbolState {
    pub(crate) fn new(instrument: &Instrument, strategies: usize) -> SymbolState {
        SymbolState {
            name_hash: name_hash(&instrument.symbol),
            grid: instrument.grid(),
            features: FeatureSet::new(),
            row: FeatureRow::default(),
            last_close: 0.0,
            last_closed_at: None,
            traded_at: None,
            shadows: Shadows::new(strategies),
            horizons: Horizons::new(instrument),
            overlap: vec![Concurrency::default(); strategies],
        }
    }

    /// The gap before a bar, if bars are missing inside a session.
    pub(crate) fn gap_before(&self, instrument: &Instrument, timed: &TimedBar) -> Option<Gap> {
        let from = self.last_closed_at?;
        let bars_missing = instrument.bars_missing(from, &timed.bar);
        (bars_missing > 0).then(|| Gap {
            symbol: timed.symbol,
            from,
            to: timed.bar.opened_at(),
            bars_missing,
        })
    }
}

impl Engine {
    /// Features hear the bar. After missing bars they start over: a window across them would lie.
    pub(crate) fn forecast(&mut self, timed: &TimedBar) {
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        if symbol.gap_before(&self.instruments[timed.symbol.at()], timed).is_some() {
            symbol.features = FeatureSet::new();
        }
        symbol.features.hear(&timed.bar, &mut symbol.row);
        symbol.last_close = timed.bar.close();
        symbol.last_closed_at = Some(timed.bar.closed_at());
    }
}
