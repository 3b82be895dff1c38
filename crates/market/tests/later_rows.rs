//! What an importer makes of a row does not depend on the rows after it: not its price, not its length,
//! not its adjustment. A source's own factors are on trial as it had them at each moment.

mod scratch;

use domain::{Bar, Timestamp};
use market::{Series, Wanted};
use scratch::{NOW, read_as, shared};

fn read_until(folder: &std::path::Path, to: Option<Timestamp>) -> Vec<Series> {
    let wanted = Wanted { to, ..Wanted::all(NOW) };
    market::read(&[folder.to_owned()], &wanted).expect("real bars can be read")
}

/// Places to cut at: all over the file, and around each split and dividend.
fn cuts(series: &Series) -> Vec<Timestamp> {
    let bars = &series.bars;
    let spread = (1..12).map(|part| bars[bars.len() * part / 12].opened_at());
    let around = series.adjustments().iter().rev().take(4).map(|one| one.at);
    spread.chain(around).collect()
}

#[test]
fn real_shares_read_up_to_a_moment_are_the_same_shares() {
    let name = "real_shares_read_up_to_a_moment_are_the_same_shares";
    let Some(folder) = shared("us-equity-1h", name) else { return };
    let whole = read_until(&folder, None);
    for cut in whole.iter().flat_map(cuts) {
        for (one, short) in whole.iter().zip(read_until(&folder, Some(cut))) {
            let known = one.bars.partition_point(|bar| bar.opened_at() < cut);
            assert_eq!(short.bars.len(), known, "{} until {cut}", one.symbol);
            let apart = short.bars.iter().zip(&one.bars).find(|(short, whole)| short != whole);
            assert!(apart.is_none(), "{} until {cut}: {apart:?}", one.symbol);
        }
    }
}

/// Closes that were traded, and what each bar's owner later got for one share: splits and dividends.
fn traded(count: usize) -> Vec<(f64, f64)> {
    let events = [(60, 0.5), (130, 0.9871), (200, 0.9893), (270, 1.0 / 7.0), (340, 0.9902)];
    let walk = |at: usize| 90.0 + ((at * 7_919) % 1_013) as f64 * 0.01;
    let event = |at: usize| events.iter().find(|(day, _)| *day == at).map_or(1.0, |(_, f)| *f);
    (0..count).map(|at| (walk(at), event(at))).collect()
}

/// The file as its source had it when so many bars were known: factors end at one.
fn file(rows: &[(f64, f64)]) -> String {
    let mut text = "ts,open,high,low,close,volume,adj_factor\n".to_owned();
    for (at, (price, _)) in rows.iter().enumerate() {
        let factor: f64 = rows[at + 1..].iter().map(|(_, event)| event).product();
        let ts = 1_600_000_000_000_i64 + at as i64 * 3_600_000;
        text.push_str(&format!("{ts},{price},{price},{price},{price},1000,{factor}\n"));
    }
    text
}

fn closes(text: String) -> Vec<f64> {
    let series = read_as("XY-1h.csv", text, &Wanted::all(NOW)).expect("good rows").remove(0);
    series.bars.iter().map(Bar::close).collect()
}

fn furthest_apart(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max)
}

/// A source divides all its factors anew at each dividend, so the last bits of a ratio of two of them are
/// its rounding. Beyond that nothing moves.
#[test]
fn a_price_knows_no_later_split_or_dividend() {
    let rows = traded(400);
    let whole = closes(file(&rows));
    for known in [50, 59, 60, 61, 131, 199, 201, 269, 271, 339, 341] {
        let then = closes(file(&rows[..known]));
        let apart = furthest_apart(&then, &whole);
        eprintln!("{known} bars: {apart:e} apart");
        assert!(apart < 1e-14, "{known} bars: {apart:e} apart");
    }
}

/// The check would see it: prices multiplied by their factors, as charts show them, move with every later
/// split.
#[test]
fn prices_adjusted_from_the_end_are_caught() {
    let adjusted = |text: String| {
        let mut lines = text.lines();
        let mut other = lines.next().unwrap().replace(",adj_factor", "") + "\n";
        for line in lines {
            let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            let price = cells[4] * cells[6];
            other.push_str(&format!("{},{price},{price},{price},{price},1000\n", cells[0]));
        }
        other
    };
    let rows = traded(400);
    let whole = closes(adjusted(file(&rows)));
    let caught = [59, 131, 201, 271]
        .map(|known| furthest_apart(&closes(adjusted(file(&rows[..known]))), &whole) > 1e-3);
    assert_eq!(caught, [true; 4]);
}
