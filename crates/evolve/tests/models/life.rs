//! Seats, shares and rulings, step by step.

use domain::{ExitReason, Grounds, RulingRecord, Seat, Stage};
use evolve::{DeployRule, Lineage, ModelRules};
use scenarios::{Bets, Dice, HOUR_MS};

use crate::worlds::{CHALLENGER_ALONE, CHAMPION_ALONE, Line, Stakes, win_rate};

/// So many decisions that all come to the same.
fn decide(line: &mut Line, times: u64, r: f64, stakes: Stakes) {
    (0..times).for_each(|_| line.decide(r, stakes));
}

/// Decisions of an edge that is plain to see, until it is ruled so; no more than a few hundred.
fn until(line: &mut Line, ruling: &str) {
    let before = line.count(ruling);
    for at in 0..600 {
        if line.count(ruling) > before {
            return;
        }
        line.decide(if at % 3 == 0 { -1.0 } else { 1.4 }, CHALLENGER_ALONE);
    }
    panic!("never ruled {ruling}: {:?}", words(&line.rulings));
}

fn words(rulings: &[RulingRecord]) -> Vec<String> {
    let say = |record: &RulingRecord| {
        format!("{} {} {}>{}", record.ruling, record.version, record.from.name(), record.to.name())
    };
    rulings.iter().map(say).collect()
}

fn seats(line: &Line) -> [u64; 3] {
    Seat::ALL.map(|seat| line.lineage.seated(seat))
}

#[test]
fn the_newest_version_takes_the_seat_at_once_and_the_slots_evidence_goes_on() {
    let mut line = Line::by_evidence();
    line.train();
    decide(&mut line, 30, 1.0, CHALLENGER_ALONE);
    line.train();
    assert_eq!(
        words(&line.rulings),
        ["enter 1 candidate>shadow", "supersede 1 shadow>retired", "enter 2 candidate>shadow"]
    );
    assert_eq!(seats(&line), [0, 2, 0]);
    decide(&mut line, 30, 1.0, CHALLENGER_ALONE);
    let grounds = line.lineage.grounds(&line.rules, DeployRule::Evidence).unwrap();
    assert_eq!((grounds.decisions, grounds.hypothesis, grounds.trials), (60, 1, 2));
}

#[test]
fn a_ramp_has_three_steps_and_ends_in_charge() {
    let mut line = Line::by_evidence();
    line.train();
    until(&mut line, "promote");
    let shares: Vec<f64> = line.rulings.iter().map(|record| record.share).collect();
    let ruled = words(&line.rulings);
    let from = ruled.iter().position(|word| word.starts_with("ramp")).unwrap();
    assert_eq!(
        ruled[from + 1..],
        ["ramp 1 canary>canary", "ramp 1 canary>canary", "promote 1 canary>champion"]
    );
    assert_eq!(shares[from..], [0.1, 0.5, 1.0, 1.0]);
    assert_eq!((seats(&line), line.lineage.share()), ([1, 0, 0], 0.0));
    assert!(line.lineage.is_watched() && line.lineage.compares(Seat::Former));
    assert_eq!(line.lineage.hypothesis(), 2, "the next hypothesis has the next number");
    let steps: Vec<i64> = line.rulings[from..]
        .windows(2)
        .map(|two| two[1].at.ms_since(two[0].at) / HOUR_MS)
        .collect();
    assert_eq!(steps, [50, 50, 50], "each step compares as many decisions as the rules say");
}

#[test]
fn a_version_trained_while_another_is_on_its_ramp_waits_for_the_seat() {
    let mut line = Line::by_evidence();
    line.train();
    until(&mut line, "ramp");
    line.rulings.clear();
    line.train();
    line.train();
    assert_eq!(
        words(&line.rulings),
        [
            "enter 2 candidate>candidate",
            "supersede 2 candidate>retired",
            "enter 3 candidate>candidate"
        ]
    );
    assert!(line.lineage.holds(3) && !line.lineage.holds(2) && line.lineage.waiting() == Some(3));
    assert_eq!(seats(&line), [0, 1, 0]);
    until(&mut line, "promote");
    assert_eq!(seats(&line), [1, 3, 0], "{:?}", words(&line.rulings));
    assert_eq!(words(&line.rulings).last().unwrap(), "enter 3 candidate>shadow");
}

