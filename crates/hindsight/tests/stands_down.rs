//! What a person orders outlives everything: a snapshot, a restart, the store. Nothing enters any more,
//! what is killed is closed at the next price, and who resumes trades again.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::process::Command;

use domain::{Bar, ExitReason, Fill, Interval, Leg, PositionStage, Timestamp, Trade};
use engine::Engine;
use hindsight::config::{Config, show};
use hindsight::world::{Dataset, Recorder, Replay, Rest, refold, resume};
use market::Wanted;
use scenarios::{Market, bars};
use store::{RunNo, Store};

const NOW: Timestamp = Timestamp::from_ms(4_000_000_000_000);
const START: Timestamp = Timestamp::from_ms(1_600_000_000_000 / 3_600_000 * 3_600_000);
const BARS: usize = 1_200;

fn csv(bars: &[Bar]) -> String {
    let mut text = "ts,open,high,low,close,volume\n".to_owned();
    for bar in bars {
        let raw = bar.raw();
        let numbers = [raw.open, raw.high, raw.low, raw.close, raw.volume].map(|n| n.to_string());
        text.push_str(&format!("{},{}\n", raw.opened_at.ms(), numbers.join(",")));
    }
    text
}

/// A run that was interrupted with something held, in a store of its own.
struct Interrupted {
    home: tempfile::TempDir,
    config: Config,
    dataset: Dataset,
    run: RunNo,
    id: String,
    /// When it was interrupted, and how many positions it held then.
    at: Timestamp,
    held: usize,
}

impl Interrupted {
    /// Goes on from bar `after` until something is held.
    fn holding(seed: u64, after: usize) -> Interrupted {
        let home = tempfile::tempdir().unwrap();
        let market = Market::Trending { volatility: 0.008, carry: 0.25 };
        for (at, symbol) in ["AAA", "BBB"].into_iter().enumerate() {
            let made = bars(seed + 100 * at as u64, market, Interval::HOUR, START, BARS);
            std::fs::write(home.path().join(format!("{symbol}-1h.csv")), csv(&made)).unwrap();
        }
        let mut config = Config::default();
        config.run.seed = seed;
        config.gates.conviction_min = 0.2;
        config.gates.confluence_min = 0.5;
        config.gates.regime_entries_max = 1_000;
        config.store.url = format!("sqlite://{}", home.path().join("h.db").display());
        let paths = [home.path().to_owned()];
        let dataset = Dataset::new(market::read(&paths, &Wanted::all(NOW)).unwrap(), &config);
        let mut store = Store::open(&config.store.url).unwrap();
        let header = dataset.header(&config);
        let run = store.begin_run(&header, &show(&config), NOW).unwrap();
        let recorder = Recorder::new(store, run, &header.data_hash);
        let mut replay = Replay::new(&dataset, config.settings(), recorder);
        let mut moments = 0;
        let is_held = |replay: &Replay<'_>| {
            let positions = replay.engine().positions().iter();
            positions.filter(|position| position.stage == PositionStage::Open).count()
        };
        while moments < after || is_held(&replay) == 0 {
            assert!(replay.next_moment().unwrap(), "seed {seed} holds nothing after {after}");
            moments += 1;
        }
        replay.checkpoint().unwrap();
        let held = is_held(&replay);
        drop(replay);
        let at = START.plus_ms(moments as i64 * Interval::HOUR.ms());
        Interrupted { home, config, dataset, run, id: header.id.to_string(), at, held }
    }

    fn store(&self) -> Store {
        Store::open(&self.config.store.url).unwrap()
    }

    /// A person's order, given as a person gives it.
    fn order(&self, what: &str) {
        let said = Command::new(env!("CARGO_BIN_EXE_hindsight"))
            .args([
                "--store",
                &self.config.store.url,
                "control",
                what,
                "--unfed",
                "--run",
                &self.id,
            ])
            .current_dir(self.home.path())
            .env_remove("HINDSIGHT_CONFIG")
            .output()
            .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    }

    /// Restarts from the store, goes on for so many moments at most, and stores where it stands.
    fn go_on(&self, moments: usize) {
        let settings = self.config.settings();
        let mut resumed = resume(self.store(), self.run, &self.dataset, settings).unwrap();
        for _ in 0..moments {
            if !resumed.next_moment().unwrap() {
                break;
            }
        }
        resumed.checkpoint().unwrap();
    }

    fn entries_from(&self, at: Timestamp) -> Vec<Fill> {
        let fills = self.store().fills(self.run).unwrap();
        fills.into_iter().filter(|fill| fill.leg == Leg::Entry && fill.at >= at).collect()
    }

    /// Decisions after a moment: how many, and how many were executed.
    fn decided_from(&self, at: Timestamp) -> (u32, u32) {
        let mut counts = (0, 0);
        let count = |record: store::DecisionRecord| {
            let decision = record.decision;
            if decision.decided_at > at {
                counts.0 += 1;
                counts.1 += u32::from(decision.standing.is_executed());
            }
        };
        self.store().decisions(self.run, count).unwrap();
        counts
    }

    fn trades(&self) -> Vec<Trade> {
        self.store().trades(self.run).unwrap()
    }

    /// The engine folded again from bars and journal is the one that the snapshot holds.
    fn check_refolds(&self) {
        let mut store = self.store();
        let settings = || self.config.settings();
        let snapshot = store.snapshot(self.run).unwrap().unwrap();
        let rest: Rest = postcard::from_bytes(&snapshot.data).unwrap();
        let folded =
            refold(&mut store, self.run, snapshot.cursor, &self.dataset, settings()).unwrap();
        let instruments = self.dataset.instruments.clone();
        let kept = Engine::restore(settings(), instruments, &rest.engine).unwrap();
        assert_eq!(folded.digest(), kept.digest());
    }
}

