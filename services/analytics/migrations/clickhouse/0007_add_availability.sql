-- Each stay of an agent in a state, by the moment it began; it ended with the next word about the same queue, or about
-- all of them (the empty text).
CREATE TABLE IF NOT EXISTS availability
(
    connection LowCardinality(String),
    provider LowCardinality(String),
    provider_agent LowCardinality(String),
    agent LowCardinality(String),
    name LowCardinality(String),
    queue LowCardinality(String),
    state LowCardinality(String),
    reason LowCardinality(String),
    since DateTime64(3, 'UTC'),
    version UInt64,
    is_deleted UInt8
)
{{ snapshots by month of since, then connection, provider_agent, queue, since }};
