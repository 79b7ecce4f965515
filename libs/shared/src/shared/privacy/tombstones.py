"""Who was erased stays erased: of each number and address a keyed hash is kept, and nothing else of the person.

A late webhook, a provider's history or an old file tells of them again; by the hash they are known, and masked before
anything is written. Whoever comes back by themselves is let in: their hashes go.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.driver import fetch_value
from shared.privacy.person import Person

metadata = MetaData()
tombstone = Table(
    "tombstone",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("app_now()")),
)
# One row: the key of the hashes, so that nobody finds a number by hashing all numbers without it.
tombstone_key = Table(
    "tombstone_key",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column(
        "secret",
        Text,
        nullable=False,
        server_default=text("replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"),
    ),
)
NUMBER, EMAIL, ENDING = "number", "email", "ending"
# By so many last digits a number is looked for, before its spelling is understood.
LAST_DIGITS = 8
_NUMBERS = re.compile(r"\+?[0-9](?:[ .()/-]*[0-9]){7,19}")
_EMAILS = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_MARK = re.compile(r"\berased-[0-9a-f]{12}\b")

Readings = Callable[[str], Iterable[str]]


def create_tombstones(op: Any) -> None:
    """For a migration."""
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO tombstone_key DEFAULT VALUES")


def is_marked(text_: str) -> bool:
    """Whether an erased person stood here."""
    return "erased-" in text_ and _MARK.search(text_) is not None


@dataclass(frozen=True)
class Buried:
    """All tombstones in memory, for texts in which anybody may be named."""

    secret: str
    marks: Mapping[str, str] = field(default_factory=dict)

    def masked(self, written: str, readings: Readings) -> str:
        """The text with the marks of the erased in their places; ``readings`` are the E.164 numbers a text may mean."""
        if not self.marks:
            return written
        masked = _EMAILS.sub(lambda found: self._mark(EMAIL, found[0].lower()) or found[0], written)
        return _NUMBERS.sub(lambda found: self._number(found[0], readings) or found[0], masked)

    def _number(self, spelled: str, readings: Readings) -> str | None:
        if self._mark(ENDING, _ending(spelled)) is None:
            return None
        return next(filter(None, (self._mark(NUMBER, each) for each in readings(spelled))), None)

    def _mark(self, kind: str, said: str) -> str | None:
        return self.marks.get(_digest(self.secret, kind, said))


async def bury(connection: AsyncConnection, person: Person, mark: str) -> int:
    """Keep the hashes of all that the person is known by; how many are new."""
    secret = await _secret(connection)
    digests = {_digest(secret, EMAIL, each.lower()) for each in person.emails}
    for number in person.numbers:
        digests |= {_digest(secret, NUMBER, number), _digest(secret, ENDING, _ending(number))}
    if not digests:
        return 0
    rows = [{"digest": each, "mark": mark} for each in sorted(digests)]
    return (await connection.execute(insert(tombstone).values(rows).on_conflict_do_nothing())).rowcount


async def is_anybody_buried(connection: AsyncConnection) -> bool:
    return bool(await fetch_value(connection, "SELECT EXISTS (SELECT FROM tombstone)"))


async def marks_of(connection: AsyncConnection, person: Person) -> dict[str, str]:
    """The marks of those numbers and addresses that are of the erased, by how they were given."""
    if not (person.numbers or person.emails) or not await is_anybody_buried(connection):
        return {}
    digests = _digests(await _secret(connection), person)
    return {digests[digest]: mark for digest, mark in (await _marks(connection, digests)).items()}


async def unearth(connection: AsyncConnection, person: Person) -> int:
    """The person came back by themselves. The hashes of endings stay: others have them, too."""
    digests = _digests(await _secret(connection), person)
    return (await connection.execute(delete(tombstone).where(tombstone.c.digest.in_(digests)))).rowcount


async def everybody(connection: AsyncConnection) -> Buried:
    rows = await connection.execute(select(tombstone.c.digest, tombstone.c.mark))
    return Buried(await _secret(connection), {row.digest: row.mark for row in rows})


async def among(connection: AsyncConnection, texts: Iterable[str], readings: Readings) -> Buried:
    """The tombstones of whoever these texts may name."""
    if not await is_anybody_buried(connection):
        return Buried("")
    secret = await _secret(connection)
    spelled = {found[0] for each in texts for found in _NUMBERS.finditer(each)}
    addresses = {found[0].lower() for each in texts for found in _EMAILS.finditer(each)}
    endings = {_digest(secret, ENDING, _ending(each)): each for each in spelled}
    known = await _marks(connection, {*endings, *(_digest(secret, EMAIL, each) for each in addresses)})
    likely = [each for each in spelled if _digest(secret, ENDING, _ending(each)) in known]
    numbers = {_digest(secret, NUMBER, number) for each in likely for number in readings(each)}
    return Buried(secret, known | await _marks(connection, numbers))


async def _marks(connection: AsyncConnection, digests: Iterable[str]) -> dict[str, str]:
    rows = await connection.execute(select(tombstone).where(tombstone.c.digest.in_(list(digests))))
    return {row.digest: row.mark for row in rows}


async def _secret(connection: AsyncConnection) -> str:
    return str((await connection.execute(select(tombstone_key.c.secret))).scalar_one())


def _digests(secret: str, person: Person) -> dict[str, str]:
    numbers = {_digest(secret, NUMBER, each): each for each in person.numbers}
    return numbers | {_digest(secret, EMAIL, each.lower()): each for each in person.emails}


def _digest(secret: str, kind: str, said: str) -> str:
    return hmac.new(secret.encode(), f"{kind}:{said}".encode(), hashlib.sha256).hexdigest()


def _ending(number: str) -> str:
    return re.sub("[^0-9]", "", number)[-LAST_DIGITS:]
