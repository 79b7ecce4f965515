"""Records that are a person's: those whose own telephone number or e-mail address says so."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.privacy import Person

_OWN = """
    SELECT record.id::text AS id, field.key, field.type, record."values" ->> field.key AS value
    FROM record JOIN field ON field.project_id = record.project_id
    WHERE field.type IN ('phone', 'email') AND record."values" ->> field.key IS NOT NULL
"""
_HELD = text(f'{_OWN} AND record."values" ->> field.key ~* :pattern ORDER BY 1')
_OF = text(f"{_OWN} AND record.id = ANY(CAST(:ids AS uuid[]))")
_UNIQUE = text("DELETE FROM unique_value WHERE record_id = ANY(CAST(:ids AS uuid[])) AND field = ANY(:fields)")
# Files that nobody else holds, of records that go.
_FILES_OF = text(
    """
    SELECT sha256 FROM file WHERE id IN (SELECT file_id FROM file_use WHERE record_id = ANY(CAST(:ids AS uuid[]))
      EXCEPT SELECT file_id FROM file_use WHERE record_id <> ALL(CAST(:ids AS uuid[])))
    """
)
_UNHELD = text("DELETE FROM file WHERE sha256 = ANY(:digests) AND id NOT IN (SELECT file_id FROM file_use)")
_USES = text("DELETE FROM file_use WHERE record_id = ANY(CAST(:ids AS uuid[]))")
_KEPT = text("SELECT sha256 FROM file WHERE sha256 = ANY(:digests)")
# Spreadsheets are compressed: nothing can be found, so nothing is kept. Whoever wants one exports it again.
_SPREADSHEETS = text(
    "DELETE FROM export_part USING job WHERE job.id = export_part.job_id AND job.input ->> 'format' = 'xlsx'"
)

# What was written freely on records, by table: it may say anything of anybody.
_WORDS = [
    text(f"{change} record_id = ANY(CAST(:ids AS uuid[]))")
    for change in (
        "UPDATE change SET changes = '{}' WHERE kind <> 'moved' AND",
        "UPDATE deed SET changes = '{}' WHERE",
        "UPDATE activity SET body = NULL WHERE",
        "UPDATE activity SET call = call - CAST(:names AS text[]) WHERE jsonb_typeof(call) = 'object' AND",
        "DELETE FROM checklist WHERE",
        "DELETE FROM document WHERE",
        "UPDATE consent SET comment = NULL, evidence = NULL WHERE",
        "UPDATE submission SET answers = '{}', visitor = NULL WHERE",
    )
]


async def held_by(connection: AsyncConnection, person: Person) -> dict[str, set[str]]:
    """The records whose own number or address is the person's, with those fields."""
    found: dict[str, set[str]] = {}
    for row in await connection.execute(_HELD, {"pattern": person.pattern}) if person.pattern else ():
        found.setdefault(row.id, set()).add(row.key)
    return found


async def also_theirs(connection: AsyncConnection, ids: Collection[str]) -> Person:
    """The other numbers and addresses of these records, where no other record has them, too."""
    rows = list(await connection.execute(_OF, {"ids": list(ids)}))
    numbers: set[str] = set()
    emails: set[str] = set()
    for row in rows:
        alone = Person((row.value,)) if row.type == "phone" else Person((), (row.value,))
        if set(await held_by(connection, alone)) <= set(ids):
            (numbers if row.type == "phone" else emails).add(row.value)
    return Person(tuple(sorted(numbers)), tuple(sorted(emails)))


async def forget_words(connection: AsyncConnection, ids: Collection[str]) -> None:
    given = {"ids": list(ids), "names": ["note", "external_number", "from_number", "to_number"]}
    for statement in _WORDS:
        await connection.execute(
            statement, {name: part for name, part in given.items() if f":{name}" in statement.text}
        )


async def forget_unique(connection: AsyncConnection, record_id: str, fields: Collection[str]) -> None:
    await connection.execute(_UNIQUE, {"ids": [record_id], "fields": sorted(fields)})


async def forget_files(connection: AsyncConnection, ids: Collection[str]) -> list[str]:
    """The digests of contents that nobody has any more."""
    files = {"ids": list(ids)}
    digests = set((await connection.execute(_FILES_OF, files)).scalars())
    await connection.execute(_USES, files)
    await connection.execute(_UNHELD, {"digests": sorted(digests)})
    kept = set((await connection.execute(_KEPT, {"digests": sorted(digests)})).scalars())
    return sorted(digests - kept)


async def forget_spreadsheets(connection: AsyncConnection) -> int:
    return (await connection.execute(_SPREADSHEETS)).rowcount
