"""Selections, and the call lists that they are."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.storage.tables.columns import id_, metadata, moment

# `criteria` of a dynamic one; `parts` are the ids of the two or more that a combined one is made of, by `compare`.
selection = Table(
    "selection",
    metadata,
    id_("id", primary_key=True),
    id_("project_id", ForeignKey("project.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("criteria", JSONB(none_as_null=True)),
    Column("parts", ARRAY(Text), nullable=False),
    Column("compare", Text),
    Column("version", BigInteger, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    Column("key", Text),
)
Index("selection_project", selection.c.project_id, selection.c.id)
Index("selection_key", selection.c.project_id, selection.c.key, unique=True)

selection_member = Table(
    "selection_member",
    metadata,
    id_("selection_id", ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
)
Index("selection_member_record", selection_member.c.record_id)

# What became of a record on the call list that a selection is: called, or skipped.
call_mark = Table(
    "call_mark",
    metadata,
    id_("selection_id", ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("actor", Text),
    moment("at"),
)
Index("call_mark_record", call_mark.c.record_id)
