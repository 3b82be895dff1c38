//! What is compared while versions sit side by side: the slot with the champion, one version alone, a step of
//! a ramp, and a champion with whom it replaced.

use domain::{Outcome, Seat, Timestamp};
use serde::{Deserialize, Serialize};
use stats::blocks::{Blocks, Dated};

use crate::claim::Claim;
use crate::duel::{Duel, Means, Pair};
use crate::rules::ModelRules;
use crate::watch::Watch;

/// Moments of decision in a block. Chosen: only decisions on which two seats differ come in, and these are far
/// enough apart that a block of one moment loses little; where nothing overlaps it loses nothing.
const MOMENTS: u32 = 1;

/// Where nothing but a trailing stop ends a win, this is what is bet on as if it were the most. A win beyond it
/// that the champion took alone would end the claim. Chosen: of wins of 1.5 R on average that are as rare as
/// they are large, one in three thousand is.
const WIN_R_UNKNOWN: f64 = 12.0;

/// How far beyond its target a win may come in by a gap. Chosen: half the way again, which leaves the usual
/// target of 1.45 R within a floor of 2.5 R whole.
const TARGET_HEADROOM: f64 = 1.5;

/// Stakes that differ by less than this part of the larger are not bet on. Sizers are continuous: two models
/// that mean the same stake a few per cent apart on nearly every decision, and each of these would shut out
/// what overlaps it and matters. Chosen: a quarter; what is bet on follows from the decision alone.
const DIFFERENCE_LEAST: f64 = 0.25;

/// Gains decided from a moment on, in blocks that share nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    since: Timestamp,
    blocks: Blocks<MOMENTS>,
}

impl Stream {
    pub(super) fn from(since: Timestamp) -> Stream {
        Stream { since, blocks: Blocks::from(since.ms()) }
    }

    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    pub(super) fn covers(&self, outcome: &Outcome) -> bool {
        outcome.decided_at >= self.since
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, gain_r: f64, complete: impl FnMut(f64)) {
        const MINUTE_MS: f64 = 60_000.0;
        let result = Dated {
            decided_ms: outcome.decided_at.ms(),
            closed_ms: outcome.closed_at.ms(),
            hold_ms: (f64::from(outcome.basis.hold_min) * MINUTE_MS) as i64,
            value: gain_r,
        };
        self.blocks.hear(result, complete);
    }
}

/// What one seat and another made of a decision, the larger of both stakes as one; nothing where neither would
/// have traded, or one would have gone the other way.
pub(super) fn pair(outcome: &Outcome, seat: Seat, over: Seat) -> Option<Pair> {
    let (own, other) = outcome.basis.modelled.compared(seat, over)?;
    let of = |stake: f64| stake / own.max(other) * outcome.r;
    Some(Pair { champion_r: of(other), challenger_r: of(own) })
}

/// The part of one seat's gain over another that is bet on, so that no win that one side alone takes is beyond
/// the floor; nothing where the stakes hardly differ. It follows from the decision's own stakes and target, and
/// is known when it is taken: shrunk so, a gain without expectation has none.
pub(super) fn bet_share(
    outcome: &Outcome,
    seat: Seat,
    over: Seat,
    difference_r_most: f64,
) -> Option<f64> {
    let (own, other) = outcome.basis.modelled.compared(seat, over)?;
    if (own - other).abs() < DIFFERENCE_LEAST * own.max(other) {
        return None;
    }
    let target_r = outcome.basis.target_r.map(|target_r| TARGET_HEADROOM * f64::from(target_r));
    let win_r = target_r.unwrap_or(WIN_R_UNKNOWN).max(f64::MIN_POSITIVE);
    Some((difference_r_most / win_r).min(1.0))
}

/// What is bet on: that part of the gain of one seat over another.
pub(super) fn bet(
    outcome: &Outcome,
    seat: Seat,
    over: Seat,
    difference_r_most: f64,
) -> Option<f64> {
    let share = bet_share(outcome, seat, over, difference_r_most)?;
    Some(outcome.basis.modelled.gain_r(seat, over, outcome.r)? * share)
}

/// "Does the newest version in this slot beat the champion?"
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Contest {
    stream: Stream,
    pub(super) duel: Duel,
}

impl Contest {
    pub(super) fn open(since: Timestamp, rules: &ModelRules) -> Contest {
        let duel = Duel::open(rules.alpha, rules.difference_r_most);
        Contest { stream: Stream::from(since), duel }
    }