#[test]
fn harm_on_a_ramp_drops_the_version_and_spends_its_claim() {
    let mut line = Line::by_evidence();
    line.train();
    until(&mut line, "ramp");
    line.train();
    decide(&mut line, 40, -1.0, CHALLENGER_ALONE);
    let dropped = line.last("drop").expect("harm within a step");
    let grounds = dropped.grounds.as_ref().unwrap();
    assert_eq!((dropped.version, dropped.from, dropped.to), (1, Stage::Canary, Stage::Retired));
    assert!(grounds.harm >= grounds.harm_needed, "{grounds:?}");
    assert_eq!(
        (seats(&line), line.lineage.share(), line.lineage.hypothesis()),
        ([0, 2, 0], 0.0, 2)
    );
}

#[test]
fn a_challenger_that_harms_is_dropped_before_it_is_ever_heard() {
    let mut line = Line::by_evidence();
    line.train();
    let mut dice = Dice::new(5);
    for _ in 0..400 {
        line.decide(Bets::winning(win_rate(-0.3)).draw(&mut dice), CHALLENGER_ALONE);
    }
    assert!(line.last("drop").is_some_and(|record| record.says.contains("Evidence of harm")));
    assert_eq!((seats(&line), line.lineage.hypothesis()), ([0, 0, 0], 1));
    // Nobody sits there, and outcomes of what was decided before go on counting for the slot.
    line.train();
    assert_eq!(seats(&line), [0, 2, 0]);
}

#[test]
fn a_gain_that_falls_deeper_than_is_borne_drops_a_version_and_what_both_lose_does_not() {
    let rules = ModelRules { harm_alpha: 1e-99, ..ModelRules::default() };
    let mut line = Line::new(rules, DeployRule::Evidence);
    line.train();
    decide(&mut line, 200, -1.05, [1.0, 1.0, 0.0]);
    decide(&mut line, 55, -1.05, CHALLENGER_ALONE);
    assert!(line.last("drop").is_none());
    // Another version's falls are its own.
    line.train();
    decide(&mut line, 55, -1.05, CHALLENGER_ALONE);
    assert!(line.last("drop").is_none());
    decide(&mut line, 5, -1.05, CHALLENGER_ALONE);
    let says = &line.last("drop").expect("dropped").says;
    assert!(says.contains("60 R is borne"), "{says}");
}

#[test]
fn a_small_gain_is_a_canary_and_an_unsure_one_too_but_none_is_kept() {
    // Champion earns .5 a decision, challenger 3 % more: both stakes differ a little.
    let mut line = Line::by_evidence();
    line.train();
    decide(&mut line, 49, 0.5, [0.97, 1.0, 0.0]);
    assert_eq!(line.lineage.share(), 0.0, "too early to say anything");
    decide(&mut line, 400, 0.5, [0.97, 1.0, 0.0]);
    assert_eq!((line.count("canary"), line.lineage.share()), (1, line.rules.canary_share));
    assert_eq!(line.last("canary").unwrap().grounds.as_ref().unwrap().tier, "canary");
    // From here on the champion does better, until too little is left of the gain; it is said once.
    decide(&mut line, 400, 0.5, [1.0, 0.98, 0.0]);
    assert_eq!((line.count("keep"), line.lineage.share()), (1, 0.0));
    // A version that comes while a share is heard is heard on that share.
    let mut line = Line::by_evidence();
    line.train();
    decide(&mut line, 60, 0.5, [0.97, 1.0, 0.0]);
    line.train();
    assert_eq!(words(&line.rulings).last().unwrap(), "enter 2 candidate>canary");
}

