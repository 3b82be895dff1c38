//! What one model is known by: how often what it favoured won, what it earned, and whether that has changed.

use domain::Outcome;
use serde::{Deserialize, Serialize};
use stats::drift::{Adwin, AdwinRules, Direction, StandardPageHinkley};
use stats::interval::{Interval, Z_95, wilson};
use stats::moments::Moments;
use stats::sequential::OnsetDetector;

use super::blocks::Block;

/// What a record keeps of its past with each effective outcome: it remembers some 500. Chosen: a win rate of so
/// many is known to four points.
const KEEP: f64 = 0.998;

/// Effective outcomes without which a record says nothing of performance, and twice of a trend. Chosen: an
/// interval of a win rate is then 28 points wide.
const COUNT_LEAST: f64 = 50.0;

/// By how much less than it claims a model may earn without being called, units of initial risk. Chosen: four
/// points of a win rate at the seeds' payoffs, about what is lost between rows it was fitted on and new ones.
const MARGIN_R: f64 = 0.10;

/// The largest difference between what is claimed and what comes, units of initial risk. Chosen: what gains more
/// lets the detector begin anew, which is safe.
const DIFFERENCE_R_MOST: f64 = 4.0;

/// Stakes on the mean of a block, as shares of what can be lost.
const STAKES: [f64; 5] = [0.05, 0.1, 0.2, 0.4, 0.8];

/// The error that performance alarms may make in a month, over all models and both detectors (mission row M1;
/// methods §1.10: false alarms are cheap but bounded).
const ERROR_A_MONTH: f64 = 0.05;

/// Effective outcomes in a month of hourly decisions.
const OUTCOMES_A_MONTH: f64 = 720.0;

/// Effective outcomes in a block that is bet on. Chosen: so many leave the bets the reserve they need.
const BET_BLOCK: f64 = 2.0;

/// The same for errors, whose bound has more to spare.
const LOSS_BLOCK: f64 = 1.0;

/// Readier than river's by default, for less than a tenth of a false alarm in 10,000 all the same (methods §1.10).
const LOSS_RULES: AdwinRules =
    AdwinRules { delta: 0.01, clock: 32, max_buckets: 5, min_window_length: 5, grace_period: 10 };

/// Blocks of quiet after which a change is no longer news. Chosen: what a record remembers.
const NEWS_BLOCKS: u32 = 500;

/// What a detector called, with the numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alarm {
    pub(super) measured: f64,
    pub(super) needed: f64,
    /// What follows the model's name.
    pub(super) says: String,
}

/// Which way a model's errors went when they last moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Turn {
    Worse,
    Better,
}

/// One model's record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// What it says on average: above it, it favours a side.
    said: Moments,
    wins: Moments,
    won_r: Moments,
    lost_r: Moments,
    earned_r: Moments,
    claimed_r: Moments,
    planned_even: Moments,
    /// Outcomes it spoke of, and those it favoured, overlap discounted and nothing forgotten.
    spoken: f64,
    favoured: f64,
    rare_wins: OnsetDetector,
    wins_block: Block,
    small_gains: OnsetDetector,
    gains_block: Block,
    loss: Adwin,
    loss_block: Block,
    shortfall: StandardPageHinkley,
    shortfall_block: Block,
    turn: Option<(Turn, u32)>,
    pub(super) performance: Option<Alarm>,
    pub(super) drift: Option<Alarm>,
}

impl Default for Record {
    fn default() -> Record {
        Record {
            said: Moments::default(),
            wins: Moments::default(),
            won_r: Moments::default(),
            lost_r: Moments::default(),
            earned_r: Moments::default(),
            claimed_r: Moments::default(),
            planned_even: Moments::default(),
            spoken: 0.0,
            favoured: 0.0,
            rare_wins: OnsetDetector::new(1.0, &STAKES),
            wins_block: Block::default(),
            small_gains: OnsetDetector::new(DIFFERENCE_R_MOST, &STAKES),
            gains_block: Block::default(),
            loss: Adwin::new(LOSS_RULES),
            loss_block: Block::default(),
            shortfall: StandardPageHinkley::new(Direction::Down),
            shortfall_block: Block::default(),
            turn: None,
            performance: None,
            drift: None,
        }
    }
}

/// The win rate a record stands at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WinRate {
    pub(super) share: f64,
    pub(super) interval: Interval,
    pub(super) count: f64,
}

