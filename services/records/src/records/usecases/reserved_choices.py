"""Values that only some teams choose: everyone sees them, others do not put them in anew."""

from collections.abc import Iterator, Sequence

from records.domain.pointers import pointer
from records.domain.schema import Field, Schema
from records.domain.versions import Version
from records.storage import users
from shared.database import Transaction
from shared.errors import FieldError


async def reserved_choices(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], places: Sequence[str]
) -> list[FieldError]:
    """The mistakes of a user outside the teams. Machines, rules and administrators choose what they want."""
    policy = transaction.policy
    reserved = {field.key: teams for field in schema.fields_of("select", "multi_select") if (teams := _teams(field))}
    if policy is None or policy.user is None or "admin" in policy.scopes or not reserved:
        return []
    chosen = [
        (place + pointer("values", field), reserved[field][key])
        for version, place in zip(versions, places, strict=True)
        for field in reserved
        for key in _chosen(version, field)
        if key in reserved[field]
    ]
    user = await users.find(transaction.connection, policy.user) if chosen else None
    mine = set(user.teams) if user else set()
    return [
        FieldError(place, f"Only {', '.join(teams)} may choose this.") for place, teams in chosen if not mine & {*teams}
    ]


def _teams(field: Field) -> dict[str, Sequence[str]]:
    """By the key of the option."""
    return {each["key"]: each["visible_for"] for each in field.config["options"] if each.get("visible_for")}


def _chosen(version: Version, field: str) -> Iterator[str]:
    """What this version puts in that was not there before."""
    after, before = (_keys(record.values.get(field)) if record else [] for record in (version.after, version.before))
    return (key for key in after if key not in before)


def _keys(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
