-- Text that SQLite and PostgreSQL share. Times are milliseconds since 1970, money is decimal text,
-- ids are sixteen hexadecimal digits, and bytes are sealed: compressed, with a checksum.

CREATE TABLE runs (
    run_no BIGINT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL,
    world TEXT NOT NULL,
    state TEXT NOT NULL,
    binary_version TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    seed TEXT NOT NULL,
    rule TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    header TEXT NOT NULL,
    config TEXT NOT NULL,
    summary TEXT,
    digest TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    cursor_events BIGINT NOT NULL DEFAULT 0,
    cursor_at BIGINT NOT NULL DEFAULT 0,
    checkpoints BIGINT NOT NULL DEFAULT 0,
    decisions BIGINT NOT NULL DEFAULT 0,
    outcomes BIGINT NOT NULL DEFAULT 0,
    fills BIGINT NOT NULL DEFAULT 0,
    trades BIGINT NOT NULL DEFAULT 0,
    journal_entries BIGINT NOT NULL DEFAULT 0,
    gaps BIGINT NOT NULL DEFAULT 0,
    quarantined BIGINT NOT NULL DEFAULT 0,
    learning_events BIGINT NOT NULL DEFAULT 0,
    last_hash TEXT NOT NULL
);
CREATE INDEX runs_by_id ON runs (run_id, run_no);

CREATE TABLE journal (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (run_no, seq)
);

-- Four tables of columnar chunks. The numbers and moments a chunk lies between find it.
CREATE TABLE decisions (
    run_no BIGINT NOT NULL,
    chunk_no BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    first_no BIGINT NOT NULL,
    last_no BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run_no, chunk_no)
);
CREATE TABLE signal_outcomes (
    run_no BIGINT NOT NULL,
    chunk_no BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    first_no BIGINT NOT NULL,
    last_no BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run_no, chunk_no)
);
CREATE TABLE horizon_outcomes (
    run_no BIGINT NOT NULL,
    chunk_no BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    first_no BIGINT NOT NULL,
    last_no BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run_no, chunk_no)
);
CREATE TABLE equity (
    run_no BIGINT NOT NULL,
    chunk_no BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    first_no BIGINT NOT NULL,
    last_no BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run_no, chunk_no)
);

CREATE TABLE orders (
    run_no BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    symbol_ix BIGINT NOT NULL,
    side TEXT NOT NULL,
    leg TEXT NOT NULL,
    quantity TEXT NOT NULL,
    stop_fraction DOUBLE PRECISION,
    target_fraction DOUBLE PRECISION,
    requested_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (run_no, order_id)
);
CREATE INDEX orders_by_decision ON orders (run_no, decision_id);

CREATE TABLE fills (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    order_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    symbol_ix BIGINT NOT NULL,
    leg TEXT NOT NULL,
    side TEXT NOT NULL,
    price TEXT NOT NULL,
    market_price TEXT NOT NULL,
    quantity TEXT NOT NULL,
    fee TEXT NOT NULL,
    stop TEXT,
    target TEXT,
    gapped BIGINT NOT NULL,
    filled_at BIGINT NOT NULL,
    PRIMARY KEY (run_no, seq)
);
CREATE INDEX fills_by_decision ON fills (run_no, decision_id);

-- Open positions only, replaced at each checkpoint. The columns are for people, `body` is the position.
CREATE TABLE positions (
    run_no BIGINT NOT NULL,
    decision_id TEXT NOT NULL,
    symbol_ix BIGINT NOT NULL,
    strategy_ix BIGINT NOT NULL,
    side TEXT NOT NULL,
    standing TEXT NOT NULL,
    quantity TEXT NOT NULL,
    entry_value TEXT NOT NULL,
    opened_at BIGINT,
    body BYTEA NOT NULL,
    PRIMARY KEY (run_no, decision_id)
);

CREATE TABLE trades (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    decision_id TEXT NOT NULL,
    decision_no BIGINT NOT NULL,
    symbol_ix BIGINT NOT NULL,
    strategy_ix BIGINT NOT NULL,
    side TEXT NOT NULL,
    standing TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    votes BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    quantity TEXT NOT NULL,
    entry TEXT NOT NULL,
    exit TEXT NOT NULL,
    stop TEXT NOT NULL,
    stop_last TEXT NOT NULL,
    target TEXT,
    reason TEXT NOT NULL,
    gross TEXT NOT NULL,
    fees TEXT NOT NULL,
    slipped TEXT NOT NULL,
    net TEXT NOT NULL,
    r DOUBLE PRECISION,
    PRIMARY KEY (run_no, seq)
);
CREATE UNIQUE INDEX trades_by_decision ON trades (run_no, decision_id);

CREATE TABLE gaps (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    symbol_ix BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    bars_missing BIGINT NOT NULL,
    PRIMARY KEY (run_no, seq)
);

CREATE TABLE quarantine (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    source TEXT NOT NULL,
    row_no BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run_no, seq)
);

CREATE TABLE learning_state (
    run_no BIGINT NOT NULL,
    state_type TEXT NOT NULL,
    version BIGINT NOT NULL,
    state_data TEXT NOT NULL,
    performance_metrics TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run_no, state_type, version)
);

CREATE TABLE active_learning_state (
    run_no BIGINT NOT NULL,
    state_type TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (run_no, state_type)
);

CREATE TABLE learning_events (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    event_type TEXT NOT NULL,
    event_timestamp BIGINT NOT NULL,
    body TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (run_no, seq)
);

CREATE TABLE snapshots (
    run_no BIGINT NOT NULL,
    cursor_events BIGINT NOT NULL,
    cursor_at BIGINT NOT NULL,
    binary_version TEXT NOT NULL,
    schema_version BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (run_no, cursor_events)
);
