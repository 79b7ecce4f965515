"""Documents and what they are made of."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from records.storage.tables.columns import id_, metadata, moment

# `bodies` are by language: subject and text, of a DOCX the file in base64.
document_template = Table(
    "document_template",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bodies", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    moment("updated_at"),
)

document = Table(
    "document",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text),
    Column("our_ref", Text),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    moment("at"),
    Column("actor", Text),
    # Those it says something of; null where that was not written down.
    Column("fields", ARRAY(Text)),
)
Index("document_record", document.c.record_id, document.c.at)
