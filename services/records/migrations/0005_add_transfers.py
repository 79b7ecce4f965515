"""Add uploads, rejected rows, exports and selections."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    CREATE TABLE upload (
        id uuid PRIMARY KEY, name text NOT NULL, format text NOT NULL, encoding text, delimiter text,
        columns jsonb NOT NULL, rows bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT app_now())
    """,
    """
    CREATE TABLE upload_part (
        upload_id uuid NOT NULL REFERENCES upload ON DELETE CASCADE, number integer NOT NULL, rows jsonb NOT NULL,
        PRIMARY KEY (upload_id, number))
    """,
    """
    CREATE TABLE rejected_row (
        job_id uuid NOT NULL, row bigint NOT NULL, cells jsonb NOT NULL, reason text NOT NULL,
        PRIMARY KEY (job_id, row))
    """,
    """
    CREATE TABLE export_part (
        job_id uuid NOT NULL, number integer NOT NULL, content bytea NOT NULL, PRIMARY KEY (job_id, number))
    """,
    """
    CREATE TABLE selection (
        id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES project, name text NOT NULL, kind text NOT NULL,
        criteria jsonb, parts text[] NOT NULL, compare text, version bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT app_now(), updated_at timestamptz NOT NULL DEFAULT app_now())
    """,
    "CREATE INDEX selection_project ON selection (project_id, id)",
    """
    CREATE TABLE selection_member (
        selection_id uuid NOT NULL REFERENCES selection ON DELETE CASCADE,
        record_id uuid NOT NULL REFERENCES record ON DELETE CASCADE, PRIMARY KEY (selection_id, record_id))
    """,
    "CREATE INDEX selection_member_record ON selection_member (record_id)",
    """
    CREATE TABLE call_mark (
        selection_id uuid NOT NULL REFERENCES selection ON DELETE CASCADE,
        record_id uuid NOT NULL REFERENCES record ON DELETE CASCADE, state text NOT NULL, actor text,
        at timestamptz NOT NULL DEFAULT app_now(), PRIMARY KEY (selection_id, record_id))
    """,
    "CREATE INDEX call_mark_record ON call_mark (record_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
