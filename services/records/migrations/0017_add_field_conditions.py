"""Add when fields are shown, and when they have to be filled in."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE field ADD COLUMN visible_when jsonb, ADD COLUMN required_when jsonb")
