"""Templates and sales guides as others write them, applied as they are."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from services.records.tests.importing import finished
from services.records.tests.running import Api

from records.api.configured_projects import all_nouns
from records.workers.configurations import run_configuration
from shared.jobs import Kinds

CONFIGURATION = "/v1/configuration"
FOREIGN = """
apiVersion: template/v1
metadata: {key: shop, version: 1, title: {en: Shop, nl: Winkel}, variants: {all: [people]}, default_variant: all}
settings: {timezone: Europe/Amsterdam, base_currency: EUR, business_calendar: {}}
teams: [{key: sales, name: {en: Sales, nl: Verkoop}}]
roles:
  - {key: junior, permissions: {import_export: true}, field_permissions: {people.kind: none}}
  - {key: finance, field_permissions: {invoices.*: edit}}
projects:
  - key: people
    origin: guide
    title: {en: People, nl: Mensen}
    lists: [{key: all, origin: guide, name: {en: All, nl: Alle}, category: neutral}]
    tags: [{key: seo, name: {en: SEO, nl: SEO}}]
    fields:
      - {key: phone, type: phone, name: {en: Phone, nl: Tel}, config: {default_region: NL, store: e164}, index: true}
      - {key: kind, type: select, name: {en: Kind, nl: Soort}, options: [{key: a, en: A, nl: Aa}]}
"""


async def test_a_template_may_be_applied_as_it_is_written_elsewhere(api: Api) -> None:
    answer = await api.client.post(f"{CONFIGURATION}/apply?language=nl", content=FOREIGN)
    assert answer.status_code == 200, answer.text
    assert [each["pointer"] for each in answer.json()["skipped"]] == ["/settings/business_calendar"]
    people = await api.get("/v1/projects/people")
    assert people["name"] == "Mensen"
    assert people["fields"][1]["config"]["options"][0]["name"] == "Aa"
    (role,) = (await api.get("/v1/projects/people/roles"))["items"]
    assert (role["permissions"], role["field_permissions"]) == ({"import": True, "export": True}, {"kind": "none"})


async def test_a_job_applies_what_nobody_waits_for(api: Api) -> None:
    async def done(content: str) -> Any:
        answer = await api.client.post(f"{CONFIGURATION}/apply?wait=false", content=content)
        assert answer.status_code == 202, answer.text
        kinds: Kinds = {"configuration": partial(run_configuration, all_nouns())}
        return await finished(api, f"/v1/jobs/records/{answer.json()['id']}", kinds)

    waited = await done(FOREIGN)
    assert (waited["state"], waited["done"], waited["total"]) == ("done", 1, 1)
    assert [each["item"] for each in waited["result"]["creates"]][:1] == ["projects/people"]
    assert (await api.get("/v1/projects/people"))["name"] == "People"
    again = await done("projects: [{key: people, name: People, fields: [{key: kind, type: text, name: K}]}]")
    assert (again["state"], again["result"]["errors"][0]["pointer"]) == ("failed", "/projects/0/fields/0/type")
    assert (await api.client.post(f"{CONFIGURATION}/apply?wait=false", content="[")).status_code == 422


GUIDE = """
apiVersion: guide/v1
kind: GuideSet
metadata: {key: our_guide, version: 2, language: nl, timezone: Europe/Amsterdam}
engine: {may_go_back: true, minimum_stages: 3}
lists:
  company_category:
    extra: [category_group]
    items:
      - {key: maybe, origin: docs, name: {en: Maybe, nl: Misschien}, category_group: potential_customer}
      - {key: customer, name: {en: Customer, nl: Klant}, category_group: customer}
  business: {items: [{key: it, name: {en: IT, nl: IT}}]}
  company_interest: {multiple: true, items: [{key: key_account, name: {nl: Key}}]}
  contact_interest: {multiple: true, items: [{key: user, name: {nl: Gebruiker}}]}
  subscription_type: {multiple: true, items: [{key: events, name: {nl: Evenementen}}]}
  lead_status: {items: [{key: open, name: {nl: Open}}, {key: qualified, name: {nl: Geschikt}}]}
  sale_source: {items: [{key: web, name: {nl: Web}}]}
  reason_sold: {items: [{key: price, name: {nl: Prijs}}]}
  reason_lost: {items: [{key: price, name: {nl: Prijs}}]}
  reason_stalled: {items: [{key: later, name: {nl: Later}}]}
  sale_stage:
    items: [{key: lead, name: {nl: Lead}}, {key: offer, name: {nl: Offerte}}, {key: sold, name: {nl: Verkocht}}]
  project_status: {items: [{key: planned, name: {nl: Gepland}}, {key: completed, name: {nl: Klaar}}]}
  amount_class:
    items: [{key: small, from: 0, to: 9999.99, currency: EUR}, {key: large, from: 10000, to: null, currency: EUR}]
