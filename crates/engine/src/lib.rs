//! The loop. One event in, its effects out, and everything the engine knows is a fold over events:
//! no clock, no file, no network, no chance but hashes of seed and decision, and no way to fail.

mod accounts;
mod beside;
mod book;
mod candidates;
mod cascade;
mod contests;
mod days;
mod exits;
#[cfg(test)]
mod frozen;
mod govern;
mod horizons;
mod jobs;
mod relearn;
mod review;
#[cfg(test)]
mod same_entries;
#[cfg(test)]
mod same_laws;
mod scale_in;
mod schedule;
mod seats;
mod settings;
mod shadow;
mod shadows;
mod snapshot;
mod symbol;
#[cfg(test)]
mod taken_back;
mod trades;
mod training;
mod what_ifs;
mod window;

pub use relearn::Lesson;
pub use schedule::{Planned, due_after};
pub use settings::{Settings, Telling};
pub use snapshot::{SCHEMA, SnapshotError};

use std::collections::BTreeMap;

use decide::{GATES, History, Holding, MetaStrategy, STRATEGIES, Safety, Strategy};
use domain::{
    Command, Control, Effects, Event, HorizonLesson, Instrument, Policy, PolicyVersion, Reason,
    StrategyIx, Strikes, TimedBar, Timestamp, VenueNews, WhatIfOutcome, Zone, name_hash,
};
use evolve::{Lineage, Triggers};
use forecast::GlobalRegime;
use learn::{Governor, House, Learner, LearnerReport, Watchdog};
use serde::{Deserialize, Serialize};
use stats::portfolio::EwmaCorrelation;

use accounts::Accounts;
use beside::Beside;
use book::Book;
use candidates::{Candidate, Held};
use cascade::Ended;
use review::Review;
use schedule::{Due, Schedule};
use seats::Loaded;
use symbol::SymbolState;

/// Correlations forget half in so many bars: ten days of hours. Chosen: shorter and they are mostly noise,
/// longer and a crash is over before they tell.
const TOGETHER_HALF_LIFE_BARS: f64 = 240.0;

/// Instruments do not name their venue yet: all are traded at one.
const VENUES: usize = 1;

/// The core of the house.
pub struct Engine {
    settings: Settings,
    instruments: Vec<Instrument>,
    strategies: Vec<BoundStrategy>,
    governor: Governor,
    learners: Vec<Box<dyn Learner>>,
    state: State,
    /// Models that sit somewhere.
    loaded: Loaded,
    bench: Bench,
}

/// Everything a fold over events leaves behind, besides what learners remember.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct State {
    events: u64,
    decisions: u64,
    policy: Policy,
    /// Whether the policy of day one was told; readings may come before the first bar.
    is_announced: bool,
    symbols: Vec<SymbolState>,
    /// The kind of market that all symbols are in.
    global: GlobalRegime,
    /// Which symbols move alike.
    together: EwmaCorrelation,
    /// What each symbol's labels are worth beside those of the others, 0..=1.
    beside: Beside,
    safety: Safety,
    history: History,
    /// What closes have shown: PIL, PAL, targets.
    review: Review,
    /// What each strategy has paid, to choose between them by.
    meta: MetaStrategy,
    book: Book,
    /// Highest equity so far.
    equity_high: f64,
    /// Positions that closed since their symbol's last bar.
    ended: Vec<Ended>,
    /// When each job ran and is due.
    schedule: Schedule,
    accounts: Accounts,
    watchdog: Watchdog,
    /// When models are to be trained again.
    triggers: Triggers,
    /// Who sits where, and what has been compared.
    lineage: Lineage,
    /// Hashes of the models that sit somewhere, by version.
    models: BTreeMap<u64, String>,
    /// Stretches that a person struck: what was decided in them teaches nothing any more.
    struck: Strikes,
}

/// A strategy with its features found in the row.
struct BoundStrategy {
    ix: StrategyIx,
    hash: u64,
    strategy: &'static dyn Strategy,
    inputs: Vec<usize>,
}

/// Room that a step needs and the next one uses again; never part of the state.
#[derive(Default)]
struct Bench {
    candidates: Vec<Candidate>,
    ended: Vec<Ended>,
    lessons: Vec<HorizonLesson>,
    what_ifs: Vec<WhatIfOutcome>,
    returns: Vec<Option<f64>>,
    open: Vec<usize>,
    labels: Vec<u32>,
    held: Vec<Held>,
    holdings: Vec<Holding>,
    due: Vec<Due>,
}

impl Engine {
    /// An engine on day one, for these instruments in the order of their symbols.
    pub fn new(settings: Settings, instruments: Vec<Instrument>) -> Engine {
        let day_one = Policy::day_one(settings.gates);
        let policy = Policy { head_weights: settings.head_weights, ..day_one };
        let learners = if settings.learns {
            learn::learners(&settings.learn, &policy, &house(&instruments))
        } else {
            Vec::new()
        };
        let state = State {
            events: 0,
            decisions: 0,
            is_announced: false,
            policy,
            symbols: instruments
                .iter()
                .map(|i| SymbolState::new(i, &settings, STRATEGIES.len()))
                .collect(),
            global: GlobalRegime::new(&settings.frames.regime),
            together: EwmaCorrelation::new(instruments.len(), TOGETHER_HALF_LIFE_BARS),
            beside: Beside::new(instruments.len()),
            safety: Safety::default(),
            history: History::new(STRATEGIES.len()),
            review: Review::new(instruments.len()),
            meta: MetaStrategy::new(STRATEGIES.len(), settings.selection_rule()),
            book: Book::new(settings.equity_start),
            equity_high: domain::estimate(settings.equity_start),
            ended: Vec::new(),
            schedule: Schedule::new(Zone::of(instruments.iter().map(|i| i.calendar))),
            accounts: Accounts::new(instruments.len()),
            watchdog: Watchdog::default(),
            triggers: Triggers::new(instruments.len(), forecast::FEATURE_COUNT),
            lineage: Lineage::default(),
            models: BTreeMap::new(),
            struck: Strikes::default(),
        };
        let strategies = bind(&settings.strategies);
        let governor = Governor::new(settings.learn);
        Engine {
            settings,
            instruments,
            strategies,
            governor,
            learners,
            state,
            loaded: Loaded::new(),
            bench: Bench::default(),
        }
    }

