"""The sales CRM, set up from its template: in both languages, in its variants, with what is left out named."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from services.records.tests.running import Api

from records.domain.template import load, plan
from records.gateways.peers import Peer

INSTALL = "/v1/templates/sales_crm/install"

# Deals of the golden sample: what they were worth, what they cost, and where they stand.
DEALS: list[dict[str, Any]] = [
    {"title": "o1", "list": "closed_won", "amount": "10000.00", "cost": "6000.00", "tags": ["branding"]},
    {"title": "o2", "list": "contract_out", "amount": "25000.00", "cost": "15000.00", "tags": ["website"]},
    {"title": "o3", "list": "proposal_sent", "amount": "4000.00", "cost": "1500.00", "tags": ["seo"]},
    {"title": "o4", "list": "closed_won", "amount": "30000.00", "cost": "18000.00", "tags": ["website", "seo"]},
    {"title": "o5", "list": "negotiations", "amount": {"amount": "5000.00", "currency": "USD"}, "tags": []},
]
PROFIT = {"o1": "4000.00", "o2": "10000.00", "o3": "2500.00", "o4": "12000.00", "o5": None}


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Customer database", "Opportunities", "Projects", "Invoices"]),
        ("nl", ["Klantendatabase", "Kansen", "Projecten", "Facturen"]),
    ],
)
async def test_a_workspace_is_set_up_in_one_language(api: Api, language: str, names: list[str]) -> None:
    installed = await api.post(INSTALL, {"language": language}, status=201)
    assert set(installed["projects"]) == {"customers", "opportunities", "projects", "invoices"}
    projects = (await api.get("/v1/projects"))["items"]
    assert [each["name"] for each in projects] == names
    opportunities = await api.get(f"/v1/projects/{installed['projects']['opportunities']}")
    assert len(opportunities["lists"]) == 9
    weights = {each["key"]: each["forecast_weight"] for each in opportunities["lists"] if each["forecast_weight"]}
    assert weights == {"proposal_sent": "0.5", "contract_out": "0.9"}
    assert [each["key"] for each in opportunities["tags"]] == ["branding", "website", "seo", "facebook_management"]
    in_dutch = next(each for each in opportunities["fields"] if each["key"] == "lost_reason")
    assert in_dutch["config"]["options"][0]["name"] == {"en": "Price", "nl": "Prijs"}[language]


async def test_the_deals_of_the_sample_earn_what_they_should(api: Api) -> None:
    await api.post(INSTALL, {})
    customer = await api.post(
        "/v1/projects/customers/records", {"title": "Bakkerij Smit", "values": {"phone": "020 123 4567"}}
    )
    items = [
        {
            "title": deal["title"],
            "list": deal["list"],
            "tags": deal["tags"],
            "values": {"amount": deal["amount"], "customer": customer["id"]}
            | ({"cost": deal["cost"]} if "cost" in deal else {}),
        }
        for deal in DEALS
    ]
    await api.post("/v1/projects/opportunities/records/bulk", {"items": items})
    page = (await api.query("opportunities", sort=[{"field": "title"}]))["items"]
    assert {each["title"]: each["values"].get("profit", {}).get("amount") for each in page} == PROFIT
    assert {each["values"]["customer_phone"] for each in page} == {"+31201234567"}
    rich = {"all": [{"field": "profit", "op": "gte", "value": "4000.00"}, {"list_category": "won"}]}
    assert await api.titles("opportunities", filter=rich, sort=[{"field": "profit"}]) == ["o1", "o4"]


async def test_a_project_of_a_won_deal_looks_up_its_customer(api: Api) -> None:
    await api.post(INSTALL, {"variant": "three", "language": "nl"})
    customer = await api.post(
        "/v1/projects/customers/records",
        {"title": "Bakkerij Smit", "values": {"email": "jo@smit.nl", "account_status": "actief"}},
    )
    values = {"amount": 900, "customer": customer["id"]}
    body = {"title": "Huisstijl", "list": "qualification", "values": values}
    deal = await api.post("/v1/projects/opportunities/records", body)
    body = {"title": "Huisstijl", "values": {"opportunity": deal["id"]}}
    problem = await api.post("/v1/projects/projects/records", body, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/values/opportunity"]
    await api.post(f"/v1/records/{deal['id']}/move", {"list": "closed_won"})
    project = await api.post("/v1/projects/projects/records", body, status=201)
    assert project["values"] == {
        "opportunity": deal["id"],
        "deal_value": {"amount": "900.00", "currency": "EUR"},
        "customer_name": "Bakkerij Smit",
        "customer_email": "jo@smit.nl",
        "account_status": "active",
    }
    assert await api.titles("projects", filter={"opportunity.customer.account_status": "active"}) == ["Huisstijl"]


async def test_without_other_services_only_their_parts_are_left_out(api: Api) -> None:
    skipped = (await api.post(INSTALL, {}, status=201))["skipped"]
    reasons = {each["pointer"]: each["reason"] for each in skipped}
    assert set(reasons) == {"/dashboard", *(f"/automations/{number}" for number in range(6))}
    assert "No analytics service" in reasons["/dashboard"]
    roles = (await api.get("/v1/projects/opportunities/roles"))["items"]
    assert {each["key"] for each in roles} == {"sales_admin", "sales_rep", "junior_rep", "finance"}
    (form,) = (await api.get("/v1/projects/customers/forms"))["items"]
    assert form["slug"] == "new-customer"


@pytest.mark.parametrize("variant", ["sales", "whole"])
async def test_the_sales_guide_is_set_up_whole_and_leads_through_a_sale(api: Api, variant: str) -> None:
    installed = await api.post("/v1/templates/sales_guide/install", {"variant": variant}, status=201)
    elsewhere = ("/automations/", "/dashboard")
    assert all(each["pointer"].startswith(elsewhere) for each in installed["skipped"]), installed["skipped"]
    assert len((await api.get("/v1/value-lists"))["items"]) == 13
    company = await api.post("/v1/projects/companies/records", {"title": "Smit", "values": {"category": "prospect"}})
    sale = await api.post("/v1/projects/sales/records", {"title": "Ovens", "values": {"company": company["id"]}})
    assert sale["values"]["type"] == "new_customer"
    guide = await api.get(f"/v1/records/{sale['id']}/guide")
    assert guide["stages"][0]["items"][0]["key"] == "qualify_call"
    made = await api.post(f"/v1/records/{sale['id']}/documents", {"template": "contract"}, status=201)
    assert made["subject"] == "Contract S-00001"


async def test_both_templates_stand_side_by_side(api: Api) -> None:
    await api.post("/v1/templates/sales_guide/install", {"language": "nl"}, status=201)
    await api.post(INSTALL, {"language": "nl"}, status=201)
    assert len((await api.get("/v1/projects"))["items"]) == 8


@pytest.mark.parametrize("variant", ["two", "three", "four"])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_of_a_template_nothing_is_skipped_but_what_leads_out_of_its_variant(variant: str, language: str) -> None:
    installation = plan(load("sales_crm"), variant, language)
    reasons = {each.reason for each in installation.skipped}
    assert all("not part of this variant" in each or "was skipped" in each for each in reasons)
    assert bool(reasons) == (variant != "four")


@pytest.mark.parametrize(("variant", "rules"), [("two", 5), ("three", 6), ("four", 6)])
def test_a_smaller_variant_leaves_out_what_leads_elsewhere(variant: str, rules: int) -> None:
    installation = plan(load("sales_crm"), variant, "en")
    keys = [project["key"] for project in installation.configuration["projects"]]
    assert keys == ["customers", "opportunities", "projects", "invoices"][: {"two": 2, "three": 3, "four": 4}[variant]]
    assert len(installation.configuration["rules"]) == rules


async def test_a_second_installation_is_a_conflict_and_changes_nothing(api: Api) -> None:
    await api.post("/v1/projects", {"key": "invoices", "name": "Mine"})
    problem = await api.post(INSTALL, {}, status=409)
    assert "invoices" in problem["detail"]
    assert [each["key"] for each in (await api.get("/v1/projects"))["items"]] == ["invoices"]
    await api.post(INSTALL, {"variant": "three"}, status=201)


async def test_the_same_request_is_answered_once(api: Api) -> None:
    first = await api.post(INSTALL, {"variant": "two"}, idempotency_key="install-1")
    assert await api.post(INSTALL, {"variant": "two"}, idempotency_key="install-1") == first
    await api.post(INSTALL, {"variant": "four"}, status=422, idempotency_key="install-1")


async def test_what_is_no_template_is_refused(api: Api) -> None:
    await api.post("/v1/templates/nothing/install", {}, status=404)
    await api.post("/v1/templates/..%2Fsales_crm/install", {}, status=404)
    await api.post(INSTALL, {"variant": "five"}, status=422)
    await api.post(INSTALL, {"language": "fr"}, status=422)


def automations_service(status: int = 200) -> FastAPI:
    """Another service, as its contract describes it: it skips the second rule."""
    app = FastAPI()
    app.state.asked = []

    @app.post("/v1/configuration/part")
    async def apply_part(request: Request) -> JSONResponse:
        body = await request.json()
        if not body["dry_run"]:
            app.state.asked.append((request.headers["authorization"], request.headers["idempotency-key"], body))
        skipped = [{"pointer": "/rules/1", "reason": "The trigger 'record.inactive' is not built."}]
        nothing: dict[str, Any] = {word: [] for word in ("created", "changed", "unchanged", "destroyed")}
        return JSONResponse(nothing | {"skipped": skipped}, status)

    @app.get("/v1/configuration/part")
    async def read_part() -> JSONResponse:
        return JSONResponse({"rules": []}, status)

    return app


@asynccontextmanager
async def beside(api: Api, service: FastAPI) -> AsyncIterator[None]:
    """Let records speak with that service."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service)) as client:
        api.app.state.parts["peers"] = {"automations": Peer(client, "automations", "http://automations", "the-key")}
        yield


