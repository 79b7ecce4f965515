"""The steps of runs: claimed with a lease, tried until they are over, in order."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Interval, Row, and_, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from automations.storage.matching import one_of
from automations.storage.tables import step
from shared.database import Transaction

Over = Literal["done", "skipped", "failed"]


def rows(run_id: str, actions: Sequence[str]) -> list[dict[str, Any]]:
    """The steps of a run, by action types; the first is pending at once."""
    return [
        {"run_id": run_id, "step_no": number, "action": action, "state": "pending" if number == 1 else "waiting"}
        for number, action in enumerate(actions, 1)
    ]


async def add(transaction: Transaction, run_id: str, actions: Sequence[str]) -> None:
    await transaction.execute(insert(step).values(attempts=0), rows(run_id, actions))


async def claim(transaction: Transaction, limit: int, lease: timedelta) -> list[Row[Any]]:
    """Due steps, nobody else's until the lease ends. ``attempts`` is the fence: whoever finds it raised has lost."""
    due = (
        select(step.c.run_id, step.c.step_no)
        .where(step.c.state == "pending", step.c.due_at <= func.clock_timestamp())
        .order_by(step.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = (
        update(step)
        .where(step.c.run_id == due.c.run_id, step.c.step_no == due.c.step_no)
        .values(attempts=step.c.attempts + 1, due_at=func.clock_timestamp() + lease)
        .returning(*step.c)
    )
    return list((await transaction.execute(claimed)).all())


async def held(transaction: Transaction, claims: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], Row[Any]]:
    """Those of the claims (run, step, attempts) that are still the claimer's, locked."""
    wanted = {(run_id, number): attempts for run_id, number, attempts in claims}
    runs = {run_id for run_id, _ in wanted}
    statement = select(step).where(one_of(step.c.run_id, runs), step.c.state == "pending").with_for_update()
    found = (await transaction.execute(statement)).all()
    return {key: row for row in found if wanted.get(key := (row.run_id, row.step_no)) == row.attempts}


async def freeze(transaction: Transaction, requests: Sequence[tuple[Row[Any], dict[str, Any]]]) -> None:
    """Store what will be sent, before it is sent for the first time."""
    asked = [{"run": each.run_id, "number": each.step_no, "asked": request} for each, request in requests]
    if asked:
        await transaction.execute(update(step).where(_this).values(request=bindparam("asked")), asked)


async def finish(transaction: Transaction, over: Sequence[tuple[Row[Any], Over, str, dict[str, Any] | None]]) -> None:
    """End (step, state, what it says, the answer)."""
    ended = [
        {"run": each.run_id, "number": each.step_no, "ended": state, "saying": says, "answer": response}
        for each, state, says, response in over
    ]
    if ended:
        values = {
            "state": bindparam("ended"),
            "says": bindparam("saying"),
            "response": bindparam("answer"),
            "finished_at": transaction.now,
        }
        await transaction.execute(update(step).where(_this).values(values), ended)


async def claim_next(transaction: Transaction, after: Sequence[Row[Any]], lease: timedelta) -> list[Row[Any]]:
    """The steps that follow these, claimed at once."""
    if not after:
        return []
    following = {"runs": [each.run_id for each in after], "numbers": [each.step_no + 1 for each in after]}
    statement = _CLAIM_NEXT.bindparams(lease=lease, **following)
    return list((await transaction.execute(statement)).all())


async def try_later(transaction: Transaction, each: Row[Any], pause: timedelta, answer: dict[str, Any]) -> None:
    values = {"due_at": func.clock_timestamp() + pause, "response": answer}
    this = (step.c.run_id == each.run_id, step.c.step_no == each.step_no)
    await transaction.execute(update(step).where(*this).values(values))


async def cancel_rest(transaction: Transaction, run_ids: Iterable[str]) -> None:
    """A failed run goes no further, unless it is replayed."""
    rest = (one_of(step.c.run_id, run_ids), step.c.state == "waiting")
    await transaction.execute(update(step).where(*rest).values(state="cancelled"))


async def of_run(transaction: Transaction, run_id: str) -> list[Row[Any]]:
    statement = select(step).where(step.c.run_id == run_id).order_by(step.c.step_no)
    return list((await transaction.execute(statement)).all())


async def reopen(transaction: Transaction, run_id: str) -> None:
    """Try the failed step again and go on after it, with the same key.

    What records refused (4xx) is worked out anew. Anything else may have taken effect, so the very same is sent.
    """
    refused = step.c.response["status"].as_integer().between(400, 499)
    of_run = step.c.run_id == run_id
    fresh = {"state": "pending", "attempts": 0, "due_at": func.clock_timestamp(), "finished_at": None}
    await transaction.execute(update(step).where(of_run, step.c.state == "failed", refused).values(request=None))
    await transaction.execute(update(step).where(of_run, step.c.state == "failed").values(fresh))
    await transaction.execute(update(step).where(of_run, step.c.state == "cancelled").values(state="waiting"))


_CLAIM_NEXT = (
    text("""
UPDATE step SET state = 'pending', attempts = 1, due_at = clock_timestamp() + :lease
FROM unnest(:runs, :numbers) AS following (run_id, step_no)
WHERE step.run_id = following.run_id AND step.step_no = following.step_no AND step.state = 'waiting'
RETURNING step.*
""")
    .bindparams(
        bindparam("lease", type_=Interval),
        bindparam("runs", type_=ARRAY(step.c.run_id.type)),
        bindparam("numbers", type_=ARRAY(step.c.step_no.type)),
    )
    .columns(*step.c)
)
_this = and_(step.c.run_id == bindparam("run"), step.c.step_no == bindparam("number"))
