//! Did learning help? The engine that learns beside its twin, which keeps the policy of day one.
//!
//! Both decide on the same bars, and a decision has the same name in both. What either executed is a
//! pair; its difference is what learning earned on it less what day one earned, in R after costs.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Decision, DecisionId, Effects, Outcome, Standing, SymbolIx, Timestamp};

use super::blocks::{Blocks, FLOOR_R, Seat};
use super::results::ResultTally;
use super::weeks::EVIDENCE_NEEDED;
use crate::report::{TwinArm, TwinPlace, TwinStory};

/// A pair whose end is not heard of this long after its longest hold came to nothing.
const SILENCE_MS: i64 = 7 * 86_400_000;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arm {
    Learning,
    Frozen,
}

/// What one of the two did about a decision.
#[derive(Clone, Copy, Debug)]
struct Taken {
    decision: Decision,
    /// Result in R; nothing while it runs.
    result: Option<f64>,
}

impl Taken {
    /// Equity put at risk, as a fraction.
    fn risk(&self) -> f64 {
        self.decision.sizing.leverage * self.decision.plan.stop_fraction
    }
}

/// One decision that either executed.
#[derive(Clone, Debug)]
struct Pair {
    decided_at: Timestamp,
    over_by: Timestamp,
    taken: [Option<Taken>; 2],
    /// Its place in the evidence; none until both have heard its bar.
    seat: Option<Seat>,
    /// One over the differing decisions that were open on its symbol when it came up.
    worth: f64,
}

impl Pair {
    fn symbol(&self) -> Option<SymbolIx> {
        self.taken.iter().flatten().map(|taken| taken.decision.symbol).next()
    }
}

/// Both engines' results on the same decisions, as they come in.
///
/// Hand it every [`Effects`] of both, and let both hear one moment before either hears the next.
#[derive(Clone, Debug)]
pub struct Twin {
    arms: [TwinArm; 2],
    days: BTreeMap<i64, [Option<f64>; 2]>,
    start: f64,
    pairs: BTreeMap<DecisionId, Pair>,
    /// Pairs of the latest bar, which the other may not have heard yet.
    fresh: BTreeSet<DecisionId>,
    differences: ResultTally,
    blocks: Blocks,
    alike: u64,
    /// Equity that each of the two put at risk on those, added up.
    staked: [f64; 2],
    /// Those still open: how much more learning put at risk on each, quote units, and when it is given up.
    leads: BTreeMap<DecisionId, (f64, Timestamp)>,
    /// What those leads came to, quote units.
    from_stakes: f64,
    void: u64,
}

impl Twin {
    /// Both at the start with the same money.
    pub fn new(equity_start: f64) -> Twin {
        Twin {
            arms: [TwinArm { equity: equity_start, peak: equity_start, ..TwinArm::default() }; 2],
            days: BTreeMap::new(),
            start: equity_start,
            pairs: BTreeMap::new(),
            fresh: BTreeSet::new(),
            differences: ResultTally::default(),
            blocks: Blocks::default(),
            alike: 0,
            staked: [0.0; 2],
            leads: BTreeMap::new(),
            from_stakes: 0.0,
            void: 0,
        }
    }

    /// Takes in what a step of the engine that learns led to.
    pub fn record_learning(&mut self, effects: &Effects) {
        self.record(Arm::Learning, effects);
    }

    /// Takes in what a step of the engine that keeps day one led to.
    pub fn record_frozen(&mut self, effects: &Effects) {
        self.record(Arm::Frozen, effects);
    }

    fn record(&mut self, arm: Arm, effects: &Effects) {
        if let Some(now) = moment(effects) {
            self.admit_before(now);
            self.forget_silent(now);
        }
        effects.outcomes.iter().for_each(|outcome| self.outcome(arm, outcome));
        let executed = |decision: &&Decision| decision.standing.is_executed();
        effects.decisions.iter().filter(executed).for_each(|decision| self.took(arm, decision));
        if let Some(point) = &effects.equity {
            self.mark(arm, point.at, point.equity);
        }
    }

    fn took(&mut self, arm: Arm, decision: &Decision) {
        self.arms[arm as usize].executed += 1;
        let over_by = decision.decided_at.plus_ms(decision.plan.hold_ms_max + SILENCE_MS);
        let pair = self.pairs.entry(decision.id).or_insert_with(|| Pair {
            decided_at: decision.decided_at,
            over_by,
            taken: [None; 2],
            seat: None,
            worth: 1.0,
        });
        pair.taken[arm as usize] = Some(Taken { decision: *decision, result: None });
        if pair.seat.is_none() {
            self.fresh.insert(decision.id);
        }
    }

