"""Who was erased comes back by themselves, or by hand of somebody they told: never by a file, a sync or a rule."""

from collections.abc import Iterator, Sequence

from records.domain.consent import Ground
from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.versions import Version
from shared.contracts.records import PersonReturned
from shared.database import Transaction
from shared.errors import FieldError, Invalid
from shared.privacy import Person
from shared.privacy.tombstones import is_anybody_buried, marks_of, unearth

# What people fill in themselves, and who writes down what they say.
BY_THEMSELVES = ("form", "user")


async def heed_erased(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], places: Sequence[str], ground: Ground | None
) -> None:
    """Raises `Invalid` where a number or address of the erased would come in by others; else they are known again."""
    new = list(_new(schema, versions, places))
    if not new or not await is_anybody_buried(transaction.connection):
        return
    erased = await marks_of(transaction.connection, _person(new))
    found = [(place, kind, said) for place, kind, said in new if said in erased]
    if not found:
        return
    actor = (transaction.actor or "").partition(":")[0]
    if actor not in BY_THEMSELVES or (ground and ground.unheard):
        errors = [FieldError(place, f"It is of somebody who was erased ({erased[said]}).") for place, _, said in found]
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    back = _person(found)
    await unearth(transaction.connection, back)
    transaction.publish(PersonReturned(numbers=list(back.numbers), emails=list(back.emails)))


def _new(schema: Schema, versions: Sequence[Version], places: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each number and address that was not there before: its place in the caller's body, its type and itself."""
    fields = schema.fields_of("phone", "email")
    for number, version in enumerate(versions if fields else ()):
        before = version.before.values if version.before else {}
        for field in fields:
            value = version.after.values.get(field.key)
            if value is not None and value != before.get(field.key):
                place = places[number] if number < len(places) else ""
                yield place + pointer("values", field.key), field.type, value


def _person(said: Sequence[tuple[str, str, str]]) -> Person:
    numbers = sorted({each for _, kind, each in said if kind == "phone"})
    return Person(tuple(numbers), tuple(sorted({each for _, kind, each in said if kind == "email"})))
