//! Candidates of all kinds, of which one kind may do better or worse than the rest (rows A12, A13).

use domain::{Basis, Climate, Outcome, Regime, Side, StrategyIx, SymbolIx};

use crate::{Bets, Dice, outcome};

/// What is planted among candidates that earn nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// Nothing.
    None,
    /// In this regime a conviction of at least `conviction` wins so often, a lower one so often.
    Conviction {
        /// Where.
        regime: Regime,
        /// From here on it is worth something.
        conviction: f64,
        /// Win rate from there on.
        above: f64,
        /// Win rate below.
        below: f64,
    },
    /// On this symbol, in the four hours from `hour` on, candidates win so often.
    SymbolHours {
        /// Where.
        symbol: SymbolIx,
        /// When: 0, 4 … 20.
        hour: u8,
        /// Win rate there.
        win_rate: f64,
    },
}

impl Pattern {
    /// The candidate of this hour, one an hour: any strategy of two, symbol of four, side, regime, conviction
    /// of .4 to .9, confluence of .6 to 1 and edge of one to four times its cost.
    pub fn candidate(self, hours: u64, dice: &mut Dice) -> Outcome {
        let regime = Regime::ALL[1 + dice.below(5) as usize];
        let plain = outcome(hours, 0.0);
        let candidate = Outcome {
            strategy: StrategyIx(dice.below(2) as u8),
            symbol: SymbolIx(dice.below(4) as u16),
            side: if dice.happens(0.5) { Side::Long } else { Side::Short },
            climate: Climate { regime, global: Regime::Range, frame_bars: 1 },
            conviction: 0.4 + 0.5 * dice.uniform(),
            basis: Basis {
                confluence: (0.6 + 0.4 * dice.uniform()) as f32,
                edge_ratio: (1.0 + 3.0 * dice.uniform()) as f32,
                ..plain.basis
            },
            ..plain
        };
        let r = Bets::winning(self.win_rate(&candidate)).draw(dice);
        Outcome { r, ..candidate }
    }

    fn win_rate(self, of: &Outcome) -> f64 {
        match self {
            Pattern::Conviction { regime, conviction, above, below }
                if of.climate.regime == regime =>
            {
                if of.conviction >= conviction {
                    above
                } else {
                    below
                }
            }
            Pattern::SymbolHours { symbol, hour, win_rate }
                if of.symbol == symbol && of.basis.hour / 4 * 4 == hour =>
            {
                win_rate
            }
            _ => Bets::SEED.win_rate,
        }
    }
}