    /// Hears a decision and answers whether it counts.
    pub(super) fn hear(&mut self, outcome: &Outcome, rules: &ModelRules) -> bool {
        let Contest { stream, duel } = self;
        let pair = pair(outcome, Seat::Challenger, Seat::Champion);
        let Some(pair) = pair.filter(|_| stream.covers(outcome)) else { return false };
        let most = rules.difference_r_most;
        duel.count(pair, bet_share(outcome, Seat::Challenger, Seat::Champion, most));
        if let Some(gain_r) = bet(outcome, Seat::Challenger, Seat::Champion, most) {
            stream.hear(outcome, gain_r, |block| duel.bet(block));
        }
        true
    }
}

/// The seated challenger alone, against whichever champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Own {
    stream: Stream,
    pub(super) means: Means,
}

impl Own {
    pub(super) fn from(since: Timestamp) -> Own {
        Own { stream: Stream::from(since), means: Means::default() }
    }

    pub(super) fn anew(&self) -> Own {
        Own::from(self.stream.since())
    }

    /// Hears a decision and hands on its gain where a block is complete.
    pub(super) fn hear(
        &mut self,
        outcome: &Outcome,
        rules: &ModelRules,
        complete: impl FnMut(f64),
    ) {
        let Some(pair) = pair(outcome, Seat::Challenger, Seat::Champion) else { return };
        if !self.stream.covers(outcome) {
            return;
        }
        self.means.observe(pair);
        if let Some(gain_r) =
            bet(outcome, Seat::Challenger, Seat::Champion, rules.difference_r_most)
        {
            self.stream.hear(outcome, gain_r, complete);
        }
    }
}

/// A version on its way to the champion's seat. On every step harm is asked after anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ramp {
    /// Which step, from 0.
    pub(super) step: usize,
    pub(super) decisions: u64,
    pub(super) harm: Claim,
    stream: Stream,
}

impl Ramp {
    /// Shares of decisions, step by step (methods §1.4).
    pub(super) fn shares(rules: &ModelRules) -> [f64; 3] {
        [rules.canary_share, rules.canary_share.max(0.5), 1.0]
    }

    pub(super) fn step(step: usize, since: Timestamp, rules: &ModelRules) -> Ramp {
        let harm = Claim::new(rules.difference_r_most);
        Ramp { step, decisions: 0, harm, stream: Stream::from(since) }
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, rules: &ModelRules) {
        let Ramp { decisions, harm, stream, .. } = self;
        if pair(outcome, Seat::Challenger, Seat::Champion).is_none() || !stream.covers(outcome) {
            return;
        }
        *decisions += 1;
        if let Some(gain_r) =
            bet(outcome, Seat::Challenger, Seat::Champion, rules.difference_r_most)
        {
            stream.hear(outcome, gain_r, |block| harm.observe(-block));
        }
    }
}

/// The champion beside whom it replaced, who may have been no model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Watched {
    stream: Stream,
    seen: Option<(Duel, Watch)>,
}

impl Watched {
    pub(super) fn from(since: Timestamp) -> Watched {
        Watched { stream: Stream::from(since), seen: None }
    }

    pub(super) fn anew(&self) -> Watched {
        Watched::from(self.stream.since())
    }

    pub(super) fn hear(&mut self, outcome: &Outcome, rules: &ModelRules) {
        let Watched { stream, seen } = self;
        let pair = pair(outcome, Seat::Champion, Seat::Former);
        let Some(pair) = pair.filter(|_| stream.covers(outcome)) else { return };
        let most = rules.difference_r_most;
        let begin = || (Duel::open(rules.alpha, most), Watch::begin(&rules.watch()));
        let (duel, watch) = seen.get_or_insert_with(begin);
        duel.count(pair, bet_share(outcome, Seat::Champion, Seat::Former, most));
        if let Some(gain_r) = bet(outcome, Seat::Champion, Seat::Former, most) {
            stream.hear(outcome, gain_r, |block| {
                duel.bet(block);
                watch.observe(block);
            });
        }
    }

    /// Whether a decision was taken while it was watched.
    pub(super) fn covers(&self, outcome: &Outcome) -> bool {
        self.stream.covers(outcome)
    }

    pub(super) fn calls_back(&self) -> bool {
        self.seen.as_ref().is_some_and(|(_, watch)| watch.calls_back())
    }

    /// What the champion gains over whom it replaced, in which the champion is the challenger, and the
    /// detector's evidence of harm.
    pub(super) fn seen(&self) -> Option<(&Duel, f64)> {
        self.seen.as_ref().map(|(duel, watch)| (duel, watch.evidence()))
    }
}
