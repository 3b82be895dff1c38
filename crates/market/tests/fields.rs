//! A row that has more fields than its header is refused: where a comma stands for decimals among commas,
//! every number after it lies under another name, and may well make a bar.

mod scratch;

use domain::SymbolIx;
use market::{Wanted, read_series};
use scratch::{NOW, Scratch, read_one};

const HEAD: &str = "ts,open,high,low,close,volume\n";
const GOOD: &str = "1600000000000,10.5,11,9,10.25,100\n";

#[test]
fn a_decimal_comma_among_commas_makes_no_bar() {
    for row in ["1600003600000,10.5,11,9,10,25,100", "1600003600000,10.5,11,9,10.25,100,5"] {
        let one = read_one(&format!("{HEAD}{GOOD}{row}\n"));
        assert_eq!((one.bars.len(), one.refusals.total()), (1, 1), "{row}: {:?}", one.bars.last());
        let refusal = &one.refusals.kept()[0];
        assert_eq!((refusal.row, refusal.reason.kind()), (3, "too many fields"));
        assert_eq!(refusal.reason.to_string(), "the row has 7 fields, the header 6");
    }
}

#[test]
fn empty_fields_at_the_end_and_quoted_commas_are_no_fields_too_many() {
    let rows = "1600003600000,10.5,11,9,10.25,100,\n1600007200000,10.5,11,9,10.25,100, ,\"\"\n";
    let one = read_one(&format!("{HEAD}{GOOD}{rows}"));
    assert_eq!((one.bars.len(), one.refusals.total()), (3, 0), "{:?}", one.refusals);
    let named = "ts,name,open,high,low,close,volume\n1600000000000,\"a, b\",10.5,11,9,10.25,100\n";
    assert_eq!(read_one(named).refusals.total(), 0);
}

#[test]
fn a_reading_with_a_decimal_comma_is_refused_too() {
    let scratch = Scratch::new();
    let path =
        scratch.put("XY-funding.csv", "ts,funding_rate\n1600000000000,0.0001\n1600028800000,0,5\n");
    let told = read_series(&[path], &["XY".to_owned()], &Wanted::all(NOW)).unwrap();
    assert_eq!((told.readings.len(), told.refusals.total()), (1, 1));
    assert_eq!(told.readings[0].symbol, Some(SymbolIx(0)));
    assert_eq!(told.refusals.kept()[0].reason.kind(), "too many fields");
}
