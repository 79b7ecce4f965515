"""A dashboard: charts, where they stand on the page, and who may see or change them."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from analytics.domain.chart import SINGLE, Key, KeyedChart, Measure, Name, Shape, Texts

MOST_CHARTS = 60
COLUMNS = 12
Role = Literal["viewer", "editor"]
ROLES: dict[object, Role] = {"view": "viewer", "edit": "editor"}
GlobalFilter = Literal["project", "list", "tag", "timeframe"]
# Columns and rows of a tile that was not placed yet; all others are as wide as half the page.
SIZES = {"stat": (3, 2), "bullet": (3, 2), "gauge": (3, 3)}
FILTERS: tuple[GlobalFilter, ...] = ("project", "list", "tag", "timeframe")


class Tile(Shape):
    """Where a chart stands, in columns and rows, the first being 0."""

    chart: Key
    x: int = Field(ge=0, lt=COLUMNS)
    y: int = Field(ge=0, le=1_000)
    width: int = Field(ge=1, le=COLUMNS)
    height: int = Field(ge=1, le=20)

    @model_validator(mode="after")
    def _is_on_the_page(self) -> "Tile":
        if self.x + self.width > COLUMNS:
            raise ValueError(f"A tile ends at column {COLUMNS}: `x` + `width` is at most that")
        return self


class Layout(Shape):
    columns: Literal[12] = 12
    drag_and_drop: bool = Field(default=True, description="Whether editors may move tiles on the page")
    tiles: tuple[Tile, ...] = Field(default=(), max_length=MOST_CHARTS)


class Grant(Shape):
    """A role for one user, one team, or everyone with a key."""

    user: Name | None = None
    team: Name | None = None
    everyone: Literal[True] | None = None
    role: Annotated[Role, BeforeValidator(lambda given: ROLES.get(given, given))] = "viewer"

    @model_validator(mode="after")
    def _is_for_one(self) -> "Grant":
        if sum(each is not None for each in (self.user, self.team, self.everyone)) != 1:
            raise ValueError("A grant is for a user, for a team, or for everyone")
        return self


class Sharing(Shape):
    """``internal_only``: share links open only for those who have a key of this workspace."""

    internal_only: bool = False
    grants: tuple[Grant, ...] = Field(default=(), max_length=500)


class Dashboard(Shape):
    key: Key
    title: Name | Texts
    charts: tuple[KeyedChart, ...] = Field(default=(), max_length=MOST_CHARTS)
    layout: Layout = Layout()
    global_filters: tuple[GlobalFilter, ...] = FILTERS
    sharing: Sharing = Sharing()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Dashboard":
        keys = [each.key for each in self.charts]
        placed = [each.chart for each in self.layout.tiles]
        for each in (*_doubles(keys), *_doubles(placed)):
            raise ValueError(f"There are two charts '{each}'")
        for each in placed:
            if each not in keys:
                raise ValueError(f"A tile is of a chart '{each}' that is not there")
        return self

    @property
    def sources(self) -> frozenset[str]:
        """The keys of the projects that its charts ask."""
        own = {each for chart in self.charts for each in chart.source}
        values = [value for chart in self.charts for value in chart.measured.values()]
        return frozenset(own | {each for value in values for each in value.source or ()})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: ``actor`` as in the log, the user behind it if there is one."""

    actor: str
    user: str | None = None
    teams: frozenset[str] = frozenset()
    is_administrator: bool = False


def role_of(viewer: Viewer, owner: str, sharing: Sharing) -> Role | None:
    """What the viewer may do. Owners and administrators may edit; without a grant nobody else sees it."""
    if viewer.is_administrator or viewer.actor == owner:
        return "editor"
    roles = {each.role for each in sharing.grants if _is_for(each, viewer)}
    return "editor" if "editor" in roles else "viewer" if roles else None


def _is_for(grant: Grant, viewer: Viewer) -> bool:
    if grant.everyone:
        return True
    return grant.team in viewer.teams if grant.team else viewer.user is not None and grant.user == viewer.user


def outlined(chart: KeyedChart, seen: Container[str]) -> KeyedChart:
    """A chart for those who may not see what it asks: none of its fields, and of its projects those they see."""
    return KeyedChart.model_construct(
        key=chart.key,
        type=chart.type,
        title=chart.title,
        display=chart.display,
        source=tuple(each for each in chart.source if each in seen),
        measure=Measure(fn="count"),
        group_by=() if chart.type in SINGLE else ("list",),
    )


def laid_out(dashboard: Dashboard) -> Dashboard:
    """With a tile for each chart: those that have none follow below, in rows."""
    tiles = dashboard.layout.tiles
    placed = {each.chart for each in tiles}
    rest = [each for each in dashboard.charts if each.key not in placed]
    top = max((each.y + each.height for each in tiles), default=0)
    layout = dashboard.layout.model_copy(update={"tiles": (*tiles, *_flowing(rest, top))})
    return dashboard.model_copy(update={"layout": layout})


def _flowing(charts: Sequence[KeyedChart], top: int) -> Iterator[Tile]:
    """Single numbers first, four in a row; then the charts, two in a row."""
    x = y = 0
    before = None
    for chart in sorted(charts, key=_flows_at):
        width, height = SIZES.get(chart.type, (6, 4))
        if before is not None and (x + width > COLUMNS or height != before):
            x, y = 0, y + before
        yield Tile(chart=chart.key, x=x, y=top + y, width=width, height=height)
        x, before = x + width, height


def _flows_at(chart: KeyedChart) -> int:
    return [*SIZES, chart.type].index(chart.type)


def _doubles(keys: Sequence[str]) -> list[str]:
    return [each for number, each in enumerate(keys) if each in keys[:number]]
