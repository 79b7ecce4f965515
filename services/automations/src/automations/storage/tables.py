"""What automations keeps: rules and their versions, replicas of what rules ask about, runs and timers."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Numeric, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
_moment = DateTime(timezone=True)
_id = Uuid(as_uuid=False)

# The rule as it stands; what it says is in its newest version. `project` is a key, null for any project.
rule = Table(
    "rule",
    metadata,
    Column("id", _id, primary_key=True),
    Column("key", Text),
    Column("name", Text, nullable=False),
    Column("project", Text),
    Column("trigger_type", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_at", _moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("updated_at", _moment, nullable=False),
    Column("deleted_at", _moment),
)

# Never changed, never deleted: a run says which one it followed.
rule_version = Table(
    "rule_version",
    metadata,
    Column("rule_id", _id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("project", Text),
    Column("trigger", JSONB, nullable=False),
    Column("conditions", JSONB, nullable=False),
    Column("actions", JSONB, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_at", _moment, nullable=False),
    Column("actor", Text),
    Column("created_at", _moment, nullable=False),
)

# Replica: the newest snapshot of each record. `links_to` holds the ids of all records it references.
record = Table(
    "record",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("list_category", Text, nullable=False),
    Column("assignees", ARRAY(Text), nullable=False),
    Column("links_to", ARRAY(Text), nullable=False),
    Column("last_activity_at", _moment, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("snapshot", JSONB, nullable=False),
    Column("seen_at", _moment, nullable=False),
)

# When each kind of activity was last seen on a record, by people and by automations apart.
record_activity = Table(
    "record_activity",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("by_rule", Boolean, primary_key=True),
    Column("at", _moment, nullable=False),
)

# Replica: the whole schema of each project.
project = Table(
    "project",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("schema", JSONB, nullable=False),
)

# Replica: exchange rates, from their day on.
rate = Table(
    "rate",
    metadata,
    Column("from", Text, primary_key=True),
    Column("to", Text, primary_key=True),
    Column("date", Text(collation="C"), primary_key=True),
    Column("rate", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
)

# Replica: who there is.
user = Table(
    "user",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("away_until", _moment),
    Column("capacity", Integer),
    Column("version", BigInteger, nullable=False),
)

# What was seen on the bus, for backtests and for a second look: outlives the streams.
event = Table(
    "event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("at", _moment, nullable=False),
    Column("seen_at", _moment, nullable=False),
    Column("actor", Text),
    Column("depth", Integer, nullable=False),
    Column("origin", ARRAY(Text), nullable=False),
    Column("data", JSONB, nullable=False),
)

# One evaluation of a rule. `facts` is what the event told that the record does not. `decide_at` and `tries` serve the
# state `waiting`: something the decision needs had not arrived yet.
run = Table(
    "run",
    metadata,
    Column("id", _id, primary_key=True),
    Column("rule_id", _id, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("record_id", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("why", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("origin", ARRAY(Text), nullable=False),
    Column("traceparent", Text),
    Column("timer_id", _id),
    Column("tries", Integer, nullable=False),
    Column("decide_at", _moment, nullable=False, server_default=func.clock_timestamp()),
    Column("created_at", _moment, nullable=False),
    Column("finished_at", _moment),
)

# One action of a run. At most one step of a run is `pending`; `due_at` is its next try, or the end of a lease: by the
# database's real clock, since a test that moves the other one must not hold up what is under way.
# `request` is frozen before the first try: the same Idempotency-Key always goes with the same body.
step = Table(
    "step",
    metadata,
    Column("run_id", _id, primary_key=True),
    Column("step_no", Integer, primary_key=True),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", _moment, nullable=False, server_default=func.clock_timestamp()),
    Column("attempts", Integer, nullable=False),
    Column("request", JSONB(none_as_null=True)),
    Column("response", JSONB(none_as_null=True)),
    Column("says", Text),
    Column("finished_at", _moment),
)

# A moment in the future. Unique by rule, record and occurrence; one pending for each rule and record.
timer = Table(
    "timer",
    metadata,
    Column("id", _id, primary_key=True),
    Column("rule_id", _id, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("occurrence_key", Text, nullable=False),
    Column("epoch", _moment, nullable=False),
    Column("number", Integer, nullable=False),
    Column("due_at", _moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("traceparent", Text),
    Column("created_at", _moment, nullable=False),
    Column("fired_at", _moment),
)

notification = Table(
    "notification",
    metadata,
    Column("id", _id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("user_id", Text, nullable=False),
    Column("rule_id", _id, nullable=False),
    Column("run_id", _id, nullable=False),
    Column("record_id", Text),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("read_at", _moment),
)

# How many picks a pool has seen, and each of them.
pool = Table("pool", metadata, Column("name", Text, primary_key=True), Column("position", BigInteger, nullable=False))
pick = Table(
    "pick",
    metadata,
    Column("run_id", _id, primary_key=True),
    Column("step_no", Integer, primary_key=True),
    Column("pool", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("at", _moment, nullable=False),
)
