"""Make a workspace as a configuration says."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline import changes, console
from trunkline.installed import find
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"


def command(
    *,
    file: Annotated[Path, typer.Argument(help="A configuration.", exists=True, dir_okay=False, metavar="FILE")],
    data: Data = DEFAULT_DATA,
    destroy: Annotated[bool, typer.Option("--destroy", help="Destroy what the file does not name.")] = False,
    json: Json = False,
) -> None:
    """Make the workspace as a configuration says: all of it or nothing. Applying it again changes nothing."""
    running = find(data)
    with console.waiting("applying"):
        done = changes.ask(running, "apply", file, destroy=destroy)
    if json:
        console.print_json(done)
    else:
        changes.show(done)
