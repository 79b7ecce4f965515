"""Add campaigns, the past of tracking numbers, and versions of what was spent."""

from alembic import op

revision = "0011"
down_revision = "0010"

CAMPAIGN = """
CREATE TABLE campaign (
    key text NOT NULL,
    name text NOT NULL,
    source text,
    numbers jsonb NOT NULL,
    start_on date,
    end_on date,
    starts_at timestamptz,
    ends_at timestamptz,
    PRIMARY KEY (key)
)
"""
NUMBER = """
ALTER TABLE number ALTER COLUMN source DROP NOT NULL, DROP CONSTRAINT number_pkey, ADD PRIMARY KEY (number, changed_at)
"""


def upgrade() -> None:
    op.execute(CAMPAIGN)
    op.execute("ALTER TABLE call ADD COLUMN campaign text")
    op.execute(NUMBER)
    op.execute("ALTER TABLE spend ADD COLUMN version bigint NOT NULL DEFAULT 1")
