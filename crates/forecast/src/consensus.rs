//! From nine votes to one signal: heads vote on the side, components tilt how much their vote counts.

use domain::{COMPONENTS_MAX, HEAD_COUNT, Leans, Policy, Side, Signal, Votes};

/// What components may add to a conviction or take from it, as a share of it, when all of them lean one way
/// as far as they can. Chosen: a quarter moves a candidate past a threshold it was near and no other.
pub const TILT: f64 = 0.25;

/// The weighted vote: side, conviction and confluence. Nothing when nobody votes, or when the two
/// sides weigh the same.
///
/// Both figures are relative to the weight of those who voted, so that heads that wait for their
/// inputs do not make the others look unsure.
pub fn fuse(votes: &Votes, weights: &[f64; HEAD_COUNT]) -> Option<Signal> {
    let (mut lean, mut long, mut voted) = (0.0, 0.0, 0.0);
    for (at, weight) in weights.iter().enumerate() {
        let Some(vote) = votes.at(at) else { continue };
        voted += weight;
        lean += weight * vote.side.sign() * vote.confidence;
        if vote.side == Side::Long {
            long += weight;
        }
    }
    if lean == 0.0 || voted <= 0.0 {
        return None;
    }
    let side = if lean > 0.0 { Side::Long } else { Side::Short };
    let agreed = if side == Side::Long { long } else { voted - long };
    Some(Signal {
        side,
        conviction: lean.abs() / voted,
        confluence: agreed / voted,
        tilt: 0.0,
        votes: *votes,
    })
}

/// How the components that spoke lean together, −1..=1, up for rising prices: each by its weight and by
/// what of it is its own. 0 where nobody spoke.
pub fn tilt(leans: &Leans, policy: &Policy) -> f64 {
    let (mut lean, mut spoke) = (0.0, 0.0);
    for at in 0..COMPONENTS_MAX {
        let Some(said) = leans.at(at) else { continue };
        let weight = policy.component_weights[at] * policy.component_discounts[at];
        lean += weight * said;
        spoke += weight;
    }
    if spoke > 0.0 { lean / spoke } else { 0.0 }
}

/// The signal as components see it: the surer the more they lean its way. Its side stays the heads'.
pub fn tilted(signal: Signal, tilt: f64) -> Signal {
    let factor = 1.0 + TILT * signal.side.sign() * tilt;
    Signal { conviction: (signal.conviction * factor).clamp(0.0, 1.0), tilt, ..signal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{GatePolicy, HeadName, Vote};

    fn votes(leans: &[(HeadName, f64)]) -> Votes {
        let mut votes = Votes::default();
        for &(head, lean) in leans {
            votes.set(head, Vote::leaning(lean));
        }
        votes
    }

    const EQUAL: [f64; HEAD_COUNT] = [1.0 / 9.0; HEAD_COUNT];

    #[test]
    fn the_heavier_side_wins_and_says_how_clearly() {
        let cast = votes(&[
            (HeadName::Trend, 0.5),
            (HeadName::Momentum, 0.5),
            (HeadName::Breakout, -0.25),
        ]);
        let signal = fuse(&cast, &EQUAL).unwrap();
        assert_eq!(signal.side, Side::Long);
        assert!((signal.conviction - 0.25).abs() < 1e-12);
        assert!((signal.confluence - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn silence_and_a_tie_are_no_signal() {
        assert_eq!(fuse(&Votes::default(), &EQUAL), None);
        assert_eq!(
            fuse(&votes(&[(HeadName::Trend, 0.5), (HeadName::Momentum, -0.5)]), &EQUAL),
            None
        );
    }

    #[test]
    fn weight_decides_between_heads_that_disagree() {
        let cast = votes(&[(HeadName::Trend, 0.5), (HeadName::Momentum, -0.5)]);
        let mut weights = EQUAL;
        weights[HeadName::Momentum.at()] = 0.2;
        assert_eq!(fuse(&cast, &weights).map(|signal| signal.side), Some(Side::Short));
    }

    #[test]
    fn components_tilt_the_conviction_by_a_quarter_at_most_and_never_the_side() {
        let signal = fuse(&votes(&[(HeadName::Trend, -0.6)]), &EQUAL).unwrap();
        for (tilt, conviction) in [(0.0, 0.6), (-1.0, 0.75), (1.0, 0.45), (-0.5, 0.675)] {
            let tilted = tilted(signal, tilt);
            assert!((tilted.conviction - conviction).abs() < 1e-7, "{tilt}: {}", tilted.conviction);
            assert_eq!((tilted.side, tilted.confluence), (Side::Short, signal.confluence));
        }
        let sure = fuse(&votes(&[(HeadName::Trend, 1.0)]), &EQUAL).unwrap();
        assert_eq!(tilted(sure, 1.0).conviction, 1.0);
    }

    #[test]
    fn a_tilt_is_the_mean_of_those_who_spoke_by_weight_and_discount() {
        let mut leans = Leans::SILENT;
        let mut policy = Policy::day_one(GatePolicy::default());
        assert_eq!(tilt(&leans, &policy), 0.0);
        leans.set(0, Some(1.0));
        leans.set(3, Some(-0.5));
        assert!((tilt(&leans, &policy) - 0.25).abs() < 1e-12);
        policy.component_weights[3] = 4.0;
        policy.component_discounts[3] = 0.5;
        assert!(tilt(&leans, &policy).abs() < 1e-12);
        policy.component_weights = [2.5; COMPONENTS_MAX];
        policy.component_discounts = [1.0; COMPONENTS_MAX];
        assert!((tilt(&leans, &policy) - 0.25).abs() < 1e-12, "equal weights are the first day's");
    }
}
