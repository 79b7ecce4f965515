"""Records, and what is written with them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Sequence,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.storage.tables.columns import id_, metadata, moment

# Where a record stands among those of its list: a new one comes last, one moved before another lies between two.
record_position = Sequence("record_position", metadata=metadata)

record = Table(
    "record",
    metadata,
    id_("id", primary_key=True),
    id_("project_id", nullable=False),
    Column("list", Text, nullable=False),
    Column("position", Numeric, nullable=False, server_default=record_position.next_value()),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("values", JSONB, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("assignees", ARRAY(Text), nullable=False),
    Column("color", Text),
    moment("due_at", nullable=True),
    moment("done_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    moment("entered_list_at"),
    moment("last_activity_at"),
    moment("next_activity_at", nullable=True),
    moment("snoozed_until", nullable=True),
    moment("deleted_at", nullable=True),
    Column("version", BigInteger, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("probability", Text),
    Column("probability_source", Text),
    Column("outcome", JSONB),
    ForeignKeyConstraint(["project_id", "list"], ["list.project_id", "list.key"]),
)
Index("record_board", record.c.project_id, record.c.position, record.c.id)
Index(
    "record_stalled",
    record.c.id,
    postgresql_where=text("outcome ->> 'state' = 'stalled' AND deleted_at IS NULL"),
)
Index("record_list", record.c.project_id, record.c.list)
Index("record_created", record.c.project_id, record.c.created_at, record.c.id)
Index(
    "record_trash",
    record.c.project_id,
    record.c.deleted_at,
    record.c.id,
    postgresql_where=record.c.deleted_at.is_not(None),
)

link = Table(
    "link",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    id_("target_id", primary_key=True),
    Column("position", Integer, nullable=False),
)
Index("link_target", link.c.target_id, link.c.field, link.c.record_id)

# Every telephone number of a record, so that a call finds its record. Written with the record, in its transaction.
phone = Table(
    "phone",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("number", Text, nullable=False),
)
Index("phone_number", phone.c.number)

# The values of fields that tell records apart, each by a digest of it; none of a record in the trash.
unique_value = Table(
    "unique_value",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    id_("project_id", nullable=False),
    Column("digest", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),
)
_VALUE = (unique_value.c.project_id, unique_value.c.field, unique_value.c.digest)
Index("unique_value_digest", *_VALUE)
Index("unique_value_exclusive", *_VALUE, unique=True, postgresql_where=unique_value.c.exclusive)

# What was uploaded. The bytes lie elsewhere, under their digest.
file = Table(
    "file",
    metadata,
    id_("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_by", Text),
    moment("created_at"),
)
Index("file_sha256", file.c.sha256)

file_use = Table(
    "file_use",
    metadata,
    id_("file_id", ForeignKey("file.id"), primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
)
Index("file_use_record", file_use.c.record_id)

stage_entry = Table(
    "stage_entry",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("list", Text, nullable=False),
    moment("entered_at"),
    moment("left_at", nullable=True),
)

change = Table(
    "change",
    metadata,
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    moment("at"),
    Column("actor", Text),
    Column("kind", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
)

# What somebody did on a record beside changing its versions: part of its history too. `version` is the record's then.
deed = Table(
    "deed",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    moment("at"),
    Column("actor", Text),
    Column("kind", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
)
Index("deed_record", deed.c.record_id, deed.c.at)

dependency = Table(
    "dependency",
    metadata,
    id_("blocker_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    id_("blocked_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
)
Index("dependency_blocked", dependency.c.blocked_id)

# The expression indexes that fields have, or are to have: ``state`` is wanted, ready or refused.
field_index = Table(
    "field_index",
    metadata,
    Column("name", Text, primary_key=True),
    id_("project_id", nullable=False),
    Column("field", Text, nullable=False),
    Column("expression", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("asked_at"),
)
