"""Forms and the answers to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.form import Form
from records.domain.submission import Submission
from records.storage.tables.forms import form, submission

_alive = form.c.deleted_at.is_(None)


async def add(connection: AsyncConnection, new: Form) -> None:
    await connection.execute(insert(form).values(vars(new)))


async def change(connection: AsyncConnection, changed: Form) -> None:
    await connection.execute(update(form).where(form.c.id == changed.id).values(vars(changed)))


async def of_project(connection: AsyncConnection, project_id: str) -> list[Form]:
    statement = select(form).where(form.c.project_id == project_id, _alive).order_by(form.c.created_at, form.c.id)
    return [Form(**row) for row in (await connection.execute(statement)).mappings()]


async def find(connection: AsyncConnection, project_id: str, key: str) -> Form | None:
    statement = select(form).where(form.c.project_id == project_id, form.c.key == key, _alive)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Form(**row) if row else None


async def by_slug(connection: AsyncConnection, slug: str) -> Form | None:
    statement = select(form).where(form.c.slug == slug, _alive)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Form(**row) if row else None


async def slug_is_taken(connection: AsyncConnection, slug: str) -> bool:
    return (await connection.execute(select(form.c.id).where(form.c.slug == slug))).first() is not None


async def take_turns(connection: AsyncConnection, found: Form) -> None:
    """One submission of a form after the other, so that counting them is exact."""
    statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    await connection.execute(statement, {"name": f"form/{found.id}"})


async def count_since(
    connection: AsyncConnection, form_id: str, since: datetime, visitor: str | None, visitor_since: datetime
) -> tuple[int, int]:
    """Submissions of the form later than ``since``, and those of one visitor later than ``visitor_since``."""
    mine = (submission.c.visitor == visitor, submission.c.at > visitor_since)
    statement = select(func.count().filter(submission.c.at > since), func.count().filter(*mine))
    first = min(since, visitor_since)
    found = await connection.execute(statement.where(submission.c.form_id == form_id, submission.c.at > first))
    every, own = found.one()
    return every, own


async def add_submission(connection: AsyncConnection, new: Submission) -> None:
    await connection.execute(insert(submission).values(vars(new)))


async def by_nonce(connection: AsyncConnection, form_id: str, nonce: str) -> Submission | None:
    statement = select(submission).where(submission.c.form_id == form_id, submission.c.nonce == nonce)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return Submission(**row) if row else None


async def submissions(
    connection: AsyncConnection, form_id: str, limit: int, before: tuple[datetime, str] | None
) -> Sequence[Submission]:
    """The newest first; ``before`` is the moment and id of the last one seen."""
    statement = select(submission).where(submission.c.form_id == form_id)
    if before is not None:
        statement = statement.where(tuple_(submission.c.at, submission.c.id) < before)
    statement = statement.order_by(submission.c.at.desc(), submission.c.id.desc()).limit(limit)
    return [Submission(**row) for row in (await connection.execute(statement)).mappings()]
