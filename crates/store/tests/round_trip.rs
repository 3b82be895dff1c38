//! What goes in comes out, whatever it was.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use domain::{DecisionId, Timestamp, World};
use store::{RunNo, Store};
use support::{Made, finished, fresh, header, made};

const ROWS: u64 = 70;

fn gathered<T: Clone>(all: &[Made], of: impl Fn(&Made) -> &Vec<T>) -> Vec<T> {
    all.iter().flat_map(|made| of(made).clone()).collect()
}

#[test]
fn everything_committed_is_read_back_as_it_was() {
    for seed in [1, 2] {
        let (_folder, mut store) = fresh();
        let header = header(World::Replay, seed);
        let run = finished(&mut store, &header, 3, ROWS);
        let all = [made(seed, 0, ROWS), made(seed, 1, ROWS), made(seed, 2, ROWS)];
        check_chunks(&mut store, run, &all);
        check_rows(&mut store, run, &all);
        check_state(&mut store, run, &all);
        check_models(&mut store, run, &all);
        assert_eq!(store.header(run).unwrap(), header);
        assert_eq!(store.config(run).unwrap(), "seed = 1");
        assert_eq!(store.summary(run).unwrap().as_deref(), Some("{\"trades\":3}"));
        let kept = store.newest_run().unwrap();
        assert_eq!(kept.cursor, all[2].cursor);
        assert_eq!((kept.decisions, kept.outcomes, kept.trades), (3 * ROWS, 3 * ROWS, 3 * ROWS));
        assert_eq!(kept.digest.as_deref(), Some("d1gest"));
    }
}

fn check_chunks(store: &mut Store, run: RunNo, all: &[Made]) {
    let mut decisions = Vec::new();
    store.decisions(run, |d| decisions.push((d.decision, d.row, d.present))).unwrap();
    assert_eq!(decisions, gathered(all, |made| &made.decisions));
    let mut outcomes = Vec::new();
    store.outcomes(run, |outcome| outcomes.push(outcome)).unwrap();
    assert_eq!(outcomes, gathered(all, |made| &made.outcomes));
    let mut horizons = Vec::new();
    store.horizons(run, |horizon| horizons.push(horizon)).unwrap();
    assert_eq!(horizons, gathered(all, |made| &made.horizons));
    assert_eq!(store.equity(run).unwrap(), gathered(all, |made| &made.equity));
    let mut what_ifs = Vec::new();
    store.what_ifs(run, |what_if| what_ifs.push(what_if)).unwrap();
    assert_eq!(what_ifs, gathered(all, |made| &made.what_ifs));

    let (one, row, present) = &all[1].decisions[5];
    let found = store.decision(run, one.id).unwrap().unwrap();
    assert_eq!((&found.decision, &found.row, &found.present), (one, row, present));
    assert_eq!(store.decision(run, DecisionId(1)).unwrap(), None);
    assert_eq!(store.outcome_of(run, one.no).unwrap(), Some(all[1].outcomes[5]));
    assert_eq!(store.outcome_of(run, 9_999).unwrap(), None);
    assert_eq!(store.horizons_of(run, one.no).unwrap(), [all[1].horizons[5]]);
}

fn check_rows(store: &mut Store, run: RunNo, all: &[Made]) {
    assert_eq!(store.fills(run).unwrap(), gathered(all, |made| &made.fills));
    assert_eq!(store.trades(run).unwrap(), gathered(all, |made| &made.trades));
    let by_id = |mut orders: Vec<store::OrderRecord>| {
        orders.sort_by_key(|order| order.request.id);
        orders
    };
    let orders = by_id(store.orders(run).unwrap());
    assert_eq!(orders, by_id(gathered(all, |made| &made.orders)));
    let decision = all[2].decisions[0].0.id;
    assert_eq!(by_id(store.orders_of(run, decision).unwrap()), by_id(all[2].orders.clone()));
    assert_eq!(store.fills_of(run, decision).unwrap(), all[2].fills);
    let trade = &all[2].trades[7];
    assert_eq!(store.trade_of(run, trade.decision).unwrap().as_ref(), Some(trade));
    assert_eq!(store.gaps(run).unwrap(), gathered(all, |made| &made.gaps));
    assert_eq!(store.quarantine(run).unwrap(), gathered(all, |made| &made.quarantine));
    assert_eq!(store.journal(run).unwrap(), gathered(all, |made| &made.journal));
    let jobs = gathered(all, |made| &made.jobs);
    assert_eq!(store.jobs(run).unwrap(), jobs);
    let trials = gathered(all, |made| &made.trials);
    assert_eq!(store.trials(run).unwrap(), trials);
    for count in store.trial_counts(run).unwrap() {
        let own = || trials.iter().filter(|trial| trial.learner == count.learner);
        let cells: std::collections::BTreeSet<_> = own().map(|trial| &trial.cell).collect();
        let moments: std::collections::BTreeSet<_> = own().map(|trial| trial.at).collect();
        assert_eq!((count.cells, count.moments), (cells.len() as u64, moments.len() as u64));
        assert_eq!(count.readings, own().count() as u64);
        assert_eq!(count.taken, own().filter(|trial| trial.was_taken).count() as u64);
    }
    let latest = store.latest_jobs(run).unwrap();
    let one_of_each = jobs.iter().enumerate().filter(|(at, ran)| {
        let is_alike = |later: &domain::JobRun| {
            later.job == ran.job && later.findings.is_empty() == ran.findings.is_empty()
        };
        !jobs[at + 1..].iter().any(is_alike)
    });
    assert_eq!(latest, one_of_each.map(|(_, ran)| ran.clone()).collect::<Vec<_>>());
    let counts = store.job_counts(run).unwrap();
    assert_eq!(counts.iter().map(|count| count.times).sum::<u64>(), jobs.len() as u64);
    for count in counts {
        let last = jobs.iter().rfind(|ran| ran.job == count.job).unwrap();
        assert_eq!((count.last_ran_at, count.last_by), (last.ran_at, last.by));
    }
}

