-- How likely a record is to be won, in percent, and what became of it: won, lost, stalled.
ALTER TABLE record ADD COLUMN IF NOT EXISTS probability String;
ALTER TABLE record ADD COLUMN IF NOT EXISTS outcome LowCardinality(String);
