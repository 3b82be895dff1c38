//! What the labels of one symbol are worth beside those of others that move with it.
//!
//! Ten coins that fall together are not ten observations. The mean of m results that correlate by ρ varies as
//! that of m / (1 + (m − 1)·ρ) independent ones (the design effect, Kish 1965), so each is worth that share
//! of one. Two strategies on one symbol look at the same prices whichever way they go.

use domain::SymbolIx;
use serde::{Deserialize, Serialize};

use crate::{Engine, State};

/// Moments at which bars closed between two looks. Chosen: correlations forget half in 240 bars, and a look
/// compares every pair.
const MOMENTS_BETWEEN: u64 = 16;

/// What each symbol's labels are worth, and how many moments there were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Beside {
    shares: Vec<f64>,
    moments: u64,
}

impl Beside {
    pub(crate) fn new(symbols: usize) -> Beside {
        Beside { shares: vec![1.0; symbols], moments: 0 }
    }

    /// What a symbol's labels are worth beside those of the others, 0..=1.
    pub(crate) fn share(&self, symbol: SymbolIx) -> f64 {
        self.shares[symbol.at()]
    }
}

impl Engine {
    /// Looks again at what each symbol's labels are worth, if it is time.
    pub(crate) fn look_beside(&mut self) {
        let is_time = self.state.beside.moments.is_multiple_of(MOMENTS_BETWEEN);
        self.state.beside.moments += 1;
        if !is_time {
            return;
        }
        let State { symbols, book, together, beside, .. } = &mut self.state;
        let is_open = |at: usize| {
            let is_held = || book.open_on(SymbolIx(at as u16)).next().is_some();
            symbols[at].shadows.labels().iter().any(|labels| *labels > 0) || is_held()
        };
        let open = &mut self.bench.open;
        open.clear();
        open.extend((0..symbols.len()).filter(|at| is_open(*at)));
        beside.shares.fill(1.0);
        for (place, &at) in open.iter().enumerate() {
            for &other in &open[..place] {
                // Where it is not known whether they move alike they are taken to.
                let correlation = together.correlation(at, other).unwrap_or(1.0).max(0.0);
                beside.shares[at] += correlation;
                beside.shares[other] += correlation;
            }
        }
        beside.shares.iter_mut().for_each(|share| *share = 1.0 / *share);
    }
}
