//! What is done about a candidate: the gates' answers, a draw, a size.

use domain::{DecisionId, Sizing, Standing, Verdicts, draw};

use crate::{Case, GATES, Limits, SizeRules, ask_all, size};

/// What was chosen, and with which probability that action was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Every gate's answer.
    pub verdicts: Verdicts,
    /// What to do.
    pub standing: Standing,
    /// How much; zero where nothing is done.
    pub sizing: Sizing,
    /// Probability of this action, trade or decline.
    pub propensity: f64,
}

/// Chance streams are kept apart by number; slippage has 1 and 2.
const STREAM_EXPLORE: u64 = 3;

/// Asks every gate, then does what they say, except for a share `explore_fraction` of the allowed and
/// of the near misses, where it does the opposite at probe size so that both sides are seen.
///
/// A near miss is a candidate that exactly one gate refused, one that guards no capital. Any other
/// refusal is certain, and so is declining what is too small to trade: its propensity is 1.
pub fn choose(
    case: &Case<'_>,
    rules: &SizeRules,
    limits: &Limits,
    id: DecisionId,
    seed: u64,
    explore_fraction: f64,
) -> Choice {
    let verdicts = ask_all(case);
    let allowed = verdicts.all_passed();
    let declined = |standing, sizing, propensity| Choice { verdicts, standing, sizing, propensity };
    if !allowed && !is_near_miss(&verdicts) {
        return declined(Standing::Refused, Sizing::default(), 1.0);
    }
    // Sized before the draw: where no draw could have traded, declining was certain, and a propensity
    // below 1 would make every estimate from the record count it many times over.
    let sizing = size(case, rules, limits, !allowed);
    match (allowed, sizing.quantity.is_zero()) {
        (true, true) => return declined(Standing::TooSmall, sizing, 1.0),
        (false, true) => return declined(Standing::Refused, Sizing::default(), 1.0),
        (_, false) => {}
    }
    let explores = draw(seed, id, STREAM_EXPLORE) < explore_fraction;
    let propensity = if explores { explore_fraction } else { 1.0 - explore_fraction };
    let standing = match (allowed, explores) {
        (true, true) => return declined(Standing::Withheld, Sizing::default(), propensity),
        (false, false) => return declined(Standing::Refused, Sizing::default(), propensity),
        (false, true) => Standing::Explored,
        (true, false) if rules.is_earned(&sizing) => Standing::Conviction,
        (true, false) => Standing::Probe,
    };
    Choice { verdicts, standing, sizing, propensity }
}

fn is_near_miss(verdicts: &Verdicts) -> bool {
    let refused = verdicts.refused();
    refused.count_ones() == 1
        && GATES.get(refused.trailing_zeros() as usize).is_some_and(|gate| gate.may_be_explored)
}
