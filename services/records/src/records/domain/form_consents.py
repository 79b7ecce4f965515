"""What a form asks people to agree to, and what it keeps them for whether they are asked or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from records.domain.configuration import known_settings
from records.domain.consent import FIELD
from records.domain.extra_columns import LegalBasis
from records.domain.schema import Field, Schema
from shared.errors import Invalid

Text = Mapping[str, str]


@dataclass(frozen=True)
class Purpose:
    """What whoever answers the form is kept for: an option of the consent field ``field``, on that legal basis."""

    field: str
    option: str
    legal_basis: LegalBasis | None


def read_wordings(given: object, known: Field | None, read: Callable[[object], Text]) -> Mapping[str, Text]:
    """The wordings by option; without any, each option of the field goes by its name."""
    if known is None or known.type != FIELD:
        if given is not None:
            raise Invalid.at("/consents", "Only a field of type consent is asked with wordings.")
        return {}
    offered = {option["key"]: option for option in known.config["options"] if not option.get("archived")}
    if given is None:
        return {key: option.get("names") or {"en": option["name"]} for key, option in offered.items()}
    if not isinstance(given, Mapping) or not given:
        raise Invalid.at("/consents", 'is an object like {"newsletter": {"en": "Yes, write to me once a month."}}.')
    for key in given:
        if key not in offered:
            raise Invalid.at(f"/consents/{key}", f"'{known.name}' has no '{key}' to agree to.")
    return {str(key): _wording(str(key), text, read) for key, text in given.items()}


def _wording(key: str, text: object, read: Callable[[object], Text]) -> Text:
    try:
        return read(text)
    except Invalid as problem:
        raise Invalid.at(f"/consents/{key}", f"The wording {problem.detail}") from problem


def read_purpose(given: Mapping[str, Any], schema: Schema) -> Purpose | None:
    """None where the project keeps no such purpose for its people."""
    known_settings(given, frozenset({"purpose", "legal_basis", "consent_source"}))
    basis = given.get("legal_basis")
    if basis is not None and basis not in get_args(LegalBasis):
        raise Invalid.at("/legal_basis", f"'legal_basis' is one of {', '.join(get_args(LegalBasis))}.")
    for known in schema.fields_of(FIELD):
        if any(option["key"] == given.get("purpose") for option in known.config["options"]):
            return Purpose(known.key, str(given["purpose"]), basis)
    return None
