"""What happens on records, and what is to be done."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.storage.tables.columns import id_, metadata, moment

# `call` and `call_version` are of the call it was logged for; the call's later versions replace them.
activity = Table(
    "activity",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("type", Text, nullable=False),
    moment("at"),
    Column("actor", Text),
    Column("body", Text),
    Column("assignee", Text),
    moment("due_at", nullable=True),
    moment("done_at", nullable=True),
    Column("call", JSONB),
    Column("call_version", BigInteger),
    Column("mentions", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("edited_at", nullable=True),
    moment("deleted_at", nullable=True),
)
Index("activity_record", activity.c.record_id, activity.c.at, activity.c.id)
Index(
    "activity_open_task",
    activity.c.record_id,
    activity.c.due_at,
    postgresql_where=(activity.c.type == "task") & activity.c.done_at.is_(None),
)

# Calls that turned out to be parts of others (``part_of`` is null where nothing is left at all): none is logged again.
merged_call = Table(
    "merged_call",
    metadata,
    Column("call", Text, primary_key=True),
    Column("part_of", Text, index=True),
)

checklist = Table(
    "checklist",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
)
Index("checklist_record", checklist.c.record_id, checklist.c.position)

checklist_item = Table(
    "checklist_item",
    metadata,
    id_("id", primary_key=True),
    id_("checklist_id", ForeignKey("checklist.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("assignee", Text),
    moment("due_at", nullable=True),
    moment("done_at", nullable=True),
    Column("position", Integer, nullable=False),
)
Index("checklist_item_place", checklist_item.c.checklist_id, checklist_item.c.position)
