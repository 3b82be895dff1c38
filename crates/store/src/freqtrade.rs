//! Closed trades out of a freqtrade database, which is somebody else's and is only looked at.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::address::{self, Found};
use crate::error::Trouble;
use crate::store::runtime;
use crate::{Store, StoreError};

/// What is asked for; versions differ in which of these they have.
const COLUMNS: [&str; 13] = [
    "id",
    "pair",
    "is_open",
    "is_short",
    "strategy",
    "open_date",
    "close_date",
    "open_rate",
    "close_rate",
    "close_profit",
    "close_profit_abs",
    "amount",
    "exit_reason",
];

impl Store {
    /// Every row of the `trades` table of a freqtrade database, as a JSON object each, oldest first.
    pub fn freqtrade_trades(path: &Path) -> Result<Vec<String>, StoreError> {
        let shown = path.display().to_string();
        let read = runtime()?.block_on(read(path));
        read.map_err(|trouble| trouble.at(&shown, "read freqtrade's trades"))
    }
}

async fn read(path: &Path) -> Result<Vec<String>, Trouble> {
    let shown = path.display().to_string();
    if address::look(path)? == Found::Nothing {
        return Err(StoreError::Missing { path: shown }.into());
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection: SqliteConnection = options.disable_statement_logging().connect().await?;
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info('trades')")
        .fetch_all(&mut connection)
        .await?;
    let has = |column: &&str| names.iter().any(|name| name == column);
    if !["pair", "open_date", "open_rate"].iter().all(&has) {
        let why = "it has no trades as freqtrade keeps them".to_owned();
        return Err(StoreError::Foreign { path: shown, why }.into());
    }
    let pairs: Vec<String> =
        COLUMNS.iter().filter(|name| has(name)).map(|name| format!("'{name}', {name}")).collect();
    let query = format!("SELECT json_object({}) FROM trades ORDER BY id", pairs.join(", "));
    let rows = sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(rows)
}
