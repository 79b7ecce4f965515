"""Setting a target of one's own, and reading them as benchmarks."""

from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from analytics.domain.benchmarks import Benchmark
from analytics.storage import targets as stored
from shared.database import Transaction


async def set_target(
    transaction: Transaction, metric: str, variant: str, low: float | None, high: float | None, name: str, note: str
) -> Benchmark:
    row = {
        "id": str(uuid7()),
        "metric": metric,
        "variant": variant,
        "low": low,
        "high": high,
        "name": name,
        "note": note,
        "created_at": transaction.now,
        "created_by": transaction.actor or "system",
    }
    await stored.add(transaction, row)
    return _benchmark(row)


async def targets(transaction: Transaction) -> list[Benchmark]:
    """The targets there are, the newest first."""
    return [_benchmark(row) for row in await stored.every(transaction)]


def _benchmark(row: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        id=row["id"],
        metric=row["metric"],
        low=row["low"],
        high=row["high"],
        grade="own",
        source=row["name"],
        measures=row["note"],
        variants=(row["variant"],),
    )
