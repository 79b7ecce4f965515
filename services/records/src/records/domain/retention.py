"""How long something is kept, and what becomes of it then: one sentence a policy.

*Records of* a project *that* a filter holds for are, so long *after* a moment of theirs, put into the trash, anonymised
or erased; so are the answers to forms, the files of imports, the rows they rejected, and the files of exports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from records.domain.pointers import under
from records.domain.schema_parts import checked_key
from records.domain.workspace import Workspace
from shared.errors import Invalid, NotFound
from shared.expressions import Filter, Kind, parse_filter
from shared.expressions.fields import find_operand
from shared.expressions.moments import Relative, read_duration

What = Literal["records", "submissions", "uploads", "rejected_rows", "exports"]
Action = Literal["trash", "anonymise", "erase"]
CREATED = "created_at"
# The kind of the jobs that carry it out.
JOB = "retention"
ACTIONS: Mapping[What, tuple[Action, ...]] = {
    "records": ("trash", "anonymise", "erase"),
    "submissions": ("anonymise", "erase"),
    "uploads": ("erase",),
    "rejected_rows": ("erase",),
    "exports": ("erase",),
}


class RetentionNotFound(NotFound):
    pass


@dataclass(frozen=True)
class Retention:
    """``after`` is a duration like ``P3Y``, counted from ``since``; ``filter`` and ``project`` are of records."""

    key: str
    what: What
    after: str
    action: Action
    project: str | None = None
    filter: Mapping[str, Any] | None = None
    since: str = CREATED
    enabled: bool = True


def check_retention(given: Retention, workspace: Workspace, now: datetime) -> None:
    """Raises `Invalid`, with the place of what is wrong."""
    checked_key(given.key, "/key")
    _duration(given)
    if given.action not in ACTIONS[given.what]:
        offer = ", ".join(ACTIONS[given.what])
        raise Invalid.at("/action", f"'{given.what}' can be treated by {offer}.")
    if given.what == "records":
        due(given, workspace, now)
        return
    for name in ("project", "filter"):
        if getattr(given, name) is not None:
            raise Invalid.at(f"/{name}", f"'{name}' is of records only.")
    if given.since != CREATED:
        raise Invalid.at("/since", f"Of '{given.what}' only '{CREATED}' is known.")


def before(given: Retention, workspace: Workspace, now: datetime) -> datetime:
    """What is older than this has been kept for long enough."""
    return _duration(given).negated().after(now, ZoneInfo(workspace.timezone)).astimezone(UTC)


def due(given: Retention, workspace: Workspace, now: datetime) -> Filter:
    """True of the records whose time is over. Raises `Invalid`."""
    schema = workspace.by_key.get(given.project or "")
    if schema is None:
        raise Invalid.at("/project", f"There is no project '{given.project}'.")
    project = schema.project.key
    operand = find_operand(given.since, project, workspace.expressions, "/since")
    if operand.kind not in (Kind.DATE, Kind.DATETIME) or operand.many:
        raise Invalid.at("/since", f"'{given.since}' is no date or moment to count from.")
    limit = before(given, workspace, now)
    value = limit.date().isoformat() if operand.kind is Kind.DATE else limit.isoformat().replace("+00:00", "Z")
    try:
        parse_filter(given.filter, project, workspace.expressions)
    except Invalid as problem:
        raise Invalid(problem.detail, under("", problem)) from problem
    old = {"field": given.since, "op": "lt", "value": value}
    return parse_filter({"all": [given.filter or {}, old]}, project, workspace.expressions)


def _duration(given: Retention) -> Relative:
    read = read_duration(given.after)
    if read is None or given.after.startswith("-"):
        raise Invalid.at("/after", "'after' is a duration like P3Y or P90D.")
    return read
