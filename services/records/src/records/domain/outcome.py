"""What became of a record: won, lost, or stalled until a day, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from records.domain.decimals import canonical, decimal_of
from records.domain.guide import Guide, OutcomeRule
from records.domain.moments import date_of, moment_text
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.texts import text_of
from shared.contracts.records import ListCategory
from shared.errors import FieldError, Invalid
from shared.expressions.moments import read_duration

STATES = {"won": "won", "sold": "won", "lost": "lost", "stalled": "stalled"}
LONGEST_REASON, LONGEST_NOTE = 200, 2_000
CERTAIN: Mapping[ListCategory, str] = {"won": "100", "lost": "0"}


@dataclass(frozen=True)
class Outcome:
    """As a record keeps it, in plain JSON; ``reopen_on`` is of a stalled one, a day."""

    state: str
    at: datetime
    reason: str | None = None
    note: str | None = None
    reopen_on: str | None = None

    @property
    def stored(self) -> dict[str, Any]:
        held = {name: value for name, value in vars(self).items() if value is not None}
        return held | {"at": moment_text(self.at)}


def state_of(given: object) -> str:
    if not (isinstance(given, str) and given in STATES):
        raise Invalid.at("/outcome", "An outcome is won (or sold), lost or stalled.")
    return STATES[given]


def read_outcome(given: Mapping[str, Any], guide: Guide | None, now: datetime, today: date) -> Outcome:
    """An outcome from the API's object. Raises `Invalid` with every mistake but missing fields."""
    state, errors = state_of(given.get("outcome")), list[FieldError]()
    rule = guide.outcomes.get(state, OutcomeRule()) if guide else OutcomeRule()
    required = {*rule.require, *(["reopen_on"] if state == "stalled" else [])}
    errors += [
        FieldError(f"/{n}", f"'{n}' is required.")
        for n in ("reason", "note", "reopen_on")
        if n in required and not given.get(n)
    ]
    known = [reason.key for reason in rule.reasons]
    if given.get("reason") and known and given["reason"] not in known:
        errors.append(FieldError("/reason", f"'{given['reason']}' is none of the reasons {', '.join(known)}."))
    if given.get("reopen_on"):
        errors += _day_mistakes(given["reopen_on"], state, today)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors), errors)
    reason, note = (
        _text(given, name, longest) for name, longest in (("reason", LONGEST_REASON), ("note", LONGEST_NOTE))
    )
    return Outcome(state, now, reason, note, given.get("reopen_on"))


def missing_values(guide: Guide | None, state: str, record: Record) -> list[FieldError]:
    """The fields that the guide wants filled when a record ends so."""
    rule = guide.outcomes.get(state, OutcomeRule()) if guide else OutcomeRule()
    wanted = [name for name in rule.require if name not in ("reason", "note", "reopen_on")]
    return [
        FieldError(f"/values/{name}", f"'{name}' is required before a record is {state}.")
        for name in wanted
        if record.values.get(name) is None and not record.links.get(name)
    ]


def reopens_at(outcome: Mapping[str, Any] | None, timezone: str) -> datetime | None:
    """When a stalled record comes back: that day's first moment where the workspace is. It is its next activity."""
    if not outcome or outcome["state"] != "stalled":
        return None
    return datetime.combine(date_of(outcome["reopen_on"]), time(), ZoneInfo(timezone))


def stage_probability(schema: Schema, record: Record, stage: str | None = None) -> str | None:
    """A percentage as a decimal text: by category where all is over, else by the record's guide, else by the list."""
    list_ = schema.list(record.list)
    if list_.category in CERTAIN:
        return CERTAIN[list_.category]
    guide = guide_for(schema, record)
    if guide and guide.stages_are == "own" and stage is None:
        first = guide.in_order[0].probability
        return record.probability or (None if first is None else str(first))
    found = guide.stage(stage or record.list) if guide else None
    if found and found.probability is not None:
        return str(found.probability)
    return None if list_.forecast_weight is None else canonical(decimal_of(list_.forecast_weight) * 100)


def with_probability(record: Record, schema: Schema, stage: str | None = None) -> Record:
    """The record with its stage's probability, unless it has one of its own."""
    if record.probability_source == "manual":
        return record
    found = stage_probability(schema, record, stage)
    source: Literal["stage"] | None = None if found is None else "stage"
    if (found, source) == (record.probability, record.probability_source):
        return record
    return record.altered(probability=found, probability_source=source)


def with_due_date(record: Record, schema: Schema) -> Record:
    """A new record is due when its guide says that it usually ends, unless somebody said when."""
    guide = guide_for(schema, record)
    duration = read_duration(guide.estimated_duration) if guide and guide.estimated_duration else None
    if duration is None or record.due_at is not None or not schema.project.has("due_at"):
        return record
    return record.altered(due_at=duration.after(record.created_at, ZoneInfo("UTC")))


def guide_for(schema: Schema, record: Record) -> Guide | None:
    """The first active guide that suits the record."""
    return next((guide for guide in schema.guides if guide.suits(record.values)), None)


def _day_mistakes(day: object, state: str, today: date) -> list[FieldError]:
    if state != "stalled":
        return [FieldError("/reopen_on", "Only a stalled record has a day on which it is opened again.")]
    try:
        return (
            [] if date_of(day) > today else [FieldError("/reopen_on", "The day to open it again lies in the future.")]
        )
    except Invalid as problem:
        return [FieldError("/reopen_on", f"'reopen_on' {problem.detail}")]


def _text(given: Mapping[str, Any], name: str, longest: int) -> str | None:
    try:
        return text_of(given[name], longest, lines=name == "note") if given.get(name) else None
    except Invalid as problem:
        raise Invalid.at(f"/{name}", f"'{name}' {problem.detail}") from problem
