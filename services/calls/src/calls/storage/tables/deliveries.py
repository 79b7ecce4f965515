"""Connections, what came in on them, and what their providers were asked for."""

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from calls.storage.tables.columns import Id, Moment, metadata

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
