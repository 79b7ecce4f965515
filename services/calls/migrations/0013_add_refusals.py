"""Add what was turned away at each connection's hook."""

from alembic import op

revision = "0013"
down_revision = "0012"

REFUSAL = """
CREATE TABLE refusal (
    connection uuid NOT NULL,
    requests bigint NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (connection)
)
"""


def upgrade() -> None:
    op.execute(REFUSAL)
