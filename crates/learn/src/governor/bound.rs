//! How far each part of the policy may move between two versions, and where it stays, ever.

use domain::{
    COMPONENTS_MAX, Calibration, ExitFactors, FastLayer, GatePolicy, HEAD_COUNT, PinnedValue,
    Policy, SliceRule, Threshold,
};

use super::RefusedAmendment;
use crate::LearnRules;

/// Where a stake factor stays. Chosen: a symbol, an hour or a level may be halved twice and raised by half.
pub(crate) const FACTOR: Range = Range { least: 0.25, most: 1.5 };
/// The same where it may be 0: paused.
pub(crate) const PAUSABLE: Range = Range { least: 0.0, most: 1.5 };
/// Where a share of capital stays, against an equal share. Chosen.
pub(crate) const SHARE: Range = Range { least: 0.25, most: 2.0 };
/// Where a component's weight stays, against 1 on day one. Chosen.
pub(crate) const COMPONENT: Range = Range { least: 0.25, most: 4.0 };

/// Values that miss one by more than this were not computed by the projection.
const SUM_TOLERANCE: f64 = 1e-9;

/// Where a value stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Range {
    /// `wanted`, no farther from what stands than one step and within the range. What stands at zero may
    /// come back by one step of the least that counts.
    pub(crate) fn step(self, standing: f64, wanted: f64, step_fraction: f64) -> f64 {
        // A share of nothing is nothing: from here down a value may move by as much as from here.
        const SMALLEST: f64 = 0.25;
        let reach = step_fraction * standing.max(SMALLEST);
        wanted.clamp(standing - reach, standing + reach).clamp(self.least, self.most)
    }

    /// The same for lists; where nothing stands yet every value stands at 1. What is not a number refuses
    /// the whole list.
    pub(super) fn step_all(
        self,
        standing: &[f64],
        wanted: &[f64],
        step_fraction: f64,
    ) -> Result<Vec<f64>, RefusedAmendment> {
        if let Some(&value) = wanted.iter().find(|value| !value.is_finite()) {
            return Err(RefusedAmendment::NotANumber { value });
        }
        let stands = |at: usize| standing.get(at).copied().unwrap_or(1.0);
        let stepped = wanted.iter().enumerate();
        Ok(stepped.map(|(at, &to)| self.step(stands(at), to, step_fraction)).collect())
    }
}

/// Weights of heads within box and step, summing to one.
pub(super) fn head_weights(
    rules: &LearnRules,
    standing: &[f64; HEAD_COUNT],
    wanted: &[f64; HEAD_COUNT],
) -> Result<[f64; HEAD_COUNT], RefusedAmendment> {
    let sum: f64 = wanted.iter().sum();
    if !sum.is_finite() || (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(RefusedAmendment::NotWeights { sum });
    }
    let bounds = rules.bounds();
    let keeps = |(&from, &to): (&f64, &f64)| bounds.lower(from) <= to && to <= bounds.upper(from);
    let keeps_bounds = standing.iter().zip(wanted).all(keeps);
    Ok(if keeps_bounds { *wanted } else { bounds.step(standing, wanted) })
}

/// Weights of horizons: none below zero, summing to one, each within one step of what stands before they
/// are made to sum to one again.
pub(super) fn simplex<const N: usize>(
    step_fraction: f64,
    standing: &[f64; N],
    wanted: &[f64; N],
) -> Result<[f64; N], RefusedAmendment> {
    let sum: f64 = wanted.iter().sum();
    if !sum.is_finite() || (sum - 1.0).abs() > SUM_TOLERANCE || wanted.iter().any(|w| *w < 0.0) {
        return Err(RefusedAmendment::NotWeights { sum });
    }
    // A share of nothing is nothing: from here down a weight may move by as much as from here.
    let smallest = 0.1 / N as f64;
    let reach = |from: f64| step_fraction * from.max(smallest);
    let lower: [f64; N] = std::array::from_fn(|at| (standing[at] - reach(standing[at])).max(0.0));
    let upper: [f64; N] = std::array::from_fn(|at| standing[at] + reach(standing[at]));
    let inside = |at: usize| lower[at] <= wanted[at] && wanted[at] <= upper[at];
    if (0..N).all(inside) {
        return Ok(*wanted);
    }
    Ok(stats::simplex::project_kl(wanted, &lower, &upper))
}

/// Components' weights.
pub(super) fn components(
    step_fraction: f64,
    standing: &[f64; COMPONENTS_MAX],
    wanted: &[f64; COMPONENTS_MAX],
    range: Range,
) -> Result<[f64; COMPONENTS_MAX], RefusedAmendment> {
    let stepped = range.step_all(standing, wanted, step_fraction)?;
    Ok(std::array::from_fn(|at| stepped[at]))
}

