//! What may be said of models: that one beats another only with an e-process behind it.

use domain::{Grounds, RulingRecord};

use super::claims::{evidence, rough};
use super::models::{CalibrationStory, LatestStory, ModelsStory};
use super::numbers::{about, count, counted, minute, share, thousandths};

impl ModelsStory {
    /// Who is in charge and why, or why nobody is; without the stop.
    pub fn sentence(&self) -> String {
        if !self.is_on() {
            return "No model was switched on".to_owned();
        }
        if self.in_charge != 0 {
            return self.in_charge_since();
        }
        let trained = match self.versions.len() as u64 {
            0 => {
                return format!("No model is in charge: none has been trained{}", self.untrained());
            }
            versions => counted(versions, "version trained", "versions trained"),
        };
        let since = match self.rulings.iter().rev().find(|ruling| ruling.ruling == "roll_back") {
            Some(back) => format!(
                ", version {} was rolled back at {}, and none has since",
                count(back.version),
                minute(back.at)
            ),
            None => ", none has".to_owned(),
        };
        match &self.standing {
            _ if self.by_size => {
                format!("No model is in charge: {trained}{since} gained enough over abstaining")
            }
            Some(grounds) => format!(
                "No model is in charge: {trained}{since} shown that it beats abstaining ({})",
                self.told(grounds)
            ),
            None => format!(
                "No model is in charge: {trained}{since} shown that it beats abstaining (nothing was compared yet)"
            ),
        }
    }

    /// Why nothing was trained, where that is known.
    fn untrained(&self) -> String {
        match (&self.hungry, &self.trainings.failed_why) {
            _ if !self.versions.is_empty() => String::new(),
            (Some(why), _) => format!("; {why}"),
            (None, Some(why)) => format!("; the last training came to nothing: {why}"),
            (None, None) => String::new(),
        }
    }

    fn in_charge_since(&self) -> String {
        let version = count(self.in_charge);
        let Some(charged) = self.charged() else {
            return format!("Version {version} is in charge");
        };
        let since = format!("Version {version} is in charge since {}", minute(charged.at));
        match (&charged.grounds, self.claimed(charged)) {
            _ if charged.by_person => format!("{since}: a person put it there"),
            (_, Some(grounds)) => {
                let whom = match charged.champion {
                    0 => "abstaining".to_owned(),
                    older => format!("version {}", count(older)),
                };
                format!("{since}, by evidence that the newest beats {whom} ({})", measured(grounds))
            }
            (Some(grounds), None) => {
                format!("{since}, by the size of its gain alone ({})", measured(grounds))
            }
            (None, None) => format!("{since}, again: the one that had replaced it is gone"),
        }
    }

    /// The grounds on which the newest was said to beat whom the version in charge replaced. The claim was made as its
    /// ramp began; what evidence came to later takes nothing from it.
    fn claimed(&self, charged: &RulingRecord) -> Option<&Grounds> {
        let hypothesis = charged.grounds.as_ref()?.hypothesis;
        let own = self.rulings.iter().filter(|ruling| ruling.version == charged.version);
        let grounds = own.filter(|ruling| ruling.at <= charged.at && ruling.ruling != "roll_back");
        grounds
            .filter_map(|ruling| ruling.grounds.as_ref())
            .find(|grounds| grounds.hypothesis == hypothesis && suffices(grounds))
    }

