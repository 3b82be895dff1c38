-- What was learned besides policy versions: which jobs ran, what was tried, how entries would have gone
-- otherwise, and what was brought along from elsewhere.

-- Runs of jobs that came to something. What ran and found nothing is counted in job_counts alone.
CREATE TABLE jobs (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    job TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    ran_at BIGINT NOT NULL,
    ran_by TEXT NOT NULL,
    published BIGINT,
    findings TEXT NOT NULL,
    PRIMARY KEY (run_no, seq)
);
CREATE TABLE job_counts (
    run_no BIGINT NOT NULL,
    job TEXT NOT NULL,
    times BIGINT NOT NULL,
    amiss BIGINT NOT NULL,
    published BIGINT NOT NULL,
    first_ran_at BIGINT NOT NULL,
    last_due_at BIGINT NOT NULL,
    last_ran_at BIGINT NOT NULL,
    last_by TEXT NOT NULL,
    PRIMARY KEY (run_no, job)
);
CREATE TABLE trials (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    learner TEXT NOT NULL,
    at BIGINT NOT NULL,
    cell TEXT NOT NULL,
    outcomes_effective DOUBLE PRECISION,
    mean_r DOUBLE PRECISION,
    sharpe DOUBLE PRECISION,
    was_taken BIGINT NOT NULL,
    PRIMARY KEY (run_no, seq)
);
CREATE TABLE what_if_outcomes (
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
ALTER TABLE runs ADD COLUMN jobs BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN trials BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN what_ifs BIGINT NOT NULL DEFAULT 0;

-- History from elsewhere. It belongs to the store and to no run, and counts as no run's evidence.
CREATE TABLE imports (
    import_no BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    imported_at BIGINT NOT NULL
);
CREATE TABLE imported_history (
    import_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    symbol TEXT,
    side TEXT,
    strategy TEXT,
    opened_at BIGINT,
    closed_at BIGINT,
    net DOUBLE PRECISION,
    net_fraction DOUBLE PRECISION,
    body TEXT NOT NULL,
    PRIMARY KEY (import_no, seq)
);
