"""What a role hides changes nothing of what its holder is told: random roles, random requests, two worlds.

`TRUNKLINE_NON_INTERFERENCE=200` tries so many roles; `TRUNKLINE_NON_INTERFERENCE=17:18` one by its number.
"""

import os
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.hidden_parts import (
    COMPUTED,
    KEYS,
    LISTS,
    NUMBERS,
    STORED,
    TAGS,
    WORDS,
    Plan,
    build,
    plan,
    some_field,
    some_filter,
    some_value,
)
from services.records.tests.twins import Answer, Twins, twins

REQUESTS = 50
Request = tuple[str, str, Any]


def seeds() -> range:
    first, _, last = os.environ.get("TRUNKLINE_NON_INTERFERENCE", "2").rpartition(":")
    return range(int(first or 0), int(last))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both(postgres_url: str, database_template: str) -> AsyncIterator[Twins]:
    async with twins(postgres_url, database_template) as opened:
        yield opened


@pytest.mark.parametrize("seed", seeds())
async def test_what_is_hidden_changes_no_answer(both: Twins, seed: int) -> None:
    made = plan(seed)
    await build(both, made)
    for number in range(REQUESTS):
        request = made.random.choice(ASKED)(made)
        asked = f"seed {seed}, request {number}: {request}, roles {made.roles}"
        async for first, second in told(both, *request):
            assert first.status < 500, f"{asked}\n{first}"
            assert first == second, f"{asked}\n{first}\n{second}"
            assert leaked(made, request, first) == set(), f"{asked}\n{first}"


async def told(both: Twins, method: str, path: str, body: Any) -> AsyncIterator[tuple[Answer, Answer]]:
    """The answers, and what they lead to: a job's end, the file of an export, the rows that an import rejected."""
    if (method, path) == ("POST", "/v1/imports"):
        sent = await both.ask("POST", "/v1/imports/uploads", body["upload"])
        yield sent
        (upload,) = re.findall(r'"upload":"(<\w+>)"', sent[0].text)
        body = body | {"upload": upload}
    first, second = await both.ask(method, path, body)
    yield first, second
    if first.status == 202:
        await both.work()
        (job,) = re.findall(r'"id":"(<\w+>)"', first.text)
        further = {"/v1/exports": ("", "/file"), "/v1/imports": ("", "/rejected")}.get(path, ())
        for way in (f"/v1/jobs/records/{job}", *(f"{path}/{job}{each}" for each in further)):
            yield await both.ask("GET", way)


def leaked(made: Plan, request: Request, answer: Answer) -> set[str]:
    """Hidden keys in the answer that were not in the question."""
    question = repr(request)
    if request[1].endswith("/documents"):
        return set()  # A template that cannot be filled in says which of its own variables is not there.
    return {each for each in made.hidden_words if each in answer.text and each not in question}


def record(made: Plan) -> str:
    return f"/v1/records/<{made.random.choice(made.names)}>"


def project(made: Plan) -> str:
    return made.random.choice(("deals", "deals", "customers"))


def values(made: Plan, of: str) -> dict[str, Any]:
    stored = [each for each in STORED[of] if each["type"] not in COMPUTED]
    return {each["key"]: some_value(made, each) for each in made.random.sample(stored, made.random.randrange(4))}


def query(made: Plan) -> Request:
    random, of = made.random, project(made)
    body: dict[str, Any] = {"limit": random.choice((1, 3, 50)), "count": random.random() < 0.5}
    if random.random() < 0.7:
        body["filter"] = some_filter(made, of)
    if random.random() < 0.5:
        body["sort"] = [{"field": some_field(made, of), "descending": random.random() < 0.5}]
    if random.random() < 0.2:
        body["fields"] = random.sample(KEYS[of], 3)
    return "POST", f"/v1/projects/{of}/records/query", body


def read(made: Plan) -> Request:
    return "GET", record(made), None


def read_part(made: Plan) -> Request:
    parts = (
        "history", "history?limit=2", "activities", "comments", "checklists", "dependencies", "documents", "guide",
        *(f"referenced-by?field={each}" for each in ("c_deals", "deals.d_customer", "deals.d_parts", "nothing")),
    )  # fmt: skip
    return "GET", f"{record(made)}/{made.random.choice(parts)}", None


def look_around(made: Plan) -> Request:
    number = made.random.choice(NUMBERS).replace("+", "%2B")
    of = project(made)
    ways = (
        f"/v1/phone-matches?number={number}", "/v1/selections", "/v1/suggestions", f"/v1/projects/{of}/trash",
        f"/v1/projects/{of}/trash?limit=1", "/v1/projects", f"/v1/projects/{of}", f"/v1/projects/{of}/fields",
        f"/v1/projects/{of}/lists", f"/v1/projects/{of}/tags", f"/v1/projects/{of}/forms",
        "/v1/projects/deals/forms/ask",
        f"/v1/projects/{of}/guides", f"/v1/projects/{of}/work-settings", f"/v1/projects/{of}/roles",
        f"/v1/projects/{of}/fields/{made.random.choice(KEYS[of])}", "/v1/jobs/records", "/v1/imports", "/v1/users",
        f"/v1/projects/{of}/lists/{made.random.choice(LISTS[of])}", "/v1/value-lists", "/v1/rates",
        "/v1/projects/deals/forms/ask/submissions", "/v1/dead-letters/records", "/v1/selections?limit=1",
    )  # fmt: skip
    return "GET", made.random.choice(ways), None


