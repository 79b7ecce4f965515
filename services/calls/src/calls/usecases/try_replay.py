"""What reading deliveries again would change, without changing anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from calls.domain.delivery import interpreted
from calls.domain.fact import Fact
from calls.storage import facts
from calls.storage.deliveries import Waiting
from calls.usecases.normalise import reader_of
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Trial:
    """Of so many that were ``read``; ``changed`` would say something else than they said before."""

    read: int
    understood: int
    changed: int
    reasons: dict[str, int]


async def try_replay(transaction: Transaction, waiting: Sequence[Waiting]) -> Trial:
    said = await facts.of_deliveries(transaction, [each.delivery.id for each in waiting])
    reasons: dict[str, int] = {}
    changed = 0
    for each in waiting:
        says = interpreted(reader_of(each), each.delivery, each.settings)
        if says.reason:
            reasons[says.reason] = reasons.get(says.reason, 0) + 1
        changed += _differs(says.facts, said.get(each.delivery.id, []))
    return Trial(len(waiting), len(waiting) - sum(reasons.values()), changed, reasons)


def _differs(now: Sequence[Fact], before: Sequence[Fact]) -> bool:
    """Facts whose words another delivery said first are stored with that one, so none before is no difference."""
    known = {fact.key: _words(fact) for fact in before}
    return bool(known) and known != {fact.key: _words(fact) for fact in now}


def _words(fact: Fact) -> tuple[object, ...]:
    return (fact.subject, fact.kind, fact.at, fact.scope, dict(fact.values))
