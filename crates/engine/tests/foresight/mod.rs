//! What was known by a moment, told twice: once with the history as it was, and once with another
//! future. Where the two differ, something knew what was still to come.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of the stage")]

pub mod columns;
pub mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Bar, Event, Instrument, RawBar, Reading, SymbolIx, TimedBar, Timestamp};
use engine::Settings;
use scenarios::Dice;

use crate::theatre::{Theatre, Told};

/// Everything a run is fed.
#[derive(Clone)]
pub struct World {
    pub settings: Settings,
    pub instruments: Vec<Instrument>,
    pub series: Vec<Vec<Bar>>,
    pub readings: Vec<Reading>,
}

/// How a future may come out otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Future {
    /// It has not come.
    Absent,
    /// Other prices.
    Prices,
    /// Other volumes, takers' and flow in proportion.
    Volumes,
    /// Other takers.
    Takers,
    /// Another order flow.
    Flow,
    /// Bars go missing.
    Halts,
    /// Other readings.
    Readings,
    /// No readings any more.
    Silence,
    /// All of it.
    Everything,
}

impl Future {
    pub const ALL: [Future; 9] = [
        Future::Absent,
        Future::Prices,
        Future::Volumes,
        Future::Takers,
        Future::Flow,
        Future::Halts,
        Future::Readings,
        Future::Silence,
        Future::Everything,
    ];

    fn is(self, one: Future) -> bool {
        self == one || self == Future::Everything
    }
}

impl World {
    /// The same until `moment`, with another future. What becomes public as a bar closes is heard after
    /// it, so readings of that very moment belong to the future.
    pub fn with(&self, future: Future, moment: Timestamp, seed: u64) -> World {
        let mut dice = Dice::new(seed);
        let mut other = self.clone();
        for bars in &mut other.series {
            let later = bars.split_off(bars.partition_point(|bar| bar.closed_at() <= moment));
            bars.extend(later.iter().filter_map(|bar| bar_of(bar, future, &mut dice)));
        }
        let later = other.readings.split_off(other.readings.partition_point(|r| r.at < moment));
        other.readings.extend(later.iter().filter_map(|r| reading_of(r, future, &mut dice)));
        other
    }

    /// The moments at which bars closed.
    pub fn moments(&self) -> Vec<Timestamp> {
        let all: BTreeSet<Timestamp> = self.series.iter().flatten().map(Bar::closed_at).collect();
        all.into_iter().collect()
    }

    /// What a world feeds its engine: the bars of one moment together, before them what was public by then.
    pub fn events(&self) -> Vec<Event> {
        self.events_until(None)
    }

    pub fn events_until(&self, moment: Option<Timestamp>) -> Vec<Event> {
        let is_due = |at: Timestamp| moment.is_none_or(|moment| at <= moment);
        let mut groups: BTreeMap<Timestamp, Vec<TimedBar>> = BTreeMap::new();
        for (at, bars) in self.series.iter().enumerate() {
            for bar in bars.iter().filter(|bar| is_due(bar.closed_at())) {
                let timed = TimedBar { symbol: SymbolIx(at as u16), bar: *bar };
                groups.entry(bar.closed_at()).or_default().push(timed);
            }
        }
        let (mut events, mut coming) = (Vec::new(), self.readings.as_slice());
        for (closed_at, bars) in groups {
            let (heard, later) = coming.split_at(coming.partition_point(|r| r.at < closed_at));
            if !heard.is_empty() {
                events.push(Event::Readings(heard.to_vec()));
            }
            coming = later;
            events.push(Event::Bars { closed_at, bars });
        }
        events
    }

    /// Moments to cut at, early and late, drawn from those after `warm` bars; and `besides`.
    pub fn cuts(&self, count: usize, warm: usize, besides: &[Timestamp]) -> Vec<Timestamp> {
        let moments = self.moments();
        let mut dice = Dice::new(moments.len() as u64);
        let room = (moments.len() - warm - 2) as u64;
        let drawn = (0..count).map(|_| moments[warm + dice.below(room) as usize]);
        drawn.chain(besides.iter().copied()).collect()
    }
}

