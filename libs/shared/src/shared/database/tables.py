"""The tables every service has beside its own: what makes delivery exact and requests repeatable."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

platform = MetaData()

# A fact on its way to the bus, written in the commit that made it true. Kept 7 days after sending, so that a lost
# stream can be rebuilt; `stream_sequence` lets an erasure find the message again.
outbox = Table(
    "outbox",
    platform,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("envelope", Text, nullable=False),
    Column("traceparent", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("app_now()")),
    Column("published_at", DateTime(timezone=True)),
    Column("stream_sequence", BigInteger),
)
Index("outbox_waiting", outbox.c.position, postgresql_where=outbox.c.published_at.is_(None))
Index("outbox_published", outbox.c.published_at, postgresql_where=outbox.c.published_at.is_not(None))

# An event a consumer has taken effect of: the row and the effect are one commit.
inbox = Table(
    "inbox",
    platform,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("processed_at", DateTime(timezone=True), nullable=False, server_default=text("app_now()")),
)
Index("inbox_processed", inbox.c.processed_at)

# The first answer to a request with an Idempotency-Key, in the transaction of its change.
idempotency = Table(
    "idempotency",
    platform,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("app_now()")),
)
Index("idempotency_created", idempotency.c.created_at)

# Hashes of API keys: records owns them, every other service keeps this replica of `records.key.changed.v1`.
api_key = Table(
    "api_key",
    platform,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("user", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
)

# A message a consumer gave up on, with the reason; replayable.
dead_letter = Table(
    "dead_letter",
    platform,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("event_id", Text),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("traceparent", Text),
    Column("dead_at", DateTime(timezone=True), nullable=False, server_default=text("app_now()")),
    Column("replayed_at", DateTime(timezone=True)),
)

# The one clock: tests move `offset`, everything else reads app_now().
app_clock = Table(
    "app_clock",
    platform,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("offset", Interval, nullable=False, server_default=text("'0'")),
)

_APP_NOW = """
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT now() + coalesce((SELECT "offset" FROM app_clock), interval '0') $$
"""

# Wakes whoever listens on a channel named for the table, once a statement.
_WAKE = """
CREATE FUNCTION wake() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify(TG_TABLE_NAME, ''); RETURN NULL; END $$
"""


def create_platform(op: Any) -> None:
    """For the first migration of a service: the platform's tables, the clock and the wake-up of the relay."""
    connection = op.get_bind()
    app_clock.create(connection)
    op.execute("INSERT INTO app_clock DEFAULT VALUES")
    op.execute(_APP_NOW)
    op.execute(_WAKE)
    platform.create_all(connection)
    wake_on_insert(op, "outbox")


def wake_on_insert(op: Any, table: str) -> None:
    """Notify the channel named for the table whenever rows are added to it (see `shared.database.Wakeup`)."""
    op.execute(f"CREATE TRIGGER wake AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION wake()")
