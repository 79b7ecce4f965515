"""Templates: a whole workspace at once."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import Field
from uuid_utils.compat import uuid7

from records.api.configured_projects import all_nouns
from records.api.wire import REFUSALS, Body
from records.dependencies import Peers
from records.usecases.install_template import install_template
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/templates", tags=["templates"], responses=REFUSALS)


class Installation(Body):
    variant: Annotated[str | None, Field(description="The template's own; null: its default", examples=["four"])] = None
    language: Annotated[Literal["en", "nl"], Field(description="Of all names")] = "en"


class SkippedOut(Body):
    pointer: Annotated[str, Field(description="The part's place in the template", examples=["/projects/0/fields/3"])]
    reason: str


class Installed(Body):
    projects: Annotated[dict[str, str], Field(description="The ids of the new projects, by their keys")]
    skipped: Annotated[Sequence[SkippedOut], Field(description="What was left out, and what hung on it")]


@router.post("/{key}/install", status_code=201, dependencies=[Depends(requires("admin"))])
async def install(
    key: str,
    transaction: Tx,
    peers: Peers,
    body: Installation | None = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Installed:
    """All of it or nothing. 409 where a project of one of its keys exists; 503 where a service cannot be reached."""
    wanted = body or Installation()
    installed = await install_template(
        transaction,
        all_nouns(),
        peers,
        key,
        variant=wanted.variant,
        language=wanted.language,
        request_key=f"install:{idempotency_key or uuid7()}"[:255],
    )
    skipped = [SkippedOut(pointer=each.pointer, reason=each.reason) for each in installed.skipped]
    return Installed(projects=installed.projects, skipped=skipped)