#[test]
fn without_deploying_a_gain_is_proposed_once_for_each_version_and_a_person_promotes() {
    let rules = ModelRules { auto_deploy: false, ..ModelRules::default() };
    let mut line = Line::new(rules, DeployRule::Evidence);
    line.train();
    until(&mut line, "propose");
    decide(&mut line, 200, 1.0, CHALLENGER_ALONE);
    assert_eq!((line.count("propose"), line.lineage.share()), (1, 0.0));
    line.train();
    decide(&mut line, 10, 1.0, CHALLENGER_ALONE);
    assert_eq!((line.count("propose"), line.count("ramp"), line.count("canary")), (2, 0, 0));
    let now = line.now();
    assert!(line.lineage.promote(1, now, &line.rules).is_err(), "it sits nowhere any more");
    let records = line.lineage.promote(2, now, &line.rules).unwrap();
    assert_eq!(words(&records), ["promote 2 shadow>champion"]);
    assert!(records[0].by_person && records[0].grounds.is_some());
    assert_eq!(seats(&line), [2, 0, 0]);
    assert!(line.lineage.promote(2, now, &line.rules).is_err(), "it is in charge already");
}

#[test]
fn a_champion_that_turns_bad_gives_way_to_whom_it_replaced() {
    let rules = ModelRules { drawdown_r_max: 1e9, ..ModelRules::default() };
    let mut line = Line::new(rules, DeployRule::Evidence);
    line.train();
    let now = line.now();
    line.lineage.promote(1, now, &line.rules).unwrap();
    line.train();
    let records = line.lineage.promote(2, now, &line.rules).unwrap();
    assert_eq!(words(&records), ["promote 2 shadow>champion", "supersede 1 champion>retired"]);
    line.train();
    assert_eq!(seats(&line), [2, 3, 1]);
    line.rulings.clear();
    for at in 0..600 {
        line.decide(if at % 3 == 0 { 1.4 } else { -1.0 }, [1.0, 1.0, 0.0]);
        if line.count("roll_back") > 0 {
            break;
        }
    }
    let ruled = words(&line.rulings);
    let from = ruled.iter().position(|word| word.starts_with("roll_back")).expect("called back");
    assert_eq!(
        ruled[from..],
        ["roll_back 2 champion>retired", "promote 1 retired>champion", "drop 3 shadow>retired"]
    );
    let grounds = line.last("roll_back").unwrap().grounds.as_ref().unwrap();
    assert!(grounds.harm >= grounds.harm_needed && grounds.gain_mean_r < 0.0, "{grounds:?}");
    assert_eq!((seats(&line), line.lineage.is_watched()), ([1, 0, 0], false));
}

#[test]
fn a_person_goes_back_step_by_step_until_nothing_is_heard() {
    let mut line = Line::by_evidence();
    let now = line.now();
    assert!(line.lineage.roll_back(now, &line.rules).is_err());
    line.train();
    assert!(line.lineage.roll_back(now, &line.rules).is_err(), "a shadow is not heard");
    until(&mut line, "ramp");
    let now = line.now();
    let records = line.lineage.roll_back(now, &line.rules).unwrap();
    assert_eq!(words(&records), ["drop 1 canary>retired"]);
    assert!(records[0].by_person && line.lineage.share() == 0.0);
    line.train();
    line.lineage.promote(2, now, &line.rules).unwrap();
    let records = line.lineage.roll_back(now, &line.rules).unwrap();
    assert_eq!(words(&records), ["roll_back 2 champion>retired"]);
    assert_eq!(seats(&line), [0, 0, 0]);
    assert!(line.lineage.roll_back(now, &line.rules).is_err());
}

#[test]
fn an_outcome_counts_only_for_those_who_sat_when_it_was_decided() {
    let mut line = Line::by_evidence();
    line.train();
    let under_nobody = line.outcome(1.0, CHALLENGER_ALONE);
    let now = line.now();
    line.lineage.promote(1, now, &line.rules).unwrap();
    line.train();
    line.hour += 1;
    line.hear(&under_nobody);
    let mut across_missing_bars = line.outcome(1.0, CHALLENGER_ALONE);
    across_missing_bars.reason = ExitReason::Gap;
    line.hear(&across_missing_bars);
    assert_eq!(line.lineage.grounds(&line.rules, DeployRule::Evidence), None);
    // Neither would have traded: nothing is compared. Both alike: compared, and nothing is bet on.
    line.decide(1.0, [0.0, 0.0, 1.0]);
    decide(&mut line, 10, 1.0, [1.0, 1.0, 0.0]);
    let grounds = line.lineage.grounds(&line.rules, DeployRule::Evidence).unwrap();
    assert_eq!((grounds.decisions, grounds.blocks, grounds.gain_mean_r), (10, 0, 0.0));
}

