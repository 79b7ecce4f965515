"""Loading what lookups need: the linked records, a level of references at a time."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

Snapshot = Mapping[str, Any]
Load = Callable[[AbstractSet[str]], Awaitable[Mapping[str, Snapshot]]]


async def load_linked(
    records: Iterable[Snapshot], hops: Iterable[tuple[str, ...]], load: Load
) -> Mapping[str, Snapshot]:
    """The records at the ends of the chains (`needed_hops`, `hops_in`), by id: one ``load`` a level, of living ones."""
    known: dict[str, Snapshot] = {record["id"]: record for record in records}
    reached: dict[tuple[str, ...], set[str]] = {(): set(known)}
    for level in _levels(hops):
        for chain in level:
            reached[chain] = _targets(reached.get(chain[:-1], set()), chain[-1], known)
        missing = set().union(*(reached[chain] for chain in level)) - known.keys()
        known.update(await load(missing) if missing else {})
    return known


def _levels(hops: Iterable[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    chains = sorted(set(hops), key=len)
    depths = sorted({len(chain) for chain in chains})
    return [[chain for chain in chains if len(chain) == depth] for depth in depths]


def _targets(sources: AbstractSet[str], field: str, known: Mapping[str, Snapshot]) -> set[str]:
    return {target for source in sources if source in known for target in known[source]["links"].get(field, ())}
