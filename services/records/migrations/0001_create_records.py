"""Create the platform's tables and those of records."""

from alembic import op

from shared.database.tables import create_platform

revision = "0001"
down_revision = None

TABLES = """
CREATE SEQUENCE record_position;

CREATE TABLE workspace (
    one boolean DEFAULT true NOT NULL CHECK (one),
    token text DEFAULT gen_random_uuid()::text NOT NULL,
    base_currency text DEFAULT 'EUR' NOT NULL,
    timezone text DEFAULT 'Europe/Amsterdam' NOT NULL,
    PRIMARY KEY (one)
);

CREATE TABLE project (
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX project_key ON project (key) WHERE deleted_at IS NULL;

CREATE TABLE list (
    project_id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    position integer NOT NULL,
    forecast_weight text,
    max_age_days integer,
    PRIMARY KEY (project_id, key),
    FOREIGN KEY (project_id) REFERENCES project (id)
);

CREATE TABLE field (
    project_id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    required boolean NOT NULL,
    config jsonb NOT NULL,
    position integer NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (project_id, key),
    FOREIGN KEY (project_id) REFERENCES project (id)
);

CREATE TABLE tag (
    project_id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    color text,
    position integer NOT NULL,
    PRIMARY KEY (project_id, key),
    FOREIGN KEY (project_id) REFERENCES project (id)
);

CREATE TABLE record (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    list text NOT NULL,
    position numeric DEFAULT nextval('record_position') NOT NULL,
    title text NOT NULL,
    "values" jsonb NOT NULL,
    tags text[] NOT NULL,
    assignees text[] NOT NULL,
    color text,
    due_at timestamptz,
    done_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    entered_list_at timestamptz NOT NULL,
    last_activity_at timestamptz NOT NULL,
    next_activity_at timestamptz,
    snoozed_until timestamptz,
    deleted_at timestamptz,
    version bigint NOT NULL,
    imported boolean NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (project_id, list) REFERENCES list (project_id, key)
);
CREATE INDEX record_board ON record (project_id, position, id);
CREATE INDEX record_created ON record (project_id, created_at, id);
CREATE INDEX record_list ON record (project_id, list);

CREATE TABLE link (
    record_id uuid NOT NULL,
    field text NOT NULL,
    target_id uuid NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (record_id, field, target_id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX link_target ON link (target_id, field, record_id);

CREATE TABLE phone (
    record_id uuid NOT NULL,
    field text NOT NULL,
    number text NOT NULL,
    PRIMARY KEY (record_id, field),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX phone_number ON phone (number);

CREATE TABLE stage_entry (
    record_id uuid NOT NULL,
    number integer NOT NULL,
    list text NOT NULL,
    entered_at timestamptz NOT NULL,
    left_at timestamptz,
    PRIMARY KEY (record_id, number),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);

CREATE TABLE change (
    record_id uuid NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    kind text NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (record_id, version),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);

CREATE TABLE activity (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    actor text,
    body text,
    assignee text,
    due_at timestamptz,
    done_at timestamptz,
    call jsonb,
    call_version bigint,
    PRIMARY KEY (id),
    FOREIGN KEY (record_id) REFERENCES record (id) ON DELETE CASCADE
);
CREATE INDEX activity_open_task ON activity (record_id, due_at) WHERE type = 'task' AND done_at IS NULL;
CREATE INDEX activity_record ON activity (record_id, at, id);

CREATE TABLE "user" (
    id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    teams text[] NOT NULL,
    skills text[] NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX user_email ON "user" (lower(email));

INSERT INTO workspace DEFAULT VALUES;
"""


def upgrade() -> None:
    create_platform(op)
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        op.execute(statement)
