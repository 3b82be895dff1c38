#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]
use domain::*;
fn main() {
    let p = std::env::args_os().skip(1).map(Into::into).collect::<Vec<_>>();
    for s in market::read(&p, &market::Wanted::all(Timestamp::from_ms(4_000_000_000_000))).unwrap()
    {
        let m = Interval::from_ms(60_000).unwrap();
        let out: Vec<String> = s
            .bars
            .iter()
            .filter(|b| Calendar::UsEquity.bars_missing(b.opened_at(), b.closed_at(), m) == 0)
            .map(|b| b.opened_at().to_string())
            .collect();
        println!("{} {} outside {:?}", s.symbol, out.len(), out);
        println!(
            "gaps {:?}",
            market::gaps(&s, Calendar::UsEquity)
                .iter()
                .map(|g| format!("{} {} {}", g.from, g.to, g.bars_missing))
                .collect::<Vec<_>>()
        );
    }
}
