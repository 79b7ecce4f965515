"""A row of a file as what it wants of a record, and what becomes of it where a record like it is there already."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from records.domain.consent import Ground
from records.domain.drafts import BACKDATING
from records.domain.edits import Edit, read_edit
from records.domain.identifiers import is_identifier
from records.domain.mapping import PARTS, Target
from records.domain.moments import moment_text
from records.domain.notation import Notation, written_moment
from records.domain.options import SEPARATORS, key_of, words_in
from records.domain.record import Record
from records.domain.schema import Field, Schema
from shared.errors import FieldError, Invalid
from shared.expressions import Kind

OnMatch = Literal["add", "merge_empty", "replace", "skip"]
UnknownOption = Literal["create", "default", "blank", "reject_row"]
COUNTS = ("created", "updated", "skipped", "rejected")
SELECTS = ("select", "multi_select")
# Texts may begin and end with spaces, and keep them.
AS_WRITTEN = ("text", "long_text")
_MOMENTS = ("due_at", "done_at", *sorted(BACKDATING - {"stage_history"}))


@dataclass(frozen=True)
class Plan:
    """How a file is imported. ``targets`` are by the number of the column, ``defaults`` option keys by field.

    ``only`` is the filter of the records that whoever asked for it may change; None: all. ``ground`` is how consents in
    it are known.
    """

    columns: Sequence[str]
    targets: Mapping[int, Target]
    match_on: Sequence[str] = ()
    on_match: OnMatch = "add"
    unknown_option: UnknownOption = "reject_row"
    defaults: Mapping[str, str] = field(default_factory=dict)
    list: str | None = None
    notation: Notation = field(default_factory=Notation)
    run_automations: bool = False
    only: Mapping[str, Any] | None = None
    ground: Ground | None = None


@dataclass(frozen=True)
class Wish:
    """A row, read. ``placing`` is what only a new record can have: where it stands, and its past.

    ``id`` names the record it is meant for.
    """

    row: int
    edit: Edit
    placing: Mapping[str, Any]
    id: str | None = None


@dataclass(frozen=True)
class Rejected:
    row: int
    reason: str


# The ids that the cells of a column stand for; raises `Invalid` where one stands for none, or for several.
Find = Callable[[Target, str], str]


def read_row(number: int, cells: Sequence[str], plan: Plan, schema: Schema, find: Find) -> Wish:
    """Raises `Invalid` with every mistake, each naming its column."""
    parts, values, links, errors = dict[str, Any](), dict[str, Any](), dict[str, Sequence[str]](), list[FieldError]()
    for column, target in plan.targets.items():
        text = cells[column].strip()
        try:
            if target.field is None:
                if text:
                    parts[target.name] = _part(target, text, plan, schema, find)
            elif target.field.behaviour.kind is Kind.LINK:
                links[target.field.key] = _linked(target, text, find)
            else:
                written = cells[column] if text and target.field.type in AS_WRITTEN else text
                values[target.field.key] = _value(target, written, plan, find)
        except Invalid as problem:
            errors += [FieldError(plan.columns[column], each) for each in _details(problem)]
    try:
        edit = read_edit({name: part for name, part in parts.items() if name not in _PLACING}, schema)
    except Invalid as problem:
        errors += [FieldError(column_of(each.pointer, plan), each.detail) for each in problem.errors]
    if errors:
        raise Invalid("; ".join(f"{each.pointer}: {each.detail}" for each in errors), errors)
    placing = {name: part for name, part in parts.items() if name in _PLACING and name != "id"}
    return Wish(number, Edit(edit.attributes, values, links), placing, parts.get("id"))


def unknown_options(cells: Sequence[Sequence[str]], plan: Plan) -> dict[str, list[str]]:
    """By field: the names in those rows that are no option of it, each once, in the order of the rows."""
    found: dict[str, dict[str, None]] = {}
    for column, target in plan.targets.items():
        if target.field is not None and target.field.type in SELECTS:
            for text in dict.fromkeys(row[column].strip() for row in cells):
                for word in _words(target.field, text):
                    if not _is_option(target.field, word):
                        found.setdefault(target.field.key, {})[word] = None
    return {key: list(words) for key, words in found.items()}


def wanted_of(wish: Wish, record: Record, on_match: OnMatch) -> Edit:
    """What of the wish is put into the record that is there already. An empty cell never clears anything."""
    values = {key: value for key, value in wish.edit.values.items() if value is not None}
    links = {key: ids for key, ids in wish.edit.links.items() if ids}
    if on_match == "replace":
        return Edit(wish.edit.attributes, values, links)
    attributes = {name: part for name, part in wish.edit.attributes.items() if not getattr(record, name)}
    values = {key: value for key, value in values.items() if record.values.get(key) is None}
    return Edit(attributes, values, {key: ids for key, ids in links.items() if not record.links.get(key)})


def match_key(wish: Wish, match_on: Sequence[str]) -> tuple[str, ...] | None:
    """By which a record like it is found; None where a part of it is empty."""
    key = tuple(wish.edit.attributes.get(name) or wish.edit.values.get(name) or "" for name in match_on)
    return key if key and all(key) else None


def linked_words(text: str) -> list[str]:
    """Names of records, between semicolons; or ids, between commas as an export writes them."""
    ids = [each.strip() for each in text.split(",")]
    words = ids if all(is_identifier(each) for each in ids) else text.split(";")
    return [each.strip() for each in words if each.strip()]


_PLACING = frozenset({"id", "list", *BACKDATING})


def _part(target: Target, text: str, plan: Plan, schema: Schema, find: Find) -> Any:
    if target.name in _MOMENTS:
        return moment_text(written_moment(text, plan.notation))
    if target.name == "tags":
        return [word.strip() for word in SEPARATORS.split(text) if word.strip()]
    if target.name == "assignees":
        return [find(target, word.strip()) for word in SEPARATORS.split(text) if word.strip()]
    return _list_key(text, schema) if target.name == "list" else text


def _list_key(text: str, schema: Schema) -> str:
    names = {each.name.casefold(): each.key for each in schema.lists}
    return text if text in schema.lists_by_key else names.get(text.casefold(), text)


def _linked(target: Target, text: str, find: Find) -> Sequence[str]:
    if not text or target.field is None:
        return ()
    words = linked_words(text) if target.field.config["multiple"] else [text]
    return tuple(dict.fromkeys(find(target, word) for word in words))


def _value(target: Target, text: str, plan: Plan, find: Find) -> Any:
    known = target.field
    if not text or known is None:
        return None
    if known.type == "user":
        words = [each.strip() for each in SEPARATORS.split(text) if each.strip()]
        return (
            known.behaviour.parse([find(target, word) for word in words], known.config)
            if known.config.get("multiple")
            else find(target, text)
        )
    if known.type in SELECTS and plan.unknown_option in ("default", "blank"):
        text = _known_only(known, text, plan)
    return known.behaviour.from_text(text, known.config, plan.notation) if text else None


def _known_only(known: Field, text: str, plan: Plan) -> str:
    """The cell with the plan's default, or nothing, in place of what is no option."""
    words = _words(known, text)
    kept = [word for word in words if _is_option(known, word)]
    if len(kept) < len(words) and plan.unknown_option == "default" and known.key in plan.defaults:
        kept.append(plan.defaults[known.key])
    return text if kept == words else ", ".join(kept)


def _words(known: Field, text: str) -> list[str]:
    if not text:
        return []
    return words_in(text, known.config["options"]) if known.type == "multi_select" else [text]


def _is_option(known: Field, word: str) -> bool:
    try:
        key_of(word, known.config["options"])
    except Invalid:
        return False
    return True


def column_of(place: str, plan: Plan) -> str:
    """The column that a part of a record comes from; the part, where none is mapped to it."""
    part = place.split("/")[1] if "/" in place else place
    columns = [plan.columns[number] for number, target in plan.targets.items() if target.name == part and part in PARTS]
    return columns[0] if columns else part


def _details(problem: Invalid) -> list[str]:
    return [each.detail for each in problem.errors] or [problem.detail]
