//! The numbers a ruling rests on (methods §4.4, control 6).

use domain::Grounds;

use super::Lineage;
use crate::duel::{Duel, Means};
use crate::judge::Standing;
use crate::rules::{DeployRule, ModelRules};

impl Lineage {
    /// How the slot stands against the champion now; nothing before anything was compared.
    pub fn grounds(&self, rules: &ModelRules, by: DeployRule) -> Option<Grounds> {
        let duel = &self.contest.as_ref()?.duel;
        let means = match (by, &self.own) {
            (DeployRule::Seed, Some(own)) => &own.means,
            _ => duel.means(),
        };
        // On a ramp harm is asked after on each step anew.
        let harm = self.ramp.as_ref().map_or(duel.harm(), |ramp| &ramp.harm);
        let grounds = self.grounds_of(duel, means, rules)?;
        Some(Grounds { harm: harm.evidence(), harm_needed: 1.0 / rules.harm_alpha, ..grounds })
    }

    /// How the champion stands against whom it replaced: in these numbers it is the challenger, and harm is
    /// what the watch asks after.
    pub fn watch_grounds(&self, rules: &ModelRules) -> Option<Grounds> {
        let (duel, harm) = self.watched.as_ref()?.seen()?;
        let grounds = self.grounds_of(duel, duel.means(), rules)?;
        Some(Grounds { harm, harm_needed: rules.decisions_per_false_alarm, ..grounds })
    }

    fn grounds_of(&self, duel: &Duel, means: &Means, rules: &ModelRules) -> Option<Grounds> {
        let standing = Standing::of(means, duel, &rules.canary());
        let sample = duel.gains().sharpe();
        let interval = duel.interval();
        (means.decisions() > 0).then(|| Grounds {
            decisions: standing.decisions,
            blocks: duel.gains().count(),
            champion_mean_r: means.champion_r().unwrap_or(0.0),
            challenger_mean_r: means.challenger_r().unwrap_or(0.0),
            gain_mean_r: standing.gain_mean_r,
            gain_low_r: interval.low,
            gain_high_r: interval.high,
            improvement: standing.improvement,
            tier: standing.tier.name().to_owned(),
            evidence: standing.evidence,
            evidence_needed: standing.evidence_needed,
            path: duel.path(),
            hypothesis: self.hypothesis,
            alpha: duel.alpha(),
            trials: self.tried.count(),
            probabilistic_sharpe: sample.and_then(|sample| sample.probabilistic(0.0)),
            deflated_sharpe: sample.and_then(|sample| self.tried.deflated(&sample)),
            overfit_probability: self.tried.overfit(),
            ..Grounds::default()
        })
    }
}
