//! News of a venue that come late, twice or in the wrong order: what is owned is what the venue's own
//! ledger says, to the last digit, and what is held is what the venue holds.

mod theatre;

use std::collections::BTreeMap;

use domain::{
    Effects, Event, Instrument, InstrumentKind, Leg, Money, Reading, Series, Side, VenueNews,
    decimal,
};
use engine::{Engine, Settings};
use laws::Costs;
use scenarios::Dice;
use theatre::{eager, events, instrument, two_symbols};
use venue::{BarDriven, Faults, SimulatedVenue, Venue};

/// An engine, a venue, and between them a post that loses nothing but keeps no time.
struct Post {
    engine: Engine,
    venue: SimulatedVenue,
    dice: Dice,
    /// Sent and not yet delivered, in order.
    late: Vec<VenueNews>,
    /// Delivered already, and perhaps once more.
    delivered: Vec<VenueNews>,
    ledger: Money,
    cash: Money,
    parts: u32,
}

impl Post {
    fn new(seed: u64) -> Post {
        let costs = Costs {
            volume_fraction_max: 0.004,
            entry_bars_max: 1 + (seed % 4) as u32,
            latency_ms: [0, 90_000, 3_600_000][seed as usize % 3],
            ..Costs::default()
        };
        let settings = Settings { seed, costs, ..eager() };
        let perpetual = |name| Instrument { kind: InstrumentKind::Perpetual, ..instrument(name) };
        let instruments = vec![perpetual("AAA"), perpetual("BBB")];
        let faults = Faults { lost_fraction: 0.2, absent_fraction: 0.3 };
        let start = settings.equity_start;
        Post {
            venue: SimulatedVenue::new(instruments.clone(), costs, seed).with_faults(faults),
            engine: Engine::new(settings, instruments),
            dice: Dice::new(seed),
            late: Vec::new(),
            delivered: Vec::new(),
            ledger: start,
            cash: start,
            parts: 0,
        }
    }

    /// What the venue says is booked in its ledger at once; the engine hears it when the post comes.
    fn send(&mut self, mut news: Vec<VenueNews>) {
        for said in &news {
            match said {
                VenueNews::Fill(fill) => {
                    let value = fill.price * fill.quantity;
                    self.ledger -= if fill.side == Side::Long { value } else { -value };
                    self.ledger -= fill.fee;
                    self.parts += u32::from(fill.leg == Leg::Entry);
                }
                VenueNews::Funding(paid) => self.ledger -= paid.amount,
                VenueNews::Order { .. } => {}
            }
        }
        if self.dice.happens(0.5) {
            let is_exit =
                |news: &VenueNews| matches!(news, VenueNews::Fill(fill) if fill.leg != Leg::Entry);
            // Exits are told before the entries they close.
            news.sort_by_key(|news| !is_exit(news));
        }
        self.late.append(&mut news);
    }

    /// Delivers some of what is under way, in order, and some of what was delivered once more.
    fn deliver(&mut self, all: bool) {
        let count = if all {
            self.late.len()
        } else {
            self.dice.below(self.late.len() as u64 + 2) as usize
        };
        let due: Vec<VenueNews> = self.late.drain(..count.min(self.late.len())).collect();
        for news in due {
            self.step(&Event::Venue(news));
            self.delivered.push(news);
            if self.dice.happens(0.3) {
                let again = self.dice.below(self.delivered.len() as u64) as usize;
                self.step(&Event::Venue(self.delivered[again]));
            }
        }
    }

    fn step(&mut self, event: &Event) {
        let mut effects = Effects::default();
        self.engine.step(event, &mut effects);
        self.cash = effects.equity.map_or(self.cash, |point| point.cash);
        let mut news = Vec::new();
        for instruction in &effects.instructions {
            self.venue.perform(instruction, &mut news).expect("it takes what it is asked");
        }
        self.send(news);
    }

    fn bars(&mut self, event: &Event, all: bool) {
        let Event::Bars { bars, closed_at } = event else { return };
        let mut news = Vec::new();
        self.venue.meet(bars, &mut news);
        self.send(news);
        self.deliver(all);
        self.step(event);
        self.deliver(all);
        if self.dice.happens(0.1) {
            let value = 0.001 * (self.dice.uniform() - 0.4);
            let rate = Reading { at: *closed_at, symbol: None, series: Series::Funding, value };
            let mut news = Vec::new();
            self.venue.settle_funding(&[rate], &mut news);
            self.send(news);
            self.step(&Event::Readings(vec![rate]));
        }
    }
}

#[test]
fn late_repeated_and_swapped_news_lose_no_cent_and_no_position() {
    let mut parts = 0;
    for seed in 0..40 {
        let mut post = Post::new(seed);
        let all = events(&two_symbols(seed, 500));
        let (wild, calm) = all.split_at(all.len() - 20);
        wild.iter().for_each(|event| post.bars(event, false));
        calm.iter().for_each(|event| post.bars(event, true));
        post.deliver(true);
        // Everything has been heard; one more moment tells what there is.
        let Some(Event::Bars { closed_at, .. }) = all.last() else { panic!("there are bars") };
        post.step(&Event::Bars { closed_at: closed_at.plus_ms(1), bars: Vec::new() });
        assert_eq!(post.cash, post.ledger, "seed {seed}");
        let ours: BTreeMap<_, _> = (post.engine.positions().iter())
            .filter(|position| !position.quantity.is_zero())
            .map(|position| (position.decision, (position.quantity, position.stop)))
            .collect();
        let theirs: BTreeMap<_, _> = (post.venue.protected())
            .map(|(decision, quantity, stop)| (decision, (quantity, Some(stop))))
            .collect();
        assert_eq!(ours, theirs, "seed {seed}");
        assert_ne!(post.ledger, decimal(10_000.0), "seed {seed}: nothing was traded");
        parts += post.parts;
    }
    assert!(parts > 1_000, "{parts}");
}
