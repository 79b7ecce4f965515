"""Is it alive, is it ready, how does it do: the same three questions to every service."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.database import Database
from shared.errors import Problem, Unavailable

router = APIRouter(tags=["health"])

Waiting = Callable[[], str | None]


@router.get("/livez", summary="The process answers")
async def alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="The service can do its work",
    responses={503: {"description": "It waits for something", "content": {"application/problem+json": {}}}},
)
async def ready(request: Request) -> dict[str, str]:
    """503 with the reason while the database or the bus is away, or replicas are not caught up yet."""
    reason: str | None = request.app.state.waiting_for()
    if reason:
        raise Unavailable(f"Waiting for {reason}.")
    await _ask(request.app.state.database)
    return {"status": "ready"}


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def measurements() -> Response:
    """In a thread: thousands of lines are written, and meanwhile others are answered."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _ask(database: Database) -> None:
    try:
        async with database.begin() as connection:
            await connection.execute(text("SELECT 1"))
    except (Problem, SQLAlchemyError, OSError) as error:
        raise Unavailable("Waiting for the database.") from error
