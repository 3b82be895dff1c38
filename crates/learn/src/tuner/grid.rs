//! The cells of the search: thresholds around those that stand, everywhere or in one slice.

use domain::{Change, Condition, Policy, Regime, SliceRule, StrategyIx, SymbolIx, Threshold};
use serde::{Deserialize, Serialize};

use super::sample::Kept;

/// Steps around what stands, within one bounded step of the governor.
pub(super) const FACTORS: [f64; 5] = [0.8, 0.9, 1.0, 1.1, 1.2];
/// The place of what stands among them.
pub(super) const STANDING: usize = 2;

/// Most slices that stand at once. Chosen: what a person can still read.
pub(super) const SLICES_MAX: usize = 8;

const STRATEGIES: usize = 8;
const HOURS: usize = 6;
const SYMBOLS: usize = 64;
/// Slices that are searched: by strategy, regime, four hours of the day, and symbol.
pub(super) const SLICES: usize = STRATEGIES + Regime::ALL.len() + HOURS + SYMBOLS;

/// The slices an outcome lies in. Strategies and symbols beyond those that are told apart are in none of theirs.
pub(super) fn slices_of(kept: &Kept) -> impl Iterator<Item = usize> {
    let regimes = STRATEGIES + usize::from(kept.regime).min(Regime::ALL.len() - 1);
    let hours = STRATEGIES + Regime::ALL.len() + usize::from(kept.hour / 4).min(HOURS - 1);
    let strategy = usize::from(kept.strategy);
    let symbol = usize::from(kept.symbol);
    let symbols = STRATEGIES + Regime::ALL.len() + HOURS + symbol;
    [
        (strategy < STRATEGIES).then_some(strategy),
        Some(regimes),
        Some(hours),
        (symbol < SYMBOLS).then_some(symbols),
    ]
    .into_iter()
    .flatten()
}

/// What holds in a slice.
pub(super) fn condition(slice: usize) -> Condition {
    let regimes = STRATEGIES + Regime::ALL.len();
    if slice < STRATEGIES {
        Condition::Strategy(StrategyIx(slice as u8))
    } else if slice < regimes {
        Condition::Regime(Regime::ALL[slice - STRATEGIES])
    } else if slice < regimes + HOURS {
        Condition::HoursFrom(4 * (slice - regimes) as u8)
    } else {
        Condition::Symbol(SymbolIx((slice - regimes - HOURS) as u16))
    }
}

/// The thresholds that stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stands {
    pub(super) conviction_min: f64,
    pub(super) confluence_min: f64,
    pub(super) fee_margin: f64,
    pub(super) slices: Vec<SliceRule>,
}

impl Stands {
    pub(super) fn of(policy: &Policy) -> Stands {
        Stands {
            conviction_min: policy.gates.conviction_min,
            confluence_min: policy.gates.confluence_min,
            fee_margin: policy.gates.fee_margin,
            slices: policy.slices.clone(),
        }
    }

    /// The strictest of the slices it lies in, as the gate has it; none where it lies in none.
    pub(super) fn sliced(&self, kept: &Kept, except: Option<Condition>) -> Option<f64> {
        if self.slices.is_empty() {
            return None;
        }
        let occurrence = kept.occurrence();
        let here = self.slices.iter().filter(|slice| Some(slice.when) != except);
        let here = here.filter(|slice| slice.when.holds(&occurrence));
        here.map(|slice| slice.conviction_min).reduce(f64::max)
    }

    /// The conviction that stands in a slice.
    pub(super) fn conviction_in(&self, when: Condition) -> f64 {
        let rule = self.slices.iter().find(|slice| slice.when == when);
        rule.map_or(self.conviction_min, |slice| slice.conviction_min)
    }

    /// Whether what stands lets it through.
    pub(super) fn admits(&self, kept: &Kept) -> bool {
        let conviction = self.sliced(kept, None).unwrap_or(self.conviction_min);
        reaches(kept.conviction, conviction) && self.admits_otherwise(kept)
    }

    /// The same but for conviction.
    pub(super) fn admits_otherwise(&self, kept: &Kept) -> bool {
        reaches(kept.confluence, self.confluence_min) && reaches(kept.edge_ratio, self.fee_margin)
    }
}

/// Whether a value passes a threshold; what was kept in single precision must not fail by its last bit.
pub(super) fn reaches(value: f32, least: f64) -> bool {
    const ROUNDING: f64 = 1e-6;
    f64::from(value) + ROUNDING >= least
}

/// How many of rising levels a value reaches.
pub(super) fn reached(value: f32, levels: &[f64; FACTORS.len()]) -> usize {
    levels.iter().filter(|&&level| reaches(value, level)).count()
}

/// Levels around what stands, rising, within the threshold's bounds.
pub(super) fn levels(standing: f64, threshold: Threshold) -> [f64; FACTORS.len()] {
    let (least, most) = threshold.bounds();
    let (least, most) = (least.min(standing), most.max(standing));
    let mut levels = FACTORS.map(|factor| ((standing * factor) * 1e3).round() / 1e3);
    levels[STANDING] = standing;
    levels.map(|level| level.clamp(least, most))
}

/// Whether a bound made this level the same as one nearer to what stands.
pub(super) fn repeats(levels: &[f64; FACTORS.len()], at: usize) -> bool {
    (at < STANDING && levels[at] == levels[at + 1])
        || (at > STANDING && levels[at] == levels[at - 1])
}

