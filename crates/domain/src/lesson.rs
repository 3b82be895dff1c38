//! What learners hear besides outcomes, and what of a decision they want to know again when it has
//! turned out.

use serde::{Deserialize, Serialize};

use crate::{Climate, Decision, HorizonOutcome, Modelled, Side, StrategyIx, SymbolIx, Timestamp};

/// Room for this many components in a record.
pub const COMPONENTS_MAX: usize = 16;

/// What the components are called, in the order of their places; seed 001's names where it has one.
pub const COMPONENT_NAMES: [&str; 15] = [
    "ofi",
    "takers",
    "volume_balance",
    "momentum",
    "trend",
    "reversion",
    "channel",
    "vwap",
    "autocorrelation",
    "funding",
    "crowd",
    "open_interest",
    "mood",
    "headlines",
    "ensemble",
];

/// The place of a component, for those who know it by name; resolved when compiled.
///
/// # Panics
/// When there is no such component, which stops the build where it is used in a constant.
pub const fn component_at(name: &str) -> usize {
    let mut at = 0;
    while at < COMPONENT_NAMES.len() {
        let (known, wanted) = (COMPONENT_NAMES[at].as_bytes(), name.as_bytes());
        let mut alike = 0;
        while alike < known.len() && alike < wanted.len() && known[alike] == wanted[alike] {
            alike += 1;
        }
        if alike == known.len() && alike == wanted.len() {
            return at;
        }
        at += 1;
    }
    panic!("there is no component of this name")
}

/// How each component leaned at a decision, −1..=1 in steps of a hundredth, up for rising prices. A
/// component is an input of fusion that is scored on its own (mission rows A2, A3, A8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leans([i8; COMPONENTS_MAX]);

impl Leans {
    /// Nobody said anything.
    pub const SILENT: Leans = Leans([Leans::ABSENT; COMPONENTS_MAX]);
    const ABSENT: i8 = i8::MIN;
    const STEPS: f64 = 100.0;

    /// Records one component's lean, cut to −1..=1; what is not a number is not said.
    pub fn set(&mut self, at: usize, lean: Option<f64>) {
        let said = lean.filter(|lean| !lean.is_nan());
        self.0[at] =
            said.map_or(Leans::ABSENT, |lean| (lean.clamp(-1.0, 1.0) * Leans::STEPS).round() as i8);
    }

    /// How the component at this place leaned; nothing where it was silent or there is none.
    pub fn at(&self, at: usize) -> Option<f64> {
        let said = *self.0.get(at)?;
        (said != Leans::ABSENT).then(|| f64::from(said) / Leans::STEPS)
    }

    /// Every lean, 0 where silent: several at a time, for those who hear many.
    pub fn values(&self) -> [f64; COMPONENTS_MAX] {
        self.0.map(|said| if said == Leans::ABSENT { 0.0 } else { f64::from(said) / Leans::STEPS })
    }

    /// 1 for every component that spoke, 0 for the silent.
    pub fn spoke(&self) -> [f64; COMPONENTS_MAX] {
        self.0.map(|said| f64::from(u8::from(said != Leans::ABSENT)))
    }

    /// 1 for every component that leaned up, −1 down, 0 for those that leaned nowhere or were silent.
    pub fn signs(&self) -> [f64; COMPONENTS_MAX] {
        self.0.map(|said| f64::from(if said == Leans::ABSENT { 0 } else { said.signum() }))
    }

    /// As bytes, to be stored.
    pub fn bytes(&self) -> [u8; COMPONENTS_MAX] {
        self.0.map(|lean| lean as u8)
    }

    /// From stored bytes.
    pub fn from_bytes(bytes: [u8; COMPONENTS_MAX]) -> Leans {
        Leans(bytes.map(|byte| byte as i8))
    }
}

impl Default for Leans {
    fn default() -> Leans {
        Leans::SILENT
    }
}

