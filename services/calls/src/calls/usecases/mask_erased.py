"""Callers who were erased and are told of again, late or out of a history: their calls count, and name nobody."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from calls.domain.delivery import Delivery
from calls.domain.fact import Fact
from calls.domain.telephone import home_region, to_e164
from shared.database import Transaction
from shared.privacy.tombstones import Buried, among


@dataclass(frozen=True)
class Erased:
    """Whom of the erased some deliveries may name; ``regions`` are where numbers without a country are dialled."""

    buried: Buried
    regions: frozenset[str | None]

    def is_named(self, delivery: Delivery) -> bool:
        return bool(self.buried.marks) and any(self._masked(each) != each for each in _texts(delivery))

    def masked(self, told: Sequence[Fact]) -> list[Fact]:
        """Without notes, which may name them in other words, links to their voice, and names made of their number."""
        return [self._masked_fact(fact) for fact in told]

    def _masked_fact(self, fact: Fact) -> Fact:
        subject = self._masked(fact.subject) if fact.scope in ("alias", "contact") else fact.subject
        names = tuple(map(self._masked, fact.aliases))
        return replace(fact, subject=subject, aliases=names, values=self._values(fact.values))

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in values.items() if name not in ("note", "recording_link")}
        masked: dict[str, Any] = json.loads(self._masked(json.dumps(kept, ensure_ascii=False)))
        return masked

    def _masked(self, written: str) -> str:
        return self.buried.masked(written, self.readings)

    def readings(self, spelled: str) -> list[str]:
        return [number for region in (None, *self.regions) if (number := to_e164(spelled, region))]


async def erased_among(transaction: Transaction, told: Sequence[tuple[Delivery, Mapping[str, Any]]]) -> Erased:
    """``told`` are deliveries, each with its connection's settings."""
    regions = frozenset(home_region(settings) for _, settings in told) - {None}
    texts = [text for delivery, _ in told for text in _texts(delivery)]
    found = await among(transaction.connection, texts, Erased(Buried(""), regions).readings)
    return Erased(found, regions)


def _texts(delivery: Delivery) -> Iterator[str]:
    yield unquote(delivery.body.decode("utf-8", "replace"))
    yield unquote(delivery.query)
