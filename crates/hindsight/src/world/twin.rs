//! The frozen twin: the same system with the policy of day one, deciding on the same bars.
//!
//! It trades at a simulated venue of its own and its policy never changes, so that what learning was worth
//! is a difference between two histories and not a story. Its record of results sizes and gates like the
//! other's: that is experience and no policy.

use domain::{Effects, Event, Instrument, VenueNews};
use engine::{Engine, Settings, Telling};
use venue::{BarDriven, SimulatedVenue, Venue};

use super::course::Moment;
use super::replay::rejection;

/// A second engine beside the one that learns.
pub(super) struct FrozenTwin {
    engine: Engine,
    venue: SimulatedVenue,
    effects: Effects,
    news: Vec<VenueNews>,
}

impl FrozenTwin {
    /// A twin on its first day, under the settings of the system that learns.
    pub(super) fn new(instruments: &[Instrument], settings: &Settings) -> FrozenTwin {
        let settings = Settings { learns: false, telling: Telling::Results, ..settings.clone() };
        FrozenTwin {
            venue: SimulatedVenue::new(instruments.to_vec(), settings.costs, settings.seed),
            engine: Engine::new(settings, instruments.to_vec()),
            effects: Effects::default(),
            news: Vec::new(),
        }
    }

    /// Lives through what the one that learns has just lived through; `told` hears every effect.
    pub(super) fn live_through(&mut self, moment: &mut Moment, told: &mut impl FnMut(&Effects)) {
        if let Some(event) = moment.readings_event() {
            self.venue.settle_funding(&moment.readings, &mut self.news);
            self.hear_venue(told);
            self.step(&event, told);
        }
        self.venue.meet(&moment.bars, &mut self.news);
        self.hear_venue(told);
        moment.with_bars_event(|event| self.step(event, told));
        for instruction in std::mem::take(&mut self.effects.instructions) {
            if self.venue.perform(&instruction, &mut self.news).is_err() {
                // The simulated venue is always there; all it can do is refuse.
                self.news.extend(rejection(&instruction));
            }
        }
        self.hear_venue(told);
    }

    fn step(&mut self, event: &Event, told: &mut impl FnMut(&Effects)) {
        self.engine.step(event, &mut self.effects);
        told(&self.effects);
    }

    fn hear_venue(&mut self, told: &mut impl FnMut(&Effects)) {
        let mut news = std::mem::take(&mut self.news);
        for heard in news.drain(..) {
            self.step(&Event::Venue(heard), told);
        }
        self.news = news;
    }
}
