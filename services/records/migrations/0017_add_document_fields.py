"""A document knows the fields it says something of, for whoever may not see one of them."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE document ADD COLUMN fields text[]")