async def test_rules_go_to_automations_and_what_it_skips_is_told(api: Api) -> None:
    service = automations_service()
    async with beside(api, service):
        skipped = (await api.post(INSTALL, {"language": "nl"}, idempotency_key="i-1"))["skipped"]
    ((key, idempotency_key, body),) = service.state.asked
    assert (key, idempotency_key) == ("Bearer the-key", "install:i-1")
    assert [rule["key"] for rule in body["rules"]] == [
        "new_lead_assignment",
        "follow_up_reminder",
        "stage_progress_notification",
        "deal_ageing_alert",
        "customer_changed_notice",
        "won_creates_project",
    ]
    assert body["rules"][0]["name"] == "Nieuwe lead toewijzen"
    assert {project["key"] for project in body["projects"]} == {"customers", "opportunities", "projects", "invoices"}
    reasons = {each["pointer"]: each["reason"] for each in skipped}
    assert reasons["/automations/1"] == "The trigger 'record.inactive' is not built."
    assert "/automations/0" not in reasons


@pytest.mark.parametrize(("status", "answered"), [(503, 503), (401, 503), (422, 502)])
async def test_nothing_is_installed_where_automations_cannot_take_the_rules(
    api: Api, status: int, answered: int
) -> None:
    async with beside(api, automations_service(status)):
        await api.post(INSTALL, {}, status=answered)
    assert (await api.get("/v1/projects"))["items"] == []
