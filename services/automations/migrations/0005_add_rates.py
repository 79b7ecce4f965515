"""Add the copy of exchange rates."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = """
CREATE TABLE rate (
    "from" text NOT NULL,
    "to" text NOT NULL,
    date text COLLATE "C" NOT NULL,
    rate numeric NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL,
    PRIMARY KEY ("from", "to", date)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
