"""Ready-made ways of importing what most files hold: people, companies, products.

A profile proposes a mapping by the field keys it hopes for, of which the project has some, and what makes two alike.
``legal_basis`` and ``consent_source`` go to fields of those keys, where the project keeps them for persons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.domain.mapping import plain, propose
from records.domain.schema import Schema


@dataclass(frozen=True)
class Profile:
    """``words`` are further names of columns, by target; ``match_on`` the first of which there is a column counts."""

    key: str
    name: str
    words: Mapping[str, Sequence[str]]
    match_on: Sequence[str]
    on_match: str = "merge_empty"
    unknown_option: str = "create"


PROFILES = {
    each.key: each
    for each in (
        Profile(
            "people",
            "People",
            {
                "title": ("contact", "person", "contactpersoon", "display name"),
                "job_title": ("function", "functie", "position"),
                "company": ("company", "organisation", "bedrijf", "employer", "werkgever"),
                "legal_basis": ("lawful basis", "grondslag"),
                "consent_source": ("consent", "source of consent", "toestemming"),
            },
            ("email", "phone", "title"),
        ),
        Profile(
            "companies",
            "Companies",
            {
                "vat": ("vat number", "btw", "btw nummer", "vat id"),
                "code": ("code", "number", "nummer", "kvk", "kvk nummer", "registration number"),
                "legal_basis": ("lawful basis", "grondslag"),
            },
            ("vat", "number", "code", "email", "title"),
        ),
        Profile(
            "products",
            "Products",
            {
                "title": ("product", "description", "omschrijving", "article", "artikel"),
                "code": ("sku", "article number", "artikelnummer", "product code", "ean"),
                "price": ("unit price", "list price", "prijs", "verkoopprijs"),
                "cost": ("cost price", "kostprijs", "inkoopprijs"),
            },
            ("code", "sku", "number", "title"),
            "replace",
        ),
    )
}


def proposal(columns: Sequence[str], schema: Schema, profile: Profile | None = None) -> dict[str, Any]:
    """``{"mapping", "match_on", "on_match", "unknown_option"}``, to be looked at before it is used."""
    mapping = propose(columns, schema)
    if profile is None:
        email = [key for key in mapping.values() if key == "email"]
        return {"mapping": mapping, "match_on": email, "on_match": "merge_empty" if email else "add"}
    known = {*schema.fields_by_key, "title"}
    for target, words in profile.words.items():
        for column in columns:
            if target in known and target not in mapping.values() and plain(column) in words:
                mapping[column] = target
    match_on = [key for key in profile.match_on if key in mapping.values()][:1]
    action = profile.on_match if match_on else "add"
    return {"mapping": mapping, "match_on": match_on, "on_match": action, "unknown_option": profile.unknown_option}
