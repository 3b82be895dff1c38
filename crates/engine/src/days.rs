//! What a day came to, in counters small enough for a snapshot: what the morning reviews and the evening
//! tells.

use domain::{Outcome, Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// One day of the watchlist's clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Day {
    /// As days since 1970-01-01.
    day: i64,
    outcomes: Tally,
    trades: Tally,
    /// Outcomes across missing bars, which teach nothing.
    void: u32,
    /// The policy that stood when it began, and when it ended.
    version_first: u64,
    version_last: u64,
    /// By the symbol's place.
    symbols: Vec<Tally>,
}

/// So many results, of which so many won, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tally {
    count: u32,
    won: u32,
    r: f64,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome) {
        self.count += 1;
        self.won += u32::from(outcome.won());
        self.r += outcome.r;
    }

    fn mean_r(&self) -> f64 {
        self.r / f64::from(self.count.max(1))
    }
}

impl Day {
    fn begin(&mut self, day: i64, version: u64) {
        let symbols = std::mem::take(&mut self.symbols);
        *self =
            Day { day, version_first: version, version_last: version, symbols, ..Day::default() };
        self.symbols.fill(Tally::default());
    }

    /// The day in lines a person reads, each with its numbers.
    pub(crate) fn says(&self, name: &dyn Fn(usize) -> String) -> Vec<String> {
        let Day { outcomes, trades, void, .. } = self;
        let mut lines = vec![
            format!("{} trades, {} won, together {:+.2} R", trades.count, trades.won, trades.r),
            format!(
                "{} outcomes of trades and declined decisions, {} won, {:+.3} R on average; {void} across missing bars",
                outcomes.count,
                outcomes.won,
                outcomes.mean_r()
            ),
            match self.version_last - self.version_first.min(self.version_last) {
                0 => format!("no change of the policy; version {} stands", self.version_last),
                more => format!("{more} policy versions, now {}", self.version_last),
            },
        ];
        let heard = self.symbols.iter().enumerate().filter(|(_, tally)| tally.count > 0);
        let ranked = |at: &(usize, &Tally), other: &(usize, &Tally)| {
            at.1.mean_r().total_cmp(&other.1.mean_r()).then(other.0.cmp(&at.0))
        };
        if let (Some(best), Some(worst)) = (heard.clone().max_by(ranked), heard.min_by(ranked))
            && best.0 != worst.0
        {
            let shown = |(at, tally): (usize, &Tally)| {
                format!("{} ({:+.3} R over {})", name(at), tally.mean_r(), tally.count)
            };
            lines.push(format!("best {}, worst {}", shown(best), shown(worst)));
        }
        lines
    }
}

/// Today and the last day before it on which anything was heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Days {
    today: Day,
    before: Option<Day>,
    /// When today ends, that moment still in it.
    ends_at: Timestamp,
}

impl Days {
    pub(crate) fn new(symbols: usize) -> Days {
        let today = Day { symbols: vec![Tally::default(); symbols], ..Day::default() };
        Days { today, before: None, ends_at: Timestamp::from_ms(i64::MIN) }
    }

    /// Begins a day where one has ended. What closes at midnight belongs to the day that ends there.
    pub(crate) fn turn(&mut self, zone: Zone, at: Timestamp, version: u64) {
        if at <= self.ends_at {
            return;
        }
        let day = zone.day(at.plus_ms(-1));
        let is_first = self.ends_at == Timestamp::from_ms(i64::MIN);
        self.ends_at = zone.moment(day + 1, 0).max(at);
        if !is_first {
            self.today.version_last = version;
            let symbols = self.today.symbols.len();
            let before = self.before.get_or_insert_with(|| Days::new(symbols).today);
            std::mem::swap(&mut self.today, before);
        }
        self.today.begin(day, version);
    }

    pub(crate) fn count(&mut self, outcome: &Outcome) {
        if !outcome.teaches() {
            self.today.void += 1;
            return;
        }
        self.today.outcomes.add(outcome);
        self.today.symbols[outcome.symbol.at()].add(outcome);
        if outcome.standing.is_executed() {
            self.today.trades.add(outcome);
        }
    }

    pub(crate) fn note_version(&mut self, version: u64) {
        self.today.version_last = version;
    }

    /// The last day before today on which anything was heard.
    pub(crate) fn before(&self) -> Option<&Day> {
        self.before.as_ref()
    }

    /// The day a moment lies in, as far as it is known: an evening's job may run the next morning.
    pub(crate) fn of(&self, zone: Zone, at: Timestamp) -> &Day {
        let day = zone.day(at.plus_ms(-1));
        match &self.before {
            Some(before) if before.day >= day => before,
            _ => &self.today,
        }
    }
}
