-- What the rows of a run, table by table, must hash to. Runs stored before this have none.
CREATE TABLE row_seals (
    run_no BIGINT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (run_no, name)
);
ALTER TABLE imports ADD COLUMN rows_hash TEXT;
