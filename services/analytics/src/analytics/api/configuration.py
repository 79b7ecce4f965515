"""This service's part of a workspace's configuration: its dashboards."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field, ValidationError

from analytics.dependencies import Administrator
from analytics.domain.chart_plan import Place
from analytics.domain.dashboard import Dashboard
from analytics.domain.names import names_of
from analytics.settings import Settings
from analytics.storage import dashboards, projects
from analytics.usecases.install_dashboards import destroy_others, install_dashboards
from shared.configuration import Applied, Part, sentence
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/configuration", tags=["configuration"])


class DashboardsPart(Part):
    dashboards: list[dict[str, Any]] = Field(description="Each as for `POST /v1/dashboards`")


class Configured(BaseModel):
    dashboards: list[dict[str, Any]]


@router.get("/part", summary="The dashboards, as they would be applied")
async def get_part(transaction: Tx, _administrator: Administrator) -> Configured:
    known = await dashboards.every(transaction)
    written = [each.dashboard.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in known]
    return Configured(dashboards=written)


@router.post("/part", summary="Make these dashboards, by key; charts that cannot be drawn are skipped")
async def apply_part(body: DashboardsPart, request: Request, transaction: Tx, _administrator: Administrator) -> Applied:
    settings: Settings = request.app.state.settings
    known = {each.key: each for each in await projects.every(transaction)} | {each.key: each for each in body.projects}
    schema = projects.schema_of(known.values(), settings.base_currency, settings.timezone)
    place = Place(schema, names_of(known.values(), {}), transaction.now)
    applied = Applied()
    await install_dashboards(transaction, _read(body.dashboards, applied), place, applied, dry_run=body.dry_run)
    if body.destroy:
        named = {str(each.get("key")) for each in body.dashboards}
        await destroy_others(transaction, named, applied, dry_run=body.dry_run)
    return applied


def _read(written: list[dict[str, Any]], applied: Applied) -> dict[int, Dashboard]:
    """Those that read, by their number."""
    wanted = {}
    for number, each in enumerate(written):
        try:
            wanted[number] = Dashboard.model_validate(each)
        except ValidationError as error:
            applied.skip(f"/dashboards/{number}", sentence(error))
    return wanted
