"""Value lists: administering one serves every field that takes its options from it."""

from typing import Any

from services.records.tests.running import Api
from sqlalchemy import text

CATEGORY = {
    "key": "company_category",
    "extra": ["category_group", "lead_status_enabled"],
    "items": [
        {
            "key": "prospect",
            "name": {"nl": "Prospect", "en": "Prospect"},
            "extra": {"category_group": "potential_customer", "lead_status_enabled": True},
        },
        {"key": "customer", "name": {"nl": "Klant", "en": "Customer"}, "extra": {"category_group": "customer"}},
    ],
}
AMOUNTS = [
    {"key": "small", "extra": {"from": 0, "to": 9999.99, "currency": "EUR"}},
    {"key": "medium", "extra": {"from": 10000, "to": 49999.99, "currency": "EUR"}},
    {"key": "large", "extra": {"from": 50000, "currency": "EUR"}},
]
LISTS = "/v1/value-lists"
ITEMS = f"{LISTS}/company_category/items"


async def companies(api: Api, **parts: Any) -> None:
    await api.post(LISTS, CATEGORY, status=201)
    fields = [
        {"key": "category", "name": "Category", "type": "select", "config": {"value_list": "company_category"}},
        {"key": "several", "name": "Several", "type": "multi_select", "config": {"value_list": "company_category"}},
    ]
    body = {"key": "companies", "name": "Companies", "lists": [{"key": "open", "name": "Open"}], "fields": fields}
    await api.post("/v1/projects", body | parts, status=201)


async def add(api: Api, status: int = 201, **values: Any) -> Any:
    return await api.post("/v1/projects/companies/records", {"title": "A", "values": values}, status=status)


async def offered(api: Api, field: str = "category") -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = (await api.get(f"/v1/projects/companies/fields/{field}"))["config"]["options"]
    return options


async def test_a_field_offers_what_its_value_list_has(api: Api) -> None:
    await companies(api)
    record = await add(api, category="klant", several=["Prospect", "customer"])
    assert record["values"] == {"category": "customer", "several": ["prospect", "customer"]}
    added = await api.post(ITEMS, {"name": {"en": "Former customer", "nl": "Oud"}}, status=201)
    assert (added["key"], added["position"]) == ("former_customer", 2)
    await api.patch(f"{ITEMS}/customer", {"name": "Client", "color": "green"})
    for field in ("category", "several"):
        options = await offered(api, field)
        assert [each["name"] for each in options] == ["Prospect", "Client", "Former customer"]
    assert (await add(api, category="Client"))["values"] == {"category": "customer"}
    await api.post(f"{ITEMS}/sort", {"keys": ["former_customer", "prospect", "customer"]})
    assert [each["key"] for each in await offered(api)] == ["former_customer", "prospect", "customer"]
    await api.post(f"{ITEMS}/sort", {"keys": ["prospect", "customer"]}, status=422)


async def test_the_other_services_are_told_the_options(api: Api) -> None:
    await companies(api)
    await api.patch(f"{ITEMS}/customer", {"name": "Client"})
    await api.patch(f"{ITEMS}/customer", {"tooltip": "Pays us"})
    newest = text(
        "SELECT envelope::jsonb -> 'data' AS told FROM outbox"
        " WHERE type = 'records.project.changed.v1' ORDER BY position"
    )
    async with api.database.begin() as connection:
        told = [row.told for row in await connection.execute(newest)]
    assert [each["version"] for each in told] == [1, 2]
    config = told[-1]["fields"][0]["config"]
    assert config["value_list"] == "company_category"
    assert [each["name"] for each in config["options"]] == ["Prospect", "Client"]


async def test_a_deleted_item_is_shown_but_not_chosen_until_it_is_restored(api: Api) -> None:
    await companies(api)
    record = await add(api, category="customer")
    assert (await api.delete(f"{ITEMS}/customer"))["deleted_at"] is not None
    assert (await api.get(f"/v1/records/{record['id']}"))["values"] == {"category": "customer"}
    assert (await offered(api))[1]["archived"] is True
    problem = await add(api, status=422, category="customer")
    assert problem["errors"][0]["pointer"] == "/values/category"
    assert len((await api.get(f"{ITEMS}?deleted=true"))["items"]) == 1
    for taken in ("CUSTOMER ", {"en": "Other", "nl": "klant"}):
        problem = await api.post(ITEMS, {"key": "other", "name": taken}, status=422)
        assert problem["errors"][0]["pointer"] == "/name"
    await api.post(ITEMS, {"key": "customer", "name": "Another"}, status=409)
    await api.post(f"{ITEMS}/customer/restore")
    assert (await add(api, category="customer"))["values"] == {"category": "customer"}


async def test_what_is_used_or_predefined_is_not_deleted(api: Api) -> None:
    await companies(api)
    problem = await api.delete(f"{LISTS}/company_category", status=409)
    assert "'category' of 'companies'" in problem["detail"]
    assert (await api.get(f"{LISTS}/company_category"))["used_by"] == [
        {"project": "companies", "field": "category"},
        {"project": "companies", "field": "several"},
    ]
    await api.delete("/v1/projects/companies")
    await api.delete(f"{LISTS}/company_category", status=409)
    items = ["Contacting", {"key": "open", "predefined": True}]
    await api.post(LISTS, {"key": "lead_status", "predefined": True, "items": items}, status=201)
    await api.delete(f"{LISTS}/lead_status", status=409)
    await api.delete(f"{LISTS}/lead_status/items/open", status=409)
    await api.delete(f"{LISTS}/lead_status/items/contacting")
    await api.post(LISTS, {"key": "spare"}, status=201)
    await api.delete(f"{LISTS}/spare", status=204)
    assert [each["key"] for each in (await api.get(LISTS))["items"]] == ["company_category", "lead_status"]
    await api.get(f"{LISTS}/spare", status=404)


