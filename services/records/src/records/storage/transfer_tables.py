"""The tables of what comes in and goes out in files, and of selections."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from records.storage.tables import metadata


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.app_now())


# A file as it was read: what is imported are its parts, some hundred rows each, so that a job can go on anywhere.
upload = Table(
    "upload",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("columns", JSONB, nullable=False),
    Column("rows", BigInteger, nullable=False),
    _moment("created_at"),
)

upload_part = Table(
    "upload_part",
    metadata,
    Column("upload_id", UUID(as_uuid=False), ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rows", JSONB, nullable=False),
)

# A saved way of importing into a project. `definition` is what an import is asked for, without its file.
import_profile = Table(
    "import_profile",
    metadata,
    Column("project_id", UUID(as_uuid=False), ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("definition", JSONB, nullable=False),
)

# Rows of a file that did not get in, as they were, with the reason. `job_id` is of the import.
rejected_row = Table(
    "rejected_row",
    metadata,
    Column("job_id", UUID(as_uuid=False), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("cells", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
)

# A file that a job wrote, in pieces.
export_part = Table(
    "export_part",
    metadata,
    Column("job_id", UUID(as_uuid=False), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# `criteria` of a dynamic one; `parts` are the ids of the two or more that a combined one is made of, by `compare`.
selection = Table(
    "selection",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("project_id", UUID(as_uuid=False), ForeignKey("project.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("criteria", JSONB(none_as_null=True)),
    Column("parts", ARRAY(Text), nullable=False),
    Column("compare", Text),
    Column("version", BigInteger, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    Column("key", Text),
)
Index("selection_project", selection.c.project_id, selection.c.id)
Index("selection_key", selection.c.project_id, selection.c.key, unique=True)

selection_member = Table(
    "selection_member",
    metadata,
    Column("selection_id", UUID(as_uuid=False), ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True),
    Column("record_id", UUID(as_uuid=False), ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
)
Index("selection_member_record", selection_member.c.record_id)

# What became of a record on the call list that a selection is: called, or skipped.
call_mark = Table(
    "call_mark",
    metadata,
    Column("selection_id", UUID(as_uuid=False), ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True),
    Column("record_id", UUID(as_uuid=False), ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("actor", Text),
    _moment("at"),
)
Index("call_mark_record", call_mark.c.record_id)
