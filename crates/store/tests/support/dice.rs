//! Records made up from a seed.

use domain::{
    Amendment, Change, Decision, DecisionId, EquityPoint, Evidence, ExitPlan, ExitReason, Fill,
    Finding, GatePolicy, HeadEvidence, HeadName, HorizonOutcome, Job, JobRun, Leg, Money, OrderId,
    OrderRequest, OrderState, Outcome, Policy, PolicyVersion, Position, PositionStage, Protection,
    Reason, RunBy, Side, Signal, Sizing, SizingLimit, Standing, StrategyIx, SymbolIx, Timestamp,
    Trade, Trail, Trial, Verdict, Verdicts, Vote, Votes, WhatIf, WhatIfOutcome,
};
use store::{OrderRecord, Refusal};

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

    /// A feature row as the engine hands it over: what single precision holds, and nothing where a
    /// feature is missing.
    pub fn row(&mut self, features: usize) -> Vec<f64> {
        let row = (0..features).map(|_| f64::from(self.real() as f32));
        row.collect()
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
                tilt: self.unit(),
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
            basis: domain::Basis::default(),
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
            near_target: self.chance(0.5),
            climate: self.climate(),
            favourable_bps: self.unit(),
            adverse_bps: self.unit(),
            bars: self.below(48) as u32,
            uniqueness: self.unit(),
            basis: self.basis(),
            marks: self.marks(),
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
            known_at: self.at(no + 60),
            uniqueness: self.unit(),
        }
    }

    pub fn what_if(&mut self, no: u64) -> WhatIfOutcome {
        WhatIfOutcome {
            decision_no: no,
            symbol: SymbolIx(self.below(20) as u16),
            strategy: StrategyIx(self.below(2) as u8),
            side: self.side(),
            decided_at: self.at(no),
            climate: self.climate(),
            what_if: self.pick(&WhatIf::ALL),
            known_at: self.at(no + 70),
            r: self.real(),
            r_instead: self.real(),
            was_executed: self.chance(0.5),
            uniqueness: self.unit(),
        }
    }

    pub fn job(&mut self, no: u64) -> JobRun {
        let finding = Finding {
            of: "fee".to_owned(),
            is_amiss: self.chance(0.5),
            says: "12 of 50 outcomes".to_owned(),
        };
        JobRun {
            job: self.pick(&[Job::Controller, Job::Nightly]),
            due_at: self.at(no),
            ran_at: self.at(no + 1),
            by: self.pick(&[RunBy::Clock, RunBy::CatchUp, RunBy::Person]),
            published: self.chance(0.5).then_some(no),
            findings: vec![finding],
        }
    }

    pub fn trial(&mut self, no: u64) -> Trial {
        Trial {
            learner: "tuner".to_owned(),
            at: self.at(no),
            cell: format!("conviction {no}"),
            outcomes_effective: self.unit() * 100.0,
            mean_r: self.real(),
            sharpe: self.real(),
            was_taken: self.chance(0.5),
        }
    }

    pub fn refusal(&mut self, no: u64) -> Refusal {
        let change = Change::Threshold { threshold: domain::Threshold::FeeMargin, to: 1.6 };
        let evidence = Evidence::of(12, 9.5);
        Refusal {
            amendment: Amendment { learner: "gates".to_owned(), change, evidence },
            why: "rests on 9.5 effective outcomes, needs 50".to_owned(),
            times: 1 + self.below(9),
            first_at: self.at(no),
            last_at: self.at(no + 5),
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
            basis: domain::Basis::default(),
            marks: domain::Marks::default(),
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
        let heads = (0..9).map(|_| HeadEvidence {
            votes_effective: self.unit() * 100.0,
            right_fraction: self.unit(),
            gain: self.real(),
            gain_error: self.unit(),
        });
        let heads = heads.collect();
        let evidence = Evidence { heads, shrink: Some(0.5), ..Evidence::of(80, self.unit()) };
        let learner = "head_weights".to_owned();
        let learned = Amendment { learner, change: Change::HeadWeights(weights), evidence };
        let reason = match number {
            1 => Reason::DayOne,
            2 => Reason::Revert { to_version: 1 },
            _ => Reason::Learned(vec![learned]),
        };
        PolicyVersion { policy, at: self.at(number * 100), reason }
    }
}
