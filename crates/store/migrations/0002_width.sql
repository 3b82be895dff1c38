-- Funding, the kind of market, early exits and liquidation, for rows written from now on.
ALTER TABLE trades ADD COLUMN funding TEXT NOT NULL DEFAULT '0';
ALTER TABLE trades ADD COLUMN regime TEXT NOT NULL DEFAULT 'forming';
ALTER TABLE trades ADD COLUMN global_regime TEXT NOT NULL DEFAULT 'forming';
ALTER TABLE trades ADD COLUMN frame_bars BIGINT NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN partial_at_fraction DOUBLE PRECISION;
ALTER TABLE orders ADD COLUMN partial_share_fraction DOUBLE PRECISION;
ALTER TABLE orders ADD COLUMN liquidation_fraction DOUBLE PRECISION;
