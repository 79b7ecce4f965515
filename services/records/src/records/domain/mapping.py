"""Which column of a file goes where: proposed by the names of the columns, checked before anything is read.

A target is a part of a record (``title``, ``list``, ``tags`` …), a field's key, or a reference with the field of the
other project that its cells name: ``customer.email``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from records.domain.drafts import BACKDATING
from records.domain.pointers import pointer
from records.domain.schema import Field, Schema
from records.domain.workspace import Workspace
from shared.errors import FieldError, Invalid
from shared.expressions import Kind

BACKDATED = tuple(sorted(BACKDATING - {"stage_history"}))
PARTS = ("id", "title", "list", "tags", "assignees", "due_at", "done_at", "color", *BACKDATED)

# What other programs and other languages call the same thing: the first word is the one fields are likely to have.
SYNONYMS = (
    ("title", "name", "naam", "titel", "full name", "volledige naam", "company", "company name", "bedrijf",
     "bedrijfsnaam",
     "organisation", "organization", "organisatie", "account", "product name", "productnaam", "deal", "kans"),
    ("email", "e mail", "mail", "email address", "e mail address", "e mailadres", "emailadres", "mailadres"),
    ("phone", "telephone", "telefoon", "telefoonnummer", "phone number", "tel", "mobile", "mobiel", "gsm"),
    ("website", "url", "web", "site", "homepage", "webadres"),
    ("address", "adres", "street", "straat", "bezoekadres"),
    ("source", "bron", "lead source", "deal source", "herkomst", "kanaal"),
    ("category", "categorie", "type", "soort"),
    ("industry", "branche", "sector", "business"),
    ("amount", "bedrag", "value", "waarde", "price", "prijs"),
    ("number", "nummer", "customer number", "klantnummer", "no", "nr", "code"),
    ("list", "lijst", "stage", "fase", "status"),
    ("tags", "tag", "labels", "label"),
    ("assignees", "assignee", "owner", "eigenaar", "verantwoordelijke", "account manager", "accountmanager"),
    ("due_at", "due", "due date", "deadline", "vervaldatum"),
    ("created_at", "created", "created on", "aangemaakt", "aangemaakt op"),
    ("last_activity_at", "last activity", "laatste activiteit"),
    ("id", "record id", "trunkline id"),
)  # fmt: skip
_GROUP = {word: words[0] for words in SYNONYMS for word in words}


@dataclass(frozen=True)
class Target:
    """``field`` is None for a part of the record; ``key`` says by what a reference names its records."""

    name: str
    field: Field | None = None
    key: str | None = None


def propose(columns: Sequence[str], schema: Schema) -> dict[str, str]:
    """By column: the target it is most likely meant for. Columns that nothing fits are left out."""
    exact, alike = _names(schema)
    proposed: dict[str, str] = {}
    for known in (exact, alike):
        for column in columns:
            target = known.get(plain(column)) or known.get(_GROUP.get(plain(column), ""))
            if target and column not in proposed and target not in proposed.values():
                proposed[column] = target
    return proposed


def targets(
    mapping: Mapping[str, str | None], columns: Sequence[str], workspace: Workspace, schema: Schema
) -> dict[int, Target]:
    """By the number of the column. Raises `Invalid` for each column and target that is not there, or meant twice."""
    errors, found, taken = list[FieldError](), dict[int, Target](), dict[str, str]()
    for column, name in mapping.items():
        place = pointer("mapping", column)
        if column not in columns:
            errors.append(FieldError(place, f"The file has no column '{column}'; it has {', '.join(columns)}."))
        elif name is not None:
            try:
                found[columns.index(column)] = target_of(name, workspace, schema)
            except Invalid as problem:
                errors.append(FieldError(place, problem.detail))
            if name in taken:
                errors.append(FieldError(place, f"'{taken[name]}' goes to '{name}' already; one column a target."))
            taken[name] = column
    if not found and not errors:
        errors.append(FieldError("/mapping", "No column goes anywhere: map at least one."))
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return found


def target_of(name: str, workspace: Workspace, schema: Schema) -> Target:
    """Raises `Invalid` where nothing can be written there."""
    if name in PARTS:
        return Target(name)
    key, _, by = name.partition(".")
    field = schema.fields_by_key.get(key)
    if field is None:
        raise Invalid(f"The project '{schema.project.key}' has no field '{key}'.")
    if field.behaviour.kind is None:
        raise Invalid(f"'{field.name}' is computed and takes no value.")
    if by:
        _check_key(field, by, workspace)
    return Target(name, field, by or None)


def _check_key(field: Field, by: str, workspace: Workspace) -> None:
    if field.behaviour.kind is not Kind.LINK:
        raise Invalid(f"'{field.name}' is no reference, so '{by}' leads nowhere.")
    other = workspace.by_key[field.config["project"]]
    if by not in ("id", "title") and (by not in other.fields_by_key or not names_records(other.fields_by_key[by])):
        raise Invalid(f"Records of '{other.project.key}' cannot be named by '{by}'.")


def names_records(field: Field) -> bool:
    """Whether a record can be found by this field's value: it is one text."""
    return field.behaviour.kind in (Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.OPTION, Kind.USER)


def plain(name: str) -> str:
    """Small letters without accents and signs: ``E-Mail_Adrés`` → ``e mail adres``."""
    bare = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


def _names(schema: Schema) -> tuple[dict[str, str], dict[str, str]]:
    """Targets by their own names, and by what those names stand for."""
    fields = [field for field in schema.stored_fields if field.type != "unique_id"]
    exact = {plain(part): part for part in PARTS}
    exact |= {plain(word): field.key for field in fields for word in (field.name, field.key)}
    alike = {_GROUP[word]: target for word, target in exact.items() if word in _GROUP}
    by_type = {
        kind: [field.key for field in fields if field.type == kind] for kind in ("email", "phone", "url", "address")
    }
    only = {"website" if kind == "url" else kind: keys[0] for kind, keys in by_type.items() if len(keys) == 1}
    return exact, only | alike | {"title": "title"}