fn check_state(store: &mut Store, run: RunNo, all: &[Made]) {
    // Only those open at the last checkpoint are left.
    let mut positions = all[2].positions.clone();
    positions.sort_by_key(|position| position.decision);
    assert_eq!(store.positions(run).unwrap(), positions);
    let versions = gathered(all, |made| &made.versions);
    assert_eq!(store.policy_versions(run).unwrap(), versions);
    assert_eq!(store.active_policy(run).unwrap().as_ref(), versions.last());
    assert_eq!(store.snapshot(run).unwrap(), all[2].snapshot);
    let events = store.learning_events(run).unwrap();
    let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let (heard, published) = ("outcome_processed", "policy_published");
    let ruling = "model_ruling";
    let cycle = ["learning_cycle_complete", "amendment_refused", "model_trained", ruling, ruling];
    let first = [heard, published, "policy_reverted"];
    let later = [heard, published, published];
    assert_eq!(types, [&first[..], &cycle, &later, &cycle, &later, &cycle].concat());
    assert!(events[8].body.contains("\"outcomes\":70"), "{}", events[8].body);
    assert!(events[4].body.contains("needs 50"), "{}", events[4].body);
}

fn check_models(store: &mut Store, run: RunNo, all: &[Made]) {
    let told = store.models(run).unwrap();
    assert_eq!(told.len(), all.len());
    for (told, made) in told.iter().zip(all) {
        let (record, bytes) = &made.of_models.models[0];
        assert_eq!((&told.record, told.entered_at), (record, made.cursor.at));
        assert_eq!(told.stage, made.of_models.rulings[1].to);
        assert_eq!(&store.model_bytes(&record.hash).unwrap(), bytes);
    }
    let rulings = gathered(all, |made| &made.of_models.rulings);
    assert_eq!(store.rulings(run).unwrap(), rulings);
    let (asked, ends) = (
        gathered(all, |made| &made.of_models.trainings),
        gathered(all, |made| &made.of_models.training_ends),
    );
    let trainings = store.trainings(run).unwrap();
    let ask = trainings.iter().map(|kept| kept.training.clone()).collect::<Vec<_>>();
    assert_eq!(ask, asked);
    for kept in trainings {
        let end = ends.iter().find(|end| end.training == kept.training.no);
        assert_eq!(kept.end.as_ref(), end);
    }
    assert_eq!(ends.len(), 5, "the last one waits");
    assert_eq!(store.seats(run).unwrap(), all[2].of_models.seats);
    let closes = gathered(all, |made| &made.of_models.closes);
    let kept = store.closes(run, Timestamp::from_ms(0), Timestamp::from_ms(i64::MAX)).unwrap();
    assert_eq!(kept.iter().map(|own| own.values.len()).sum::<usize>(), closes.len());
    let third: Vec<_> = closes.iter().filter(|close| close.symbol.0 == 3).collect();
    assert_eq!(kept[3].values, third.iter().map(|close| close.close).collect::<Vec<_>>());
    assert_eq!(kept[3].closed_at, third.iter().map(|close| close.closed_at).collect::<Vec<_>>());
    assert_eq!(kept[3].in_a_row, third.iter().map(|close| close.in_a_row).collect::<Vec<_>>());
}

#[test]
fn an_order_that_moves_keeps_its_row_and_changes_its_state() {
    let (_folder, mut store) = fresh();
    let run = support::build(&mut store, &header(World::Paper, 1), 1, 3);
    let mut moved = made(1, 0, 3).orders;
    moved[1].state = domain::OrderState::Filled;
    moved[1].changed_at = domain::Timestamp::from_ms(77);
    let cursor = made(1, 0, 3).cursor;
    let batch = store::Batch { cursor, orders: &moved[1..2], ..Default::default() };
    store.commit(run, &batch).unwrap();
    let mut kept = store.orders(run).unwrap();
    kept.sort_by_key(|order| order.request.id);
    moved.sort_by_key(|order| order.request.id);
    assert_eq!(kept, moved);
}
