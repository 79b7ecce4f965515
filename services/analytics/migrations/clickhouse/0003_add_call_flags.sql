-- What says that a call is no customer's.
ALTER TABLE call ADD COLUMN IF NOT EXISTS flags Array(LowCardinality(String));
