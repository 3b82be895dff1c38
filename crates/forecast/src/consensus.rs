//! From nine votes to one signal.

use domain::{HEAD_COUNT, Side, Signal, Votes};

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
    Some(Signal { side, conviction: lean.abs() / voted, confluence: agreed / voted, votes: *votes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{HeadName, Vote};

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
}
