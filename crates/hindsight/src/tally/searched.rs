//! What searches tried: the best of many is worth less than the only one.

use std::collections::BTreeMap;

use domain::Trial;
use evolve::TrialLedger;

/// Every cell that was ever searched, once, with its last figures. A cell that is searched again the next night
/// is the same trial: it says the same of nearly the same outcomes.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    cells: BTreeMap<(String, String), Figures>,
}

#[derive(Clone, Copy, Debug)]
struct Figures {
    sharpe: f64,
    outcomes_effective: f64,
}

impl Searched {
    /// Takes in what was tried.
    pub fn record(&mut self, trials: &[Trial]) {
        for trial in trials {
            let (sharpe, outcomes_effective) = (trial.sharpe, trial.outcomes_effective);
            let key = (trial.learner.clone(), trial.cell.clone());
            self.cells.insert(key, Figures { sharpe, outcomes_effective });
        }
    }

    /// How many cells.
    pub fn count(&self) -> u64 {
        self.cells.len() as u64
    }

    /// Enters them beside the runs. A cell's ratio is per outcome; so that it can stand beside ratios per day it
    /// is told as the ratio that would be as far from zero over this run's days.
    pub fn enter(&self, ledger: &mut TrialLedger, days: usize) {
        for ((learner, cell), figures) in &self.cells {
            let deviations = figures.sharpe * figures.outcomes_effective.max(0.0).sqrt();
            let is_measured = days > 0 && figures.outcomes_effective > 1.0;
            let per_day = is_measured.then(|| deviations / (days as f64).sqrt());
            ledger.enter(format!("{learner}: {cell}"), per_day);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(cell: &str, sharpe: f64) -> Trial {
        Trial {
            learner: "scenario_tuner".to_owned(),
            at: domain::Timestamp::from_ms(0),
            cell: cell.to_owned(),
            outcomes_effective: 400.0,
            mean_r: 0.1,
            sharpe,
            was_taken: false,
        }
    }

    #[test]
    fn every_cell_counts_once_however_many_nights_it_was_searched() {
        let mut searched = Searched::default();
        (0..30).for_each(|_| searched.record(&[trial("a", 0.05), trial("b", -0.02)]));
        assert_eq!(searched.count(), 2);
        let mut ledger = TrialLedger::default();
        searched.enter(&mut ledger, 100);
        assert_eq!(ledger.count(), 2);
        // .05 over 400 outcomes is one deviation from zero, as is .1 over 100 days.
        assert_eq!(ledger.trials()[0].sharpe, Some(0.1));
        assert!(ledger.trials()[1].name.ends_with("b"));
    }
}
