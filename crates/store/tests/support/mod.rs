//! Records made up from a seed, so that a failing test names the seed and nothing else.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use domain::{
    Amendment, Calendar, Change, Decision, DecisionId, EquityPoint, Evidence, ExitPlan, ExitReason,
    Fill, Gap, GatePolicy, HeadEvidence, HeadName, HorizonOutcome, Instrument, Interval, Leg,
    Money, OrderId, OrderRequest, OrderState, Outcome, Policy, PolicyVersion, Position,
    PositionStage, Protection, Reason, RunHeader, Side, Signal, Sizing, SizingLimit, Standing,
    StrategyIx, SymbolIx, Timestamp, Trade, Trail, Verdict, Verdicts, Vote, Votes, World,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use store::{
    Batch, Cursor, DecisionColumns, EquityColumns, HorizonColumns, JournalEntry, OrderRecord,
    OutcomeColumns, Quarantined, RunNo, Snapshot, Store,
};

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.word() % end
    }

    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn real(&mut self) -> f64 {
        (self.unit() - 0.5) * 8.0
    }

    pub fn chance(&mut self, of: f64) -> bool {
        self.unit() < of
    }

    pub fn money(&mut self) -> Money {
        let digits = self.below(2_000_000_000) as i64 - 1_000_000_000;
        Money::new(digits, self.below(9) as u32)
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn side(&mut self) -> Side {
        self.pick(&[Side::Long, Side::Short])
    }

    fn at(&mut self, no: u64) -> Timestamp {
        Timestamp::from_ms(1_600_000_000_000 + (no as i64 / 10) * 3_600_000)
    }

    fn votes(&mut self) -> Votes {
        let mut votes = Votes::default();
        for head in HeadName::ALL {
            if self.chance(0.6) {
                let vote = Vote { side: self.side(), confidence: self.unit() };
                votes.set(head, Some(vote));
            }
        }
        votes
    }

    fn verdicts(&mut self) -> Verdicts {
        let mut verdicts = Verdicts::default();
        let needed = [0.3, 0.7, 1.5, 60.0, 8.0, 0.03, 0.5, 2.0, 1.0];
        for needed in needed {
            let measured = if needed > 5.0 { self.below(9) as f64 } else { self.unit() };
            verdicts.push(Verdict { passed: self.chance(0.8), measured, needed });
        }
        verdicts
    }

    fn sizing(&mut self, executed: bool) -> Sizing {
        Sizing {
            equity: 10_000.0 + self.below(50) as f64,
            outcomes_effective: self.unit() * 100.0,
            win_probability: self.unit(),
            win_probability_low: self.unit(),
            win_r: self.unit(),
            loss_r: self.unit(),
            cost_fraction: 0.0012,
            kelly_fraction: self.real(),
            risk_fraction: 0.001,
            expected_fraction: self.real(),
            notional_asked: self.unit() * 1000.0,
            notional: if executed { self.unit() * 1000.0 } else { 0.0 },
            leverage: if executed { self.unit() } else { 0.0 },
            leverage_max: self.unit() * 20.0,
            expected_profit: self.real(),
            factors: std::array::from_fn(|_| self.unit()),
            limit: self.pick(&SizingLimit::ALL),
            quantity: if executed { Money::new(self.below(90_000) as i64, 5) } else { Money::ZERO },
        }
    }

    fn partial(&mut self) -> Option<domain::PartialExit> {
        self.chance(0.5)
            .then(|| domain::PartialExit { at_fraction: self.unit(), share_fraction: self.unit() })
    }

    fn climate(&mut self) -> domain::Climate {
        domain::Climate {
            regime: self.pick(&domain::Regime::ALL),
            global: self.pick(&domain::Regime::ALL),
            frame_bars: 1 + self.below(4) as u8,
        }
    }

    fn standing_order(&mut self) -> domain::StandingOrder {
        domain::StandingOrder {
            may_enter: self.chance(0.5),
            conviction_min: self.unit(),
            risk_scale: self.unit(),
            exits: self.pick(&domain::ExitMode::ALL),
            because: self.below(1 << 10) as u16,
        }
    }

    fn plan(&mut self) -> ExitPlan {
        let trail = Trail { after_fraction: self.unit(), behind_fraction: self.unit() };
        ExitPlan {
            stop_fraction: self.unit() / 16.0,
            target_fraction: self.chance(0.5).then_some(0.03),
            trail: self.chance(0.5).then_some(trail),
            hold_ms_max: 86_400_000,
            partial: self.partial(),
            leave_by: self.chance(0.5).then(|| self.at(9)),
            liquidation_fraction: self.chance(0.5).then_some(0.4),
        }
    }

    pub fn decision(&mut self, no: u64) -> Decision {
        let standing = self.pick(&Standing::ALL);
        Decision {
            no,
            id: DecisionId(self.word()),
            decided_at: self.at(no),
            symbol: SymbolIx(self.below(20) as u16),
            strategy: StrategyIx(self.below(2) as u8),
            signal: Signal {
                side: self.side(),
                conviction: self.unit(),
                confluence: self.unit(),
                votes: self.votes(),
            },
            price: 100.0 + self.unit() * 50.0,
            plan: self.plan(),
            verdicts: self.verdicts(),
            standing,
            sizing: self.sizing(standing.is_executed()),
            climate: self.climate(),
            order: self.standing_order(),
            propensity: 0.98,
            policy_version: 1 + no / 5_000,
            model_version: 0,
        }
    }

    pub fn outcome(&mut self, no: u64) -> Outcome {
        let decided_at = self.at(no);
        Outcome {
            decision_no: no,
            decision: DecisionId(self.word()),
            symbol: SymbolIx(self.below(20) as u16),
            strategy: StrategyIx(self.below(2) as u8),
            side: self.side(),
            standing: self.pick(&Standing::ALL),
            refused: self.below(512) as u16,
            votes: self.votes(),
            conviction: self.unit(),
            decided_at,
            opened_at: decided_at,
            closed_at: decided_at.plus_ms(3_600_000 * (1 + self.below(48) as i64)),
            entry: self.unit() * 100.0,
            exit: self.unit() * 100.0,
            reason: self.pick(&ExitReason::ALL),
            r: self.real(),
            net_bps: self.real(),
            cost_bps: self.unit(),
            funding_bps: self.real(),
            climate: self.climate(),
            favourable_bps: self.unit(),
            adverse_bps: self.unit(),
            bars: self.below(48) as u32,
            uniqueness: self.unit(),
        }
    }

    pub fn horizon(&mut self, no: u64) -> HorizonOutcome {
        HorizonOutcome {
            decision_no: no,
            horizon: self.below(7) as u8,
            move_bps: self.real(),
            value_bps: self.real(),
            favourable_bps: self.unit(),
            adverse_bps: self.unit(),
        }
    }

    pub fn point(&mut self, no: u64) -> EquityPoint {
        EquityPoint {
            at: self.at(no),
            equity: 10_000.0 + self.real(),
            cash: self.money(),
            positions: self.below(8) as u32,
        }
    }

    pub fn order(&mut self, decision: DecisionId) -> OrderRecord {
        let protection = Protection {
            stop_fraction: self.unit(),
            target_fraction: Some(0.03),
            partial: self.partial(),
            liquidation_fraction: self.chance(0.5).then_some(0.4),
        };
        OrderRecord {
            request: OrderRequest {
                id: OrderId(self.word()),
                decision,
                symbol: SymbolIx(self.below(20) as u16),
                side: self.side(),
                leg: self.pick(&[Leg::Entry, Leg::Exit]),
                quantity: self.money(),
                protection: self.chance(0.5).then_some(protection),
                requested_at: self.at(1),
            },
            state: self.pick(&[OrderState::Intent, OrderState::Unknown, OrderState::NotPlaced]),
            changed_at: self.at(20),
        }
    }

    pub fn fill(&mut self, decision: DecisionId) -> Fill {
        Fill {
            order: OrderId(self.word()),
            decision,
            symbol: SymbolIx(self.below(20) as u16),
            leg: self.pick(&[Leg::Entry, Leg::Exit, Leg::Stop, Leg::Target]),
            side: self.side(),
            price: self.money(),
            market_price: self.money(),
            quantity: self.money(),
            fee: self.money(),
            stop: self.chance(0.5).then_some(Money::new(150, 2)),
            target: self.chance(0.5).then_some(Money::new(1_500, 3)),
            gapped: self.chance(0.5),
            at: self.at(30),
        }
    }

    pub fn trade(&mut self, no: u64) -> Trade {
        Trade {
            decision: DecisionId(self.word()),
            decision_no: no,
            symbol: SymbolIx(self.below(20) as u16),
            strategy: StrategyIx(1),
            side: self.side(),
            standing: Standing::Probe,
            policy_version: 3,
            votes: self.votes(),
            opened_at: self.at(1),
            closed_at: self.at(90),
            quantity: self.money(),
            entry: self.money(),
            exit: self.money(),
            stop: self.money(),
            stop_last: self.money(),
            target: self.chance(0.5).then_some(Money::new(150, 2)),
            reason: self.pick(&ExitReason::ALL),
            gross: self.money(),
            fees: self.money(),
            slipped: self.money(),
            funding: self.money(),
            climate: self.climate(),
            net: self.money(),
            r: self.real(),
        }
    }

    pub fn position(&mut self, no: u64) -> Position {
        Position {
            decision: DecisionId(no),
            decision_no: no,
            symbol: SymbolIx(3),
            strategy: StrategyIx(0),
            side: self.side(),
            standing: Standing::Explored,
            refused: 4,
            votes: self.votes(),
            conviction: self.unit(),
            policy_version: 2,
            decided_at: self.at(no),
            plan: self.plan(),
            stage: PositionStage::Exiting(ExitReason::Time),
            order: OrderId(self.word()),
            order_state: OrderState::Acked,
            quantity_asked: self.money(),
            quantity: self.money(),
            entry_value: self.money(),
            exit_value: self.money(),
            quantity_entered: self.money(),
            slipped: self.money(),
            fees: self.money(),
            funding: self.money(),
            climate: self.climate(),
            opened_at: self.chance(0.5).then_some(Timestamp::from_ms(5)),
            stop: Some(self.money()),
            stop_first: None,
            target: None,
            high: self.unit(),
            low: self.unit(),
            bars: 3,
            overlap_at_open: self.unit(),
            exits_failed: 0,
        }
    }

    pub fn version(&mut self, number: u64) -> PolicyVersion {
        let weights = std::array::from_fn(|_| self.unit() / 3.0);
        let mut policy = Policy::day_one(GatePolicy::default());
        policy.version = number;
        policy.head_weights = weights;
        let heads = std::array::from_fn(|_| HeadEvidence {
            votes_effective: self.unit() * 100.0,
            right_fraction: self.unit(),
            gain: self.real(),
            gain_error: self.unit(),
        });
        let evidence =
            Evidence { outcomes: 80, outcomes_effective: self.unit(), shrink: 0.5, heads };
        let learner = "head_weights".to_owned();
        let learned = Amendment { learner, change: Change::HeadWeights(weights), evidence };
        let reason = match number {
            1 => Reason::DayOne,
            2 => Reason::Revert { to_version: 1 },
            _ => Reason::Learned(Box::new(learned)),
        };
        PolicyVersion { policy, at: self.at(number * 100), reason }
    }
}

