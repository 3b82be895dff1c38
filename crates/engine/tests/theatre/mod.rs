//! A world small enough for tests: an engine, a simulated venue and bars, nothing else.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of the stage")]

pub mod lessons;

use domain::{
    Bar, Calendar, Decision, Effects, EquityPoint, Event, Gap, GatePolicy, HorizonOutcome,
    Instruction, Instrument, Interval, JobRun, Outcome, PolicyVersion, RawBar, Reading,
    RulingRecord, Series, SymbolIx, TimedBar, Timestamp, Trade, Training, VenueNews, WhatIfOutcome,
    decimal,
};
use engine::{Engine, Settings};
use scenarios::{Dice, Market, bars};
use venue::{BarDriven, Faults, SimulatedVenue, Venue};

pub const START: Timestamp = Timestamp::from_ms(1_600_000_000_000 / 3_600_000 * 3_600_000);

pub fn instrument(symbol: &str) -> Instrument {
    Instrument {
        symbol: symbol.to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: decimal(0.0001),
        step: decimal(0.0001),
        notional_min: decimal(5.0),
        kind: domain::InstrumentKind::Spot,
        margin: domain::Margin::NONE,
        has_volume: true,
    }
}

/// Gates that let much through, so that there are trades to look at.
pub fn eager() -> Settings {
    let gates = GatePolicy { conviction_min: 0.2, confluence_min: 0.5, ..GatePolicy::default() };
    Settings { gates, ..Settings::default() }
}

/// Two symbols of a trending market, so that there is something to learn and to trade.
pub fn two_symbols(seed: u64, count: usize) -> Vec<Vec<Bar>> {
    let market = Market::Trending { volatility: 0.008, carry: 0.25 };
    vec![
        bars(seed, market, Interval::HOUR, START, count),
        bars(seed ^ 0xabc, market, Interval::HOUR, START, count),
    ]
}

/// All bars as events, those of one moment together.
pub fn events(series: &[Vec<Bar>]) -> Vec<Event> {
    let mut timed: Vec<TimedBar> = series
        .iter()
        .enumerate()
        .flat_map(|(at, bars)| {
            bars.iter().map(move |bar| TimedBar { symbol: SymbolIx(at as u16), bar: *bar })
        })
        .collect();
    timed.sort_by_key(|timed| (timed.bar.closed_at(), timed.symbol));
    timed
        .chunk_by(|left, right| left.bar.closed_at() == right.bar.closed_at())
        .map(|bars| Event::Bars { closed_at: bars[0].bar.closed_at(), bars: bars.to_vec() })
        .collect()
}

/// The same events with funding settled every eight hours, once the bars that close then are through.
pub fn with_funding(events: Vec<Event>, seed: u64) -> Vec<Event> {
    const EIGHT_HOURS_MS: i64 = 8 * 3_600_000;
    let mut dice = Dice::new(seed);
    let settle = |event: Event| {
        let Event::Bars { closed_at, .. } = &event else { return vec![event] };
        let (at, value) = (*closed_at, 0.0005 * (dice.uniform() - 0.3));
        let rate = Reading { at, symbol: None, series: Series::Funding, value };
        if at.ms() % EIGHT_HOURS_MS == 0 {
            vec![event, Event::Readings(vec![rate])]
        } else {
            vec![event]
        }
    };
    events.into_iter().flat_map(settle).collect()
}

/// Everything a run said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub decisions: Vec<Decision>,
    pub rows: Vec<Vec<f64>>,
    /// Which features of each row were present.
    pub present: Vec<u64>,
    pub instructions: Vec<Instruction>,
    pub gaps: Vec<Gap>,
    pub equity: Vec<EquityPoint>,
    pub outcomes: Vec<Outcome>,
    /// When each of them was heard: at its bar's close, also where it ended at the open.
    pub outcomes_heard: Vec<Timestamp>,
    pub horizons: Vec<HorizonOutcome>,
    pub horizons_heard: Vec<Timestamp>,
    pub trades: Vec<Trade>,
    pub versions: Vec<PolicyVersion>,
    pub what_ifs: Vec<WhatIfOutcome>,
    pub jobs: Vec<JobRun>,
    pub trainings: Vec<Training>,
    pub rulings: Vec<RulingRecord>,
    pub declined: Vec<String>,
}

pub struct Theatre {
    pub engine: Engine,
    pub venue: SimulatedVenue,
    pub told: Told,
    effects: Effects,
    news: Vec<VenueNews>,
}

impl Theatre {
    pub fn new(settings: Settings, symbols: usize) -> Theatre {
        let names = ["AAA", "BBB", "CCC"];
        Theatre::of(settings, names.iter().take(symbols).map(|name| instrument(name)).collect())
    }

