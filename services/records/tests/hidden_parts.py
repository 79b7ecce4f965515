"""A sales workspace with random roles, and records that differ between two worlds in what those hide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from services.records.tests.twins import Either, Twins

WORDS = ("alder", "birch", "cedar", "dogwood", "elm", "fir")
NUMBERS = tuple(f"+3120123456{digit}" for digit in range(8))
LISTS: Mapping[str, tuple[str, ...]] = {
    "deals": ("d_new", "d_talk", "d_dark", "d_won", "d_lost"),
    "customers": ("c_all", "c_dark"),
}
CATEGORIES = {"d_new": "open", "d_talk": "open", "d_dark": "open", "d_won": "won", "d_lost": "lost"}
TAGS = ("t_hot", "t_cold", "t_dark")
REQUIRED = {"d_won": ["d_code"], "d_talk": ["d_cost"]}


def _field(key: str, type_: str, **config: Any) -> dict[str, Any]:
    known = {name: config.pop(name) for name in ("unique", "required") if name in config}
    return {"key": key, "name": f"Name of {key}", "type": type_, "config": config, **known}


def _options(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "name": key.title()} for key in keys]


CUSTOMERS = (
    _field("c_email", "email", unique="warn"),
    _field("c_phone", "phone"),
    _field("c_note", "text"),
    _field("c_score", "number"),
    _field("c_kind", "select", options=_options("it", "food")),
    _field("c_double", "formula", expression="{c_score} * 2"),
)
DEALS = (
    _field("d_amount", "currency", per_record_currency=True),
    _field("d_cost", "currency"),
    _field("d_code", "text"),
    _field("d_close", "date"),
    _field("d_phone", "phone"),
    _field("d_customer", "reference", project="customers"),
    _field("d_parts", "reference", project="deals", multiple=True),
    _field("d_owner", "user"),
    _field("d_number", "unique_id", prefix="D-"),
    _field("d_kind", "select", options=_options("small", "large")),
    _field("d_margin", "formula", expression="{d_amount} - {d_cost}"),
    _field("d_words", "formula", expression='CONCAT({d_code}, "/", {d_owner})'),
    _field("d_their_note", "lookup", path=["d_customer", "c_note"]),
    _field("d_their_title", "lookup", path=["d_customer", "title"]),
    _field("d_their_score", "lookup", path=["d_customer", "c_double"]),
    _field("d_stay", "time_in_list", list="d_new"),
)
BACK = (
    _field("c_deals", "referenced_by", project="deals", field="d_customer"),
    _field("c_sum", "rollup", via="c_deals", fn="sum", field="d_amount"),
    _field("c_count", "rollup", via="c_deals", fn="count"),
    _field("c_costs", "rollup", via="c_deals", fn="max", field="d_cost"),
    _field("c_won", "rollup", via="c_deals", fn="join", field="title", filter={"list": ["d_won"]}),
)
KEYS: Mapping[str, tuple[str, ...]] = {
    "deals": tuple(each["key"] for each in DEALS),
    "customers": tuple(each["key"] for each in (*CUSTOMERS, *BACK)),
}
STORED: Mapping[str, tuple[dict[str, Any], ...]] = {"customers": CUSTOMERS, "deals": DEALS}
COMPUTED = frozenset({"formula", "lookup", "rollup", "referenced_by", "time_in_list", "unique_id"})


@dataclass(frozen=True)
class Role:
    """The oracle: what a role hides, told once more in the test's own words."""

    given: Mapping[str, Any]

    def shows_field(self, key: str) -> bool:
        named = self.given["field_permissions"]
        return bool(named.get(key, self.given["default_field_permission"]) != "none")

    def shows_record(self, each: "Made") -> bool:
        named = self.given["list_permissions"]
        shown = named.get(each.list, self.given["default_list_permission"]) != "none"
        mine = self.given["record_scope"] == "all" or "<me>" in each.assignees
        allowed, denied = set(self.given["allowed_tags"]), set(self.given["denied_tags"])
        return shown and mine and not denied & set(each.tags) and (not allowed or bool(allowed & set(each.tags)))

    def hidden_words(self, project: str) -> set[str]:
        """Keys that nobody with the role should ever read."""
        named, usual = self.given["list_permissions"], self.given["default_list_permission"]
        lists = {key for key in LISTS[project] if named.get(key, usual) == "none"}
        return lists | {key for key in KEYS[project] if not self.shows_field(key)}


