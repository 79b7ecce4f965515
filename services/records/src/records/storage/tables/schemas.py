"""How a workspace is made: projects with their lists, fields and tags, value lists, rates."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.storage.tables.columns import id_, metadata, moment

# One row. `token` changes with every change of any project's schema, so that a process knows when to read them again.
# `secret` signs what strangers bring back: links that end a subscription.
workspace = Table(
    "workspace",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True, server_default=text("true")),
    Column("token", Text, nullable=False, server_default=text("gen_random_uuid()::text")),
    Column("base_currency", Text, nullable=False, server_default=text("'EUR'")),
    Column("timezone", Text, nullable=False, server_default=text("'Europe/Amsterdam'")),
    Column(
        "secret",
        Text,
        nullable=False,
        server_default=text("replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"),
    ),
)

project = Table(
    "project",
    metadata,
    id_("id", primary_key=True),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("default_fields", JSONB, nullable=False, server_default=text("'{}'")),
    Column("record_label", JSONB, nullable=False, server_default=text("'{}'")),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
)
Index("project_key", project.c.key, unique=True, postgresql_where=project.c.deleted_at.is_(None))

list_ = Table(
    "list",
    metadata,
    id_("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("forecast_weight", Text),
    Column("max_age_days", Integer),
    Column("require_on_entry", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
)

# A deleted field stays as a tombstone: its key is never given to another, whose values would be told by the wrong type.
field = Table(
    "field",
    metadata,
    id_("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("config", JSONB, nullable=False),
    Column("position", Integer, nullable=False),
    Column("description", Text),
    Column("default", JSONB),
    Column("unique", Text),
    Column("folder", Text),
    Column("visible_when", JSONB(none_as_null=True)),
    Column("required_when", JSONB(none_as_null=True)),
    moment("deleted_at", nullable=True),
)

tag = Table(
    "tag",
    metadata,
    id_("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("color", Text),
    Column("position", Integer, nullable=False),
)

# How people work in a project; without a row, as `records.domain.work_setting` says.
work_setting = Table(
    "work_setting",
    metadata,
    id_("project_id", ForeignKey("project.id"), primary_key=True),
    Column("completing_blocked", Text, nullable=False),
    Column("purge_after_days", Integer, nullable=False),
)

rate = Table(
    "rate",
    metadata,
    Column("date", Text(collation="C"), nullable=False, primary_key=True),
    Column("from", Text, nullable=False, primary_key=True),
    Column("to", Text, nullable=False, primary_key=True),
    Column("rate", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# An administered set of values. Names and the like are texts by language.
value_list = Table(
    "value_list",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("description", JSONB, nullable=False),
    Column("multiple", Boolean, nullable=False),
    Column("predefined", Boolean, nullable=False),
    Column("extra", JSONB, nullable=False),
    Column("headings", JSONB, nullable=False),
)

# A deleted item stays: old records go on showing it, and its name is never given to another.
value_list_item = Table(
    "value_list_item",
    metadata,
    Column("value_list", Text, ForeignKey("value_list.key", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("tooltip", JSONB, nullable=False),
    Column("color", Text),
    Column("position", Integer, nullable=False),
    Column("headings", ARRAY(Text), nullable=False),
    Column("visible_for", ARRAY(Text), nullable=False),
    Column("extra", JSONB, nullable=False),
    Column("predefined", Boolean, nullable=False),
    moment("deleted_at", nullable=True),
)
