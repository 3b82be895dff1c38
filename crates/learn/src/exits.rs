//! A9, hold time and targets: a strategy's exits move one bounded step where the same entries under another plan
//! are shown to gain; and, beside it, by the seed's rule to the hold that has come to most. These are the
//! parameters of strategies that A12 asks to be tuned too, and nobody else moves them.

use domain::{
    Amendment, Change, Cycle, Evidence, ExitFactors, Outcome, Phase, Policy, PolicyVersion,
    StrategyIx, Timestamp, Trial, WhatIf, WhatIfOutcome,
};
use serde::{Deserialize, Serialize};
use stats::sequential::e_bh;

use crate::evidence::says_e;
use crate::hold_curve::HoldCurve;
use crate::paired::PairedGains;
use crate::quiet::is_taken_back;
use crate::{LearnRules, Learner, LearnerReport, Rule};

/// What the policy has a place for. Adding on the way has none: it is PAL's to show.
const ASKED: [WhatIf; 5] = [
    WhatIf::HoldHalf,
    WhatIf::HoldDouble,
    WhatIf::TargetNear,
    WhatIf::TargetFar,
    WhatIf::PartialHalf,
];

/// The share of changes that may be luck, over all what-ifs of all strategies (e-BH; e ≥ 20 where but one is
/// asked).
const FALSE_SHARE: f64 = 0.05;

/// How much of a position leaves early more, at most, with one version. Chosen: what the governor allows.
const PARTIAL_STEP: f64 = 0.05;

/// One strategy's exits and what is known of others, since they last moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StrategyExits {
    /// What stands.
    factors: ExitFactors,
    /// The version with which that came.
    since_version: u64,
    /// Times the evidence began; each time it has to be stronger.
    rounds: u32,
    gains: Vec<PairedGains>,
    holds: HoldCurve,
}

impl StrategyExits {
    fn new(factors: ExitFactors, since_version: u64, rounds: u32) -> StrategyExits {
        StrategyExits {
            factors,
            since_version,
            rounds,
            gains: ASKED.map(PairedGains::of).to_vec(),
            holds: HoldCurve::default(),
        }
    }

    /// What a round's evidence counts: rounds without end together spend what one test may (methods §1.4,
    /// 6 / (π² k²)).
    fn spent(&self) -> f64 {
        const ALL: f64 = 6.0 / (std::f64::consts::PI * std::f64::consts::PI);
        ALL / f64::from(self.rounds * self.rounds)
    }

    /// What would stand if this other plan were followed one step.
    fn moved(&self, what_if: WhatIf, rules: &LearnRules) -> Option<ExitFactors> {
        let ExitFactors { target, hold, partial_share, .. } = self.factors;
        let (less, more) = (1.0 - rules.step_fraction_max, 1.0 + rules.step_fraction_max);
        let moved = match what_if {
            WhatIf::HoldHalf => {
                ExitFactors { hold: hold * self.best_share().max(less), ..self.factors }
            }
            WhatIf::HoldDouble => ExitFactors { hold: hold * more, ..self.factors },
            WhatIf::TargetNear => ExitFactors { target: target * less, ..self.factors },
            WhatIf::TargetFar => ExitFactors { target: target * more, ..self.factors },
            WhatIf::PartialHalf => {
                ExitFactors { partial_share: partial_share + PARTIAL_STEP, ..self.factors }
            }
            WhatIf::ScaleIn => return None,
        };
        let differs = |from: f64, to: f64| (to - from).abs() >= rules.publish_fraction_min * from;
        let moves = differs(hold, moved.hold)
            || differs(target, moved.target)
            || moved.partial_share != partial_share;
        moves.then_some(moved)
    }

    /// The hold that came to most, as a share of the longest: no step leaves it behind.
    fn best_share(&self) -> f64 {
        self.holds.shortest_of_the_best().map_or(0.0, HoldCurve::share)
    }

    /// The best evidenced of what may be followed, with what would stand then.
    fn best(&self, rejected: &[usize], rules: &LearnRules) -> Option<(usize, ExitFactors)> {
        let may = |at: &usize| {
            let known = &self.gains[*at];
            // Taking a part lowers the spread and earns nothing (methods §1.13): it has to do the first.
            let is_reason = ASKED[*at] != WhatIf::PartialHalf || known.is_steadier();
            is_reason && known.effective() >= rules.outcomes_min
        };
        let by_evidence =
            |a: &usize, b: &usize| self.gains[*a].e_value().total_cmp(&self.gains[*b].e_value());
        let at = rejected.iter().copied().filter(may).max_by(by_evidence)?;
        Some((at, self.moved(ASKED[at], rules)?))
    }
}

