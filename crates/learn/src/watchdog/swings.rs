//! Which values a change moves, and whether one of them goes up and down without getting anywhere.

use std::collections::VecDeque;

use domain::{Change, Policy, StrategyIx};
use serde::{Deserialize, Serialize};

/// So many moves up and down in turn, each on hardly more evidence than the one before. Chosen.
pub(super) const TURNS: usize = 6;
/// Effective outcomes heard since a value's last turn from which another turn follows evidence, if only luck.
/// Chosen, and measured: what no learner hears between two versions of its own; on heads that know nothing
/// the weights of heads turn a dozen times within thirty versions in 145 worlds of 200, each time on five
/// outcomes more, and that is no misbehaviour.
const FRESH_EFFECTIVE: f64 = 5.0;
/// Within so many versions published for the learner (chosen).
pub(super) const WITHIN_VERSIONS: u32 = 30;
/// A move is at least this share of the value.
const MOVE_FRACTION: f64 = 0.10;
/// Below this a value counts as this much, so that a share of nothing is no move: the least weight of a head.
const SMALLEST: f64 = 0.05;
/// It got nowhere when what is left is at most this share of the way it went. Chosen.
const NET_FRACTION_MAX: f64 = 1.0 / 3.0;

/// One value and where it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moved {
    /// Kind of change and place.
    pub(super) key: u64,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// The turns of one value: a turn is where it moved the other way by a tenth or more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Swings {
    /// How far it has gone since it turned last, and which way: 0 before its first move.
    reached: f64,
    going: i8,
    /// The last turns: the learner's version at which each was seen, and where it turned.
    turns: VecDeque<(u32, f64)>,
    /// Effective outcomes behind its last turn.
    heard: f64,
}

impl Swings {
    pub(super) fn from(value: f64) -> Swings {
        Swings { reached: value, going: 0, turns: VecDeque::with_capacity(TURNS), heard: 0.0 }
    }

    /// Hears the value's next place and the effective outcomes it rests on; says whether it goes up and down
    /// without getting anywhere and without having heard anything to turn for.
    pub(super) fn go(&mut self, version: u32, to: f64, heard: f64) -> bool {
        let onward = (to - self.reached) * f64::from(self.going);
        if onward > 0.0 {
            self.reached = to;
            return false;
        }
        if !is_a_move(self.reached, to) {
            return false;
        }
        if (heard - self.heard).abs() >= FRESH_EFFECTIVE {
            self.turns.clear();
        }
        self.heard = heard;
        self.turn(version, self.reached);
        self.going = if to > self.reached { 1 } else { -1 };
        self.reached = to;
        self.got_nowhere(version)
    }

    fn turn(&mut self, version: u32, at: f64) {
        if self.turns.len() == TURNS {
            self.turns.pop_front();
        }
        self.turns.push_back((version, at));
    }

    fn got_nowhere(&self, version: u32) -> bool {
        let Some(&(first, began)) = self.turns.front() else { return false };
        if self.turns.len() < TURNS || version - first >= WITHIN_VERSIONS {
            return false;
        }
        let places = self.turns.iter().map(|(_, at)| *at).chain([self.reached]);
        let way: f64 = places.clone().zip(places.skip(1)).map(|(from, to)| (to - from).abs()).sum();
        (self.reached - began).abs() <= NET_FRACTION_MAX * way
    }
}

fn is_a_move(from: f64, to: f64) -> bool {
    (to - from).abs() >= MOVE_FRACTION * from.abs().max(SMALLEST)
}

