"""Add when fields are shown, and when they have to be filled in."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE field ADD COLUMN visible_when jsonb, ADD COLUMN required_when jsonb")
