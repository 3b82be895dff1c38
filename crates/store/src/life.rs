//! What a checkpoint says of models' life: trainings, versions, rulings, and who sits where then.

use domain::{RulingRecord, Training};
use sqlx::SqliteConnection;

use crate::audit::Chain;
use crate::error::Trouble;
use crate::registry::{self, RegisteredModel, Seats};
use crate::rulings::{self, TrainingEnd};
use crate::tally::Tally;
use crate::{RunNo, StoreError};

pub(crate) struct Life<'a> {
    models: &'a [RegisteredModel<'a>],
    blobs: Vec<Vec<u8>>,
    trainings: &'a [Training],
    ends: &'a [TrainingEnd],
    rulings: &'a [RulingRecord],
    seats: Option<Seats>,
}

impl<'a> Life<'a> {
    /// Checks and compresses the bytes of models, which is best done before a transaction begins.
    pub(crate) fn of(
        models: &'a [RegisteredModel<'a>],
        (trainings, ends): (&'a [Training], &'a [TrainingEnd]),
        rulings: &'a [RulingRecord],
        seats: Option<Seats>,
    ) -> Result<Life<'a>, StoreError> {
        let blobs = registry::sealed(models)?;
        Ok(Life { models, blobs, trainings, ends, rulings, seats })
    }

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
        rulings::write_trainings(connection, run, tally, self.trainings, self.ends).await?;
        rulings::write(connection, run, tally, chain, self.rulings).await?;
        if let Some(seats) = &self.seats {
            registry::seat(connection, run, seats).await?;
        }
        Ok(())
    }
}
