"""What automations says is what its contracts say, and it understands every example of what it listens to."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import shared.contracts
from automations.consumers.records import FACTS
from automations.storage import projects, users
from shared.contracts import Envelope, event_types
from shared.contracts.records import ProjectChanged, RecordCreated, RecordSnapshot, UserChanged

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
TYPES = event_types()


def example(name: str) -> Envelope:
    return Envelope.model_validate(json.loads((EXAMPLES / f"{name}.json").read_text()))


@pytest.mark.parametrize("name", [each.type for each in FACTS])
async def test_an_event_about_a_record_is_followed(world: Any, name: str) -> None:
    envelope = example(name)
    event: Any = TYPES[name].model_validate(envelope.data)
    await world.rule(trigger={"type": "record.created"}, project=None)
    await world.rule(trigger={"type": "record.moved"}, project=None)
    await world.rule(trigger={"type": "call.ended"}, project=None, settings={"run_on_history": True})
    await world.rule(trigger={"type": "record.inactive", "for": "P7D"}, project=None)
    await world.tell(event, envelope.id)
    (kept,) = await world.rows("SELECT id, data FROM event")
    assert TYPES[name].model_validate(kept.data) == event
    assert {each.event_id for each in await world.runs()} <= {envelope.id}


async def test_projects_and_users_are_replicated(world: Any) -> None:
    project = ProjectChanged.model_validate(example(ProjectChanged.type).data)
    person = UserChanged.model_validate(example(UserChanged.type).data)
    older = person.model_copy(update={"version": person.version - 1, "name": "Before"})
    async with world.database.transaction() as transaction:
        await projects.keep(transaction, project)
        for each in (person, older):
            await users.keep(transaction, each)
        assert (await projects.names(transaction))[project.key] == project.id
        assert person.name in {each.name for each in await users.everybody(transaction)}


async def test_what_is_told_fits_its_contract(
    world: Any, record: Callable[..., RecordSnapshot], monday: datetime
) -> None:
    await world.rule(trigger={"type": "record.inactive", "for": "P7D"})
    await world.tell(RecordCreated(record=record()))
    await world.go_to(monday + timedelta(days=8))
    await world.fire()
    await world.work()
    told = [json.loads(each.envelope) for each in await world.rows("SELECT envelope FROM outbox ORDER BY position")]
    assert [each["type"] for each in told] == ["automations.timer.fired.v1", "automations.run.finished.v1"]
    for each in told:
        like = example(each["type"])
        assert set(each["data"]) <= set(like.data)
        assert TYPES[each["type"]].model_validate(each["data"]).aggregate == each["subject"]
