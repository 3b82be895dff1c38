//! What may be said of learning: "improved" and "worse" only with an e-process behind them.

use super::numbers::{about, amount, count, counted, thousandths};
use super::studies::{Studies, TwinStory};
use crate::tally::Direction;

impl TwinStory {
    /// Whether learning helped, in one sentence with what it rests on.
    pub fn sentence(&self) -> String {
        let Some(difference) = self.difference else { return self.too_few() };
        let measured = format!(
            "{} R per differing decision [{}, {}], n = {}, effective {}",
            thousandths(difference.value),
            thousandths(difference.low),
            thousandths(difference.high),
            count(difference.n),
            about(difference.n_effective),
        );
        if self.has_improved() {
            return format!("Learning improved on day one: {measured} (e = {}).", self.said());
        }
        if self.has_harmed() {
            let evidence = evidence(self.evidence_worse);
            return format!("Learning did worse than day one: {measured} (e = {evidence}).");
        }
        let needs = self.needed.map_or(String::new(), |needed| {
            format!("; an effect this size would need about {}", rough(needed))
        });
        format!(
            "Learning against day one: {measured}, no evidence yet (e = {}{needs}).",
            self.said()
        )
    }

    /// The same for a terminal's line.
    pub fn short(&self) -> String {
        let Some(difference) = self.difference else { return self.too_few() };
        let measured = format!(
            "{:+.3} R a decision [{:+.3}, {:+.3}], n = {}",
            difference.value,
            difference.low,
            difference.high,
            count(difference.n),
        );
        if self.has_improved() {
            return format!("improved on day one: {measured}, e = {}", evidence(self.evidence));
        }
        if self.has_harmed() {
            let evidence = evidence(self.evidence_worse);
            return format!("worse than day one: {measured}, e = {evidence}");
        }
        format!("no evidence yet: {measured}, e = {}", self.said())
    }

    /// What learning made beside day one, in quote units, and whether that comes mostly of stakes, which the
    /// test of decisions leaves out; nothing where both made the same.
    pub fn in_money(&self) -> Option<String> {
        let lead = self.learning.equity - self.frozen.equity;
        if !lead.is_finite() || lead.abs() < 0.005 {
            return None;
        }
        let way = if lead > 0.0 { "more" } else { "less" };
        let mut text = format!("It made {} {way} than day one", amount(lead.abs()));
        // More than half of it, and the same way.
        if self.from_stakes * lead.signum() > lead.abs() / 2.0 {
            let stakes = match self.stake_ratio {
                Some(ratio) if ratio < 1.0 => "smaller",
                _ => "larger",
            };
            text.push_str(&format!(", mostly from {stakes} stakes, which this test leaves out"));
        } else if self.from_stakes.abs() >= 0.005 {
            let sign = if self.from_stakes > 0.0 { "above" } else { "below" };
            text.push_str(&format!(
                "; other stakes on the same decisions, which this test leaves out, came to {} {sign} day one's",
                amount(self.from_stakes.abs())
            ));
        }
        Some(text + ".")
    }

    /// The verdict and what learning made beside day one.
    pub fn whole(&self) -> String {
        let money = self.in_money().map_or_else(String::new, |money| format!(" {money}"));
        self.sentence() + &money
    }

    /// Whether the evidence allows the word.
    pub fn has_improved(&self) -> bool {
        self.evidence >= self.evidence_needed
    }

    /// Whether the evidence says that learning cost money.
    pub fn has_harmed(&self) -> bool {
        !self.has_improved() && self.evidence_worse >= self.evidence_needed
    }

    fn said(&self) -> String {
        format!("{} of {}", evidence(self.evidence), about(self.evidence_needed))
    }

    fn too_few(&self) -> String {
        match self.differing {
            0 => format!(
                "Learning and day one did the same on {}; there is no difference to measure.",
                counted(self.alike, "executed decision", "executed decisions")
            ),
            n => format!(
                "Learning and day one differed on {}: too few to measure a difference.",
                counted(n, "decision", "decisions")
            ),
        }
    }
}

impl Studies {
    /// Where weeks are going, in one sentence; a direction only with evidence.
    pub fn trend_sentence(&self) -> String {
        let Some(trend) = self.trend else { return "No trade was closed in any week.".to_owned() };
        if trend.weeks == 0 {
            return "Trend: no week is finished yet.".to_owned();
        }
        let weeks = counted(trend.weeks, "finished week", "finished weeks");
        match trend.direction {
            Direction::Improving => {
                format!("Trend: improving, {weeks} (e = {}).", evidence(trend.e_improving))
            }
            Direction::Declining => {
                format!("Trend: declining, {weeks} (e = {}).", evidence(trend.e_declining))
            }
            Direction::Stable => format!(
                "Trend: stable, n = {weeks}; no evidence of a direction (e = {} up, {} down, of 20).",
                evidence(trend.e_improving),
                evidence(trend.e_declining)
            ),
        }
    }
}

