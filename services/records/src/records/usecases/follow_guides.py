"""Keeping records on the guide that suits them, whatever changed them."""

from collections import defaultdict
from collections.abc import Sequence

from records.domain.guide_progress import Progress
from records.domain.outcome import guide_for
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.versions import Version
from records.storage import guides
from records.storage.guides import Run
from shared.database import Transaction


async def follow_guides(transaction: Transaction, schema: Schema, versions: Sequence[Version]) -> None:
    """After a write: new records begin their guide, and those of which another suits now change to that."""
    if not schema.guides:
        return
    stored = {each.key: each for each in await guides.of_project(transaction.connection, schema.project.id)}
    begun: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for version in versions:
        suiting = guide_for(schema, version.after)
        if version.before is not None and not await _changes(transaction, version, suiting.key if suiting else None):
            continue
        if suiting:
            first = suiting.in_order[0].key if suiting.stages_are == "own" else None
            begun[suiting.key].append((version.after.id, first))
    for key, records in begun.items():
        await guides.attach(transaction, records, stored[key])


async def progress_of(transaction: Transaction, record: Record, run: Run) -> Progress:
    current = run.stage if run.guide.stages_are == "own" else record.list
    return Progress(run.guide, await guides.steps_of(transaction.connection, run), current)


async def _changes(transaction: Transaction, version: Version, suiting: str | None) -> bool:
    """Whether an existing record is on another guide than the one that suits it; it is taken off that."""
    run = await guides.run_of(transaction.connection, version.after.id)
    if run and run.guide.key == suiting:
        return False
    if run:
        await guides.detach(transaction, version.after.id)
    return True
