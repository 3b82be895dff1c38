//! The seed's search, to the letter: the best cell of the grid that passes the gates, with nothing set aside
//! and nothing corrected for how many were tried (seed 001: "grid search with WR/PnL gates").

use domain::{Amendment, Change, Evidence, SliceRule};

use super::ScenarioTuner;
use super::grid::{Cell, SLICES_MAX, Stands};
use super::sample::Sample;
use super::search::{Scored, Search, TESTED_MIN, WIN_RATE_MIN};
use crate::Learner;

/// Everything it would change tonight.
pub(super) fn propose(tuner: &ScenarioTuner, stands: &Stands) -> Vec<Amendment> {
    let search = Search::of(tuner.sample.all(), stands);
    let chosen = Chosen::among(&search);
    let mut amendments = Vec::new();
    let of = |scored: &Scored, change: Change| {
        let whole = scored.whole;
        let mut evidence = Evidence::of(whole.worth as u64, whole.worth);
        evidence.says = format!(
            "{}: win rate {:.1} %, {:+.1} R more than now",
            scored.cell.words(),
            whole.win_rate() * 100.0,
            scored.gain_r
        );
        Amendment { learner: tuner.name().to_owned(), change, evidence }
    };
    if let Some(best) = chosen.everywhere {
        amendments.extend(best.cell.changes(stands).into_iter().map(|change| of(best, change)));
    }
    if let Some(first) = chosen.slices.first() {
        amendments.push(of(first, Change::Slices(with_all(&chosen.slices, stands))));
    }
    amendments
}

/// The same in the words of the trials.
pub(super) fn taken(sample: &Sample, stands: &Stands) -> Vec<String> {
    let search = Search::of(sample.all(), stands);
    let chosen = Chosen::among(&search);
    let cells = chosen.everywhere.into_iter().chain(chosen.slices.iter().copied());
    cells.map(|scored| scored.cell.words()).collect()
}

/// What gained most.
struct Chosen<'a> {
    everywhere: Option<&'a Scored>,
    /// The best of each slice, the most gainful first.
    slices: Vec<&'a Scored>,
}

impl<'a> Chosen<'a> {
    fn among(search: &'a Search) -> Chosen<'a> {
        let best = |cells: &'a [Scored]| {
            let passing = cells.iter().filter(|one| passes(one));
            passing.max_by(|a, b| a.gain_r.total_cmp(&b.gain_r))
        };
        let mut slices: Vec<&Scored> = Vec::new();
        let mut everywhere = None;
        for chosen in search.places.iter().filter_map(|place| best(&place.cells)) {
            match chosen.cell {
                Cell::Everywhere { .. } => everywhere = Some(chosen),
                Cell::In(_) => slices.push(chosen),
            }
        }
        slices.sort_by(|a, b| b.gain_r.total_cmp(&a.gain_r));
        Chosen { everywhere, slices }
    }
}

fn passes(scored: &Scored) -> bool {
    let whole = &scored.whole;
    let gates = whole.win_rate() >= WIN_RATE_MIN && whole.r > 0.0;
    gates && scored.gain_r > 0.0 && whole.worth >= TESTED_MIN
}

/// What stands with the chosen laid over it, as far as there is room.
fn with_all(chosen: &[&Scored], stands: &Stands) -> Vec<SliceRule> {
    let mut slices = stands.slices.clone();
    for scored in chosen {
        let Cell::In(rule) = scored.cell else { continue };
        if let Some(standing) = slices.iter_mut().find(|standing| standing.when == rule.when) {
            *standing = rule;
        } else if slices.len() < SLICES_MAX {
            slices.push(rule);
        }
    }
    slices
}
