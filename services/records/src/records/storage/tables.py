"""The tables, with the names of `records.domain`. Ids are uuid in the database and text in Python."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData()


def _id(name: str, *rest: ForeignKey, **options: Any) -> Column[str]:
    return Column(name, UUID(as_uuid=False), *rest, **options)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# One row. `token` changes with every change of any project's schema, so that a process knows when to read them again.
# `secret` signs what strangers bring back: links that end a subscription.
workspace = Table(
    "workspace",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True, server_default=text("true")),
    Column("token", Text, nullable=False, server_default=text("gen_random_uuid()::text")),
    Column("base_currency", Text, nullable=False, server_default=text("'EUR'")),
    Column("timezone", Text, nullable=False, server_default=text("'Europe/Amsterdam'")),
    Column(
        "secret",
        Text,
        nullable=False,
        server_default=text("replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"),
    ),
)

project = Table(
    "project",
    metadata,
    _id("id", primary_key=True),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("default_fields", JSONB, nullable=False, server_default=text("'{}'")),
    Column("record_label", JSONB, nullable=False, server_default=text("'{}'")),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("deleted_at", nullable=True),
)
Index("project_key", project.c.key, unique=True, postgresql_where=project.c.deleted_at.is_(None))

list_ = Table(
    "list",
    metadata,
    _id("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("forecast_weight", Text),
    Column("max_age_days", Integer),
    Column("require_on_entry", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
)

# A deleted field stays as a tombstone: its key is never given to another, whose values would be told by the wrong type.
field = Table(
    "field",
    metadata,
    _id("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("config", JSONB, nullable=False),
    Column("position", Integer, nullable=False),
    Column("description", Text),
    Column("default", JSONB),
    Column("unique", Text),
    Column("folder", Text),
    Column("visible_when", JSONB(none_as_null=True)),
    Column("required_when", JSONB(none_as_null=True)),
    _moment("deleted_at", nullable=True),
)

tag = Table(
    "tag",
    metadata,
    _id("project_id", ForeignKey("project.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("color", Text),
    Column("position", Integer, nullable=False),
)

# Where a record stands among those of its list: a new one comes last, one moved before another lies between two.
record_position = Sequence("record_position", metadata=metadata)

record = Table(
    "record",
    metadata,
    _id("id", primary_key=True),
    _id("project_id", nullable=False),
    Column("list", Text, nullable=False),
    Column("position", Numeric, nullable=False, server_default=record_position.next_value()),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("values", JSONB, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("assignees", ARRAY(Text), nullable=False),
    Column("color", Text),
    _moment("due_at", nullable=True),
    _moment("done_at", nullable=True),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("entered_list_at"),
    _moment("last_activity_at"),
    _moment("next_activity_at", nullable=True),
    _moment("snoozed_until", nullable=True),
    _moment("deleted_at", nullable=True),
    Column("version", BigInteger, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("probability", Text),
    Column("probability_source", Text),
    Column("outcome", JSONB),
    ForeignKeyConstraint(["project_id", "list"], ["list.project_id", "list.key"]),
)
Index("record_board", record.c.project_id, record.c.position, record.c.id)
Index(
    "record_stalled",
    record.c.id,
    postgresql_where=text("outcome ->> 'state' = 'stalled' AND deleted_at IS NULL"),
)
Index("record_list", record.c.project_id, record.c.list)
Index("record_created", record.c.project_id, record.c.created_at, record.c.id)
Index(
    "record_trash",
    record.c.project_id,
    record.c.deleted_at,
    record.c.id,
    postgresql_where=record.c.deleted_at.is_not(None),
)

link = Table(
    "link",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    _id("target_id", primary_key=True),
    Column("position", Integer, nullable=False),
)
Index("link_target", link.c.target_id, link.c.field, link.c.record_id)

# Every telephone number of a record, so that a call finds its record. Written with the record, in its transaction.
phone = Table(
    "phone",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("number", Text, nullable=False),
)
Index("phone_number", phone.c.number)

# The values of fields that tell records apart, each by a digest of it; none of a record in the trash.
unique_value = Table(
    "unique_value",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
    _id("project_id", nullable=False),
    Column("digest", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),
)
_VALUE = (unique_value.c.project_id, unique_value.c.field, unique_value.c.digest)
Index("unique_value_digest", *_VALUE)
Index("unique_value_exclusive", *_VALUE, unique=True, postgresql_where=unique_value.c.exclusive)

# What was uploaded. The bytes lie elsewhere, under their digest.
file = Table(
    "file",
    metadata,
    _id("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("uploaded_by", Text),
    _moment("created_at"),
)
Index("file_sha256", file.c.sha256)

file_use = Table(
    "file_use",
    metadata,
    _id("file_id", ForeignKey("file.id"), primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("field", Text, primary_key=True),
)
Index("file_use_record", file_use.c.record_id)

stage_entry = Table(
    "stage_entry",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("list", Text, nullable=False),
    _moment("entered_at"),
    _moment("left_at", nullable=True),
)

change = Table(
    "change",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    _moment("at"),
    Column("actor", Text),
    Column("kind", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
)

# `call` and `call_version` are of the call it was logged for; the call's later versions replace them.
activity = Table(
    "activity",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("type", Text, nullable=False),
    _moment("at"),
    Column("actor", Text),
    Column("body", Text),
    Column("assignee", Text),
    _moment("due_at", nullable=True),
    _moment("done_at", nullable=True),
    Column("call", JSONB),
    Column("call_version", BigInteger),
    Column("mentions", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _moment("edited_at", nullable=True),
    _moment("deleted_at", nullable=True),
)
# Calls that turned out to be parts of others (``part_of`` is null where nothing is left at all): none is logged again.
merged_call = Table(
    "merged_call",
    metadata,
    Column("call", Text, primary_key=True),
    Column("part_of", Text, index=True),
)
Index("activity_record", activity.c.record_id, activity.c.at, activity.c.id)
Index(
    "activity_open_task",
    activity.c.record_id,
    activity.c.due_at,
    postgresql_where=(activity.c.type == "task") & activity.c.done_at.is_(None),
)

user = Table(
    "user",
    metadata,
    _id("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    _moment("away_until", nullable=True),
    Column("capacity", Integer),
    Column("subject", Text),
    Column("version", BigInteger, nullable=False),
    _moment("created_at"),
)
Index("user_email", func.lower(user.c.email), unique=True)
Index("user_subject", user.c.subject, unique=True)
# For the view `account`, by which rights find a user.
Index("user_as_text", func.cast(user.c.id, Text))

# What somebody did on a record beside changing its versions: part of its history too. `version` is the record's then.
deed = Table(
    "deed",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    _moment("at"),
    Column("actor", Text),
    Column("kind", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
)
Index("deed_record", deed.c.record_id, deed.c.at)

checklist = Table(
    "checklist",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
)
Index("checklist_record", checklist.c.record_id, checklist.c.position)

checklist_item = Table(
    "checklist_item",
    metadata,
    _id("id", primary_key=True),
    _id("checklist_id", ForeignKey("checklist.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("assignee", Text),
    _moment("due_at", nullable=True),
    _moment("done_at", nullable=True),
    Column("position", Integer, nullable=False),
)
Index("checklist_item_place", checklist_item.c.checklist_id, checklist_item.c.position)

dependency = Table(
    "dependency",
    metadata,
    _id("blocker_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    _id("blocked_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
)
Index("dependency_blocked", dependency.c.blocked_id)

# How people work in a project; without a row, as `records.domain.work_setting` says.
work_setting = Table(
    "work_setting",
    metadata,
    _id("project_id", ForeignKey("project.id"), primary_key=True),
    Column("completing_blocked", Text, nullable=False),
    Column("purge_after_days", Integer, nullable=False),
)

guide = Table(
    "guide",
    metadata,
    _id("id", primary_key=True),
    _id("project_id", ForeignKey("project.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
)
Index("guide_key", guide.c.project_id, guide.c.key, unique=True)

# A version never changes: records go on with the one they began with.
guide_version = Table(
    "guide_version",
    metadata,
    _id("guide_id", ForeignKey("guide.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("definition", JSONB, nullable=False),
    _moment("at"),
    Column("actor", Text),
)

guide_run = Table(
    "guide_run",
    metadata,
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    _id("guide_id", primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text),
    _moment("attached_at"),
    _moment("detached_at", nullable=True),
    ForeignKeyConstraint(["guide_id", "version"], ["guide_version.guide_id", "guide_version.version"]),
)
Index("guide_run_current", guide_run.c.record_id, unique=True, postgresql_where=guide_run.c.detached_at.is_(None))

guide_step = Table(
    "guide_step",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", nullable=False),
    _id("guide_id", nullable=False),
    Column("item", Text, nullable=False),
    Column("state", Text, nullable=False),
    _moment("at"),
    _moment("starts_at", nullable=True),
    _id("activity_id"),
    _id("document_id"),
    ForeignKeyConstraint(["record_id", "guide_id"], ["guide_run.record_id", "guide_run.guide_id"], ondelete="CASCADE"),
)
Index("guide_step_record", guide_step.c.record_id, guide_step.c.guide_id, guide_step.c.at)
Index("guide_step_activity", guide_step.c.activity_id)

# `cause` is what it was raised for (an activity, a stage's completion, a date): never twice for the same.
suggestion = Table(
    "suggestion",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    _id("guide_id"),
    Column("stage", Text),
    Column("item", Text),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    _moment("raised_at"),
    _moment("answered_at", nullable=True),
    Column("answered_by", Text),
)
Index("suggestion_once", suggestion.c.record_id, suggestion.c.kind, suggestion.c.cause, unique=True)
Index("suggestion_open", suggestion.c.raised_at, suggestion.c.id, postgresql_where=suggestion.c.state == "open")

# `owner` is an actor: `user:<id>` or `key:<id>`.
preference = Table(
    "preference",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Boolean, nullable=False),
)

# A public form. `definition` is as it was given; `secret` signs the tokens of its page.
form = Table(
    "form",
    metadata,
    _id("id", primary_key=True),
    _id("project_id", ForeignKey("project.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("definition", JSONB, nullable=False),
    Column("secret", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("deleted_at", nullable=True),
)
Index("form_key", form.c.project_id, form.c.key, unique=True, postgresql_where=form.c.deleted_at.is_(None))

# Every answer that was taken, with what became of it. A page that is sent twice is one submission.
submission = Table(
    "submission",
    metadata,
    _id("id", primary_key=True),
    _id("form_id", ForeignKey("form.id"), nullable=False),
    _moment("at"),
    Column("state", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("visitor", Text),
    Column("nonce", Text),
    _id("record_id"),
)
Index("submission_form", submission.c.form_id, submission.c.at, submission.c.id)
Index("submission_nonce", submission.c.form_id, submission.c.nonce, unique=True)
Index("submission_record", submission.c.record_id)

rate = Table(
    "rate",
    metadata,
    Column("date", Text(collation="C"), nullable=False, primary_key=True),
    Column("from", Text, nullable=False, primary_key=True),
    Column("to", Text, nullable=False, primary_key=True),
    Column("rate", Numeric, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# The expression indexes that fields have, or are to have: ``state`` is wanted, ready or refused.
field_index = Table(
    "field_index",
    metadata,
    Column("name", Text, primary_key=True),
    _id("project_id", nullable=False),
    Column("field", Text, nullable=False),
    Column("expression", Text, nullable=False),
    Column("state", Text, nullable=False),
    _moment("asked_at"),
)

# `bodies` are by language: subject and text, of a DOCX the file in base64.
document_template = Table(
    "document_template",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bodies", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    _moment("updated_at"),
)

document = Table(
    "document",
    metadata,
    _id("id", primary_key=True),
    _id("record_id", ForeignKey("record.id", ondelete="CASCADE"), nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text),
    Column("our_ref", Text),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    _moment("at"),
    Column("actor", Text),
    # Those it says something of; null where that was not written down.
    Column("fields", ARRAY(Text)),
)
Index("document_record", document.c.record_id, document.c.at)

# An administered set of values. Names and the like are texts by language.
value_list = Table(
    "value_list",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("description", JSONB, nullable=False),
    Column("multiple", Boolean, nullable=False),
    Column("predefined", Boolean, nullable=False),
    Column("extra", JSONB, nullable=False),
    Column("headings", JSONB, nullable=False),
)

# A deleted item stays: old records go on showing it, and its name is never given to another.
value_list_item = Table(
    "value_list_item",
    metadata,
    Column("value_list", Text, ForeignKey("value_list.key", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("tooltip", JSONB, nullable=False),
    Column("color", Text),
    Column("position", Integer, nullable=False),
    Column("headings", ARRAY(Text), nullable=False),
    Column("visible_for", ARRAY(Text), nullable=False),
    Column("extra", JSONB, nullable=False),
    Column("predefined", Boolean, nullable=False),
    _moment("deleted_at", nullable=True),
)
