"""Say what runs."""

from typing import Any

import typer
from rich.table import Table

from trunkline import console
from trunkline.failures import NotReady, NotRunning
from trunkline.installed import require_alive
from trunkline.launcher import folder
from trunkline.launcher.description import describe, nothing
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Running"


def command(*, data: Data = DEFAULT_DATA, json: Json = False) -> None:
    """Say what runs, where, and whether it is ready.

    With [bold]--json[/]: ready, services (name: address), engines (name: address with login), key, and each part's
    process, state, restarts, memory and log. Exit code 0 ready, 3 not running, 4 not ready.
    """
    place = folder.existing(data)
    try:
        described = describe(place, require_alive(place))
    except NotRunning:
        if json:
            console.print_json(nothing(place))
        raise
    if json:
        console.print_json(described)
    else:
        _show(described)
    if not described["ready"]:
        raise typer.Exit(NotReady.code)


def _show(described: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "part", "address", "state", "process", "restarts", "memory"):
        table.add_column(heading, no_wrap=heading != "state")
    for name, part in described["parts"].items():
        mark = console.GOOD if part["ready"] else console.BAD
        memory = "" if part["memory_mb"] is None else f"{part['memory_mb']:.0f} MB"
        said = part["reason"] or f"ready for {part['seconds']} s"
        table.add_row(mark, name, part["address"], said, str(part["pid"] or ""), str(part["restarts"]), memory)
    console.out.print(table)
    for name, part in described["parts"].items():
        if part["restarts"] and part["trouble"]:
            console.out.print(f"{name} was started again: {part['trouble']}", soft_wrap=True, markup=False)
    console.out.print(f"[dim]Data: {described['data']} · database: {described['database_folder']}[/]", soft_wrap=True)
