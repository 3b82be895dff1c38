//! Words in rows: enums by the names that the domain gives them, and ids as hexadecimal digits.

use std::fmt::LowerHex;
use std::str::FromStr;

use domain::{
    DecisionId, ExitReason, Leg, Money, OrderId, OrderState, Regime, Side, Standing, Timestamp,
    World,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite};

use crate::columns::Flaw;

const SIDES: [Side; 2] = [Side::Long, Side::Short];
const LEGS: [Leg; 6] =
    [Leg::Entry, Leg::Exit, Leg::Stop, Leg::Target, Leg::Partial, Leg::Liquidation];
const WORLDS: [World; 3] = [World::Replay, World::Paper, World::Live];
const ORDER_STATES: [OrderState; 10] = [
    OrderState::Intent,
    OrderState::Sending,
    OrderState::Acked,
    OrderState::Unknown,
    OrderState::Partial,
    OrderState::Filled,
    OrderState::Canceled,
    OrderState::Expired,
    OrderState::Rejected,
    OrderState::NotPlaced,
];

/// An id as the domain prints it.
pub(crate) fn hex(id: impl LowerHex) -> String {
    format!("{id:016x}")
}

/// One row of an answer. What is in it was perhaps not written by us, so nothing is taken on trust.
pub(crate) struct Cells<'r>(pub(crate) &'r SqliteRow);

impl<'r> Cells<'r> {
    pub(crate) fn get<T>(&self, column: &str) -> Result<T, Flaw>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
    {
        self.0
            .try_get(column)
            .map_err(|e| Flaw::wrong(format!("its {column} cannot be read ({e})")))
    }

    /// A number that must fit a smaller type.
    pub(crate) fn small<T: TryFrom<i64>>(&self, column: &str) -> Result<T, Flaw> {
        let number: i64 = self.get(column)?;
        T::try_from(number)
            .map_err(|_| Flaw::wrong(format!("its {column} {number} is out of range")))
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, Flaw> {
        self.get(column).map(Timestamp::from_ms)
    }

    pub(crate) fn decision(&self) -> Result<DecisionId, Flaw> {
        self.id("decision_id").map(DecisionId)
    }

    pub(crate) fn order(&self) -> Result<OrderId, Flaw> {
        self.id("order_id").map(OrderId)
    }

    fn id(&self, column: &str) -> Result<u64, Flaw> {
        let text: &str = self.get(column)?;
        u64::from_str_radix(text, 16)
            .map_err(|_| Flaw::wrong(format!("its {column} `{text}` is no id")))
    }

    pub(crate) fn exact(&self, column: &str) -> Result<Money, Flaw> {
        exact(self.get(column)?, column)
    }

    pub(crate) fn maybe_exact(&self, column: &str) -> Result<Option<Money>, Flaw> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| exact(text, column)).transpose()
    }

    pub(crate) fn side(&self) -> Result<Side, Flaw> {
        self.one_of("side", &SIDES, Side::name)
    }

    pub(crate) fn leg(&self) -> Result<Leg, Flaw> {
        self.one_of("leg", &LEGS, Leg::name)
    }

    pub(crate) fn standing(&self) -> Result<Standing, Flaw> {
        self.one_of("standing", &Standing::ALL, Standing::name)
    }

    pub(crate) fn regime(&self, column: &str) -> Result<Regime, Flaw> {
        self.one_of(column, &Regime::ALL, Regime::name)
    }

    pub(crate) fn exit_reason(&self) -> Result<ExitReason, Flaw> {
        self.one_of("reason", &ExitReason::ALL, ExitReason::name)
    }

    pub(crate) fn order_state(&self) -> Result<OrderState, Flaw> {
        self.one_of("state", &ORDER_STATES, OrderState::name)
    }

    pub(crate) fn world(&self) -> Result<World, Flaw> {
        self.one_of("world", &WORLDS, World::name)
    }

    pub(crate) fn one_of<T: Copy>(
        &self,
        column: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, Flaw> {
        let text: &str = self.get(column)?;
        let found = all.iter().copied().find(|&one| name(one) == text);
        found.ok_or_else(|| Flaw::wrong(format!("its {column} `{text}` is unknown")))
    }
}

fn exact(text: &str, column: &str) -> Result<Money, Flaw> {
    Money::from_str(text)
        .map_err(|_| Flaw::wrong(format!("its {column} `{text}` is no exact number")))
}
