-- Trained models: every version with what it has seen, what was ruled on it, which trainings were asked
-- for, who sits where, and the closes that windows are made of.

-- A version is never edited; where it stands follows from the last ruling on it.
CREATE TABLE model_versions (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    training BIGINT NOT NULL,
    trigger TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    byte_count BIGINT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (run_no, seq)
);
CREATE UNIQUE INDEX model_versions_by_version ON model_versions (run_no, version);
CREATE INDEX model_versions_by_hash ON model_versions (hash);

-- Under the hash of what they hold, so that runs share what is alike.
CREATE TABLE model_blobs (
    hash TEXT NOT NULL PRIMARY KEY,
    bytes BYTEA NOT NULL
);

CREATE TABLE rulings (
    run_no BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    champion BIGINT NOT NULL,
    ruling TEXT NOT NULL,
    stage_from TEXT NOT NULL,
    stage_to TEXT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    by_person BIGINT NOT NULL,
    grounds TEXT,
    says TEXT NOT NULL,
    PRIMARY KEY (run_no, seq)
);

-- `state` is waiting, done or failed; `version` is what it came to.
CREATE TABLE trainings (
    run_no BIGINT NOT NULL,
    training_no BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    plan TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT,
    why TEXT,
    finished_at BIGINT,
    PRIMARY KEY (run_no, training_no)
);

-- The registry's pointer: the version in charge, and who sits beside it; 0 where a seat is empty.
CREATE TABLE active_models (
    run_no BIGINT NOT NULL,
    line TEXT NOT NULL,
    version BIGINT NOT NULL,
    challenger BIGINT NOT NULL,
    former BIGINT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (run_no, line)
);

CREATE TABLE closes (
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
ALTER TABLE runs ADD COLUMN models BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN rulings BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN trainings BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN closes BIGINT NOT NULL DEFAULT 0;