impl WinRate {
    /// `won 45 % of 212 effective outcomes (38 to 52)`.
    pub(super) fn says(&self) -> String {
        let percent = |share: f64| 100.0 * share;
        let (share, low, high) =
            (percent(self.share), percent(self.interval.low), percent(self.interval.high));
        format!("won {share:.0} % of {:.0} effective outcomes ({low:.0} to {high:.0})", self.count)
    }
}

impl Record {
    /// Evidence at which a performance alarm is given while `models` of them are watched by two detectors each: a
    /// detector reaches it within a month of quiet with a probability of at most blocks over evidence.
    pub(super) fn evidence_needed(models: usize) -> f64 {
        let detectors = 2.0 * models.max(1) as f64;
        OUTCOMES_A_MONTH / BET_BLOCK * detectors / ERROR_A_MONTH
    }

    /// Hears an outcome and what the model expected of its side.
    pub(super) fn observe(&mut self, expected: f64, outcome: &Outcome, models: usize) {
        let worth = outcome.uniqueness.clamp(0.0, 1.0);
        if !(worth > 0.0 && outcome.r.is_finite() && (0.0..=1.0).contains(&expected)) {
            return;
        }
        self.spoken += worth;
        // A model that always says the same favours everything: rounding must not turn it against itself.
        let favours = self.said.mean().is_some_and(|usual| expected >= usual - 1e-6);
        let keep = libm::pow(KEEP, worth);
        self.said.forget(keep);
        self.said.observe_weighted(expected, worth);
        self.hear_errors(expected, outcome.won(), worth);
        if favours {
            self.hear_favoured(expected, outcome, worth, keep);
            self.judge(Record::evidence_needed(models));
        }
    }

    /// What it favoured, over what it remembers; nothing before the first.
    pub(super) fn win_rate(&self) -> Option<WinRate> {
        let share = self.wins.mean()?;
        let count = self.wins.weight_sum();
        Some(WinRate { share, interval: wilson(share * count, count, Z_95), count })
    }

    /// The share of wins at which what it favours earns nothing: from planned targets and costs, or from what
    /// wins and losses came to where that asks for less. Exits before the target make the plan's too strict or
    /// too lenient, and only the lenient reading buys no training by mistake.
    pub(super) fn break_even(&self) -> Option<f64> {
        let known = |moments: &Moments| moments.mean().filter(|_| moments.weight_sum() >= 20.0);
        let lived = known(&self.won_r).zip(known(&self.lost_r));
        let lived = lived.map(|(won, lost)| lost / (won + lost));
        match (self.planned_even.mean(), lived) {
            (Some(planned), Some(lived)) => Some(planned.min(lived)),
            (planned, lived) => planned.or(lived),
        }
    }

