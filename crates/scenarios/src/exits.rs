//! A market in which it matters where profits are taken (bench P10).

use domain::{
    Bar, Climate, Interval, Marks, RawBar, Side, StrategyIx, SymbolIx, Timestamp, WhatIf,
    WhatIfOutcome,
};

use crate::{BEGIN, Dice, HOUR_MS};

/// Price walks without drift, episode after episode, until it has risen so many stop distances above where the
/// episode began; from there it falls back until the next one. Whoever enters at an episode's beginning does
/// best to take profits just before the turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fading {
    /// The stop distance, fraction of the price.
    pub stop_fraction: f64,
    /// Where it turns, in stop distances.
    pub turns_at_r: f64,
    /// What it falls in a bar once it has turned, fraction; 0 is a walk.
    pub falls_back: f64,
}

impl Fading {
    /// Bars of an episode.
    pub const EPISODE_BARS: usize = 120;

    /// So many episodes of bars.
    pub fn bars(
        &self,
        seed: u64,
        interval: Interval,
        from: Timestamp,
        episodes: usize,
    ) -> Vec<Bar> {
        const VOLATILITY: f64 = 0.003;
        const START: f64 = 100.0;
        let mut dice = Dice::new(seed);
        let mut made = Vec::with_capacity(episodes * Fading::EPISODE_BARS);
        for at in 0..episodes * Fading::EPISODE_BARS {
            let begun = made.len() / Fading::EPISODE_BARS * Fading::EPISODE_BARS;
            let first: Option<&Bar> = made.get(begun);
            let began = first.map_or(START, Bar::open);
            let turns_at = began * (1.0 + self.turns_at_r * self.stop_fraction);
            let has_turned = made[begun..].iter().any(|bar: &Bar| bar.high() >= turns_at);
            // Every episode begins where the first did, so that prices stay what a grid can tell apart.
            let open = if at == begun { START } else { made.last().map_or(START, Bar::close) };
            let drift = if has_turned { -self.falls_back } else { 0.0 };
            let close = open * libm::exp(drift + VOLATILITY * dice.normal());
            let raw = RawBar {
                opened_at: from.plus_ms(interval.ms() * at as i64),
                open,
                high: open.max(close),
                low: open.min(close),
                close,
                volume: 1_000.0,
                taker_buy_volume: None,
                flow: None,
            };
            made.extend(Bar::admit(raw, interval));
        }
        made
    }
}

/// A trade's way in eighths of its risk, a step at a time, and where each plan leaves it: the stop one risk away,
/// the target one and a half, the near one a risk and an eighth, the far one two, the longest hold 64 steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExitPaths {
    /// Probability of a step up; a half is a market in which no plan gains.
    pub up: f64,
    /// The same once the near target has been reached.
    pub up_after_near: f64,
}

/// Where one path is left under every plan, units of initial risk, costless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// As planned.
    pub planned: f64,
    /// Under each what-if.
    pub instead: [f64; WhatIf::ALL.len()],
    /// How it stood on its way, as planned.
    pub marks: Marks,
}

impl ExitPaths {
    /// Nothing can be gained.
    pub const NULL: ExitPaths = ExitPaths { up: 0.5, up_after_near: 0.5 };
    /// The near target is where the market turns.
    pub const TURNS: ExitPaths = ExitPaths { up: 0.5, up_after_near: 0.35 };

    const HOLD: usize = 64;

    /// The next path, and where every plan leaves it.
    pub fn draw(&self, dice: &mut Dice) -> Left {
        let way = self.way(dice);
        let leave = |target: i32, hold: usize| left(&way, -8, target, hold);
        let (planned_at, planned) = leave(12, Self::HOLD);
        let mut marks = Marks::default();
        for share in Marks::AT {
            let step = (share * Self::HOLD as f64) as usize;
            if step <= planned_at {
                marks.reach(f64::from(way[step]) / 8.0);
            }
        }
        let instead = WhatIf::ALL.map(|what_if| match what_if {
            WhatIf::HoldHalf => leave(12, Self::HOLD / 2).1,
            WhatIf::HoldDouble => leave(12, 2 * Self::HOLD).1,
            WhatIf::TargetNear => leave(9, Self::HOLD).1,
            WhatIf::TargetFar => leave(16, Self::HOLD).1,
            WhatIf::PartialHalf => 0.5 * (leave(8, Self::HOLD).1 + planned),
            WhatIf::ScaleIn => scaled(&way, Self::HOLD),
        });
        Left { planned, instead, marks }
    }

    /// Both sides of every pair of one decision, so much of it its own.
    pub fn pairs(&self, dice: &mut Dice, hours: u64, uniqueness: f64) -> [WhatIfOutcome; 6] {
        let drawn = self.draw(dice);
        std::array::from_fn(|at| WhatIfOutcome {
            decision_no: hours,
            symbol: SymbolIx(0),
            strategy: StrategyIx(0),
            side: Side::Long,
            decided_at: BEGIN.plus_ms(hours as i64 * HOUR_MS),
            climate: Climate::default(),
            what_if: WhatIf::ALL[at],
            known_at: BEGIN.plus_ms(hours as i64 * HOUR_MS),
            r: drawn.planned,
            r_instead: drawn.instead[at],
            was_executed: true,
            uniqueness,
        })
    }

    fn way(&self, dice: &mut Dice) -> Vec<i32> {
        let mut way = vec![0];
        let (mut at, mut has_turned) = (0_i32, false);
        while way.len() <= 2 * Self::HOLD && (-8..16).contains(&at) {
            has_turned |= at >= 9;
            let up = if has_turned { self.up_after_near } else { self.up };
            at += if dice.happens(up) { 1 } else { -1 };
            way.push(at);
        }
        way
    }
}

/// The step at which a stop, a target or the end of the hold is reached, and the result there.
fn left(way: &[i32], stop: i32, target: i32, hold: usize) -> (usize, f64) {
    let ends = way.iter().position(|&at| at <= stop || at >= target);
    let step = ends.unwrap_or(way.len() - 1).min(hold);
    (step, f64::from(way[step]) / 8.0)
}

/// Half as much again from half a risk on, and the stop of all of it at the entry.
fn scaled(way: &[i32], hold: usize) -> f64 {
    let (end, planned) = left(way, -8, 12, hold);
    match way[..end].iter().position(|&at| at >= 4) {
        Some(added) => {
            let (_, r) = left(&way[added..], 0, 12, hold - added);
            r + 0.5 * (r - f64::from(way[added]) / 8.0)
        }
        None => planned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_plan_gains_where_nothing_can_be_gained_and_the_near_one_does_where_it_turns() {
        let mut dice = Dice::new(3);
        let mut means = |paths: ExitPaths| {
            let mut sums = [0.0; 6];
            for _ in 0..20_000 {
                let drawn = paths.draw(&mut dice);
                sums.iter_mut().zip(drawn.instead).for_each(|(sum, r)| *sum += r - drawn.planned);
            }
            sums.map(|sum| sum / 20_000.0)
        };
        assert!(means(ExitPaths::NULL).iter().all(|mean| mean.abs() < 0.03));
        assert!(means(ExitPaths::TURNS)[WhatIf::TargetNear as usize] > 0.1);
    }
}
