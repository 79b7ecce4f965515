"""The tables of analytics in PostgreSQL, beside the platform's: targets, dashboards, replicas of projects and users."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, ForeignKey, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

# Who there is, as records last told it: names to show, teams for grants.
user = Table(
    "user",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
)

# What is expected of queues, as calls last told it.
queue = Table(
    "queue",
    metadata,
    Column("name", Text, primary_key=True),
    Column("threshold_s", Float),
    Column("short_abandon_s", Float),
    Column("deleted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# ``definition`` is `analytics.domain.dashboard.Dashboard` as JSON.
dashboard = Table(
    "dashboard",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

# Links that open a dashboard with the rights of the key they were made with. Of the token only its SHA-256 is here.
dashboard_share = Table(
    "dashboard_share",
    metadata,
    Column("id", Text, primary_key=True),
    Column("dashboard", Text, ForeignKey("dashboard.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)
