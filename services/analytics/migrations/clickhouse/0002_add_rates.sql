-- From its day (in ISO) on, one unit of `from` is worth `rate` units of `to`, until the next day that has one.
CREATE TABLE IF NOT EXISTS rate
(
    `date` String,
    `from` LowCardinality(String),
    `to` LowCardinality(String),
    rate Decimal(76, 10),
    version UInt64,
    is_deleted UInt8
)
{{ snapshots of `from`, `to`, `date` }};
