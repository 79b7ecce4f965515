"""Add administered sets of values, which fields may take their options from."""

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE value_list (
    key text NOT NULL,
    name jsonb NOT NULL,
    description jsonb NOT NULL,
    multiple boolean NOT NULL,
    predefined boolean NOT NULL,
    extra jsonb NOT NULL,
    headings jsonb NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE value_list_item (
    value_list text NOT NULL REFERENCES value_list (key) ON DELETE CASCADE,
    key text NOT NULL,
    name jsonb NOT NULL,
    tooltip jsonb NOT NULL,
    color text,
    position integer NOT NULL,
    headings text[] NOT NULL,
    visible_for text[] NOT NULL,
    extra jsonb NOT NULL,
    predefined boolean NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (value_list, key)
);
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
