"""End a running Trunkline."""

import os
import signal
import time
from typing import Annotated

import typer

from trunkline import console
from trunkline.failures import Failure
from trunkline.launcher import folder, orphans, removal, state
from trunkline.launcher.state import State
from trunkline.options import DEFAULT_DATA, Data

PANEL = "Running"
PATIENCE = 90.0


def command(
    *,
    data: Data = DEFAULT_DATA,
    erase: Annotated[
        bool, typer.Option("--erase", help="Then delete everything it ever stored, for good. It does not ask.")
    ] = False,
) -> None:
    """End everything that runs on the data folder, cleanly. Nothing to end is no error."""
    place = folder.existing(data)
    found = state.load(place)
    if found and found.is_alive:
        with console.waiting("stopping"):
            _end(found)
        console.err.print(f"{console.GOOD} Stopped.")
    else:
        left = orphans.end(found)
        console.err.print(f"Ended what was left over: {', '.join(left)}." if left else "Nothing was running.")
    if erase:
        removal.erase(place)
        console.err.print(f"{console.GOOD} Erased {place.path}.", soft_wrap=True)


def _end(found: State) -> None:
    os.kill(found.process_id, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while found.is_alive:
        if time.monotonic() > deadline:
            raise Failure(f"The supervisor (process {found.process_id}) did not end within {PATIENCE:.0f} s.")
        time.sleep(0.05)
