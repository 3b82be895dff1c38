//! What would always deploying the latest have done? Asked of the whole line, from its first version on.

use domain::{Modelled, Outcome, SEAT_COUNT, Seat, Timestamp};
use serde::{Deserialize, Serialize};
use stats::interval::Interval;
use stats::moments::Moments;

use super::streams::{Stream, bet_share};
use crate::gains::Gains;
use crate::rules::ModelRules;

/// What the line did beside what the latest version alone would have done, per decision on which any seat would
/// have traded and that neither would have taken the other way; results are R times the stake over the largest
/// stake of any seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatestReport {
    /// Decisions compared.
    pub decisions: u64,
    /// What the line did, by the version that was heard: mean result.
    pub line_mean_r: f64,
    /// What the latest version would have done.
    pub latest_mean_r: f64,
    /// Decisions on which a seat was empty, so that what no model would have done is known.
    pub without_decisions: u64,
    /// What no model would have done on those: mean result.
    pub without_mean_r: f64,
    /// By how much the line did better than the latest, per decision.
    pub gain_mean_r: f64,
    /// An interval for it that holds at every look, of 95 %.
    pub gain_low_r: f64,
    /// Its upper end.
    pub gain_high_r: f64,
    /// Blocks that share nothing, of the decisions on which line and latest differed.
    pub blocks: u64,
}

/// The running totals behind it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Latest {
    line: Moments,
    latest: Moments,
    without: Moments,
    differing: u64,
    bet_share_sum: f64,
    /// What the line gained where both differ by too little to bet on, in R.
    slight_gain_r: f64,
    compared: Option<(Stream, Gains)>,
}

impl Latest {
    /// Hears a decision; `is_watched` if the former's seat meant something while it was taken.
    pub(super) fn hear(&mut self, outcome: &Outcome, is_watched: bool, rules: &ModelRules) {
        let seen = &outcome.basis.modelled;
        let stakes = seen.stakes.map(f64::from);
        let unit = stakes.iter().fold(0.0_f64, |most, stake| most.max(*stake));
        if seen.seated == [0; SEAT_COUNT] || unit <= 0.0 {
            return;
        }
        let of = |seat: Seat| stakes[seat.at()] / unit * outcome.r;
        let (heard, newest) = (heard(seen), newest(seen));
        let is_known = |seat: Seat| stakes[seat.at()] >= 0.0;
        if !is_known(heard) || !is_known(newest) {
            return;
        }
        self.line.observe(of(heard));
        self.latest.observe(of(newest));
        let is_empty = |seat: Seat| seen.seated[seat.at()] == 0 && is_known(seat);
        if is_empty(Seat::Champion) {
            self.without.observe(of(Seat::Champion));
        } else if is_watched && is_empty(Seat::Former) {
            self.without.observe(of(Seat::Former));
        }
        let (gain_r, most) = (of(heard) - of(newest), rules.difference_r_most);
        let Some(share) = bet_share(outcome, heard, newest, most) else {
            self.slight_gain_r += gain_r;
            return;
        };
        self.differing += 1;
        self.bet_share_sum += share;
        let begin = || (Stream::from(Timestamp::from_ms(i64::MIN)), Gains::new(most));
        let (stream, gains) = self.compared.get_or_insert_with(begin);
        stream.hear(outcome, gain_r * share, |block| gains.observe(block));
    }

    pub(super) fn report(&self, rules: &ModelRules) -> LatestReport {
        let decisions = self.line.weight_sum();
        let most = rules.difference_r_most;
        let mean = |moments: &Moments| moments.mean().unwrap_or(0.0);
        let slight = self.slight_gain_r / decisions.max(1.0);
        let within = match &self.compared {
            // They never differed by enough to bet on: what came of the rest is known.
            None if decisions > 0.0 => Interval { low: slight, high: slight },
            None => Interval { low: -most, high: most },
            Some((_, gains)) => {
                let differing = self.differing as f64;
                let share = differing / decisions * differing / self.bet_share_sum;
                let Interval { low, high } = gains.interval();
                Interval { low: slight + low * share, high: slight + high * share }
            }
        };
        LatestReport {
            decisions: decisions as u64,
            line_mean_r: mean(&self.line),
            latest_mean_r: mean(&self.latest),
            without_decisions: self.without.weight_sum() as u64,
            without_mean_r: mean(&self.without),
            gain_mean_r: mean(&self.line) - mean(&self.latest),
            gain_low_r: within.low,
            gain_high_r: within.high,
            blocks: self.compared.as_ref().map_or(0, |(_, gains)| gains.count()),
        }
    }
}

/// The seat whose vote was heard; the champion's where none was, because that is where nobody sits.
fn heard(seen: &Modelled) -> Seat {
    let challenger = seen.seated[Seat::Challenger.at()];
    if challenger != 0 && seen.version == challenger { Seat::Challenger } else { Seat::Champion }
}

/// The seat of the latest version.
fn newest(seen: &Modelled) -> Seat {
    let is_there = seen.seated[Seat::Challenger.at()] != 0;
    if is_there { Seat::Challenger } else { Seat::Champion }
}
