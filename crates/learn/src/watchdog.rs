//! Watchdogs (mission row A17): a learner that misbehaves is frozen, and goes on observing.
//!
//! Nobody is frozen for being wrong: that is the evidence's business. Frozen is who says nonsense, who
//! moves the same value up and down without getting anywhere, and who runs against a bound without end.

mod swings;

use std::collections::BTreeMap;

use domain::{Policy, SilencedBy};
use serde::{Deserialize, Serialize};

use crate::governor::{Publication, RefusedAmendment};
use swings::Swings;

/// Times nonsense is forgiven, and one more. Chosen: once may be an accident of one market.
const NONSENSE_MAX: u32 = 2;

/// Refusals in a row for which bounds left nothing. Chosen: a learner that has looked at what stands does
/// not ask for what it cannot have fifty times.
const BOUNCES_MAX: u32 = 50;

/// What a learner has done so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Conduct {
    nonsense: u32,
    bounces: u32,
    /// Versions published for it, the kinds of change together.
    versions: u32,
    /// By kind of change and place.
    swings: BTreeMap<u64, Swings>,
}

/// Watches what learners propose and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watchdog {
    conduct: BTreeMap<String, Conduct>,
    /// Who is to be frozen, and why.
    guilty: Vec<(String, String)>,
}

impl Watchdog {
    /// Hears what came of asking; `standing` is the policy before.
    pub fn hear(&mut self, standing: &Policy, publication: &Publication) {
        for (refused, why) in publication.refused.iter().zip(&publication.why) {
            self.hear_refused(standing, &refused.amendment.learner, why);
        }
        let Some(version) = &publication.version else { return };
        for amendment in version.reason.amendments() {
            let conduct = self.conduct.entry(amendment.learner.clone()).or_default();
            conduct.bounces = 0;
            conduct.versions += 1;
            let versions = conduct.versions;
            for moved in swings::moved(standing, &amendment.change) {
                let swings = conduct.swings.entry(moved.key);
                let swings = swings.or_insert_with(|| Swings::from(moved.from));
                if swings.go(versions, moved.to, amendment.evidence.outcomes_effective) {
                    let why = format!(
                        "moved {} up and down {} times by a tenth or more within {} versions, and got nowhere, on the same evidence",
                        amendment.change.what(),
                        swings::TURNS,
                        swings::WITHIN_VERSIONS
                    );
                    accuse(&mut self.guilty, &amendment.learner, why);
                }
            }
        }
    }

    fn hear_refused(&mut self, standing: &Policy, learner: &str, why: &RefusedAmendment) {
        let conduct = self.conduct.entry(learner.to_owned()).or_default();
        if why.is_nonsense() {
            conduct.nonsense += 1;
            if conduct.nonsense >= NONSENSE_MAX {
                let times = conduct.nonsense;
                accuse(
                    &mut self.guilty,
                    learner,
                    format!("proposed nonsense {times} times: {why}"),
                );
            }
        }
        // Against a value that a person holds fast, a learner may ask as often as it likes.
        if *why == RefusedAmendment::NothingLeft && standing.pins.is_empty() {
            conduct.bounces += 1;
            if conduct.bounces >= BOUNCES_MAX {
                let times = conduct.bounces;
                accuse(
                    &mut self.guilty,
                    learner,
                    format!("ran against its bounds {times} times in a row"),
                );
            }
        }
    }

    /// The next learner to be frozen, and for what.
    pub fn next(&self, policy: &Policy) -> Option<(&str, SilencedBy)> {
        let heard = self.guilty.iter().find(|(learner, _)| !policy.is_silenced(learner));
        heard.map(|(learner, why)| (learner.as_str(), SilencedBy::Watchdog(why.clone())))
    }

    /// Whether it will be frozen; until then it is not asked either.
    pub fn is_guilty(&self, learner: &str) -> bool {
        self.guilty.iter().any(|(guilty, _)| guilty == learner)
    }

    /// Begins anew with a learner that a person listens to again.
    pub fn forgive(&mut self, learner: &str) {
        self.conduct.remove(learner);
        self.guilty.retain(|(guilty, _)| guilty != learner);
    }
}

fn accuse(guilty: &mut Vec<(String, String)>, learner: &str, why: String) {
    if !guilty.iter().any(|(accused, _)| accused == learner) {
        guilty.push((learner.to_owned(), why));
    }
}
