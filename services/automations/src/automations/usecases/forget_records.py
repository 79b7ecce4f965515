"""What rules saw of records that are wholly a person's: gone, but for the fact that a rule ran."""

from collections.abc import Mapping

from sqlalchemy import Table, delete, select, update

from automations.storage.tables import event, notification, pick, record, record_activity, run, step, timer
from shared.jobs import RunningJob
from shared.privacy import Part, Person

GONE: tuple[Table, ...] = (event, record_activity, timer, notification, pick)


async def forget_records(running: RunningJob, person: Person, _mark: str) -> Mapping[str, int]:
    """Counts by store. Runs and their steps stay, without what they read, wrote and said."""
    stores: dict[str, int] = {}
    ids = list(person.records)
    async with running.step() as transaction:
        for table in GONE:
            done = await transaction.execute(delete(table).where(table.c.record_id.in_(ids)))
            stores[f"postgresql:{table.name}"] = done.rowcount
        runs = select(run.c.id).where(run.c.record_id.in_(ids))
        said = {"request": None, "response": None, "says": None}
        steps = await transaction.execute(
            update(step).where(step.c.run_id.in_(runs), step.c.state != "pending").values(said)
        )
        blank = await transaction.execute(
            update(run).where(run.c.record_id.in_(ids)).values(why=[], facts={}, reason=None)
        )
        gone = await transaction.execute(delete(record).where(record.c.id.in_(ids)))
        stores |= {"postgresql:step": steps.rowcount, "postgresql:run": blank.rowcount}
        stores["postgresql:record"] = gone.rowcount
    return stores


FORGETTING = Part(
    "AUTOMATIONS", forget_records, {"postgresql:run": "That a rule ran stays, without what it read, wrote and said."}
)
