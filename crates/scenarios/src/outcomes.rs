//! Outcomes of known making, for tests of learners: what each rests on is set, and the rest is neutral.

use domain::{
    Basis, Climate, DecisionId, ExitReason, Marks, Outcome, Regime, Side, Standing, StrategyIx,
    SymbolIx, Timestamp, Votes,
};

use crate::Dice;

/// An hour, the step of these worlds.
pub const HOUR_MS: i64 = 3_600_000;

/// When these worlds begin: 2023-01-02, a Monday.
pub const BEGIN: Timestamp = Timestamp::from_ms(1_672_617_600_000);

/// A declined decision's outcome of this result, decided so many hours after the beginning and open for one:
/// whole evidence of its own, a stop 2 % and a target 3 % away, everything else neutral.
pub fn outcome(hours: u64, r: f64) -> Outcome {
    let decided_at = BEGIN.plus_ms(hours as i64 * HOUR_MS);
    let weekday = ((hours / 24) % 7) as u8;
    Outcome {
        decision_no: hours,
        decision: DecisionId(hours),
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: Side::Long,
        standing: Standing::Refused,
        refused: 0,
        votes: Votes::default(),
        conviction: 0.5,
        climate: Climate { regime: Regime::Range, global: Regime::Range, frame_bars: 1 },
        decided_at,
        opened_at: decided_at,
        closed_at: decided_at.plus_ms(HOUR_MS),
        entry: 100.0,
        exit: 100.0 + 2.0 * r,
        reason: if r > 0.0 { ExitReason::Target } else { ExitReason::Stop },
        r,
        net_bps: 200.0 * r,
        cost_bps: 10.0,
        funding_bps: 0.0,
        favourable_bps: (200.0 * r).max(0.0),
        adverse_bps: (-200.0 * r).max(0.0),
        near_target: false,
        bars: 1,
        uniqueness: 1.0,
        basis: Basis {
            confluence: 0.75,
            edge_ratio: 2.0,
            rested_min: 120.0,
            stake: 0.001,
            stake_before: 0.001,
            propensity: 1.0,
            policy_version: 1,
            stop_fraction: 0.02,
            target_r: Some(1.5),
            hold_min: 60.0,
            hour: (hours % 24) as u8,
            weekday,
            ..Basis::default()
        },
        marks: Marks::default(),
    }
}

/// Trades that end at a target or at a stop, after costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bets {
    /// Probability of reaching the target first.
    pub win_rate: f64,
    /// What a win brings, units of initial risk.
    pub win_r: f64,
    /// What a loss takes, units of initial risk, positive.
    pub loss_r: f64,
}

impl Bets {
    /// Seed 000's target of 3 % and stop of 2 %, with a round trip of 0.1 %, in units of the stop.
    pub const SEED: Bets = Bets { win_rate: 0.42, win_r: 1.45, loss_r: 1.05 };

    /// The same at another win rate; 42 % earns nothing.
    pub const fn winning(win_rate: f64) -> Bets {
        Bets { win_rate, ..Bets::SEED }
    }

    /// What one earns on average.
    pub fn mean_r(&self) -> f64 {
        self.win_rate * self.win_r - (1.0 - self.win_rate) * self.loss_r
    }

    /// The next result.
    pub fn draw(&self, dice: &mut Dice) -> f64 {
        if dice.happens(self.win_rate) { self.win_r } else { -self.loss_r }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bet_of_the_seed_earns_nothing_at_its_break_even() {
        assert!(Bets::SEED.mean_r().abs() < 1e-12);
        assert!((Bets::winning(0.35).mean_r() + 0.175).abs() < 1e-12);
        let mut dice = Dice::new(7);
        let sum: f64 = (0..20_000).map(|_| Bets::SEED.draw(&mut dice)).sum();
        assert!((sum / 20_000.0).abs() < 0.03);
    }
}
