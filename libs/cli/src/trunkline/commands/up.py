"""Start everything and keep it running."""

from pathlib import Path
from typing import Annotated

import typer

from trunkline import console
from trunkline.installed import find, require_alive
from trunkline.launcher import detach as in_background
from trunkline.launcher import folder, port_map
from trunkline.launcher.description import describe
from trunkline.launcher.life import Options, live
from trunkline.options import DEFAULT_DATA, Data, Json
from trunkline.progress import Progress

PANEL = "Running"
RANK = 0


def command(
    *,
    data: Data = DEFAULT_DATA,
    port_base: Annotated[
        str,
        typer.Option(
            metavar="N|auto",
            help="Services listen on N+1 to N+4 (records, automations, calls, analytics), engines from N+10; "
            "[bold]auto[/] or 0 takes any free range.",
        ),
    ] = str(port_map.DEFAULT_BASE),
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready; it runs on.")] = False,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where the services listen. The engines stay on 127.0.0.1.")
    ] = "127.0.0.1",
    test_clock: Annotated[
        bool, typer.Option("--test-clock", help="Let [bold]trunkline clock[/] move the time. For tests only.")
    ] = False,
    companion: Annotated[
        int | None, typer.Option("--while", metavar="PID", help="End when that process ends: for scripts and tests.")
    ] = None,
    json: Json = False,
) -> None:
    """Start the engines and the four services, and keep them running.

    Everything lives in the data folder; a part that dies is started again. Ctrl-C, or [bold]trunkline down[/], ends it.
    A first start makes the administrator's key; [bold]trunkline key[/] prints it again.
    """
    options = Options(data, _base(port_base), bind, test_clock, companion)
    with Progress(first=not (data / "installation.json").exists()) as progress:
        if detach:
            in_background.start(options, progress)
            _welcome(progress, data, as_json=json)
        else:
            live(options, progress, when_ready=lambda _folder: _welcome(progress, data, as_json=json))


def _welcome(progress: Progress, data: Path, *, as_json: bool) -> None:
    progress.rest()
    if as_json:
        place = folder.existing(data)
        console.print_json(describe(place, require_alive(place)))
    else:
        progress.welcome(data, find(data))


def _base(text: str) -> int | None:
    if text in {"auto", "0"}:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= port_map.HIGHEST_BASE:
        raise typer.BadParameter(f"a number from 1 to {port_map.HIGHEST_BASE}, or auto", param_hint="--port-base")
    return int(text)
