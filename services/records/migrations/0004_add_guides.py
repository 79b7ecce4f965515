"""Add guides, how far records are in them, suggestions, and what became of a record."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
ALTER TABLE deed ADD COLUMN version bigint DEFAULT 0 NOT NULL;
ALTER TABLE record ADD COLUMN probability text;
ALTER TABLE record ADD COLUMN probability_source text;
ALTER TABLE record ADD COLUMN outcome jsonb;
CREATE INDEX record_stalled ON record (id) WHERE outcome ->> 'state' = 'stalled' AND deleted_at IS NULL;

CREATE TABLE guide (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    key text NOT NULL,
    active boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (project_id) REFERENCES project (id)
);
CREATE UNIQUE INDEX guide_key ON guide (project_id, key);

CREATE TABLE guide_version (
    guide_id uuid NOT NULL,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    PRIMARY KEY (guide_id, version),
    FOREIGN KEY (guide_id) REFERENCES guide (id)
);

CREATE TABLE guide_run (
    record_id uuid NOT NULL,
    guide_id uuid NOT NULL,
    version integer NOT NULL,
    stage text,
    attached_at timestamptz NOT NULL,
    detached_at timestamptz,
    PRIMARY KEY (record_id, guide_id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE,
    FOREIGN KEY (guide_id, version) REFERENCES guide_version (guide_id, version)
);
CREATE UNIQUE INDEX guide_run_current ON guide_run (record_id) WHERE detached_at IS NULL;

CREATE TABLE guide_step (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    guide_id uuid NOT NULL,
    item text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    starts_at timestamptz,
    activity_id uuid,
    document_id uuid,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id, guide_id) REFERENCES guide_run (record_id, guide_id) ON DELETE CASCADE
);
CREATE INDEX guide_step_record ON guide_step (record_id, guide_id, at);
CREATE INDEX guide_step_activity ON guide_step (activity_id);

CREATE TABLE suggestion (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL,
    guide_id uuid,
    stage text,
    item text,
    cause text NOT NULL,
    state text NOT NULL,
    raised_at timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by text,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX suggestion_once ON suggestion (record_id, kind, cause);
CREATE INDEX suggestion_open ON suggestion (raised_at, id) WHERE state = 'open';

CREATE TABLE preference (
    owner text NOT NULL,
    name text NOT NULL,
    value boolean NOT NULL,
    PRIMARY KEY (owner, name)
);
"""


def upgrade() -> None:
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
