"""Who is to be forgotten is rewritten on disk, in every version of a row, and their own records are gone."""

from pathlib import Path

import pytest
from services.analytics.tests.deals import deal
from services.analytics.tests.running import Asking, Running, answered

from analytics.domain.facts import facts
from analytics.storage import persons
from shared.contracts.records import RecordUpdated
from shared.privacy import Person

JAN = Person(("+31612345678",), ("jan.jansen@example.com",), ("customer-1",))
MARK = "erased-abcdefabcdef"
SPELLINGS = [b"back 06123", b"12 34 56 78", b"jan.jansen", b"+31612345678"]


async def _keep(asking: Asking, *records: object) -> None:
    for record in records:
        for row in facts(RecordUpdated.model_validate({"record": record})):
            await asking.clickhouse.insert(row.table, [row.columns])


def _on_disk(folder: str) -> list[str]:
    """Where the person is told of in plain bytes: ClickHouse compresses, so this sees only what it left plain."""
    files = [each for each in Path(folder).rglob("*") if each.is_file()]
    return [str(each) for each in files if any(word in each.read_bytes() for word in SPELLINGS)]


async def test_every_version_is_rewritten_and_what_is_theirs_is_gone(asking: Asking, chdb_path: str) -> None:
    first = deal("o1", title="+31612345678,0612345678", values={"mail": "jan.jansen@example.com"}, version=1)
    second = first.model_copy(
        update={"version": 2, "tags": ["06-12 34 56 78", "seo"], "title": "Jan.Jansen@Example.com"}
    )
    theirs = first.model_copy(update={"id": "customer-1", "title": "Jan"})
    await _keep(asking, first, second, theirs)
    await asking.keep([answered(1, topic="call back 0612345678"), answered(2, topic="1061234567890")])
    found = await persons.found_of({"clickhouse": asking.clickhouse}, JAN)
    assert {table: len(rows) for table, rows in found.items()}["clickhouse:call"] == 1
    stores = await persons.forget(asking.clickhouse, JAN, MARK)
    assert stores["clickhouse:record"] == 3
    assert stores["clickhouse:call"] == 1
    assert await persons.found_of({"clickhouse": asking.clickhouse}, JAN) == {}
    rows = await asking.clickhouse.query("SELECT id, title, tags, version FROM record ORDER BY version")
    assert [(row["id"], row["title"], row["tags"]) for row in rows] == [(first.id, MARK, [MARK, "seo"])]
    topics = await asking.clickhouse.query("SELECT topic FROM call ORDER BY id")
    assert [row["topic"] for row in topics] == [f"call back {MARK}", "1061234567890"]
    old = await asking.clickhouse.command("SELECT count() FROM system.parts WHERE NOT active AND table = 'record'")
    assert int(old) == 0
    assert _on_disk(chdb_path) == []


@pytest.mark.parametrize("left", ["numbers", "records"])
async def test_part_of_a_person_is_enough(asking: Asking, left: str) -> None:
    whole = {"numbers": JAN.numbers, "records": JAN.records}
    theirs = deal("o1", id="customer-1", title="0612345678")
    await _keep(asking, theirs)
    assert (await persons.forget(asking.clickhouse, Person(**{left: whole[left]}), MARK))["clickhouse:record"] == 1


async def test_the_part_of_analytics_tells_what_it_knows(service: Running) -> None:
    answer = await service.client.post("/v1/persons/part/found", json={"numbers": ["+31612345678"]})
    assert answer.json() == {"found": {}, "rows": {}}
