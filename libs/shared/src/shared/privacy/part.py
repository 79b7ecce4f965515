"""``/v1/persons/part``, the same in every service: what it knows of a person, and the job that forgets them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.database.transaction import Transaction, Tx
from shared.errors import Unavailable
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import JobOut, RunningJob, add_job
from shared.jobs.running import Handler
from shared.privacy import sweep
from shared.privacy.bus import forget_messages, forget_outbox
from shared.privacy.person import Person, PersonIn

KIND = "person_part"
ROUNDS = 3
OWN = ("outbox", "job")
Administrator = Annotated[Principal, Depends(requires("admin"))]

# What a service does beside the sweep of its database: by store, how many rows there were. Done again, it finds none.
Forgetting = Callable[[RunningJob, Person, str], Awaitable[Mapping[str, int]]]
# What a service knows elsewhere than in its database: rows by store.
Looking = Callable[[Person], Awaitable[Mapping[str, list[Any]]]]


@dataclass(frozen=True)
class Part:
    """A service's part in forgetting. ``kept`` says, by store of the service, what stays of the person, and why."""

    stream: str
    forgetting: Forgetting | None = None
    kept: Mapping[str, str] = field(default_factory=dict)


class ErasingIn(PersonIn):
    remember: Annotated[bool, Field(description="Whether what comes later of them is masked, too")] = True
    mark: Annotated[str, Field(pattern="^erased-[0-9a-f]+$", description="What takes the person's place")]


class Known(BaseModel):
    """``found`` counts every store, ``rows`` are what there is to hand over: without the platform's own copies."""

    found: dict[str, int]
    rows: dict[str, list[Any]]


async def look(transaction: Transaction, person: Person) -> Known:
    """What a service's database knows."""
    found = await sweep.count(transaction.connection, person)
    rows = await sweep.rows(transaction.connection, person)
    return Known(found=found, rows={table: list(each) for table, each in rows.items()})


def person_part_router(looking: Looking | None = None) -> APIRouter:
    """For a service's routers. Its worker of jobs runs `part_job` under `KIND`."""
    router = CommandRouter(prefix="/v1/persons/part", tags=["persons"])

    @router.post("/found", response_model=Known)
    async def read_part(body: PersonIn, transaction: Tx, _caller: Administrator) -> Known:
        """What this service knows of the person. Nothing of the answer is kept."""
        known = await look(transaction, body.person())
        elsewhere = await looking(body.person()) if looking else {}
        found = known.found | {store: len(rows) for store, rows in elsewhere.items() if rows}
        return Known(found=found, rows=known.rows | dict(elsewhere))

    @router.post("", status_code=202)
    async def erase_part(body: ErasingIn, transaction: Tx, caller: Administrator) -> JobOut:
        """Forget the person: a job, whose result is this service's part of the receipt."""
        return JobOut.of(await add_job(transaction, KIND, body.model_dump(), key=caller.key_id))

    return router


def part_job(part: Part) -> Handler:
    """The job, for a service's worker."""

    async def run(running: RunningJob) -> dict[str, Any]:
        given = running.input
        person = PersonIn.model_validate(given).person()
        return await forget_person(running, person, given["mark"], part)

    return run


async def forget_person(running: RunningJob, person: Person, mark: str, part: Part) -> dict[str, Any]:
    """Everything of the person out of this service, checked afterwards; last of all out of the job itself.

    Begun again after a crash it goes on from its last step, and its counts with it.
    """
    stream = part.stream
    if "receipt" in running.position:
        return dict(running.position["receipt"])
    before = {name: value for name, value in running.position.items() if name not in ("sequences", "stores")}
    stores: dict[str, int] = dict(running.position.get("stores", {}))
    _add(stores, await _unsend(running, stream, running.position.get("sequences", [])))
    if part.forgetting:
        _add(stores, await part.forgetting(running, person, mark))
    for _ in range(ROUNDS):
        await _sweep(running, person, mark, stream, stores, before)
        async with running.step() as transaction:
            left = await sweep.count(transaction.connection, person)
        if set(left) <= {"job"}:
            return await _seal(running, person, mark, {"stores": stores, "kept": dict(part.kept)}, before)
    raise Unavailable(f"The person is still told of in {', '.join(left)}; trying again.")


async def _sweep(
    running: RunningJob, person: Person, mark: str, stream: str, stores: dict[str, int], before: Mapping[str, Any]
) -> None:
    async with running.step() as transaction:
        sequences = await forget_outbox(transaction.connection, person, mark)
        _add(stores, {"postgresql:outbox": len(sequences)})
        await running.checkpoint(transaction, {**before, "sequences": sequences, "stores": stores}, done=1)
    _add(stores, await _unsend(running, stream, sequences))
    async with running.step() as transaction:
        for each in await sweep.tables(transaction.connection):
            if person.pattern and each.table not in OWN:
                _add(stores, {f"postgresql:{each.table}": await sweep.mask(transaction.connection, each, person, mark)})
        await running.checkpoint(transaction, {**before, "stores": stores}, done=2)


async def _unsend(running: RunningJob, stream: str, sequences: Sequence[int]) -> dict[str, int]:
    return {f"nats:{stream}": await forget_messages(running.parts.jetstream, stream, sequences)}


async def _seal(
    running: RunningJob, person: Person, mark: str, told: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Nothing was found any more: the receipt, and the person out of what jobs were given."""
    async with running.step() as transaction:
        receipt = {**told, "left": 0, "verified_at": _text(transaction.now)}
        await running.checkpoint(transaction, {**before, "receipt": receipt}, done=3)
        for each in await sweep.tables(transaction.connection):
            if each.table == "job" and person.pattern:
                await sweep.mask(transaction.connection, each, person, mark)
    return receipt


def _add(stores: dict[str, int], more: Mapping[str, int]) -> None:
    for store, number in more.items():
        if number:
            stores[store] = stores.get(store, 0) + number


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
