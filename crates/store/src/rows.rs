//! Many rows in few statements. A statement's way to the database costs about 15 µs, a row in it three to six.

use sqlx::{AssertSqlSafe, SqliteConnection};

/// A table as rows are written to it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    /// What happens to a row that is there already; empty: it is an error.
    pub(crate) on_conflict: &'static str,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Whole(i64),
    MaybeWhole(Option<i64>),
    Real(Option<f64>),
    Text(String),
    Word(&'static str),
    MaybeText(Option<String>),
    Bytes(Vec<u8>),
}

/// Rows in one statement, most first. Few sizes, so that the prepared statements are few.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// Writes rows that lie one after another in `values`.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    table: &Table,
    values: Vec<Value>,
) -> Result<(), sqlx::Error> {
    let width = table.columns.len();
    let mut rows_left = values.len() / width;
    let mut values = values.into_iter();
    for size in SIZES {
        while rows_left >= size {
            let mut query = sqlx::query(AssertSqlSafe(statement(table, size)));
            for value in values.by_ref().take(size * width) {
                query = match value {
                    Value::Whole(value) => query.bind(value),
                    Value::MaybeWhole(value) => query.bind(value),
                    Value::Real(value) => query.bind(value),
                    Value::Text(value) => query.bind(value),
                    Value::Word(value) => query.bind(value),
                    Value::MaybeText(value) => query.bind(value),
                    Value::Bytes(value) => query.bind(value),
                };
            }
            query.execute(&mut *connection).await?;
            rows_left -= size;
        }
    }
    Ok(())
}

/// Only names from this crate's tables enter the text; every value is bound. The placeholders carry
/// no numbers: SQLite looks a numbered one up in a list for every value it binds, which made rows of
/// 24 columns seven times dearer. PostgreSQL will want `$n` here.
fn statement(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let (columns, rows) = (table.columns.join(", "), vec![row; rows].join(", "));
    format!("INSERT INTO {} ({columns}) VALUES {rows}{}", table.name, table.on_conflict)
}
