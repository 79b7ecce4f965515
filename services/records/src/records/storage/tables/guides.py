"""Guides, how far records are in them, and what is suggested."""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from records.storage.tables.columns import id_, metadata, moment

guide = Table(
    "guide",
    metadata,
    id_("id", primary_key=True),
    id_("project_id", ForeignKey("project.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
)
Index("guide_key", guide.c.project_id, guide.c.key, unique=True)

# A version never changes: records go on with the one they began with.
guide_version = Table(
    "guide_version",
    metadata,
    id_("guide_id", ForeignKey("guide.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("definition", JSONB, nullable=False),
    moment("at"),
    Column("actor", Text),
)

guide_run = Table(
    "guide_run",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    id_("guide_id", primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text),
    moment("attached_at"),
    moment("detached_at", nullable=True),
    ForeignKeyConstraint(["guide_id", "version"], ["guide_version.guide_id", "guide_version.version"]),
)
Index("guide_run_current", guide_run.c.record_id, unique=True, postgresql_where=guide_run.c.detached_at.is_(None))

guide_step = Table(
    "guide_step",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", nullable=False),
    id_("guide_id", nullable=False),
    Column("item", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("at"),
    moment("starts_at", nullable=True),
    id_("activity_id"),
    id_("document_id"),
    ForeignKeyConstraint(["record_id", "guide_id"], ["guide_run.record_id", "guide_run.guide_id"], ondelete="CASCADE"),
)
Index("guide_step_record", guide_step.c.record_id, guide_step.c.guide_id, guide_step.c.at)
Index("guide_step_activity", guide_step.c.activity_id)

# `cause` is what it was raised for (an activity, a stage's completion, a date): never twice for the same.
suggestion = Table(
    "suggestion",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    id_("guide_id"),
    Column("stage", Text),
    Column("item", Text),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("raised_at"),
    moment("answered_at", nullable=True),
    Column("answered_by", Text),
)
Index("suggestion_once", suggestion.c.record_id, suggestion.c.kind, suggestion.c.cause, unique=True)
Index("suggestion_open", suggestion.c.raised_at, suggestion.c.id, postgresql_where=suggestion.c.state == "open")
