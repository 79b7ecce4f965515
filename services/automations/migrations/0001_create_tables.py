"""Create the platform's tables and those of automations."""

from alembic import op

from shared.database.tables import create_platform, wake_on_insert

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE rule (
    id uuid PRIMARY KEY,
    key text,
    name text NOT NULL,
    project text,
    trigger_type text NOT NULL,
    enabled boolean NOT NULL,
    enabled_at timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX rule_key ON rule (key, coalesce(project, '')) WHERE key IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX rule_listening ON rule (trigger_type, project) WHERE enabled AND deleted_at IS NULL;

CREATE TABLE rule_version (
    rule_id uuid NOT NULL REFERENCES rule,
    version integer NOT NULL,
    name text NOT NULL,
    project text,
    trigger jsonb NOT NULL,
    conditions jsonb NOT NULL,
    actions jsonb NOT NULL,
    settings jsonb NOT NULL,
    enabled boolean NOT NULL,
    enabled_at timestamptz NOT NULL,
    actor text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version)
);

CREATE TABLE record (
    id text PRIMARY KEY,
    project text NOT NULL,
    list_category text NOT NULL,
    assignees text[] NOT NULL,
    links_to text[] NOT NULL,
    last_activity_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL,
    snapshot jsonb NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX record_project ON record (project) WHERE NOT deleted;
CREATE INDEX record_links_to ON record USING gin (links_to) WITH (fastupdate = off);
CREATE INDEX record_open_of ON record USING gin (assignees) WITH (fastupdate = off)
    WHERE list_category = 'open' AND NOT deleted;

CREATE TABLE record_activity (
    record_id text NOT NULL,
    kind text NOT NULL,
    by_rule boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (record_id, kind, by_rule)
);

CREATE TABLE project (
    id text PRIMARY KEY,
    key text NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL,
    schema jsonb NOT NULL
);
CREATE INDEX project_key ON project (key);

CREATE TABLE "user" (
    id text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    teams text[] NOT NULL,
    skills text[] NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE event (
    id text PRIMARY KEY,
    type text NOT NULL,
    record_id text NOT NULL,
    project text NOT NULL,
    at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    actor text,
    depth integer NOT NULL,
    origin text[] NOT NULL,
    data jsonb NOT NULL
);
CREATE INDEX event_seen_at ON event USING brin (seen_at);
CREATE INDEX event_at ON event (project, at);

CREATE TABLE run (
    id uuid PRIMARY KEY,
    rule_id uuid NOT NULL,
    rule_version integer NOT NULL,
    event_id text NOT NULL,
    record_id text,
    state text NOT NULL,
    reason text,
    why jsonb NOT NULL,
    facts jsonb NOT NULL,
    depth integer NOT NULL,
    origin text[] NOT NULL,
    traceparent text,
    timer_id uuid,
    tries integer NOT NULL,
    decide_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (rule_id, event_id)
);
CREATE INDEX run_of_rule ON run (rule_id, id);
CREATE INDEX run_of_record ON run (record_id, id);
CREATE INDEX run_in_state ON run (state, id);
CREATE INDEX run_waiting ON run (decide_at) WHERE state = 'waiting';
CREATE INDEX run_finished ON run (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE step (
    run_id uuid NOT NULL REFERENCES run ON DELETE CASCADE,
    step_no integer NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL,
    request jsonb,
    response jsonb,
    says text,
    finished_at timestamptz,
    PRIMARY KEY (run_id, step_no)
);
CREATE INDEX step_due ON step (due_at) WHERE state = 'pending';

CREATE TABLE timer (
    id uuid PRIMARY KEY,
    rule_id uuid NOT NULL,
    record_id text NOT NULL,
    occurrence_key text NOT NULL,
    epoch timestamptz NOT NULL,
    number integer NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    traceparent text,
    created_at timestamptz NOT NULL,
    fired_at timestamptz,
    UNIQUE (rule_id, record_id, occurrence_key)
);
CREATE INDEX timer_due ON timer (due_at) WHERE state = 'pending';
CREATE UNIQUE INDEX timer_pending ON timer (rule_id, record_id) WHERE state = 'pending';
CREATE INDEX timer_of_record ON timer (record_id);

CREATE TABLE notification (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    user_id text NOT NULL,
    rule_id uuid NOT NULL,
    run_id uuid NOT NULL,
    record_id text,
    title text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notification_of_user ON notification (user_id, id);

CREATE TABLE pool (
    name text PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE pick (
    run_id uuid NOT NULL,
    step_no integer NOT NULL,
    pool text NOT NULL,
    user_id text NOT NULL,
    record_id text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (run_id, step_no)
);
CREATE INDEX pick_of_record ON pick (record_id)
"""


def upgrade() -> None:
    create_platform(op)
    for statement in TABLES.split(";\n"):
        op.execute(statement)
    wake_on_insert(op, "step")
