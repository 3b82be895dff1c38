//! What a checkpoint says of models' life: trainings, versions, rulings, and who sits where then.

use domain::{RulingRecord, Training};
use sqlx::SqliteConnection;

use crate::RunNo;
use crate::audit::Chain;
use crate::error::Trouble;
use crate::registry::{self, RegisteredModel, Seats};
use crate::rulings::{self, TrainingEnd};
use crate::tally::Tally;

pub(crate) struct Life<'a> {
    pub(crate) models: &'a [RegisteredModel<'a>],
    /// What [`registry::sealed`] made of their bytes, before the transaction began.
    pub(crate) blobs: Vec<Vec<u8>>,
    pub(crate) trainings: &'a [Training],
    pub(crate) training_ends: &'a [TrainingEnd],
    pub(crate) rulings: &'a [RulingRecord],
    pub(crate) seats: Option<Seats>,
}

impl Life<'_> {
    /// Writes it, with a link to the audit for each version and each ruling. The pointer comes last: it
    /// may name what has only just come.
    pub(crate) async fn write(
        &self,
        connection: &mut SqliteConnection,
        run: RunNo,
        tally: &mut Tally,
        chain: &mut Chain,
    ) -> Result<(), Trouble> {
        registry::write(connection, run, tally, chain, self.models, &self.blobs).await?;
        rulings::write_trainings(connection, run, tally, self.trainings, self.training_ends)
            .await?;
        rulings::write(connection, run, tally, chain, self.rulings).await?;
        if let Some(seats) = &self.seats {
            registry::seat(connection, run, seats).await?;
        }
        Ok(())
    }
}
