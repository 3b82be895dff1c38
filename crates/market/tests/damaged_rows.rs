//! However many rows are damaged, the others make the series, and each damaged one is counted and named.

mod scratch;

use market::{Series, Wanted};
use proptest::prelude::*;
use scratch::{NOW, read_as};

/// What happens to a row.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut,
    Letters,
    NotFinite,
    Negative,
    HighBelowLow,
    NoTime,
    Nanoseconds,
    Future,
    Twice,
    Blank,
    StrayQuote,
    Binary,
}

const ALL: [Damage; 12] = [
    Damage::Cut,
    Damage::Letters,
    Damage::NotFinite,
    Damage::Negative,
    Damage::HighBelowLow,
    Damage::NoTime,
    Damage::Nanoseconds,
    Damage::Future,
    Damage::Twice,
    Damage::Blank,
    Damage::StrayQuote,
    Damage::Binary,
];

fn row(hour: i64, price: f64) -> String {
    let ts = 1_600_000_000_000 + hour * 3_600_000;
    format!("{ts},{price},{},{},{price},{}", price + 1.0, price - 1.0, price * 3.0)
}

/// The row as it is found. A blank line is no row; one that comes twice
/// with other numbers is refused the second time.
fn damaged(damage: Damage, hour: i64, price: f64) -> String {
    let good = row(hour, price);
    let fields: Vec<&str> = good.split(',').collect();
    let with = |at: usize, text: &str| {
        let mut fields = fields.clone();
        fields[at] = text;
        fields.join(",")
    };
    match damage {
        Damage::Cut => fields[..4].join(","),
        Damage::Letters => with(4, "1o.5"),
        Damage::NotFinite => with(2, "inf"),
        Damage::Negative => with(5, "-3"),
        Damage::HighBelowLow => with(2, "1"),
        Damage::NoTime => with(0, "yesterday"),
        Damage::Nanoseconds => with(0, &format!("{}000000", fields[0])),
        Damage::Future => with(0, "1999999999999"),
        Damage::Twice => row(0, 5_000.0),
        Damage::Blank => String::new(),
        Damage::StrayQuote => with(1, "\"10"),
        Damage::Binary => with(3, "\u{1}\u{fffd}"),
    }
}

fn read(lines: &[String]) -> Series {
    let text = format!("ts,open,high,low,close,volume\n{}\n", lines.join("\n"));
    read_as("XY-1h.csv", text, &Wanted::all(NOW)).expect("one row is good").remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn sixty_rows_of_a_hundred_damaged_leave_the_other_forty(
        chances in prop::collection::vec((0.0..1.0_f64, prop::sample::select(ALL.to_vec())), 20..200),
    ) {
        let (mut all, mut clean, mut bad) = (vec![row(0, 100.0)], vec![row(0, 100.0)], Vec::new());
        for ((chance, damage), hour) in chances.iter().zip(1..) {
            let price = 100.0 + (hour % 17) as f64;
            if *chance >= 0.6 {
                all.push(row(hour, price));
                clean.push(row(hour, price));
                continue;
            }
            all.push(damaged(*damage, hour, price));
            if !matches!(damage, Damage::Blank) {
                // The header is line 1.
                bad.push(all.len() as u64 + 1);
            }
        }
        let (found, expected) = (read(&all), read(&clean));
        prop_assert_eq!(&found.bars, &expected.bars);
        prop_assert_eq!(&found.hash, &expected.hash);
        prop_assert_eq!((found.price_decimals, found.volume_decimals), (expected.price_decimals, expected.volume_decimals));
        prop_assert_eq!(expected.refusals.total(), 0);
        let named: Vec<u64> = found.refusals.kept().iter().map(|refusal| refusal.row).collect();
        prop_assert_eq!(named, bad);
        prop_assert_eq!(found.refusals.by_kind().values().sum::<u64>(), found.refusals.total());
        prop_assert!(found.refusals.kept().iter().all(|refusal| refusal.file.ends_with("XY-1h.csv")));
    }
}
