"""The table of jobs, the same in every service that has long work."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.tables import wake_on_insert

metadata = MetaData()
_moment = DateTime(timezone=True)

# `lease_until` is by the database's real clock: a test that moves the other one must not take a job from its worker.
# `attempt` rises with every claim; a worker whose attempt is not the row's has lost the job.
job = Table(
    "job",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("input", JSONB, nullable=False),
    Column("position", JSONB(none_as_null=True)),
    Column("result", JSONB(none_as_null=True)),
    Column("error", Text),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    Column("total", BigInteger),
    Column("actor", Text),
    Column("key", Text),
    Column("traceparent", Text),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("cancelling", Boolean, nullable=False, server_default=text("false")),
    Column("lease_until", _moment, nullable=False, server_default=text("clock_timestamp()")),
    Column("created_at", _moment, nullable=False, server_default=text("app_now()")),
    Column("started_at", _moment),
    Column("finished_at", _moment),
)
Index("job_open", job.c.lease_until, postgresql_where=job.c.state.in_(["waiting", "running"]))
Index("job_created", job.c.created_at.desc(), job.c.id.desc())


def create_jobs(op: Any) -> None:
    """For a migration: the table of jobs, which wakes the worker."""
    metadata.create_all(op.get_bind())
    wake_on_insert(op, "job")
