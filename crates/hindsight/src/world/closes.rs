//! The closes that models look back on, as they are stored.

use domain::{Gap, TimedBar};
use serde::{Deserialize, Serialize};
use store::CloseRecord;

/// How many bars in a row each symbol has had, by its place. A window begins anew after missing bars.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InARow(Vec<u32>);

impl InARow {
    /// Counts a bar, with what was missing before the bars of its moment.
    pub(super) fn count(&mut self, timed: &TimedBar, gaps: &[Gap]) -> CloseRecord {
        let place = timed.symbol.at();
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        let is_after_gap = gaps.iter().any(|gap| gap.symbol == timed.symbol);
        let in_a_row = if is_after_gap { 1 } else { self.0[place].saturating_add(1) };
        self.0[place] = in_a_row;
        CloseRecord {
            symbol: timed.symbol,
            closed_at: timed.bar.closed_at(),
            close: timed.bar.close() as f32,
            in_a_row,
        }
    }
}