/// Log-odds may be moved by the fast layer by so much at most. Chosen: a layer corrects the ensemble and does
/// not replace it.
pub(crate) const FAST_BIAS_MOST: f64 = 1.0;
/// No member counts for more than half of itself again, in the fast layer. Chosen, as above.
pub(crate) const FAST_SLOPE_MOST: f64 = 0.5;

/// The fast layer: within its bounds, a tenth of them a version. What goes too far goes less far in the same
/// direction, so that what is published lies between the standing layer and the one that was tested.
pub(super) fn fast_layer(
    standing: &FastLayer,
    wanted: &FastLayer,
) -> Result<FastLayer, RefusedAmendment> {
    const STEP_FRACTION: f64 = 0.1;
    let numbers = || wanted.slopes.iter().copied().chain([wanted.bias]);
    if let Some(value) = numbers().find(|value| !value.is_finite()) {
        return Err(RefusedAmendment::NotANumber { value });
    }
    let bias = wanted.bias.clamp(-FAST_BIAS_MOST, FAST_BIAS_MOST);
    let slopes = wanted.slopes.map(|slope| slope.clamp(-FAST_SLOPE_MOST, FAST_SLOPE_MOST));
    let pairs = standing.slopes.iter().zip(&slopes);
    let moves = pairs.map(|(from, to)| (to - from).abs() / FAST_SLOPE_MOST);
    let farthest = moves.fold((bias - standing.bias).abs() / FAST_BIAS_MOST, f64::max);
    let part = if farthest > STEP_FRACTION { STEP_FRACTION / farthest } else { 1.0 };
    // Where the whole way is gone what is wanted is met to the last bit.
    let between = |from: f64, to: f64| if part < 1.0 { from + part * (to - from) } else { to };
    Ok(FastLayer {
        bias: between(standing.bias, bias),
        slopes: std::array::from_fn(|at| between(standing.slopes[at], slopes[at])),
    })
}

/// A threshold within its box and one step; whole ones may always move by one.
pub(super) fn threshold(
    step_fraction: f64,
    gates: &GatePolicy,
    threshold: Threshold,
    wanted: f64,
) -> Result<f64, RefusedAmendment> {
    if !wanted.is_finite() {
        return Err(RefusedAmendment::NotANumber { value: wanted });
    }
    let standing = threshold.of(gates);
    let is_whole = matches!(threshold, Threshold::Cooldown | Threshold::RegimeEntries);
    let reach = step_fraction * standing.abs();
    let reach = if is_whole { reach.max(1.0).floor() } else { reach };
    let (least, most) = threshold.bounds();
    // A person may have configured a value outside the box; it is never pushed, only kept from going on.
    let (least, most) = (least.min(standing), most.max(standing));
    let to = wanted.clamp(standing - reach, standing + reach).clamp(least, most);
    Ok(if is_whole { to.round() } else { to })
}

/// Slices no farther than one step from what stands there, or from what stands everywhere.
pub(super) fn slices(
    step_fraction: f64,
    standing: &Policy,
    wanted: &[SliceRule],
) -> Vec<SliceRule> {
    let everywhere = standing.gates.conviction_min;
    let bounded = |slice: &SliceRule| {
        let there = standing.slices.iter().find(|stands| stands.when == slice.when);
        let from = there.map_or(everywhere, |stands| stands.conviction_min);
        let reach = step_fraction * from;
        SliceRule {
            conviction_min: slice.conviction_min.clamp(from - reach, from + reach),
            ..*slice
        }
    };
    wanted.iter().map(bounded).collect()
}

/// The wanted probabilities, none of them farther than one step from what stands. Where nothing stands
/// yet the first is taken as it is: what it takes the place of is the belief of a market without edge.
pub(super) fn calibration(
    step_fraction: f64,
    standing: &Calibration,
    wanted: Calibration,
) -> Result<Calibration, RefusedAmendment> {
    const POINTS: u8 = 50;
    // A share of nothing is nothing: from here down a probability may move by as much as from here.
    const PROBABILITY_MIN: f64 = 0.01;
    if !wanted.is_sane() {
        return Err(RefusedAmendment::NotACalibration);
    }
    let at: Vec<f64> = (0..=POINTS).map(|point| f64::from(point) / f64::from(POINTS)).collect();
    let moves = |conviction: &f64| {
        let (from, to) = (standing.probability(*conviction)?, wanted.probability(*conviction)?);
        Some((from, to))
    };
    let Some(pairs) = at.iter().map(moves).collect::<Option<Vec<_>>>() else { return Ok(wanted) };
    let reach = |from: f64| step_fraction * from.max(PROBABILITY_MIN);
    if pairs.iter().all(|&(from, to)| (to - from).abs() <= reach(from)) {
        return Ok(wanted);
    }
    // Both rise, so what lies between them and a band around one of them rises too.
    let bounded = |&(from, to): &(f64, f64)| to.clamp(from - reach(from), from + reach(from));
    let probability = pairs.iter().map(bounded).map(|p| p.clamp(0.0, 1.0)).collect();
    Ok(Calibration::Isotonic { at, probability })
}

