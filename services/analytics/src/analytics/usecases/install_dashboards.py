"""The dashboards of a configuration: what can be drawn is installed, the rest is named with its reason."""

from collections.abc import Collection, Mapping

from uuid_utils.compat import uuid7

from analytics.domain.chart_plan import Place
from analytics.domain.dashboard import Dashboard
from analytics.storage import dashboards
from analytics.usecases.save_dashboard import mistakes
from shared.configuration import Applied, Named
from shared.database import Transaction


async def install_dashboards(
    transaction: Transaction, wanted: Mapping[int, Dashboard], place: Place, applied: Applied, *, dry_run: bool
) -> None:
    """Idempotent by key. Charts that cannot be drawn with the projects of ``place`` are left out."""
    for number, each in wanted.items():
        kept = _drawable(number, each, place, applied)
        await _install(transaction, kept, applied, dry_run=dry_run)


async def destroy_others(transaction: Transaction, named: Collection[str], applied: Applied, *, dry_run: bool) -> None:
    """With their links. What was named stays, even where it was skipped: it is wanted all the same."""
    for present in await dashboards.every(transaction):
        if present.dashboard.key not in named:
            applied.destroyed.append(Named(key=present.dashboard.key, id=present.id))
            if not dry_run:
                await dashboards.remove(transaction, present.id)


def _drawable(number: int, wanted: Dashboard, place: Place, applied: Applied) -> Dashboard:
    wrong = mistakes(wanted, place)
    for position, errors in wrong.items():
        reason = " ".join(dict.fromkeys(each.detail for each in errors))
        applied.skip(f"/dashboards/{number}/charts/{position}", reason)
    charts = tuple(each for position, each in enumerate(wanted.charts) if position not in wrong)
    left = {each.key for each in charts}
    tiles = tuple(each for each in wanted.layout.tiles if each.chart in left)
    layout = wanted.layout.model_copy(update={"tiles": tiles})
    return wanted.model_copy(update={"charts": charts, "layout": layout})


async def _install(transaction: Transaction, wanted: Dashboard, applied: Applied, *, dry_run: bool) -> None:
    present = await dashboards.find(transaction, wanted.key, lock=True)
    dashboard_id = present.id if present else str(uuid7())
    named = Named(key=wanted.key, id=dashboard_id)
    if present is None:
        applied.created.append(named)
        if not dry_run:
            await dashboards.add(transaction, dashboard_id, wanted)
    elif present.dashboard == wanted:
        applied.unchanged.append(named)
    else:
        applied.changed.append(named)
        if not dry_run:
            await dashboards.save(transaction, dashboard_id, wanted, present.version + 1)