@dataclass
class Made:
    """A record of the plan."""

    name: str
    project: str
    list: str
    tags: Sequence[str]
    assignees: Sequence[str]
    body: dict[str, Any] = field(default_factory=dict)
    shown: bool = True


@dataclass
class Plan:
    """Roles by project (None: the person has none there, though others have) and the records."""

    random: Random
    roles: dict[str, Role | None] = field(default_factory=dict)
    records: list[Made] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.records]

    @property
    def referred(self) -> set[str]:
        """The paths of records that something hidden may refer to: these stay in their project, seen or not."""
        hidden = [
            target
            for each in self.records
            for value in each.body["values"].values()
            if isinstance(value, Either)
            for found in value.values
            for target in (found if isinstance(found, list) else [found])
        ]
        return {f"/v1/records/{each}" for each in hidden if isinstance(each, str)}

    @property
    def hidden_words(self) -> set[str]:
        found: set[str] = set()
        for project, role in self.roles.items():
            found |= role.hidden_words(project) if role else {*KEYS[project], *LISTS[project]}
        return found

    def shows_field(self, project: str, key: str) -> bool:
        role = self.roles.get(project)
        return project not in self.roles or (role is not None and role.shows_field(key))

    def shows_record(self, each: Made) -> bool:
        role = self.roles.get(each.project)
        return each.project not in self.roles or (role is not None and role.shows_record(each))


def plan(seed: int) -> Plan:
    random = Random(seed)
    made = Plan(random)
    made.roles["deals"] = _role(random, "deals")
    if random.random() < 0.8:
        made.roles["customers"] = _role(random, "customers") if random.random() < 0.8 else None
    for project, many in (("customers", 5), ("deals", 9)):
        for number in range(many):
            made.records.append(_record(made, project, number))
    return made


def _role(random: Random, project: str) -> Role:
    levels = {key: random.choice(("none", "none", "view", "edit")) for key in KEYS[project] if random.random() < 0.5}
    lists = {key: random.choice(("none", "view", "edit", "delete")) for key in LISTS[project] if random.random() < 0.3}
    lists = {key: "none" if key.endswith("dark") else level for key, level in lists.items()}
    flags = ("create_records", "complete_records", "bulk_update", "import", "export", "manage_automations")
    return Role(
        {
            "permissions": {flag: random.random() < 0.8 for flag in flags} | {"delete_records": "all"},
            "record_scope": random.choice(("all", "all", "assigned_only")),
            "default_field_permission": random.choice(("edit", "edit", "view", "none")),
            "field_permissions": levels,
            "default_list_permission": "delete",
            "list_permissions": lists,
            "allowed_tags": ["t_hot", "t_cold"] if random.random() < 0.15 else [],
            "denied_tags": ["t_dark"] if random.random() < 0.4 else [],
        }
    )


def _record(made: Plan, project: str, number: int) -> Made:
    random = made.random
    list_ = random.choice([key for key in LISTS[project] if key not in REQUIRED])
    tags = [tag for tag in TAGS if random.random() < 0.3]
    each = Made(
        f"{project[:-1]}{number}",
        project,
        list_,
        tags,
        [] if random.random() < 0.4 else [random.choice(("<me>", "<you>"))],
    )
    each.shown = made.shows_record(each)
    each.body = {"list": list_, "tags": tags, "assignees": each.assignees, "values": _values(made, each)}
    for part, value in (("title", _title), ("description", _text), ("due_at", _due)):
        each.body[part] = value(random) if each.shown else Either((value(random), value(random)))
    return each


def _values(made: Plan, each: Made) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for known in STORED[each.project]:
        if known["type"] in COMPUTED:
            continue
        if each.shown and made.shows_field(each.project, known["key"]):
            values[known["key"]] = some_value(made, known) if made.random.random() < 0.8 else None
        else:
            both = [some_value(made, known) if made.random.random() < 0.8 else None for _ in range(2)]
            values[known["key"]] = Either((both[0], both[1]))
    return values


def some_value(made: Plan, known: Mapping[str, Any]) -> Any:
    """A value that such a field may have."""
    random, config = made.random, known["config"]
    match known["type"]:
        case "email":
            return f"{random.choice(WORDS)}@example.com"
        case "phone":
            return random.choice(NUMBERS)
        case "number":
            return str(random.randrange(5))
        case "currency":
            currency = random.choice(("EUR", "USD")) if config.get("per_record_currency") else "EUR"
            return {"amount": f"{random.randrange(6) * 100}.00", "currency": currency}
        case "date":
            return f"2026-0{random.randrange(1, 6)}-10"
    return _some_word(made, known)


