//! Parts of one symbol from several files become one series.

use std::path::Path;
use std::sync::Arc;

use domain::{Bar, Interval};

use crate::door::Admitted;
use crate::{BadRow, MarketError, Refusals, Series, Wanted};

/// What one file gave.
pub(crate) struct Part {
    pub(crate) path: Arc<Path>,
    pub(crate) symbol: String,
    pub(crate) interval: Interval,
    pub(crate) admitted: Vec<Admitted>,
    pub(crate) refusals: Refusals,
}

/// Joins the parts of one symbol and interval, in the order given; nothing when no bar is in the
/// wanted span. The first of two rows for the same moment stays.
pub(crate) fn join(mut parts: Vec<Part>, wanted: &Wanted) -> Result<Option<Series>, MarketError> {
    let Some(first) = parts.first() else { return Ok(None) };
    let (symbol, interval) = (first.symbol.clone(), first.interval);
    let source = first.path.to_path_buf();
    let mut placed = Vec::with_capacity(parts.iter().map(|part| part.admitted.len()).sum());
    for (at, part) in parts.iter_mut().enumerate() {
        placed.extend(part.admitted.drain(..).map(|admitted| Placed { part: at, admitted }));
    }
    // A stable sort keeps the order of files and rows among equal moments; newest-first costs one turn.
    if !placed.is_sorted_by_key(Placed::opened_at) {
        placed.sort_by_key(Placed::opened_at);
    }
    let bars = without_repeats(placed, &mut parts);
    let mut refusals = Refusals::default();
    for part in parts {
        refusals.absorb(part.refusals);
    }
    if wanted.strict
        && let Some(refusal) = refusals.kept().first()
    {
        return Err(MarketError::BadRow(refusal.clone()));
    }
    refusals.settle();
    Ok((!bars.is_empty()).then(|| Series::of(symbol, interval, bars, refusals, source)))
}

struct Placed {
    part: usize,
    admitted: Admitted,
}

impl Placed {
    fn opened_at(&self) -> domain::Timestamp {
        self.admitted.bar.opened_at()
    }
}

fn without_repeats(placed: Vec<Placed>, parts: &mut [Part]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::with_capacity(placed.len());
    let mut late: Vec<Refusals> = vec![Refusals::default(); parts.len()];
    for Placed { part, admitted: Admitted { bar, row } } in placed {
        match bars.last() {
            Some(last) if *last == bar => late[part].count_repeat(),
            Some(last) if last.opened_at() == bar.opened_at() => {
                let reason = BadRow::Conflicting { opened_at: bar.opened_at() };
                late[part].refuse(&parts[part].path, row, reason);
            }
            _ => bars.push(bar),
        }
    }
    for (part, late) in parts.iter_mut().zip(late) {
        part.refusals.absorb_same_file(late);
    }
    bars
}
