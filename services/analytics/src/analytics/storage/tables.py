"""The tables of analytics in PostgreSQL, beside the platform's: own targets, and the replica of projects."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

# What the workspace wants of itself, in the unit of the metric.
target = Table(
    "target",
    metadata,
    Column("id", Text, primary_key=True),
    Column("metric", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
)

# The schema of each project, as records last told it.
project = Table(
    "project",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("schema", JSONB, nullable=False),
)
