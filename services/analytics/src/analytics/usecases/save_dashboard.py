"""Making, changing and removing a dashboard."""

from uuid_utils.compat import uuid7

from analytics.domain.chart_data import check_formula
from analytics.domain.chart_plan import Place, plan
from analytics.domain.dashboard import Dashboard, Viewer, role_of
from analytics.storage import dashboards
from analytics.storage.dashboards import Stored
from shared.database import Transaction
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound


class DashboardNotFound(NotFound):
    pass


class KeyTaken(Conflict):
    pass


class MayNotEdit(Forbidden):
    pass


async def find_visible(transaction: Transaction, viewer: Viewer, key: str, *, lock: bool = False) -> Stored:
    """The dashboard, if the viewer may see it. Raises `DashboardNotFound`, also where it is there but not for them."""
    stored = await dashboards.find(transaction, key, lock=lock)
    if stored is None or role_of(viewer, stored.owner, stored.dashboard.sharing) is None:
        raise DashboardNotFound(f"There is no dashboard '{key}' for you.")
    return stored


async def find_editable(transaction: Transaction, viewer: Viewer, key: str) -> Stored:
    """The dashboard, locked, if the viewer may change it. Raises `DashboardNotFound` and `MayNotEdit`."""
    stored = await find_visible(transaction, viewer, key, lock=True)
    if role_of(viewer, stored.owner, stored.dashboard.sharing) != "editor":
        raise MayNotEdit(f"You may see the dashboard '{key}', but not change it.")
    return stored


async def add_dashboard(transaction: Transaction, new: Dashboard, place: Place) -> Stored:
    """Raises `KeyTaken`, and `Invalid` that names each mistake of each chart."""
    if await dashboards.find(transaction, new.key):
        raise KeyTaken(f"There is a dashboard '{new.key}' already.")
    require_charts(new, place)
    await dashboards.add(transaction, str(uuid7()), new)
    return await _found(transaction, new.key)


async def change_dashboard(transaction: Transaction, before: Stored, wanted: Dashboard, place: Place) -> Stored:
    """The next version; the same one where nothing differs. Charts that stay as they were are not checked anew."""
    if wanted == before.dashboard:
        return before
    require_charts(wanted, place, known=before.dashboard)
    await dashboards.save(transaction, before.id, wanted, before.version + 1)
    return await _found(transaction, wanted.key)


async def remove_dashboard(transaction: Transaction, viewer: Viewer, key: str) -> None:
    """Only for its owner and administrators. Raises `DashboardNotFound` and `MayNotEdit`."""
    stored = await find_editable(transaction, viewer, key)
    if not viewer.is_administrator and viewer.actor != stored.owner:
        raise MayNotEdit(f"Only its owner may delete the dashboard '{key}'.")
    await dashboards.remove(transaction, stored.id)


def require_charts(wanted: Dashboard, place: Place, known: Dashboard | None = None) -> None:
    """Raises `Invalid` with all mistakes of all charts, such as at ``/charts/3/measure/field``."""
    same = set() if known is None else {each.key for each in known.charts if each in wanted.charts}
    errors = [
        FieldError(f"/charts/{number}{each.pointer}", each.detail)
        for number, found in mistakes(wanted, place).items()
        for each in found
        if wanted.charts[number].key not in same
    ]
    if errors:
        raise Invalid(errors[0].detail, errors)


def mistakes(wanted: Dashboard, place: Place) -> dict[int, tuple[FieldError, ...]]:
    """What keeps charts from being drawn, by their number."""
    found = {}
    for number, chart in enumerate(wanted.charts):
        try:
            check_formula(chart)
            plan(chart, place, {})
        except Invalid as refusal:
            found[number] = refusal.errors or (FieldError("", refusal.detail),)
    return found


async def _found(transaction: Transaction, key: str) -> Stored:
    stored = await dashboards.find(transaction, key)
    assert stored is not None  # noqa: S101 — it was just written
    return stored