#[test]
fn wins_as_far_as_their_target_never_end_a_claim_and_are_told_as_they_are() {
    let mut line = Line::by_evidence();
    line.train();
    for at in 0..120 {
        // Half of the wins are the champion's alone, beyond the floor for the challenger's claim.
        let stakes = if at % 4 == 0 { CHAMPION_ALONE } else { CHALLENGER_ALONE };
        let mut outcome = line.outcome(if at % 2 == 0 { 5.0 } else { -1.0 }, stakes);
        outcome.basis.target_r = Some(5.0);
        line.hour += 1;
        line.hear(&outcome);
        if line.lineage.is_on_ramp() {
            break;
        }
    }
    let of = line.lineage.grounds(&line.rules, DeployRule::Evidence).unwrap();
    assert!(of.blocks > 20 && of.evidence > 0.2, "the first process runs: {of:?}");
    let centre = (of.gain_low_r + of.gain_high_r) / 2.0;
    assert!((centre - of.gain_mean_r).abs() < 0.1, "told whole, however little is bet: {of:?}");
}

#[test]
fn a_strike_forgets_what_was_compared_and_takes_back_a_ramp() {
    let mut line = Line::by_evidence();
    line.train();
    until(&mut line, "ramp");
    line.train();
    let trials = line.lineage.trials();
    line.lineage.forget();
    assert_eq!(line.lineage.grounds(&line.rules, DeployRule::Evidence), None);
    line.decide(1.0, CHALLENGER_ALONE);
    assert_eq!((line.lineage.share(), line.lineage.is_on_ramp()), (0.0, false));
    assert_eq!((seats(&line), line.lineage.trials()), ([0, 2, 0], trials));
    assert_eq!(line.lineage.hypothesis(), 2, "what was looked at was a claim of its own");
    assert_eq!(line.lineage.latest_against_rule(&line.rules).decisions, 1);
}

#[test]
fn by_the_seeds_rule_size_alone_deploys_at_once_and_nothing_is_called_back() {
    let mut line = Line::new(ModelRules::default(), DeployRule::Seed);
    line.train();
    decide(&mut line, 49, 0.01, CHALLENGER_ALONE);
    assert_eq!(line.count("promote"), 0);
    decide(&mut line, 1, 0.01, CHALLENGER_ALONE);
    assert_eq!((line.count("promote"), seats(&line)), (1, [1, 0, 0]));
    assert!(line.last("promote").unwrap().grounds.as_ref().unwrap().evidence < 2.0);
    decide(&mut line, 2_000, -0.5, CHAMPION_ALONE);
    assert_eq!((line.count("roll_back"), seats(&line)), (0, [1, 0, 0]));
}

#[test]
fn every_ruling_after_a_comparison_tells_its_grounds() {
    let mut line = Line::by_evidence();
    let mut dice = Dice::new(11);
    let bets = Bets::winning(win_rate(0.16));
    for decision in 0..700 {
        if decision % 25 == 0 {
            line.train();
        }
        line.decide(bets.draw(&mut dice), CHALLENGER_ALONE);
        if line.count("ramp") > 0 {
            break;
        }
    }
    let of: &Grounds = line.last("ramp").expect("sure").grounds.as_ref().unwrap();
    assert!(of.evidence >= of.evidence_needed && of.evidence_needed == 20.0 && of.alpha == 0.05);
    assert!(of.gain_low_r <= of.gain_mean_r && of.gain_mean_r <= of.gain_high_r);
    assert_eq!((of.path.len(), of.hypothesis, of.trials), (10, 1, line.trained));
    assert!((of.path[9] / of.evidence - 1.0).abs() < 0.5, "{:?}", of.path);
    assert_eq!(of.tier, "deploy_candidate");
    let (psr, dsr) = (of.probabilistic_sharpe.unwrap(), of.deflated_sharpe.unwrap());
    assert!(psr > 0.95 && dsr < psr, "{psr} {dsr}");
    assert!(of.overfit_probability.is_some_and(|p| (0.0..=1.0).contains(&p)));
}

