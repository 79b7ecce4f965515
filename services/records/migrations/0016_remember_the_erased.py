"""Remember, by keyed hashes, who was erased."""

from alembic import op

from shared.privacy.tombstones import create_tombstones

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    create_tombstones(op)