/// What a decision was based on, as far as learners ask when it has turned out. Single precision: nothing
/// that is learned from it is finer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// How the components leaned.
    pub leans: Leans,
    /// Share of the voters' weight that agreed, 0..=1.
    pub confluence: f32,
    /// The claimed edge over a round trip's cost.
    pub edge_ratio: f32,
    /// Minutes since the symbol's last trade, as the cooldown gate measured them.
    pub rested_min: f32,
    /// Correlation with what was held on the same side.
    pub correlation: f32,
    /// Entries on the symbol since its regime began.
    pub regime_entries: u16,
    /// Estimated probability of ending above zero after costs; 0 where nobody asked.
    pub win_probability: f32,
    /// Equity share put at risk under the policy that stood, as its stateless gates and sizes would have it;
    /// 0 where they decline.
    pub stake: f32,
    /// The same under the policy that is being compared with (mission row A10); equal to `stake` while
    /// nothing is being compared.
    pub stake_before: f32,
    /// Probability of the action taken, among trade and decline.
    pub propensity: f32,
    /// The policy version it saw.
    pub policy_version: u64,
    /// Stop distance as a fraction of the entry price: the initial risk, 1 R.
    pub stop_fraction: f32,
    /// Target distance in units of initial risk, if there was a target.
    pub target_r: Option<f32>,
    /// The longest hold, minutes.
    pub hold_min: f32,
    /// Hour of the exchange's day, 0..=23.
    pub hour: u8,
    /// Day of the exchange's week, 0 is Monday.
    pub weekday: u8,
    /// What trained models had to do with it.
    pub modelled: Modelled,
}

/// The result so far at a quarter, a half and three quarters of the longest hold, in units of initial risk
/// and before the exit's costs, for as long as it was open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    reached: u8,
    r: [f32; Marks::COUNT],
}

impl Marks {
    /// How many there are.
    pub const COUNT: usize = 3;
    /// Where they lie, as shares of the longest hold.
    pub const AT: [f64; Marks::COUNT] = [0.25, 0.50, 0.75];

    /// The next mark's place; none when all were reached.
    pub fn next(&self) -> Option<usize> {
        let next = usize::from(self.reached);
        (next < Marks::COUNT).then_some(next)
    }

    /// Notes the result so far at the next mark.
    pub fn reach(&mut self, r: f64) {
        if let Some(next) = self.next() {
            self.r[next] = r as f32;
            self.reached += 1;
        }
    }

    /// The result so far at a mark; nothing where it had ended before.
    pub fn at(&self, mark: usize) -> Option<f64> {
        (mark < usize::from(self.reached)).then(|| f64::from(self.r[mark]))
    }
}

/// What a move over one horizon teaches about the components that leaned when it began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HorizonLesson {
    /// The decision's number in the run.
    pub decision_no: u64,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose candidate.
    pub strategy: StrategyIx,
    /// Which way the candidate went.
    pub side: Side,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// What kind of market it was.
    pub climate: Climate,
    /// Which of [`crate::HORIZONS`].
    pub horizon: u8,
    /// How the components leaned.
    pub leans: Leans,
    /// Move of the market, up is positive, basis points.
    pub up_bps: f64,
    /// What a round trip is expected to take, basis points.
    pub cost_bps: f64,
    /// Which gates had refused the candidate, one bit each in the order of the registry.
    pub refused: u16,
    /// Its share of independent information among the windows of the same length, those of symbols that move
    /// alike within, 0..=1.
    pub uniqueness: f64,
}

impl HorizonLesson {
    /// A lesson as far as it is known when its decision is taken; the move is still to come.
    pub fn begun(decision: &Decision) -> HorizonLesson {
        HorizonLesson {
            decision_no: decision.no,
            symbol: decision.symbol,
            strategy: decision.strategy,
            side: decision.signal.side,
            decided_at: decision.decided_at,
            climate: decision.climate,
            horizon: 0,
            leans: decision.basis.leans,
            up_bps: 0.0,
            cost_bps: 0.0,
            refused: decision.verdicts.refused(),
            uniqueness: 0.0,
        }
    }

    /// The lesson once its move is known, in the digits in which that is stored: what is learned again from
    /// the store is what was learned.
    pub fn completed(self, outcome: &HorizonOutcome) -> HorizonLesson {
        HorizonLesson {
            horizon: outcome.horizon,
            up_bps: self.side.sign() * outcome.move_bps,
            cost_bps: outcome.move_bps - outcome.value_bps,
            uniqueness: outcome.uniqueness,
            ..self
        }
    }

    /// Whether gates had refused the candidate.
    pub fn was_refused(&self) -> bool {
        self.refused != 0
    }

    /// What the candidate's side would have brought by then, after a round trip, basis points.
    pub fn value_bps(&self) -> f64 {
        self.side.sign() * self.up_bps - self.cost_bps
    }
}