#[test]
fn what_always_deploying_the_latest_would_have_done_is_told_beside_what_was_done() {
    let rules = ModelRules { harm_alpha: 1e-99, drawdown_r_max: 1e9, ..ModelRules::default() };
    let mut line = Line::new(rules, DeployRule::Evidence);
    line.train();
    // The challenger loses where no model would have declined; its vote is not heard.
    decide(&mut line, 200, -1.0, CHALLENGER_ALONE);
    let told = line.lineage.latest_against_rule(&line.rules);
    assert_eq!((told.decisions, told.line_mean_r, told.latest_mean_r), (200, 0.0, -1.0));
    assert_eq!((told.without_decisions, told.without_mean_r), (200, 0.0));
    assert_eq!((told.gain_mean_r, told.blocks), (1.0, 199));
    assert!(told.gain_low_r > 0.5 && told.gain_high_r > 1.0, "{told:?}");
    // In charge alone, it is the latest: nothing differs, and no model is the former's empty seat.
    let mut line = Line::by_evidence();
    line.train();
    let now = line.now();
    line.lineage.promote(1, now, &line.rules).unwrap();
    decide(&mut line, 20, 1.0, CHAMPION_ALONE);
    let told = line.lineage.latest_against_rule(&line.rules);
    assert_eq!((told.decisions, told.line_mean_r, told.gain_mean_r), (20, 1.0, 0.0));
    assert_eq!((told.without_decisions, told.without_mean_r), (20, 0.0));
    assert_eq!((told.gain_low_r, told.gain_high_r), (0.0, 0.0));
}

/// A life with everything in it: trainings, a ramp, a promotion, harm and a way back.
fn live(line: &mut Line, dice: &mut Dice, decisions: std::ops::Range<u64>) {
    for decision in decisions {
        if decision % 90 == 0 {
            line.train();
        }
        let d = if decision < 600 { 0.3 } else { -0.3 };
        let r = Bets::winning(win_rate(d)).draw(dice);
        let alone = if decision < 600 { CHALLENGER_ALONE } else { CHAMPION_ALONE };
        line.decide(r, if dice.happens(0.2) { [0.6, 1.0, 0.3] } else { alone });
    }
}

#[test]
fn a_line_written_down_at_any_moment_goes_on_as_if_it_had_not_been() {
    const DECISIONS: u64 = 1_200;
    let (mut whole, mut dice) = (Line::by_evidence(), Dice::new(3));
    live(&mut whole, &mut dice, 0..DECISIONS);
    for word in ["canary", "ramp", "promote", "roll_back", "supersede"] {
        assert!(whole.count(word) > 0, "{word}: {:?}", words(&whole.rulings));
    }
    for pause in [0, 1, 45, 90, 200, 300, 420, 599, 700, 1_000] {
        let (mut line, mut dice) = (Line::by_evidence(), Dice::new(3));
        live(&mut line, &mut dice, 0..pause);
        let written = postcard::to_stdvec(&line.lineage).unwrap();
        let read: Lineage = postcard::from_bytes(&written).unwrap();
        assert_eq!(read, line.lineage, "after {pause}");
        line.lineage = read;
        live(&mut line, &mut dice, pause..DECISIONS);
        assert_eq!(
            (&line.lineage, &line.rulings),
            (&whole.lineage, &whole.rulings),
            "after {pause}"
        );
    }
}

#[test]
fn what_a_line_remembers_is_bounded() {
    let (mut line, mut dice) = (Line::by_evidence(), Dice::new(9));
    let mut sizes = Vec::new();
    for decision in 0..12_000_u64 {
        if decision % 40 == 0 {
            line.train();
        }
        line.decide(Bets::winning(0.42).draw(&mut dice), CHALLENGER_ALONE);
        line.rulings.clear();
        if decision % 4_000 == 3_999 {
            sizes.push(postcard::to_stdvec(&line.lineage).unwrap().len());
        }
    }
    assert!(sizes.iter().all(|size| *size < 40_000), "{sizes:?}");
    assert!(sizes[2] < sizes[1] + 1_000, "{sizes:?}");
}