def _some_word(made: Plan, known: Mapping[str, Any]) -> Any:
    match known["type"]:
        case "select":
            return made.random.choice(known["config"]["options"])["key"]
        case "user":
            return made.random.choice(("<me>", "<you>"))
        case "reference":
            there = [f"<{each.name}>" for each in made.records if each.project == known["config"]["project"]]
            one = made.random.choice(there) if there else None
            return [one] if one and known["config"].get("multiple") else one
    return made.random.choice(WORDS)


def _title(random: Random) -> str:
    return f"{random.choice(WORDS)} {random.choice(WORDS)}"


def _text(random: Random) -> str:
    return f"About {random.choice(WORDS)}"


def _due(random: Random) -> str:
    return f"2026-04-0{random.randrange(1, 9)}T09:00:00Z"


async def build(both: Twins, made: Plan) -> None:
    """The workspace, its records, and what hangs on them; then the person comes in."""
    for world in both.worlds:
        await world.empty()
    for name in ("me", "you"):
        await both.make("POST", "/v1/users", {"name": name.title(), "email": f"{name}@example.com"}, name)
    await _projects(both)
    for each in made.records:
        await both.make("POST", f"/v1/projects/{each.project}/records", each.body, each.name)
    await _work(both, made)
    for project, role in made.roles.items():
        given = role.given if role else {}
        await both.make(
            "POST",
            f"/v1/projects/{project}/roles",
            {"key": "mine", "name": "Mine", "users": ["<me>" if role else "<you>"], **given},
        )
    await both.enter("me")


async def _projects(both: Twins) -> None:
    for project, fields in STORED.items():
        lists = [
            {"key": key, "name": f"Name of {key}", "category": CATEGORIES.get(key, "neutral")} for key in LISTS[project]
        ]
        tags = [{"key": key, "name": f"Tag {key}"} for key in TAGS]
        body = {"key": project, "name": project.title(), "lists": lists, "tags": tags, "fields": fields}
        await both.make("POST", "/v1/projects", body)
    for each in BACK:
        await both.make("POST", "/v1/projects/customers/fields", each)
    for key, required in REQUIRED.items():
        await both.make("PATCH", f"/v1/projects/deals/lists/{key}", {"require_on_entry": required})
    rate = {"date": "2026-01-01", "from": "USD", "to": "EUR", "rate": "0.5"}
    await both.make("PUT", "/v1/rates", [rate])


async def _work(both: Twins, made: Plan) -> None:
    """Changes, comments, documents, selections, a form and a guide, made by who sees all."""
    random = made.random
    await _documents(both, made)
    for each in made.records:
        if random.random() < 0.5:
            known = random.choice([one for one in STORED[each.project] if one["type"] not in COMPUTED])
            hidden = not each.shown or not made.shows_field(each.project, known["key"])
            values = [some_value(made, known) for _ in range(2)]
            # A change in both worlds, whatever stood there before.
            await both.make("PATCH", f"/v1/records/<{each.name}>", {"values": {known["key"]: None}, "color": "red"})
            value = Either((values[0], values[1])) if hidden else values[0]
            await both.make("PATCH", f"/v1/records/<{each.name}>", {"values": {known["key"]: value}, "color": None})
        if random.random() < 0.3:
            told = _text(random) if each.shown else Either((_text(random), _text(random)))
            await both.make("POST", f"/v1/records/<{each.name}>/comments", {"body": told})
    first, second, third = random.sample([each.name for each in made.records if each.project == "deals"], 3)
    await both.make("POST", f"/v1/records/<{first}>/dependencies", {"blocked_by": f"<{second}>"})
    await both.make("POST", f"/v1/records/<{second}>/dependencies", {"blocked_by": f"<{third}>"})
    await both.make("POST", f"/v1/records/<{first}>/checklists", {"name": "Steps", "items": [{"text": "One"}]})
    await _selections(both, made)
    stages = [
        {"key": key, "rank": rank, "probability": rank * 10, "follow_ups": [{"key": f"ring_{rank}", "name": "Ring"}]}
        for rank, key in enumerate(("d_new", "d_talk", "d_dark"))
    ]
    await both.make("POST", "/v1/projects/deals/guides", {"key": "way", "name": "Way", "stages": stages})
    questions = [{"key": "title"}, *({"key": key} for key in ("d_code", "d_phone"))]
    dedupe = [{"dedupe": {"match": ["d_phone"], "action": "attach_to_existing"}}]
    form = {
        "key": "ask",
        "title": "Ask",
        "fields": questions,
        "protection": {"min_fill_seconds": 0},
        "on_submit": dedupe,
    }
    await both.make("POST", "/v1/projects/deals/forms", form)
    for name in random.sample(made.names, 3):
        if random.random() < 0.5:
            await both.make("DELETE", f"/v1/records/<{name}>")


