//! Whether models are what was stored: bytes hash to their names, every version has its bytes, and the
//! pointer names only versions that are there.

use sqlx::SqliteConnection;

use crate::check::{Checkup, check_count};
use crate::check_rows::Rows;
use crate::codes::Cells;
use crate::columns::Flaw;
use crate::error::Trouble;
use crate::row_seals::TRAININGS;
use crate::tally::Tally;
use crate::{registry, rulings};

/// The bytes of every model, one at a time, whichever runs name it.
pub(crate) async fn check_blobs(
    connection: &mut SqliteConnection,
    checkup: &mut Checkup,
) -> Result<(), Trouble> {
    let query = "SELECT hash FROM model_blobs ORDER BY hash";
    let hashes: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await?;
    for hash in hashes {
        match registry::read_blob(connection, &hash).await? {
            Ok(_) => checkup.sealed += 1,
            Err(flaw) => checkup.damages.push(registry::blob_damaged(&hash, flaw).to_string()),
        }
    }
    Ok(())
}

impl Rows<'_> {
    /// What a run says of models, its growing tables apart.
    pub(crate) async fn models(
        &mut self,
        connection: &mut SqliteConnection,
        tally: &Tally,
        is_sealed: bool,
    ) -> Result<(), Trouble> {
        let count = "SELECT COUNT(*) FROM trainings WHERE run_no = $1";
        let found = sqlx::query_scalar(count).bind(self.run.0).fetch_one(&mut *connection).await?;
        check_count(self.checkup, self.id, "trainings", found, tally.trainings);
        self.parse(connection, TRAININGS, "training", |row| rulings::read_training(row).map(drop))
            .await?;
        if is_sealed {
            self.kept(connection, TRAININGS).await?;
        }
        let gone = "SELECT version FROM model_versions WHERE run_no = $1 AND NOT EXISTS \
             (SELECT 1 FROM model_blobs b WHERE b.hash = model_versions.hash) ORDER BY version";
        for version in self.versions_of(connection, gone).await? {
            let what = format!("model version {version}");
            self.damaged(Flaw::wrong("its bytes are gone"), &what);
        }
        self.seats(connection).await
    }

    async fn seats(&mut self, connection: &mut SqliteConnection) -> Result<(), Trouble> {
        let there = "SELECT version FROM model_versions WHERE run_no = $1";
        let there = self.versions_of(connection, there).await?;
        let query = "SELECT * FROM active_models WHERE run_no = $1";
        let rows = sqlx::query(query).bind(self.run.0).fetch_all(connection).await?;
        for row in &rows {
            let seats = match registry::read_seats(&Cells(row)) {
                Ok(seats) => seats,
                Err(flaw) => {
                    self.damaged(flaw, "who sits where");
                    continue;
                }
            };
            self.checkup.rows += 1;
            for version in [seats.champion, seats.challenger, seats.former] {
                if version != 0 && !there.contains(&(version as i64)) {
                    let why = format!("there is no model version {version}");
                    self.damaged(Flaw::wrong(why), "who sits where");
                }
            }
        }
        Ok(())
    }

    async fn versions_of(
        &self,
        connection: &mut SqliteConnection,
        query: &'static str,
    ) -> Result<Vec<i64>, Trouble> {
        Ok(sqlx::query_scalar(query).bind(self.run.0).fetch_all(connection).await?)
    }
}
