//! What a run told, as lessons for who learns it again.

use std::collections::BTreeMap;

use domain::{Event, HorizonLesson, Timestamp};
use engine::Lesson;

use super::Told;

/// What a run told, as lessons: of a moment its horizons by their decisions' numbers, its outcomes, its what-ifs.
pub fn lessons(all: &[Event], told: &Told) -> Vec<(Timestamp, Lesson)> {
    let begun: BTreeMap<u64, HorizonLesson> = told
        .decisions
        .iter()
        .map(|decision| (decision.no, HorizonLesson::begun(decision)))
        .collect();
    let mut horizons = told.horizons.iter().zip(&told.horizons_heard).peekable();
    let mut heard = told.outcomes.iter().zip(&told.outcomes_heard).peekable();
    let mut what_ifs = told.what_ifs.iter().peekable();
    let mut lessons = Vec::new();
    for event in all {
        let Event::Bars { closed_at, .. } = event else { continue };
        lessons.push((*closed_at, Lesson::Bars));
        let mut matured = Vec::new();
        while let Some((horizon, _)) = horizons.next_if(|(_, at)| **at <= *closed_at) {
            if horizon.uniqueness > 0.0 {
                matured.push(begun[&horizon.decision_no].completed(horizon));
            }
        }
        matured.sort_by_key(|lesson| (lesson.decision_no, lesson.horizon));
        lessons.extend(matured.into_iter().map(|lesson| (*closed_at, Lesson::Horizon(lesson))));
        while let Some((outcome, at)) = heard.next_if(|(_, at)| **at <= *closed_at) {
            lessons.push((*at, Lesson::Outcome(Box::new(*outcome))));
        }
        while let Some(what_if) = what_ifs.next_if(|what_if| what_if.known_at <= *closed_at) {
            lessons.push((*closed_at, Lesson::WhatIf(*what_if)));
        }
    }
    lessons
}
