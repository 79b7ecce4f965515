"""Forgetting a person in all four services, with one receipt, and handing over what is known of them."""

import io
from collections.abc import Mapping
from typing import Any

import orjson

from records.gateways.blobs import Blobs
from records.gateways.peers import Peer
from records.storage import exports, persons, workspaces
from records.usecases.forget_records import anonymise, blank, delete_for_ever
from shared.jobs import RunningJob
from shared.privacy import Part, Person, PersonIn, forget_person, mark_of
from shared.privacy.part import look
from shared.privacy.tombstones import bury

PART = Part(
    "RECORDS",
    kept={
        "postgresql:activity": "That a call was made stays on records of others, with the mark in the number's place.",
        "postgresql:tombstone": "A keyed hash of numbers and addresses, so that no file or sync brings them back.",
    },
)
ERASURE = "person_erasure"


async def run_erasure(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``person_erasure``. Every step may be done again; records comes last, with the job itself."""
    if "receipt" not in running.position:
        if "who" not in running.position:
            await _identify(running)
        if running.input["dry_run"]:
            return await _dry_run(running)
        await _forget_own(running)
        for peer in _peers(running):
            await _forget_theirs(running, peer)
    who = PersonIn.model_validate(running.position["who"])
    mark = mark_of(running.job.id)
    own = await forget_person(running, who.person(), mark, PART)
    return {
        "dry_run": False,
        "mark": mark,
        "records": _records(running.position),
        "services": {**running.position["services"], "records": own},
    }


async def run_person_export(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``person_export``: a file of JSON, and how many rows of which store are in it."""
    services: dict[str, Any] = {}
    async with running.step(done=0) as transaction:
        given = _given(running)
        services["records"] = (await look(transaction, given.person())).model_dump()
    for peer in _peers(running):
        services[peer.name] = await peer.found(given.model_dump())
    told = {name: part["rows"] for name, part in services.items()}
    async with running.step(done=1, total=1) as transaction:
        content = {"asked_for": given.model_dump(exclude_defaults=True), "at": transaction.now, "services": told}
        file = io.BytesIO(orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2))
        await exports.keep(transaction.connection, running.job.id, file)
    return {"services": {name: {"found": part["found"]} for name, part in services.items()}}


def _given(running: RunningJob) -> PersonIn:
    given = running.input
    return PersonIn(
        numbers=[given["phone"]] if given.get("phone") else [], emails=[given["email"]] if given.get("email") else []
    )


def _who(running: RunningJob) -> Person:
    return PersonIn.model_validate(running.position["who"]).person()


def _records(position: Mapping[str, Any]) -> dict[str, list[str]]:
    """What became of which; older jobs know of no anonymising."""
    done = {name: position.get(name, []) for name in ("deleted", "blanked", "anonymised")}
    return {name: ids for name, ids in done.items() if ids or name != "anonymised"}


def _asked_for(running: RunningJob) -> bool:
    """By the person. Whose time was over may come back like anybody else."""
    return "ids" not in running.input


def _peers(running: RunningJob) -> list[Peer]:
    return list(running.parts.state.get("peers", {}).values())


async def _identify(running: RunningJob) -> None:
    """Who it is: what was given, the records that are theirs, and what else those say of nobody else."""
    asked = _given(running)
    async with running.step(done=0) as transaction:
        given = running.input.get("ids", ())
        held = {*given, *await persons.held_by(transaction.connection, asked.person())}
        what = running.input["records"]
        more = await persons.also_theirs(transaction.connection, held) if what != "blank" else Person()
        who = PersonIn(
            numbers=sorted({*asked.numbers, *more.numbers}),
            emails=sorted({*asked.emails, *more.emails}, key=str.lower),
            records=sorted(held) if what == "delete" else [],
        )
        done = {"delete": "deleted", "blank": "blanked", "anonymise": "anonymised"}
        position: dict[str, Any] = {"who": who.model_dump(), "services": {}, **{name: [] for name in done.values()}}
        position[done[what]] = sorted(held)
        await running.checkpoint(transaction, position, done=0)
    running.position = position


async def _dry_run(running: RunningJob) -> dict[str, Any]:
    who = PersonIn.model_validate(running.position["who"])
    async with running.step(done=1) as transaction:
        found = {"records": (await look(transaction, who.person())).found}
    for peer in _peers(running):
        found[peer.name] = (await peer.found(who.model_dump()))["found"]
    position = running.position
    return {
        "dry_run": True,
        "records": _records(position),
        "services": {name: {"stores": stores} for name, stores in found.items()},
    }


async def _forget_own(running: RunningJob) -> None:
    asked = _given(running).person()
    digests: list[str] = []
    async with running.step() as transaction:
        if _asked_for(running):
            await bury(transaction.connection, _who(running), mark_of(running.job.id))
        workspace = await workspaces.current(transaction.connection)
        if theirs := running.position["deleted"]:
            digests = await delete_for_ever(transaction, workspace, theirs)
        if running.position["blanked"]:
            await blank(transaction, workspace, await persons.held_by(transaction.connection, asked))
        if over := running.position.get("anonymised"):
            digests = await anonymise(transaction, workspace, over)
        await persons.forget_spreadsheets(transaction.connection)
    blobs: Blobs | None = running.parts.state.get("blobs")
    for digest in digests if blobs else ():
        await blobs.delete(digest)  # type: ignore[union-attr]  # there is one where there are digests


async def _forget_theirs(running: RunningJob, peer: Peer) -> None:
    if peer.name in running.position["services"]:
        return
    key = f"{running.job.id}:{peer.name}"
    who = running.position["who"] | {"remember": _asked_for(running)}
    receipt = await peer.erase(who, mark_of(running.job.id), key)
    services = {**running.position["services"], peer.name: receipt}
    async with running.step({**running.position, "services": services}, done=len(services)):
        pass
