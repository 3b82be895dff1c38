//! A learner that says nonsense is frozen in the loop: by a version of its own, and it hears on.

use domain::{
    Amendment, Calendar, Change, Cycle, Effects, Event, Evidence, Instrument, InstrumentKind,
    Interval, Margin, Outcome, Policy, PolicyVersion, Reason, SilencedBy, SymbolIx, TimedBar,
    Timestamp, decimal,
};
use learn::{Learner, LearnerReport};

use crate::{Engine, Settings};

/// Wants the hours to count for what is no number, at every bar.
struct Liar {
    heard: u64,
}

impl Learner for Liar {
    fn name(&self) -> &'static str {
        "liar"
    }

    fn cycle(&self) -> Cycle {
        Cycle::EachBar
    }

    fn observe(&mut self, _: &Outcome) {
        self.heard += 1;
    }

    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        vec![Amendment {
            learner: self.name().to_owned(),
            change: Change::HourFactors(vec![f64::NAN; 24]),
            evidence: Evidence::of(100, 100.0),
        }]
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        LearnerReport { heard: self.heard, ..LearnerReport::default() }
    }

    fn adopt(&mut self, _: &PolicyVersion) {}

    fn save(&self) -> Vec<u8> {
        self.heard.to_le_bytes().to_vec()
    }

    fn load(&mut self, _: &[u8]) -> bool {
        true
    }
}

fn instrument() -> Instrument {
    Instrument {
        symbol: "AAA".to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: decimal(0.0001),
        step: decimal(0.0001),
        notional_min: decimal(5.0),
        kind: InstrumentKind::Spot,
        margin: Margin::NONE,
        has_volume: true,
    }
}

#[test]
fn a_learner_that_says_nonsense_twice_is_frozen_and_hears_on() {
    let mut engine = Engine::new(Settings::default(), vec![instrument()]);
    engine.learners.push(Box::new(Liar { heard: 0 }));
    let market = scenarios::Market::Trending { volatility: 0.008, carry: 0.25 };
    let all = scenarios::bars(1, market, Interval::HOUR, scenarios::BEGIN, 800);
    let (mut effects, mut refused, mut frozen) = (Effects::default(), 0, Vec::new());
    for bar in all {
        let bars = vec![TimedBar { symbol: SymbolIx(0), bar }];
        engine.step(&Event::Bars { closed_at: bar.closed_at(), bars }, &mut effects);
        refused += effects.refused.len();
        let silenced = effects.versions.iter().filter(|v| v.reason == Reason::Silenced);
        frozen.extend(silenced.map(|version| version.at));
    }
    assert_eq!(refused, 2, "it is asked no more");
    assert_eq!(frozen, [scenarios::BEGIN.plus_ms(3 * scenarios::HOUR_MS)], "at the next bar, once");
    let silence = &engine.policy().silenced[0];
    assert_eq!(silence.learner, "liar");
    assert!(matches!(&silence.by, SilencedBy::Watchdog(why) if why.contains("nonsense")));
    let heard = engine.learned().learners.pop().expect("it is the last");
    assert_ne!(heard.1, 0_u64.to_le_bytes(), "a frozen learner hears on");
}
