//! Whether rows are what was stored: each can be read, and together they hash to what was sealed.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection};

use crate::audit::{LearningEvent, VersionLink};
use crate::check::{Checkup, check_count};
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals::{self, BEGUN, FINISHED, Kept, ORDERS, RowHash, STANDING};
use crate::rows::Table;
use crate::tally::Tally;
use crate::{
    RunNo, faults, holdings, imports, learning, ledger, policies, registry, rulings, runs,
};

/// A run whose rows are looked at.
pub(crate) struct Rows<'a> {
    pub(crate) run: RunNo,
    pub(crate) id: &'a str,
    pub(crate) checkup: &'a mut Checkup,
}

type Parsed = fn(&Cells<'_>) -> Result<(), Flaw>;

/// Growing tables, what one row is called, and how one is read.
const GROWING: [(&Table, &str, Parsed); 8] = [
    (&ledger::FILLS, "fill", |row| ledger::read_fill(row).map(drop)),
    (&holdings::TRADES, "trade", |row| holdings::read_trade(row).map(drop)),
    (&faults::GAPS, "gap", |row| faults::read_gap(row).map(drop)),
    (&faults::QUARANTINE, "quarantined row", |row| faults::read_quarantined(row).map(drop)),
    (&learning::JOBS, "job", |row| learning::read_job(row).map(drop)),
    (&learning::TRIALS, "trial", |row| learning::read_trial(row).map(drop)),
    (&registry::MODELS, "model version", |row| registry::read_model(row).map(drop)),
    (&rulings::RULINGS, "ruling", |row| rulings::read_ruling(row).map(drop)),
];

impl Rows<'_> {
    /// Everything of a run that lies in rows.
    pub(crate) async fn check(
        &mut self,
        connection: &mut SqliteConnection,
        tally: &Tally,
        events: &[LearningEvent],
    ) -> Result<(), Trouble> {
        let links: Vec<VersionLink> = events.iter().filter_map(VersionLink::of).collect();
        let first = row_seals::of(connection, self.run, row_seals::GROWING[0]).await?;
        let is_sealed = first.is_some() || links.iter().any(|link| link.row_hash.is_some());
        self.checkup.unsealed += u64::from(!is_sealed);
        let due = [
            tally.fills,
            tally.trades,
            tally.gaps,
            tally.quarantined,
            tally.jobs,
            tally.trials,
            tally.models,
            tally.rulings,
        ];
        for (one, due) in GROWING.into_iter().zip(due) {
            self.growing(connection, one, due, is_sealed).await?;
        }
        self.versions(connection, &links).await?;
        self.models(connection, tally, is_sealed).await?;
        self.parse(connection, ORDERS, "order", |row| ledger::read_order(row).map(drop)).await?;
        let [_, counts, positions, ..] = STANDING;
        self.parse(connection, counts, "job's count", |row| learning::read_count(row).map(drop))
            .await?;
        self.parse(connection, positions, "position", |row| holdings::read_position(row).map(drop))
            .await?;
        self.header(connection).await?;
        if is_sealed {
            self.kept(connection, BEGUN).await?;
            for kept in STANDING {
                self.kept(connection, kept).await?;
            }
            if !tally.building {
                self.kept(connection, FINISHED).await?;
                self.kept(connection, ORDERS).await?;
            }
        }
        Ok(())
    }

    async fn growing(
        &mut self,
        connection: &mut SqliteConnection,
        (table, one, parsed): (&Table, &str, Parsed),
        due: i64,
        is_sealed: bool,
    ) -> Result<(), Trouble> {
        let rows = sqlx::query(row_seals::growing(table));
        let rows = rows.bind(self.run.0).fetch_all(&mut *connection).await?;
        let (mut hash, before) = (RowHash::default(), self.checkup.damages.len());
        for row in &rows {
            hash.read(row)?;
            if let Err(flaw) = parsed(&Cells(row)) {
                let seq: i64 = row.try_get_unchecked("seq")?;
                self.damaged(flaw, &format!("{one} {seq}"));
            }
        }
        let (found, id) = (rows.len() as i64, self.id);
        let called = match table.name {
            "quarantine" => "quarantined rows",
            "model_versions" => "model versions",
            name => name,
        };
        check_count(self.checkup, id, called, found, due);
        if self.checkup.damages.len() > before {
            return Ok(());
        }
        self.checkup.rows += rows.len() as u64;
        if is_sealed && row_seals::of(connection, self.run, table.name).await? != Some(hash) {
            self.changed(called);
        }
        Ok(())
    }

    /// Each version against the hash in its link of the audit.
    async fn versions(
        &mut self,
        connection: &mut SqliteConnection,
        links: &[VersionLink],
    ) -> Result<(), Trouble> {
        let mut due: BTreeMap<i64, Option<&str>> =
            links.iter().map(|link| (link.version, link.row_hash.as_deref())).collect();
        let query = "SELECT version, state_data, performance_metrics, created_at, reason \
             FROM learning_state WHERE run_no = $1 ORDER BY version";
        for row in sqlx::query(query).bind(self.run.0).fetch_all(connection).await? {
            let number: i64 = row.try_get_unchecked("version")?;
            let mut hash = RowHash::default();
            hash.read(&row)?;
            let what = format!("policy version {number}");
            match (policies::read(&Cells(&row)), due.remove(&number)) {
                (Err(flaw), _) => self.damaged(flaw, &what),
                (Ok(_), None) => self.damaged(Flaw::wrong("the audit does not know it"), &what),
                (Ok(_), Some(Some(due))) if due != hash.as_str() => {
                    self.damaged(Flaw::wrong("it is not what was published"), &what);
                }
                (Ok(_), Some(_)) => self.checkup.rows += 1,
            }
        }
        for number in due.into_keys() {
            self.damaged(Flaw::wrong("it is gone"), &format!("policy version {number}"));
        }
        Ok(())
    }

    pub(crate) async fn parse(
        &mut self,
        connection: &mut SqliteConnection,
        kept: Kept,
        one: &str,
        parsed: Parsed,
    ) -> Result<(), Trouble> {
        for row in sqlx::query(kept.query).bind(self.run.0).fetch_all(connection).await? {
            match parsed(&Cells(&row)) {
                Ok(()) => self.checkup.rows += 1,
                Err(flaw) => {
                    let name: String = row.try_get_unchecked(0)?;
                    self.damaged(flaw, &format!("{one} {name}"));
                }
            }
        }
        Ok(())
    }

    async fn header(&mut self, connection: &mut SqliteConnection) -> Result<(), Trouble> {
        let query = "SELECT header FROM runs WHERE run_no = $1";
        let text: String = sqlx::query_scalar(query).bind(self.run.0).fetch_one(connection).await?;
        if let Err(why) = runs::read_header(&text) {
            self.damaged(Flaw::wrong(why.to_string()), "the header");
        }
        Ok(())
    }

    pub(crate) async fn kept(
        &mut self,
        connection: &mut SqliteConnection,
        kept: Kept,
    ) -> Result<(), Trouble> {
        let now = row_seals::hash_of(connection, self.run, kept).await?;
        if row_seals::of(connection, self.run, kept.name).await? != Some(now) {
            self.changed(kept.name);
        }
        Ok(())
    }

    pub(crate) fn damaged(&mut self, flaw: Flaw, what: &str) {
        let said = flaw.of(format!("{what} of run {}", self.id));
        self.checkup.damages.push(said.to_string());
    }

    fn changed(&mut self, what: &str) {
        self.checkup.damages.push(format!("run {} has other {what} than were stored", self.id));
    }
}

