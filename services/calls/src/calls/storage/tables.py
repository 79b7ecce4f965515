"""Tables of calls. Those of `Call`, `Fact` and the others have their fields as columns."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

Moment = DateTime(timezone=True)
Id = Uuid(as_uuid=False)

# One account at one provider. `token` is the unguessable part of its hook's address.
connection = Table(
    "connection",
    metadata,
    Column("id", Id, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("secrets", JSONB, nullable=False),
    Column("public_url", Text),
    Column("settings", JSONB, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# A request as it arrived, secrets redacted. No foreign key: this insert is the hot path. Ids rise with time (UUIDv7).
delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection", Id, nullable=False),
    Column("path", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("key", Text),
    Column("received_at", Moment, nullable=False, server_default=text("app_now()")),
    Column("traceparent", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("settled_at", Moment),
    Column("adapter", Text),
    Column("expired_at", Moment),
)
Index("delivery_body", delivery.c.received_at, postgresql_where=delivery.c.expired_at.is_(None))
Index("delivery_waiting", delivery.c.id, postgresql_where=delivery.c.state == "received")
Index("delivery_quarantined", delivery.c.id, postgresql_where=delivery.c.state == "quarantined")
Index("delivery_key", delivery.c.connection, delivery.c.key, postgresql_where=delivery.c.key.is_not(None))

# Places in a provider's bodies that no fixture of ours has, with the first delivery that had each.
drift = Table(
    "drift",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("deliveries", BigInteger, nullable=False),
    Column("delivery", Id, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
)

# When a connection was last heard of, to the minute.
pulse = Table(
    "pulse",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("delivered_at", Moment, nullable=False),
)

# What was turned away at each connection's hook, and why the last one was.
refusal = Table(
    "refusal",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

# Which part of its history a provider has told us.
history_read = Table(
    "history_read",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("start_at", Moment, primary_key=True),
    Column("end_at", Moment, primary_key=True),
    Column("read_at", Moment, primary_key=True),
    Column("calls", BigInteger, nullable=False),
)

# The nights on which that was asked by itself.
reconciliation = Table(
    "reconciliation",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("job", Id, nullable=False),
)

# What was said, kept for ever. `call` is null while a fact waits for the call its alias will belong to.
call_fact = Table(
    "call_fact",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("delivery", Id),
    Column("actor", Text),
    Column("call", Id),
    Column("scope", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("values", JSONB, nullable=False),
)
Index("call_fact_call", call_fact.c.call, postgresql_where=call_fact.c.call.is_not(None))
Index("call_fact_delivery", call_fact.c.delivery, postgresql_where=call_fact.c.delivery.is_not(None))
Index(
    "call_fact_subject",
    call_fact.c.connection,
    call_fact.c.subject,
    call_fact.c.at,
    postgresql_where=call_fact.c.scope != "call",
)

# The fold of a call's facts, whole: the fields of `Call`. `end_told` is true once its end was published. A call
# of which no fact is left is `gone`; `merged_into` is the call that has its facts.
call = Table(
    "call",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection", Id, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_call_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("end_told", Boolean, nullable=False, server_default=text("false")),
    Column("first_seen_at", Moment, nullable=False),
    Column("direction", Text),
    Column("status", Text, nullable=False, server_default="ringing"),
    Column("outcome", Text),
    Column("started_at", Moment),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("ended_at_estimated", Boolean, nullable=False, server_default=text("false")),
    Column("ivr_s", Float),
    Column("queue_s", Float),
    Column("ring_s", Float),
    Column("wait_s", Float),
    Column("talk_s", Float),
    Column("hold_s", Float),
    Column("wrap_up_s", Float),
    Column("basis", JSONB, nullable=False, server_default="{}"),
    Column("queue", Text),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("from_number", Text),
    Column("to_number", Text),
    Column("external_number", Text),
    Column("source", Text),
    Column("disposition", Text),
    Column("tags", JSONB, nullable=False, server_default="[]"),
    Column("voicemail", Boolean, nullable=False, server_default=text("false")),
    Column("recording", Boolean, nullable=False, server_default=text("false")),
    Column("transferred_to", Text),
    Column("csat", Integer),
    Column("resolved", Boolean),
    Column("escalated", Boolean),
    Column("topic", Text),
    Column("converted", Boolean),
    Column("appointment", Boolean),
    Column("note", Text),
    Column("segments", JSONB, nullable=False, server_default="[]"),
    Column("flags", JSONB, nullable=False, server_default="[]"),
    Column("follow_up", Boolean),
    Column("gone", Boolean, nullable=False, server_default=text("false")),
    Column("merged_into", Id),
    Column("campaign", Text),
)
Index("call_merged_into", call.c.merged_into, postgresql_where=call.c.merged_into.is_not(None))
Index("call_identity", call.c.connection, call.c.provider_call_id, unique=True)
Index("call_provider_id", call.c.provider_call_id)
# The order of lists: by when the call began, or was first heard of.
BEGAN = func.coalesce(call.c.started_at, call.c.first_seen_at)
Index("call_began", BEGAN.desc(), call.c.id.desc())
Index("call_from_number", call.c.from_number)
Index("call_to_number", call.c.to_number)

# Other names of a call at its provider.
call_alias = Table(
    "call_alias",
    metadata,
    Column("connection", Id, primary_key=True),
    Column("alias", Text, primary_key=True),
    Column("call", Id, nullable=False),
)

# When agents were done with calls, and the wrap-up that was joined to it.
call_talk = Table(
    "call_talk",
    metadata,
    Column("call", Id, primary_key=True),
    Column("agent_id", Text, primary_key=True),
    Column("ended_at", Moment, primary_key=True),
    Column("connection", Id, nullable=False),
    Column("wrap_up_s", Float),
)
Index("call_talk_agent", call_talk.c.connection, call_talk.c.agent_id, call_talk.c.ended_at)

# Which record a call was logged on: records tells us, we only repeat it.
call_record = Table(
    "call_record",
    metadata,
    Column("call", Text, primary_key=True),
    Column("activity", Text, primary_key=True),
    Column("record", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("logged_at", Moment, nullable=False),
)

# People at providers, and the user each of them is, where told.
agent = Table(
    "agent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection", Id, nullable=False),
    Column("provider_agent", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("user", Text),
    Column("seen_at", Moment, nullable=False),
    Column("version", BigInteger, nullable=False),
)
Index("agent_identity", agent.c.connection, agent.c.provider_agent, unique=True)

# What a tracking number stands for from a moment on; null: for nothing any more.
number = Table(
    "number",
    metadata,
    Column("number", Text, primary_key=True),
    Column("source", Text),
    Column("changed_at", Moment, primary_key=True),
)

# Campaigns and the tracking numbers they show. The moments are those of the days, in the workspace's time zone.
campaign = Table(
    "campaign",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", Text),
    Column("numbers", JSONB, nullable=False),
    Column("start_on", Date),
    Column("end_on", Date),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
)

# What is expected of queues, by the names that calls have of them. A deleted one stays, for its version.
queue = Table(
    "queue",
    metadata,
    Column("name", Text, primary_key=True),
    Column("threshold_s", Float),
    Column("short_abandon_s", Float),
    Column("deleted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# The dispositions agents may choose from, and what each says of a call beside its name.
disposition = Table(
    "disposition",
    metadata,
    Column("name", Text, primary_key=True),
    Column("converted", Boolean),
    Column("appointment", Boolean),
    Column("follow_up", Boolean),
    Column("position", Integer, nullable=False),
)

# What was paid for a source's calls from one day to another, both included. No campaign is the empty text.
spend = Table(
    "spend",
    metadata,
    Column("start_on", Date, primary_key=True),
    Column("end_on", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("campaign", Text, primary_key=True),
    Column("amount", Numeric(20, 4), nullable=False),
    Column("currency", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
)

# Questions to callers about their call. The token is known to the caller alone.
survey = Table(
    "survey",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("call", Id, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answered_at", Moment),
)

# Who listened to which recording: rows are never taken out.
recording_access = Table(
    "recording_access",
    metadata,
    Column("id", Id, primary_key=True),
    Column("call", Id, nullable=False),
    Column("actor", Text),
    Column("key", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("recording_access_call", recording_access.c.call, recording_access.c.at)