const SEEDS: std::ops::Range<u64> = 0..6;
/// Hours between two restarts under an order.
const RESTART_EVERY: usize = 60;

#[test]
fn paused_nothing_enters_whatever_is_restarted_and_what_is_held_ends_as_planned() {
    for seed in SEEDS {
        for what in ["pause", "reduce-only"] {
            let run = Interrupted::holding(seed, 300);
            run.order(what);
            run.check_refolds();
            for _ in 0..5 {
                run.go_on(RESTART_EVERY);
                run.check_refolds();
            }
            let (decided, executed) = run.decided_from(run.at);
            assert!(decided > 50, "seed {seed}: candidates go on being decided, {decided}");
            assert_eq!(executed, 0, "seed {seed}, {what}");
            let late = run.entries_from(run.at.plus_ms(Interval::HOUR.ms()));
            assert_eq!(late, [], "seed {seed}, {what}");
            let ended: Vec<Trade> =
                run.trades().into_iter().filter(|trade| trade.closed_at >= run.at).collect();
            assert!(ended.len() >= run.held, "seed {seed}, {what}: {} ended", ended.len());
            let ordered = ended.iter().any(|trade| trade.reason == ExitReason::Ordered);
            assert!(!ordered, "seed {seed}: {what} closes nothing itself");
        }
    }
}

#[test]
fn killed_everything_is_closed_at_the_next_price_and_nothing_enters_ever() {
    for seed in SEEDS {
        let run = Interrupted::holding(seed, 300);
        let before = run.trades().len();
        run.order("kill");
        run.check_refolds();
        run.go_on(1);
        let ended = run.trades().split_off(before);
        assert!(ended.len() >= run.held, "seed {seed}: {} of {} closed", ended.len(), run.held);
        for trade in &ended {
            assert_eq!(
                (trade.closed_at, trade.reason),
                (run.at, ExitReason::Ordered),
                "seed {seed}"
            );
        }
        assert_eq!(run.store().positions(run.run).unwrap(), [], "seed {seed}");
        run.check_refolds();
        let trades = run.trades().len();
        for _ in 0..4 {
            run.go_on(RESTART_EVERY);
        }
        run.go_on(BARS);
        run.check_refolds();
        assert_eq!(run.decided_from(run.at).1, 0, "seed {seed}");
        assert_eq!(run.entries_from(run.at), [], "seed {seed}");
        assert_eq!(run.trades().len(), trades, "seed {seed}");
    }
}

#[test]
fn who_resumes_trades_again_after_every_order() {
    for (seed, what) in [(0, "pause"), (1, "reduce-only"), (2, "kill")] {
        let run = Interrupted::holding(seed, 300);
        run.order(what);
        run.go_on(RESTART_EVERY);
        assert_eq!(run.decided_from(run.at).1, 0, "{what}");
        run.order("resume");
        run.go_on(BARS);
        run.check_refolds();
        assert!(run.decided_from(run.at).1 > 5, "after {what}: {:?}", run.decided_from(run.at));
        let again = run.at.plus_ms(RESTART_EVERY as i64 * Interval::HOUR.ms());
        assert!(!run.entries_from(again).is_empty(), "after {what}");
    }
}

/// An order that is lifted before the next bar leaves no trace in what is decided.
#[test]
fn a_pause_lifted_at_once_changes_nothing() {
    let (paused, free) = (Interrupted::holding(3, 300), Interrupted::holding(3, 300));
    paused.order("pause");
    paused.order("resume");
    paused.go_on(BARS);
    free.go_on(BARS);
    assert_eq!(paused.trades(), free.trades());
    assert_eq!(paused.decided_from(START), free.decided_from(START));
}
