"""A document knows the fields it says something of, for whoever may not see one of them."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE document ADD COLUMN fields text[]")
