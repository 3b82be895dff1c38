//! Markets on which it is known what the lean of a component is worth, and at which horizon.

use std::collections::VecDeque;

use domain::{Climate, HorizonLesson, Leans, Side, StrategyIx, SymbolIx};

use crate::Dice;

/// Components that lean at random, one of which may know something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeanWorld {
    /// How many components lean.
    pub components: usize,
    /// What the direction of component 0 is worth at one horizon, in standard deviations of the move there;
    /// 0 where nobody knows anything.
    pub skill: f64,
    /// At which horizon, a place among them.
    pub skilled_at: u8,
    /// What the market earns by itself over every horizon, in standard deviations of the move.
    pub drift: f64,
}

/// Horizons that such a world tells: 5 m, 15 m, 1 h, 1 d.
const TOLD: [u8; 4] = [1, 2, 4, 5];

impl LeanWorld {
    /// Twelve components, nobody of whom knows anything.
    pub const NULL: LeanWorld = LeanWorld { components: 12, skill: 0.0, skilled_at: 4, drift: 0.0 };

    /// What the horizons of the next decision teach: moves of different sizes, whole evidence each.
    pub fn draw(&self, no: u64, dice: &mut Dice) -> [HorizonLesson; 4] {
        let mut leans = Leans::SILENT;
        for at in 0..self.components {
            leans.set(at, Some(2.0 * dice.uniform() - 1.0));
        }
        let direction = leans.at(0).unwrap_or(0.0).signum();
        TOLD.map(|horizon| {
            let skill = if horizon == self.skilled_at { self.skill * direction } else { 0.0 };
            let size_bps = 10.0 * f64::from(horizon);
            let up_bps = size_bps * (dice.normal() + skill + self.drift);
            HorizonLesson { horizon, up_bps, ..lesson(no, leans, 1.0) }
        })
    }
}

/// A walk of minutes on which every minute is measured over the hour that follows it: sixty windows overlap
/// at any time, and leans last for hours, as real ones do. Nobody knows anything.
pub fn overlapping_hours(components: usize, minutes: usize, dice: &mut Dice) -> Vec<HorizonLesson> {
    const HOUR: usize = 60;
    const KEEPS: f64 = 1.0 - 1.0 / 180.0;
    let mut steps: VecDeque<f64> = (0..HOUR).map(|_| dice.normal()).collect();
    let mut signs = vec![1.0; components];
    let mut lessons = Vec::with_capacity(minutes);
    for no in 0..minutes {
        let mut leans = Leans::SILENT;
        for (at, sign) in signs.iter_mut().enumerate() {
            *sign *= if dice.happens(KEEPS) { 1.0 } else { -1.0 };
            leans.set(at, Some(0.5 * *sign));
        }
        let up_bps = steps.iter().sum();
        lessons.push(HorizonLesson { up_bps, ..lesson(no as u64, leans, 1.0 / HOUR as f64) });
        steps.pop_front();
        steps.push_back(dice.normal());
    }
    lessons
}

fn lesson(no: u64, leans: Leans, uniqueness: f64) -> HorizonLesson {
    HorizonLesson {
        decision_no: no,
        symbol: SymbolIx(0),
        strategy: StrategyIx(0),
        side: Side::Long,
        decided_at: crate::BEGIN.plus_ms(no as i64 * crate::HOUR_MS),
        climate: Climate::default(),
        horizon: 4,
        leans,
        up_bps: 0.0,
        cost_bps: 10.0,
        refused: 1,
        uniqueness,
    }
}
