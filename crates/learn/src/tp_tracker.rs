//! TP tracker (mission row P7): how often targets are hit, how near they come, what a hit slips, and how good
//! the expected chance of one was, per symbol and strategy.

use domain::{ExitReason, Outcome, StrategyIx, SymbolIx};
use serde::{Deserialize, Serialize};
use stats::interval::{Interval, Z_95, wilson};

/// What became of the targets of one strategy on one symbol, executed decisions only.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// On what.
    pub symbol: SymbolIx,
    /// Whose.
    pub strategy: StrategyIx,
    /// Closes that had a target.
    pub closes: u64,
    /// The same with overlap discounted.
    pub closes_effective: f64,
    /// How many hit it.
    pub hits: u64,
    /// The same with overlap discounted.
    pub hits_effective: f64,
    /// How many came within a tenth of a per cent and turned.
    pub near_misses: u64,
    slipped_bps: f64,
    predicted: u64,
    predicted_sum: f64,
    score_sum: f64,
}

impl TargetRecord {
    fn new(symbol: SymbolIx, strategy: StrategyIx) -> TargetRecord {
        TargetRecord {
            symbol,
            strategy,
            closes: 0,
            closes_effective: 0.0,
            hits: 0,
            hits_effective: 0.0,
            near_misses: 0,
            slipped_bps: 0.0,
            predicted: 0,
            predicted_sum: 0.0,
            score_sum: 0.0,
        }
    }

    fn hear(&mut self, outcome: &Outcome, target_r: f64) {
        let has_hit = outcome.reason == ExitReason::Target;
        self.closes += 1;
        self.closes_effective += outcome.uniqueness;
        self.near_misses += u64::from(outcome.near_target);
        if has_hit {
            self.hits += 1;
            self.hits_effective += outcome.uniqueness;
            let away = outcome.side.sign() * target_r * f64::from(outcome.basis.stop_fraction);
            let ideal = outcome.entry * (1.0 + away);
            let lost = outcome.side.sign() * (ideal - outcome.exit);
            self.slipped_bps += lost / outcome.entry * 1e4;
        }
        let expected = f64::from(outcome.basis.win_probability);
        if expected > 0.0 {
            let missed = expected - if has_hit { 1.0 } else { 0.0 };
            self.predicted += 1;
            self.predicted_sum += expected;
            self.score_sum -= missed * missed;
        }
    }

    /// Share of targets hit; nothing before the first close.
    pub fn hit_rate(&self) -> Option<f64> {
        (self.closes_effective > 0.0).then(|| self.hits_effective / self.closes_effective)
    }

    /// Its 95 % interval.
    pub fn hit_interval(&self) -> Interval {
        wilson(self.hits_effective, self.closes_effective, Z_95)
    }

    /// What a hit gave up against its target on the mean, basis points of the entry price; nothing before the
    /// first hit.
    pub fn slippage_bps(&self) -> Option<f64> {
        (self.hits > 0).then(|| self.slipped_bps / self.hits as f64)
    }

    /// The chance of ending above zero that was expected, on the mean; nothing where nobody expected anything.
    pub fn expected_rate(&self) -> Option<f64> {
        (self.predicted > 0).then(|| self.predicted_sum / self.predicted as f64)
    }

    /// How good that expectation was: −(p − hit)² on the mean, 0 is perfect, −.25 an even guess (methods §1.9).
    pub fn score(&self) -> Option<f64> {
        (self.predicted > 0).then(|| self.score_sum / self.predicted as f64)
    }

    /// The same as a line.
    pub fn says(&self) -> String {
        let Interval { low, high } = self.hit_interval();
        let slipped =
            self.slippage_bps().map_or(String::new(), |bps| format!(", slipped {bps:.1} bps"));
        let score = self.score().map_or(String::new(), |score| format!(", score {score:.3}"));
        format!(
            "{} of {} targets hit ({:.0} to {:.0} %), {} near misses{slipped}{score}",
            self.hits,
            self.closes,
            low * 100.0,
            high * 100.0,
            self.near_misses
        )
    }
}

/// All of them, by symbol, then strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TpTracker {
    records: Vec<TargetRecord>,
}

impl TpTracker {
    /// Hears how an executed decision with a target turned out; others tell nothing.
    pub fn observe(&mut self, outcome: &Outcome) {
        let Some(target_r) = outcome.basis.target_r else { return };
        if !outcome.standing.is_executed() {
            return;
        }
        let key = (outcome.symbol, outcome.strategy);
        let at =
            match self.records.binary_search_by_key(&key, |known| (known.symbol, known.strategy)) {
                Ok(at) => at,
                Err(at) => {
                    self.records.insert(at, TargetRecord::new(key.0, key.1));
                    at
                }
            };
        self.records[at].hear(outcome, f64::from(target_r));
    }

    /// What is known, in order.
    pub fn records(&self) -> &[TargetRecord] {
        &self.records
    }
}
