//! How far apart are two policies?

use domain::{Calibration, ExitFactors, Policy, StrategyIx, Threshold};

/// What taking back leads to: the values that stood, but not the refusals. What was killed, closed, throttled or
/// ruled out since has evidence of its own and a way back of its own, and exits are not judged here.
pub(super) fn back_to(reference: &Policy, standing: &Policy) -> Policy {
    Policy {
        killed: standing.killed.clone(),
        throttles: standing.throttles.clone(),
        closed_routes: standing.closed_routes.clone(),
        rules: standing.rules.clone(),
        exits: standing.exits.clone(),
        ..reference.clone()
    }
}

/// The largest relative difference between two values, 1 and more where lists that are whole differ. What a
/// person holds fast or has silenced is no part of it.
pub(super) fn largest_difference(one: &Policy, other: &Policy) -> f64 {
    let lists_differ = one.slices != other.slices
        || one.killed != other.killed
        || one.throttles != other.throttles
        || one.closed_routes != other.closed_routes
        || one.rules != other.rules
        || one.component_horizons != other.component_horizons;
    let whole = f64::from(u8::from(lists_differ));
    let factors = [
        (&one.conviction_sizes, &other.conviction_sizes),
        (&one.edge_sizes, &other.edge_sizes),
        (&one.strategy_shares, &other.strategy_shares),
        (&one.symbol_shares, &other.symbol_shares),
        (&one.venue_shares, &other.venue_shares),
        (&one.symbol_factors, &other.symbol_factors),
        (&one.hour_factors, &other.hour_factors),
    ];
    let weights = [
        (one.head_weights.as_slice(), other.head_weights.as_slice()),
        (&one.component_weights, &other.component_weights),
        (&one.component_discounts, &other.component_discounts),
        (&one.horizon_weights, &other.horizon_weights),
    ];
    let of_factors = factors.into_iter().map(|(one, other)| between_lists(one, other));
    let of_weights = weights.into_iter().map(|(one, other)| between_lists(one, other));
    let of_thresholds = Threshold::ALL
        .into_iter()
        .map(|threshold| relative(threshold.of(&one.gates), threshold.of(&other.gates)));
    of_factors
        .chain(of_weights)
        .chain(of_thresholds)
        .chain([whole, between_exits(one, other), between_calibrations(one, other)])
        .fold(0.0, f64::max)
}

fn relative(one: f64, other: f64) -> f64 {
    let scale = one.abs().max(other.abs());
    if scale > 0.0 { (one - other).abs() / scale } else { 0.0 }
}

/// Where a list ends, 1 stands: no factor is known.
fn between_lists(one: &[f64], other: &[f64]) -> f64 {
    let at = |list: &[f64], place: usize| list.get(place).copied().unwrap_or(1.0);
    let places = 0..one.len().max(other.len());
    places.map(|place| relative(at(one, place), at(other, place))).fold(0.0, f64::max)
}

fn between_exits(one: &Policy, other: &Policy) -> f64 {
    let strategies = one.exits.len().max(other.exits.len());
    let numbers = |of: ExitFactors| [of.stop, of.target, of.hold, of.partial_share];
    (0..strategies)
        .map(|at| StrategyIx(at as u8))
        .map(|at| between_lists(&numbers(one.exits_of(at)), &numbers(other.exits_of(at))))
        .fold(0.0, f64::max)
}

/// A calibration that was not there before counts for as much as a list that differs; its way back is at once.
fn between_calibrations(one: &Policy, other: &Policy) -> f64 {
    const LOOKS: u8 = 10;
    let none = &Calibration::None;
    let strategies = one.calibrations.len().max(other.calibrations.len());
    let looks = (0..strategies).flat_map(|at| (0..=LOOKS).map(move |look| (at, look)));
    looks
        .map(|(at, look)| {
            let conviction = f64::from(look) / f64::from(LOOKS);
            let of = |policy: &Policy| {
                policy.calibrations.get(at).unwrap_or(none).probability(conviction)
            };
            match (of(one), of(other)) {
                (Some(one), Some(other)) => relative(one, other),
                (one, other) => f64::from(u8::from(one != other)),
            }
        })
        .fold(0.0, f64::max)
}
