"""Calls and what they are folded of. Those of `Call` and `Fact` have their fields as columns."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from calls.storage.tables.columns import Id, Moment, metadata

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
