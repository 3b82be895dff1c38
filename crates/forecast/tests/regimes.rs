//! Regimes on worlds whose truth is known: row g of the test bench (two states, volatility ratio 3,
//! dwell 200 bars), drifts, a market of one state, and all symbols together.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod stage;

use domain::{Bar, Interval, RawBar, Regime};
use forecast::{Forecaster, GlobalRegime, RegimeRules, feature_at};
use scenarios::Dice;
use stage::{START, forecaster};

const BARS: u64 = 20_000;
const LEARNED_IN: u64 = 1_000;

/// A walk of sixteen steps a bar, of any volatility and drift from bar to bar.
struct World {
    dice: Dice,
    price: f64,
    bars: i64,
}

impl World {
    fn new(seed: u64) -> World {
        World { dice: Dice::new(seed), price: 100.0, bars: 0 }
    }

    fn next(&mut self, volatility: f64, drift: f64) -> Bar {
        let open = self.price.clamp(1e-3, 1e6);
        let (mut high, mut low, mut price) = (open, open, open);
        for _ in 0..16 {
            price *= 1.0 + drift / 16.0 + 0.25 * volatility * self.dice.normal();
            (high, low) = (high.max(price), low.min(price));
        }
        self.price = price;
        let opened_at = START.plus_ms(self.bars * Interval::HOUR.ms());
        self.bars += 1;
        let (taker_buy_volume, flow) = (None, None);
        let raw = RawBar {
            opened_at,
            open,
            high,
            low,
            close: price,
            volume: 1.0,
            taker_buy_volume,
            flow,
        };
        Bar::admit(raw, Interval::HOUR).unwrap()
    }
}

/// What was measured over all worlds, from the bar on at which the model counts as learned in.
#[derive(Default)]
struct Score {
    bars: u64,
    /// Bars whose true state was the likelier of quiet and turbulent.
    right: u64,
    /// Bars whose standing label was the true one.
    standing_right: u64,
    false_switches: u64,
    /// Bars from a true switch to the label's; `u64::MAX` where the label slept through it.
    lags: Vec<u64>,
}

impl Score {
    fn check(&mut self, right_min: f64, standing_min: f64) {
        self.lags.sort_unstable();
        let per_bar = |count: u64| count as f64 / self.bars as f64;
        let (right, standing) = (per_bar(self.right), per_bar(self.standing_right));
        let lag = self.lags[self.lags.len() / 2];
        let false_per_1000 = 1_000.0 * per_bar(self.false_switches);
        let measured = format!("{right:.4} {standing:.4} lag {lag} false {false_per_1000:.3}");
        assert!(right >= right_min && standing >= standing_min, "{measured}");
        assert!(lag <= 10 && false_per_1000 <= 1.0, "{measured}");
    }
}

/// One world of quiet and turbulent bars, lived through by whoever tells its regime.
fn live(
    seed: u64,
    score: &mut Score,
    mut tell: impl FnMut(&mut World, f64) -> (Regime, Option<(f64, f64)>),
) {
    let mut world = World::new(seed);
    let mut dice = Dice::new(seed ^ 0xd1ce);
    let (mut state, mut switched_at, mut before) = (0, None, Regime::Forming);
    for bar in 0..BARS {
        if dice.happens(1.0 / 200.0) {
            state = 1 - state;
            score.lags.extend(switched_at.map(|_| u64::MAX));
            switched_at = (bar >= LEARNED_IN).then_some(bar);
        }
        let (label, kinds) = tell(&mut world, [0.001, 0.003][state]);
        let truth = [Regime::LowVolatility, Regime::HighVolatility][state];
        if label == truth {
            score.lags.extend(switched_at.take().map(|at| bar - at));
        }
        if bar >= LEARNED_IN {
            score.bars += 1;
            let turbulent = kinds.map(|(quiet, turbulent)| turbulent > quiet);
            score.right += u64::from(turbulent == Some(state == 1));
            score.standing_right += u64::from(label == truth);
            score.false_switches += u64::from(label != before && label != truth);
        }
        before = label;
    }
}

