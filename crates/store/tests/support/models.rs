//! Models and closes made up from a seed.

use domain::{
    Basis, Grounds, Leans, MODEL_COUNT, Marks, MemberRecord, ModelKind, ModelRecord, Modelled,
    PlannedTraining, Priority, Rows, RulingRecord, SEAT_COUNT, Stage, SymbolIx, Timestamp,
    Training, Trigger,
};
use store::{CloseRecord, Seats, TrainingEnd};

use super::Dice;

/// What checkpoint `no` says of models, with the closes of `rows` hours of two symbols.
#[derive(Default)]
pub struct MadeModels {
    pub models: Vec<(ModelRecord, Vec<u8>)>,
    pub rulings: Vec<RulingRecord>,
    pub trainings: Vec<Training>,
    pub training_ends: Vec<TrainingEnd>,
    pub seats: Option<Seats>,
    pub closes: Vec<CloseRecord>,
}

impl Dice {
    /// Version `no` + 1 comes of the first training, which is asked for here too; the second ends badly in
    /// the next checkpoint.
    pub fn models(&mut self, no: u64, rows: u64) -> MadeModels {
        let version = no + 1;
        let bytes = self.word().to_le_bytes().repeat(40 + self.below(9) as usize);
        let record = self.record(version, 2 * no + 1, &bytes);
        let (entered, moved) = (Stage::Candidate, self.pick(&Stage::ALL));
        let mut training_ends = vec![TrainingEnd {
            training: 2 * no + 1,
            at: Timestamp::from_ms(no as i64 * 9),
            came_to: Ok(version),
        }];
        if no > 0 {
            let why = "64 samples are too few to fit nhits: it takes 500".to_owned();
            let at = Timestamp::from_ms(no as i64 * 9 + 1);
            training_ends.push(TrainingEnd { training: 2 * no, at, came_to: Err(why) });
        }
        MadeModels {
            models: vec![(record, bytes)],
            rulings: vec![
                self.ruling(version, entered, Stage::Shadow),
                self.ruling(version, Stage::Shadow, moved),
            ],
            trainings: vec![self.training(2 * no + 1), self.training(2 * no + 2)],
            training_ends,
            seats: Some(Seats {
                champion: no,
                challenger: version,
                former: no.saturating_sub(1),
                share: self.unit(),
            }),
            closes: self.closes(no, rows),
        }
    }

    fn closes(&mut self, no: u64, rows: u64) -> Vec<CloseRecord> {
        let bars = (no * rows..(no + 1) * rows).flat_map(|bar| [(bar, 0), (bar, 3)]);
        let close = |(bar, symbol): (u64, u16)| CloseRecord {
            symbol: SymbolIx(symbol),
            closed_at: Timestamp::from_ms(bar as i64 * 3_600_000),
            close: self.unit() as f32 * 1_000.0,
            in_a_row: 1 + bar as u32,
        };
        bars.map(close).collect()
    }

    pub fn record(&mut self, version: u64, training: u64, bytes: &[u8]) -> ModelRecord {
        let at = Timestamp::from_ms(1_704_276_000_000 + version as i64);
        let trigger = self.pick(&Trigger::ALL);
        let hash = blake3::hash(bytes).to_hex().to_string();
        let member = MemberRecord {
            kind: ModelKind::Lightgbm,
            fitted_at: at,
            hash: hash.clone(),
            weight: self.unit(),
            figures: vec![("log_loss".to_owned(), self.unit())],
            parameters: vec![("trees".to_owned(), "300".to_owned())],
            contributions: vec![("rsi".to_owned(), self.unit())],
        };
        ModelRecord {
            version,
            name: ModelRecord::name_of(at, trigger),
            training,
            asked_at: at,
            trigger,
            rows: Rows {
                decided_to: at,
                known_to: at,
                count: self.below(316_767),
                effective: self.unit() * 1e4,
                waiting: self.below(99),
                hash: hash.clone(),
                ..Rows::default()
            },
            members: vec![member],
            figures: vec![("brier".to_owned(), self.unit())],
            calibration: vec![(self.unit(), self.unit(), self.below(9))],
            hash,
        }
    }

    pub fn ruling(&mut self, version: u64, from: Stage, to: Stage) -> RulingRecord {
        let grounds = Grounds {
            decisions: self.below(9_999),
            gain_mean_r: self.real(),
            tier: "canary".to_owned(),
            evidence: self.unit() * 40.0,
            path: vec![self.unit(), self.real()],
            deflated_sharpe: self.chance(0.5).then(|| self.unit()),
            ..Grounds::default()
        };
        RulingRecord {
            at: Timestamp::from_ms(version as i64),
            version,
            champion: version.saturating_sub(1),
            ruling: "watch".to_owned(),
            from,
            to,
            share: self.unit(),
            by_person: self.chance(0.5),
            grounds: self.chance(0.5).then_some(grounds),
            says: "is watched on the same decisions".to_owned(),
        }
    }

    fn training(&mut self, no: u64) -> Training {
        let at = Timestamp::from_ms(no as i64 * 1_000);
        let plan = |model| PlannedTraining {
            model,
            trigger: self.pick(&Trigger::ALL),
            priority: Priority::High,
            measured: self.unit(),
            needed: self.unit(),
            says: "30.1 hours, 24 are allowed".to_owned(),
        };
        let plan = ModelKind::ALL.map(plan).to_vec();
        Training { no, asked_at: at, ready_at: at.plus_ms(7), since: at.plus_ms(-900), plan }
    }

    pub fn basis(&mut self) -> Basis {
        Basis {
            leans: Leans::from_bytes(
                (u128::from(self.word()) << 64 | u128::from(self.word())).to_le_bytes(),
            ),
            confluence: self.unit() as f32,
            stake: self.unit() as f32,
            stake_before: self.unit() as f32,
            propensity: 0.98,
            policy_version: self.below(99),
            target_r: self.chance(0.5).then(|| self.unit() as f32),
            hour: self.below(24) as u8,
            modelled: if self.chance(0.7) { self.modelled() } else { Modelled::NONE },
            ..Basis::default()
        }
    }

    fn modelled(&mut self) -> Modelled {
        let said = |dice: &mut Dice| {
            if dice.chance(0.8) { dice.unit() as f32 } else { Modelled::UNSAID }
        };
        let mut modelled = Modelled { version: self.word() as u32, ..Modelled::NONE };
        for seat in 0..SEAT_COUNT {
            modelled.seated[seat] = self.word() as u32;
            modelled.stakes[seat] = self.unit() as f32;
        }
        modelled.ensemble = said(self);
        for member in 0..MODEL_COUNT {
            modelled.members[member] = said(self);
        }
        modelled
    }

    pub fn marks(&mut self) -> Marks {
        let mut marks = Marks::default();
        (0..self.below(1 + Marks::COUNT as u64)).for_each(|_| marks.reach(self.real()));
        marks
    }
}
