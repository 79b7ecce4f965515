"""Public forms and their answers."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from records.storage.tables.columns import id_, metadata, moment

# A public form. `definition` is as it was given; `secret` signs the tokens of its page.
form = Table(
    "form",
    metadata,
    id_("id", primary_key=True),
    id_("project_id", ForeignKey("project.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("definition", JSONB, nullable=False),
    Column("secret", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
)
Index("form_key", form.c.project_id, form.c.key, unique=True, postgresql_where=form.c.deleted_at.is_(None))

# Every answer that was taken, with what became of it. A page that is sent twice is one submission.
submission = Table(
    "submission",
    metadata,
    id_("id", primary_key=True),
    id_("form_id", ForeignKey("form.id"), nullable=False),
    moment("at"),
    Column("state", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("visitor", Text),
    Column("nonce", Text),
    id_("record_id"),
)
Index("submission_form", submission.c.form_id, submission.c.at, submission.c.id)
Index("submission_nonce", submission.c.form_id, submission.c.nonce, unique=True)
Index("submission_record", submission.c.record_id)
