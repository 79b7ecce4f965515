"""Files: kept once under the digest of their bytes, given to those who may see them, gone when nobody holds them."""

import io
import os
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from services.records.tests.importing import parts
from services.records.tests.running import Api
from sqlalchemy import text

from records.domain.file import clean_name, media_type
from records.gateways.blobs import Blobs
from records.usecases.keep_file import forget_files
from records.workers.due import sweep
from shared.database import Database
from shared.errors import Unavailable

PDF = b"%PDF-1.7 a contract"


async def pieces(count: int, size: int, sent: list[int]) -> AsyncIterator[bytes]:
    """A body whose length nobody announced; ``sent`` counts what was asked of it."""
    for number in range(count):
        sent.append(number)
        yield bytes([number % 256]) * size


@pytest.fixture
def folder(api: Api, tmp_path: Path) -> Path:
    api.app.state.parts["blobs"] = Blobs(str(tmp_path / "files"))
    return tmp_path / "files"


async def upload(api: Api, name: str = "contract.pdf", content: bytes = PDF, status: int = 201) -> Any:
    answer = await api.client.post("/v1/files", params={"name": name}, content=content)
    assert answer.status_code == status, answer.text
    return answer.json()


async def deal(api: Api, *files: Any, status: int = 201) -> Any:
    return await api.post("/v1/projects/deals/records", {"title": "A", "values": {"papers": files}}, status=status)


async def project(api: Api) -> None:
    papers = {"key": "papers", "name": "Papers", "type": "file", "config": {"multiple": True}}
    await api.post("/v1/projects", {"key": "deals", "name": "Deals", "fields": [papers]})