    /// Hears one event; `effects` is emptied and holds what follows from it.
    pub fn step(&mut self, event: &Event, effects: &mut Effects) {
        effects.clear();
        match event {
            Event::Bars { closed_at, bars } => self.bars(*closed_at, bars, effects),
            Event::Venue(VenueNews::Fill(fill)) => self.filled(fill, effects),
            Event::Venue(VenueNews::Order { id, decision, news, .. }) => {
                self.order_moved(*decision, *id, *news);
            }
            Event::Venue(VenueNews::Funding(paid)) => self.funded(paid),
            Event::Readings(readings) => {
                self.fund_shadows(readings);
                self.read(readings);
            }
            Event::Model(news) => self.hear_of_models(news, effects),
            Event::Command(Command::Control { control, at }) => self.allow(*control, *at, effects),
            Event::Command(order) => self.ordered(order, effects),
        }
        self.state.events += 1;
    }

    /// All bars that closed at one moment. The order is the promise: what is public now may shape
    /// this forecast, never the other way.
    fn bars(&mut self, closed_at: Timestamp, bars: &[TimedBar], effects: &mut Effects) {
        if !self.state.is_announced {
            self.announce_day_one(closed_at, effects);
        }
        let State { accounts, schedule, policy, .. } = &mut self.state;
        accounts.days.turn(schedule.zone(), closed_at, policy.version);
        self.look_beside();
        for timed in bars {
            self.meet_shadows_and_horizons(timed, effects);
        }
        self.teach_horizons(effects);
        self.close_cascade(closed_at, effects);
        self.rule_on_models(closed_at, effects);
        self.govern(closed_at, bars, effects);
        for timed in bars {
            self.forecast(timed);
        }
        self.compare(bars);
        self.note_climates(closed_at, bars);
        self.watch_orders();
        self.watch_positions(closed_at, bars, self.exit_mode(), effects);
        self.mark(closed_at, effects);
        self.find_candidates(closed_at, bars);
        self.decide_all(closed_at, effects);
    }

    /// The rules it was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Events heard so far.
    pub fn events(&self) -> u64 {
        self.state.events
    }

    /// Decisions taken so far.
    pub fn decisions(&self) -> u64 {
        self.state.decisions
    }

    /// The instruments, in the order of their symbols.
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Positions held or on the way.
    pub fn positions(&self) -> &[domain::Position] {
        self.state.book.positions()
    }

    /// What each learner believes, from what, and what it lacks, by name, in the order they hear outcomes.
    pub fn learner_reports(&self) -> Vec<(&'static str, LearnerReport)> {
        let policy = &self.state.policy;
        self.learners.iter().map(|learner| (learner.name(), learner.report(policy))).collect()
    }

    fn announce_day_one(&mut self, at: Timestamp, effects: &mut Effects) {
        self.state.is_announced = true;
        let policy = self.state.policy.clone();
        effects.versions.push(PolicyVersion { policy, at, reason: Reason::DayOne });
    }

    /// What is allowed from now on.
    fn allow(&mut self, control: Control, at: Timestamp, effects: &mut Effects) {
        self.state.safety.hear(control);
        if control == Control::Run {
            // Who lets it run again has seen the fall and begins from here.
            self.state.equity_high = self.state.book.equity();
        }
        if control == Control::Kill {
            self.leave_all(at, effects);
        }
    }
}

/// What learners know of what they learn for.
fn house(instruments: &[Instrument]) -> House {
    House {
        gates: GATES.iter().map(|gate| gate.name).collect(),
        capital_gates: GATES
            .iter()
            .enumerate()
            .filter(|(_, gate)| !gate.may_be_explored)
            .fold(0, |mask, (at, _)| mask | 1 << at),
        strategies: STRATEGIES.iter().map(|strategy| strategy.name()).collect(),
        symbols: instruments.len(),
        venues: VENUES,
    }
}

/// Finds the listed strategies and the places of their inputs; unknown names were refused with the
/// configuration.
fn bind(names: &[String]) -> Vec<BoundStrategy> {
    let named = |strategy: &dyn Strategy| names.iter().any(|name| name == strategy.name());
    STRATEGIES
        .iter()
        .enumerate()
        .filter(|(_, strategy)| named(**strategy))
        .map(|(at, strategy)| BoundStrategy {
            ix: StrategyIx(at as u8),
            hash: name_hash(strategy.name()),
            strategy: *strategy,
            inputs: strategy.inputs().iter().map(|name| forecast::feature_at(name)).collect(),
        })
        .collect()
}
