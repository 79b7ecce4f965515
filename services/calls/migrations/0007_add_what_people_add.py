"""Add what dispositions mean, marketing spend, and surveys of callers."""

from alembic import op

revision = "0007"
down_revision = "0006"

CHANGES = """
ALTER TABLE call ADD COLUMN follow_up boolean;
CREATE TABLE disposition (
    name text NOT NULL,
    converted boolean,
    appointment boolean,
    follow_up boolean,
    position integer NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE spend (
    start_on date NOT NULL,
    end_on date NOT NULL,
    source text NOT NULL,
    campaign text NOT NULL,
    amount numeric(20, 4) NOT NULL,
    currency text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (start_on, end_on, source, campaign)
);
CREATE TABLE survey (
    token_hash text NOT NULL,
    call uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (token_hash)
)
"""


def upgrade() -> None:
    for statement in CHANGES.split(";"):
        op.execute(statement)
