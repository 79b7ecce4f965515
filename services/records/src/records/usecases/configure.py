"""Making a workspace as a configuration says, or finding out what that would change.

Everything is done thing by thing with the use cases that people's requests go through, in one transaction; what it
changed is told by comparing what was with what then is. So a plan is an application that is taken back, and never says
anything else than what would happen. What needs another thing waits until that is there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from records.domain.plan import PROJECTS, Changed, Created, Destroyed, Kept, Plan, Refused, differences, items_of
from records.domain.pointers import pointer, under
from records.domain.schema import Schema
from records.storage import touched, workspaces
from records.usecases.change_project import delete_project
from shared.database import Transaction
from shared.errors import Conflict, FieldError, Invalid, NotFound

Tree = Mapping[str, Any]


async def _none(*_: object) -> int:
    return 0


@dataclass(frozen=True)
class Noun:
    """A kind of thing that a configuration lists, of a project or (``schema`` and ``project`` None) of the workspace.

    ``read(transaction, schema)`` gives them as a file would say them, what is usual left out. ``put(transaction,
    project, thing)`` makes one, or makes it as the file says: what is left out becomes as usual.
    ``remove(transaction, project, key)`` takes it away, ``records(transaction, schema, key)`` counts what it touches,
    ``sort(transaction, project, keys)`` brings them into an order, where they have one; others follow.
    """

    name: str
    rank: int
    read: Callable[[Transaction, Any], Awaitable[list[dict[str, Any]]]]
    put: Callable[[Transaction, Any, Tree], Awaitable[None]]
    remove: Callable[[Transaction, Any, str], Awaitable[None]]
    records: Callable[[Transaction, Schema, str], Awaitable[int]] = _none
    sort: Callable[[Transaction, str, list[str]], Awaitable[None]] | None = None
    is_in_project: bool = True


@dataclass(frozen=True)
class Nouns:
    """``read_project`` and ``put_projects`` are of projects themselves, with their lists, fields and tags."""

    parts: Sequence[Noun]
    read_project: Callable[[Transaction, Schema], Awaitable[dict[str, Any]]]
    create_projects: Callable[[Transaction, Sequence[tuple[str, Tree]]], Awaitable[None]]
    change_project: Callable[[Transaction, str, Tree], Awaitable[None]]
    of_creation: frozenset[str]

    @property
    def in_projects(self) -> tuple[Noun, ...]:
        return tuple(each for each in self.parts if each.is_in_project)

    @property
    def of_workspace(self) -> tuple[Noun, ...]:
        return tuple(each for each in self.parts if not each.is_in_project)


@dataclass(frozen=True)
class _Step:
    """Something to be done for the part of the file at ``place``."""

    item: str
    place: str
    do: Callable[[], Awaitable[None]]


async def read_configuration(transaction: Transaction, nouns: Nouns) -> dict[str, Any]:
    """What is, as a file would say it. Applying it changes nothing."""
    workspace = await workspaces.current(transaction.connection)
    told: dict[str, Any] = {noun.name: await noun.read(transaction, None) for noun in nouns.of_workspace}
    told[PROJECTS] = []
    for schema in workspace.schemas.values():
        parts = {noun.name: await noun.read(transaction, schema) for noun in nouns.in_projects}
        told[PROJECTS].append(await nouns.read_project(transaction, schema) | parts)
    return told


async def configure(transaction: Transaction, nouns: Nouns, wanted: Tree, *, destroy: bool) -> Plan:
    """Make it so. A noun that ``wanted`` does not name is not touched; of one that it names it is the whole truth.

    What it does not name is destroyed where asked, else kept. Raises `Invalid` with every mistake and its place; what
    cannot be as things are (records stand in a list that should go) is refused in the plan.
    """
    before = await read_configuration(transaction, nouns)
    work = _Work(transaction, nouns, before, wanted, Plan())
    steps = [each async for each in work.steps(destroy=destroy)]
    errors = list[FieldError]()
    for step, problem in await _perform(transaction, steps):
        if isinstance(problem, Invalid):
            errors += under(step.place, problem)
        else:
            work.plan.refused.append(Refused(step.item, problem.detail))
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    await work.sort()
    await work.compare(await read_configuration(transaction, nouns))
    return work.plan


async def _perform(
    transaction: Transaction, steps: Sequence[_Step]
) -> list[tuple[_Step, Invalid | Conflict | NotFound]]:
    """Do what can be done, again and again until nothing more can; what is left, with why."""
    while steps:
        failed: list[tuple[_Step, Invalid | Conflict | NotFound]] = []
        for step in steps:
            try:
                async with transaction.attempt():
                    await step.do()
            except (Invalid, Conflict, NotFound) as problem:
                failed.append((step, problem))
        if len(failed) == len(steps):
            return failed
        steps = [step for step, _ in failed]
    return []


@dataclass
class _Work:
    transaction: Transaction
    nouns: Nouns
    before: Tree
    wanted: Tree
    plan: Plan

    async def steps(self, *, destroy: bool) -> AsyncIterator[_Step]:
        """Makings first, then takings away; each is tried until it can be done."""
        known = {PROJECTS, *(noun.name for noun in self.nouns.of_workspace)}
        for name in self.wanted:
            if name not in known:
                offer = ", ".join(sorted(known))
                raise Invalid.at(pointer(name), f"There is nothing called '{name}' to configure; there is {offer}.")
        for noun in self.nouns.of_workspace:
            if noun.name in self.wanted:
                async for step in self._noun(noun, None, self.wanted, self.before, "", destroy=destroy):
                    yield step
        if PROJECTS in self.wanted:
            async for step in self._projects(destroy=destroy):
                yield step

    async def _projects(self, *, destroy: bool) -> AsyncIterator[_Step]:
        there = {each["key"]: each for each in self.before[PROJECTS]}
        given = _things(self.wanted[PROJECTS], pointer(PROJECTS))
        new = [(place, each) for place, each in given if each["key"] not in there]
        if new:
            yield _Step(PROJECTS, "", lambda: self.nouns.create_projects(self.transaction, self._bare(new)))
        for place, each in given:
            async for step in self._project(each, there.get(each["key"]), place, destroy=destroy):
                yield step
        for key in there.keys() - {each["key"] for _, each in given}:
            if self._removal(f"{PROJECTS}/{key}", await self._records_of(key), destroy=destroy):
                yield _Step(f"{PROJECTS}/{key}", pointer(PROJECTS), _later(delete_project, self.transaction, key, None))

    async def _project(self, given: Tree, present: Tree | None, place: str, *, destroy: bool) -> AsyncIterator[_Step]:
        key, inner = given["key"], {noun.name for noun in self.nouns.in_projects}
        own = {name: part for name, part in given.items() if name not in inner}
        if present and any(own.get(name) != present.get(name) for name in {*own, *present} - inner):
            yield _Step(f"{PROJECTS}/{key}", place, _later(self.nouns.change_project, self.transaction, key, own))
        for noun in self.nouns.in_projects:
            created = present is None and noun.name in self.nouns.of_creation
            if noun.name in given and not created:
                async for step in self._noun(noun, key, given, present or {}, place, destroy=destroy):
                    yield step

    async def _noun(
        self, noun: Noun, project: str | None, given: Tree, present: Tree, place: str, *, destroy: bool
    ) -> AsyncIterator[_Step]:
        path = f"{PROJECTS}/{project}/{noun.name}" if project else noun.name
        there = {each["key"]: each for each in present.get(noun.name, ())}
        things = _things(given[noun.name], place + pointer(noun.name))
        for where, each in things:
            if there.get(each["key"]) != each:
                do = _later(noun.put, self.transaction, project, each)
                yield _Step(f"{path}/{each['key']}", where, do)
        named = [each["key"] for _, each in things]
        left = [key for key in there if key not in named]
        for key in left:
            count = await self._touched(noun, project, key)
            if self._removal(f"{path}/{key}", count, destroy=destroy):
                yield _Step(f"{path}/{key}", place, _later(noun.remove, self.transaction, project, key))
        if noun.sort and project and named != list(there):
            self._sorts.append(_later(noun.sort, self.transaction, project, named))

    def _removal(self, item: str, records: int, *, destroy: bool) -> bool:
        """Whether it is to go; else it is kept, and told."""
        if destroy:
            self._counted[item] = records
        else:
            self.plan.kept.append(Kept(item, records))
        return destroy

    def __post_init__(self) -> None:
        self._counted: dict[str, int] = {}
        self._sorts: list[Callable[[], Awaitable[None]]] = []

    async def sort(self) -> None:
        """When all things are there."""
        for each in self._sorts:
            await each()

    def _bare(self, new: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
        """The projects with what they are made with; all else follows."""
        later = {noun.name for noun in self.nouns.in_projects} - self.nouns.of_creation
        return [(place, {name: part for name, part in each.items() if name not in later}) for place, each in new]

    async def _touched(self, noun: Noun, project: str | None, key: str) -> int:
        if project is None:
            return 0
        workspace = await workspaces.current(self.transaction.connection)
        return (
            await noun.records(self.transaction, workspace.schema(project), key) if workspace.by_key.get(project) else 0
        )

    async def _records_of(self, project: str) -> int:
        schema = (await workspaces.current(self.transaction.connection)).schema(project)
        return await touched.by_project(self.transaction.connection, schema.project.id)

    async def compare(self, after: Tree) -> None:
        """Put what became of it into the plan."""
        inner = [noun.name for noun in self.nouns.in_projects]
        then, now = items_of(self.before, inner), items_of(after, inner)
        self.plan.creates += [Created(item, now[item]) for item in now if item not in then]
        for item, there in then.items():
            if item not in now:
                self.plan.destroys.append(Destroyed(item, there, self._counted.get(item, 0)))
            elif found := list(differences(there, now[item])):
                self.plan.changes.append(Changed(item, found, await self._count(item)))
            else:
                self.plan.unchanged += 1

    async def _count(self, item: str) -> int:
        match item.split("/"):
            case [_, project]:
                return 0
            case [_, project, name, key]:
                noun = next(each for each in self.nouns.in_projects if each.name == name)
                return await self._touched(noun, project, key)
        return 0


def _later(do: Callable[..., Awaitable[Any]], *arguments: Any) -> Callable[[], Awaitable[None]]:
    async def done() -> None:
        await do(*arguments)

    return done


def _things(given: Any, place: str) -> list[tuple[str, Tree]]:
    """The things of a list with their places. Raises `Invalid` where one has no key, or that of another."""
    if not isinstance(given, list):
        raise Invalid.at(place, "It is a list of objects with keys.")
    errors = list(_unkeyed(given, place))
    if errors:
        raise Invalid(errors[0].detail, errors)
    return [(place + pointer(number), each) for number, each in enumerate(given)]


def _unkeyed(given: Sequence[Any], place: str) -> Iterator[FieldError]:
    seen = set[str]()
    for number, each in enumerate(given):
        where = place + pointer(number)
        if not isinstance(each, Mapping) or not isinstance(each.get("key"), str):
            yield FieldError(where, "It is an object with a 'key'.")
        elif each["key"] in seen:
            yield FieldError(where + "/key", f"'{each['key']}' comes twice.")
        else:
            seen.add(each["key"])