/// Measured over 100 such worlds: accuracy 98.7 %, of the standing label 95.2 %, median lag 8 bars, .12
/// false switches per 1,000 bars. Row g asks for 90 %, 10 and 1.
#[test]
fn a_symbols_regime_is_told_soon_and_seldom_wrongly() {
    let mut score = Score::default();
    for seed in 0..20 {
        let mut forecaster = forecaster();
        live(seed, &mut score, |world, volatility| {
            forecaster.hear(&world.next(volatility, 0.0));
            let row = forecaster.row();
            let kind = |name| row.get(feature_at(name));
            (forecaster.regime(), kind("regime_quiet").zip(kind("regime_turbulent")))
        });
    }
    score.check(0.97, 0.93);
}

#[test]
fn the_regime_of_all_symbols_is_told_too() {
    let mut score = Score::default();
    for seed in 0..4 {
        let mut global = GlobalRegime::new(&RegimeRules::default());
        let mut symbols: Vec<Forecaster> = (0..4).map(|_| forecaster()).collect();
        live(seed, &mut score, |world, volatility| {
            let at = world.bars;
            for (place, symbol) in symbols.iter_mut().enumerate() {
                world.bars = at;
                symbol.hear(&world.next(volatility * (1.0 + place as f64), 0.0));
            }
            global.hear(symbols.iter().filter_map(Forecaster::stride));
            (global.regime(), global.quiet_and_turbulent())
        });
    }
    score.check(0.97, 0.90);
}

#[test]
fn one_symbol_is_no_cross_section() {
    let (mut world, mut symbol) = (World::new(1), forecaster());
    let mut global = GlobalRegime::new(&RegimeRules::default());
    for _ in 0..1_000 {
        symbol.hear(&world.next(0.002, 0.0));
        global.hear(symbol.stride().into_iter());
    }
    assert_ne!(symbol.regime(), Regime::Forming);
    assert_eq!(global.regime(), Regime::Forming);
}

#[test]
fn a_market_of_one_state_is_neither_quiet_nor_turbulent() {
    let mut odd = 0;
    for seed in 0..10 {
        let (mut world, mut symbol) = (World::new(seed), forecaster());
        for bar in 0..5_000 {
            symbol.hear(&world.next(0.002, 0.0));
            let kind = symbol.regime();
            let wild = matches!(kind, Regime::LowVolatility | Regime::HighVolatility);
            odd += u64::from(bar >= LEARNED_IN && wild);
        }
    }
    let share = odd as f64 / (10.0 * (5_000.0 - LEARNED_IN as f64));
    assert!(share < 0.05, "{share}");
}

/// Drifts of .6 standard deviations a bar, 200 bars up, none, down, none.
#[test]
fn drifts_are_told_apart() {
    const TURNS: [(f64, Regime); 4] = [
        (0.6, Regime::TrendUp),
        (0.0, Regime::Range),
        (-0.6, Regime::TrendDown),
        (0.0, Regime::Range),
    ];
    let (mut right, mut switches, mut bars) = (0_u64, 0_u64, 0_u64);
    for seed in 0..10 {
        let (mut world, mut symbol) = (World::new(seed), forecaster());
        let mut before = Regime::Forming;
        for bar in 0..10_000 {
            let (drift, truth) = TURNS[bar / 200 % 4];
            symbol.hear(&world.next(0.002, drift * 0.002));
            if bar >= LEARNED_IN as usize {
                bars += 1;
                right += u64::from(symbol.regime() == truth);
                switches += u64::from(symbol.regime() != before);
            }
            before = symbol.regime();
        }
    }
    let (right, switches) = (right as f64 / bars as f64, 1_000.0 * switches as f64 / bars as f64);
    assert!(right > 0.7 && switches < 20.0, "{right} {switches}");
}
