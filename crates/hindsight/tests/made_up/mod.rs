//! Runs that never were, for pages to be drawn of: deterministic, of every kind.

#![allow(unreachable_pub, reason = "a module of one test")]

mod heads;
mod models;
mod schooling;

use domain::{ExitReason, Regime, Side, Standing, Timestamp};
use hindsight::report::{
    Candle, CostStory, CutStory, DayStory, EquityPlace, Estimate, ExitStory, GateStory, HeadStory,
    SliceFigures, SliceStory, StandingStory, Story, Studies, SymbolStory, TradePlace, TwinArm,
    TwinPlace, TwinStory, WeekStory, WeightPlace,
};
use hindsight::summary::Summary;
use hindsight::tally::{Day, Direction, Streak, Trend};

pub use heads::*;
pub use models::*;

pub const HOUR: i64 = 3_600_000;
pub const START: i64 = 1_546_300_800_000;
pub const HOSTILE: &str = "</script><script>alert(1)</script><!--\"'&<img src=x onerror=alert(2)>";

/// Chance that is the same on every machine (SplitMix64).
pub struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal, spread one.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

pub struct Made {
    pub names: Vec<String>,
    pub drift: f64,
    pub trades_each: usize,
    pub luck: f64,
}

pub fn at(hours: usize) -> Timestamp {
    Timestamp::from_ms(START + hours as i64 * HOUR)
}

pub const CANDLES: usize = 5_000;
pub const HOURS_PER_CANDLE: usize = 7;

pub fn walk(dice: &mut Dice, drift: f64, first: f64) -> Vec<Candle> {
    let mut price = first;
    (0..CANDLES)
        .map(|n| {
            let open = price;
            price *= (drift + 0.012 * dice.bell()).exp();
            let reach = |dice: &mut Dice| 1.0 + 0.006 * dice.unit();
            Candle {
                at: at(n * HOURS_PER_CANDLE),
                open,
                high: open.max(price) * reach(dice),
                low: open.min(price) / reach(dice),
                close: price,
            }
        })
        .collect()
}

pub fn trades(dice: &mut Dice, candles: &[Candle], made: &Made) -> Vec<TradePlace> {
    let gap = CANDLES / made.trades_each.max(1);
    (0..made.trades_each)
        .map(|n| {
            let from = n * gap + (dice.unit() * gap as f64 / 3.0) as usize;
            let to = (from + 1 + (dice.unit() * 9.0) as usize).min(CANDLES - 1);
            trade(dice, &candles[from], &candles[to], made.luck)
        })
        .collect()
}

pub fn trade(dice: &mut Dice, from: &Candle, to: &Candle, luck: f64) -> TradePlace {
    let side = if dice.unit() < 0.6 { Side::Long } else { Side::Short };
    let won = dice.unit() < luck;
    let toward = if won { 0.03 } else { -0.02 } * side.sign();
    let entry = from.open;
    let r = if won { 1.4 } else { -1.1 } + 0.1 * dice.bell();
    let trails = won && dice.unit() < 0.3;
    let stop = entry * (1.0 - 0.02 * side.sign());
    TradePlace {
        decision: format!("{:016x}", (dice.unit() * 1e18) as u64),
        strategy: if dice.unit() < 0.7 { "alpha" } else { "ema" }.to_owned(),
        side,
        standing: match (dice.unit() * 10.0) as u32 {
            0 => Standing::Conviction,
            1 => Standing::Explored,
            _ => Standing::Probe,
        },
        opened_at: from.at,
        closed_at: to.at,
        entry,
        exit: entry * (1.0 + toward),
        stop,
        stop_last: if trails { entry * (1.0 + 0.01 * side.sign()) } else { stop },
        target: (dice.unit() < 0.9).then_some(entry * (1.0 + 0.03 * side.sign())),
        reason: match (won, trails) {
            (_, true) => ExitReason::TrailingStop,
            (true, _) => ExitReason::Target,
            _ if dice.unit() < 0.2 => ExitReason::Time,
            _ => ExitReason::Stop,
        },
        net: r * 12.0,
        r,
    }
}

pub fn equity(symbols: &[SymbolStory]) -> Vec<EquityPlace> {
    let mut closes: Vec<(Timestamp, f64)> =
        symbols.iter().flat_map(|s| s.trades.iter().map(|t| (t.closed_at, t.net))).collect();
    closes.sort_by_key(|close| close.0);
    let (mut equity, mut next) = (10_000.0, 0);
    (0..CANDLES)
        .map(|n| {
            let now = at(n * HOURS_PER_CANDLE);
            while next < closes.len() && closes[next].0 <= now {
                equity += closes[next].1;
                next += 1;
            }
            let grown = |s: &SymbolStory| s.candles[n].close / s.candles[0].open;
            let held = symbols.iter().map(grown).sum::<f64>() / symbols.len() as f64;
            EquityPlace { at: now, equity, held: 10_000.0 * held }
        })
        .collect()
}