/// Learns how long to hold and where to take profits, per strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExitTimes {
    rules: LearnRules,
    heard: u64,
    heard_effective: f64,
    strategies: Vec<StrategyExits>,
}

impl ExitTimes {
    /// A learner that has heard nothing, while this policy stands.
    pub fn new(rules: LearnRules, policy: &Policy) -> ExitTimes {
        let strategies = policy.exits.iter();
        ExitTimes {
            rules,
            heard: 0,
            heard_effective: 0.0,
            strategies: strategies.map(|&exits| StrategyExits::new(exits, 0, 1)).collect(),
        }
    }

    fn of(&mut self, strategy: StrategyIx) -> &mut StrategyExits {
        let at = usize::from(strategy.0);
        while self.strategies.len() <= at {
            self.strategies.push(StrategyExits::new(ExitFactors::default(), 0, 1));
        }
        &mut self.strategies[at]
    }

    /// Which of all what-ifs of all strategies stand out together (Wang & Ramdas 2022), per strategy.
    fn rejected(&self) -> Vec<Vec<usize>> {
        let spent = self.strategies.iter().flat_map(|exits| {
            exits.gains.iter().map(|known| (known.e_value() * exits.spent()).min(f64::MAX))
        });
        let e_values: Vec<f64> = spent.collect();
        let mut rejected = vec![Vec::new(); self.strategies.len()];
        for at in e_bh(&e_values, FALSE_SHARE) {
            rejected[at / ASKED.len()].push(at % ASKED.len());
        }
        rejected
    }

    /// Whether anything stands out so far that it could be among what stands out together.
    fn has_evidence(&self) -> bool {
        let known = |exits: &StrategyExits| {
            exits.gains.iter().any(|known| known.e_value() * exits.spent() >= 1.0 / FALSE_SHARE)
        };
        self.strategies.iter().any(known)
    }

    fn by_evidence(&self) -> Vec<Amendment> {
        let mut amendments = Vec::new();
        if !self.has_evidence() {
            return amendments;
        }
        for ((at, exits), rejected) in self.strategies.iter().enumerate().zip(self.rejected()) {
            let Some((place, factors)) = exits.best(&rejected, &self.rules) else { continue };
            let known = &exits.gains[place];
            amendments.push(Amendment {
                learner: self.name().to_owned(),
                change: Change::Exits { strategy: at as u8, factors },
                evidence: Evidence {
                    outcomes: known.pairs,
                    outcomes_effective: known.effective(),
                    e_value: Some(known.e_value()),
                    effect: known.mean(),
                    says: format!("{} gains on the same entries", ASKED[place].name()),
                    ..Evidence::default()
                },
            });
        }
        amendments
    }

    /// Seed 001's hold time policy, as literally as it is told: the hold that has come to most, once fifty
    /// outcomes are in.
    fn by_seed(&self) -> Vec<Amendment> {
        let mut amendments = Vec::new();
        for (at, exits) in self.strategies.iter().enumerate() {
            let outcomes = exits.holds.outcomes;
            let Some(best) = exits.holds.best() else { continue };
            let share = HoldCurve::share(best);
            if (outcomes as f64) < self.rules.outcomes_min || share == 1.0 {
                continue;
            }
            let factors = ExitFactors { hold: exits.factors.hold * share, ..exits.factors };
            amendments.push(Amendment {
                learner: self.name().to_owned(),
                change: Change::Exits { strategy: at as u8, factors },
                evidence: Evidence {
                    says: format!("{outcomes} outcomes came to most after {share} of their hold"),
                    ..Evidence::of(outcomes, outcomes as f64)
                },
            });
        }
        amendments
    }

