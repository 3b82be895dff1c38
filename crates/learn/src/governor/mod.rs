//! The governor: the only one who changes the policy. It checks every amendment as if it came from
//! a stranger, publishes at most one version per moment, and can publish an earlier one again.

mod bound;
mod orders;

use domain::{
    Amendment, Calibration, Change, ExitFactors, Policy, PolicyVersion, Reason, Refused, Timestamp,
};

use crate::LearnRules;
pub(crate) use bound::{COMPONENT, FACTOR, PAUSABLE, Range, SHARE};

/// Why an amendment was not taken, with the numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum RefusedAmendment {
    /// Too few outcomes behind it.
    TooFewOutcomes {
        /// What it rests on.
        outcomes_effective: f64,
        /// What the rule asks for.
        needed: f64,
    },
    /// A weight is not a number, or they do not sum to one.
    NotWeights {
        /// Their sum.
        sum: f64,
    },
    /// A number is none.
    NotANumber {
        /// What it is.
        value: f64,
    },
    /// A calibration has numbers that are none, or falls where it must rise.
    NotACalibration,
    /// A list is not in the order it must be in, or says one thing twice.
    NotInOrder,
    /// A person or a watchdog has silenced the learner.
    Silenced,
    /// Bounds and pins left nothing of it.
    NothingLeft,
}

impl RefusedAmendment {
    /// Whether no market could have led to it: the learner itself is at fault.
    pub const fn is_nonsense(&self) -> bool {
        match self {
            RefusedAmendment::NotWeights { .. }
            | RefusedAmendment::NotANumber { .. }
            | RefusedAmendment::NotACalibration
            | RefusedAmendment::NotInOrder => true,
            RefusedAmendment::TooFewOutcomes { .. }
            | RefusedAmendment::Silenced
            | RefusedAmendment::NothingLeft => false,
        }
    }
}

impl std::fmt::Display for RefusedAmendment {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RefusedAmendment::TooFewOutcomes { outcomes_effective, needed } => {
                write!(
                    out,
                    "rests on {outcomes_effective:.1} effective outcomes, needs {needed:.0}"
                )
            }
            RefusedAmendment::NotWeights { sum } => {
                write!(out, "weights sum to {sum}, not to 1, or one is below zero")
            }
            RefusedAmendment::NotANumber { value } => write!(out, "{value} is no number to set"),
            RefusedAmendment::NotACalibration => {
                write!(out, "the calibration falls where it must rise, or holds no numbers")
            }
            RefusedAmendment::NotInOrder => {
                write!(out, "the list is not in order, or says one thing twice")
            }
            RefusedAmendment::Silenced => write!(out, "the learner is silenced"),
            RefusedAmendment::NothingLeft => write!(out, "bounds and pins left nothing of it"),
        }
    }
}

/// Changes the policy, within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Governor {
    rules: LearnRules,
}

/// Effective outcomes that a calibration may rest on: with fewer, even a perfect model's error is a tenth
/// (methods §1.8).
pub(crate) const CALIBRATION_OUTCOMES_MIN: f64 = 200.0;

/// What came of asking for changes at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publication {
    /// The next version, where anything was taken.
    pub version: Option<PolicyVersion>,
    /// What was not taken.
    pub refused: Vec<Refused>,
    /// Why not, of each.
    pub why: Vec<RefusedAmendment>,
}

impl Governor {
    /// A governor that keeps to these rules.
    pub fn new(rules: LearnRules) -> Governor {
        Governor { rules }
    }

