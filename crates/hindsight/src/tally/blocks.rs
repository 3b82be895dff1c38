//! Evidence from differences that overlap in time.
//!
//! Two positions open at once share what the market does meanwhile, so their differences may not be
//! bet on one after the other. A block takes in differences until none of them is open any more, and
//! one bet is made on its sum. Who belongs to a block is known when each is decided, which is what
//! makes the bet fair; what comes up while a block is full stands outside of it.

use stats::sequential::GridEProcess;

/// A difference may lose so many R, on average over a full block. Chosen wide: a stop that is gapped
/// through loses more than 1 R. Below it the evidence is zero for good, which keeps it valid.
pub const FLOOR_R: f64 = 3.0;
/// A gain counts for so many R at most; clipping gains is allowed, clipping losses is not.
pub const GAIN_R_MAX: f64 = 5.0;
/// Stakes per difference, as fractions of what a loss can cost. Chosen: together they find effects
/// from .02 to .3 R without waiting much longer than the best of them alone.
const STAKES: [f64; 4] = [0.03, 0.08, 0.2, 0.5];
/// What a full block may put at stake in all.
const AT_STAKE_MAX: f64 = 0.95;

/// Which stakes' blocks a difference stands in, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seat(u8);

/// Evidence that differences are above zero, and apart from it that they are below.
#[derive(Clone, Debug)]
pub struct Blocks(Vec<Block>);

/// The running block of one stake, and the evidence of those before it.
#[derive(Clone, Debug)]
struct Block {
    room: u32,
    admitted: u32,
    open: u32,
    /// Sum with gains clipped, and of the negated differences with theirs.
    gain: f64,
    harm: f64,
    better: GridEProcess,
    worse: GridEProcess,
}

impl Block {
    fn of(stake: f64) -> Block {
        let process = || GridEProcess::new(AT_STAKE_MAX * FLOOR_R / stake, &[AT_STAKE_MAX]);
        let room = (AT_STAKE_MAX / stake).floor() as u32;
        let (better, worse) = (process(), process());
        Block { room, admitted: 0, open: 0, gain: 0.0, harm: 0.0, better, worse }
    }

    fn admit(&mut self) -> bool {
        let has_room = self.admitted < self.room;
        self.admitted += u32::from(has_room);
        self.open += u32::from(has_room);
        has_room
    }

    fn resolve(&mut self, difference: f64) {
        assert!(self.open > 0, "only what was admitted can be over");
        self.open -= 1;
        self.gain += difference.min(GAIN_R_MAX);
        self.harm += (-difference).min(GAIN_R_MAX);
        if self.open == 0 {
            self.better.observe(self.gain);
            self.worse.observe(self.harm);
            (self.admitted, self.gain, self.harm) = (0, 0.0, 0.0);
        }
    }
}

impl Default for Blocks {
    fn default() -> Blocks {
        Blocks(STAKES.iter().map(|stake| Block::of(*stake)).collect())
    }
}

impl Blocks {
    /// A difference begins now.
    pub(super) fn admit(&mut self) -> Seat {
        let mut seat = Seat::default();
        for (at, block) in self.0.iter_mut().enumerate() {
            seat.0 |= u8::from(block.admit()) << at;
        }
        seat
    }

    /// It is over; one that counts for nothing came to zero.
    pub(super) fn resolve(&mut self, seat: Seat, difference: f64) {
        for (at, block) in self.0.iter_mut().enumerate() {
            if seat.0 & (1 << at) != 0 {
                block.resolve(difference);
            }
        }
    }

    /// Evidence that differences are above zero.
    pub fn better(&self) -> f64 {
        self.most(|block| block.better.evidence())
    }

    /// Evidence that they are below.
    pub fn worse(&self) -> f64 {
        self.most(|block| block.worse.evidence())
    }

    /// The best stake's evidence, divided by how many had the chance. Their blocks end at different
    /// times, so that a mean of them would not be evidence at every look; this is.
    fn most(&self, of: impl Fn(&Block) -> f64) -> f64 {
        self.0.iter().map(of).fold(0.0, f64::max) / self.0.len() as f64
    }

    /// The most of one that must be reached, for evidence of `needed`: what a waiting time is made of.
    pub fn needed_of_one(needed: f64) -> f64 {
        needed * STAKES.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_when_nothing_in_it_is_open_and_takes_in_no_more_than_its_room() {
        let mut block = Block::of(0.2);
        (0..4).for_each(|_| assert!(block.admit()));
        assert!(!block.admit());
        (0..3).for_each(|_| block.resolve(1.0));
        assert!(!block.admit());
        assert_eq!(block.better.observations(), 0);
        block.resolve(0.0);
        assert_eq!(block.better.observations(), 1);
        assert!((block.better.evidence() - (1.0 + 0.2 / FLOOR_R * 3.0)).abs() < 1e-12);
        assert!(block.admit());
    }

    #[test]
    fn a_loss_beyond_the_floor_ends_a_stake_and_not_the_smaller_ones() {
        let mut blocks = Blocks::default();
        let seat = blocks.admit();
        blocks.resolve(seat, -2.0 * FLOOR_R);
        let evidence: Vec<f64> = blocks.0.iter().map(|block| block.better.evidence()).collect();
        assert_eq!(evidence[3], 0.0);
        assert!(evidence[..3].iter().all(|e| *e > 0.0 && *e < 1.0), "{evidence:?}");
        assert!(blocks.worse() > 0.25);
    }

    /// How many of 1,000 runs of luck, or of skill, reach evidence of 20.
    fn reached(skill: f64, differences: usize, at_once: usize) -> usize {
        let mut state = 3_u64;
        let mut unit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..1_000)
            .filter(|_| {
                let mut blocks = Blocks::default();
                (0..differences / at_once).any(|_| {
                    // Positions that live through the same move, the worst of overlaps.
                    let move_r = if unit() < 0.5 + skill / 3.0 { 1.5 } else { -1.5 };
                    let seats: Vec<Seat> = (0..at_once).map(|_| blocks.admit()).collect();
                    seats.into_iter().for_each(|seat| blocks.resolve(seat, move_r));
                    blocks.better() >= 20.0
                })
            })
            .count()
    }

    #[test]
    fn luck_is_taken_for_evidence_in_few_of_many_runs() {
        for at_once in [1, 5, 40] {
            let fooled = reached(0.0, 2_000, at_once);
            assert!(fooled <= 50, "{fooled} of 1,000 with {at_once} at once");
        }
    }

    #[test]
    fn an_effect_of_a_fifth_of_the_risk_is_found() {
        let found = reached(0.2, 1_000, 1);
        assert!(found >= 900, "{found} of 1,000");
    }
}
