//! A10 in the loop: a version that hurts, put into a market where it must, is taken back by the engine itself.

use domain::{
    Amendment, Calendar, Change, Effects, Event, Evidence, GatePolicy, HEAD_COUNT, HeadName,
    Instrument, InstrumentKind, Interval, Margin, Money, Outcome, Policy, PolicyVersion, Reason,
    SymbolIx, Threshold, TimedBar, Timestamp, decimal,
};
use laws::Costs;
use learn::LearnRules;
use scenarios::{Market, bars};

use crate::{Engine, Settings};

const START: Timestamp = Timestamp::from_ms(1_600_000_000_000 / 3_600_000 * 3_600_000);
const WARM_BARS: usize = 300;

fn instrument(symbol: &str) -> Instrument {
    Instrument {
        symbol: symbol.to_owned(),
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

/// What an engine published and heard.
struct Lived {
    engine: Engine,
    versions: Vec<PolicyVersion>,
    outcomes: Vec<Outcome>,
}

/// An engine too poor to trade, so that all is followed as shadows, lives through a market of four symbols;
/// once it is warm `bad` stands, as if somebody had learned it.
fn live(
    settings: Settings,
    market: Market,
    count: usize,
    bad: impl Fn(&Policy) -> Change,
) -> Lived {
    const SYMBOLS: [&str; 4] = ["AAA", "BBB", "CCC", "DDD"];
    // Nobody else learns anything, so that what becomes of it is this learner's doing.
    let learn = LearnRules { outcomes_min: 1e9, ..settings.learn };
    let equity_start = Money::new(1, 0);
    let settings = Settings { equity_start, explore_fraction: 0.0, learn, ..settings };
    let mut engine = Engine::new(settings, SYMBOLS.map(instrument).to_vec());
    let series: Vec<_> =
        (0..4).map(|seed| bars(seed, market, Interval::HOUR, START, count)).collect();
    let (mut versions, mut outcomes, mut effects) = (Vec::new(), Vec::new(), Effects::default());
    for at in 0..count {
        let timed = |(symbol, bars): (usize, &Vec<domain::Bar>)| TimedBar {
            symbol: SymbolIx(symbol as u16),
            bar: bars[at],
        };
        let bars: Vec<TimedBar> = series.iter().enumerate().map(timed).collect();
        let closed_at = bars[0].bar.closed_at();
        engine.step(&Event::Bars { closed_at, bars }, &mut effects);
        versions.append(&mut effects.versions);
        outcomes.append(&mut effects.outcomes);
        if at == WARM_BARS {
            let change = bad(&engine.state.policy);
            inject(&mut engine, change, closed_at, &mut effects);
        }
    }
    Lived { engine, versions, outcomes }
}

fn inject(engine: &mut Engine, change: Change, at: Timestamp, effects: &mut Effects) {
    let standing = &engine.state.policy;
    let mut policy = Policy { version: standing.version + 1, ..standing.clone() };
    match &change {
        Change::HeadWeights(weights) => policy.head_weights = *weights,
        Change::Threshold { threshold, to } => threshold.set(&mut policy.gates, *to),
        other => panic!("{other:?} is not injected"),
    }
    let evidence = Evidence::of(100, 100.0);
    let amendment = Amendment { learner: "stranger".to_owned(), change, evidence };
    engine.stand(PolicyVersion { policy, at, reason: Reason::Learned(vec![amendment]) }, effects);
}

fn steps_back(versions: &[PolicyVersion]) -> usize {
    let is_back = |amendment: &Amendment| matches!(amendment.change, Change::TakeBack(_));
    versions.iter().filter(|version| version.reason.amendments().iter().any(is_back)).count()
}

#[test]
fn a_gate_that_was_opened_to_losers_is_closed_again() {
    // A round trip takes half of what is risked: whatever is let in loses.
    let settings = Settings {
        costs: Costs { taker_bps: 50.0, ..Costs::default() },
        gates: GatePolicy { fee_margin: 0.0, ..GatePolicy::default() },
        ..Settings::default()
    };
    let market = Market::Walk { volatility: 0.008 };
    let lived = live(settings, market, 2_500, |_| Change::Threshold {
        threshold: Threshold::Conviction,
        to: 0.15,
    });
    assert!(steps_back(&lived.versions) > 1, "{} steps back", steps_back(&lived.versions));
    let stands = lived.engine.policy().gates.conviction_min;
    assert!((stands / 0.60 - 1.0).abs() < 0.01, "{stands}");
    let differing = |outcome: &&Outcome| outcome.basis.stake != outcome.basis.stake_before;
    let lost = lived.outcomes.iter().filter(differing).map(|outcome| outcome.r).sum::<f64>();
    assert!(lost < 0.0, "{lost}");
}

#[test]
fn weights_turned_to_a_head_that_is_wrong_are_turned_back() {
    let settings = Settings {
        gates: GatePolicy {
            conviction_min: 0.2,
            confluence_min: 0.0,
            fee_margin: 0.0,
            ..GatePolicy::default()
        },
        ..Settings::default()
    };
    let market = Market::Trending { volatility: 0.01, carry: 0.8 };
    let mut wrong = [0.55 / 5.0; HEAD_COUNT];
    for right in [HeadName::Trend, HeadName::Momentum, HeadName::Breakout] {
        wrong[right.at()] = 0.05;
    }
    wrong[HeadName::MeanReversion.at()] = 0.30;
    let lived = live(settings, market, 2_500, |_| Change::HeadWeights(wrong));
    let stands = lived.engine.policy().head_weights[HeadName::MeanReversion.at()];
    assert!(steps_back(&lived.versions) > 0);
    assert!(stands < 0.15, "{stands}");
}

#[test]
fn while_nothing_is_on_trial_both_stakes_are_one() {
    let market = Market::Walk { volatility: 0.008 };
    let lived = live(Settings::default(), market, WARM_BARS, |_| {
        panic!("nothing is learned before it is warm")
    });
    let first = || lived.outcomes.iter().filter(|outcome| outcome.basis.policy_version == 1);
    assert!(first().count() > 50);
    assert!(first().all(|outcome| outcome.basis.stake == outcome.basis.stake_before));
}
