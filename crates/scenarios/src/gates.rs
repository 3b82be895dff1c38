//! Candidates that gates refuse or let pass, of known worth.

use domain::{GatePolicy, Outcome, Standing, Threshold};

use crate::{Bets, Dice, outcome};

/// Candidates near one threshold each: half are refused by it alone, half just pass them all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateWorld {
    /// What one gate alone refuses would come to.
    pub refused: Bets,
    /// What passes comes to.
    pub passed: Bets,
    /// The only gate that refuses anything; all of them by turns where there is none.
    pub only: Option<Threshold>,
}

impl GateWorld {
    /// Nothing earns or loses anything after costs.
    pub const NULL: GateWorld = GateWorld { refused: Bets::SEED, passed: Bets::SEED, only: None };

    /// How a house of these worlds lists its gates.
    pub const GATES: [&'static str; 8] = [
        "conviction",
        "confluence",
        "fee",
        "cooldown",
        "history",
        "regime_entries",
        "correlation",
        "killed",
    ];

    /// The bit of a threshold's gate in that list.
    pub fn bit(threshold: Threshold) -> u16 {
        let at = GateWorld::GATES.iter().position(|gate| *gate == threshold.gate());
        at.map_or(0, |at| 1 << at)
    }

    /// The outcome of a candidate decided so many hours after the beginning, under thresholds that stand so.
    pub fn candidate(&self, hours: u64, gates: &GatePolicy, dice: &mut Dice) -> Outcome {
        let turn = Threshold::ALL[dice.below(Threshold::ALL.len() as u64) as usize];
        let is_refused = dice.happens(0.5);
        let by = is_refused.then_some(self.only.unwrap_or(turn));
        let bets = if is_refused { self.refused } else { self.passed };
        let mut made = outcome(hours, bets.draw(dice));
        for threshold in Threshold::ALL {
            let passes = by != Some(threshold);
            place(&mut made, threshold, near(threshold, gates, passes, dice));
        }
        made.refused = by.map_or(0, GateWorld::bit);
        made.standing = if is_refused { Standing::Refused } else { Standing::Probe };
        made
    }
}

/// A value within a tenth of what stands, on the side that passes or on the other.
fn near(threshold: Threshold, gates: &GatePolicy, passes: bool, dice: &mut Dice) -> f64 {
    let standing = threshold.of(gates);
    if threshold == Threshold::RegimeEntries {
        return if passes { standing } else { standing + 1.0 };
    }
    let away = 0.01 + 0.09 * dice.uniform();
    let above = passes == threshold.is_least();
    standing * if above { 1.0 + away } else { 1.0 - away }
}

fn place(outcome: &mut Outcome, threshold: Threshold, measured: f64) {
    let basis = &mut outcome.basis;
    match threshold {
        Threshold::Conviction => outcome.conviction = measured,
        Threshold::Confluence => basis.confluence = measured as f32,
        Threshold::FeeMargin => basis.edge_ratio = measured as f32,
        Threshold::Cooldown => basis.rested_min = measured as f32,
        // The gate counts the entry that it is asked about.
        Threshold::RegimeEntries => basis.regime_entries = (measured - 1.0) as u16,
        Threshold::Correlation => basis.correlation = measured as f32,
    }
}
