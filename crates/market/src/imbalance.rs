//! Order-flow imbalance: what pressed on the best bid, less what pressed on the best ask.

/// The best bid and ask, and the base units offered there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// Highest price somebody buys at.
    pub bid: f64,
    /// Base units wanted there.
    pub bid_size: f64,
    /// Lowest price somebody sells at.
    pub ask: f64,
    /// Base units offered there.
    pub ask_size: f64,
}

impl Quote {
    /// Half way between bid and ask.
    pub const fn mid(&self) -> f64 {
        f64::midpoint(self.bid, self.ask)
    }

    /// Whether it is one a market can show: finite, above zero, sizes not negative, not crossed.
    pub fn makes_sense(&self) -> bool {
        let numbers = [self.bid, self.bid_size, self.ask, self.ask_size];
        numbers.iter().all(|number| number.is_finite())
            && self.bid > 0.0
            && self.bid <= self.ask
            && self.bid_size >= 0.0
            && self.ask_size >= 0.0
    }
}

/// Adds up order-flow imbalance from one quote to the next (Cont, Kukanov & Stoikov 2014). Orders that
/// arrive at the bid or cancel at the ask count for, their opposites against; a trade counts as what it
/// takes from the book.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ImbalanceMeter {
    last: Option<Quote>,
    sum: f64,
}

impl ImbalanceMeter {
    /// Adds what changed since the quote before, in base units; the first quote adds nothing.
    pub fn observe(&mut self, quote: Quote) {
        if let Some(last) = self.last.replace(quote) {
            self.sum += pressed(last, quote);
        }
    }

    /// The imbalance since the last time this was asked, which begins the next sum.
    pub const fn take(&mut self) -> f64 {
        let sum = self.sum;
        self.sum = 0.0;
        sum
    }

    /// Forgets what it saw: what changed while nobody watched is not known to have pressed.
    pub const fn reset(&mut self) {
        self.last = None;
        self.sum = 0.0;
    }

    /// The last quote seen.
    pub const fn quote(&self) -> Option<Quote> {
        self.last
    }
}

/// The paper's e_n: a better price brings its whole queue, a worse one loses the whole queue before it,
/// and the same price shows the difference.
fn pressed(last: Quote, now: Quote) -> f64 {
    let counted = |holds: bool, size: f64| if holds { size } else { 0.0 };
    let bid =
        counted(now.bid >= last.bid, now.bid_size) - counted(now.bid <= last.bid, last.bid_size);
    let ask =
        counted(now.ask <= last.ask, now.ask_size) - counted(now.ask >= last.ask, last.ask_size);
    bid - ask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(bid: f64, bid_size: f64, ask: f64, ask_size: f64) -> Quote {
        Quote { bid, bid_size, ask, ask_size }
    }

    /// What a change from 10 × 3 / 11 × 5 adds.
    fn check(next: Quote, told: f64) {
        let mut meter = ImbalanceMeter::default();
        meter.observe(quote(10.0, 3.0, 11.0, 5.0));
        meter.observe(next);
        assert_eq!(meter.take(), told, "{next:?}");
        assert_eq!(meter.take(), 0.0);
        assert_eq!(meter.quote(), Some(next));
    }

    #[test]
    fn each_event_presses_as_the_paper_says() {
        check(quote(10.0, 3.0, 11.0, 5.0), 0.0);
        // An order joins the bid, a part of it leaves.
        check(quote(10.0, 7.0, 11.0, 5.0), 4.0);
        check(quote(10.0, 1.0, 11.0, 5.0), -2.0);
        // A better bid brings its queue, a lost one loses the old queue.
        check(quote(10.5, 2.0, 11.0, 5.0), 2.0);
        check(quote(9.5, 8.0, 11.0, 5.0), -3.0);
        // The ask is the mirror image.
        check(quote(10.0, 3.0, 11.0, 9.0), -4.0);
        check(quote(10.0, 3.0, 11.0, 2.0), 3.0);
        check(quote(10.0, 3.0, 10.5, 2.0), -2.0);
        check(quote(10.0, 3.0, 11.5, 8.0), 5.0);
        // Both at once.
        check(quote(11.0, 1.0, 12.0, 4.0), 6.0);
    }

    #[test]
    fn the_first_quote_presses_nothing_and_sums_add_up() {
        let mut meter = ImbalanceMeter::default();
        assert_eq!((meter.take(), meter.quote()), (0.0, None));
        meter.observe(quote(10.0, 3.0, 11.0, 5.0));
        assert_eq!(meter.take(), 0.0);
        meter.observe(quote(10.0, 4.0, 11.0, 5.0));
        meter.observe(quote(10.0, 4.0, 11.0, 3.0));
        assert_eq!(meter.take(), 3.0);
        meter.reset();
        assert_eq!((meter.take(), meter.quote()), (0.0, None));
        meter.observe(quote(20.0, 4.0, 21.0, 3.0));
        assert_eq!(meter.take(), 0.0);
    }

    #[test]
    fn a_crossed_or_hollow_quote_makes_no_sense() {
        assert!(quote(10.0, 0.0, 10.0, 1.0).makes_sense());
        assert!(!quote(11.0, 1.0, 10.0, 1.0).makes_sense());
        assert!(!quote(0.0, 1.0, 10.0, 1.0).makes_sense());
        assert!(!quote(9.0, -1.0, 10.0, 1.0).makes_sense());
        assert!(!quote(9.0, f64::NAN, 10.0, 1.0).makes_sense());
    }
}
