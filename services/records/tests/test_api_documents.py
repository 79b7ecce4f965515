"""Documents: templates that nobody trusts, filled in with what their maker may see."""

import base64
import io
from typing import Any

import pytest
import pytest_asyncio
from docx import Document
from services.records.tests.running import Api

from records.domain.rendering import check_body
from shared.errors import Invalid

TEMPLATES = "/v1/document-templates"
BODY = "<p>{{ record.title }} {{ record.amount | money }} {{ record.remark }} {{ record.close_on | date }}</p>"


@pytest_asyncio.fixture(loop_scope="session")
async def path(api: Api) -> str:
    fields = [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "remark", "name": "Remark", "type": "text"},
        {"key": "close_on", "name": "Close on", "type": "date"},
    ]
    await api.post("/v1/projects", {"key": "deals", "name": "Deals", "fields": fields})
    values = {"amount": "25000.50", "remark": "<script>", "close_on": "2026-01-31"}
    record = await api.post("/v1/projects/deals/records", {"title": "Café", "values": values})
    return f"/v1/records/{record['id']}/documents"


async def keep(api: Api, kind: str, body: str, **options: Any) -> Any:
    given = {"name": "Quote", "kind": kind, "bodies": {"nl": {"subject": "{{ record.title }}", "body": body}}}
    return await api.ask("PUT", f"{TEMPLATES}/quote", given, **options)


async def content(api: Api, path: str) -> Any:
    made = await api.post(path, {"template": "quote"}, status=201)
    return await api.client.get(f"/v1/documents/{made['id']}")


async def test_html_is_escaped_and_written_as_in_its_language(api: Api, path: str) -> None:
    await keep(api, "html", BODY)
    answer = await content(api, path)
    assert answer.text == "<p>Café €\xa025.000,50 &lt;script&gt; 31 januari 2026</p>"
    assert answer.headers["content-disposition"].startswith("attachment")
    (made,) = (await api.get(path))["items"]
    assert made["subject"] == "Café"
    notes = (await api.get(path.replace("documents", "activities")))["items"]
    assert notes[0]["body"] == "Document: Quote.html"


async def test_a_pdf_is_a_pdf_and_fetches_nothing(api: Api, path: str) -> None:
    await keep(api, "pdf", BODY)
    assert (await content(api, path)).content.startswith(b"%PDF")
    await keep(api, "pdf", '<img src="file:///etc/passwd">')
    await api.post(path, {"template": "quote"}, status=422)


async def test_a_docx_is_filled_in(api: Api, path: str) -> None:
    blank, file = Document(), io.BytesIO()
    blank.add_paragraph("{{ record.title }} & {{ record.remark }}")
    blank.save(file)
    await keep(api, "docx", base64.b64encode(file.getvalue()).decode())
    made = Document(io.BytesIO((await content(api, path)).content))
    assert "Café & <script>" in [each.text for each in made.paragraphs]
    await keep(api, "docx", "bm90IGEgZG9jeA==", status=422)


async def test_a_missing_variable_is_named(api: Api, path: str) -> None:
    await keep(api, "html", "{{ record.nothing }}")
    refused = await api.post(path, {"template": "quote"}, status=422)
    assert "nothing" in refused["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ record.__class__.__mro__ }}{{ ''.join(record) }}",
        "{% for a in record %}{% for b in record %}{% for c in record %}{% endfor %}{% endfor %}{% endfor %}",
        "{% set a = 'x' %}{% set a = a ~ a %}",
        "{{ 'x' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{% include '/etc/passwd' %}",
        "{{ record | attr('x') }}",
        "{% if %}",
    ],
)
def test_a_hostile_template_is_refused(body: str) -> None:
    with pytest.raises(Invalid):
        check_body("html", {"body": body})
