"""Everywhere a value of a record may come to be seen by whoever may read: each way asked once, and what it answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.journeys.platform import Platform, eventually

DEALS = "/v1/projects/opportunities"


@dataclass(frozen=True)
class Looking:
    """Somebody with a key, looking for the values of ``hidden`` fields of a deal, and at a selection by them."""

    platform: Platform
    key: str
    deal: str
    selection: str
    hidden: tuple[str, ...] = ("cost", "profit")

    def ask(self, service: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"}
        address = self.platform.urls[service] + path
        return httpx.request(method, address, json=body, headers=headers, trust_env=False, timeout=30)

    def everywhere(self) -> Iterator[httpx.Response]:
        yield from (self.ask("records", "GET", path) for path in self.pages())
        for field in self.hidden:
            yield from (self.ask("records", "POST", f"{DEALS}/records/query", body) for body in asking(field))
            yield from (self.ask("analytics", "POST", "/v1/charts/query", body) for body in charting(field))
        for dashboard in ("margin", "sales"):
            yield self.ask("analytics", "GET", f"/v1/dashboards/{dashboard}")
            yield self.ask("analytics", "GET", f"/v1/dashboards/{dashboard}/data")
        yield from self.automated()
        yield from self.exported()
        yield from self.documents()

    def pages(self) -> Iterator[str]:
        record, selection = f"/v1/records/{self.deal}", f"/v1/selections/{self.selection}"
        yield from (DEALS, f"{DEALS}/fields", f"{DEALS}/fields/cost", f"{DEALS}/roles", f"{DEALS}/forms")
        yield from (record, f"{record}/history", f"{record}/activities", f"{record}/comments", f"{record}/guide")
        yield from (f"{record}/referenced-by", f"{record}/checklists", f"{DEALS}/trash", "/v1/suggestions")
        yield from (selection, f"{selection}/records", f"{selection}/call-list", "/v1/selections")
        yield from ("/v1/configuration", "/v1/jobs/records", "/v1/imports", "/openapi.json")

    def automated(self) -> Iterator[httpx.Response]:
        runs = self.ask("automations", "GET", f"/v1/runs?record={self.deal}")
        yield runs
        yield from (self.ask("automations", "GET", f"/v1/runs/{run['id']}") for run in runs.json().get("items", ()))
        for path in ("/v1/rules", "/v1/timers", "/v1/notifications"):
            yield self.ask("automations", "GET", path)

    def exported(self) -> Iterator[httpx.Response]:
        for fields in (None, ["title", *self.hidden]):
            begun = self.ask("records", "POST", "/v1/exports", {"project": "opportunities", "fields": fields})
            yield begun
            if begun.is_success:
                yield self.file(f"/v1/exports/{begun.json()['id']}")

    def file(self, export: str) -> httpx.Response:
        eventually(lambda: self.ask("records", "GET", export).json()["state"] == "done")
        return self.ask("records", "GET", f"{export}/file")

    def documents(self) -> Iterator[httpx.Response]:
        """Those others made, and one made now."""
        path = f"/v1/records/{self.deal}/documents"
        yield self.ask("records", "POST", path, {"template": "quote"})
        listed = self.ask("records", "GET", path)
        yield listed
        yield from (self.ask("records", "GET", f"/v1/documents/{each['id']}") for each in listed.json()["items"])


def asking(field: str) -> Iterator[dict[str, Any]]:
    """A field in every place of a query."""
    yield {"filter": {"field": field, "op": "gte", "value": "1.00"}}
    yield {"filter": {"not": {"field": field, "op": "is_empty"}}}
    yield {"sort": [{"field": field, "descending": True}]}
    yield {"fields": [field]}


def charting(field: str) -> Iterator[dict[str, Any]]:
    """A field in every place of a chart."""
    chart: dict[str, Any] = {"type": "stat", "source": "opportunities", "measure": {"fn": "count"}}
    yield chart | {"measure": {"fn": "sum", "field": field}}
    yield chart | {"measure": {"fn": "max", "expr": f"{{{field}}} * 1"}}
    yield chart | {"filter": {"field": field, "op": "gte", "value": "1.00"}}
    yield chart | {"type": "bar", "group_by": field}