    fn report_on(&self, at: usize, exits: &StrategyExits, report: &mut LearnerReport) {
        let needed = self.rules.outcomes_min;
        for (what_if, known) in ASKED.iter().zip(&exits.gains) {
            let (name, n) = (what_if.name(), known.effective());
            let Some(gain) = known.mean().filter(|_| n >= needed) else {
                report.starved.push(format!(
                    "{n:.0} of {needed:.0} effective pairs of {name} for strategy {at}"
                ));
                continue;
            };
            let over = if known.is_over() { ", ended by a loss beyond its floor" } else { "" };
            report.beliefs.push(format!(
                "strategy {at}, {name}: {:+.3} R ({:+.3} to {:+.3}) over {n:.0} effective pairs, e = {}{over}",
                gain.mean,
                gain.low,
                gain.high,
                says_e(known.e_value())
            ));
        }
        let holds = &exits.holds;
        if let Some(best) = holds.shortest_of_the_best().filter(|_| holds.effective() >= needed) {
            report.beliefs.push(format!(
                "strategy {at}: the shortest hold within one standard error of the best is {} of the longest, over {:.0} effective outcomes",
                HoldCurve::share(best),
                holds.effective()
            ));
        }
    }
}

impl Learner for ExitTimes {
    fn name(&self) -> &'static str {
        "exits"
    }

    fn cycle(&self) -> Cycle {
        Cycle::Nightly(Phase::Learning)
    }

    fn observe(&mut self, outcome: &Outcome) {
        let exits = self.of(outcome.strategy);
        // What was held under an earlier plan is marked at that plan's times.
        if outcome.basis.policy_version >= exits.since_version {
            exits.holds.hear(outcome);
        }
    }

    fn observe_what_if(&mut self, pair: &WhatIfOutcome) {
        self.heard += 1;
        self.heard_effective += pair.uniqueness;
        let exits = self.of(pair.strategy);
        if let Some(at) = ASKED.iter().position(|asked| *asked == pair.what_if) {
            exits.gains[at].hear(pair);
        }
    }

    fn propose(&self, _: &Policy, _: Timestamp) -> Vec<Amendment> {
        match self.rules.rule {
            Rule::Evidence => self.by_evidence(),
            Rule::Seed => self.by_seed(),
        }
    }

    /// Every other plan of every strategy is a trial of the night on which one of them is taken.
    fn trials(&self, policy: &Policy, at: Timestamp) -> Vec<Trial> {
        if self.rules.rule == Rule::Seed || self.propose(policy, at).is_empty() {
            return Vec::new();
        }
        let rejected = self.rejected();
        let mut trials = Vec::new();
        for ((strategy, exits), rejected) in self.strategies.iter().enumerate().zip(rejected) {
            let best = exits.best(&rejected, &self.rules).map(|(place, _)| place);
            for (place, known) in exits.gains.iter().enumerate().filter(|(_, it)| it.pairs > 0) {
                let (mean_r, sharpe) = known.mean_and_sharpe();
                trials.push(Trial {
                    learner: self.name().to_owned(),
                    at,
                    cell: format!("strategy {strategy}: {}", ASKED[place].name()),
                    outcomes_effective: known.effective(),
                    mean_r,
                    sharpe,
                    was_taken: best == Some(place),
                });
            }
        }
        trials
    }

    fn report(&self, _: &Policy) -> LearnerReport {
        let mut report = LearnerReport {
            heard: self.heard,
            heard_effective: self.heard_effective,
            ..LearnerReport::default()
        };
        for (at, exits) in self.strategies.iter().enumerate() {
            self.report_on(at, exits, &mut report);
        }
        report
    }

    /// What was known of other plans was known beside the plan that stood: where that has moved, everything
    /// begins anew, and so it does where a version was taken back.
    fn adopt(&mut self, version: &PolicyVersion) {
        let is_back = is_taken_back(&version.reason);
        let count = self.strategies.len().max(version.policy.exits.len());
        for strategy in (0..count).map(|at| StrategyIx(at as u8)) {
            let factors = version.policy.exits_of(strategy);
            let exits = self.of(strategy);
            if exits.factors != factors || is_back {
                let rounds = exits.rounds.saturating_add(1).min(1_000);
                *exits = StrategyExits::new(factors, version.policy.version, rounds);
            }
        }
    }

    fn save(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("numbers always serialise")
    }

    fn load(&mut self, saved: &[u8]) -> bool {
        postcard::from_bytes(saved).map(|read| *self = read).is_ok()
    }
}
