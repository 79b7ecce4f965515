-- The stays of a call in queues and with agents, in order: the live board is rebuilt from them.
ALTER TABLE call ADD COLUMN IF NOT EXISTS segments
Array(Tuple(
    queue LowCardinality(Nullable(String)), agent LowCardinality(Nullable(String)),
    started_at Nullable(DateTime64(3, 'UTC')), answered_at Nullable(DateTime64(3, 'UTC')),
    ended_at Nullable(DateTime64(3, 'UTC'))
));
