//! From outcome to policy: learners hear how decisions turned out and propose; only the governor
//! changes the policy, within bounds, with evidence, one version at a time.

mod asked;
mod attribution;
mod blocks;
mod calibration;
mod capital;
mod component_weights;
mod coordinator;
mod daily_rules;
mod evidence;
mod exits;
mod exploration;
mod factors;
mod fee_gate;
mod gate_monitor;
mod gate_thresholds;
mod governor;
mod harm;
mod head_weights;
mod hold_curve;
mod hour_factors;
mod killed_combos;
mod missed;
mod moves;
mod near;
mod online_learning;
mod paired;
mod pal;
mod pil;
mod profit_evolution;
mod quiet;
mod results;
mod rules;
mod shares;
mod signal_records;
mod size_multipliers;
mod symbol_factors;
mod tp_tracker;
mod tuner;
mod watchdog;

pub use attribution::Attribution;
pub use calibration::ConvictionCalibration;
pub use capital::Capital;
pub use component_weights::{ComponentWeights, LiteralComponentWeights};
pub use coordinator::Coordinator;
pub use daily_rules::{DailyRules, rule_words};
pub use exits::ExitTimes;
pub use exploration::Exploration;
pub use fee_gate::FeeMargin;
pub use gate_monitor::{GateMonitor, GateVerdict, JudgedGate};
pub use gate_thresholds::{GateThresholds, LiteralGateThresholds};
pub use governor::{Governor, Publication, RefusedAmendment};
pub use head_weights::{HeadWeights, LiteralHeadWeights};
pub use hour_factors::{HourFactors, LiteralHourFactors};
pub use killed_combos::{KilledCombos, LiteralKilledCombos};
pub use missed::{Counterfactual, MissedOpportunities};
pub use online_learning::{LayerRefusal, LearnedLayer, LiteralOnlineLearning, OnlineLearning};
pub use pal::{BestHold, Pal, PalFinding};
pub use pil::{OpenClass, Pil};
pub use profit_evolution::ProfitEvolution;
pub use rules::{LearnRules, Rule};
pub use signal_records::SignalRecords;
pub use size_multipliers::{LiteralSizeMultipliers, SizeMultipliers};
pub use symbol_factors::{LiteralSymbolFactors, SymbolFactors};
pub use tp_tracker::{TargetRecord, TpTracker};
pub use tuner::ScenarioTuner;
pub use watchdog::Watchdog;

use domain::{
    Amendment, Cycle, HorizonLesson, Outcome, Policy, PolicyVersion, Reason, Timestamp, Trial,
    WhatIfOutcome,
};

/// What a learner believes, from what, and what it lacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnerReport {
    /// Outcomes, horizons or what-ifs it has heard.
    pub heard: u64,
    /// The same with overlap discounted.
    pub heard_effective: f64,
    /// What it would need before it moves anything, and has not got: "0 of 50 outcomes for …".
    pub starved: Vec<String>,
    /// What it believes, a line each, with n and interval.
    pub beliefs: Vec<String>,
    /// What is over and stands in no figure any more, oldest first.
    pub past: Vec<String>,
    /// What each gate is worth, from the one learner that judges gates.
    pub gates: Vec<JudgedGate>,
    /// What was learned beside the fast layer that stands, from the one learner of it.
    pub layer: Option<LearnedLayer>,
}

/// Something that learns one part of the policy.
pub trait Learner {
    /// Its name in reasons and files.
    fn name(&self) -> &'static str;

    /// When it is asked what it would change.
    fn cycle(&self) -> Cycle;

    /// Hears how a decision turned out. Executed and declined decisions both arrive here.
    fn observe(&mut self, outcome: &Outcome);

    /// Hears what the market did over one horizon after a decision. Most learners go by outcomes alone.
    fn observe_horizon(&mut self, _: &HorizonLesson) {}

    /// Hears how an entry would have turned out under another exit plan. Most learners do not ask.
    fn observe_what_if(&mut self, _: &WhatIfOutcome) {}

    /// What it would change now, with the evidence for it. Looks, never touches.
    fn propose(&self, policy: &Policy, at: Timestamp) -> Vec<Amendment>;

    /// The trials its last search made, each of which is counted. Only searchers make any.
    fn trials(&self, _: &Policy, _: Timestamp) -> Vec<Trial> {
        Vec::new()
    }

    /// What it believes, and what it lacks, in lines a person reads.
    fn report(&self, policy: &Policy) -> LearnerReport;

    /// What it lacks, as [`LearnerReport::starved`]. Nights ask for this alone, so a learner with many beliefs
    /// answers without wording them.
    fn starved(&self, policy: &Policy) -> Vec<String> {
        self.report(policy).starved
    }