document_templates: [{key: letter, kind: docx, name: {nl: Brief}, variables: [sale.number]}]
sale_types:
  - key: direct
    name: {nl: Direct}
    estimated_duration: {value: 2, unit: weeks}
    has_guide: true
    quote: {valid_days: 30}
    stages:
      - {key: lead, rank: 1, probability: 10, follow_ups: [{key: call, rank: 1, name: {nl: Bellen}, type: phone_out}]}
      - key: offer
        rank: 2
        probability: 50
        follow_ups: [{key: visit, rank: 1, name: {nl: Bezoek}, type: meeting}]
        documents: [{key: brief, rank: 1, name: {nl: Brief}, template: letter, our_ref: "{{sale.number}}"}]
    outcomes: {sold: {require: [reason_sold]}, stalled: {require: [reopen_date, reason_stalled]}}
project_types: []
category_automation:
  - {event: sale.sold, set_category: customer, confirm: false}
  - {event: lead_status.changed, to: qualified, set_category: maybe, confirm: true}
selections:
  - {key: stalled, kind: dynamic, of_entity: sale, criteria: {all: [{field: status, op: eq, value: stalled}]}}
  - {key: maybes, kind: dynamic, of_entity: company, criteria: {field: company.category, op: in, value: [maybe]}}
  - {key: others, kind: combined, of_entity: company, of: [maybes, quiet], compare: only_in_2}
monitors:
  - {key: quiet, entity: company, priority: 1, criteria: {all: [{counter: activities, period: P90D, op: eq, value: 0}]}}
webhooks: {}
weather: fine
"""


async def test_a_sales_guide_may_be_applied_as_it_is_written_elsewhere(api: Api) -> None:
    answer = await api.client.post(f"{CONFIGURATION}/apply?variant=sales&language=nl", content=GUIDE)
    assert answer.status_code == 200, answer.text
    left = [each for each in answer.json()["skipped"] if "service is configured" not in each["reason"]]
    assert [each["pointer"] for each in left] == ["/weather", "/engine/minimum_stages", "/sale_types/0/quote"]
    assert len((await api.get("/v1/value-lists"))["items"]) == 12
    sales = await api.get("/v1/projects/sales")
    assert [(each["key"], each["category"]) for each in sales["lists"]] == [
        ("lead", "open"),
        ("offer", "open"),
        ("sold", "won"),
    ]
    sale = await api.post("/v1/projects/sales/records", {"title": "Ovens"})
    assert sale["values"]["type"] == "direct"
    days = datetime.fromisoformat(sale["due_at"]) - datetime.fromisoformat(sale["created_at"])
    assert days.days == 14
    moved = await api.post(f"/v1/records/{sale['id']}/move", {"list": "offer"})
    assert moved["probability"] == "50"
    stages = (await api.get(f"/v1/records/{sale['id']}/guide"))["stages"]
    assert [item["key"] for item in stages[1]["items"]] == ["visit", "brief"]
    found = (await api.get("/v1/selections?project=companies"))["items"]
    assert {each["name"] for each in found} == {"Maybes", "Others", "Quiet"}


GIVEN = Path(__file__).parents[4] / "shared" / "templates"
AT_HAND = pytest.mark.skipif(not GIVEN.exists(), reason="the templates as others wrote them are not at hand")


async def left_of(api: Api, name: str, query: str) -> set[str]:
    """What of that template was left out, beside the parts of other services."""
    answer = await api.client.post(f"{CONFIGURATION}/apply?{query}", content=(GIVEN / name).read_bytes())
    assert answer.status_code == 200, answer.text
    return {each["pointer"] for each in answer.json()["skipped"] if "service is configured" not in each["reason"]}


@AT_HAND
@pytest.mark.parametrize("variant", ["sales", "whole"])
async def test_the_sales_guide_as_others_wrote_it_is_set_up(api: Api, variant: str) -> None:
    left = await left_of(api, "sales_guide.yaml", f"variant={variant}&language=nl")
    quoting = {"/sale_types/0/has_stakeholders", "/sale_types/0/quote"}
    assert left == {"/privacy", *quoting, *(f"/monitors/{number}/default_follow_up" for number in range(3))}


@AT_HAND
async def test_the_sales_crm_as_others_wrote_it_is_set_up(api: Api) -> None:
    assert await left_of(api, "sales_crm.yaml", "") == {
        "/settings/business_calendar",
        "/projects/0/record_name",
        "/projects/1/required_lists",
        "/projects/1/suggested_weights_beyond_guide",
    }