pub const HEADS: [(&str, &str); 9] = [
    ("trend", "where three averages point"),
    ("momentum", "how fast price has been going"),
    ("mean_reversion", "distance from the mean, in deviations"),
    ("breakout", "whether price has left its range"),
    ("order_flow", "waits for trades with their taker's side"),
    ("volatility", "what the size of moves says"),
    ("sentiment", "waits for funding, open interest or headlines"),
    ("structure", "highs, lows and levels"),
    ("models", "waits for a trained model"),
];

pub fn estimate(value: f64, half: f64, n: u64) -> Estimate {
    let n_effective = n as f64 * 0.3;
    Estimate { value, low: value - half, high: value + half, n, n_effective }
}

pub fn gates(candidates: u64) -> Vec<GateStory> {
    let gate = |name: &str, asks: &str, refused: u64, left: u64, r| GateStory {
        name: name.to_owned(),
        asks: asks.to_owned(),
        refused: refused * candidates / 100,
        left: left * candidates / 100,
        refused_r: if candidates == 0 { None } else { r },
        alone: if candidates == 0 { 0 } else { 40 },
        alone_r: if candidates == 0 { None } else { r },
        verdict: match name {
            "fee" => "It earns its keep.",
            "regime" => "It costs money: consider retiring it.",
            _ => "Not known yet.",
        },
    };
    vec![
        gate("confluence", "do at least 70 % agree", 61, 39, Some(estimate(-0.06, 0.03, 7_412))),
        gate("conviction", "is the lean strong enough", 40, 27, Some(estimate(-0.04, 0.05, 4_810))),
        gate("history", "did similar ones win 60 %", 12, 22, None),
        gate("fee", "does the edge cover its costs", 36, 9, Some(estimate(-0.11, 0.03, 4_402))),
        gate("cooldown", "is it long enough ago", 5, 7, Some(estimate(0.03, 0.09, 391))),
        gate("regime", "are there too many in this regime", 3, 6, Some(estimate(0.14, 0.08, 377))),
        gate("correlation", "does it repeat what is held", 0, 6, None),
    ]
}

pub fn standings(candidates: u64, executed: u64) -> Vec<StandingStory> {
    let part = |standing, count, value, half| StandingStory {
        standing,
        count,
        r: (count > 0).then(|| estimate(value, half, count)),
    };
    let withheld = candidates / 100;
    vec![
        part(Standing::Conviction, executed / 10, 0.08, 0.21),
        part(Standing::Probe, executed - 2 * (executed / 10), -0.05, 0.06),
        part(Standing::Explored, executed / 10, -0.02, 0.19),
        part(Standing::Refused, candidates - executed - withheld, -0.07, 0.02),
        part(Standing::Withheld, withheld, -0.01, 0.11),
        part(Standing::TooSmall, 0, 0.0, 0.0),
    ]
}

pub fn exits(all: &[&TradePlace]) -> Vec<ExitStory> {
    ExitReason::ALL
        .iter()
        .map(|&reason| {
            let of = || all.iter().filter(move |trade| trade.reason == reason);
            ExitStory { reason, count: of().count() as u64, net: of().map(|t| t.net).sum() }
        })
        .filter(|exit| exit.count > 0)
        .collect()
}

