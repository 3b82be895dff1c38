//! Nothing decided rests on what was not yet known: cutting the data, or changing it after a moment,
//! changes nothing decided before it. The same checks catch planted peeking.

mod theatre;

use domain::{Bar, Interval, RawBar, Timestamp};
use engine::Settings;
use forecast::{FEATURES, Feature, FeatureRow, FeatureSet};
use scenarios::Dice;
use theatre::{Told, run, two_symbols};

const BARS: usize = 700;
const CUTS: usize = 24;

/// Bars from `cut` on as another history might have brought them.
fn altered(bars: &[Bar], cut: usize, seed: u64) -> Vec<Bar> {
    let mut dice = Dice::new(seed);
    let mut changed = bars[..cut].to_vec();
    for bar in &bars[cut..] {
        let factor = 0.5 + dice.uniform();
        let raw = bar.raw();
        let volume = raw.volume * (0.1 + 3.0 * dice.uniform());
        let other = RawBar {
            opened_at: raw.opened_at,
            open: raw.open * factor,
            high: raw.high * factor,
            low: raw.low * factor,
            close: raw.close * factor,
            volume,
            taker_buy_volume: raw.taker_buy_volume.map(|_| volume * dice.uniform()),
            flow: raw.flow.map(|flow| flow * dice.uniform()),
        };
        changed.push(Bar::admit(other, Interval::HOUR).expect("scaled bars make sense"));
    }
    changed
}

/// What had been decided, with rows and outcomes, when the bar before `cut` closed.
fn known_by(told: &Told, series: &[Vec<Bar>], cut: usize) -> Told {
    let moment = series[0][cut - 1].closed_at();
    let heard = |times: &[Timestamp]| times.partition_point(|heard| *heard <= moment);
    let decided = told.decisions.partition_point(|decision| decision.decided_at <= moment);
    let (outcomes, horizons) = (heard(&told.outcomes_heard), heard(&told.horizons_heard));
    // An order that was asked for in time may be answered at the next open, which is later.
    let trades = told.trades.iter().take_while(|trade| trade.closed_at < moment);
    Told {
        decisions: told.decisions[..decided].to_vec(),
        rows: told.rows[..decided].to_vec(),
        outcomes: told.outcomes[..outcomes].to_vec(),
        outcomes_heard: told.outcomes_heard[..outcomes].to_vec(),
        horizons: told.horizons[..horizons].to_vec(),
        horizons_heard: told.horizons_heard[..horizons].to_vec(),
        trades: trades.cloned().collect(),
        versions: told
            .versions
            .iter()
            .take_while(|version| version.at <= moment)
            .cloned()
            .collect(),
    }
}

/// Where the future shows in the past, if anywhere. `see` is the path by which bars reach the engine.
fn first_leak(see: impl Fn(&[Bar]) -> Vec<Bar>) -> Option<usize> {
    let series = two_symbols(11, BARS);
    let played = |series: &[Vec<Bar>]| {
        let seen: Vec<Vec<Bar>> = series.iter().map(|bars| see(bars)).collect();
        run(Settings::default(), &seen).told
    };
    let whole = played(&series);
    let mut dice = Dice::new(99);
    (0..CUTS).map(|_| 100 + dice.below(BARS as u64 - 110) as usize).find(|&cut| {
        let short: Vec<Vec<Bar>> = series.iter().map(|bars| bars[..cut].to_vec()).collect();
        let other: Vec<Vec<Bar>> =
            series.iter().map(|bars| altered(bars, cut, cut as u64)).collect();
        let expected = known_by(&whole, &series, cut);
        [short, other].iter().any(|history| known_by(&played(history), &series, cut) != expected)
    })
}

#[test]
fn what_comes_later_changes_nothing_decided_before() {
    assert_eq!(first_leak(<[Bar]>::to_vec), None);
}

/// A peek of one bar, planted where bars come in: taker volume tells the next close.
fn peeking(bars: &[Bar]) -> Vec<Bar> {
    let peeked = |at: usize| {
        let next = bars.get(at + 1).unwrap_or(&bars[at]);
        let share = 0.5 + (next.close() / bars[at].close() - 1.0).clamp(-0.5, 0.5);
        let raw = RawBar { taker_buy_volume: Some(bars[at].volume() * share), ..*bars[at].raw() };
        Bar::admit(raw, Interval::HOUR).expect("a share of the volume makes sense")
    };
    (0..bars.len()).map(peeked).collect()
}

#[test]
fn the_check_catches_a_peek_of_one_bar() {
    assert!(first_leak(peeking).is_some());
}

/// Rows of every listed feature over a history.
fn rows(bars: &[Bar]) -> Vec<FeatureRow> {
    let (mut features, mut row) = (FeatureSet::new(), FeatureRow::default());
    bars.iter()
        .map(|bar| {
            features.hear(bar, &mut row);
            row
        })
        .collect()
}

/// The names of features whose past changes with the future.
fn leaking<T: PartialEq>(
    make: impl Fn(&[Bar]) -> Vec<Vec<T>>,
    names: &[&'static str],
) -> Vec<&'static str> {
    let bars = &two_symbols(13, BARS)[0];
    let whole = make(bars);
    let mut leaks = Vec::new();
    for cut in [60, 61, 150, 333, BARS - 1] {
        for history in [bars[..cut].to_vec(), altered(bars, cut, 5)] {
            let seen = make(&history);
            for (at, name) in names.iter().enumerate() {
                if (0..cut).any(|bar| seen[bar][at] != whole[bar][at]) && !leaks.contains(name) {
                    leaks.push(*name);
                }
            }
        }
    }
    leaks
}

fn listed(bars: &[Bar]) -> Vec<Vec<Option<f64>>> {
    rows(bars).iter().map(|row| (0..FEATURES.len()).map(|at| row.row().get(at)).collect()).collect()
}

/// A planted feature that is given the whole history and says the next bar's change.
struct Peek {
    history: Vec<Bar>,
    heard: usize,
}

impl Feature for Peek {
    fn hear(&mut self, bar: &Bar) -> Option<f64> {
        self.heard += 1;
        self.history.get(self.heard).map(|next| next.close() / bar.close() - 1.0)
    }
}

#[test]
fn no_listed_feature_knows_its_future_and_a_planted_one_is_caught() {
    let names: Vec<&'static str> = FEATURES.iter().map(|feature| feature.name).collect();
    assert_eq!(leaking(listed, &names), Vec::<&str>::new());

    let with_peek = |bars: &[Bar]| {
        let mut peek = Peek { history: bars.to_vec(), heard: 0 };
        let peeked: Vec<Option<f64>> = bars.iter().map(|bar| peek.hear(bar)).collect();
        listed(bars)
            .into_iter()
            .zip(peeked)
            .map(|(mut row, peek)| {
                row.push(peek);
                row
            })
            .collect()
    };
    let names: Vec<&'static str> = names.into_iter().chain(["planted_peek"]).collect();
    assert_eq!(leaking(with_peek, &names), ["planted_peek"]);
}