def lying(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


def kept(folder: Path) -> int:
    return len(lying(folder))


async def a_day_later(api: Api, blobs: Blobs) -> int:
    database: Database = api.database
    async with database.transaction() as transaction:
        await transaction.execute(text("UPDATE file SET created_at = created_at - interval '25 hours'"))
        return await forget_files(transaction, blobs)


async def test_a_record_holds_files_as_they_were_uploaded(api: Api, folder: Path) -> None:
    await project(api)
    sent = await upload(api, "../../Contract: v1.pdf")
    assert (sent["name"], sent["size"], sent["type"]) == ("Contract v1.pdf", len(PDF), "application/pdf")
    record = await deal(api, {"id": sent["id"], "name": "lies.exe", "size": 1})
    assert record["values"]["papers"] == [sent]
    again = await api.patch(f"/v1/records/{record['id']}", {"values": {"papers": [sent["id"]]}})
    assert again["version"] == 1
    answer = await api.client.get(f"/v1/files/{sent['id']}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Contract%20v1.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_was_never_uploaded_is_refused(api: Api, folder: Path) -> None:
    await project(api)
    problem = await deal(api, "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11", status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/values/papers"]
    await upload(api, content=b"", status=422)
    await api.get("/v1/files/0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11", status=404)


async def test_the_bytes_go_when_the_last_record_lets_go(api: Api, folder: Path) -> None:
    await project(api)
    one, other, unused = await upload(api), await upload(api, "copy.pdf"), await upload(api, "x.txt", b"unused")
    assert kept(folder) == 2
    first, second = await deal(api, one["id"]), await deal(api, other["id"])
    blobs = api.app.state.parts["blobs"]
    assert await a_day_later(api, blobs) == 1
    assert kept(folder) == 1
    await api.get(f"/v1/files/{unused['id']}", status=404)
    await api.patch(f"/v1/records/{first['id']}", {"values": {"papers": None}})
    assert await a_day_later(api, blobs) == 1
    assert kept(folder) == 1
    await api.patch(f"/v1/records/{second['id']}", {"values": {"papers": []}})
    assert await a_day_later(api, blobs) == 1
    assert kept(folder) == 0


async def test_a_file_nobody_holds_is_its_senders_alone(api: Api, folder: Path) -> None:
    sent = await upload(api)
    other = await api.post("/v1/keys", {"name": "Other", "scopes": ["read"]})
    async with api.as_key(other["key"]) as client:
        assert (await client.get(f"/v1/files/{sent['id']}")).status_code == 404
        assert (await client.post("/v1/files?name=x", content=b"x")).status_code == 403


async def test_a_large_file_is_never_whole_in_memory(api: Api, folder: Path) -> None:
    size, sent = 1 << 20, list[int]()
    await upload(api, content=PDF)
    tracemalloc.start()
    try:
        answer = await api.client.post("/v1/files?name=large.bin", content=pieces(40, size, sent))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.json()["size"]) == (201, 40 * size)
    assert peak < 25 * size
    read = await api.client.get(f"/v1/files/{answer.json()['id']}")
    assert sha256(read.content).digest() == sha256(b"".join(bytes([n]) * size for n in range(40))).digest()


async def test_what_is_too_large_is_refused_while_it_comes(api: Api, folder: Path) -> None:
    sent = list[int]()
    allowed = api.app.state.settings
    api.app.state.settings = allowed.model_copy(update={"largest_file": 3_000})
    try:
        answer = await api.client.post("/v1/files?name=a", content=pieces(100, 1_000, sent))
    finally:
        api.app.state.settings = allowed
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert kept(folder) == 0


async def test_the_same_upload_twice_is_one_file(api: Api, folder: Path) -> None:
    first, again = [
        await api.client.post("/v1/files?name=a", content=PDF, headers={"idempotency-key": "once"}) for _ in range(2)
    ]
    other = await api.client.post("/v1/files?name=a", content=b"other", headers={"idempotency-key": "once"})
    assert (again.json(), other.status_code) == (first.json(), 422)


async def test_what_a_failed_upload_left_is_swept_away(api: Api, folder: Path) -> None:
    await upload(api)
    blobs = api.app.state.parts["blobs"]
    left = sha256(b"left").hexdigest()
    await blobs.put(left, io.BytesIO(b"left"))
    await sweep(parts(api))
    assert kept(folder) == 2
    for each in lying(folder):
        os.utime(each, (0, 0))
    await sweep(parts(api))
    assert [path.name for path in lying(folder)] == [sha256(PDF).hexdigest()]


@pytest.mark.skipif("TRUNKLINE_TEST_S3" not in os.environ, reason="no S3 server is named: see docs/HOWTO.md")
async def test_an_s3_bucket_keeps_files_as_a_folder_does() -> None:
    blobs = Blobs(os.environ["TRUNKLINE_TEST_S3"])
    content = os.urandom(12 << 20)
    digest = sha256(content).hexdigest()
    await blobs.put(digest, io.BytesIO(content))
    assert b"".join([chunk async for chunk in blobs.chunks(digest)]) == content
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert digest in [each async for listed in blobs.before(later) for each in listed]
    assert [each async for listed in blobs.before(later - timedelta(days=1)) for each in listed] == []
    for _ in range(2):
        await blobs.delete(digest)
    with pytest.raises(Unavailable):
        [chunk async for chunk in blobs.chunks(digest)]


async def test_without_a_place_nothing_is_taken_in(api: Api) -> None:
    await upload(api, status=503)


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("a.pdf", b"%PDF-1", "application/pdf"),
        ("a.pdf", b"<html>", "application/octet-stream"),
        ("a.html", b"<html>", "application/octet-stream"),
        ("a.svg", b"<svg>", "application/octet-stream"),
        ("a.csv", b"a;b", "text/csv"),
        ("a.exe", b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
def test_a_type_is_what_the_bytes_say(name: str, start: bytes, kind: str) -> None:
    assert media_type(name, start) == kind


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("C:\\a\\b.pdf", "b.pdf"),
        ("../..", "file"),
        ("a\x00b\u202egpj.exe", "abgpj.exe"),
        ("é" * 300 + ".pdf", "é" * 196 + ".pdf"),
    ],
)
def test_a_name_hurts_nobody(given: str, name: str) -> None:
    assert clean_name(given) == name
