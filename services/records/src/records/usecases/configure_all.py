"""A whole configuration: this service's part, then those of the services that own rules, dashboards and connections.

Each service's part is one transaction of its own. Before any of them changes something, all have said what they would
change; so one that is away, or refuses, leaves everything as it is. This service commits last. Should another fail in
between, applying the same file again goes on from there, for what was made is known by its key.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from records.domain.plan import Changed, Created, Destroyed, Kept, Plan, Skipped, differences
from records.domain.pointers import pointer
from records.domain.snapshots import project_changed
from records.gateways.peers import Peer
from records.storage import workspaces
from records.usecases.configure import Nouns, configure, read_configuration
from shared.contracts.records import ProjectChanged
from shared.database import Transaction
from shared.errors import Conflict, Invalid, Problem, Unavailable
from shared.jobs import Job, add_job

Tree = Mapping[str, Any]
Peers = Mapping[str, Peer]
Tell = Callable[[int, int], Awaitable[None]]
# Which service owns what this one does not.
OWNED = {
    "rules": "automations",
    "dashboards": "analytics",
    "queues": "calls",
    "numbers": "calls",
    "campaigns": "calls",
    "dispositions": "calls",
    "connections": "calls",
}
SETTINGS = "settings"
KIND = "configuration"


class NotAsThingsAre(Conflict):
    """The file asks for what the records there are do not allow."""


@dataclass(frozen=True)
class Wanted:
    """``request_key`` names this application, however often it is tried."""

    tree: Tree
    destroy: bool = False
    request_key: str = ""


class _Rehearsed(Exception):
    pass


async def read_all(transaction: Transaction, nouns: Nouns, peers: Peers) -> dict[str, Any]:
    """Raises `Unavailable` where a service cannot be asked."""
    workspace = await workspaces.current(transaction.connection)
    told: dict[str, Any] = {SETTINGS: {"timezone": workspace.timezone, "base_currency": workspace.base_currency}}
    told |= await read_configuration(transaction, nouns)
    held = {name: await peer.configuration() for name, peer in peers.items()}
    told |= {noun: held[name][noun] for noun, name in OWNED.items() if name in held}
    return told


async def plan_all(transaction: Transaction, nouns: Nouns, peers: Peers, wanted: Wanted) -> Plan:
    """What `apply_all` would change: it is done, told, and taken back."""
    with suppress(_Rehearsed):
        async with transaction.attempt():
            plan = await _own_part(transaction, nouns, wanted)
            await _others(transaction, peers, wanted, plan)
            raise _Rehearsed
    return plan


async def _nobody(done: int, total: int) -> None:
    """Nobody waits."""


async def apply_all(transaction: Transaction, nouns: Nouns, peers: Peers, wanted: Wanted, tell: Tell = _nobody) -> Plan:
    """``tell`` hears how many parts are done, and of how many.

    Raises `Invalid`, `NotAsThingsAre`, and `Unavailable`, which says which services have done their part.
    """
    plan = await _own_part(transaction, nouns, wanted)
    if plan.refused:
        raise NotAsThingsAre(" ".join(f"{each.item}: {each.reason}" for each in plan.refused[:5]))
    parts = await _others(transaction, peers, wanted, plan)
    done: list[str] = []
    for number, part in enumerate(parts, 1):
        await tell(number, len(parts) + 1)
        try:
            await part.apply(wanted)
        except Problem as problem:
            raise _unfinished(part.peer.name, done, problem) from problem
        done.append(part.peer.name)
    await tell(len(parts) + 1, len(parts) + 1)
    return plan


async def start(transaction: Transaction, key: str, content: bytes, asked: Tree) -> Job:
    """A job that applies the file."""
    return await add_job(transaction, KIND, {"content": content.decode(), **asked}, key=key)


@dataclass(frozen=True)
class _Part:
    """What a service owns of the file."""

    peer: Peer
    noun: str
    items: Sequence[Tree]
    projects: Sequence[ProjectChanged]

    async def apply(self, wanted: Wanted, *, dry_run: bool = False) -> Mapping[str, Any]:
        return await self.peer.configure(
            self.noun, self.items, self.projects, wanted.request_key, dry_run=dry_run, destroy=wanted.destroy
        )


async def _own_part(transaction: Transaction, nouns: Nouns, wanted: Wanted) -> Plan:
    mine = {name: part for name, part in wanted.tree.items() if name not in (*OWNED, SETTINGS)}
    plan = await configure(transaction, nouns, mine, destroy=wanted.destroy)
    await _compare_settings(transaction, wanted.tree.get(SETTINGS) or {}, plan)
    return plan


async def _compare_settings(transaction: Transaction, given: Tree, plan: Plan) -> None:
    """They are told to Trunkline when it starts, so here they can only agree."""
    if not isinstance(given, Mapping):
        raise Invalid.at(pointer(SETTINGS), "It is an object of settings.")
    workspace = await workspaces.current(transaction.connection)
    known = {"timezone": workspace.timezone, "base_currency": workspace.base_currency}
    for name, value in given.items():
        if name not in known:
            raise Invalid.at(pointer(SETTINGS, name), f"There is no setting '{name}'; there is {', '.join(known)}.")
        if value != known[name]:
            reason = f"It is '{known[name]}' here, as RECORDS_{name.upper()} said when Trunkline started."
            plan.skipped.append(Skipped(pointer(SETTINGS, name), reason))


async def _others(transaction: Transaction, peers: Peers, wanted: Wanted, plan: Plan) -> list[_Part]:
    """The parts of the other services, each of which has said what it would change."""
    workspace = await workspaces.current(transaction.connection)
    projects = [project_changed(schema) for schema in workspace.schemas.values()]
    asked = {noun: name for noun, name in OWNED.items() if noun in wanted.tree}
    held = {name: await peers[name].configuration() for name in set(asked.values()) & peers.keys()}
    parts = []
    for noun, name in asked.items():
        items = wanted.tree[noun]
        if not isinstance(items, list):
            raise Invalid.at(pointer(noun), "It is a list of objects with keys.")
        if name not in peers:
            _skip_all(plan, noun, name, len(items))
            continue
        part = _Part(peers[name], noun, items, projects)
        before = {str(each["key"]): each for each in held[name][noun]}
        _tell(plan, part, before, await part.apply(wanted, dry_run=True), destroy=wanted.destroy)
        parts.append(part)
    return parts


def _skip_all(plan: Plan, noun: str, name: str, count: int) -> None:
    reason = f"No {name} service is configured here."
    plan.skipped += [Skipped(pointer(noun, number), reason) for number in range(count)]


def _tell(plan: Plan, part: _Part, before: Mapping[str, Tree], answer: Mapping[str, Any], *, destroy: bool) -> None:
    """The other service's answer in the words of a plan."""
    given = {str(each.get("key")): each for each in part.items if isinstance(each, Mapping)}
    keys = {word: [each["key"] for each in answer[word]] for word in ("created", "changed", "destroyed")}
    plan.creates += [Created(f"{part.noun}/{key}", given[key]) for key in keys["created"]]
    for key in keys["changed"]:
        found = list(differences(before.get(key, {}), given[key]))
        plan.changes.append(Changed(f"{part.noun}/{key}", found))
    plan.destroys += [Destroyed(f"{part.noun}/{key}", before.get(key, {})) for key in keys["destroyed"]]
    plan.unchanged += len(answer["unchanged"])
    plan.skipped += [Skipped(each["pointer"], each["reason"]) for each in answer["skipped"]]
    if not destroy:
        plan.kept += [Kept(f"{part.noun}/{key}") for key in before if key not in given]


def _unfinished(name: str, done: Sequence[str], problem: Problem) -> Unavailable:
    if done:
        told = f"{', '.join(done)} did their part already; {name} failed, and records is as it was"
        return Unavailable(f"{told}: {problem.detail} Apply the same file again.")
    return Unavailable(f"Nothing was changed: {problem.detail}")
