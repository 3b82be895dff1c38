//! Splits and dividends: prices that know nothing of what came after them.

mod scratch;

use market::{Series, Wanted};
use scratch::{NOW, Scratch, read_as, shared};

fn closes(series: &Series) -> Vec<f64> {
    series.bars.iter().map(domain::Bar::close).collect()
}

/// A split of two for one before the third bar, in files that adjust backward.
fn text(rows: &[(i64, f64, f64, f64)]) -> String {
    let mut text = "ts,open,high,low,close,volume,adj_factor\n".to_owned();
    for (hour, price, volume, factor) in rows {
        let ts = 1_600_000_000_000 + hour * 3_600_000;
        text.push_str(&format!("{ts},{price},{price},{price},{price},{volume},{factor}\n"));
    }
    text
}

const ROWS: [(i64, f64, f64, f64); 4] =
    [(0, 8.0, 100.0, 0.5), (1, 9.0, 100.0, 0.5), (2, 4.6, 200.0, 1.0), (3, 4.8, 200.0, 1.0)];

#[test]
fn a_split_is_undone_forward_and_named() {
    let one = read_as("XY-1h.csv", text(&ROWS), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(closes(&one), [8.0, 9.0, 9.2, 9.6]);
    let volumes: Vec<f64> = one.bars.iter().map(domain::Bar::volume).collect();
    assert_eq!(volumes, [100.0, 100.0, 100.0, 100.0]);
    let named: Vec<(String, f64)> =
        one.adjustments().iter().map(|one| (one.at.to_string(), one.ratio)).collect();
    assert_eq!(named, [("2020-09-13T14:26:40Z".to_owned(), 2.0)]);
    // A hundredth of the raw tick of .1, and of the raw step of 1.
    assert_eq!((one.price_decimals, one.volume_decimals), (3, 2));
}

/// What a price depends on ends with its own bar: a later split scales all factors of the file anew
/// and changes nothing here.
#[test]
fn a_later_split_changes_no_earlier_bar() {
    let before = read_as("XY-1h.csv", text(&ROWS), &Wanted::all(NOW)).unwrap().remove(0);
    let mut rows: Vec<_> = ROWS
        .iter()
        .map(|(hour, price, volume, factor)| (*hour, *price, *volume, factor / 4.0))
        .collect();
    rows.push((4, 1.2, 800.0, 1.0));
    let after = read_as("XY-1h.csv", text(&rows), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(after.bars[..4], before.bars[..]);
    assert_eq!(after.bars[4].close(), 9.6);
    assert_eq!(after.adjustments().len(), 2);
}

#[test]
fn factors_that_never_change_leave_prices_as_they_were_traded() {
    let rows = ROWS.map(|(hour, price, volume, _)| (hour, price, volume, 0.3));
    let one = read_as("XY-1h.csv", text(&rows), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((closes(&one), one.adjustments().len()), (vec![8.0, 9.0, 4.6, 4.8], 0));
    assert_eq!((one.price_decimals, one.volume_decimals), (1, 0));
}

#[test]
fn newest_first_and_several_files_are_on_one_scale() {
    let mut newest_first = ROWS;
    newest_first.reverse();
    let one = read_as("XY-1h.csv", text(&newest_first), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(closes(&one), [8.0, 9.0, 9.2, 9.6]);
    let scratch = Scratch::new();
    scratch.put("XY-1h-2.csv", text(&ROWS[..2]));
    scratch.put("XY-1h-1.csv", text(&ROWS[2..]));
    let one = scratch.read(&Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!(closes(&one), [8.0, 9.0, 9.2, 9.6]);
}

#[test]
fn the_same_price_under_another_factor_is_a_conflict() {
    let rows = [ROWS[0], (0, 8.0, 100.0, 0.25), ROWS[1]];
    let one = read_as("XY-1h.csv", text(&rows), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((closes(&one), one.refusals.total()), (vec![8.0, 9.0], 1));
    assert_eq!(one.refusals.kept()[0].reason.kind(), "conflicting duplicate");
}

#[test]
fn splits_of_real_shares_leave_no_jump() {
    let Some(folder) = shared("us-equity-1d", "splits_of_real_shares_leave_no_jump") else {
        return;
    };
    let all = market::read(&[folder], &Wanted::all(NOW)).unwrap();
    let counts: Vec<_> =
        all.iter().map(|one| (one.symbol.as_str(), one.adjustments().len())).collect();
    let told = [("AAPL", 39), ("AIG", 79), ("EEM", 37), ("IWM", 87), ("SPY", 94), ("USO", 1)];
    assert_eq!(counts, told);
    let apple = &all[0];
    let splits: Vec<(String, f64)> = apple
        .adjustments()
        .iter()
        .filter(|one| one.ratio > 1.5)
        .map(|one| (one.at.to_string()[..10].to_owned(), one.ratio.round()))
        .collect();
    let days = ["2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31"];
    let told: Vec<(String, f64)> =
        days.iter().zip([2.0, 2.0, 7.0, 4.0]).map(|(day, of)| ((*day).to_owned(), of)).collect();
    assert_eq!(splits, told);
    for one in apple.adjustments().iter().filter(|one| one.ratio > 1.5) {
        let at = apple.bars.iter().position(|bar| bar.opened_at() == one.at).unwrap();
        let step = apple.bars[at].open() / apple.bars[at - 1].close();
        assert!((0.9..1.1).contains(&step), "{}: {step}", one.at);
    }
    // The first bar is as it was traded; the source's prices have four decimals, these two more.
    assert!(apple.bars[0].close() > 10.0 && apple.bars[0].close() < 20.0);
    assert_eq!(apple.price_decimals, 6);
}
