//! What models had said of what has ended, and what the learner of that makes of it when it is asked.

use domain::{Command, FastLayer, Job, ModelKind, Outcome};
use learn::LearnerReport;
use serde_json::{Value, json};
use stats::seed_rules::UPDATE_LOOK_BACK_HOURS;

use super::revert_to;
use super::window::{Asked, Asking};
use crate::args::Global;
use crate::commands::order::{self, Fed};
use crate::commands::shown::grouped;
use crate::failure::Failure;
use crate::world::Answer;

/// The learner of what models say.
const LEARNER: &str = "online_learning";

/// What models had said of what ended within the hours.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    /// Whether only trades are learned from, winners alone again and again (seed 002).
    by_seed: bool,
    stands: FastLayer,
    used: usize,
    trades: usize,
    won: usize,
    right: usize,
    sum_expected: f64,
    sum_r: f64,
    /// Squared errors, and their squares.
    sum_error: f64,
    sum_error_squared: f64,
}

impl Spoken {
    /// Nothing yet; scored is the layer that stands.
    pub(super) fn new(rule: &str, stands: FastLayer) -> Spoken {
        Spoken {
            by_seed: rule == "seed",
            stands,
            used: 0,
            trades: 0,
            won: 0,
            right: 0,
            sum_expected: 0.0,
            sum_r: 0.0,
            sum_error: 0.0,
            sum_error_squared: 0.0,
        }
    }

    /// Takes in what the learner would.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        let (modelled, is_trade) = (&outcome.basis.modelled, outcome.standing.is_executed());
        let Some(ensemble) = modelled.ensemble().filter(|_| is_trade || !self.by_seed) else {
            return;
        };
        let refined = self.stands.refined(ensemble, modelled.members());
        let miss = f64::from(u8::from(outcome.won())) - refined;
        self.trades += usize::from(is_trade);
        self.won += usize::from(outcome.won());
        self.right += usize::from((refined > 0.5) == outcome.won());
        self.used += 1;
        self.sum_expected += ensemble;
        self.sum_r += outcome.r;
        self.sum_error += miss * miss;
        self.sum_error_squared += miss.powi(4);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used == 0
    }

    fn mean(&self, sum: f64) -> f64 {
        sum / self.used.max(1) as f64
    }

    fn share(&self, of: usize) -> f64 {
        self.mean(of as f64)
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean(self.sum_error);
        (self.mean(self.sum_error_squared) - mean * mean).max(0.0).sqrt()
    }

    fn text(&self, asked: Asked) -> String {
        let (used, won) = (grouped(self.used as u64), grouped(self.won as u64));
        let lost = grouped((self.used - self.won) as u64);
        let guard = match (asked, self.by_seed) {
            (_, true) => {
                "  The seed's rule learns the winners again, three times, and the losers not: luck is boosted with skill.\n"
            }
            (Asked::Boost, false) => {
                "  Winners and losers are weighed alike, by their size: winners alone would teach luck.\n"
            }
            (Asked::Update, false) => "  Winners and losers are weighed alike, by their size.\n",
        };
        let trades = grouped(self.trades as u64);
        let used = match asked {
            Asked::Update => format!("{used} outcomes, {trades} of trades; {won} won, {lost} lost"),
            Asked::Boost => format!("{won} winners, {lost} losers; {trades} of them trades"),
        };
        let percent = |share: f64| 100.0 * share;
        format!(
            "What models had said of it\n  used              {used}\n{guard}  win rate          {:.1} % where models expected {:.1} %\n  accuracy          {:.1} % told right\n  average reward    {:+.3} R, {:+.2} R in all\n  score             {:.4} ± {:.4} squared error; always to say one half is 0.25\n",
            percent(self.share(self.won)),
            percent(self.mean(self.sum_expected)),
            percent(self.share(self.right)),
            self.mean(self.sum_r),
            self.sum_r,
            self.mean(self.sum_error),
            self.deviation()
        )
    }

    fn json(&self) -> Value {
        json!({
            "outcomes_used": self.used,
            "trades_used": self.trades,
            "winners_used": self.won,
            "losers_used": self.used - self.won,
            "win_rate": self.share(self.won),
            "predicted_win_rate": self.mean(self.sum_expected),
            "accuracy": self.share(self.right),
            "average_r": self.mean(self.sum_r),
            "sum_r": self.sum_r,
            "score": self.mean(self.sum_error),
            "score_deviation": self.deviation(),
        })
    }
}

