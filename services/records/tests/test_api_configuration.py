"""Configuration as code: what is as one file, what another would change, and making it so."""

from itertools import pairwise
from typing import Any

import httpx
import pytest
import yaml
from services.records.tests.importing import import_file, written
from services.records.tests.running import Api

from records.domain.configuration_file import read_file

CONFIGURATION = "/v1/configuration"
SHOP: dict[str, Any] = {
    "value_lists": [
        {
            "key": "sources",
            "name": {"en": "Sources", "nl": "Bronnen"},
            "items": [
                {"key": "web", "name": {"en": "Web"}, "color": "#16a34a"},
                {"key": "fair", "name": {"en": "Fair", "nl": "Beurs"}},
            ],
        }
    ],
    "document_templates": [
        {"key": "quote", "name": "Quote", "kind": "html", "bodies": {"en": {"subject": "", "body": "<p>Hello</p>"}}}
    ],
    "projects": [
        {
            "key": "people",
            "name": "People",
            "default_fields": {"due_date": False},
            "record_label": {"en": ["Person", "People"]},
            "lists": [{"key": "all", "name": "All", "category": "neutral"}],
            "fields": [
                {"key": "email", "name": "E-mail", "type": "email", "unique": "warn"},
                {
                    "key": "kind",
                    "name": "Kind",
                    "type": "select",
                    "default": "new",
                    "config": {"options": [{"key": "new", "name": "New"}, {"key": "old", "name": "Old"}]},
                },
                {"key": "source", "name": "Source", "type": "select", "config": {"value_list": "sources"}},
                {
                    "key": "deals",
                    "name": "Deals",
                    "type": "referenced_by",
                    "config": {"project": "deals", "field": "person"},
                },
                {
                    "key": "worth",
                    "name": "Worth",
                    "type": "rollup",
                    "config": {"via": "deals", "fn": "sum", "field": "amount", "filter": {"list": ["won"]}},
                },
            ],
            "tags": [{"key": "vip", "name": "VIP", "color": "#7c3aed"}],
            "selections": [
                {"key": "both", "name": "Both", "kind": "combined", "of": ["new", "chosen"], "compare": "intersection"},
                {"key": "new", "name": "New", "criteria": {"kind": "new"}},
                {"key": "chosen", "name": "Chosen", "kind": "static"},
            ],
            "imports": [
                {
                    "key": "mailed",
                    "mapping": {"Naam": "title", "Mail": "email"},
                    "match_on": ["email"],
                    "on_match": "skip",
                }
            ],
            "forms": [
                {
                    "key": "enquiry",
                    "title": {"en": "Enquiry"},
                    "fields": [{"key": "title", "required": True}, {"key": "email", "required": True}],
                    "defaults": {"kind": "new"},
                    "on_submit": [
                        {"dedupe": {"match": ["email"], "action": "attach_to_existing"}},
                        {"create_record": {"project": "deals", "list": "open", "set": {"person": "{{record.id}}"}}},
                    ],
                }
            ],
        },
        {
            "key": "deals",
            "name": "Deals",
            "lists": [
                {"key": "open", "name": "Open", "forecast_weight": "0.5", "max_age_days": 10},
                {"key": "won", "name": "Won", "category": "won"},
                {"key": "lost", "name": "Lost", "category": "lost", "require_on_entry": ["reason"]},
            ],
            "fields": [
                {"key": "person", "name": "Person", "type": "reference", "config": {"project": "people"}},
                {"key": "amount", "name": "Amount", "type": "currency", "config": {"currency": "EUR", "min": 0}},
                {"key": "reason", "name": "Reason", "type": "text", "description": "Why it was lost"},
                {"key": "mail", "name": "Mail", "type": "lookup", "config": {"path": ["person", "email"]}},
            ],
            "tags": [],
            "roles": [
                {
                    "key": "junior",
                    "name": "Junior",
                    "teams": ["juniors"],
                    "permissions": {"delete_records": "none"},
                    "field_permissions": {"amount": "none"},
                }
            ],
            "guides": [
                {
                    "key": "sell",
                    "name": {"en": "Sell"},
                    "stages": [
                        {"key": "open", "rank": 1, "follow_ups": [{"key": "call", "name": {"en": "Call"}}]},
                        {"key": "won", "rank": 2, "follow_ups": [{"key": "thank", "name": {"en": "Thank"}}]},
                    ],
                    "outcomes": {"lost": {"require": ["reason"]}},
                }
            ],
        },
    ],
}
BOMB = "\n".join(["a: &a [1]", *(f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in pairwise("abcdefgh"))])
NOTHING = ("creates", "changes", "destroys", "refused")


