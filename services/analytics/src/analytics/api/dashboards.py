"""Dashboards: their charts, where those stand, who may see them, and their data."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fastapi import Request, Response
from pydantic import BaseModel

from analytics.api.charts import ChartView, view
from analytics.dependencies import AskedScope, Engine, Looking, Reader, Writer, place_of
from analytics.domain.chart import Texts
from analytics.domain.chart_plan import Scope, can_be_drawn
from analytics.domain.dashboard import Dashboard, Role, Viewer, laid_out, outlined, role_of
from analytics.domain.names import normalised
from analytics.storage import dashboards, projects
from analytics.storage.clickhouse import ClickHouse
from analytics.storage.dashboards import Stored
from analytics.usecases import save_dashboard
from analytics.usecases.draw_charts import draw_charts
from shared.contracts.records import ProjectChanged
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.command import CommandRouter
from shared.http.etag import IfMatch, require_match, set_etag
from shared.policy import Policy

router = CommandRouter(prefix="/v1/dashboards", tags=["dashboards"])


class Choice(BaseModel):
    key: str
    name: str


class Choices(BaseModel):
    """What the filters may be set to. Lists and tags of one name are one."""

    projects: list[Choice]
    lists: list[Choice]
    tags: list[Choice]


class DashboardView(Dashboard):
    """``role`` is the caller's: `editor` may change it."""

    id: str
    version: int
    owner: str
    role: Role
    updated_at: datetime
    choices: Choices


class Listed(BaseModel):
    key: str
    title: str | Texts
    version: int
    role: Role
    owner: str
    charts: int
    updated_at: datetime


class Dashboards(BaseModel):
    items: list[Listed]
    next_cursor: None = None


class Data(BaseModel):
    """By the charts' keys. One that cannot be drawn for the caller has a null ``value`` and a ``reason``."""

    charts: dict[str, ChartView]


@router.get("", summary="The dashboards the caller may see")
async def list_dashboards(transaction: Tx, viewer: Looking) -> Dashboards:
    known = [
        (each, role_of(viewer, each.owner, each.dashboard.sharing)) for each in await dashboards.every(transaction)
    ]
    return Dashboards(items=[_listed(each, role) for each, role in known if role is not None])


@router.post("", status_code=201, summary="Make a dashboard", response_model_exclude_none=True)
async def add_dashboard(
    body: Dashboard, request: Request, response: Response, transaction: Tx, viewer: Looking, writer: Writer
) -> DashboardView:
    place = await place_of(request, transaction, writer.policy, Scope())
    added = await save_dashboard.add_dashboard(transaction, body, place)
    return await _shown(request, transaction, response, added, viewer, writer.policy)


@router.get("/{key}", summary="One dashboard", response_model_exclude_none=True)
async def get_dashboard(
    key: str, request: Request, response: Response, transaction: Tx, viewer: Looking, reader: Reader
) -> DashboardView:
    stored = await save_dashboard.find_visible(transaction, viewer, key)
    return await _shown(request, transaction, response, stored, viewer, reader.policy)


@router.put("/{key}", summary="Change a dashboard", response_model_exclude_none=True)
async def put_dashboard(
    key: str,
    body: Dashboard,
    request: Request,
    response: Response,
    transaction: Tx,
    viewer: Looking,
    writer: Writer,
    if_match: IfMatch = None,
) -> DashboardView:
    """The whole of it, as `GET` shows it without what only the service knows."""
    if body.key != key:
        raise Invalid.at("/key", f"A dashboard keeps its key: '{key}'.")
    stored = await save_dashboard.find_editable(transaction, viewer, key)
    require_match(if_match, stored.version)
    place = await place_of(request, transaction, writer.policy, Scope())
    changed = await save_dashboard.change_dashboard(transaction, stored, body, place)
    return await _shown(request, transaction, response, changed, viewer, writer.policy)


@router.delete("/{key}", status_code=204, summary="Delete a dashboard")
async def delete_dashboard(key: str, transaction: Tx, viewer: Looking, _writer: Writer) -> None:
    await save_dashboard.remove_dashboard(transaction, viewer, key)


@router.get("/{key}/data", summary="The data of all its charts", response_model_exclude_unset=True)
async def get_data(
    key: str, request: Request, transaction: Tx, engine: Engine, scope: AskedScope, viewer: Looking, reader: Reader
) -> Data:
    stored = await save_dashboard.find_visible(transaction, viewer, key)
    return await data_of(request, transaction, engine, reader.policy, stored, scope)


async def data_of(
    request: Request, transaction: Transaction, engine: ClickHouse, policy: Policy, stored: Stored, scope: Scope
) -> Data:
    place = await place_of(request, transaction, policy, scope)
    charts = {each.key: each for each in stored.dashboard.charts}
    found = await draw_charts(engine, place, charts)
    currency = place.schema.base_currency
    return Data(charts={key: view(charts[key], each, currency) for key, each in found.items()})


async def shown(
    request: Request, transaction: Transaction, stored: Stored, role: Role, policy: Policy
) -> DashboardView:
    """Who may not change it does not see of a chart what it asks, where they may not see that."""
    whole = laid_out(stored.dashboard)
    known = {name: getattr(whole, name) for name in Dashboard.model_fields}
    if role == "viewer":
        place = await place_of(request, transaction, policy, Scope())
        seen = place.schema.projects
        known["charts"] = tuple(each if can_be_drawn(each, place) else outlined(each, seen) for each in whole.charts)
    about = {name: getattr(stored, name) for name in ("id", "version", "owner", "updated_at")}
    used = stored.dashboard.sources
    projects_used = [each for each in await projects.every(transaction) if each.key in used and policy.may_see(each)]
    return DashboardView(**known, **about, role=role, choices=_choices(projects_used, policy))


def _choices(used: Sequence[ProjectChanged], policy: Policy) -> Choices:
    lists = [stage for each in used for stage in each.lists if policy.may_see_list(each, stage.key)]
    tags = [tag for each in used for tag in each.tags if policy.may_see_tag(each, tag.key)]
    return Choices(
        projects=[Choice(key=each.key, name=each.name) for each in used],
        lists=_merged((each.key, each.name) for each in lists),
        tags=_merged((each.key, each.name) for each in tags),
    )


def _merged(pairs: Iterable[tuple[str, str]]) -> list[Choice]:
    first: dict[str, Choice] = {}
    for key, name in pairs:
        first.setdefault(normalised(name), Choice(key=key, name=name))
    return list(first.values())


async def _shown(
    request: Request, transaction: Transaction, response: Response, stored: Stored, viewer: Viewer, policy: Policy
) -> DashboardView:
    set_etag(response, stored.version)
    role = role_of(viewer, stored.owner, stored.dashboard.sharing) or "viewer"
    return await shown(request, transaction, stored, role, policy)


def _listed(stored: Stored, role: Role) -> Listed:
    return Listed(
        key=stored.dashboard.key,
        title=stored.dashboard.title,
        version=stored.version,
        role=role,
        owner=stored.owner,
        charts=len(stored.dashboard.charts),
        updated_at=stored.updated_at,
    )
