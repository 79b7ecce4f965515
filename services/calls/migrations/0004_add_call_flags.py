"""Add what says that a call is no customer's."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE call ADD COLUMN flags jsonb DEFAULT '[]' NOT NULL")
