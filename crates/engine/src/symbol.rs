//! What is kept per symbol: its forecaster, its record, its shadows, its pending horizons.

use decide::SymbolRecord;
use domain::{Gap, Grid, Instrument, Reading, Regime, TimedBar, Timestamp, name_hash};
use forecast::Forecaster;
use serde::{Deserialize, Serialize};
use stats::uniqueness::Concurrency;

use crate::horizons::Horizons;
use crate::shadows::Shadows;
use crate::what_ifs::WhatIfs;
use crate::window::Window;
use crate::{Engine, Settings, State, Telling};

/// One symbol at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SymbolState {
    pub(crate) name_hash: u64,
    pub(crate) grid: Grid,
    pub(crate) forecaster: Forecaster,
    /// The last bar's return; none where the bar before it is missing.
    pub(crate) last_return: Option<f64>,
    /// What candidates on it have come to.
    pub(crate) record: SymbolRecord,
    /// Its regime at the last bar, and how often it was entered since that began.
    pub(crate) regime: Regime,
    pub(crate) regime_entries: u32,
    pub(crate) last_close: f64,
    pub(crate) last_closed_at: Option<Timestamp>,
    pub(crate) traded_at: Option<Timestamp>,
    pub(crate) shadows: Shadows,
    /// Decisions followed under other exit plans.
    pub(crate) what_ifs: WhatIfs,
    /// What models look back on.
    pub(crate) window: Window,
    pub(crate) horizons: Horizons,
    /// How many labels overlap, per strategy.
    pub(crate) overlap: Vec<Concurrency>,
}

impl SymbolState {
    pub(crate) fn new(
        instrument: &Instrument,
        settings: &Settings,
        strategies: usize,
    ) -> SymbolState {
        SymbolState {
            name_hash: name_hash(&instrument.symbol),
            grid: instrument.grid(),
            forecaster: Forecaster::new(instrument, &settings.frames),
            last_return: None,
            record: SymbolRecord::default(),
            regime: Regime::default(),
            regime_entries: 0,
            last_close: 0.0,
            last_closed_at: None,
            traded_at: None,
            shadows: Shadows::new(strategies),
            what_ifs: WhatIfs::new(strategies),
            window: Window::new(),
            horizons: match (settings.telling, settings.learns) {
                (Telling::Results, false) => Horizons::none(),
                _ => Horizons::new(instrument),
            },
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
    /// Forecasters hear the bar. After missing bars they start over: a window across them would lie.
    pub(crate) fn forecast(&mut self, timed: &TimedBar) {
        let instrument = &self.instruments[timed.symbol.at()];
        let symbol = &mut self.state.symbols[timed.symbol.at()];
        let is_after_gap = symbol.gap_before(instrument, timed).is_some();
        if is_after_gap {
            symbol.forecaster.start_over();
            symbol.window.start_over();
        }
        symbol.window.push(timed.bar.close());
        symbol.forecaster.hear(&timed.bar);
        let is_known = symbol.last_closed_at.is_some() && !is_after_gap;
        symbol.last_return = is_known.then(|| timed.bar.close() / symbol.last_close - 1.0);
        symbol.last_close = timed.bar.close();
        symbol.last_closed_at = Some(timed.bar.closed_at());
        let regime = symbol.forecaster.regime();
        if regime != symbol.regime {
            (symbol.regime, symbol.regime_entries) = (regime, 0);
        }
    }

    /// What all symbols did together: the regime they share, and which of them move alike.
    pub(crate) fn compare(&mut self, bars: &[TimedBar]) {
        let State { symbols, global, together, .. } = &mut self.state;
        global.hear(bars.iter().filter_map(|timed| symbols[timed.symbol.at()].forecaster.stride()));
        if symbols.len() < 2 {
            return;
        }
        let returns = &mut self.bench.returns;
        returns.clear();
        returns.resize(symbols.len(), None);
        for timed in bars {
            returns[timed.symbol.at()] = symbols[timed.symbol.at()].last_return;
        }
        together.observe(returns);
    }

    /// Readings reach the forecasters of their symbols, or all of them.
    pub(crate) fn read(&mut self, readings: &[Reading]) {
        for reading in readings {
            let symbols = &mut self.state.symbols;
            match reading.symbol {
                Some(symbol) => {
                    if let Some(symbol) = symbols.get_mut(symbol.at()) {
                        symbol.forecaster.hear_reading(reading);
                    }
                }
                None => symbols.iter_mut().for_each(|s| s.forecaster.hear_reading(reading)),
            }
        }
    }
}