pub const FEATURES: usize = 20;

/// Everything a checkpoint can hold.
#[derive(Default)]
pub struct Made {
    pub cursor: Cursor,
    pub decisions: Vec<(Decision, Vec<f64>, u64)>,
    pub outcomes: Vec<Outcome>,
    pub horizons: Vec<HorizonOutcome>,
    pub equity: Vec<EquityPoint>,
    pub orders: Vec<OrderRecord>,
    pub fills: Vec<Fill>,
    pub trades: Vec<Trade>,
    pub positions: Vec<Position>,
    pub versions: Vec<PolicyVersion>,
    pub journal: Vec<JournalEntry>,
    pub gaps: Vec<Gap>,
    pub quarantine: Vec<Quarantined>,
    pub snapshot: Option<Snapshot>,
    bytes: [Vec<u8>; 4],
}

/// Checkpoint `no` of a run, with `rows` of everything.
pub fn made(seed: u64, no: u64, rows: u64) -> Made {
    let mut dice = Dice(seed ^ (no << 32));
    let cursor = Cursor { events: (no + 1) * 1_000, at: Timestamp::from_ms(no as i64 * 7) };
    let numbers = no * rows..(no + 1) * rows;
    let mut made = Made { cursor, ..Made::default() };
    for n in numbers {
        let row = (0..FEATURES).map(|_| dice.real()).collect();
        made.decisions.push((dice.decision(n), row, dice.word() >> 44));
        made.outcomes.push(dice.outcome(n));
        made.horizons.push(dice.horizon(n));
        made.equity.push(dice.point(n));
        let decision = made.decisions[0].0.id;
        made.orders.push(dice.order(decision));
        made.fills.push(dice.fill(decision));
        made.trades.push(dice.trade(n));
        made.positions.push(dice.position(n));
    }
    made.versions = vec![dice.version(no * 2 + 1), dice.version(no * 2 + 2)];
    made.journal = vec![entry("dataset", &dice.word().to_le_bytes()), entry("venue", b"")];
    let symbol = SymbolIx(no as u16);
    let (from, to) = (Timestamp::from_ms(1), Timestamp::from_ms(2));
    made.gaps = vec![Gap { symbol, from, to, bars_missing: 9 }];
    let reason = "high 1 lies below low 2".to_owned();
    made.quarantine = vec![Quarantined { source: "a.csv".to_owned(), row_no: no + 1, reason }];
    let (binary_version, data) = ("0.1.0".to_owned(), dice.word().to_le_bytes().repeat(99));
    made.snapshot = Some(Snapshot { cursor, binary_version, schema: 4, data });
    made
}