/// Evidence with as many digits as it carries.
pub(crate) fn evidence(e: f64) -> String {
    if e >= 1e6 {
        "over 1,000,000".to_owned()
    } else if e >= 10.0 {
        about(e)
    } else if e >= 0.05 {
        format!("{e:.1}")
    } else {
        "less than 0.1".to_owned()
    }
}

/// A count rounded to two digits: it rests on an estimate.
pub(super) fn rough(n: u64) -> String {
    let digits = n.max(1).ilog10().saturating_sub(1);
    let unit = 10_u64.pow(digits);
    count((n + unit / 2) / unit * unit)
}

#[cfg(test)]
mod tests {
    use super::super::story::Estimate;
    use super::super::studies::TwinArm;
    use super::*;

    fn story(value: f64, evidence: f64, evidence_worse: f64) -> TwinStory {
        let arm = TwinArm::default();
        TwinStory {
            learning: arm,
            frozen: arm,
            differing: 212,
            alike: 40,
            stake_ratio: Some(0.8),
            from_stakes: 0.0,
            void: 0,
            difference: Some(Estimate {
                value,
                low: value - 0.025,
                high: value + 0.025,
                n: 212,
                n_effective: 61.0,
            }),
            evidence,
            evidence_worse,
            evidence_needed: 20.0,
            floor_r: 3.0,
            needed: Some(913),
            curve: Vec::new(),
        }
    }

    #[test]
    fn only_evidence_may_use_the_word() {
        assert_eq!(
            story(0.021, 2.9, 0.3).sentence(),
            "Learning against day one: +0.021 R per differing decision [\u{2212}0.004, +0.046], \
             n = 212, effective 61, no evidence yet (e = 2.9 of 20; an effect this size would \
             need about 910)."
        );
        assert!(story(0.021, 20.0, 0.3).sentence().starts_with("Learning improved on day one: "));
        assert!(story(-0.03, 0.1, 31.0).sentence().contains("worse than day one"));
        for (e, worse) in [(19.9, 0.0), (0.0, 19.9), (f64::NAN, 1.0)] {
            let said = story(0.5, e, worse).sentence();
            assert!(!said.contains("improved") && !said.contains("worse"), "{said}");
        }
    }

    #[test]
    fn without_a_difference_there_is_nothing_to_say() {
        assert!(story(0.021, 2.9, 0.3).short().starts_with("no evidence yet: +0.021 R"));
        let none = TwinStory { difference: None, differing: 0, ..story(0.0, 1.0, 1.0) };
        assert!(none.sentence().contains("no difference to measure"));
    }

    #[test]
    fn money_is_told_beside_the_test_and_stakes_are_named_where_they_made_most_of_it() {
        let arm = |equity| TwinArm { equity, ..TwinArm::default() };
        let made = |learning, frozen, from_stakes| {
            let beside = story(0.1, 2.9, 0.3);
            let (learning, frozen) = (arm(learning), arm(frozen));
            TwinStory { learning, frozen, from_stakes, ..beside }.in_money()
        };
        assert_eq!(
            made(10_035.30, 10_062.08, -20.0).as_deref(),
            Some(
                "It made 26.78 less than day one, mostly from smaller stakes, which this test leaves out."
            )
        );
        assert_eq!(
            made(10_062.08, 10_035.30, 0.0).as_deref(),
            Some("It made 26.78 more than day one.")
        );
        let against = made(10_035.30, 10_062.08, 3.0).unwrap();
        assert!(against.contains("came to 3.00 above day one's"), "{against}");
        assert_eq!(made(10_000.0, 10_000.0, 3.0), None);
    }

    #[test]
    fn a_trend_is_stable_until_it_is_proven() {
        let mut studies = Studies::default();
        assert_eq!(studies.trend_sentence(), "No trade was closed in any week.");
        let trend = crate::tally::Trend {
            direction: Direction::Stable,
            weeks: 31,
            e_improving: 3.2,
            e_declining: 0.01,
        };
        studies.trend = Some(trend);
        assert!(studies.trend_sentence().starts_with("Trend: stable, n = 31"));
    }

    #[test]
    fn what_rests_on_an_estimate_is_rounded() {
        assert_eq!([rough(7), rough(94), rough(913), rough(12_345)], ["7", "94", "910", "12,000"]);
    }
}
