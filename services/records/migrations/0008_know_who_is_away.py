"""Know who is away until when, and how many open records are enough for whom."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute('ALTER TABLE "user" ADD COLUMN away_until timestamptz, ADD COLUMN capacity integer')
