//! No bytes make the reader panic, and what it says about them is one line.

mod scratch;

use market::{Wanted, write_parquet};
use proptest::prelude::*;
use scratch::{NOW, Scratch, gzip, read_as, rows};

fn check(name: &str, bytes: &[u8]) {
    match read_as(name, bytes, &Wanted::all(NOW)) {
        Ok(series) => assert!(
            series.iter().all(|one| one.bars.is_sorted_by(|a, b| a.closed_at() <= b.opened_at()))
        ),
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}

fn parquet_bytes() -> Vec<u8> {
    let scratch = Scratch::new();
    let path = scratch.path().join("XY-1h.parquet");
    let series =
        read_as("XY-1h.csv", rows(50), &Wanted::all(NOW)).expect("rows are good").remove(0);
    write_parquet(&path, &series).expect("it can be written");
    std::fs::read(path).expect("it can be read")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check("XY-1h.csv", &bytes);
        check("XY.csv", &[b"ts,open,high,low,close,volume\n", bytes.as_slice()].concat());
        check("XY-1h.csv.gz", &gzip(&bytes));
        check("XY-1h.csv.gz", &[&[0x1f, 0x8b, 8, 0], bytes.as_slice()].concat());
        check("XY-1h.parquet", &[b"PAR1", bytes.as_slice(), b"PAR1"].concat());
    }

    #[test]
    fn random_fields_never_panic(text in "([0-9./:TZ AMPé\",;+-]{0,24},){0,6}[0-9eE.+-]{0,8}\n{0,2}") {
        check("XY.csv", format!("ts,open,high,low,close,volume\n{text}").as_bytes());
        check("XY.csv", format!("date;time;open;high;low;close\n{text}").as_bytes());
    }

    #[test]
    fn damaged_good_files_never_panic(at in 0.0..1.0_f64, byte in any::<u8>(), cut in any::<bool>()) {
        let packed = gzip(rows(50).as_bytes());
        for (name, mut bytes) in [("XY-1h.csv", rows(50).into_bytes()), ("XY-1h.csv.gz", packed), ("XY-1h.parquet", parquet_bytes())] {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            check(name, &bytes);
        }
    }
}