    fn outcome(&mut self, arm: Arm, outcome: &Outcome) {
        let id = outcome.decision;
        let is_awaited = self.pairs.get(&id).is_some_and(|pair| pair.taken[arm as usize].is_some());
        if is_awaited && self.fresh.contains(&id) {
            self.admit(id);
        }
        if arm == Arm::Learning
            && let Some((lead, _)) = self.leads.remove(&id)
            && outcome.standing != Standing::Unfilled
        {
            self.from_stakes += lead * outcome.r;
        }
        if !is_awaited {
            return;
        }
        if !outcome.teaches() {
            return self.leave_out(id);
        }
        let Some(pair) = self.pairs.get_mut(&id) else { return };
        // What was asked for and not filled earned nothing.
        let r = if outcome.standing == Standing::Unfilled { 0.0 } else { outcome.r };
        if let Some(taken) = &mut pair.taken[arm as usize] {
            taken.result = Some(r);
        }
        if pair.taken.iter().flatten().all(|taken| taken.result.is_some()) {
            self.settle(id);
        }
    }

    /// Both have heard the bars before `now`: their decisions can be told apart.
    fn admit_before(&mut self, now: Timestamp) {
        let old: Vec<DecisionId> = (self.fresh.iter())
            .filter(|id| self.pairs.get(id).is_some_and(|pair| pair.decided_at < now))
            .copied()
            .collect();
        old.into_iter().for_each(|id| self.admit(id));
    }

    fn admit(&mut self, id: DecisionId) {
        self.fresh.remove(&id);
        let Some(pair) = self.pairs.get(&id) else { return };
        if are_alike(&pair.taken) {
            self.alike += 1;
            let mut at_risk = [0.0; 2];
            for (at, taken) in pair.taken.iter().flatten().enumerate() {
                self.staked[at] += taken.risk();
                at_risk[at] = taken.risk() * self.arms[at].equity;
            }
            self.leads.insert(id, (at_risk[0] - at_risk[1], pair.over_by));
            self.pairs.remove(&id);
            return;
        }
        let symbol = pair.symbol();
        let is_open = |other: &&Pair| other.seat.is_some() && other.symbol() == symbol;
        let others = self.pairs.values().filter(is_open).count();
        if let Some(pair) = self.pairs.get_mut(&id) {
            pair.worth = 1.0 / (others + 1) as f64;
            pair.seat = Some(self.blocks.admit());
        }
    }

    fn settle(&mut self, id: DecisionId) {
        let Some(pair) = self.pairs.remove(&id) else { return };
        let difference = difference(&pair.taken);
        self.differences.observe(difference, pair.worth);
        if let Some(seat) = pair.seat {
            self.blocks.resolve(seat, difference);
        }
    }

    fn leave_out(&mut self, id: DecisionId) {
        self.void += 1;
        self.fresh.remove(&id);
        if let Some(seat) = self.pairs.remove(&id).and_then(|pair| pair.seat) {
            self.blocks.resolve(seat, 0.0);
        }
    }

    fn forget_silent(&mut self, now: Timestamp) {
        let silent: Vec<DecisionId> =
            self.pairs.iter().filter(|(_, pair)| pair.over_by < now).map(|(id, _)| *id).collect();
        silent.into_iter().for_each(|id| self.leave_out(id));
        self.leads.retain(|_, (_, over_by)| *over_by >= now);
    }

    fn mark(&mut self, arm: Arm, at: Timestamp, equity: f64) {
        let told = &mut self.arms[arm as usize];
        told.equity = equity;
        told.peak = told.peak.max(equity);
        told.worst_fall = told.worst_fall.max(1.0 - equity / told.peak);
        self.days.entry(at.day_closed()).or_default()[arm as usize] = Some(equity);
    }

    /// What it all came to.
    pub fn story(&self) -> TwinStory {
        let difference = self.differences.mean();
        TwinStory {
            learning: self.told(Arm::Learning),
            frozen: self.told(Arm::Frozen),
            differing: self.differences.count(),
            alike: self.alike,
            stake_ratio: (self.staked[1] > 0.0).then(|| self.staked[0] / self.staked[1]),
            from_stakes: self.from_stakes,
            void: self.void,
            difference,
            evidence: self.blocks.better(),
            evidence_worse: self.blocks.worse(),
            evidence_needed: EVIDENCE_NEEDED,
            floor_r: FLOOR_R,
            needed: self.needed(),
            curve: self.curve(),
        }
    }

