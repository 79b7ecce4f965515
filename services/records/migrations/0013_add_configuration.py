"""Add what only a configuration names: keys of selections, and saved ways of importing."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = """
ALTER TABLE selection ADD COLUMN key text;
CREATE UNIQUE INDEX selection_key ON selection (project_id, key);
CREATE TABLE import_profile (
    project_id uuid NOT NULL,
    key text NOT NULL,
    definition jsonb NOT NULL,
    PRIMARY KEY (project_id, key),
    FOREIGN KEY (project_id) REFERENCES project (id)
);
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, STATEMENTS.split(";"))):
        op.execute(statement)