    pub fn of(settings: Settings, instruments: Vec<Instrument>) -> Theatre {
        let venue = SimulatedVenue::new(instruments.clone(), settings.costs, settings.seed);
        Theatre {
            engine: Engine::new(settings, instruments),
            venue,
            told: Told::default(),
            effects: Effects::default(),
            news: Vec::new(),
        }
    }

    pub fn with_faults(mut self, faults: Faults) -> Theatre {
        self.venue = self.venue.with_faults(faults);
        self
    }

    /// A market event: the venue meets the bars first, its news reach the engine, then the bars do.
    pub fn play(&mut self, event: &Event) {
        if let Event::Bars { bars, .. } = event {
            let mut news = std::mem::take(&mut self.news);
            self.venue.meet(bars, &mut news);
            self.hear(&mut news);
            self.news = news;
        }
        if let Event::Readings(readings) = event {
            let mut news = std::mem::take(&mut self.news);
            self.venue.settle_funding(readings, &mut news);
            self.hear(&mut news);
            self.news = news;
        }
        self.step(event);
        let mut news = std::mem::take(&mut self.news);
        for instruction in std::mem::take(&mut self.effects.instructions) {
            self.venue
                .perform(&instruction, &mut news)
                .expect("the simulated venue takes what it is asked");
        }
        self.hear(&mut news);
        self.news = news;
    }

    pub fn play_all(mut self, events: &[Event]) -> Theatre {
        for event in events {
            self.play(event);
        }
        self
    }

    fn hear(&mut self, news: &mut Vec<VenueNews>) {
        for heard in news.drain(..) {
            self.step(&Event::Venue(heard));
        }
    }

    fn step(&mut self, event: &Event) {
        let mut effects = std::mem::take(&mut self.effects);
        self.engine.step(event, &mut effects);
        let stride = forecast::FEATURE_COUNT;
        self.told.decisions.extend_from_slice(&effects.decisions);
        self.told.rows.extend(effects.rows.chunks(stride).map(<[f64]>::to_vec));
        self.told.present.extend_from_slice(&effects.rows_present);
        self.told.instructions.extend_from_slice(&effects.instructions);
        self.told.gaps.extend_from_slice(&effects.gaps);
        self.told.equity.extend(effects.equity);
        if let Event::Bars { closed_at, .. } = event {
            self.told
                .outcomes_heard
                .resize(self.told.outcomes.len() + effects.outcomes.len(), *closed_at);
            self.told
                .horizons_heard
                .resize(self.told.horizons.len() + effects.horizons.len(), *closed_at);
        }
        self.told.outcomes.extend_from_slice(&effects.outcomes);
        self.told.horizons.extend_from_slice(&effects.horizons);
        self.told.trades.extend_from_slice(&effects.trades);
        self.told.versions.extend_from_slice(&effects.versions);
        self.told.what_ifs.extend_from_slice(&effects.what_ifs);
        self.told.jobs.extend_from_slice(&effects.jobs);
        self.told.trainings.extend_from_slice(&effects.trainings);
        self.told.rulings.extend_from_slice(&effects.rulings);
        self.told.declined.extend_from_slice(&effects.declined);
        self.effects = effects;
    }
}

/// A market as files bring it: halts, hours without volume, jumps, a flat stretch, a coarse grid.
pub fn ugly(seed: u64, count: usize) -> (Vec<Vec<Bar>>, Vec<Instrument>) {
    let mut dice = Dice::new(seed);
    let mut series = two_symbols(seed, count);
    for bars in &mut series {
        bars.retain(|_| !dice.happens(0.01));
        for bar in bars.iter_mut() {
            let raw = *bar.raw();
            let other = match dice.below(20) {
                0 => RawBar { volume: 0.0, taker_buy_volume: Some(0.0), ..raw },
                1 => RawBar { volume: 1e-6, taker_buy_volume: None, ..raw },
                2 => RawBar { high: raw.close, low: raw.close, open: raw.close, ..raw },
                3 => RawBar { low: raw.low * 0.9, high: raw.high * 1.1, ..raw },
                _ => raw,
            };
            *bar = Bar::admit(other, Interval::HOUR).expect("ugly bars still make sense");
        }
    }
    let mut instruments = vec![instrument("AAA"), instrument("BBB")];
    instruments[0].tick = decimal(0.5);
    instruments[1].step = decimal(1.0);
    (series, instruments)
}

pub fn run(settings: Settings, series: &[Vec<Bar>]) -> Theatre {
    Theatre::new(settings, series.len()).play_all(&events(series))
}