/// The same entry under another exit plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatIf {
    /// Half the longest hold.
    HoldHalf,
    /// Twice the longest hold.
    HoldDouble,
    /// Three quarters of the way to the target.
    TargetNear,
    /// A third beyond the target.
    TargetFar,
    /// Half of it leaves at one unit of risk in favour.
    PartialHalf,
    /// Half as much again is added at half a unit of risk in favour, all of it with the stop at entry.
    ScaleIn,
}

impl WhatIf {
    /// All of them, in the order of their code in the store.
    pub const ALL: [WhatIf; 6] = [
        WhatIf::HoldHalf,
        WhatIf::HoldDouble,
        WhatIf::TargetNear,
        WhatIf::TargetFar,
        WhatIf::PartialHalf,
        WhatIf::ScaleIn,
    ];

    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            WhatIf::HoldHalf => "hold_half",
            WhatIf::HoldDouble => "hold_double",
            WhatIf::TargetNear => "target_near",
            WhatIf::TargetFar => "target_far",
            WhatIf::PartialHalf => "partial_half",
            WhatIf::ScaleIn => "scale_in",
        }
    }
}

/// How one entry turned out under its own exit plan and under another, both followed as shadows under the
/// same laws, so that luck of the entry cancels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIfOutcome {
    /// The decision's number in the run.
    pub decision_no: u64,
    /// On what.
    pub symbol: SymbolIx,
    /// Whose candidate.
    pub strategy: StrategyIx,
    /// Which way.
    pub side: Side,
    /// What kind of market it was.
    pub climate: Climate,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Which other plan.
    pub what_if: WhatIf,
    /// When both were known.
    pub known_at: Timestamp,
    /// Net result as planned, units of initial risk.
    pub r: f64,
    /// Net result under the other plan, in the same units.
    pub r_instead: f64,
    /// Whether the decision was executed.
    pub was_executed: bool,
    /// Its share of independent information, 0..=1.
    pub uniqueness: f64,
}

impl WhatIfOutcome {
    /// What the other plan would have added, units of initial risk.
    pub fn gain_r(&self) -> f64 {
        self.r_instead - self.r
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lean_comes_back_within_half_a_hundredth_and_silence_stays_silence() {
        let mut leans = Leans::default();
        leans.set(0, Some(0.637));
        leans.set(1, Some(-7.0));
        leans.set(2, Some(f64::NAN));
        assert!((leans.at(0).unwrap() - 0.637).abs() <= 0.005);
        assert_eq!((leans.at(1), leans.at(2), leans.at(3)), (Some(-1.0), None, None));
        assert_eq!(leans.at(COMPONENTS_MAX), None);
        assert_eq!(leans.values()[..4], [0.64, -1.0, 0.0, 0.0]);
        assert_eq!(leans.signs()[..4], [1.0, -1.0, 0.0, 0.0]);
        assert_eq!(leans.spoke()[..4], [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(Leans::from_bytes(leans.bytes()), leans);
    }

    #[test]
    fn what_a_side_would_have_brought_is_after_a_round_trip() {
        let lesson = |side, up_bps| HorizonLesson {
            decision_no: 0,
            symbol: SymbolIx(0),
            strategy: StrategyIx(0),
            side,
            decided_at: Timestamp::from_ms(0),
            climate: Climate {
                regime: crate::Regime::Range,
                global: crate::Regime::Range,
                frame_bars: 1,
            },
            horizon: 4,
            leans: Leans::SILENT,
            up_bps,
            cost_bps: 10.0,
            refused: 0b100,
            uniqueness: 1.0,
        };
        assert_eq!(lesson(Side::Long, 30.0).value_bps(), 20.0);
        assert_eq!(lesson(Side::Short, 30.0).value_bps(), -40.0);
        assert!(lesson(Side::Long, 0.0).was_refused());
    }

    #[test]
    fn marks_are_reached_in_order_and_the_rest_is_unknown() {
        let mut marks = Marks::default();
        marks.reach(0.5);
        assert_eq!((marks.at(0), marks.at(1), marks.next()), (Some(0.5), None, Some(1)));
        (0..9).for_each(|_| marks.reach(1.0));
        assert_eq!((marks.next(), marks.at(2), marks.at(3)), (None, Some(1.0), None));
    }
}