async def send(api: Api, what: str, tree: Any, *, status: int = 200, destroy: bool = False, **headers: str) -> Any:
    content = tree if isinstance(tree, str) else yaml.safe_dump(tree, sort_keys=False)
    answer = await api.client.post(
        f"{CONFIGURATION}/{what}",
        params={"destroy": str(destroy).lower()},
        content=content,
        headers={"content-type": "application/yaml"} | headers,
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def text_of(api: Api) -> str:
    answer: httpx.Response = await api.client.get(CONFIGURATION)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_file_is_planned_applied_and_then_changes_nothing(api: Api) -> None:
    planned = await send(api, "plan", SHOP)
    assert {each["item"] for each in planned["creates"]} >= {
        "projects/people",
        "projects/people/fields/worth",
        "projects/people/forms/enquiry",
        "projects/deals/roles/junior",
        "projects/deals/guides/sell",
    }
    assert (await api.get("/v1/projects"))["items"] == []
    assert await send(api, "apply", SHOP) == planned
    again = await send(api, "apply", SHOP, destroy=True)
    assert all(again[word] == [] for word in NOTHING), again
    assert again["unchanged"] == len(planned["creates"])


async def test_what_is_told_changes_nothing_here_and_makes_the_same_elsewhere(api: Api) -> None:
    await send(api, "apply", SHOP)
    told = await text_of(api)
    before = await api.get("/v1/projects")
    for what in ("plan", "apply"):
        done = await send(api, what, told, destroy=True)
        assert all(done[word] == [] for word in (*NOTHING, "kept", "skipped")), done
    assert await api.get("/v1/projects") == before
    for key in ("deals", "people"):
        tree = {"projects": [{"key": "people", "name": "x"}] if key == "deals" else []}
        tree["projects"] = [each | {"fields": []} for each in tree["projects"]]
        await send(api, "apply", tree, destroy=True)
    assert (await api.get("/v1/projects"))["items"] == []
    await send(api, "apply", told)
    assert await text_of(api) == told


async def test_changes_are_told_by_place_with_the_records_they_touch(api: Api) -> None:
    await send(api, "apply", SHOP)
    await api.post("/v1/projects/deals/records", {"title": "One", "values": {"amount": 5}})
    await api.post("/v1/projects/deals/records", {"title": "Two"})
    deals = SHOP["projects"][1]
    amount = {"key": "amount", "name": "Worth", "type": "currency", "config": {"currency": "EUR", "min": 1}}
    rank = {"key": "rank", "name": "Rank", "type": "formula", "config": {"expression": "{size} * 2"}}
    size = {"key": "size", "name": "Size", "type": "number"}
    tree = {
        "projects": [deals | {"fields": [amount, rank, size, *(f for f in deals["fields"] if f["key"] != "amount")]}]
    }
    planned = await send(api, "plan", tree)
    assert [each["item"] for each in planned["creates"]] == ["projects/deals/fields/rank", "projects/deals/fields/size"]
    changed = {each["item"]: each for each in planned["changes"]}
    assert changed["projects/deals/fields/amount"] == {
        "item": "projects/deals/fields/amount",
        "differences": [
            {"pointer": "/name", "before": "Amount", "after": "Worth"},
            {"pointer": "/config/min", "before": "0", "after": "1"},
        ],
        "records": 1,
    }
    assert [each["item"] for each in planned["kept"]] == ["projects/people"]
    assert await send(api, "apply", tree) == planned
    keys = [each["key"] for each in (await api.get("/v1/projects/deals"))["fields"]]
    assert keys == ["amount", "rank", "size", "person", "reason", "mail"]


async def test_what_a_file_does_not_name_is_kept_unless_it_is_to_go(api: Api) -> None:
    await send(api, "apply", SHOP)
    await api.post("/v1/projects/deals/records", {"title": "One", "values": {"amount": 5}})
    deals = SHOP["projects"][1]
    less = deals | {"fields": deals["fields"][:1], "lists": deals["lists"][:1], "roles": [], "guides": []}
    tree = {"projects": [SHOP["projects"][0] | {"fields": SHOP["projects"][0]["fields"][:4]}, less]}
    kept = await send(api, "apply", tree)
    assert kept["changes"] == kept["destroys"] == []
    assert {each["item"]: each["records"] for each in kept["kept"]} == {
        "projects/people/fields/worth": 0,
        "projects/deals/fields/amount": 1,
        "projects/deals/fields/reason": 0,
        "projects/deals/fields/mail": 0,
        "projects/deals/lists/won": 0,
        "projects/deals/lists/lost": 0,
        "projects/deals/roles/junior": 0,
        "projects/deals/guides/sell": 0,
    }
    planned = await send(api, "plan", tree, destroy=True)
    assert {each["item"]: each["records"] for each in planned["destroys"]} == {
        each["item"]: each["records"] for each in kept["kept"]
    }
    assert await send(api, "apply", tree, destroy=True) == planned
    assert (await send(api, "plan", tree, destroy=True))["destroys"] == []


async def test_what_records_stand_in_is_not_destroyed(api: Api) -> None:
    await send(api, "apply", SHOP)
    await api.post("/v1/projects/deals/records", {"title": "One"})
    deals = SHOP["projects"][1]
    tree = {"projects": [SHOP["projects"][0], deals | {"lists": deals["lists"][1:], "guides": []}]}
    planned = await send(api, "plan", tree, destroy=True)
    assert [each["item"] for each in planned["refused"]] == ["projects/deals/lists/open"]
    before = await text_of(api)
    assert "open" in (await send(api, "apply", tree, destroy=True, status=409))["detail"]
    assert await text_of(api) == before


@pytest.mark.parametrize(
    ("file", "pointer"),
    [
        ("rulez: []", "/rulez"),
        ("projects: {}", "/projects"),
        ("projects: [{name: x}]", "/projects/0"),
        ("projects:\n - {key: a, name: A, colour: red}", "/projects/0/colour"),
        ("projects:\n - {key: a, name: A, fields: [{key: b, name: B, type: colour}]}", "/projects/0/fields/0/type"),
        (
            """
            projects:
              - {key: a, name: A}
              - {key: b, name: B, fields: [{key: c, name: C, type: reference, config: {project: zz}}]}
            """,
            "/projects/1/fields/0/config/project",
        ),
        ("projects: [{key: a, name: A, roles: [{key: b, name: B, users: [x]}]}]", "/projects/0/roles/0/users"),
        (
            "projects: [{key: a, name: A, forms: [{key: b, title: B, fields: [{key: x}]}]}]",
            "/projects/0/forms/0/fields/0/key",
        ),
        ("settings: {colour: red}", "/settings/colour"),
    ],
)
async def test_a_mistake_is_told_with_its_place(api: Api, file: str, pointer: str) -> None:
    problem = await send(api, "apply", file, status=422)
    assert pointer in [each["pointer"] for each in problem["errors"]]
    assert (await api.get("/v1/projects"))["items"] == []


async def test_a_mistake_is_told_with_its_line(api: Api) -> None:
    file = "projects:\n  - key: a\n    name: A\n    fields:\n      - {key: b, name: B, type: colour}\n"
    problem = await send(api, "plan", file, status=422)
    assert "(line 5)" in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    "file",
    [
        "- 1",
        "{" * 5000,
        "[" * 5000,
        BOMB,
        "a: &a [*a]",
        "a: !!python/object/apply:os.system [ls]",
        "projects: [{key: a, key: b}]",
        "? [a]\n: b",
        "\x00",
        "settings: 3",
        "projects: [{key: a, name: A, fields: 3}]",
        "rules: 3",
    ],
)
async def test_what_is_no_configuration_is_refused(api: Api, file: str) -> None:
    await send(api, "plan", file, status=422)