/// The values a bounded change moves. Horizons, slices and rules are no amounts, and what is taken back
/// is no learner's own.
pub(super) fn moved(standing: &Policy, change: &Change) -> Vec<Moved> {
    match change {
        Change::HeadWeights(to) => listed(0, &standing.head_weights, to, 0.0),
        Change::Components { weights, .. } => listed(1, &standing.component_weights, weights, 1.0),
        Change::ComponentDiscounts(to) => listed(2, &standing.component_discounts, to, 1.0),
        Change::HorizonWeights(to) => listed(3, &standing.horizon_weights, to, 0.0),
        Change::Threshold { threshold, to } => {
            listed(4 + *threshold as u64, &[threshold.of(&standing.gates)], &[*to], 0.0)
        }
        Change::ConvictionSizes(to) => listed(16, &standing.conviction_sizes, to, 1.0),
        Change::EdgeSizes(to) => listed(17, &standing.edge_sizes, to, 1.0),
        Change::StrategyShares(to) => listed(18, &standing.strategy_shares, to, 1.0),
        Change::SymbolShares(to) => listed(19, &standing.symbol_shares, to, 1.0),
        Change::VenueShares(to) => listed(20, &standing.venue_shares, to, 1.0),
        Change::SymbolFactors(to) => listed(21, &standing.symbol_factors, to, 1.0),
        Change::HourFactors(to) => listed(22, &standing.hour_factors, to, 1.0),
        Change::FastLayer(to) => {
            let values = |of: &domain::FastLayer| [&of.slopes[..], &[of.bias]].concat();
            listed(26, &values(&standing.fast_layer), &values(to), 0.0)
        }
        Change::Exits { strategy, factors } => {
            let values = |of: domain::ExitFactors| [of.stop, of.target, of.hold, of.partial_share];
            let stands = standing.exits_of(StrategyIx(*strategy));
            listed(0x100 + u64::from(*strategy), &values(stands), &values(*factors), 1.0)
        }
        Change::Killed(to) => {
            let of = |combos: &[domain::Combo]| {
                combos.iter().map(|combo| (combo_key(*combo), 1.0)).collect()
            };
            keyed(23, of(&standing.killed), of(to), 0.0)
        }
        Change::Throttles(to) => {
            let of = |throttles: &[domain::Throttle]| {
                throttles.iter().map(|t| (combo_key(t.combo), t.factor)).collect()
            };
            keyed(24, of(&standing.throttles), of(to), 1.0)
        }
        Change::ClosedRoutes(to) => {
            let of = |routes: &[domain::Route]| {
                let key = |route: &domain::Route| {
                    let combo = domain::Combo { symbol: route.symbol, side: route.side };
                    combo_key(combo) << 8 | route.regime.at() as u64
                };
                routes.iter().map(|route| (key(route), 1.0)).collect()
            };
            keyed(25, of(&standing.closed_routes), of(to), 0.0)
        }
        Change::Calibration { .. } | Change::Slices(_) | Change::Rules(_) | Change::TakeBack(_) => {
            Vec::new()
        }
    }
}

fn combo_key(combo: domain::Combo) -> u64 {
    combo.symbol.at() as u64 * 2 + u64::from(combo.side == domain::Side::Short)
}

fn listed(kind: u64, from: &[f64], to: &[f64], absent: f64) -> Vec<Moved> {
    let pairs = |of: &[f64]| of.iter().enumerate().map(|(at, v)| (at as u64, *v)).collect();
    keyed(kind, pairs(from), pairs(to), absent)
}

/// What is in one list and not in the other counts as `absent` there.
fn keyed(kind: u64, from: Vec<(u64, f64)>, to: Vec<(u64, f64)>, absent: f64) -> Vec<Moved> {
    let find = |list: &[(u64, f64)], key: u64| {
        list.iter().find(|(at, _)| *at == key).map_or(absent, |(_, value)| *value)
    };
    let mut keys: Vec<u64> = from.iter().chain(&to).map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let moved = |at: u64| Moved { key: kind << 40 | at, from: find(&from, at), to: find(&to, at) };
    keys.into_iter().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The versions at which a value that goes these ways is found to get nowhere.
    fn found(values: impl IntoIterator<Item = f64>) -> Vec<u32> {
        let mut swings = Swings::from(1.0);
        let told =
            values.into_iter().zip(1..).filter(|(to, version)| swings.go(*version, *to, 100.0));
        told.map(|(_, version)| version).collect()
    }

    #[test]
    fn up_and_down_by_a_tenth_again_and_again_gets_nowhere_and_less_is_no_move() {
        let to_and_fro = |by: f64| (0..40).map(move |at| if at % 2 == 0 { 1.0 + by } else { 1.0 });
        assert_eq!(found(to_and_fro(0.15)).first(), Some(&6));
        assert_eq!(found(to_and_fro(0.09)), Vec::<u32>::new());
    }

    #[test]
    fn a_way_that_leads_somewhere_is_none_to_freeze_and_neither_is_a_slow_one() {
        let climbs = (0..40).map(|at| 1.0 + 0.15 * f64::from(at) - 0.4 * f64::from(at % 2));
        assert_eq!(found(climbs), Vec::<u32>::new());
        // A wave of twenty versions.
        let wave = (0..200).map(|at| 1.0 + 0.3 * libm::sin(f64::from(at) * 0.314));
        assert_eq!(found(wave), Vec::<u32>::new());
    }
}