pub fn story(seed: u64, made: &Made) -> Story {
    let mut dice = Dice(seed);
    let symbols: Vec<SymbolStory> = (made.names.iter().enumerate())
        .map(|(n, name)| {
            let candles = walk(&mut dice, made.drift, if n % 2 == 0 { 3_740.0 } else { 1.1456 });
            let trades = trades(&mut dice, &candles, made);
            let price_decimals = if n % 2 == 0 { 2 } else { 5 };
            let bars_per_candle = HOURS_PER_CANDLE;
            SymbolStory {
                name: name.clone(),
                price_decimals,
                candles,
                bars_per_candle,
                trades,
                closes: n % 2 == 1,
            }
        })
        .collect();
    let has_trades = made.trades_each > 0;
    let weights = weights(&mut dice, if has_trades { 42 } else { 1 });
    let candidates = if has_trades { 12_150 } else { 0 };
    let heads = heads(&mut dice, &weights, has_trades);
    let equity = equity(&symbols);
    let all: Vec<&TradePlace> = symbols.iter().flat_map(|s| s.trades.iter()).collect();
    let names_of: Vec<&str> = symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    let net: f64 = all.iter().map(|trade| trade.net).sum();
    let (fees, slipped) = (1.9 * all.len() as f64, 1.1 * all.len() as f64);
    Story {
        summary: summary(made, candidates, &all, &equity),
        title: "demo".to_owned(),
        run_id: "demo-7".to_owned(),
        command: "hindsight demo --seed 7".to_owned(),
        store: None,
        rule: "evidence".to_owned(),
        seed: 7,
        equity_start: 10_000.0,
        weights,
        weight_bounds: (0.05, 0.30),
        heads,
        gates: gates(candidates),
        candidates,
        standings: standings(candidates, all.len() as u64),
        exits: exits(&all),
        costs: CostStory {
            gross_before_costs: net + fees + slipped,
            fees,
            slipped,
            net,
            notional: 2_000.0 * all.len() as f64,
            ..CostStory::default()
        },
        learners: schooling::learners(),
        jobs: schooling::jobs(),
        studies: studies(&all, &names_of),
        models: hindsight::report::ModelsStory::default(),
        attention: vec![
            "EURUSD misses 31 bars inside its sessions, the longest run 6 hours.".to_owned(),
            "3 of 9 heads never voted: their data is not in these files.".to_owned(),
        ],
        equity,
        symbols,
    }
}

/// A cut whose rows hold what they can hold: a lot, a little, nothing.
pub fn cut(name: &'static str, rows: &[&str]) -> CutStory {
    let figures = |at: usize, n: u64| SliceFigures {
        r: (n > 2).then(|| estimate(0.12 - 0.05 * at as f64, 0.09, n)),
        win_rate: (n > 0).then(|| estimate(0.44, 0.05, n)),
        sum_r: n as f64 * (0.12 - 0.05 * at as f64),
    };
    let row = |(at, row): (usize, &&str)| SliceStory {
        name: (*row).to_owned(),
        executed: figures(at, 40 >> at),
        all: figures(at, 4_000 >> at),
        net: 120.0 - 95.0 * at as f64,
        trades: 40 >> at,
    };
    CutStory { name, rows: rows.iter().enumerate().map(row).collect() }
}

pub fn twin() -> TwinStory {
    let arm = |end: f64, executed| TwinArm {
        net_return: end / 10_000.0 - 1.0,
        executed,
        worst_fall: 0.07,
        equity: end,
        ..TwinArm::default()
    };
    let place = |day: usize| TwinPlace {
        at: at(day * 24),
        learning: 10_000.0 - 0.4 * day as f64 + 30.0 * (day as f64 / 40.0).sin(),
        frozen: 10_000.0 - 0.5 * day as f64 + 25.0 * (day as f64 / 45.0).cos(),
    };
    TwinStory {
        learning: arm(9_580.0, 318),
        frozen: arm(9_310.0, 341),
        differing: 212,
        alike: 171,
        stake_ratio: Some(0.9),
        from_stakes: -12.0,
        void: 3,
        difference: Some(estimate(0.021, 0.025, 212)),
        evidence: 2.9,
        evidence_worse: 0.1,
        evidence_needed: 20.0,
        floor_r: 3.0,
        needed: Some(913),
        curve: (0..1_400).map(place).collect(),
    }
}

pub fn studies(all: &[&TradePlace], symbols: &[&str]) -> Studies {
    if all.is_empty() {
        return Studies::default();
    }
    let week = |n: usize| WeekStory {
        from: at(n * 7 * 24),
        trades: 3 + n as u64 % 5,
        net: 20.0 * (n as f64).sin(),
        figures: cut("week", &[""]).rows[0].executed,
    };
    let mut day = Day { day: 17_900, trades: 7, lost: 6, ..Day::default() };
    day.exits.insert(ExitReason::Stop, (5, "-80.25".parse().expect("money")));
    day.regimes.insert(Regime::HighVolatility, (6, "-70".parse().expect("money")));
    let mut streak = Streak { trades: 9, net: -104.0, from: at(10), to: at(90) };
    let losing = (streak, Some(8.4));
    (streak.trades, streak.net) = (5, 61.0);
    Studies {
        twin: Some(twin()),
        cuts: vec![
            cut("regime", &["forming", "range", "trend_up", "trend_down", "high_volatility"]),
            cut("symbol", symbols),
            cut("hour", &["00:00", "07:00", "13:00", "21:00"]),
        ],
        weeks: (0..60).map(week).collect(),
        week_change: Some(estimate(-0.15, 0.35, 9)),
        trend: Some(Trend {
            direction: Direction::Stable,
            weeks: 59,
            e_improving: 1.4,
            e_declining: 0.3,
        }),
        winning: (streak, Some(4.9)),
        losing,
        worst_days: vec![DayStory {
            at: at(400),
            day,
            symbols: symbols.iter().map(|name| ((*name).to_owned(), 2, -31.0)).collect(),
            net: -88.5,
            costs: 4.2,
        }],
        days: (310, 170),
        evicted_shadows: 0,
    }
}

