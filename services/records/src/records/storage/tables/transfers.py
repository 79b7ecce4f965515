"""What comes in and goes out in files."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from records.storage.tables.columns import id_, metadata, moment

# A file as it was read: what is imported are its parts, some hundred rows each, so that a job can go on anywhere.
upload = Table(
    "upload",
    metadata,
    id_("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("columns", JSONB, nullable=False),
    Column("rows", BigInteger, nullable=False),
    moment("created_at", server_default=func.app_now()),
)

upload_part = Table(
    "upload_part",
    metadata,
    id_("upload_id", ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("rows", JSONB, nullable=False),
)

# A saved way of importing into a project. `definition` is what an import is asked for, without its file.
import_profile = Table(
    "import_profile",
    metadata,
    id_("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("definition", JSONB, nullable=False),
)

# Rows of a file that did not get in, as they were, with the reason. `job_id` is of the import.
rejected_row = Table(
    "rejected_row",
    metadata,
    id_("job_id", primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("cells", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
)

# A file that a job wrote, in pieces.
export_part = Table(
    "export_part",
    metadata,
    id_("job_id", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
