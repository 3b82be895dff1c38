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
/// A near miss is a candidate that exactly one gate refused, one that guards no capital, and that
/// came close. Any other refusal is certain, and its propensity is 1.
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
    let may_explore = allowed || is_near_miss(&verdicts);
    let explores = may_explore && draw(seed, id, STREAM_EXPLORE) < explore_fraction;
    let propensity = match (may_explore, explores) {
        (false, _) => 1.0,
        (true, true) => explore_fraction,
        (true, false) => 1.0 - explore_fraction,
    };
    let declined = |standing| Choice { verdicts, standing, sizing: Sizing::default(), propensity };
    match (allowed, explores) {
        (true, true) => declined(Standing::Withheld),
        (false, false) => declined(Standing::Refused),
        (trades_on_merit, _) => {
            let sizing = size(case, rules, limits, !trades_on_merit);
            if sizing.quantity.is_zero() {
                // No draw could have traded it: declining was certain.
                return Choice { verdicts, standing: Standing::TooSmall, sizing, propensity: 1.0 };
            }
            let standing = if !trades_on_merit {
                Standing::Explored
            } else if rules.is_earned(&sizing) {
                Standing::Conviction
            } else {
                Standing::Probe
            };
            Choice { verdicts, standing, sizing, propensity }
        }
    }
}

/// A refusal by less than this share of what was needed is near. Chosen.
const NEAR_FRACTION: f64 = 0.20;

fn is_near_miss(verdicts: &Verdicts) -> bool {
    let mut refused = verdicts.iter().zip(GATES).filter(|(verdict, _)| !verdict.passed);
    let (Some((verdict, gate)), None) = (refused.next(), refused.next()) else { return false };
    gate.may_be_explored && verdict.measured >= verdict.needed * (1.0 - NEAR_FRACTION)
}
