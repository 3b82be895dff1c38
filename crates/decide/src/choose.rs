//! What is done about a candidate: the gates' answers, a draw, a size.

use domain::{DecisionId, Sizing, Standing, Verdicts, draw};

use crate::gates::SELECTED;
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
///
/// Where strategies compete, being chosen among them is a draw too. Rivals meet the same portfolio, so
/// with s the probability of being chosen and e the share explored, an allowed candidate is traded with
/// probability s·(1 − e) and a near miss with s·e, by two independent draws, and declined with one minus that,
/// whichever of the two draws declined it.
pub fn choose(
    case: &Case<'_>,
    rules: &SizeRules,
    limits: &Limits,
    id: DecisionId,
    seed: u64,
    explore_fraction: f64,
) -> Choice {
    let verdicts = ask_all(case);
    let allowed = verdicts.refused() & !SELECTED == 0;
    let certain = |standing, sizing| Choice { verdicts, standing, sizing, propensity: 1.0 };
    // Whether it could be traded is asked before the draw: where no draw could have traded it,
    // declining was certain, and a lower propensity would make estimates count it many times over.
    let may_trade = allowed || (is_near_miss(&verdicts) && probe_is_tradable(case, rules, limits));
    if !may_trade {
        return certain(Standing::Refused, Sizing::default());
    }
    let sizing = if allowed { size(case, rules, limits, false) } else { Sizing::default() };
    let is_chosen = case.selection.is_chosen();
    if allowed && sizing.quantity.is_zero() {
        return match is_chosen {
            true => certain(Standing::TooSmall, sizing),
            false => certain(Standing::Refused, Sizing::default()),
        };
    }
    let explores = draw(seed, id, STREAM_EXPLORE) < explore_fraction;
    let (trades, declines) = if allowed {
        (1.0 - explore_fraction, explore_fraction)
    } else {
        (explore_fraction, 1.0 - explore_fraction)
    };
    let chosen = case.selection.probability;
    let traded =
        |standing, sizing| Choice { verdicts, standing, sizing, propensity: chosen * trades };
    let declined = |standing| Choice {
        verdicts,
        standing,
        sizing: Sizing::default(),
        propensity: (1.0 - chosen) + chosen * declines,
    };
    match (allowed, explores) {
        _ if !is_chosen => declined(Standing::Refused),
        (true, true) => declined(Standing::Withheld),
        (true, false) if rules.is_earned(&sizing) => traded(Standing::Conviction, sizing),
        (true, false) => traded(Standing::Probe, sizing),
        (false, true) => traded(Standing::Explored, size(case, rules, limits, true)),
        (false, false) => declined(Standing::Refused),
    }
}

/// A refusal by less than this share of what was needed is near. Chosen.
const NEAR_FRACTION: f64 = 0.20;

fn is_near_miss(verdicts: &Verdicts) -> bool {
    let of_the_candidate = |at: &usize| SELECTED & (1 << at) == 0;
    let mut refused = verdicts
        .iter()
        .zip(GATES)
        .enumerate()
        .filter(|(at, (verdict, _))| of_the_candidate(at) && !verdict.passed)
        .map(|(_, pair)| pair);
    let (Some((verdict, gate)), None) = (refused.next(), refused.next()) else { return false };
    gate.may_be_explored && verdict.measured >= verdict.needed * (1.0 - NEAR_FRACTION)
}