/// What came of asking the learner.
pub(super) struct Update {
    spoken: Spoken,
    report: LearnerReport,
    is_silenced: bool,
    answer: Answer,
    undo: String,
}

impl Update {
    /// Has the run's learner asked as its hourly job would, and takes what it says.
    pub(super) fn asked(
        global: &Global,
        asking: Asking,
        run: &str,
        spoken: Spoken,
    ) -> Result<Update, Failure> {
        let fed = if asking.is_dry { Fed::ByNobody } else { Fed::Perhaps };
        let mut stood = order::stored(global, Some(run), fed)?;
        let stored = stood.at_rest()?;
        let policy = stored.engine().policy();
        let (version, is_silenced) = (policy.version, policy.is_silenced(LEARNER));
        let mut reports = stored.engine().learner_reports().into_iter();
        let report = reports.find(|(name, _)| *name == LEARNER).map(|(_, report)| report);
        let is_dry = asking.is_dry;
        let order = Command::RunJob { job: Job::OnlineLearning, is_dry, at: stood.now() };
        let answer = if is_dry { stood.look(order)? } else { stood.give(order)? };
        let undo = revert_to(global, &stood.run, version);
        let report = report.unwrap_or_default();
        Ok(Update { spoken, report, is_silenced, answer, undo })
    }

    fn published(&self) -> Option<u64> {
        self.answer.versions.first().map(|version| version.policy.version)
    }

    /// Why nothing is taken over; nothing where it is, or would be.
    fn refused(&self) -> Option<String> {
        let layer = self.report.layer.as_ref();
        if self.published().is_some() {
            None
        } else if self.is_silenced {
            Some(format!("{LEARNER} is switched off"))
        } else if let Some(refused) = self.answer.refused.first() {
            Some(refused.why.clone())
        } else if let Some(why) = layer.and_then(|layer| layer.refused) {
            Some(why.to_string())
        } else {
            // It was as good as taken when the last outcome was heard; its look-back has moved on since.
            (!self.would_change()).then(|| "too few samples in 24 h by now".to_owned())
        }
    }

    fn would_change(&self) -> bool {
        let said = format!("{LEARNER} would change");
        self.answer.jobs.iter().flat_map(|run| &run.findings).any(|one| one.says.contains(&said))
    }

    /// What was done, and why.
    pub(super) fn verdict(&self) -> String {
        match (self.refused(), self.published()) {
            (Some(why), _) => format!("Refused: {why}."),
            (None, Some(version)) => format!("Accepted: version {version}. Undo: {}", self.undo),
            (None, None) => "It would be accepted; nothing was changed.".to_owned(),
        }
    }

    /// What had been said, and what is learned from it.
    pub(super) fn text(&self, asking: Asking) -> String {
        let mut text = self.spoken.text(asking.asked);
        if asking.hours != UPDATE_LOOK_BACK_HOURS {
            text.push_str(&format!(
                "These figures are of {} hours; the update itself looks back {UPDATE_LOOK_BACK_HOURS}.\n",
                asking.hours
            ));
        }
        text.push_str("What the learner makes of it\n");
        let lines = self.report.beliefs.iter().chain(&self.report.starved);
        lines.for_each(|line| text.push_str(&format!("  {line}\n")));
        text
    }

    /// The same for programs.
    pub(super) fn json(&self, told: &mut Value) {
        let layer = self.report.layer.as_ref();
        told["models"] = self.spoken.json();
        told["trades_used"] = self.spoken.trades.into();
        told["accepted"] = self.refused().is_none().into();
        told["published"] = self.published().into();
        told["layer"] = json!({
            "stands": as_json(&self.spoken.stands),
            "learned": layer.map(|layer| as_json(&layer.layer)),
            "e_value": layer.and_then(|layer| layer.e_value),
            "refused": layer.and_then(|layer| layer.refused).map(|why| why.kind()),
        });
        told["beliefs"] = json!(self.report.beliefs);
    }
}

fn as_json(layer: &FastLayer) -> Value {
    let mut told = json!({ "bias": layer.bias });
    for kind in ModelKind::ALL {
        told[kind.name()] = layer.slopes[kind.at()].into();
    }
    told
}

#[cfg(test)]
mod tests {
    use domain::{Basis, MODEL_COUNT, Modelled, Standing};
    use learn::{LayerRefusal, LearnedLayer};

    use super::*;

