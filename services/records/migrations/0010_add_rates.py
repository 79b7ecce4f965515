"""Exchange rates, and which fields have indexes of their own."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE TABLE rate (
    date text COLLATE "C" NOT NULL,
    "from" text NOT NULL,
    "to" text NOT NULL,
    rate numeric NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY ("from", "to", date)
);

CREATE TABLE field_index (
    name text NOT NULL,
    project_id uuid NOT NULL,
    field text NOT NULL,
    expression text NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (name)
);
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