pub fn entry(kind: &str, body: &[u8]) -> JournalEntry {
    JournalEntry { at: Timestamp::from_ms(11), kind: kind.to_owned(), body: body.to_vec() }
}

impl Made {
    pub fn batch(&mut self) -> Batch<'_> {
        self.bytes = Default::default();
        let mut decisions = DecisionColumns::of_features(FEATURES);
        for (decision, row, present) in &self.decisions {
            decisions.record(decision, row, *present);
        }
        decisions.to_bytes(&mut self.bytes[0]);
        let mut outcomes = OutcomeColumns::new();
        self.outcomes.iter().for_each(|outcome| outcomes.push(outcome));
        outcomes.to_bytes(&mut self.bytes[1]);
        let mut horizons = HorizonColumns::new();
        self.horizons.iter().for_each(|horizon| horizons.push(horizon));
        horizons.to_bytes(&mut self.bytes[2]);
        let mut equity = EquityColumns::new();
        self.equity.iter().for_each(|point| equity.push(point));
        equity.to_bytes(&mut self.bytes[3]);
        Batch {
            cursor: self.cursor,
            decisions: &self.bytes[0],
            outcomes: &self.bytes[1],
            horizons: &self.bytes[2],
            equity: &self.bytes[3],
            orders: &self.orders,
            fills: &self.fills,
            trades: &self.trades,
            positions: &self.positions,
            versions: &self.versions,
            journal: &self.journal,
            gaps: &self.gaps,
            quarantine: &self.quarantine,
            snapshot: self.snapshot.as_ref(),
        }
    }
}