    /// The same for a terminal's line.
    pub fn short(&self) -> String {
        let versions =
            counted_plain(self.versions.len() as u64, "version trained", "versions trained");
        if self.in_charge != 0 {
            let since = self.charged().map_or_else(String::new, |charged| {
                let how = match (charged.by_person, self.claimed(charged)) {
                    (true, _) => "by a person".to_owned(),
                    (_, Some(grounds)) => format!("e = {}", e_of(grounds)),
                    (_, None) if charged.grounds.is_some() => "by its size alone".to_owned(),
                    (_, None) => "again".to_owned(),
                };
                format!(" since {}, {how}", minute(charged.at))
            });
            return format!("version {} in charge{since}; {versions}", self.in_charge);
        }
        let compared = self.standing.as_ref().filter(|_| !self.by_size);
        let standing = compared.map_or_else(String::new, |grounds| {
            let needs = self
                .needed
                .map_or_else(String::new, |more| format!(", about {} more needed", rough(more)));
            format!(": e = {}, n = {}{needs}", e_of(grounds), count(grounds.decisions))
        });
        format!("none in charge; {versions}{standing}{}", self.untrained())
    }

    /// Evidence with what it rests on, and what more it would take.
    pub(super) fn told(&self, grounds: &Grounds) -> String {
        let so_far = format!(
            "e = {} after {}",
            e_of(grounds),
            counted(grounds.decisions, "decision", "decisions")
        );
        match self.needed {
            _ if suffices(grounds) => so_far,
            Some(more) => format!("{so_far}; at this effect about {} more", rough(more)),
            None if never_differed(grounds) => format!("{so_far}, all decided the same way"),
            None if grounds.gain_mean_r <= 0.0 => format!("{so_far}, in which nothing was gained"),
            None => so_far,
        }
    }

    /// How the newest version stands against the one in charge; nothing where there is none to be compared.
    pub fn beside(&self) -> Option<String> {
        let grounds = self.standing.as_ref().filter(|_| self.challenger != 0)?;
        let against = match self.in_charge {
            0 => "no model".to_owned(),
            version => format!("version {}", count(version)),
        };
        let heard = if self.share > 0.0 {
            format!("heard on {} of decisions", share(self.share))
        } else {
            "not heard".to_owned()
        };
        if never_differed(grounds) {
            return Some(format!(
                "The newest, version {}, is {heard}. The newest, whichever it was, would have done the same as \
                 {against} on all {}.",
                count(self.challenger),
                counted(grounds.decisions, "decision", "decisions")
            ));
        }
        let verdict = if suffices(grounds) { "evidence of a gain" } else { "no evidence yet" };
        // Where nobody is in charge the heading says the rest.
        let rests = match self.in_charge {
            0 => String::new(),
            _ => format!(" ({})", self.told(grounds)),
        };
        Some(format!(
            "The newest, version {}, is {heard}. The newest, whichever it was, against {against}: {} R a decision \
             [{}, {}], n = {}, {verdict}{rests}.",
            count(self.challenger),
            thousandths(grounds.gain_mean_r),
            thousandths(grounds.gain_low_r),
            thousandths(grounds.gain_high_r),
            count(grounds.decisions),
        ))
    }
}

/// Whether the evidence allows the word.
pub(super) fn suffices(grounds: &Grounds) -> bool {
    grounds.evidence_needed > 0.0 && grounds.evidence >= grounds.evidence_needed
}

/// Whether newest and champion would have staked the same on everything.
fn never_differed(grounds: &Grounds) -> bool {
    grounds.blocks == 0 && grounds.gain_mean_r == 0.0
}

/// `2.9 of 20`.
pub(super) fn e_of(grounds: &Grounds) -> String {
    format!("{} of {}", evidence(grounds.evidence), about(grounds.evidence_needed))
}

/// A gain with its interval, n and evidence.
fn measured(grounds: &Grounds) -> String {
    format!(
        "{} R a decision [{}, {}], n = {}, e = {}",
        thousandths(grounds.gain_mean_r),
        thousandths(grounds.gain_low_r),
        thousandths(grounds.gain_high_r),
        count(grounds.decisions),
        e_of(grounds)
    )
}

fn counted_plain(value: u64, one: &str, many: &str) -> String {
    counted(value, one, many).replace('\u{a0}', " ")
}

