//! A challenger beside the champion on the same signals, and what that has shown so far.

use crate::judge::CanaryRules;
use serde::{Deserialize, Serialize};
use stats::moments::Moments;
use stats::sequential::{GAIN_GRID, GridEProcess};

/// What both made of one signal, in R: multiples of the risk taken at entry. One that did not
/// trade made zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The champion's result.
    pub champion_r: f64,
    /// The challenger's result.
    pub challenger_r: f64,
}

/// Evidence from paired decisions. Common luck cancels in the difference, which is why this needs
/// far fewer signals than two separate records would.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    alpha: f64,
    gain: GridEProcess,
    harm: GridEProcess,
    champion: Moments,
    challenger: Moments,
    equity_r: f64,
    peak_r: f64,
    drawdown_r: f64,
}

impl Duel {
    /// Opens a duel that may spend `alpha` of error: all of it for a procedure ("does the newest
    /// model in this slot beat the frozen one?"), a ledger's share for one named version.
    pub fn open(alpha: f64, rules: &CanaryRules) -> Duel {
        Duel {
            alpha,
            gain: GridEProcess::new(rules.difference_r_most, &GAIN_GRID),
            harm: GridEProcess::new(rules.difference_r_most, &GAIN_GRID),
            champion: Moments::default(),
            challenger: Moments::default(),
            equity_r: 0.0,
            peak_r: 0.0,
            drawdown_r: 0.0,
        }
    }

    /// Takes in one signal that both decided on and that neither was trained on.
    pub fn observe(&mut self, pair: Pair) {
        let gain = pair.challenger_r - pair.champion_r;
        self.gain.observe(gain);
        self.harm.observe(-gain);
        self.champion.observe(pair.champion_r);
        self.challenger.observe(pair.challenger_r);
        self.equity_r += pair.challenger_r;
        self.peak_r = self.peak_r.max(self.equity_r);
        self.drawdown_r = self.drawdown_r.max(self.peak_r - self.equity_r);
    }

    /// How many signals both decided on.
    pub fn decisions(&self) -> u64 {
        self.gain.observations()
    }

    /// The error it may spend.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Evidence that the challenger gains.
    pub fn gain(&self) -> &GridEProcess {
        &self.gain
    }

    /// Evidence that the challenger harms.
    pub fn harm(&self) -> &GridEProcess {
        &self.harm
    }

    /// The champion's mean result in R; `None` before the first signal.
    pub fn champion_mean_r(&self) -> Option<f64> {
        self.champion.mean()
    }

    /// The challenger's mean result in R; `None` before the first signal.
    pub fn challenger_mean_r(&self) -> Option<f64> {
        self.challenger.mean()
    }

    /// The challenger's deepest fall from its own peak, in R.
    pub fn drawdown_r(&self) -> f64 {
        self.drawdown_r
    }
}
