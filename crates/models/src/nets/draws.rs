//! Chance for first weights, dropout and the order of windows. The network library has generators of
//! its own, one per process: two fits at a time would take each other's numbers.

/// A stream of draws (SplitMix64; Steele, Lea & Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    state: u64,
}

impl Draws {
    /// The stream of this seed and purpose.
    pub(crate) fn new(seed: u64, purpose: u64) -> Draws {
        let mut mixed = Draws { state: purpose };
        Draws { state: seed ^ mixed.bits() }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number in [-1, 1).
    pub(crate) fn spread(&mut self) -> f32 {
        ((self.bits() >> 40) as i64 - (1 << 23)) as f32 / (1 << 23) as f32
    }

    /// A whole number below `below`, which is above zero.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        (self.bits() % below as u64) as usize
    }

    /// Fills a dropout mask: zero with this probability, else what keeps the mean.
    pub(crate) fn mask(&mut self, len: usize, dropped: f32) -> Vec<f32> {
        let (edge, kept) = ((dropped * 65536.0) as u64, 1.0 / (1.0 - dropped));
        let mut values = Vec::with_capacity(len + 3);
        while values.len() < len {
            let bits = self.bits();
            values.extend(
                (0..4).map(|part| if (bits >> (16 * part)) & 0xffff < edge { 0.0 } else { kept }),
            );
        }
        values.truncate(len);
        values
    }
}
