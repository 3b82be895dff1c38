//! A challenger beside the champion on the same signals, and what that has shown so far.

use crate::claim::Claim;
use crate::gains::{Gains, Path};
use serde::{Deserialize, Serialize};
use stats::interval::Interval;
use stats::moments::Moments;

/// What both made of one signal, in R: multiples of the risk taken at entry. One that did not
/// trade made zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The champion's result.
    pub champion_r: f64,
    /// The challenger's result.
    pub challenger_r: f64,
}

/// What both made of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Means {
    champion: Moments,
    challenger: Moments,
    decisions: u64,
}

impl Means {
    /// Takes in one signal.
    pub fn observe(&mut self, pair: Pair) {
        self.decisions += 1;
        self.champion.observe(pair.champion_r);
        self.challenger.observe(pair.challenger_r);
    }

    /// How many signals there were.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// The champion's mean result in R; `None` before the first signal.
    pub fn champion_r(&self) -> Option<f64> {
        self.champion.mean()
    }

    /// The challenger's mean result in R; `None` before the first signal.
    pub fn challenger_r(&self) -> Option<f64> {
        self.challenger.mean()
    }
}

/// How far a challenger's gain over the champion fell from its own peak, in R. What both lost alike is the
/// market's, and no reason to send either away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fall {
    equity_r: f64,
    peak_r: f64,
    deepest_r: f64,
}

impl Fall {
    fn observe(&mut self, r: f64) {
        self.equity_r += r;
        self.peak_r = self.peak_r.max(self.equity_r);
        self.deepest_r = self.deepest_r.max(self.peak_r - self.equity_r);
    }
}

/// Evidence from paired decisions. Common luck cancels in the difference, which is why this needs
/// far fewer signals than two separate records would.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    alpha: f64,
    difference_r_most: f64,
    gain: Claim,
    harm: Claim,
    means: Means,
    fall: Fall,
    /// Signals on which the two differ enough to bet on: which these are is known before.
    differing: u64,
    /// Sum of what their gains are bet on with: see [`Duel::count`].
    bet_share_sum: f64,
    /// Signals on which they differ by less, and what the challenger gained there, in R.
    slight: u64,
    slight_gain_r: f64,
    gains: Gains,
    path: Path,
}

impl Duel {
    /// Opens a duel that may spend `alpha` of error: all of it for a procedure ("does the newest
    /// model in this slot beat the frozen one?"), a ledger's share for one named version.
    /// `difference_r_most` is the largest difference between two results on one signal, in R.
    pub fn open(alpha: f64, difference_r_most: f64) -> Duel {
        Duel {
            alpha,
            difference_r_most,
            gain: Claim::new(difference_r_most),
            harm: Claim::new(difference_r_most),
            means: Means::default(),
            fall: Fall::default(),
            differing: 0,
            bet_share_sum: 0.0,
            slight: 0,
            slight_gain_r: 0.0,
            gains: Gains::new(difference_r_most),
            path: Path::new(),
        }
    }

    /// Takes in one signal that both decided on and that neither was trained on, in a stream where none
    /// overlaps another.
    pub fn observe(&mut self, pair: Pair) {
        let gain_r = pair.challenger_r - pair.champion_r;
        self.count(pair, (gain_r != 0.0).then_some(1.0));
        self.bear(gain_r);
        self.bet(gain_r);
    }

    /// Takes in what both made of one signal: it counts for how large the gain looks. `bet_share` is the part
    /// of the gain that is bet on, less than all of it where more is at stake than the floor covers; nothing
    /// where they differ by too little.
    pub fn count(&mut self, pair: Pair, bet_share: Option<f64>) {
        self.means.observe(pair);
        let gain_r = pair.challenger_r - pair.champion_r;
        match bet_share {
            Some(share) => {
                self.differing += 1;
                self.bet_share_sum += share;
            }
            None if gain_r != 0.0 => {
                self.slight += 1;
                self.slight_gain_r += gain_r;
            }
            None => {}
        }
    }

    /// Takes in the mean gain of a block that shares nothing with others: it counts for how sure it is.
    pub fn bet(&mut self, gain_r: f64) {
        self.gain.observe(gain_r);
        self.harm.observe(-gain_r);
        self.gains.observe(gain_r);
        self.path.observe(self.gain.evidence());
    }

    /// Takes in the mean gain of a block that the version in the challenger's seat decided: it counts for its
    /// fall.
    pub fn bear(&mut self, gain_r: f64) {
        self.fall.observe(gain_r);
    }

    /// Another version has come into the challenger's seat, or the one there is heard on more: falls begin anew.
    pub fn fall_anew(&mut self) {
        self.fall = Fall::default();
    }

    /// What is said of harm from here on is said of what comes.
    pub fn harm_anew(&mut self) {
        self.harm = Claim::new(self.difference_r_most);
    }

    /// How many signals both decided on.
    pub fn decisions(&self) -> u64 {
        self.means.decisions()
    }

    /// Whether any signal had the two stake anything but the same.
    pub fn has_differed(&self) -> bool {
        self.differing + self.slight > 0
    }

    /// The error it may spend.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Evidence that the challenger gains.
    pub fn gain(&self) -> &Claim {
        &self.gain
    }

    /// Evidence that the challenger harms.
    pub fn harm(&self) -> &Claim {
        &self.harm
    }

    /// What both made of the signals.
    pub fn means(&self) -> &Means {
        &self.means
    }

    /// The deepest fall of the challenger's gain from its own peak, in R.
    pub fn drawdown_r(&self) -> f64 {
        self.fall.deepest_r
    }

    /// What the blocks' gains amount to.
    pub fn gains(&self) -> &Gains {
        &self.gains
    }

    /// The evidence after each tenth of the blocks.
    pub fn path(&self) -> Vec<f64> {
        self.path.tenths()
    }

    /// Where the mean gain per decision lies, at every look with 95 %, in R: that of the blocks, which hold
    /// only what the two differ on, times the share of decisions that they differ on. What came of slight
    /// differences is added as it was.
    pub fn interval(&self) -> Interval {
        let slight = self.slight_gain_r / self.decisions().max(1) as f64;
        if self.differing == 0 {
            // Where they never differed the gain is known; where nothing was heard nothing is.
            let most = if self.decisions() == 0 { self.difference_r_most } else { 0.0 };
            return Interval { low: slight - most, high: slight + most };
        }
        let differing = self.differing as f64;
        let share = differing / self.decisions() as f64 * differing / self.bet_share_sum;
        let Interval { low, high } = self.gains.interval();
        Interval { low: slight + low * share, high: slight + high * share }
    }
}
