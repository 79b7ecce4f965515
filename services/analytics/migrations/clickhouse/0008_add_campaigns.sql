ALTER TABLE call ADD COLUMN IF NOT EXISTS campaign LowCardinality(String);

-- What was paid for a source's calls from one day to another, both included; no campaign is the empty text.
CREATE TABLE IF NOT EXISTS spend
(
    start_on Date32,
    end_on Date32,
    source LowCardinality(String),
    campaign LowCardinality(String),
    amount Decimal(38, 4),
    currency LowCardinality(String),
    version UInt64,
    is_deleted UInt8
)
{{ snapshots of start_on, end_on, source, campaign }};