    /// The next version, of all amendments that may pass: bounded again, whatever the learners did. Those
    /// that come later are bounded against what stood before the first, so that no order of asking moves
    /// anything farther than one step.
    pub fn publish(
        &self,
        standing: &Policy,
        amendments: Vec<Amendment>,
        at: Timestamp,
    ) -> Publication {
        let mut next = Policy { version: standing.version + 1, ..standing.clone() };
        let (mut taken, mut refused, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
        for amendment in amendments {
            match self.take(standing, &mut next, amendment) {
                Ok(amendment) => taken.push(amendment),
                Err(refusal) => {
                    let (amendment, why) = *refusal;
                    refused.push(Refused { amendment, at, why: why.to_string() });
                    reasons.push(why);
                }
            }
        }
        bound::hold_pins(&self.rules, &mut next);
        let version = (!taken.is_empty()).then_some(PolicyVersion {
            policy: next,
            at,
            reason: Reason::Learned(taken),
        });
        Publication { version, refused, why: reasons }
    }

    /// Takes one amendment as far as bounds allow; gives it as it was taken, or back with the reason.
    fn take(
        &self,
        standing: &Policy,
        next: &mut Policy,
        amendment: Amendment,
    ) -> Result<Amendment, Box<(Amendment, RefusedAmendment)>> {
        let bounded = self.may_pass(standing, &amendment);
        match bounded.and_then(|()| self.bounded(standing, &amendment.change)) {
            Ok(change) if self.moves(standing, &change) => {
                apply(next, &change);
                // What is recorded is what was published.
                Ok(Amendment { change, ..amendment })
            }
            Ok(_) => Err(Box::new((amendment, RefusedAmendment::NothingLeft))),
            Err(why) => Err(Box::new((amendment, why))),
        }
    }

    /// Whether a bounded change moves anything, pins considered.
    fn moves(&self, standing: &Policy, change: &Change) -> bool {
        let mut moved = standing.clone();
        apply(&mut moved, change);
        bound::hold_pins(&self.rules, &mut moved);
        moved != *standing
    }

    fn may_pass(&self, standing: &Policy, amendment: &Amendment) -> Result<(), RefusedAmendment> {
        if standing.is_silenced(&amendment.learner) {
            return Err(RefusedAmendment::Silenced);
        }
        let needed = self.outcomes_needed(&amendment.change);
        let outcomes_effective = amendment.evidence.outcomes_effective;
        // Written so that an evidence that is not a number is refused too.
        if outcomes_effective.is_nan() || outcomes_effective < needed {
            return Err(RefusedAmendment::TooFewOutcomes { outcomes_effective, needed });
        }
        Ok(())
    }

    /// Effective outcomes below which nothing of this kind is changed.
    fn outcomes_needed(&self, change: &Change) -> f64 {
        match change {
            Change::HeadWeights(_) => self.rules.outcomes_needed(),
            Change::Calibration { .. } => {
                self.rules.outcomes_needed().max(CALIBRATION_OUTCOMES_MIN)
            }
            // A throttle speaks before anything is proven, and a way back asks for less than a way there.
            Change::Throttles(_) | Change::Rules(_) | Change::TakeBack(_) => 0.0,
            // To the letter of seed 001 a combo is killed without a minimum.
            Change::Killed(_) if self.rules.rule == crate::Rule::Seed => 0.0,
            _ => self.rules.outcomes_min,
        }
    }

    /// The change as far as bounds allow it.
    fn bounded(&self, standing: &Policy, change: &Change) -> Result<Change, RefusedAmendment> {
        let step = self.rules.step_fraction_max;
        let factors = |range: Range, stands: &[f64], to: &[f64]| range.step_all(stands, to, step);
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
            Change::ConvictionSizes(to) => {
                Change::ConvictionSizes(rising(factors(FACTOR, &standing.conviction_sizes, to)?))
            }
            Change::EdgeSizes(to) => {
                Change::EdgeSizes(rising(factors(FACTOR, &standing.edge_sizes, to)?))
            }
            Change::Exits { strategy, factors } => {
                let stands = standing.exits_of(domain::StrategyIx(*strategy));
                Change::Exits {
                    strategy: *strategy,
                    factors: bound::exits(step, stands, *factors)?,
                }
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
            Change::TakeBack(to) => Change::TakeBack(Box::new(self.towards(standing, to))),
            Change::Killed(to) => ordered(to, |combo| *combo).map(|()| change.clone())?,
            Change::ClosedRoutes(to) => ordered(to, |route| *route).map(|()| change.clone())?,
            Change::Throttles(to) => {
                ordered(to, |throttle| throttle.combo)?;
                within(to.iter().map(|throttle| throttle.factor), 0.0, 1.0)?;
                change.clone()
            }
            Change::Slices(to) => {
                let (least, most) = domain::Threshold::Conviction.bounds();
                within(to.iter().map(|slice| slice.conviction_min), least, most)?;
                Change::Slices(bound::slices(step, standing, to))
            }
            Change::Rules(to) => {
                within(to.iter().map(|rule| rule.factor), 0.0, FACTOR.most)?;
                change.clone()
            }
        })
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
fn apply(policy: &mut Policy, change: &Change) {
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
        Change::TakeBack(to) => *policy = Policy { version: policy.version, ..*to },
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Evidence, GatePolicy, HEAD_COUNT};

    fn amendment(weights: [f64; HEAD_COUNT], outcomes_effective: f64) -> Amendment {
        Amendment {
            learner: "stranger".to_owned(),
            change: Change::HeadWeights(weights),
            evidence: Evidence::of(1, outcomes_effective),
        }
    }

    fn taken(governor: &Governor, policy: &Policy, amendment: Amendment) -> PolicyVersion {
        governor.publish(policy, vec![amendment], NOW).version.expect("it was taken")
    }

    const NOW: Timestamp = Timestamp::from_ms(0);
    const EQUAL: [f64; HEAD_COUNT] = [1.0 / 9.0; HEAD_COUNT];

    #[test]
    fn a_stranger_cannot_leave_the_box_or_come_without_evidence() {
        let governor = Governor::new(LearnRules::default());
        let policy = Policy::day_one(GatePolicy::default());
        let mut greedy = [0.0; HEAD_COUNT];
        greedy[0] = 1.0;
        let version = taken(&governor, &policy, amendment(greedy, 1e3));
        for (before, after) in policy.head_weights.iter().zip(&version.policy.head_weights) {
            assert!((after / before - 1.0).abs() <= 0.20 + 1e-9, "{after}");
        }
        assert_eq!(version.policy.version, 2);
        for (weights, outcomes) in [
            (EQUAL, 49.9),
            (EQUAL, f64::NAN),
            ([f64::NAN; HEAD_COUNT], 1e3),
            ([0.2; HEAD_COUNT], 1e3),
        ] {
            assert!(
                governor
                    .publish(&policy, vec![amendment(weights, outcomes)], NOW)
                    .version
                    .is_none()
            );
        }
    }

    #[test]
    fn a_stranger_cannot_make_a_conviction_worth_much_at_once() {
        let governor = Governor::new(LearnRules::default());
        let change = |slope: f64, offset: f64, outcomes_effective| Amendment {
            change: Change::Calibration {
                strategy: 0,
                calibration: Calibration::Platt { slope, offset },
            },
            ..amendment(EQUAL, outcomes_effective)
        };
        let policy = Policy::day_one(GatePolicy::default());
        let early = governor.publish(&policy, vec![change(-1.0, 0.5, 199.0)], NOW);
        assert!(early.version.is_none(), "too few");
        let first = taken(&governor, &policy, change(-1.0, 0.5, 300.0)).policy;
        let greedy = taken(&governor, &first, change(-40.0, 2.0, 1e6)).policy;
        for conviction in [0.0, 0.13, 0.5, 0.77, 1.0] {
            let p = |policy: &Policy| policy.calibrations[0].probability(conviction).unwrap();
            let moved = p(&greedy) / p(&first) - 1.0;
            assert!(moved.abs() <= 0.20 + 1e-3, "{moved} at {conviction}");
        }
        assert!(greedy.calibrations[0].is_sane());
    }

    #[test]
    fn a_conviction_that_was_worth_nothing_can_be_worth_something_again() {
        let governor = Governor::new(LearnRules::default());
        let isotonic = |probability: [f64; 2]| Amendment {
            change: Change::Calibration {
                strategy: 0,
                calibration: Calibration::Isotonic {
                    at: vec![0.0, 1.0],
                    probability: probability.to_vec(),
                },
            },
            ..amendment(EQUAL, 300.0)
        };
        let mut policy = Policy::day_one(GatePolicy::default());
        policy = taken(&governor, &policy, isotonic([0.0, 0.5])).policy;
        // Once it is there, nothing is left to publish.
        let next = |from: &Policy| governor.publish(from, vec![isotonic([0.4, 0.5])], NOW).version;
        while let Some(version) = next(&policy) {
            policy = version.policy;
            assert!(policy.calibrations[0].is_sane());
        }
        let least = policy.calibrations[0].probability(0.0).unwrap();
        assert!((least - 0.4).abs() < 1e-9, "{least}");
    }

    #[test]
    fn a_revert_carries_the_old_values_under_a_new_number() {
        let governor = Governor::new(LearnRules::default());
        let old = Policy::day_one(GatePolicy::default());
        let now = Policy {
            version: 41,
            head_weights: [0.05, 0.05, 0.05, 0.15, 0.15, 0.15, 0.15, 0.15, 0.1],
            ..old.clone()
        };
        let version = governor.revert(&now, &old, NOW);
        assert_eq!(version.policy.version, 42);
        assert_eq!(version.policy.head_weights, old.head_weights);
        assert_eq!(version.reason, Reason::Revert { to_version: 1 });
    }
}