pub fn summary(
    made: &Made,
    candidates: u64,
    all: &[&TradePlace],
    equity: &[EquityPlace],
) -> Summary {
    let n = all.len() as u64;
    let last = equity[equity.len() - 1];
    let won = all.iter().filter(|trade| trade.net > 0.0).count() as f64;
    let sum = |sign: f64| all.iter().map(|t| (t.net * sign).max(0.0)).sum::<f64>();
    Summary {
        bars: (CANDLES * HOURS_PER_CANDLE * made.names.len()) as u64,
        symbols: made.names.clone(),
        from: at(0),
        to: at(CANDLES * HOURS_PER_CANDLE),
        candidates,
        decisions: candidates,
        trades: n,
        probes: n * 9 / 10,
        outcomes: candidates,
        shadow_outcomes: candidates - n,
        policy_versions: if n > 0 { 42 } else { 1 },
        model_rulings: 0,
        win_rate: (n > 0).then_some(won / n as f64),
        profit_factor: (n > 0).then(|| sum(1.0) / sum(-1.0)),
        net_return: last.equity / 10_000.0 - 1.0,
        win_rate_interval: (n > 0).then_some([0.42, 0.55]),
        sharpe_interval: (n > 0).then_some([-1.2, 0.38]),
        sharpe: (n > 0).then_some(-0.41),
        deflated_sharpe: (n > 0).then_some(0.03),
        max_drawdown: if n > 0 { 0.087 } else { 0.0 },
        fees: 1.9 * n as f64,
        digest: "3f9a61c07be2d4518a90c3e7".to_owned(),
        seconds: 3.2,
        bars_per_second: 31_000.0,
        slipped: 0.0,
        net: 0.0,
        positions_open: 0,
        open_profit: 0.0,
        standings: Default::default(),
        outcomes_unlearned: 0,
        trials: 1,
        hold_return: last.held / 10_000.0 - 1.0,
        run: "demo-7".to_owned(),
        rows_refused: 4,
        bars_missing: 31,
        funding: 0.0,
        regimes: Default::default(),
        global_regimes: Default::default(),
        streaks: Default::default(),
        weeks: Default::default(),
        pil: domain::PilClass::ALL.map(|class| (class.name(), 3)).into(),
        near_targets: 2,
        evicted_shadows: 0,
        twin: None,
        models: None,
        always_latest: None,
    }
}

pub fn names(count: usize) -> Vec<String> {
    let known = ["BTCUSD", "EURUSD", "ETHUSD", "GBPUSD", "SOLUSD", "USDJPY", "XRPUSD", "AUDUSD"];
    (0..count).map(|n| known.get(n).map_or(format!("SYM{n}"), |s| (*s).to_owned())).collect()
}

pub fn losing() -> Story {
    story(11, &Made { names: names(2), drift: 0.000_05, trades_each: 160, luck: 0.41 })
}

pub fn gaining() -> Story {
    story(5, &Made { names: names(10), drift: -0.000_05, trades_each: 90, luck: 0.52 })
}

pub fn idle() -> Story {
    let mut story = story(3, &Made { names: names(2), drift: 0.0, trades_each: 0, luck: 0.0 });
    story.attention.clear();
    story
}

pub fn hostile() -> Story {
    let names = vec![HOSTILE.to_owned()];
    let mut story = story(9, &Made { names, drift: 0.0, trades_each: 40, luck: 0.4 });
    for text in [&mut story.title, &mut story.command, &mut story.rule, &mut story.run_id] {
        *text = HOSTILE.to_owned();
    }
    story.learners[0].beliefs = vec![HOSTILE.to_owned()];
    story.jobs[0].found = vec![HOSTILE.to_owned()];
    story.attention = vec![HOSTILE.to_owned(); 7];
    story.heads[0].what = HOSTILE.to_owned();
    story.heads[1].name = HOSTILE.to_owned();
    story.gates[0].name = HOSTILE.to_owned();
    story.weights[3].reason = HOSTILE.to_owned();
    story.symbols[0].trades[0].decision = HOSTILE.to_owned();
    story.models = hostile_models();
    story
}