/// One alternative to what stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Cell {
    /// Other thresholds for all.
    Everywhere { conviction_min: f64, confluence_min: f64, fee_margin: f64 },
    /// Another conviction in one slice.
    In(SliceRule),
}

impl Cell {
    /// Whether it would let an outcome's candidate through.
    pub(super) fn admits(&self, kept: &Kept, stands: &Stands) -> bool {
        match *self {
            Cell::Everywhere { conviction_min, confluence_min, fee_margin } => {
                let conviction = stands.sliced(kept, None).unwrap_or(conviction_min);
                reaches(kept.conviction, conviction)
                    && reaches(kept.confluence, confluence_min)
                    && reaches(kept.edge_ratio, fee_margin)
            }
            Cell::In(slice) if slice.when.holds(&kept.occurrence()) => {
                let elsewhere = stands.sliced(kept, Some(slice.when)).unwrap_or(0.0);
                reaches(kept.conviction, slice.conviction_min.max(elsewhere))
                    && stands.admits_otherwise(kept)
            }
            Cell::In(_) => stands.admits(kept),
        }
    }

    /// Whether another cell differs from what stands in the same place.
    pub(super) fn shares_place(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Everywhere { .. }, Cell::Everywhere { .. }) => true,
            (Cell::In(this), Cell::In(that)) => this.when == that.when,
            _ => false,
        }
    }

    /// The same question where something else stands; none where what it asks about has itself moved. What
    /// it leaves as it stood it leaves as it stands.
    pub(super) fn beside(&self, before: &Stands, now: &Stands) -> Option<Cell> {
        // What is asked of one threshold: as it stood, or otherwise than it stood.
        let follow = |asked: f64, stood: f64, stands: f64| {
            if asked == stood { Some(stands) } else { (stood == stands).then_some(asked) }
        };
        match *self {
            Cell::Everywhere { conviction_min, confluence_min, fee_margin } => {
                Some(Cell::Everywhere {
                    conviction_min: follow(
                        conviction_min,
                        before.conviction_min,
                        now.conviction_min,
                    )?,
                    confluence_min: follow(
                        confluence_min,
                        before.confluence_min,
                        now.confluence_min,
                    )?,
                    fee_margin: follow(fee_margin, before.fee_margin, now.fee_margin)?,
                })
            }
            Cell::In(slice) => {
                let stays = before.conviction_in(slice.when) == now.conviction_in(slice.when);
                stays.then_some(*self)
            }
        }
    }

    /// As it is written in the ledger, the same for the same.
    pub(super) fn words(&self) -> String {
        match self {
            Cell::Everywhere { conviction_min, confluence_min, fee_margin } => format!(
                "conviction ≥ {conviction_min:.3}, confluence ≥ {confluence_min:.3}, fee margin ≥ {fee_margin:.3}"
            ),
            Cell::In(slice) => {
                format!("{}: conviction ≥ {:.3}", place(slice.when), slice.conviction_min)
            }
        }
    }

    /// What would have to change for it to stand.
    pub(super) fn changes(&self, stands: &Stands) -> Vec<Change> {
        match *self {
            Cell::Everywhere { conviction_min, confluence_min, fee_margin } => {
                let wanted = [
                    (Threshold::Conviction, stands.conviction_min, conviction_min),
                    (Threshold::Confluence, stands.confluence_min, confluence_min),
                    (Threshold::FeeMargin, stands.fee_margin, fee_margin),
                ];
                let moved = wanted.into_iter().filter(|(_, from, to)| from != to);
                moved.map(|(threshold, _, to)| Change::Threshold { threshold, to }).collect()
            }
            Cell::In(slice) => {
                let mut slices = stands.slices.clone();
                match slices.iter_mut().find(|standing| standing.when == slice.when) {
                    Some(standing) => *standing = slice,
                    None => slices.push(slice),
                }
                vec![Change::Slices(slices)]
            }
        }
    }

    /// Whether there is room for it.
    pub(super) fn has_room(&self, stands: &Stands) -> bool {
        match self {
            Cell::Everywhere { .. } => true,
            Cell::In(slice) => {
                stands.slices.len() < SLICES_MAX
                    || stands.slices.iter().any(|standing| standing.when == slice.when)
            }
        }
    }
}

/// A slice in words.
pub(crate) fn place(when: Condition) -> String {
    match when {
        Condition::Symbol(symbol) => format!("symbol {}", symbol.0),
        Condition::Strategy(strategy) => format!("strategy {}", strategy.0),
        Condition::Side(side) => side.name().to_owned(),
        Condition::Regime(regime) => regime.name().to_owned(),
        Condition::Global(regime) => format!("all in {}", regime.name()),
        Condition::HoursFrom(hour) => format!("{hour:02}–{:02}", hour.saturating_add(4)),
        Condition::Weekday(day) => {
            const DAYS: [&str; 7] =
                ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
            DAYS.get(usize::from(day)).copied().unwrap_or("no day").to_owned()
        }
        Condition::ConvictionTenth(tenth) => {
            format!(
                "conviction {:.1}–{:.1}",
                f64::from(tenth) / 10.0,
                f64::from(tenth) / 10.0 + 0.1
            )
        }
    }
}
