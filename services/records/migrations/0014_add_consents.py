"""Keep what people agreed to, withdrew, and how that is known."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = """
CREATE TABLE consent (
    id uuid NOT NULL PRIMARY KEY,
    record_id uuid NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    field text NOT NULL,
    option text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    legal_basis text NOT NULL,
    source text NOT NULL,
    wording text,
    wording_version text,
    evidence text,
    comment text
);
CREATE INDEX consent_record ON consent (record_id, at, id);
ALTER TABLE workspace ADD COLUMN secret text NOT NULL
    DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, STATEMENTS.split(";"))):
        op.execute(statement)