    /// The earlier policy that every candidate's stake is to be compared under, while one is; only
    /// profit-driven evolution keeps one (mission row A10).
    fn reference(&self) -> Option<&Policy> {
        None
    }

    /// Hears which version stands now, whoever published it and why.
    fn adopt(&mut self, version: &PolicyVersion);

    /// What it remembers, for a snapshot.
    fn save(&self) -> Vec<u8>;

    /// Remembers what [`Learner::save`] wrote; says whether it could read it.
    fn load(&mut self, saved: &[u8]) -> bool;
}

/// Whether a version was published, wholly or in part, for what this learner proposed.
fn is_of(reason: &Reason, learner: &str) -> bool {
    reason.amendments().iter().any(|amendment| amendment.learner == learner)
}

/// What learners know of the house they learn for: what stands behind the places that outcomes name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct House {
    /// The gates, in the order of their bits in [`Outcome::refused`].
    pub gates: Vec<&'static str>,
    /// The bits of the gates that guard capital: what they refused was refused for what was held or had been
    /// learned, not for what it was.
    pub capital_gates: u16,
    /// The strategies, in the order of their registry.
    pub strategies: Vec<&'static str>,
    /// How many symbols are traded.
    pub symbols: usize,
    /// How many venues they are traded at.
    pub venues: usize,
}

impl House {
    /// The bit of the gate of this name; none where there is no such gate.
    pub fn gate_bit(&self, name: &str) -> Option<u16> {
        let at = self.gates.iter().position(|gate| *gate == name)?;
        (at < domain::GATES_MAX).then(|| 1 << at)
    }
}

/// Builds every learner for a rule, in the order in which they hear outcomes.
pub fn learners(rules: &LearnRules, policy: &Policy, house: &House) -> Vec<Box<dyn Learner>> {
    match rules.rule {
        Rule::Evidence => by_evidence(rules, policy, house),
        Rule::Seed => by_the_letter(rules, policy, house),
    }
}

fn by_evidence(rules: &LearnRules, policy: &Policy, house: &House) -> Vec<Box<dyn Learner>> {
    vec![
        Box::new(HeadWeights::new(*rules)),
        Box::new(ConvictionCalibration::new(*rules)),
        Box::new(ComponentWeights::new(*rules)),
        Box::new(Attribution::new(*rules)),
        Box::new(SignalRecords::new(*rules, house)),
        Box::new(GateThresholds::new(*rules, policy, house)),
        Box::new(MissedOpportunities::new(*rules, house)),
        Box::new(GateMonitor::new(*rules, house)),
        Box::new(Exploration::new(*rules, house)),
        Box::new(KilledCombos::new(*rules, policy, house)),
        Box::new(SizeMultipliers::new(*rules, house)),
        Box::new(SymbolFactors::new(*rules, policy, house)),
        Box::new(HourFactors::new(*rules, house)),
        Box::new(ExitTimes::new(*rules, policy)),
        Box::new(FeeMargin::new(*rules, policy)),
        Box::new(ScenarioTuner::new(*rules, policy, house)),
        Box::new(DailyRules::new(*rules, house)),
        Box::new(Coordinator::new(*rules)),
        Box::new(ProfitEvolution::new(*rules, policy)),
        Box::new(Capital::new(*rules, house)),
        Box::new(OnlineLearning::new(*rules)),
    ]
}

fn by_the_letter(rules: &LearnRules, policy: &Policy, house: &House) -> Vec<Box<dyn Learner>> {
    vec![
        Box::new(LiteralHeadWeights::new(*rules, policy)),
        Box::new(LiteralComponentWeights::new(*rules)),
        Box::new(Attribution::new(*rules)),
        Box::new(SignalRecords::new(*rules, house)),
        Box::new(LiteralGateThresholds::new(*rules, policy, house)),
        Box::new(MissedOpportunities::new(*rules, house)),
        Box::new(GateMonitor::new(*rules, house)),
        Box::new(Exploration::new(*rules, house)),
        Box::new(LiteralKilledCombos::new(*rules)),
        Box::new(LiteralSizeMultipliers::new(*rules)),
        Box::new(LiteralSymbolFactors::new(*rules)),
        Box::new(LiteralHourFactors::new(*rules)),
        Box::new(ExitTimes::new(*rules, policy)),
        Box::new(FeeMargin::new(*rules, policy)),
        Box::new(ScenarioTuner::new(*rules, policy, house)),
        Box::new(DailyRules::new(*rules, house)),
        Box::new(Coordinator::new(*rules)),
        Box::new(ProfitEvolution::new(*rules, policy)),
        Box::new(Capital::new(*rules, house)),
        Box::new(LiteralOnlineLearning::new(*rules)),
    ]
}