/// What was brought along from elsewhere.
pub(crate) async fn check_imports(
    connection: &mut SqliteConnection,
    checkup: &mut Checkup,
) -> Result<(), Trouble> {
    let query = "SELECT import_no, row_count, rows_hash FROM imports ORDER BY import_no";
    let all: Vec<(i64, i64, Option<String>)> =
        sqlx::query_as(query).fetch_all(&mut *connection).await?;
    for (no, due, sealed) in all {
        let query = format!(
            "SELECT {} FROM imported_history WHERE import_no = $1 ORDER BY seq",
            imports::ROWS.columns.join(", ")
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).bind(no);
        let rows = rows.fetch_all(&mut *connection).await?;
        let (mut hash, before) = (RowHash::default(), checkup.damages.len());
        for row in &rows {
            hash.read(row)?;
            if let Err(flaw) = imports::read_row(&Cells(row)) {
                let seq: i64 = row.try_get_unchecked("seq")?;
                checkup.damages.push(flaw.of(format!("row {seq} of import {no}")).to_string());
            }
        }
        let found = rows.len() as i64;
        if found != due {
            checkup.damages.push(format!("import {no} has {found} rows, not {due}"));
        }
        if checkup.damages.len() > before {
            continue;
        }
        checkup.rows += rows.len() as u64;
        if sealed.is_some_and(|sealed| sealed != hash.as_str()) {
            checkup.damages.push(format!("import {no} has other rows than were stored"));
        }
    }
    Ok(())
}
