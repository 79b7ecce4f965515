"""What somebody agreed to or took back: one entry each time, never changed, with how it is known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from uuid_utils.compat import uuid7

from records.domain.extra_columns import LegalBasis
from records.domain.record import Record
from records.domain.schema import Field, Schema
from records.domain.texts import text_of
from records.domain.versions import Version
from shared.errors import Invalid

FIELD = "consent"
State = Literal["given", "withdrawn"]
Source = Literal["manual", "web_form", "email", "chat", "phone_call", "import", "api", "integration", "rule", "link"]
LONGEST = 2_000
_SOURCES: Mapping[str, Source] = {"user": "manual", "key": "api", "rule": "rule", "form": "web_form"}


@dataclass(frozen=True)
class Ground:
    """How it is known. Without a ``legal_basis`` (``bases`` by option go before it) it is the option's, else consent.

    ``wordings`` are what was agreed to, word by word, by option; ``evidence`` is where it can be looked up
    (``submission:<id>``, a call, a file), ``comment`` what whoever wrote it down adds. Who is ``unheard`` (a file, a
    rule) does not give again what the person withdrew.
    """

    source: Source
    legal_basis: LegalBasis | None = None
    bases: Mapping[str, LegalBasis] = field(default_factory=dict)
    unheard: bool = False
    wordings: Mapping[str, str] = field(default_factory=dict)
    wording_version: str | None = None
    evidence: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Consent:
    """One entry: somebody agreed to ``option`` of the record's ``field``, or withdrew."""

    id: str
    record_id: str
    field: str
    option: str
    state: State
    at: datetime
    actor: str | None
    legal_basis: LegalBasis
    source: Source
    wording: str | None = None
    wording_version: str | None = None
    evidence: str | None = None
    comment: str | None = None


def consent_fields(schema: Schema) -> list[Field]:
    return list(schema.fields_of(FIELD))


def consent_field(schema: Schema, key: str) -> Field:
    """Raises `Invalid`."""
    known = schema.fields_by_key.get(key)
    if known is None or known.type != FIELD:
        raise Invalid(f"The project '{schema.project.key}' has no field '{key}' of type consent.")
    return known


def ground_of(actor: str | None) -> Ground:
    """How it is known where nobody says: by who acts."""
    source = _SOURCES.get((actor or "").partition(":")[0], "integration")
    return Ground(source, unheard=source == "rule")


def held(record: Record | None, key: str) -> list[str]:
    return list(record.values.get(key) or ()) if record else []


def entries(version: Version, schema: Schema, ground: Ground, actor: str | None) -> Iterator[Consent]:
    """What this version of a record gives and withdraws."""
    for known in consent_fields(schema):
        before, after = held(version.before, known.key), held(version.after, known.key)
        for option in after:
            if option not in before:
                yield entry(version.after, known, option, "given", ground, actor)
        for option in before:
            if option not in after:
                yield entry(version.after, known, option, "withdrawn", ground, actor)


def entry(record: Record, known: Field, option: str, state: State, ground: Ground, actor: str | None) -> Consent:
    usual = next((each.get("legal_basis") for each in known.config["options"] if each["key"] == option), None)
    return Consent(
        id=str(uuid7()),
        record_id=record.id,
        field=known.key,
        option=option,
        state=state,
        at=record.updated_at,
        actor=actor,
        legal_basis=ground.bases.get(option) or ground.legal_basis or usual or "consent",
        source=ground.source,
        wording=ground.wordings.get(option),
        wording_version=ground.wording_version,
        evidence=ground.evidence,
        comment=ground.comment,
    )


def read_ground(given: Mapping[str, Any], usual: Ground) -> Ground:
    """As the API says it; what it leaves out is as usual. Raises `Invalid`."""
    wording = _text(given, "wording")
    return replace(
        usual,
        source=given.get("source") or usual.source,
        legal_basis=given.get("legal_basis"),
        wordings={given["option"]: wording} if wording else {},
        wording_version=_text(given, "wording_version"),
        evidence=_text(given, "evidence"),
        comment=_text(given, "comment"),
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    try:
        return text_of(given[name], LONGEST, lines=True).strip() or None if given.get(name) is not None else None
    except Invalid as problem:
        raise Invalid.at(f"/{name}", f"'{name}' {problem.detail}") from problem
