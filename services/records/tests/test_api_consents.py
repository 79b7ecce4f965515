"""What people agreed to: one field, and beside it every yes and no with how it is known."""

from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.importing import import_file
from services.records.tests.running import Api
from services.records.tests.test_events import published

PURPOSES = {
    "key": "purpose",
    "name": "Purpose",
    "extra": ["legal_basis"],
    "items": [
        {"key": "sales_and_service", "name": "Sales", "extra": {"legal_basis": "legitimate_interest"}},
        {"key": "e_marketing", "name": "E-marketing"},
        {"key": "phone", "name": "Being called"},
    ],
}
MAIL = {"key": "mail", "name": "Mail", "items": [{"key": "newsletter", "name": "Newsletter"}]}
CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [{"key": "customers", "name": "Customers", "category": "neutral"}],
    "fields": [
        {"key": "email", "name": "E-mail", "type": "email"},
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "do_not_call", "name": "Do not call", "type": "checkbox"},
        {
            "key": "consents",
            "name": "Consents",
            "type": "consent",
            "config": {"value_list": "purpose", "call_lists": "phone"},
        },
        {"key": "subscriptions", "name": "Subscriptions", "type": "consent", "config": {"value_list": "mail"}},
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(api: Api) -> Api:
    """Customers who are asked for three purposes and one kind of mail."""
    await api.post("/v1/value-lists", PURPOSES)
    await api.post("/v1/value-lists", MAIL)
    await api.post("/v1/projects", CUSTOMERS)
    return api


async def made(desk: Api, title: str = "Jan", **values: Any) -> str:
    return str((await desk.post("/v1/projects/customers/records", {"title": title, "values": values}))["id"])


async def standing(desk: Api, record: str) -> dict[str, Any]:
    found = await desk.get(f"/v1/records/{record}/consents")
    return {each["option"]: each for each in found["items"]}


async def test_a_yes_is_kept_with_how_it_is_known(desk: Api) -> None:
    jan = await made(desk)
    said = {
        "field": "consents",
        "option": "e_marketing",
        "state": "given",
        "source": "phone_call",
        "wording": "May we write to you?",
        "wording_version": "3",
        "evidence": "call:42",
    }
    entry = await desk.post(f"/v1/records/{jan}/consents", said)
    assert {name: entry[name] for name in said} == said
    assert (entry["legal_basis"], entry["actor"][:4]) == ("consent", "key:")
    now = await standing(desk, jan)
    assert (now["e_marketing"]["agreed"], now["e_marketing"]["last"]["id"]) == (True, entry["id"])
    assert (now["newsletter"]["agreed"], now["newsletter"]["last"]) == (False, None)
    assert (await desk.get(f"/v1/records/{jan}"))["values"]["consents"] == ["e_marketing"]


async def test_nothing_that_was_said_is_ever_changed(desk: Api) -> None:
    jan = await made(desk, consents=["e_marketing"])
    path = f"/v1/records/{jan}/consents"
    for state in ("given", "withdrawn", "withdrawn"):
        await desk.post(path, {"field": "consents", "option": "E-marketing", "state": state})
    page = await desk.get(f"{path}/history?limit=3")
    rest = await desk.get(f"{path}/history?limit=3&cursor={page['next_cursor']}")
    assert [each["state"] for each in page["items"] + rest["items"]] == ["withdrawn", "withdrawn", "given", "given"]
    assert "consents" not in (await desk.get(f"/v1/records/{jan}"))["values"]


async def test_however_the_field_is_written_the_words_are_kept(desk: Api) -> None:
    jan = await made(desk, consents=["sales_and_service", "phone"])
    await desk.patch(
        f"/v1/records/{jan}", {"values": {"consents": ["sales_and_service"], "subscriptions": ["newsletter"]}}
    )
    now = await standing(desk, jan)
    last = {key: (each["last"] or {}).get("state") for key, each in now.items()}
    assert last == {"sales_and_service": "given", "phone": "withdrawn", "newsletter": "given", "e_marketing": None}
    assert now["sales_and_service"]["last"]["legal_basis"] == "legitimate_interest"
    assert now["phone"]["last"]["source"] == "api"


