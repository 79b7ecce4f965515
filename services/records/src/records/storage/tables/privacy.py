"""What people agreed to, and how long what is known of them is kept."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from records.storage.tables.columns import id_, metadata, moment

# Only ever added to: what holds now is the field's value, and the newest row of each option says the same.
consent = Table(
    "consent",
    metadata,
    id_("id", primary_key=True),
    id_("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("field", Text, nullable=False),
    Column("option", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("at"),
    Column("actor", Text),
    Column("legal_basis", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text),
    Column("wording_version", Text),
    Column("evidence", Text),
    Column("comment", Text),
)
Index("consent_record", consent.c.record_id, consent.c.at, consent.c.id)

# How long what is kept. `begun_on` is the last day on which it was looked at by itself.
retention = Table(
    "retention",
    metadata,
    Column("key", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("project", Text),
    Column("filter", JSONB(none_as_null=True)),
    Column("since", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("begun_on", Date),
)
