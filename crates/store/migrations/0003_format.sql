-- How a run's chunks and bodies are written. What was there before is listed, and replayed again to be read.
ALTER TABLE runs ADD COLUMN format BIGINT NOT NULL DEFAULT 1;
