"""Tracking numbers, campaigns, and what was paid for them."""

from sqlalchemy import BigInteger, Column, Date, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from calls.storage.tables.columns import Moment, metadata

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