    fn told(&self, arm: Arm) -> TwinArm {
        let told = self.arms[arm as usize];
        TwinArm { net_return: told.equity / self.start - 1.0, ..told }
    }

    /// Differing decisions that an effect of this size would need: 2 ln(1/α) / d² independent ones
    /// (methods, fact 3), and more of those that overlap.
    fn needed(&self) -> Option<u64> {
        let mean = self.differences.mean()?;
        let d = mean.value / self.differences.deviation()?;
        let overlap = mean.n as f64 / mean.n_effective;
        let needed = 2.0 * Blocks::needed_of_one(EVIDENCE_NEEDED).ln() / (d * d) * overlap;
        (needed.is_finite() && needed < 1e9).then_some(needed.ceil() as u64)
    }

    /// Both equities at the end of each day that either has.
    fn curve(&self) -> Vec<TwinPlace> {
        let mut last = [self.start; 2];
        let places = self.days.iter().map(|(day, equity)| {
            last = [equity[0].unwrap_or(last[0]), equity[1].unwrap_or(last[1])];
            let at = Timestamp::from_ms((day + 1) * 86_400_000);
            TwinPlace { at, learning: last[0], frozen: last[1] }
        });
        places.collect()
    }
}

/// The latest moment that effects speak of.
fn moment(effects: &Effects) -> Option<Timestamp> {
    let decided = effects.decisions.iter().map(|decision| decision.decided_at);
    let closed = effects.outcomes.iter().map(|outcome| outcome.closed_at);
    decided.chain(closed).chain(effects.equity.map(|point| point.at)).max()
}

/// Whether both took the same, so that the same comes of it, whatever they staked on it. Stakes are told
/// apart: who bets less on a losing game has not learned to choose.
fn are_alike(taken: &[Option<Taken>; 2]) -> bool {
    let [Some(one), Some(other)] = taken else { return false };
    one.decision.signal.side == other.decision.signal.side
        && one.decision.plan == other.decision.plan
}

