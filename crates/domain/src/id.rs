//! Names for decisions and orders, and draws of chance, all as hashes of what they are about.
//!
//! An id never depends on the run, the file or how much data there is, so the same decision after
//! a crash asks for the same order again, and a longer file renames nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// FNV-1a over the bytes of a name, then mixed. Strategies and symbols enter ids by it.
pub const fn name_hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    mix(hash)
}

/// SplitMix64's finaliser (Steele, Lea & Flood 2014): every input bit reaches every output bit.
const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A number in [0, 1) drawn for `id` from `seed`; `stream` keeps the uses of chance apart.
pub const fn draw(seed: u64, id: DecisionId, stream: u64) -> f64 {
    let bits = mix(mix(mix(seed) ^ id.0) ^ stream);
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Which decision: strategy, symbol, moment, leg and attempt, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(pub u64);

impl DecisionId {
    /// The id of the decision that `strategy` takes on `symbol` when the bar closes `at`.
    pub const fn of(strategy_hash: u64, symbol_hash: u64, at: Timestamp) -> DecisionId {
        DecisionId(mix(mix(strategy_hash ^ mix(symbol_hash)) ^ at.ms() as u64))
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<DecisionId> {
        if text.len() != 16 {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(DecisionId)
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Which order: its decision, what it is for, and which attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub u64);

impl OrderId {
    /// The id of attempt number `attempt` at leg number `leg` of `decision`.
    pub const fn of(decision: DecisionId, leg: u8, attempt: u32) -> OrderId {
        OrderId(mix(decision.0 ^ mix(((leg as u64) << 32) | attempt as u64)))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hs-{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_in_every_part_and_read_back() {
        let at = Timestamp::from_ms(1_000);
        let one = DecisionId::of(name_hash("alpha"), name_hash("BTCUSDT"), at);
        assert_ne!(one, DecisionId::of(name_hash("ema"), name_hash("BTCUSDT"), at));
        assert_ne!(one, DecisionId::of(name_hash("alpha"), name_hash("ETHUSDT"), at));
        assert_ne!(one, DecisionId::of(name_hash("alpha"), name_hash("BTCUSDT"), at.plus_ms(1)));
        assert_ne!(OrderId::of(one, 0, 0), OrderId::of(one, 0, 1));
        assert_eq!(DecisionId::parse(&one.to_string()), Some(one));
        assert_eq!(DecisionId::parse("no such id"), None);
    }

    #[test]
    fn draws_are_even_and_differ_by_seed_and_stream() {
        let n = 100_000_u64;
        let mean = (0..n).map(|i| draw(7, DecisionId(i), 0)).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.004, "{mean}");
        assert_ne!(draw(7, DecisionId(1), 0), draw(8, DecisionId(1), 0));
        assert_ne!(draw(7, DecisionId(1), 0), draw(7, DecisionId(1), 1));
    }
}