pub fn header(world: World, seed: u64) -> RunHeader {
    let instrument = Instrument {
        symbol: "BTCUSDT".to_owned(),
        interval: Interval::HOUR,
        calendar: Calendar::Always,
        tick: Money::new(1, 2),
        step: Money::new(1, 5),
        notional_min: Money::new(5, 0),
        kind: domain::InstrumentKind::Spot,
        margin: domain::Margin::NONE,
        has_volume: true,
    };
    RunHeader {
        id: RunHeader::name(world, "0.1.0", "c0", "d0", seed),
        world,
        binary: "0.1.0".to_owned(),
        config_hash: "c0".to_owned(),
        data_hash: "d0".to_owned(),
        seed,
        rule: "evidence".to_owned(),
        instruments: vec![instrument],
        strategies: vec!["alpha".to_owned(), "ema".to_owned()],
        gates: vec!["conviction".to_owned()],
        features: (0..FEATURES).map(|no| format!("f{no}")).collect(),
        from: Timestamp::from_ms(1_600_000_000_000),
        to: Timestamp::from_ms(1_700_000_000_000),
    }
}

/// A fresh store in a folder that goes when the test ends.
pub fn fresh() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(&folder)).unwrap();
    (folder, store)
}

pub fn file(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("deep/er/store.db")
}

pub fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", file(folder).display())
}

/// Begins a run and commits `checkpoints` of `rows` rows.
pub fn build(store: &mut Store, header: &RunHeader, checkpoints: u64, rows: u64) -> RunNo {
    let run = store.begin_run(header, "seed = 1", Timestamp::from_ms(1)).unwrap();
    for no in 0..checkpoints {
        store.commit(run, &made(header.seed, no, rows).batch()).unwrap();
    }
    run
}

/// The same, finished.
pub fn finished(store: &mut Store, header: &RunHeader, checkpoints: u64, rows: u64) -> RunNo {
    let run = build(store, header, checkpoints, rows);
    store.finish_run(run, "{\"trades\":3}", "d1gest", Timestamp::from_ms(2)).unwrap();
    run
}

/// Carries out statements on a store's file behind the store's back.
pub fn meddle(path: &std::path::Path, statement: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}
