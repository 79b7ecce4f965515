"""Say what a configuration would change."""

import typer

from trunkline import changes, console
from trunkline.failures import Refused
from trunkline.installed import find
from trunkline.options import DEFAULT_DATA, Configuration, Data, Destroy, Json

PANEL = "Content"
CHANGES = 2


def command(
    *,
    file: Configuration,
    data: Data = DEFAULT_DATA,
    destroy: Destroy = False,
    json: Json = False,
) -> None:
    """Say what applying a configuration would change, and change nothing. Exit code 0: nothing, 2: something."""
    running = find(data)
    with console.waiting("looking"):
        plan = changes.ask(running, "plan", file, destroy=destroy)
    if json:
        console.print_json(plan)
    else:
        changes.show(plan)
    if plan["refused"]:
        raise Refused("As things are, it cannot be applied.")
    if not changes.is_empty(plan):
        raise typer.Exit(CHANGES)