fn bar_of(bar: &Bar, future: Future, dice: &mut Dice) -> Option<Bar> {
    if future == Future::Absent || (future.is(Future::Halts) && dice.happens(0.1)) {
        return None;
    }
    let mut raw = *bar.raw();
    if future.is(Future::Prices) {
        let factor = 0.5 + dice.uniform();
        let [open, high, low, close] = [raw.open, raw.high, raw.low, raw.close].map(|p| p * factor);
        raw = RawBar { open, high, low, close, ..raw };
    }
    if future.is(Future::Volumes) {
        let factor = 0.1 + 3.0 * dice.uniform();
        raw.volume *= factor;
        raw.taker_buy_volume = raw.taker_buy_volume.map(|taker| taker * factor);
        raw.flow = raw.flow.map(|flow| flow * factor);
    }
    if future.is(Future::Takers) {
        raw.taker_buy_volume = raw.taker_buy_volume.map(|_| raw.volume * dice.uniform());
    }
    if future.is(Future::Flow) {
        raw.flow = raw.flow.map(|_| raw.volume * (2.0 * dice.uniform() - 1.0));
    }
    // Of its own full length, and then as short as it was.
    let length = domain::Interval::from_ms(bar.closed_at().ms_since(bar.opened_at()))?;
    Some(Bar::admit(raw, length).expect("a bar scaled makes sense"))
}

fn reading_of(reading: &Reading, future: Future, dice: &mut Dice) -> Option<Reading> {
    if matches!(future, Future::Absent | Future::Silence) {
        return None;
    }
    if !future.is(Future::Readings) {
        return Some(*reading);
    }
    let (low, high) = reading.series.range();
    let value = (reading.value * (4.0 * dice.uniform() - 1.0)).clamp(low, high);
    Some(Reading { value, ..*reading })
}

/// One thing that was said, when, and of what kind. Texts of floats tell every bit of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub part: &'static str,
    pub at: Timestamp,
    pub text: String,
}

/// Plays a world to its end and writes down everything that was said, with the moment it was said at.
pub fn lived(world: &World) -> Vec<Said> {
    lived_until(world, None)
}

/// The same up to a moment. What was said is written down already, so nothing later could change it.
fn lived_until(world: &World, moment: Option<Timestamp>) -> Vec<Said> {
    let mut theatre = Theatre::of(world.settings.clone(), world.instruments.clone());
    let (mut said, mut readings_waiting) = (Vec::new(), Vec::new());
    for event in world.events_until(moment) {
        theatre.play(&event);
        let told = std::mem::take(&mut theatre.told);
        match event {
            Event::Bars { closed_at, .. } => {
                write_down(&readings_waiting.split_off(0), closed_at, &mut said);
                write_down(&[told], closed_at, &mut said);
            }
            // Readings count as heard with the bars that follow them.
            _ => readings_waiting.push(told),
        }
    }
    said
}

fn write_down(all: &[Told], at: Timestamp, said: &mut Vec<Said>) {
    for told in all {
        put("decisions", at, &told.decisions, said);
        put("rows", at, &told.rows, said);
        put("presence", at, &told.present, said);
        put("outcomes", at, &told.outcomes, said);
        put("horizons", at, &told.horizons, said);
        put("trades", at, &told.trades, said);
        put("versions", at, &told.versions, said);
        put("instructions", at, &told.instructions, said);
        put("gaps", at, &told.gaps, said);
        put("equity", at, &told.equity, said);
    }
}

/// The kinds of things that are written down.
pub const PARTS: [&str; 10] = [
    "decisions",
    "rows",
    "presence",
    "outcomes",
    "horizons",
    "trades",
    "versions",
    "instructions",
    "gaps",
    "equity",
];

fn put<T: std::fmt::Debug>(part: &'static str, at: Timestamp, items: &[T], said: &mut Vec<Said>) {
    said.extend(items.iter().map(|item| Said { part, at, text: format!("{item:?}") }));
}

/// The parts in which two histories differ up to a moment, both inclusive.
pub fn differing(one: &[Said], other: &[Said], moment: Timestamp) -> BTreeSet<&'static str> {
    fn known<'a>(
        said: &'a [Said],
        part: &'a str,
        moment: Timestamp,
    ) -> impl Iterator<Item = &'a Said> {
        said.iter().filter(move |said| said.part == part && said.at <= moment)
    }
    let differs = |part: &&str| !known(one, part, moment).eq(known(other, part, moment));
    PARTS.into_iter().filter(differs).collect()
}

/// Where the future of `world` shows in what was said before it. `see` is the way by which the world
/// reaches the engine.
pub fn leaking_parts(
    world: &World,
    cuts: &[Timestamp],
    futures: &[Future],
    see: impl Fn(&World) -> World,
) -> BTreeSet<&'static str> {
    let whole = lived(&see(world));
    let (mut leaks, mut compared) = (BTreeSet::new(), 0);
    for (seed, &cut) in cuts.iter().enumerate() {
        for &future in futures {
            let other = lived_until(&see(&world.with(future, cut, seed as u64)), Some(cut));
            compared += other.len();
            leaks.extend(differing(&whole, &other, cut));
        }
    }
    let (cuts, futures) = (cuts.len(), futures.len());
    eprintln!("{compared} things said, {cuts} cuts, {futures} futures");
    leaks
}