    /// `STABLE`, `DEGRADING` or `IMPROVING`; nothing without evidence.
    pub(super) fn trend(&self) -> Option<&'static str> {
        match self.turn {
            _ if self.performance.is_some() => Some("DEGRADING"),
            Some((Turn::Worse, _)) => Some("DEGRADING"),
            Some((Turn::Better, _)) => Some("IMPROVING"),
            None => (self.spoken >= 2.0 * COUNT_LEAST).then_some("STABLE"),
        }
    }

    /// A training has answered the alarms: one each. Evidence of poor performance is used up with it, and gathers
    /// from nothing; a training for another reason leaves it, or none would ever be enough.
    pub(super) fn refitted(&mut self, afresh: bool) {
        if afresh || self.performance.is_some() {
            *self = Record::default();
        }
        self.drift = None;
    }

    fn hear_favoured(&mut self, expected: f64, outcome: &Outcome, worth: f64, keep: f64) {
        let won = outcome.won();
        let claimed_r = self.claim(expected);
        let even = self.break_even();
        for moments in [
            &mut self.wins,
            &mut self.won_r,
            &mut self.lost_r,
            &mut self.earned_r,
            &mut self.claimed_r,
            &mut self.planned_even,
        ] {
            moments.forget(keep);
        }
        self.favoured += worth;
        self.wins.observe_weighted(if won { 1.0 } else { 0.0 }, worth);
        let side = if won { &mut self.won_r } else { &mut self.lost_r };
        side.observe_weighted(outcome.r.abs(), worth);
        self.earned_r.observe_weighted(outcome.r, worth);
        if let Some(planned) = planned_even(outcome) {
            self.planned_even.observe_weighted(planned, worth);
        }
        if let Some(even) = even {
            let short = even - if won { 1.0 } else { 0.0 };
            let full = self.wins_block.add(short, worth, BET_BLOCK);
            full.into_iter().for_each(|short| self.rare_wins.observe(short));
        }
        if let Some(claimed_r) = claimed_r {
            self.claimed_r.observe_weighted(claimed_r, worth);
            // A loss beyond any stop is no more than the largest difference: gains of a test may be clipped.
            let short_r = (claimed_r - MARGIN_R - outcome.r).min(DIFFERENCE_R_MOST);
            let full = self.gains_block.add(short_r, worth, BET_BLOCK);
            full.into_iter().for_each(|short_r| self.small_gains.observe(short_r));
        }
    }

    /// What it claims to earn, in units of initial risk: its probability of a win, at what wins and losses have
    /// come to. That is the expectation at its fit, for a model that was calibrated then.
    fn claim(&self, expected: f64) -> Option<f64> {
        let known = |moments: &Moments| moments.mean().filter(|_| moments.weight_sum() >= 20.0);
        let (won, lost) = known(&self.won_r).zip(known(&self.lost_r))?;
        Some(expected * won - (1.0 - expected) * lost)
    }

    /// Whether the numbers call. Once they have, they are told as they were until the model is fitted anew.
    fn judge(&mut self, needed: f64) {
        if self.performance.is_some() || self.favoured < COUNT_LEAST {
            return;
        }
        let (rate, even) = (self.win_rate(), self.break_even());
        if let Some((rate, even)) = rate.zip(even)
            && rate.interval.high < even
            && self.rare_wins.has_reached(needed)
        {
            let says = format!("{}, break-even {:.0} %", rate.says(), 100.0 * even);
            self.performance = Some(Alarm { measured: rate.share, needed: even, says });
        } else if self.small_gains.has_reached(needed)
            && let Some((earned, claimed)) = self.earned_r.mean().zip(self.claimed_r.mean())
        {
            let says = format!(
                "earns {earned:+.2} R a decision that it favours and claims {claimed:+.2} R, over {:.0} \
                 effective outcomes",
                self.earned_r.weight_sum()
            );
            self.performance = Some(Alarm { measured: earned, needed: claimed - MARGIN_R, says });
        }
    }

    /// Brier's loss, and how far wins fall short of what was said, block by block.
    fn hear_errors(&mut self, expected: f64, won: bool, worth: f64) {
        let off = expected - if won { 1.0 } else { 0.0 };
        if let Some(loss) = self.loss_block.add(off * off, worth, LOSS_BLOCK) {
            self.hear_loss(loss);
        }
        if let Some(short) = self.shortfall_block.add(-off, worth, BET_BLOCK)
            && self.shortfall.observe(short)
        {
            self.turn = Some((Turn::Worse, 0));
            let says = "wins less than it says, by more than it did".to_owned();
            self.drift.get_or_insert(Alarm { measured: short, needed: 0.0, says });
        }
    }

    fn hear_loss(&mut self, loss: f64) {
        self.turn =
            self.turn.and_then(|(turn, age)| (age < NEWS_BLOCKS).then_some((turn, age + 1)));
        let before = self.loss.mean().filter(|_| !self.loss.has_called());
        if !self.loss.observe(loss) {
            return;
        }
        let Some((before, after)) = before.zip(self.loss.mean()) else { return };
        if after <= before {
            self.turn = Some((Turn::Better, 0));
            return;
        }
        self.turn = Some((Turn::Worse, 0));
        let says = format!(
            "errs more: a squared error of {after:.3} over its last {:.0} blocks, {before:.3} with those before",
            self.loss.width()
        );
        self.drift.get_or_insert(Alarm { measured: after, needed: before, says });
    }
}

/// The share of wins at which a decision's target and cost earn nothing; nothing without a target.
fn planned_even(outcome: &Outcome) -> Option<f64> {
    const BPS: f64 = 1e4;
    let target_r = f64::from(outcome.basis.target_r?);
    let risk_bps = f64::from(outcome.basis.stop_fraction) * BPS;
    let even = (1.0 + outcome.cost_bps / risk_bps) / (1.0 + target_r);
    (even > 0.0 && even < 1.0).then_some(even)
}
