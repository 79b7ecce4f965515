"""Add the copies of roles and users."""

from alembic import op

from shared.policy.tables import create_rights

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_rights(op)
