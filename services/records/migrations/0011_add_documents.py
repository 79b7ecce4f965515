"""Add document templates and the documents made of them."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE document_template (
    key text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    bodies jsonb NOT NULL,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE document (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    subject text,
    our_ref text,
    size integer NOT NULL,
    content bytea NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX document_record ON document (record_id, at);
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