def document(made: Plan) -> Request:
    return "GET", f"/v1/documents/<document{made.random.randrange(3)}>", None


def selection(made: Plan) -> Request:
    chosen = made.random.choice(("selection0", "selection1", "selection2", "chosen", "both"))
    sort = f"sort={some_field(made, 'deals')}"
    way = made.random.choice(
        ("", "/records?count=true", f"/records?limit=2&{sort}", "/call-list", f"/call-list?{sort}")
    )
    return "GET", f"/v1/selections/<{chosen}>{way}", None


def preview(made: Plan) -> Request:
    return "POST", "/v1/selections/preview", {"project": "deals", "criteria": some_filter(made, "deals")}


def make(made: Plan) -> Request:
    of = project(made)
    body: dict[str, Any] = {"title": "New", "values": values(made, of)}
    if made.random.random() < 0.5:
        body |= {"list": made.random.choice(LISTS[of]), "tags": made.random.sample(TAGS, 1)}
    return "POST", f"/v1/projects/{of}/records", body


def change(made: Plan) -> Request:
    of = project(made)
    names = [each.name for each in made.records if each.project == of]
    body: dict[str, Any] = {"values": values(made, of)}
    more = ({"done": True}, {"add_tags": ["t_cold"]}, {"assignees": ["<me>"]}, {"title": "Other"}, {})
    return "PATCH", f"/v1/records/<{made.random.choice(names)}>", body | made.random.choice(more)


def move(made: Plan) -> Request:
    of = made.random.choice(LISTS["deals"])
    before = {"before": f"<{made.random.choice(made.names)}>"} if made.random.random() < 0.3 else {}
    return "POST", f"{record(made)}/move", {"list": of} | before


def bulk(made: Plan) -> Request:
    of = project(made)
    items = [{"title": "Bulk", "values": values(made, of)}]
    if made.random.random() < 0.6:
        items.append({"id": f"<{made.random.choice(made.names)}>", "values": values(made, of)})
    return "POST", f"/v1/projects/{of}/records/bulk", {"items": items}


def work(made: Plan) -> Request:
    path, other = record(made), f"<{made.random.choice(made.names)}>"
    ways: tuple[Request, ...] = (
        ("POST", f"{path}/comments", {"body": "Well"}),
        ("POST", f"{path}/dependencies", {"blocked_by": other}),
        ("DELETE", f"{path}/dependencies/{other}", None),
        ("POST", f"{path}/copy", {}),
        ("POST", f"{path}/copy", {"project": project(made), "include": ["comments", "checklists"]}),
        *(("POST", f"{path}/transfer", {"project": of}) for of in ("deals", "customers") if path not in made.referred),
        ("DELETE", path, None),
        ("POST", f"{path}/restore", None),
        ("POST", f"{path}/documents", {"template": made.random.choice(("plain", "codes", "costs"))}),
        ("POST", f"{path}/outcome", {"outcome": made.random.choice(("won", "lost"))}),
        ("DELETE", f"{path}/outcome", None),
        ("POST", "/v1/selections/<chosen>/members", {"add": [other]}),
        ("POST", f"/v1/selections/<chosen>/call-list/{other}", {"state": "skipped"}),
        ("POST", "/v1/selections/<both>/snapshot", {"name": "Now"}),
    )
    return made.random.choice(ways)


def export(made: Plan) -> Request:
    of = project(made)
    body: dict[str, Any] = {"project": of}
    if made.random.random() < 0.5:
        body["filter"] = some_filter(made, of)
    if made.random.random() < 0.3:
        body["fields"] = made.random.sample(KEYS[of], 3)
    return "POST", "/v1/exports", body


def bulk_update(made: Plan) -> Request:
    key = made.random.choice(("d_code", "d_kind", "d_cost"))
    value = some_value(made, next(each for each in STORED["deals"] if each["key"] == key))
    changes: list[Any] = [{"type": "set", "field": key, "value": value}]
    chosen = made.random.choice(("selection0", "chosen", "both"))
    return "POST", "/v1/bulk-updates", {"selection": f"<{chosen}>", "changes": changes, "dry_run": True}


def bring(made: Plan) -> Request:
    """An import, whose rows may mean what is there, seen or not."""
    random, of = made.random, project(made)
    key = random.choice(("c_email", "c_note")) if of == "customers" else random.choice(("d_code", "title"))
    word = random.choice(WORDS) + ("@example.com" if key == "c_email" else "")
    columns = {"title": f"{random.choice(WORDS)} {random.choice(WORDS)}"} | ({key: word} if key != "title" else {})
    if of == "deals":
        columns["d_customer"] = f"{random.choice(WORDS)} {random.choice(WORDS)}"
    file = f"{','.join(columns)}\r\n{','.join(columns.values())}\r\n".encode()
    how = {"match_on": [key], "on_match": random.choice(("skip", "replace")), "dry_run": random.random() < 0.5}
    return "POST", "/v1/imports", {"project": of, "upload": file, "mapping": {each: each for each in columns}, **how}


ASKED: tuple[Callable[[Plan], Request], ...] = (
    query, query, query, query, read, read, read_part, read_part, read_part, look_around, look_around, document,
    selection, selection, preview, make, change, change, move, bulk, work, work, work, export, bulk_update,
    bring, bring,
)  # fmt: skip