def test_a_file_has_what_json_has_and_nothing_else() -> None:
    text = (
        b"a: [1, -2, 0.5, 1.5e3, true, false, null, ~, '', yes, on, no, 2024-01-31, 1_000, 010, 5/60s, nil, +31, 12 m]"
    )
    assert read_file(text).tree["a"] == [
        *(1, -2, 0.5, 1500.0, True, False, None, None, ""),
        *("yes", "on", "no", "2024-01-31", "1_000", "010", "5/60s", "nil", "+31", "12 m"),
    ]


async def test_too_large_a_file_is_refused(api: Api) -> None:
    await send(api, "plan", "# " + "x" * 1024 * 1024, status=413)


async def test_an_item_that_is_taken_out_of_a_value_list_is_deleted_and_may_come_back(api: Api) -> None:
    await send(api, "apply", SHOP)
    (sources,) = SHOP["value_lists"]
    less = {"value_lists": [sources | {"items": [{"key": "new", "name": {"en": "New"}}, sources["items"][1]]}]}
    planned = await send(api, "plan", less)
    (changed,) = planned["changes"]
    assert [each["pointer"] for each in changed["differences"]] == ["/items/web", "/items/new"]
    assert await send(api, "apply", less) == planned
    assert [each["key"] for each in (await api.get("/v1/value-lists/sources/items?deleted=true"))["items"]] == ["web"]
    await send(api, "apply", SHOP)
    assert [each["item"] for each in (await send(api, "plan", SHOP))["changes"]] == []


async def test_a_saved_way_of_importing_is_a_profile(api: Api) -> None:
    await send(api, "apply", SHOP)
    content = written(["Mail", "Naam"], ["a@b.nl", "An"], ["a@b.nl", "Ann"])
    done = await import_file(api, content, project="people", profile="mailed")
    assert [done[name] for name in ("state", "created", "skipped")] == ["done", 1, 1]


async def test_settings_can_only_agree(api: Api) -> None:
    done = await send(api, "apply", {"settings": {"timezone": "Europe/Paris", "base_currency": "EUR"}})
    assert [each["pointer"] for each in done["skipped"]] == ["/settings/timezone"]


async def test_without_the_other_services_their_parts_are_skipped(api: Api) -> None:
    done = await send(api, "apply", {"rules": [{"key": "a"}], "dashboards": [{"key": "b"}]})
    assert [each["pointer"] for each in done["skipped"]] == ["/rules/0", "/dashboards/0"]
