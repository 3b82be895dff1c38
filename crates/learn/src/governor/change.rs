//! How far each kind of change may go, and how it is made.

use domain::{Calibration, Change, ExitFactors, Policy};

use super::bound::{self, COMPONENT, FACTOR, PAUSABLE, Range, SHARE};
use super::{Governor, RefusedAmendment};

impl Governor {
    /// The change as far as bounds allow it.
    pub(super) fn bounded(
        &self,
        standing: &Policy,
        change: &Change,
    ) -> Result<Change, RefusedAmendment> {
        let step = self.rules.step_fraction_max;
        Ok(match change {
            Change::HeadWeights(to) => {
                Change::HeadWeights(bound::head_weights(&self.rules, &standing.head_weights, to)?)
            }
            Change::Components { weights, horizons } => Change::Components {
                weights: bound::components(step, &standing.component_weights, weights, COMPONENT)?,
                horizons: *horizons,
            },
            Change::ComponentDiscounts(to) => Change::ComponentDiscounts(bound::components(
                step,
                &standing.component_discounts,
                to,
                Range { least: 0.1, most: 1.0 },
            )?),
            Change::HorizonWeights(to) => {
                Change::HorizonWeights(bound::simplex(step, &standing.horizon_weights, to)?)
            }
            Change::Threshold { threshold, to } => {
                let to = bound::threshold(step, &standing.gates, *threshold, *to)?;
                Change::Threshold { threshold: *threshold, to }
            }
            Change::Calibration { strategy, calibration } => {
                let stands = standing.calibrations.get(usize::from(*strategy));
                let stands = stands.unwrap_or(&Calibration::None);
                let calibration = bound::calibration(step, stands, calibration.clone())?;
                Change::Calibration { strategy: *strategy, calibration }
            }
            Change::Exits { strategy, factors } => {
                let stands = standing.exits_of(domain::StrategyIx(*strategy));
                Change::Exits {
                    strategy: *strategy,
                    factors: bound::exits(step, stands, *factors)?,
                }
            }
            Change::FastLayer(to) => {
                Change::FastLayer(bound::fast_layer(&standing.fast_layer, to)?)
            }
            Change::TakeBack(to) => Change::TakeBack(Box::new(self.towards(standing, to))),
            Change::ConvictionSizes(_)
            | Change::EdgeSizes(_)
            | Change::StrategyShares(_)
            | Change::SymbolShares(_)
            | Change::VenueShares(_)
            | Change::SymbolFactors(_)
            | Change::HourFactors(_) => self.bounded_factors(standing, change)?,
            Change::Killed(_)
            | Change::ClosedRoutes(_)
            | Change::Throttles(_)
            | Change::Slices(_)
            | Change::Rules(_) => self.bounded_list(standing, change)?,
        })
    }

    /// Stake factors: each within one step of what stands, and its box.
    fn bounded_factors(
        &self,
        standing: &Policy,
        change: &Change,
    ) -> Result<Change, RefusedAmendment> {
        let step = self.rules.step_fraction_max;
        let factors = |range: Range, stands: &[f64], to: &[f64]| range.step_all(stands, to, step);
        Ok(match change {
            Change::ConvictionSizes(to) => {
                Change::ConvictionSizes(rising(factors(FACTOR, &standing.conviction_sizes, to)?))
            }
            Change::EdgeSizes(to) => {
                Change::EdgeSizes(rising(factors(FACTOR, &standing.edge_sizes, to)?))
            }
            Change::StrategyShares(to) => {
                Change::StrategyShares(factors(SHARE, &standing.strategy_shares, to)?)
            }
            Change::SymbolShares(to) => {
                Change::SymbolShares(factors(SHARE, &standing.symbol_shares, to)?)
            }
            Change::VenueShares(to) => {
                Change::VenueShares(factors(SHARE, &standing.venue_shares, to)?)
            }
            Change::SymbolFactors(to) => {
                Change::SymbolFactors(factors(PAUSABLE, &standing.symbol_factors, to)?)
            }
            Change::HourFactors(to) => {
                Change::HourFactors(factors(FACTOR, &standing.hour_factors, to)?)
            }
            other => other.clone(),
        })
    }

    /// Lists that take the place of what stands: in order, each value within its box.
    fn bounded_list(&self, standing: &Policy, change: &Change) -> Result<Change, RefusedAmendment> {
        match change {
            Change::Killed(to) => ordered(to, |combo| *combo)?,
            Change::ClosedRoutes(to) => ordered(to, |route| *route)?,
            Change::Throttles(to) => {
                ordered(to, |throttle| throttle.combo)?;
                within(to.iter().map(|throttle| throttle.factor), 0.0, 1.0)?;
            }
            Change::Slices(to) => {
                let (least, most) = domain::Threshold::Conviction.bounds();
                within(to.iter().map(|slice| slice.conviction_min), least, most)?;
                let step = self.rules.step_fraction_max;
                return Ok(Change::Slices(bound::slices(step, standing, to)));
            }
            Change::Rules(to) => within(to.iter().map(|rule| rule.factor), 0.0, FACTOR.most)?,
            _ => {}
        }
        Ok(change.clone())
    }

