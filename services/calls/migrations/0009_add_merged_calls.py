"""Say of a call that turned out to be part of another one which that is."""

from alembic import op

revision = "0009"
down_revision = "0008"

ADD = "ALTER TABLE call ADD COLUMN gone boolean NOT NULL DEFAULT false, ADD COLUMN merged_into uuid"
INDEX = "CREATE INDEX call_merged_into ON call (merged_into) WHERE merged_into IS NOT NULL"
FIND = """
UPDATE call SET gone = true, merged_into = (
    SELECT call_alias.call FROM call_alias
    WHERE call_alias.connection = call.connection AND call_alias.alias = call.provider_call_id
      AND call_alias.call != call.id
)
WHERE NOT EXISTS (SELECT FROM call_fact WHERE call_fact.call = call.id)
"""


def upgrade() -> None:
    for statement in (ADD, INDEX, FIND):
        op.execute(statement)