impl LatestStory {
    /// What was done beside what always deploying the latest would have done, without the stop.
    pub fn sentence(&self) -> String {
        if self.decisions == 0 {
            return "Always deploying the latest: nothing was compared yet".to_owned();
        }
        let n = counted(self.decisions, "decision", "decisions");
        if self.blocks == 0 && self.gain_mean_r == 0.0 {
            return format!("Always deploying the latest would have done the same on {n}");
        }
        let measured = format!(
            "{} R a decision [{}, {}], n = {}",
            thousandths(self.gain_mean_r),
            thousandths(self.gain_low_r),
            thousandths(self.gain_high_r),
            count(self.decisions)
        );
        format!("What was done against always deploying the latest: {measured}, {}", self.verdict())
    }

    /// The same for a terminal's line.
    pub fn short(&self) -> String {
        if self.decisions == 0 {
            return "nothing was compared yet".to_owned();
        }
        if self.blocks == 0 && self.gain_mean_r == 0.0 {
            return format!("the same on n = {}", count(self.decisions));
        }
        format!(
            "{:+.3} R a decision [{:+.3}, {:+.3}], n = {}, {}",
            self.gain_mean_r,
            self.gain_low_r,
            self.gain_high_r,
            count(self.decisions),
            self.verdict()
        )
    }

    /// Only an interval that lies wholly on one side of zero says anything; this one holds at every look.
    fn verdict(&self) -> &'static str {
        if self.gain_low_r > 0.0 {
            "it earned more"
        } else if self.gain_high_r < 0.0 {
            "it earned less"
        } else {
            "no evidence yet"
        }
    }
}

impl CalibrationStory {
    /// Whether chances come as often as they say, without the stop.
    pub fn sentence(&self) -> String {
        let n = format!("n = {}, effective {}", count(self.samples), about(self.samples_effective));
        let version = count(self.version);
        match (self.error, self.error_floor) {
            (Some(error), Some(floor)) => {
                let reading = if error > floor {
                    "its chances are off by more than luck"
                } else {
                    "not told apart from a perfect model"
                };
                format!(
                    "Version {version} is off by {} on average; a perfect model is off by up to {} at this n: \
                     {reading} ({n})",
                    points(error),
                    points(floor)
                )
            }
            (Some(error), None) => {
                format!("Version {version} is off by {} on average ({n})", points(error))
            }
            _ => format!("Of version {version} only the shares below are known ({n})"),
        }
    }
}

/// A difference of probabilities: `2.1 points`.
fn points(difference: f64) -> String {
    format!("{:.1}\u{a0}points", 100.0 * difference)
}

#[cfg(test)]
mod tests {
    use domain::{Stage, Timestamp};

    use super::*;

    fn grounds(gain: f64, evidence: f64) -> Grounds {
        Grounds {
            decisions: 212,
            blocks: 90,
            gain_mean_r: gain,
            gain_low_r: gain - 0.05,
            gain_high_r: gain + 0.05,
            evidence,
            evidence_needed: 20.0,
            hypothesis: 1,
            ..Grounds::default()
        }
    }

    fn charged(version: u64, grounds: Option<Grounds>) -> RulingRecord {
        RulingRecord {
            at: Timestamp::from_ms(1_621_432_800_000),
            version,
            champion: 0,
            ruling: "promote".to_owned(),
            from: Stage::Canary,
            to: Stage::Champion,
            share: 1.0,
            by_person: false,
            grounds,
            says: String::new(),
        }
    }

    fn in_charge(rulings: Vec<RulingRecord>) -> ModelsStory {
        let kinds = domain::ModelKind::ALL.to_vec();
        ModelsStory { kinds, in_charge: 7, rulings, ..ModelsStory::default() }
    }

