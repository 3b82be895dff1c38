//! Heads and their weights that never were.

use super::*;

pub fn waits(head: usize) -> bool {
    HEADS[head].1.starts_with("waits")
}

pub fn weights(dice: &mut Dice, versions: usize) -> Vec<WeightPlace> {
    let mut weights = [1.0 / 9.0; 9];
    (0..versions)
        .map(|n| {
            if n > 0 {
                for (head, weight) in weights.iter_mut().enumerate() {
                    let pull = if waits(head) { 0.0 } else { 0.004 * (dice.bell() + 0.2) };
                    *weight = (*weight + pull).clamp(0.05, 0.30);
                }
                let sum: f64 = weights.iter().sum();
                weights = weights.map(|weight| (weight / sum).clamp(0.05, 0.30));
            }
            WeightPlace {
                at: at(n * CANDLES * HOURS_PER_CANDLE / versions.max(1)),
                version: n as u64 + 1,
                reason: if n == 0 { "day_one" } else { "evidence" }.to_owned(),
                weights,
                outcomes_effective: 31.0 * n as f64,
            }
        })
        .collect()
}

pub fn heads(dice: &mut Dice, weights: &[WeightPlace], has_votes: bool) -> Vec<HeadStory> {
    let (first, last) = (&weights[0], &weights[weights.len() - 1]);
    (0..9)
        .map(|head| {
            let votes = has_votes && !waits(head);
            HeadStory {
                name: HEADS[head].0.to_owned(),
                what: HEADS[head].1.to_owned(),
                votes_effective: if votes { 402.0 } else { 0.0 },
                agreed: votes.then(|| estimate(0.45 + 0.03 * dice.bell(), 0.039, 611)),
                disagreed: votes.then(|| estimate(0.42, 0.05, 305)),
                lead: votes.then(|| estimate(0.03 + 0.03 * dice.bell(), 0.06, 916)),
                weight_first: first.weights[head],
                weight_last: last.weights[head],
            }
        })
        .collect()
}
