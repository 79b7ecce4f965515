"""The options of a field and the tags of a project, and what becomes of records when two of them are one."""

from typing import Any

from services.records.tests.importing import finished
from services.records.tests.running import Api

OPTIONS = "/v1/projects/deals/fields/source/options"
SEVERAL = "/v1/projects/deals/fields/sources/options"


async def deals(api: Api) -> None:
    fields = [
        {"key": "source", "name": "Source", "type": "select", "config": {"options": ["Web", "Site", "Fair"]}},
        {"key": "sources", "name": "Sources", "type": "multi_select", "config": {"options": ["Web", "Site", "Fair"]}},
    ]
    tags = [{"key": "hot", "name": "Hot"}, {"key": "warm", "name": "Warm"}]
    body = {"key": "deals", "name": "Deals", "lists": [{"key": "open", "name": "Open"}], "fields": fields, "tags": tags}
    await api.post("/v1/projects", body, status=201)


async def add(api: Api, **parts: Any) -> Any:
    return await api.post("/v1/projects/deals/records", {"title": "A"} | parts, status=201)


async def test_options_are_administered_one_by_one(api: Api) -> None:
    await deals(api)
    assert (await api.post(OPTIONS, {"name": "Trade show"}, status=201))["key"] == "trade_show"
    await api.post(OPTIONS, {"name": "Trade show"}, status=409)
    await api.post(OPTIONS, {"key": "other", "name": "WEB"}, status=422)
    renamed = await api.patch(f"{OPTIONS}/web", {"name": "Website", "color": "green"})
    assert renamed == {"key": "web", "name": "Website", "color": "green", "archived": False}
    order = await api.post(f"{OPTIONS}/sort", {"keys": ["trade_show", "fair", "site", "web"]})
    assert [each["key"] for each in order["items"]] == ["trade_show", "fair", "site", "web"]
    await api.patch(f"{OPTIONS}/fair", {"archived": True})
    await api.post("/v1/projects/deals/records", {"title": "A", "values": {"source": "fair"}}, status=422)
    await api.patch(f"{OPTIONS}/fair", {"archived": False})
    await add(api, values={"source": "fair", "sources": ["web"]})
    assert "1 records" in (await api.delete(f"{OPTIONS}/fair", status=409))["detail"]
    assert "1 records" in (await api.delete(f"{SEVERAL}/web", status=409))["detail"]
    await api.delete(f"{OPTIONS}/web", status=204)
    await api.delete(f"{OPTIONS}/web", status=404)


async def test_two_options_become_one_with_history_and_events(api: Api) -> None:
    await deals(api)
    await api.patch("/v1/projects/deals/fields/source", {"default": "site"})
    one = await add(api, values={"source": "site", "sources": ["site", "web", "fair"]})
    other = await add(api, values={"source": "fair"})
    for path in (OPTIONS, SEVERAL):
        job = await api.post(f"{path}/site/merge", {"into": "web"}, status=202)
        done = await finished(api, f"/v1/jobs/records/{job['id']}")
        assert (done["state"], done["result"]["changed"]) == ("done", 1), done
    found = await api.get(f"/v1/records/{one['id']}")
    assert (found["values"], found["version"]) == ({"source": "web", "sources": ["web", "fair"]}, 3)
    assert (await api.get(f"/v1/records/{other['id']}"))["version"] == 1
    field = await api.get("/v1/projects/deals/fields/source")
    assert (field["default"], field["config"]["options"][1]["archived"]) == ("web", True)
    async with api.database.begin() as connection:
        told = await connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE type = 'records.record.updated.v1'")
        assert told.scalar() == 2
    await api.post(f"{OPTIONS}/fair/merge", {"into": "site"}, status=422)
    await api.post(f"{OPTIONS}/fair/merge", {"into": "nothing"}, status=404)


async def test_two_tags_become_one(api: Api) -> None:
    await deals(api)
    one = await add(api, tags=["warm", "hot"])
    await api.post("/v1/projects/deals/tags", {"key": "hot_2", "name": "HOT"}, status=409)
    job = await api.post("/v1/projects/deals/tags/warm/merge", {"into": "hot"}, status=202)
    done = await finished(api, f"/v1/jobs/records/{job['id']}")
    assert done["result"] == {"changed": 1, "named": [], "kept": False}
    assert (await api.get(f"/v1/records/{one['id']}"))["tags"] == ["hot"]
    assert [each["key"] for each in (await api.get("/v1/projects/deals/tags"))["items"]] == ["hot"]


async def test_the_options_of_a_value_list_are_administered_there(api: Api) -> None:
    await deals(api)
    await api.post("/v1/value-lists", {"key": "sources", "items": ["Web", "Site", "Fair"]}, status=201)
    await api.patch("/v1/projects/deals/fields/source", {"config": {"value_list": "sources"}})
    await api.patch(f"{OPTIONS}/web", {"name": "Website"}, status=409)