    fn outcome(hour: u64, r: f64, ensemble: f32, standing: Standing) -> Outcome {
        let made = scenarios::outcome(hour, r);
        let modelled = Modelled { ensemble, members: [ensemble; MODEL_COUNT], ..Modelled::NONE };
        Outcome { standing, basis: Basis { modelled, ..made.basis }, ..made }
    }

    /// Four of which a model had spoken, one of them a trade, and one of which none had.
    fn spoken(rule: &str) -> Spoken {
        let mut spoken = Spoken::new(rule, FastLayer::default());
        spoken.add(&outcome(0, 1.5, 0.6, Standing::Conviction));
        spoken.add(&outcome(1, -1.0, 0.6, Standing::Refused));
        spoken.add(&outcome(2, -1.0, 0.4, Standing::Refused));
        spoken.add(&outcome(3, 0.1, 0.4, Standing::Withheld));
        spoken.add(&outcome(4, 1.5, Modelled::UNSAID, Standing::Conviction));
        spoken
    }

    fn update(refused: Option<LayerRefusal>, rule: &str) -> Update {
        let layer = FastLayer { bias: -0.25, ..FastLayer::default() };
        let layer = LearnedLayer { layer, e_value: Some(3.0), refused };
        let beliefs = vec!["learned beside it: bias -0.250".to_owned()];
        let report = LearnerReport { beliefs, layer: Some(layer), ..LearnerReport::default() };
        let answer = Answer::default();
        let undo = "hindsight learn revert 1".to_owned();
        Update { spoken: spoken(rule), report, is_silenced: false, answer, undo }
    }

    const WEAK: LayerRefusal = LayerRefusal::TooLittleEvidence { e_value: 3.0 };

    #[test]
    fn an_update_tells_what_it_uses_what_was_expected_and_why_it_is_refused() {
        let update = update(Some(WEAK), "evidence");
        let asking = Asking { asked: Asked::Update, hours: 48, is_dry: false };
        let text = update.text(asking);
        for line in [
            "used              4 outcomes, 1 of trades; 2 won, 2 lost",
            "weighed alike, by their size",
            "win rate          50.0 % where models expected 50.0 %",
            "accuracy          50.0 % told right",
            "average reward    -0.100 R, -0.40 R in all",
            "score             0.2600 ± 0.1000 squared error",
            "of 48 hours; the update itself looks back 24.",
            "learned beside it: bias -0.250",
        ] {
            assert!(text.contains(line), "{line:?} is not in {text}");
        }
        assert_eq!(update.verdict(), "Refused: e = 3.0 that it expects better, 20 is asked for.");
        let day = Asking { hours: 24, ..asking };
        assert!(!update.text(day).contains("looks back"));
        let mut told = json!({});
        update.json(&mut told);
        assert_eq!(
            (&told["models"]["outcomes_used"], &told["trades_used"]),
            (&json!(4), &json!(1))
        );
        assert_eq!(told["layer"]["refused"], "too_little_evidence");
        assert_eq!(told["layer"]["learned"]["bias"], -0.25);
        assert_eq!((&told["accepted"], &told["published"]), (&json!(false), &Value::Null));
    }

    #[test]
    fn a_boost_counts_winners_beside_losers_and_says_what_the_seed_does_with_them() {
        let asking = Asking { asked: Asked::Boost, hours: 24, is_dry: true };
        let text = update(None, "evidence").text(asking);
        assert!(text.contains("2 winners, 2 losers; 1 of them trades"), "{text}");
        assert!(text.contains("winners alone would teach luck"), "{text}");
        let text = update(None, "seed").text(asking);
        assert!(text.contains("1 winners, 0 losers; 1 of them trades"), "{text}");
        assert!(text.contains("luck is boosted with skill"), "{text}");
    }

    #[test]
    fn what_would_be_taken_is_told_and_what_nobody_listens_to_is_not_taken() {
        let mut update = update(None, "evidence");
        assert_eq!(update.verdict(), "Refused: too few samples in 24 h by now.");
        let at = domain::Timestamp::from_ms(0);
        let says = format!("{LEARNER} would change fast layer on 60 effective outcomes");
        let found = domain::Finding { of: LEARNER.to_owned(), is_amiss: false, says };
        update.answer.jobs.push(domain::JobRun {
            job: Job::OnlineLearning,
            due_at: at,
            ran_at: at,
            by: domain::RunBy::DryRun,
            published: None,
            findings: vec![found],
        });
        assert_eq!(update.verdict(), "It would be accepted; nothing was changed.");
        update.is_silenced = true;
        assert_eq!(update.verdict(), "Refused: online_learning is switched off.");
    }
}
