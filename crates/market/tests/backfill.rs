//! Files are filled from elsewhere, and nothing they hold is changed.

#![allow(clippy::unwrap_used, reason = "a test whose scaffolding fails has failed")]

mod scratch;

use market::{Cells, Filled, Series, Wanted, fill, gaps, write_table};
use scratch::{NOW, Scratch, read_as, shared};

fn bars(rows: &[(i64, f64)]) -> Series {
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for (hour, price) in rows {
        let ts = 1_600_000_000_000 + hour * 3_600_000;
        text.push_str(&format!("{ts},{price},{price},{price},{price},1\n"));
    }
    read_as("XY-1h.csv", text, &Wanted::all(NOW)).unwrap().remove(0)
}

fn told(filled: &Filled) -> String {
    let closes: Vec<String> =
        filled.series.bars.iter().map(|bar| bar.close().to_string()).collect();
    let Filled { bars_added, bars_differing, differing, .. } = filled;
    format!("{} +{bars_added} ~{bars_differing} {}", closes.join(" "), differing.len())
}

#[test]
fn gaps_are_filled_and_differing_bars_are_left_and_counted() {
    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1h.parquet");
    let fill = |rows: &[(i64, f64)]| told(&fill(&path, &bars(rows), NOW).unwrap());
    assert_eq!(fill(&[(0, 1.0), (1, 2.0), (5, 6.0)]), "1 2 6 +3 ~0 0");
    assert_eq!(fill(&[(1, 2.0), (2, 3.0), (3, 4.0)]), "1 2 3 4 6 +2 ~0 0");
    let before = std::fs::read(&path).unwrap();
    let modified = || std::fs::metadata(&path).and_then(|about| about.modified()).unwrap();
    let at = modified();
    assert_eq!(fill(&[(1, 9.0), (2, 3.0)]), "1 2 3 4 6 +0 ~1 1");
    assert_eq!((std::fs::read(&path).unwrap(), modified()), (before, at), "it is not touched");
    assert_eq!(fill(&[(4, 5.0), (5, 9.0), (6, 7.0)]), "1 2 3 4 5 6 7 +2 ~1 1");
    let again = market::read(std::slice::from_ref(&path), &Wanted::all(NOW)).unwrap().remove(0);
    assert_eq!((again.bars.len(), gaps(&again, domain::Calendar::Always).len()), (7, 0));
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing partial is left");
}

#[test]
fn another_interval_or_scale_is_refused_and_the_file_stays() {
    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1h.parquet");
    fill(&path, &bars(&[(0, 1.0), (1, 2.0)]), NOW).unwrap();
    let before = std::fs::read(&path).unwrap();
    let text = "ts,open,high,low,close,volume\n1600000000,1,1,1,1,1\n1600000900,1,1,1,1,1\n";
    let quarters = read_as("XY-15m.csv", text, &Wanted::all(NOW)).unwrap().remove(0);
    let error = fill(&path, &quarters, NOW).unwrap_err().to_string();
    assert!(
        error.ends_with("holds 1h bars, to which 15m bars cannot be added: name another folder"),
        "{error}"
    );
    let text = "ts,open,high,low,close,volume,adj_factor\n1600018000,8,8,8,8,1,0.5\n1600021600,4,4,4,4,1,1\n";
    let adjusted = read_as("XY-1h.csv", text, &Wanted::all(NOW)).unwrap().remove(0);
    let error = fill(&path, &adjusted, NOW).unwrap_err().to_string();
    assert!(error.contains("may hold prices adjusted to another scale"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// A file made of adjusted bars has no factors left, and raw bars behind it would look like a crash.
#[test]
fn a_file_of_adjusted_bars_takes_only_bars_on_its_scale() {
    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1h.parquet");
    let head = "ts,open,high,low,close,volume,adj_factor\n";
    let rows =
        ["1600000000,8,8,8,8,1,0.5\n", "1600003600,4,4,4,4,1,1\n", "1600007200,5,5,5,5,1,1\n"];
    let adjusted = |count: usize| {
        let text = head.to_owned() + &rows[..count].concat();
        read_as("XY-1h.csv", text, &Wanted::all(NOW)).unwrap().remove(0)
    };
    assert_eq!(told(&fill(&path, &adjusted(2), NOW).unwrap()), "8 8 +2 ~0 0");
    let refused = || fill(&path, &bars(&[(5, 6.0)]), NOW).unwrap_err().to_string();
    assert!(refused().contains("may hold prices adjusted to another scale"), "{}", refused());
    assert_eq!(told(&fill(&path, &adjusted(3), NOW).unwrap()), "8 8 10 +1 ~0 0");
    assert!(refused().contains("may hold prices adjusted to another scale"), "{}", refused());
}

/// Whether or not the factors ever change: a file that tells them loses them when it is written anew.
#[test]
fn a_file_that_tells_factors_is_refused_and_stays() {
    for factors in [[0.5, 1.0], [0.5, 0.5], [1.0, 1.0]] {
        let scratch = Scratch::new();
        let path = scratch.path().join("XY-1h.parquet");
        let mut columns = vec![(
            "ts".to_owned(),
            Cells::Whole(vec![Some(1_600_000_000_000), Some(1_600_003_600_000)]),
        )];
        for name in ["open", "high", "low", "close"] {
            columns.push((name.to_owned(), Cells::Real(vec![Some(8.0), Some(4.0)])));
        }
        columns.push(("adj_factor".to_owned(), Cells::Real(factors.map(Some).to_vec())));
        write_table(&path, &columns).unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = fill(&path, &bars(&[(5, 4.5)]), NOW).unwrap_err().to_string();
        assert!(
            error.ends_with("has a column adj_factor, which filling it would lose: import it together with the new files into another folder"),
            "{error}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn real_bars_with_every_seventh_missing_become_whole_again() {
    let name = "real_bars_with_every_seventh_missing_become_whole_again";
    let Some(folder) = shared("binance-spot-1h-2017", name) else { return };
    let whole = market::read(&[folder], &Wanted::all(NOW)).unwrap().remove(0);
    let scratch = Scratch::new();
    let path = scratch.path().join("BTCUSDT-1h.parquet");
    let mut holed = whole.clone();
    let mut at = 0;
    holed.bars.retain(|_| {
        at += 1;
        at % 7 != 0
    });
    market::write_parquet(&path, &holed).unwrap();
    let filled = fill(&path, &whole, NOW).unwrap();
    assert_eq!(filled.bars_added as usize, whole.bars.len() - holed.bars.len());
    assert_eq!((filled.bars_differing, &filled.series.hash), (0, &whole.hash));
}