async def test_a_restored_project_offers_what_its_list_has_by_then(api: Api) -> None:
    await companies(api)
    project = (await api.get("/v1/projects/companies"))["id"]
    await api.delete("/v1/projects/companies")
    await api.post(ITEMS, {"name": "Partner"}, status=201)
    await api.post(f"/v1/projects/{project}/restore")
    assert [each["key"] for each in await offered(api)] == ["prospect", "customer", "partner"]


async def test_items_fit_the_columns_and_headings_of_their_list(api: Api) -> None:
    await api.post(LISTS, CATEGORY, status=201)
    for extra, place in (
        ({"category_group": "unheard of"}, "category_group"),
        ({"lead_status_enabled": "yes"}, "lead_status_enabled"),
        ({"nothing": 1}, "nothing"),
    ):
        problem = await api.post(ITEMS, {"name": "New", "extra": extra}, status=422)
        assert problem["errors"][0]["pointer"] == f"/extra/{place}"
    headings = [{"key": "ours", "headings": [{"key": "loyal", "name": {"nl": "Trouw"}}]}, {"key": "theirs"}]
    changed = await api.patch(f"{LISTS}/company_category", {"headings": headings})
    assert changed["headings"][0]["headings"] == [{"key": "loyal", "name": {"nl": "Trouw"}}]
    assert (await api.patch(f"{ITEMS}/customer", {"headings": ["loyal", "theirs"]}))["headings"] == ["loyal", "theirs"]
    problem = await api.patch(f"{ITEMS}/prospect", {"headings": ["other"]}, status=422)
    assert problem["errors"][0]["pointer"] == "/headings/0"
    await api.patch(f"{LISTS}/company_category", {"headings": []}, status=422)
    await api.patch(f"{LISTS}/company_category", {"extra": []}, status=422)


async def test_ranges_of_amounts_do_not_overlap_within_a_currency(api: Api) -> None:
    body = {"key": "amount_class", "extra": ["from", "to", "currency"], "items": AMOUNTS}
    made = await api.post(LISTS, body, status=201)
    assert made["items"][0]["name"] == {"en": "Small"}
    items = f"{LISTS}/amount_class/items"
    huge = {"key": "huge", "extra": {"from": 1_000_000, "to": None, "currency": "EUR"}}
    problem = await api.post(items, huge, status=422)
    assert problem["errors"][0]["pointer"] == "/extra/from"
    await api.post(items, huge | {"extra": {"from": 1_000_000, "currency": "USD"}}, status=201)
    await api.delete(f"{items}/large")
    await api.patch(f"{items}/medium", {"extra": {"from": 10000, "to": 60000, "currency": "EUR"}})
    await api.post(f"{items}/large/restore", status=422)
    await api.patch(f"{items}/medium", {"extra": {"from": 10, "to": 5, "currency": "EUR"}}, status=422)


async def test_only_the_teams_of_an_item_choose_it(api: Api) -> None:
    await companies(api)
    await api.patch(f"{ITEMS}/customer", {"visible_for": ["sales"]})
    record = await add(api, category="customer")
    keys = {}
    for name, teams in (("jo", ["sales"]), ("kim", [])):
        user = await api.post("/v1/users", {"name": name, "email": f"{name}@example.com", "teams": teams}, status=201)
        made = await api.post("/v1/keys", {"name": name, "scopes": ["read", "write"], "user": user["id"]})
        keys[name] = made["key"]
    body = {"title": "B", "values": {"several": ["prospect", "customer"]}}
    async with api.as_key(keys["kim"]) as kim:
        refused = await kim.post("/v1/projects/companies/records", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/values/several"
        shown = await kim.patch(f"/v1/records/{record['id']}", json={"title": "A", "values": {"category": "customer"}})
        assert shown.json()["values"] == {"category": "customer"}
    async with api.as_key(keys["jo"]) as jo:
        assert (await jo.post("/v1/projects/companies/records", json=body)).status_code == 201
        assert (await jo.post(ITEMS, json={"name": "Mine"})).status_code == 403


async def test_a_field_keeps_its_values_when_it_comes_to_a_value_list(api: Api) -> None:
    await companies(api)
    own = {"key": "own", "name": "Own", "type": "select", "config": {"options": ["Customer", "Stranger"]}}
    await api.post("/v1/projects/companies/fields", own, status=201)
    problem = await api.patch(
        "/v1/projects/companies/fields/own", {"config": {"value_list": "company_category"}}, status=422
    )
    assert "'stranger'" in problem["errors"][0]["detail"]
    await api.post(ITEMS, {"name": "Stranger"}, status=201)
    changed = await api.patch("/v1/projects/companies/fields/own", {"config": {"value_list": "company_category"}})
    assert len(changed["config"]["options"]) == 3
    again = await api.patch("/v1/projects/companies/fields/own", {"config": changed["config"], "default": "Stranger"})
    assert again["default"] == "stranger"
    problem = await api.patch("/v1/projects/companies/fields/own", {"config": {"value_list": "no"}}, status=422)
    assert problem["errors"][0]["pointer"] == "/config/value_list"
