//! What is done about a candidate: the gates' answers, a draw, a size.

use domain::{DecisionId, Sizing, Standing, Verdicts, draw};

use crate::size::probe_is_tradable;
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
/// A near miss is a candidate that exactly one gate refused, one that guards no capital, by less than
/// a fifth of what it needed. Any other refusal is certain, and so is declining what is too small to
/// trade: its propensity is 1.
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
    let certain = |standing, sizing| Choice { verdicts, standing, sizing, propensity: 1.0 };
    // Whether it could be traded is asked before the draw: where no draw could have traded it,
    // declining was certain, and a lower propensity would make estimates count it many times over.
    let may_trade = allowed || (is_near_miss(&verdicts) && probe_is_tradable(case, rules, limits));
    if !may_trade {
        return certain(Standing::Refused, Sizing::default());
    }
    let explores = draw(seed, id, STREAM_EXPLORE) < explore_fraction;
    let propensity = if explores { explore_fraction } else { 1.0 - explore_fraction };
    let chosen = |standing, sizing| Choice { verdicts, standing, sizing, propensity };
    if !allowed && !explores {
        return chosen(Standing::Refused, Sizing::default());
    }
    let sizing = size(case, rules, limits, !allowed);
    match (allowed, explores) {
        (true, _) if sizing.quantity.is_zero() => certain(Standing::TooSmall, sizing),
        (true, true) => chosen(Standing::Withheld, Sizing::default()),
        (true, false) if rules.is_earned(&sizing) => chosen(Standing::Conviction, sizing),
        (true, false) => chosen(Standing::Probe, sizing),
        (false, _) => chosen(Standing::Explored, sizing),
    }
}

/// A refusal by less than this share of what was needed is near. Chosen.
const NEAR_FRACTION: f64 = 0.20;

fn is_near_miss(verdicts: &Verdicts) -> bool {
    let mut refused = verdicts.iter().zip(GATES).filter(|(verdict, _)| !verdict.passed);
    let (Some((verdict, gate)), None) = (refused.next(), refused.next()) else { return false };
    gate.may_be_explored && verdict.measured >= verdict.needed * (1.0 - NEAR_FRACTION)
}