/// What learning earned less what day one earned; what one of them did not take earned it nothing.
fn difference(taken: &[Option<Taken>; 2]) -> f64 {
    let earned = |at: usize| taken[at].and_then(|taken| taken.result).unwrap_or(0.0);
    earned(0) - earned(1)
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{decision, outcome};
    use super::*;
    use domain::{EquityPoint, ExitReason, Money, Side};

    fn took(no: u64, standing: Standing, side: Side) -> Effects {
        Effects { decisions: vec![decision(no, standing, side)], ..Effects::default() }
    }

    fn ended(no: u64, standing: Standing, r: f64) -> Effects {
        Effects { outcomes: vec![outcome(no, standing, r)], ..Effects::default() }
    }

    /// One hears a bar, then the other, for `n` decisions apart in time.
    fn lived(n: u64, learning: (Standing, f64), frozen: (Standing, f64)) -> TwinStory {
        let mut twin = Twin::new(100.0);
        for no in 0..n {
            twin.record_learning(&took(no * 9, learning.0, Side::Long));
            twin.record_frozen(&took(no * 9, frozen.0, Side::Long));
            let luck = if no % 3 == 0 { 0.4 } else { -0.2 };
            twin.record_learning(&ended(no * 9, learning.0, learning.1 + luck));
            twin.record_frozen(&ended(no * 9, frozen.0, frozen.1 + luck));
        }
        twin.story()
    }

    #[test]
    fn what_only_one_took_counts_whole() {
        let story = lived(30, (Standing::Probe, 0.5), (Standing::Refused, 0.5));
        let difference = story.difference.unwrap();
        assert_eq!((story.differing, story.alike), (30, 0));
        assert!((difference.value - 0.5).abs() < 1e-9, "{difference:?}");
        let story = lived(30, (Standing::Refused, 0.5), (Standing::Probe, 0.5));
        assert!((story.difference.unwrap().value + 0.5).abs() < 1e-9);
        assert!(story.evidence < 0.25 && story.evidence_worse > 0.25);
    }

    #[test]
    fn what_both_took_alike_differs_in_nothing() {
        let story = lived(30, (Standing::Probe, 0.5), (Standing::Probe, 0.5));
        assert_eq!((story.differing, story.alike), (0, 30));
        assert!(story.difference.is_none());
        assert_eq!(story.evidence, 0.25);
    }

    #[test]
    fn a_smaller_stake_on_the_same_trade_is_no_better_choice() {
        let mut twin = Twin::new(100.0);
        for no in 0..30 {
            let mut half = took(no * 9, Standing::Probe, Side::Long);
            half.decisions[0].sizing.leverage /= 2.0;
            twin.record_learning(&half);
            twin.record_frozen(&took(no * 9, Standing::Conviction, Side::Long));
            twin.record_learning(&ended(no * 9, Standing::Probe, -1.0));
            twin.record_frozen(&ended(no * 9, Standing::Conviction, -1.0));
        }
        let story = twin.story();
        assert_eq!((story.differing, story.alike), (0, 30));
        assert!((story.stake_ratio.unwrap() - 0.5).abs() < 1e-12);
        // Half a stake less on what lost one of each stake, thirty times.
        let half = decision(0, Standing::Probe, Side::Long);
        let half = half.sizing.leverage * half.plan.stop_fraction * 100.0 / 2.0;
        assert!((story.from_stakes - 30.0 * half).abs() < 1e-9, "{}", story.from_stakes);
        assert!(!story.has_improved());
    }

    #[test]
    fn opposite_sides_add_up() {
        let mut twin = Twin::new(100.0);
        twin.record_frozen(&took(0, Standing::Probe, Side::Short));
        twin.record_learning(&took(0, Standing::Probe, Side::Long));
        twin.record_frozen(&ended(0, Standing::Probe, -1.0));
        twin.record_learning(&ended(0, Standing::Probe, 1.5));
        assert_eq!(twin.differences.value(), Some(2.5));
    }

    #[test]
    fn the_unfilled_earned_nothing_and_what_missing_bars_cut_counts_for_nothing() {
        let mut twin = Twin::new(100.0);
        twin.record_learning(&took(0, Standing::Probe, Side::Long));
        twin.record_learning(&ended(0, Standing::Unfilled, 1.5));
        assert_eq!(twin.differences.value(), Some(0.0));
        twin.record_learning(&took(1, Standing::Probe, Side::Long));
        let mut cut = ended(1, Standing::Probe, -9.0);
        cut.outcomes[0].reason = ExitReason::Gap;
        twin.record_learning(&cut);
        assert_eq!((twin.story().void, twin.story().differing), (1, 1));
        twin.record_learning(&took(2, Standing::Probe, Side::Long));
        twin.record_learning(&took(2 + 24 * 9, Standing::Probe, Side::Long));
        assert_eq!(twin.story().void, 2, "its end was never heard of");
    }

    #[test]
    fn an_edge_is_found_and_its_absence_is_not() {
        let edge = lived(400, (Standing::Probe, 0.4), (Standing::Refused, 0.4));
        assert!(edge.has_improved(), "{}", edge.sentence());
        let none = lived(400, (Standing::Probe, 0.0), (Standing::Refused, 0.0));
        assert!(!none.has_improved() && !none.has_harmed(), "{}", none.sentence());
    }

    #[test]
    fn both_equities_are_told_by_the_day() {
        let mut twin = Twin::new(100.0);
        let marked = |hour: i64, equity: f64| Effects {
            equity: Some(EquityPoint {
                at: Timestamp::from_ms(hour * 3_600_000),
                equity,
                cash: Money::ZERO,
                positions: 0,
            }),
            ..Effects::default()
        };
        for (hour, learning, frozen) in [(24, 110.0, 100.0), (30, 120.0, 90.0), (48, 105.0, 95.0)] {
            twin.record_learning(&marked(hour, learning));
            twin.record_frozen(&marked(hour, frozen));
        }
        let story = twin.story();
        let curve: Vec<(f64, f64)> = story.curve.iter().map(|p| (p.learning, p.frozen)).collect();
        assert_eq!(curve, [(110.0, 100.0), (105.0, 95.0)]);
        assert!((story.learning.net_return - 0.05).abs() < 1e-12);
        assert!((story.learning.worst_fall - 0.125).abs() < 1e-12);
        assert!((story.frozen.worst_fall - 0.10).abs() < 1e-12);
    }
}