async def _documents(both: Twins, made: Plan) -> None:
    for key, variable in (("plain", "title"), ("codes", "d_code"), ("costs", "d_cost.amount")):
        bodies = {"en": {"subject": "{{ record.title }}", "body": "<p>{{ record." + variable + " }}</p>"}}
        await both.make("PUT", f"/v1/document-templates/{key}", {"name": key.title(), "kind": "html", "bodies": bodies})
    for number in range(3):
        each = made.random.choice([each for each in made.records if each.project == "deals"])
        template = made.random.choice(("plain", "codes", "codes"))
        await both.make("POST", f"/v1/records/<{each.name}>/documents", {"template": template}, f"document{number}")


async def _selections(both: Twins, made: Plan) -> None:
    random = made.random
    for number in range(3):
        criteria = some_filter(made, "deals")
        given = {"project": "deals", "name": f"Some {number}", "criteria": criteria}
        for world in both.worlds:
            answer = await world.ask(world.api.client, "POST", "/v1/selections", given)
            if answer.is_success:
                world.name(f"selection{number}", answer.json()["id"])
    static = {"project": "deals", "name": "Chosen", "kind": "static"}
    members = [f"<{each.name}>" for each in made.records if each.project == "deals" and random.random() < 0.6]
    await both.make("POST", "/v1/selections", static | {"members": members}, "chosen")
    for member in members[:2]:
        await both.make("POST", f"/v1/selections/<chosen>/call-list/{member}", {"state": "called"})
    await both.make(
        "POST", "/v1/selections", {"project": "deals", "name": "Won", "criteria": {"list": ["d_won"]}}, "won"
    )
    known = [name for name in ("selection0", "selection1", "chosen", "won") if name in both.worlds[0].ids]
    whole = {"project": "deals", "name": "Both", "kind": "combined", "of": [f"<{name}>" for name in known]}
    await both.make(
        "POST", "/v1/selections", whole | {"compare": random.choice(("union", "intersection", "difference"))}, "both"
    )


def some_filter(made: Plan, project: str, depth: int = 1) -> Any:
    """A condition, often on something hidden."""
    random = made.random
    if depth and random.random() < 0.3:
        parts = [some_filter(made, project, depth - 1) for _ in range(2)]
        return random.choice(({"all": parts}, {"any": parts}, {"not": parts[0]}))
    if random.random() < 0.2:
        return random.choice(
            (
                {"field": "list", "op": "in", "value": [random.choice(LISTS[project])]},
                {"field": "tags", "op": "has_any", "value": [random.choice(TAGS)]},
                {"field": "title", "op": "contains", "value": random.choice(WORDS)},
                {"field": "assignee", "op": "has_any", "value": ["<me>"]},
                {"relation": "deals.d_customer", "op": "exists"},
            )
        )
    key = some_field(made, project)
    if random.random() < 0.4:
        return {"field": key, "op": random.choice(("is_empty", "is_not_empty"))}
    known = next((each for each in (*CUSTOMERS, *DEALS) if each["key"] == key.rpartition(".")[2]), None)
    value = some_value(made, known) if known and known["type"] not in COMPUTED else random.choice(("1", "alder"))
    return {"field": key, "op": random.choice(("eq", "ne", "gt", "lte", "contains")), "value": value}


def some_field(made: Plan, project: str) -> str:
    if project == "deals" and made.random.random() < 0.25:
        return f"d_customer.{made.random.choice((*KEYS['customers'], 'title'))}"
    return made.random.choice((*KEYS[project], *KEYS[project], "title", "due_at", "tags", "last_activity_at"))
