"""A record to be made: what it shall hold, where it shall stand and, moved in from elsewhere, what it went through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from records.domain.edits import Edit, applied, missing_fields, read_edit, refused_changes
from records.domain.moments import moment_of
from records.domain.outcome import with_due_date, with_probability
from records.domain.pointers import pointer
from records.domain.record import Record, StageEntry
from records.domain.schema import Schema
from shared.errors import FieldError, Invalid

# The parts of an item that only history has; a key of scope `backdate` may give them.
BACKDATING = frozenset({"created_at", "stage_history", "last_activity_at"})
MOST_STAGES = 500
NOTHING = Edit()


@dataclass(frozen=True)
class Draft:
    """``stages`` is the whole way through the lists, the last being where it stands; none: it begins now."""

    edit: Edit
    list: str
    stages: Sequence[StageEntry] = ()
    created_at: datetime | None = None
    last_activity_at: datetime | None = None
    imported: bool = False


def read_draft(given: Mapping[str, Any], schema: Schema, now: datetime, edit: Edit | None = None) -> Draft:
    """The draft in the API's object. Raises `Invalid` with every mistake, required fields included.

    With ``edit`` what it shall hold was read already, and ``given`` is only its place and its past.
    """
    errors: list[FieldError] = []
    placed, held = Draft(NOTHING, ""), NOTHING
    try:
        placed = _placed(given, schema, now)
    except Invalid as problem:
        errors.extend(problem.errors)
    try:
        held = _with_defaults(edit or read_edit({"title": None, **given}, schema), given, schema)
        errors.extend([*missing_fields(held, schema), *refused_changes(held, None, schema)])
    except Invalid as problem:
        errors.extend(problem.errors)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return replace(placed, edit=held)


def record_from(draft: Draft, schema: Schema, record_id: str, now: datetime) -> Record:
    """The new record at its first version."""
    created = draft.created_at or now
    stages = draft.stages or (StageEntry(draft.list, created),)
    blank = Record(
        id=record_id,
        project_id=schema.project.id,
        list=draft.list,
        title="",
        created_at=created,
        updated_at=now,
        entered_list_at=stages[-1].entered_at,
        last_activity_at=draft.last_activity_at or stages[-1].entered_at,
        imported=draft.imported,
        stages=stages,
    )
    return with_due_date(with_probability(applied(draft.edit, blank, now), schema), schema)


def _with_defaults(edit: Edit, given: Mapping[str, Any], schema: Schema) -> Edit:
    """What the caller does not speak of is as the fields say; null says that it is to stay empty."""
    spoken = given.get("values") or {}
    defaults = {each.key: each.default for each in schema.fields_with_default if each.key not in spoken}
    return replace(edit, values={**defaults, **edit.values}) if defaults else edit


def _placed(given: Mapping[str, Any], schema: Schema, now: datetime) -> Draft:
    if not BACKDATING & given.keys():
        return Draft(NOTHING, _list(given.get("list"), schema))
    created = _past(given, "created_at", now)
    stages = _stages(given.get("stage_history") or [], schema, created, now)
    wanted = given.get("list")
    key = stages[-1].list if stages and wanted is None else _list(wanted, schema)
    if stages and stages[-1].list != key:
        raise Invalid.at("/stage_history", f"The last stay is in '{stages[-1].list}', but the record is in '{key}'.")
    active = _past(given, "last_activity_at", now)
    history = any(given.get(name) for name in BACKDATING)
    return Draft(NOTHING, key, stages, created or (stages[0].entered_at if stages else None), active, history)


def _list(wanted: object, schema: Schema) -> str:
    if wanted is None and schema.lists:
        return schema.lists[0].key
    if not (isinstance(wanted, str) and wanted in schema.lists_by_key):
        offer = ", ".join(schema.lists_by_key) or "none yet"
        raise Invalid.at("/list", f"The project '{schema.project.key}' has no list '{wanted}'; there is {offer}.")
    return wanted


def _stages(
    given: Sequence[Mapping[str, Any]], schema: Schema, created: datetime | None, now: datetime
) -> tuple[StageEntry, ...]:
    """Stays that follow each other, each ending where the next begins."""
    if len(given) > MOST_STAGES:
        raise Invalid.at("/stage_history", f"A history has at most {MOST_STAGES} stays.")
    entries: list[StageEntry] = []
    latest = created
    for position, each in enumerate(given):
        place = pointer("stage_history", position)
        if each.get("list") not in schema.lists_by_key:
            raise Invalid.at(f"{place}/list", f"The project '{schema.project.key}' has no list '{each.get('list')}'.")
        entered = _past(each, "entered_at", now, place)
        if entered is None or (latest and entered < latest):
            raise Invalid.at(
                f"{place}/entered_at", "Stays follow each other, and the first is not before `created_at`."
            )
        entries.append(StageEntry(each["list"], entered))
        latest = entered
    following = [each.entered_at for each in entries[1:]]
    return (
        tuple(replace(each, left_at=left) for each, left in zip(entries, [*following, None], strict=True))
        if entries
        else ()
    )


def _past(given: Mapping[str, Any], name: str, now: datetime, place: str = "") -> datetime | None:
    if given.get(name) is None:
        return None
    try:
        moment = moment_of(given[name])
    except Invalid as problem:
        raise Invalid.at(f"{place}/{name}", f"'{name}' {problem.detail}") from problem
    if moment > now:
        raise Invalid.at(f"{place}/{name}", f"'{name}' lies in the future.")
    return moment
