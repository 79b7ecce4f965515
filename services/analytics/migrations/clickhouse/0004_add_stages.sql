-- The stays of a record in its lists, in order, for durations and times in a list.
ALTER TABLE record ADD COLUMN IF NOT EXISTS stages
Array(Tuple(list String, entered_at DateTime64(3, 'UTC'), left_at Nullable(DateTime64(3, 'UTC'))));
