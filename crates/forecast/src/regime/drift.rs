//! Whether moves lead anywhere.

use domain::Regime;
use serde::{Deserialize, Serialize};

use super::RegimeRules;

/// The mean move against its standard error, both fading, and the label with its hysteresis: a trend
/// is entered on more evidence than it needs to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Drift {
    bars: u32,
    heard: u32,
    mean: f64,
    square: f64,
    label: Regime,
}

impl Drift {
    /// As an average over `bars` bars would measure it.
    pub(super) fn over(bars: u32) -> Drift {
        Drift { bars: bars.max(2), heard: 0, mean: 0.0, square: 0.0, label: Regime::Forming }
    }

    pub(super) fn hear(&mut self, change: f64, rules: &RegimeRules) {
        // Until as many were heard it is the plain mean of all; from then on the oldest fade.
        self.heard = self.heard.saturating_add(1).min(self.bars);
        let weight = (2.0 / (f64::from(self.bars) + 1.0)).max(1.0 / f64::from(self.heard));
        self.mean += weight * (change - self.mean);
        self.square += weight * (change * change - self.square);
        if self.heard == self.bars {
            self.label = self.next(rules);
        }
    }

    pub(super) fn label(&self) -> Regime {
        self.label
    }

    fn next(&self, rules: &RegimeRules) -> Regime {
        let errors = self.errors();
        let needed = |side| if self.label == side { rules.trend_leave } else { rules.trend_enter };
        if errors >= needed(Regime::TrendUp) {
            Regime::TrendUp
        } else if -errors >= needed(Regime::TrendDown) {
            Regime::TrendDown
        } else {
            Regime::Range
        }
    }

    /// A fading mean over n bars has the variance of a plain one over n.
    fn errors(&self) -> f64 {
        if self.square <= 0.0 {
            return 0.0;
        }
        self.mean * (f64::from(self.bars) / self.square).sqrt()
    }
}