    /// An earlier policy's values, as near as one bounded step comes.
    fn towards(&self, standing: &Policy, to: &Policy) -> Policy {
        let mut next = Policy {
            version: standing.version,
            pins: standing.pins.clone(),
            silenced: standing.silenced.clone(),
            ..to.clone()
        };
        let padded = |of: &[f64], like: &[f64]| {
            let len = of.len().max(like.len());
            (0..len).map(|at| of.get(at).copied().unwrap_or(1.0)).collect::<Vec<f64>>()
        };
        let mut steps = vec![
            Change::HeadWeights(to.head_weights),
            Change::Components { weights: to.component_weights, horizons: to.component_horizons },
            Change::ComponentDiscounts(to.component_discounts),
            Change::HorizonWeights(to.horizon_weights),
            Change::ConvictionSizes(padded(&to.conviction_sizes, &standing.conviction_sizes)),
            Change::EdgeSizes(padded(&to.edge_sizes, &standing.edge_sizes)),
            Change::StrategyShares(padded(&to.strategy_shares, &standing.strategy_shares)),
            Change::SymbolShares(padded(&to.symbol_shares, &standing.symbol_shares)),
            Change::VenueShares(padded(&to.venue_shares, &standing.venue_shares)),
            Change::SymbolFactors(padded(&to.symbol_factors, &standing.symbol_factors)),
            Change::HourFactors(padded(&to.hour_factors, &standing.hour_factors)),
            Change::FastLayer(to.fast_layer),
        ];
        steps.extend(
            domain::Threshold::ALL
                .map(|threshold| Change::Threshold { threshold, to: threshold.of(&to.gates) }),
        );
        let strategies = to.exits.len().max(standing.exits.len());
        steps.extend((0..strategies).map(|at| Change::Exits {
            strategy: at as u8,
            factors: to.exits.get(at).copied().unwrap_or_default(),
        }));
        let calibrations = to.calibrations.iter().enumerate();
        steps.extend(calibrations.map(|(at, calibration)| Change::Calibration {
            strategy: at as u8,
            calibration: calibration.clone(),
        }));
        next.slices = bound::slices(self.rules.step_fraction_max, standing, &to.slices);
        for step in steps {
            // What an earlier policy held was bounded once: only a calibration of nothing is refused.
            if let Ok(change) = self.bounded(standing, &step) {
                apply(&mut next, &change);
            }
        }
        next
    }
}

/// Makes a bounded change.
pub(super) fn apply(policy: &mut Policy, change: &Change) {
    match change.clone() {
        Change::HeadWeights(to) => policy.head_weights = to,
        Change::Components { weights, horizons } => {
            (policy.component_weights, policy.component_horizons) = (weights, horizons);
        }
        Change::ComponentDiscounts(to) => policy.component_discounts = to,
        Change::HorizonWeights(to) => policy.horizon_weights = to,
        Change::Threshold { threshold, to } => threshold.set(&mut policy.gates, to),
        Change::Slices(to) => policy.slices = to,
        Change::Calibration { strategy, calibration } => {
            set(&mut policy.calibrations, strategy, calibration, Calibration::None);
        }
        Change::ConvictionSizes(to) => policy.conviction_sizes = to,
        Change::EdgeSizes(to) => policy.edge_sizes = to,
        Change::Killed(to) => policy.killed = to,
        Change::Throttles(to) => policy.throttles = to,
        Change::ClosedRoutes(to) => policy.closed_routes = to,
        Change::Exits { strategy, factors } => {
            set(&mut policy.exits, strategy, factors, ExitFactors::default());
        }
        Change::StrategyShares(to) => policy.strategy_shares = to,
        Change::SymbolShares(to) => policy.symbol_shares = to,
        Change::VenueShares(to) => policy.venue_shares = to,
        Change::SymbolFactors(to) => policy.symbol_factors = to,
        Change::HourFactors(to) => policy.hour_factors = to,
        Change::Rules(to) => policy.rules = to,
        Change::FastLayer(to) => policy.fast_layer = to,
        Change::TakeBack(to) => *policy = Policy { version: policy.version, ..*to },
    }
}

/// Whether a list of refusals or smaller stakes only lets go of what stands: a way back asks for less than a
/// way there.
pub(super) fn only_lets_go(standing: &Policy, change: &Change) -> bool {
    match change {
        Change::Throttles(to) => to.iter().all(|throttle| {
            let stood = standing.throttles.iter().find(|stood| stood.combo == throttle.combo);
            stood.is_some_and(|stood| throttle.factor >= stood.factor)
        }),
        Change::Rules(to) => to.iter().all(|rule| {
            let stood = standing.rules.iter().find(|stood| stood.when == rule.when);
            stood.is_some_and(|stood| (rule.factor - 1.0).abs() <= (stood.factor - 1.0).abs())
        }),
        _ => false,
    }
}

/// What a change moves, so that nothing is moved twice at one moment: its kind, and its place.
pub(super) fn place(change: &Change) -> (std::mem::Discriminant<Change>, u8) {
    let at = match change {
        Change::Threshold { threshold, .. } => *threshold as u8,
        Change::Calibration { strategy, .. } | Change::Exits { strategy, .. } => *strategy,
        _ => 0,
    };
    (std::mem::discriminant(change), at)
}

fn set<T: Clone>(list: &mut Vec<T>, at: u8, value: T, absent: T) {
    let at = usize::from(at);
    if list.len() <= at {
        list.resize(at + 1, absent);
    }
    list[at] = value;
}

/// Sizes never fall as what they are sized by rises.
fn rising(mut sizes: Vec<f64>) -> Vec<f64> {
    for at in 1..sizes.len() {
        sizes[at] = sizes[at].max(sizes[at - 1]);
    }
    sizes
}

fn ordered<T, K: Ord>(list: &[T], key: impl Fn(&T) -> K) -> Result<(), RefusedAmendment> {
    let rises = list.windows(2).all(|pair| key(&pair[0]) < key(&pair[1]));
    if rises { Ok(()) } else { Err(RefusedAmendment::NotInOrder) }
}

fn within(
    values: impl Iterator<Item = f64>,
    least: f64,
    most: f64,
) -> Result<(), RefusedAmendment> {
    for value in values {
        if !(least..=most).contains(&value) {
            return Err(RefusedAmendment::NotANumber { value });
        }
    }
    Ok(())
}
