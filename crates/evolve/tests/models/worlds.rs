//! Lines of models in worlds whose truth is known. An hour brings a decision, and the next one its outcome.

use domain::{ModelRecord, Outcome, Rows, RulingRecord, SEAT_COUNT, Seat, Timestamp, Trigger};
use evolve::{DeployRule, Lineage, ModelRules};
use scenarios::{BEGIN, Dice, HOUR_MS, outcome};

/// A line of models, ruled on after every decision.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) lineage: Lineage,
    pub(crate) rules: ModelRules,
    pub(crate) by: DeployRule,
    pub(crate) rulings: Vec<RulingRecord>,
    pub(crate) hour: u64,
    pub(crate) trained: u64,
}

/// What each seat stakes, in thousandths of equity: champion, challenger, former.
pub(crate) type Stakes = [f32; SEAT_COUNT];

/// The challenger alone trades.
pub(crate) const CHALLENGER_ALONE: Stakes = [0.0, 1.0, 0.0];

/// The champion alone trades.
pub(crate) const CHAMPION_ALONE: Stakes = [1.0, 0.0, 0.0];

impl Line {
    pub(crate) fn new(rules: ModelRules, by: DeployRule) -> Line {
        let lineage = Lineage::default();
        Line { lineage, rules, by, rulings: Vec::new(), hour: 0, trained: 0 }
    }

    /// Under the default rules.
    pub(crate) fn by_evidence() -> Line {
        Line::new(ModelRules::default(), DeployRule::Evidence)
    }

    pub(crate) fn now(&self) -> Timestamp {
        BEGIN.plus_ms(self.hour as i64 * HOUR_MS)
    }

    /// Another version comes.
    pub(crate) fn train(&mut self) -> u64 {
        self.trained += 1;
        let record = record(self.trained, self.now());
        let rulings = self.lineage.enter(&record, self.now(), &self.rules);
        self.rulings.extend(rulings);
        self.trained
    }

    /// A decision as it would be recorded now, closed within the hour.
    pub(crate) fn outcome(&self, r: f64, stakes: Stakes) -> Outcome {
        let mut outcome = outcome(self.hour, r);
        let seen = &mut outcome.basis.modelled;
        seen.seated = Seat::ALL.map(|seat| self.lineage.seated(seat) as u32);
        seen.stakes = stakes.map(|stake| stake / 1_000.0);
        seen.version = seen.seated[Seat::Champion.at()];
        outcome
    }

    /// A decision, its outcome and what is ruled then.
    pub(crate) fn decide(&mut self, r: f64, stakes: Stakes) {
        let outcome = self.outcome(r, stakes);
        self.hour += 1;
        self.hear(&outcome);
    }

    pub(crate) fn hear(&mut self, outcome: &Outcome) {
        self.lineage.observe(outcome, &self.rules);
        let rulings = self.lineage.rule(self.now(), &self.rules, self.by);
        self.rulings.extend(rulings);
    }

    /// How often it was ruled so.
    pub(crate) fn count(&self, ruling: &str) -> usize {
        self.rulings.iter().filter(|record| record.ruling == ruling).count()
    }

    pub(crate) fn last(&self, ruling: &str) -> Option<&RulingRecord> {
        self.rulings.iter().rfind(|record| record.ruling == ruling)
    }
}

pub(crate) fn record(version: u64, at: Timestamp) -> ModelRecord {
    ModelRecord {
        version,
        name: ModelRecord::name_of(at, Trigger::Time),
        training: version,
        asked_at: at,
        trigger: Trigger::Time,
        rows: Rows::default(),
        members: Vec::new(),
        figures: Vec::new(),
        calibration: Vec::new(),
        hash: String::new(),
    }
}

/// The win rate at which bets of +1.45 R and -1.05 R have this mean in units of their own deviation.
pub(crate) fn win_rate(d: f64) -> f64 {
    let mut rate = 0.42;
    for _ in 0..50 {
        rate = (1.05 + d * 2.5 * f64::sqrt(rate * (1.0 - rate))) / 2.5;
    }
    rate
}

/// Markets without an edge (methods 4.1).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Null {
    /// A Gaussian walk.
    N1,
    /// GARCH(1,1) with t5 shocks.
    N2,
    /// Half and one and a half times the volatility, changing every 400 decisions.
    N3,
    /// Every fiftieth change or so is a jump down by six, the others a speck up.
    N4,
    /// A walk in which every trade pays a tenth of its risk.
    N5,
}

impl Null {
    pub(crate) const ALL: [Null; 5] = [Null::N1, Null::N2, Null::N3, Null::N4, Null::N5];
}

/// One of them, with what it remembers.
pub(crate) struct NullMarket {
    null: Null,
    pub(crate) dice: Dice,
    variance: f64,
    trades: u64,
}

impl NullMarket {
    pub(crate) fn new(null: Null, seed: u64) -> NullMarket {
        NullMarket { null, dice: Dice::new(seed), variance: 1.0, trades: 0 }
    }

    /// A trade from here with its stop at -1 R and its target at 1.5 R, sold after sixteen steps at the latest.
    /// What it overshoots it keeps, so that it earns nothing on average but its costs.
    pub(crate) fn trade_r(&mut self) -> f64 {
        self.trades += 1;
        let mut r = 0.0;
        for _ in 0..16 {
            r += 0.3 * self.step();
            if !(-1.0..1.5).contains(&r) {
                break;
            }
        }
        if matches!(self.null, Null::N5) { r - 0.1 } else { r }
    }

    fn step(&mut self) -> f64 {
        match self.null {
            Null::N1 | Null::N5 => self.dice.normal(),
            Null::N2 => self.garch(),
            Null::N3 => {
                let calm = (self.trades / 400).is_multiple_of(2);
                if calm { 0.5 * self.dice.normal() } else { 1.5 * self.dice.normal() }
            }
            Null::N4 => {
                if self.dice.happens(0.02) {
                    -5.88
                } else {
                    0.12
                }
            }
        }
    }

    fn garch(&mut self) -> f64 {
        let tails: f64 = (0..5).map(|_| self.dice.normal()).map(|z| z * z).sum();
        // A t5 has a variance of 5/3.
        let shock = self.dice.normal() / (tails / 5.0).sqrt() * (0.6_f64).sqrt();
        let step = self.variance.sqrt() * shock;
        self.variance = 0.02 + 0.08 * step * step + 0.90 * self.variance;
        step
    }

    /// Who stakes what: on half of the decisions champion and challenger differ, either way alike.
    pub(crate) fn stakes(&mut self) -> Stakes {
        let swap = self.dice.happens(0.5);
        let stakes = match self.dice.below(8) {
            0 | 1 => return [1.0, 1.0, 1.0],
            2 | 3 => return [0.0, 0.0, 0.0],
            4 | 5 => [1.0, 0.0, 0.0],
            _ => [1.0, 0.5, 1.0],
        };
        if swap { [stakes[1], stakes[0], stakes[2]] } else { stakes }
    }
}

pub(crate) fn median(delays: &mut [u64]) -> u64 {
    quantile(delays, 0.5)
}

pub(crate) fn quantile(delays: &mut [u64], share: f64) -> u64 {
    delays.sort_unstable();
    delays[((delays.len() - 1) as f64 * share).round() as usize]
}
