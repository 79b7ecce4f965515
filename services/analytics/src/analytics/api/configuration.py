"""This service's part of a workspace's configuration: its dashboards."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analytics.dependencies import Administrator
from analytics.domain.chart_plan import Place
from analytics.domain.dashboard import Dashboard
from analytics.domain.names import names_of
from analytics.settings import Settings
from analytics.storage import dashboards, projects
from analytics.usecases.install_dashboards import Installed, destroy_others, install_dashboards
from shared.contracts.records import ProjectChanged
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])


class Part(BaseModel):
    """``projects``: schemas that are about to be true, as in `records.project.changed.v1`.

    Whoever installs a template has not committed them yet. With ``destroy`` dashboards that are not named here go; with
    ``dry_run`` nothing is changed: it says what would be.
    """

    model_config = ConfigDict(extra="forbid")

    dashboards: list[dict[str, Any]] = Field(description="Each as for `POST /v1/dashboards`")
    projects: list[ProjectChanged] = []
    destroy: bool = False
    dry_run: bool = False


class Named(BaseModel):
    key: str
    id: str


class Skipped(BaseModel):
    """``pointer`` is the place in the body of the dashboard or chart that was left out."""

    pointer: str
    reason: str


class Applied(BaseModel):
    created: list[Named]
    changed: list[Named]
    unchanged: list[Named]
    destroyed: list[Named]
    skipped: list[Skipped]


class Configured(BaseModel):
    dashboards: list[dict[str, Any]]


@router.get("/part", summary="The dashboards, as they would be applied")
async def get_part(transaction: Tx, _administrator: Administrator) -> Configured:
    known = await dashboards.every(transaction)
    written = [each.dashboard.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in known]
    return Configured(dashboards=written)


@router.post("/part", summary="Make these dashboards, by key; charts that cannot be drawn are skipped")
async def apply_part(body: Part, request: Request, transaction: Tx, _administrator: Administrator) -> Applied:
    read = [_read(each) for each in body.dashboards]
    settings: Settings = request.app.state.settings
    known = {each.key: each for each in await projects.every(transaction)} | {each.key: each for each in body.projects}
    schema = projects.schema_of(known.values(), settings.base_currency, settings.timezone)
    place = Place(schema, names_of(known.values(), {}), transaction.now)
    wanted = {number: each for number, each in enumerate(read) if isinstance(each, Dashboard)}
    installed = await install_dashboards(transaction, wanted, place, dry_run=body.dry_run)
    if body.destroy:
        named = {str(each.get("key")) for each in body.dashboards}
        await destroy_others(transaction, named, installed, dry_run=body.dry_run)
    unread = {f"/dashboards/{number}": each for number, each in enumerate(read) if isinstance(each, str)}
    return _shown(installed, installed.skipped | unread)


def _read(written: dict[str, Any]) -> Dashboard | str:
    """The dashboard, or why it does not read."""
    try:
        return Dashboard.model_validate(written)
    except ValidationError as error:
        return " ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}." for each in error.errors())


def _shown(installed: Installed, skipped: dict[str, str]) -> Applied:
    return Applied(
        created=[Named(key=key, id=one) for key, one in installed.created],
        changed=[Named(key=key, id=one) for key, one in installed.changed],
        unchanged=[Named(key=key, id=one) for key, one in installed.unchanged],
        destroyed=[Named(key=key, id=one) for key, one in installed.destroyed],
        skipped=[Skipped(pointer=place, reason=reason) for place, reason in sorted(skipped.items())],
    )