async def test_every_word_is_told(desk: Api) -> None:
    jan = await made(desk, consents=["phone"])
    await desk.post(f"/v1/records/{jan}/consents", {"field": "consents", "option": "phone", "state": "withdrawn"})
    told = [each["data"] for each in await published(desk, "records.consent.")]
    assert [(each["option"], each["state"], each["record"]["id"]) for each in told] == [
        ("phone", "given", jan),
        ("phone", "withdrawn", jan),
    ]
    assert "consents" not in told[1]["record"]["values"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"field": "email"}, "/field"),
        ({"option": "nonsense"}, "/option"),
        ({"legal_basis": "because"}, "/legal_basis"),
        ({"state": "maybe"}, "/state"),
    ],
)
async def test_what_is_wrong_is_named(desk: Api, wrong: Any, pointer: str) -> None:
    jan = await made(desk)
    body = {"field": "consents", "option": "phone", "state": "given"} | wrong
    problem = await desk.post(f"/v1/records/{jan}/consents", body, status=422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


async def test_records_are_found_by_what_people_agreed_to(desk: Api) -> None:
    await made(desk, "Yes", consents=["e_marketing"], subscriptions=["newsletter"])
    await made(desk, "No", consents=["phone"])
    agreed = {"field": "consents", "op": "has_any", "value": ["e_marketing"]}
    assert await desk.titles("customers", filter=agreed) == ["Yes"]
    assert await desk.titles("customers", filter={"field": "subscriptions", "op": "is_empty"}) == ["No"]


FORM = {
    "key": "enquiry",
    "title": {"en": "Enquiry"},
    "fields": [
        {"key": "title"},
        {"key": "email"},
        {"key": "subscriptions", "consents": {"newsletter": {"en": "Write to me monthly.", "nl": "Mail mij."}}},
    ],
    "protection": {"min_fill_seconds": 0},
    "privacy": {"purpose": "sales_and_service", "legal_basis": "contract"},
    "on_submit": [{"dedupe": {"match": ["email"], "action": "attach_to_existing"}}],
}


async def test_a_form_keeps_the_words_that_were_agreed_to(desk: Api) -> None:
    slug = (await desk.post("/v1/projects/customers/forms", FORM))["slug"]
    page = (await desk.client.get(f"/forms/{slug}")).text
    assert '<input type="checkbox" name="subscriptions" value="newsletter"' in page
    assert "Write to me monthly." in page
    answers = {"title": "Jan", "email": "jan@example.com", "subscriptions": ["newsletter"]}
    taken = await desk.post(f"/v1/forms/{slug}/submissions?language=nl", answers)
    (jan,) = (await desk.query("customers"))["items"]
    now = {option: each["last"] for option, each in (await standing(desk, jan["id"])).items() if each["agreed"]}
    assert {option: (each["legal_basis"], each["wording"], each["source"]) for option, each in now.items()} == {
        "newsletter": ("consent", "Mail mij.", "web_form"),
        "sales_and_service": ("contract", None, "web_form"),
    }
    assert now["newsletter"]["evidence"] == f"submission:{taken['submission']}"
    assert now["newsletter"]["wording_version"] == "1"


async def test_who_answers_a_form_again_agrees_again_and_withdraws_nothing(desk: Api) -> None:
    slug = (await desk.post("/v1/projects/customers/forms", FORM))["slug"]
    jan = await made(desk, email="jan@example.com", consents=["phone"])
    for ticked in (["newsletter"], [], ["newsletter"]):
        answers = {"title": "Jan", "email": "jan@example.com", "subscriptions": ticked}
        await desk.post(f"/v1/forms/{slug}/submissions", answers)
    values = (await desk.get(f"/v1/records/{jan}"))["values"]
    assert (values["consents"], values["subscriptions"]) == (["sales_and_service", "phone"], ["newsletter"])
    history = (await desk.get(f"/v1/records/{jan}/consents/history"))["items"]
    assert [each["option"] for each in history].count("newsletter") == 2


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"key": "subscriptions", "consents": {"nonsense": "Yes"}}, "/fields/1/consents/nonsense"),
        ({"key": "email", "consents": {"newsletter": "Yes"}}, "/fields/1/consents"),
        ({"key": "subscriptions", "consents": {"newsletter": " "}}, "/fields/1/consents"),
    ],
)
async def test_a_form_asks_for_what_there_is_to_agree_to(desk: Api, question: Any, pointer: str) -> None:
    body = FORM | {"fields": [{"key": "title"}, question]}
    problem = await desk.post("/v1/projects/customers/forms", body, status=422)
    assert problem["errors"][0]["pointer"].startswith(pointer)