    #[test]
    fn only_evidence_lets_a_version_beat_another() {
        let proven = in_charge(vec![charged(7, Some(grounds(0.06, 31.0)))]).sentence();
        assert_eq!(
            proven,
            "Version 7 is in charge since 2021-05-19 14:00, by evidence that the newest beats abstaining \
             (+0.060 R a decision [+0.010, +0.110], n = 212, e = 31 of 20)"
        );
        for evidence in [19.9, 0.0, f64::NAN] {
            let said = in_charge(vec![charged(7, Some(grounds(0.5, evidence)))]).sentence();
            assert!(
                said.contains("by the size of its gain alone") && !said.contains("beats"),
                "{said}"
            );
        }
        let by_hand = RulingRecord { by_person: true, ..charged(7, Some(grounds(0.06, 31.0))) };
        assert!(in_charge(vec![by_hand]).sentence().ends_with(": a person put it there"));
        assert!(in_charge(vec![charged(7, None)]).sentence().contains(", again: "));
    }

    #[test]
    fn evidence_at_the_foot_of_a_ramp_is_a_claim_for_good() {
        let ramp = RulingRecord { to: Stage::Canary, ..charged(7, Some(grounds(0.06, 21.0))) };
        let later = charged(7, Some(grounds(0.04, 9.0)));
        let said = in_charge(vec![ramp, later]).sentence();
        assert!(said.contains("e = 21 of 20"), "{said}");
        let of_another = Grounds { hypothesis: 2, ..grounds(0.04, 9.0) };
        let ramp = RulingRecord { to: Stage::Canary, ..charged(7, Some(grounds(0.06, 21.0))) };
        let said = in_charge(vec![ramp, charged(7, Some(of_another))]).sentence();
        assert!(said.contains("by the size of its gain alone"), "{said}");
    }

    #[test]
    fn without_evidence_it_is_said_what_it_would_take() {
        let story = ModelsStory { needed: Some(913), ..ModelsStory::default() };
        assert_eq!(
            story.told(&grounds(0.02, 1.7)),
            "e = 1.7 of 20 after 212\u{a0}decisions; at this effect about 910 more"
        );
        let story = ModelsStory::default();
        assert!(story.told(&grounds(-0.02, 0.3)).ends_with(", in which nothing was gained"));
        let alike = Grounds { blocks: 0, ..grounds(0.0, 0.95) };
        assert!(story.told(&alike).ends_with(", all decided the same way"));
        let beside = ModelsStory { challenger: 9, standing: Some(alike), ..ModelsStory::default() };
        assert!(
            beside.beside().unwrap().ends_with("the same as no model on all 212\u{a0}decisions.")
        );
        assert_eq!(ModelsStory::default().sentence(), "No model was switched on");
    }

    #[test]
    fn the_latest_is_judged_by_an_interval_off_zero_alone() {
        let of = |low: f64, high: f64| LatestStory {
            decisions: 212,
            blocks: 60,
            line_mean_r: 0.01,
            latest_mean_r: 0.0,
            without_decisions: 100,
            without_mean_r: 0.0,
            gain_mean_r: 0.01,
            gain_low_r: low,
            gain_high_r: high,
        };
        assert_eq!(
            of(-0.02, 0.04).sentence(),
            "What was done against always deploying the latest: +0.010 R a decision \
             [\u{2212}0.020, +0.040], n = 212, no evidence yet"
        );
        assert!(of(0.001, 0.04).sentence().ends_with("it earned more"));
        assert!(of(-0.04, -0.001).short().ends_with("it earned less"));
        let same = LatestStory { blocks: 0, gain_mean_r: 0.0, ..of(0.0, 0.0) };
        assert!(same.sentence().ends_with("the same on 212\u{a0}decisions"));
    }

    #[test]
    fn calibration_is_judged_against_luck_and_never_against_zero() {
        let of = |error| CalibrationStory {
            version: 7,
            points: Vec::new(),
            error: Some(error),
            error_floor: Some(0.039),
            samples: 4_402,
            samples_effective: 1_321.0,
        };
        assert!(of(0.021).sentence().contains("not told apart from a perfect model (n = 4,402"));
        assert!(of(0.04).sentence().contains("off by more than luck"));
    }
}
