"""Have deliveries read again."""

from typing import Annotated, Any

import typer
from rich.console import Console

from trunkline import console
from trunkline.client import request
from trunkline.installed import Running, find
from trunkline.moments import From, Until, written
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"
PATH = "/v1/deliveries/replay"


def command(
    *,
    delivery: Annotated[list[str] | None, typer.Option("--id", help="A delivery; repeatable.")] = None,
    state: Annotated[str | None, typer.Option(help="received, normalised, duplicate or quarantined.")] = None,
    connection: Annotated[str | None, typer.Option(help="A connection's id.")] = None,
    provider: Annotated[str | None, typer.Option(help="Such as twilio.")] = None,
    reason: Annotated[str | None, typer.Option(help="A part of why they were quarantined.")] = None,
    adapter: Annotated[str | None, typer.Option(help="The version of the adapter that read them.")] = None,
    outdated: Annotated[bool, typer.Option("--outdated", help="Those whose adapter has changed since.")] = False,
    start: From = None,
    end: Until = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of them, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Read webhooks again, such as those nobody understood: tried first, and what says nothing new changes nothing."""
    asked = {"ids": delivery, "state": state, "connection": connection, "provider": provider, "reason": reason}
    others = {"adapter": adapter, "outdated": outdated, "from": written(start), "to": written(end)}
    wanted: dict[str, Any] = {name: part for name, part in (asked | others).items() if part}
    running = find(data)
    said = _asked(running, wanted, dry_run=True)
    if said["matching"] and not dry_run and (yes or _agreed(said)):
        said = _asked(running, wanted, dry_run=False)
    if json:
        console.print_json(said)
    else:
        _show(said, console.out)


def _asked(running: Running, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
    return dict(request(running, "calls", "POST", PATH, body=wanted | {"dry_run": dry_run}))


def _agreed(tried: dict[str, Any]) -> bool:
    _show(tried, console.err)
    return typer.confirm("Read them again?", err=True)


def _show(said: dict[str, Any], where: Console) -> None:
    for name in ("matching", "expired", "replayed"):
        where.print(f"  {said[name]:>9,} {name}")
    if trial := said["trial"]:
        where.print(f"  of the newest {trial['read']:,}: {trial['understood']:,} understood")
        where.print(f"  {trial['changed']:>9,} would say something else")
        for reason, number in sorted(trial["reasons"].items()):
            where.print(f"  {number:>9,} {console.escaped(reason)}")
