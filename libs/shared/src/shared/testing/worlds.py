"""Random worlds for the tests of expressions: a schema, records, and filters and formulas that fit them.

Everything comes from one `random.Random`, so a seed names a world. Values are drawn from small pools of troublesome
ones, so that comparisons often meet their equals.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from shared.errors import Invalid
from shared.expressions import Field, Kind, Project, Schema, check_project
from shared.expressions.computing import TAKES
from shared.expressions.definitions import (
    Conversion,
    Definition,
    Duration,
    Event,
    ReferencedBy,
    RollupOf,
    TimeInList,
)
from shared.expressions.rates import Rates
from shared.testing.languages import (
    EMPTY,
    LISTS,
    MAYBE_TIMES,
    MOMENTS,
    OPTIONS,
    POOLS,
    SCALARS,
    TEXTS,
    TIMES,
    Conditions,
    Formulas,
)

STAYS = ("2026-01-01T08:00:00Z", "2026-02-03T10:20:30.500000Z", "2026-03-28T23:00:00Z", "2026-03-30T09:59:59.999000Z")
RATES = [("1900-01-01", "0.5"), ("2024-02-29", "0.9"), ("2026-03-29", "1.3333333333"), ("2026-03-30", "0.0000000007")]


@dataclass(frozen=True)
class World:
    schema: Schema
    records: dict[str, dict[str, Any]]
    deleted: frozenset[str]
    rates: tuple[tuple[str, str, str, Decimal], ...] = ()

    @property
    def known_rates(self) -> Rates:
        return Rates.of(self.rates)

    def conditions(self, random: Random, project: str) -> Conditions:
        return Conditions(random, self.schema, sorted(self.records), project)

    def of(self, project: str) -> list[dict[str, Any]]:
        """The living records of a project."""
        return [
            record
            for record in self.records.values()
            if record["project_key"] == project and self.resolve(record["id"])
        ]

    def resolve(self, record: str) -> dict[str, Any] | None:
        return None if record in self.deleted else self.records.get(record)

    def linking(self, project: str, field: str, record: str) -> list[dict[str, Any]]:
        return [source for source in self.of(project) if record in source["links"].get(field, ())]

    def referencing(self, project: str, field: str, record: str) -> bool:
        return bool(self.linking(project, field, record))


def random_world(random: Random, size: int) -> World:
    """Customers, deals that reference one of them and several parts, and parts; ``size`` deals."""
    projects = {key: _project(key, random) for key in ("customers", "deals", "parts")}
    schema = Schema(projects, timezone=random.choice(["Europe/Amsterdam", "America/New_York", "UTC"]))
    for key in ("parts", "deals", "customers", "deals"):
        schema = _with_definitions(schema, key, random)
        schema = _with_formulas(schema, key, random)
    ids = {key: [_id(random) for _ in range(size if key == "deals" else size // 3)] for key in projects}
    records = {id_: _record(id_, key, schema, ids, random) for key in projects for id_ in ids[key]}
    return World(schema, records, frozenset(random.sample(sorted(records), size // 8)), _rates(random))


def _rates(random: Random) -> tuple[tuple[str, str, str, Decimal], ...]:
    """Of one pair straight on, of another the inverse only, of a third none."""
    pairs = [("USD", "EUR"), ("EUR", "USD"), ("EUR", "GBP")]
    return tuple(
        (day, source, target, Decimal(rate)) for source, target in pairs for day, rate in random.sample(RATES, 2)
    )


def _id(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _project(key: str, random: Random) -> Project:
    kinds = [*SCALARS, *(kind for kind in Kind if kind not in (*SCALARS, Kind.LINK)), *random.choices(SCALARS, k=3)]
    fields = [Field(f"{kind}_{number}", kind) for number, kind in enumerate(kinds)]
    links = {
        "customers": [Field("boss", Kind.LINK, "customers"), Field("rivals", Kind.LINK, "customers", multiple=True)],
        "deals": [Field("customer", Kind.LINK, "customers"), Field("parts", Kind.LINK, "parts", multiple=True)],
        "parts": [Field("maker", Kind.LINK, "customers")],
    }[key]
    lookups = [Field(f"lookup_{number}", None, path=path) for number, path in enumerate(_paths(key, random))]
    return Project(key, _id(random), (*fields, *links, *lookups), LISTS)


def _paths(key: str, random: Random) -> list[tuple[str, ...]]:
    if key != "deals":
        return []
    ends = ["title", "list", "done", "created_at", "text_0", "number_1", "money_2", "options_7", "boss"]
    starts = [("customer",), ("customer", "boss"), ("customer", "rivals"), ("parts", "maker")]
    return [(*random.choice(starts), random.choice(ends)) for _ in range(6)]


def _with_definitions(schema: Schema, key: str, random: Random) -> Schema:
    ways = {"deals": ["customer", "parts"], "parts": ["maker"], "customers": ["deals", "made", "rivals"]}[key]
    definitions: dict[str, Definition] = {
        "stay": TimeInList(random.choice(["new", "sent", "gone"])),
        "last_stay": TimeInList(),
        "cycle": Duration(_event(random), _event(random)),
        "converted": Conversion("money_2", random.choice(["EUR", "USD", "GBP"]), random.choice(AT)),
    }
    if key == "customers":
        definitions |= {"deals": ReferencedBy("deals", "customer"), "made": ReferencedBy("parts", "maker")}
    for name, definition in definitions.items():
        schema = _with_field(schema, key, Field(name, None, definition=definition))
    for number in range(4):
        rollup = _rollup(schema, random.choice(ways), random)
        schema = _with_field(schema, key, Field(f"rollup_{number}", None, definition=rollup))
    return schema


AT = ["current", "created", "date_4", "datetime_5", "2025-01-01"]
EVENTS = ["record.created", "record.completed", "record.due", "activity.last", "field"]
EVENTS += ["record.list_entered", "record.list_left"] * 3


def _event(random: Random) -> Event:
    return Event(random.choice(EVENTS), random.choice(["new", "won"]), "datetime_5", random.choice(["first", "last"]))


def _rollup(schema: Schema, via: str, random: Random) -> RollupOf:
    behind = {"customer": "customers", "rivals": "customers", "maker": "customers", "deals": "deals"}.get(via, "parts")
    function = random.choice(list(TAKES))
    kinds = [kind for kind in TAKES[function] if kind in SCALARS] or [Kind.NUMBER]
    names = Formulas(random, schema, behind).operands[random.choice(kinds)]
    conditions = Conditions(random, schema, [str(uuid.UUID(int=7, version=4))], behind)
    filter_ = random.choice([None, {"list": ["new", "won"]}, conditions.write(1)])
    return RollupOf(via, function, random.choice(names), filter_)


def _with_formulas(schema: Schema, key: str, random: Random) -> Schema:
    """Three formulas more in a project; a later one may use an earlier one."""
    for _ in range(3):
        text = Formulas(random, schema, key).write(random.choice(SCALARS), 3)
        name = f"formula_{len(schema.project(key).fields)}"
        schema = _with_field(schema, key, Field(name, None, formula=text))
    return schema


def _with_field(schema: Schema, key: str, field: Field) -> Schema:
    """The schema with the field, unless that is not allowed or there."""
    project = schema.project(key)
    others = tuple(each for each in project.fields if each.key != field.key)
    with_it = Project(key, project.id, (*others, field), LISTS)
    widened = Schema({**schema.projects, key: with_it}, schema.base_currency, schema.timezone)
    with suppress(Invalid):  # too large, with the formulas it uses, or made of itself
        for each in schema.projects:
            check_project(each, widened)
        return widened
    return schema


def _record(id_: str, key: str, schema: Schema, ids: dict[str, list[str]], random: Random) -> dict[str, Any]:
    project = schema.project(key)
    stage = random.choice(LISTS)
    values: dict[str, Any] = {}
    links: dict[str, list[str]] = {}
    for field in project.fields:
        if random.random() < EMPTY:
            continue
        if field.kind is Kind.LINK and field.target:
            links[field.key] = random.sample(ids[field.target], random.randint(1, 3) if field.multiple else 1)
        elif field.kind is Kind.OPTIONS:
            values[field.key] = random.sample(OPTIONS, random.randint(1, 3))
        elif field.kind is Kind.FILE:
            values[field.key] = [{"id": "1", "name": "offer.pdf"}]
        elif field.kind is not None:
            values[field.key] = random.choice(POOLS[field.kind])
    return {
        "id": id_,
        "project": project.id,
        "project_key": key,
        "list": stage.key,
        "list_category": stage.category,
        "title": random.choice(TEXTS),
        "values": values,
        "links": links,
        "tags": random.sample(OPTIONS, random.randint(0, 2)),
        "assignees": random.sample(OPTIONS, random.randint(0, 2)),
        "color": random.choice([None, "a", "b"]),
        "probability": random.choice([None, "0", "12.5", "100"]),
        "outcome": random.choice([None, {"state": "won"}, {"state": "stalled", "reason": "a"}]),
        **{name: random.choice(MOMENTS) for name in TIMES},
        **{name: random.choice([None, *MOMENTS]) for name in MAYBE_TIMES},
        "version": 1,
        "stage_history": _stages(random),
    }


def _stages(random: Random) -> list[dict[str, Any]]:
    """Stays one after the other, the last of which may last; one list has been removed since."""
    moments = sorted(random.sample(STAYS, random.randint(0, len(STAYS))))
    ends = [*moments[1:], random.choice([None, "2026-03-30T10:00:00Z"])][: len(moments)]
    return [
        {"list": random.choice(["new", "sent", "won", "gone"]), "entered_at": start, "left_at": end}
        for start, end in zip(moments, ends, strict=True)
    ]