async def test_nobody_agrees_to_what_a_form_does_not_ask(desk: Api) -> None:
    asked = {"key": "consents", "consents": {"phone": "Call me."}}
    slug = (await desk.post("/v1/projects/customers/forms", FORM | {"fields": [{"key": "title"}, asked]}))["slug"]
    problem = await desk.post(
        f"/v1/forms/{slug}/submissions", {"title": "Jan", "consents": ["e_marketing"]}, status=422
    )
    assert problem["errors"][0]["pointer"] == "/consents"


async def test_a_call_list_leaves_out_who_did_not_agree(desk: Api) -> None:
    callable_ = await made(desk, "Jan", phone="0612345678", consents=["phone"])
    await made(desk, "Never asked", phone="0612345679")
    await made(desk, "Asked not to", phone="0612345670", consents=["phone"], do_not_call=True)
    body = {"name": "Everybody", "project": "customers", "kind": "dynamic", "criteria": {}}
    path = f"/v1/selections/{(await desk.post('/v1/selections', body))['id']}/call-list"
    listed = await desk.get(path)
    assert (listed["next"]["id"], listed["remaining"], listed["left_out"]) == (callable_, 1, 2)
    await desk.post(f"/v1/records/{callable_}/consents", {"field": "consents", "option": "phone", "state": "withdrawn"})
    listed = await desk.get(path)
    assert (listed["next"], listed["remaining"], listed["left_out"]) == (None, 0, 3)
    assert (await desk.get(f"{path}?everybody=true"))["remaining"] == 3


async def test_what_somebody_does_not_see_keeps_people_from_being_called(desk: Api) -> None:
    """Also where a role hides the consent."""
    await made(desk, "Never asked", phone="0612345679")
    body = {"name": "Everybody", "project": "customers", "kind": "dynamic", "criteria": {}}
    path = f"/v1/selections/{(await desk.post('/v1/selections', body))['id']}/call-list"
    user = (await desk.post("/v1/users", {"name": "Ann", "email": "ann@example.com"}))["id"]
    role = {"key": "caller", "name": "Caller", "field_permissions": {"consents": "none"}, "users": [user]}
    await desk.post("/v1/projects/customers/roles", role)
    key = (await desk.post("/v1/keys", {"name": "Ann", "user": user, "scopes": ["read", "write"]}))["key"]
    ann = desk.as_key(key)
    listed = (await ann.get(path)).json()
    assert (listed["next"], listed["left_out"]) == (None, 1)
    assert (await ann.get(f"{path}?everybody=true")).status_code == 403


async def test_a_link_takes_back_what_it_is_for_and_nothing_else(desk: Api) -> None:
    jan = await made(desk, consents=["phone"], subscriptions=["newsletter"])
    url = (await standing(desk, jan))["newsletter"]["withdraw_url"]
    stranger = desk.as_key("nobody")
    assert "Newsletter" in (await stranger.get(url)).text
    forged = url.replace("newsletter", "phone").replace("subscriptions", "consents")
    assert (await stranger.post(forged)).status_code == 404
    assert [(await stranger.post(url)).status_code for _ in range(2)] == [200, 200]
    now = await standing(desk, jan)
    assert (now["phone"]["agreed"], now["newsletter"]["agreed"]) == (True, False)
    assert (now["newsletter"]["last"]["source"], now["newsletter"]["withdraw_url"]) == ("link", None)
    assert len((await desk.get(f"/v1/records/{jan}/consents/history"))["items"]) == 3


async def test_a_file_gives_consent_but_not_again_to_who_withdrew(desk: Api) -> None:
    jan = await made(desk, "Jan", email="jan@example.com", subscriptions=["newsletter"])
    await desk.post(
        f"/v1/records/{jan}/consents", {"field": "subscriptions", "option": "newsletter", "state": "withdrawn"}
    )
    file = "Name,E-mail,Mail\nJan,jan@example.com,Newsletter\nEva,eva@example.com,newsletter\n"
    options = {
        "mapping": {"Name": "title", "E-mail": "email", "Mail": "subscriptions"},
        "match_on": ["email"],
        "on_match": "replace",
        "consents": {"legal_basis": "contract", "evidence": "file:fair.csv"},
    }
    done = await import_file(desk, file.encode(), project="customers", **options)
    assert (done["created"], done["rejected"]) == (1, 0)
    found = {each["title"]: each for each in (await desk.query("customers"))["items"]}
    assert "subscriptions" not in found["Jan"]["values"]
    last = (await standing(desk, found["Eva"]["id"]))["newsletter"]["last"]
    assert (last["source"], last["legal_basis"], last["evidence"]) == ("import", "contract", "file:fair.csv")
