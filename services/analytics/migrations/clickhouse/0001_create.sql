-- One row a version of a call. `arrived_at` and `ended_at` are what metrics count by and may still be corrected;
-- `first_seen_at` never is, so a call stays in its partition and its place.
CREATE TABLE IF NOT EXISTS call
(
    id String,
    connection LowCardinality(String),
    provider LowCardinality(String),
    provider_call_id String,
    first_seen_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    started_at Nullable(DateTime64(3, 'UTC')),
    answered_at Nullable(DateTime64(3, 'UTC')),
    ended_at Nullable(DateTime64(3, 'UTC')),
    ended_at_estimated Bool,
    direction LowCardinality(String),
    status LowCardinality(String),
    outcome LowCardinality(String),
    answered Bool,
    past_ivr Bool,
    waited_s Nullable(Float64),
    ivr_s Nullable(Float64),
    queue_s Nullable(Float64),
    ring_s Nullable(Float64),
    wait_s Nullable(Float64),
    talk_s Nullable(Float64),
    hold_s Nullable(Float64),
    wrap_up_s Nullable(Float64),
    wait_basis LowCardinality(String),
    talk_basis LowCardinality(String),
    queue LowCardinality(String),
    agent LowCardinality(String),
    agent_name LowCardinality(String),
    source LowCardinality(String),
    disposition LowCardinality(String),
    tags Array(LowCardinality(String)),
    voicemail Bool,
    recording Bool,
    transferred Bool,
    csat Nullable(UInt8),
    resolved Nullable(Bool),
    escalated Nullable(Bool),
    topic LowCardinality(String),
    converted Nullable(Bool),
    appointment Nullable(Bool),
    trace_id String,
    version UInt64,
    is_deleted UInt8,
    INDEX arrived arrived_at TYPE minmax GRANULARITY 1,
    INDEX ended ended_at TYPE minmax GRANULARITY 1
)
{{ snapshots by month of first_seen_at, then id }};

-- The latest stored values of each record, in the shape that filters and formulas compile to.
CREATE TABLE IF NOT EXISTS record
(
    id String,
    project LowCardinality(String),
    list LowCardinality(String),
    list_category LowCardinality(String),
    title String,
    values String CODEC(ZSTD(1)),
    links Map(String, Array(String)),
    tags Array(String),
    assignees Array(String),
    color LowCardinality(String),
    first_seen_at DateTime64(3, 'UTC'),
    created_at Nullable(DateTime64(3, 'UTC')),
    updated_at Nullable(DateTime64(3, 'UTC')),
    entered_list_at Nullable(DateTime64(3, 'UTC')),
    last_activity_at Nullable(DateTime64(3, 'UTC')),
    next_activity_at Nullable(DateTime64(3, 'UTC')),
    snoozed_until Nullable(DateTime64(3, 'UTC')),
    due_at Nullable(DateTime64(3, 'UTC')),
    done_at Nullable(DateTime64(3, 'UTC')),
    imported Bool,
    trace_id String,
    version UInt64,
    is_deleted UInt8
)
{{ snapshots by year of first_seen_at, then project, id }};

-- Each stay of a record in a list, by the moment it began; it ended when the next one began.
CREATE TABLE IF NOT EXISTS stage_entry
(
    record String,
    project LowCardinality(String),
    list LowCardinality(String),
    entered_at DateTime64(3, 'UTC'),
    imported Bool,
    version UInt64,
    is_deleted UInt8
)
{{ snapshots by year of entered_at, then record, list, entered_at }};

CREATE TABLE IF NOT EXISTS activity
(
    id String,
    record String,
    project LowCardinality(String),
    type LowCardinality(String),
    at DateTime64(3, 'UTC'),
    actor String,
    call String,
    trace_id String,
    version UInt64,
    is_deleted UInt8
)
{{ snapshots by year of at, then id }};