/// Exits within one step of what stands.
pub(super) fn exits(
    step_fraction: f64,
    standing: ExitFactors,
    wanted: ExitFactors,
) -> Result<ExitFactors, RefusedAmendment> {
    // Chosen: distances and times between a half and twice what is configured.
    const DISTANCE: Range = Range { least: 0.5, most: 2.0 };
    const PARTIAL: Range = Range { least: 0.0, most: 0.5 };
    let numbers = [wanted.stop, wanted.target, wanted.hold, wanted.partial_share];
    if let Some(&value) = numbers.iter().find(|value| !value.is_finite()) {
        return Err(RefusedAmendment::NotANumber { value });
    }
    let distance = |from: f64, to: f64| DISTANCE.step(from, to, step_fraction);
    Ok(ExitFactors {
        stop: distance(standing.stop, wanted.stop),
        target: distance(standing.target, wanted.target),
        hold: distance(standing.hold, wanted.hold),
        partial_share: PARTIAL.step(standing.partial_share, wanted.partial_share, step_fraction),
    })
}

/// Lays a policy's pins over it: what a person holds fast, no learner moves.
pub(super) fn hold_pins(rules: &LearnRules, policy: &mut Policy) {
    let pins = policy.pins.clone();
    let mut held = [None; HEAD_COUNT];
    for pin in pins {
        match pin.value {
            PinnedValue::HeadWeight(head) => held[head.at()] = Some(pin.at),
            PinnedValue::Threshold(threshold) => threshold.set(&mut policy.gates, pin.at),
            PinnedValue::SymbolFactor(symbol) => {
                set_factor(&mut policy.symbol_factors, symbol.at(), pin.at);
            }
            PinnedValue::HourFactor(hour) => {
                set_factor(&mut policy.hour_factors, usize::from(hour), pin.at);
            }
        }
    }
    if held.iter().any(Option::is_some) {
        let lower = held.map(|at| at.unwrap_or(rules.weight_min));
        let upper = held.map(|at| at.unwrap_or(rules.weight_max));
        let sum: f64 = policy.head_weights.iter().sum();
        let mut bounded = policy.head_weights.iter().zip(lower.iter().zip(&upper));
        let holds = bounded.all(|(weight, (least, most))| least <= weight && weight <= most);
        // What holds already is left to the last bit, so that nothing new is published.
        if holds && (sum - 1.0).abs() <= SUM_TOLERANCE {
            return;
        }
        policy.head_weights = stats::simplex::project_kl(&policy.head_weights, &lower, &upper);
    }
}

fn set_factor(factors: &mut Vec<f64>, at: usize, to: f64) {
    if factors.len() <= at {
        factors.resize(at + 1, 1.0);
    }
    factors[at] = to;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_layer_that_goes_too_far_goes_less_far_the_same_way() {
        let standing = FastLayer { bias: 0.2, ..FastLayer::default() };
        let mut wanted = FastLayer { bias: 0.6, ..FastLayer::default() };
        wanted.slopes = [0.4, -0.1, 0.01, 0.0];
        let to = fast_layer(&standing, &wanted).unwrap();
        // A tenth of .5 is the farthest a slope goes, an eighth of what the first is to go.
        let wanted_moves = [0.4, 0.4, -0.1, 0.01, 0.0].map(|all: f64| all / 8.0);
        let moved = [to.bias - 0.2, to.slopes[0], to.slopes[1], to.slopes[2], to.slopes[3]];
        for (moved, due) in moved.into_iter().zip(wanted_moves) {
            assert!((moved - due).abs() < 1e-12, "{moved} {due}");
        }
        // A near one is met, and none lies beyond its bounds however often it is asked for.
        let near = FastLayer { bias: 0.25, ..FastLayer::default() };
        assert_eq!(fast_layer(&standing, &near).unwrap(), near);
        let far = FastLayer { bias: 9.0, ..FastLayer::default() };
        let mut stands = FastLayer::default();
        for _ in 0..30 {
            stands = fast_layer(&stands, &far).unwrap();
        }
        assert_eq!(stands.bias, FAST_BIAS_MOST);
    }
}
