"""Look for what could keep Trunkline from running well."""

from dataclasses import asdict
from typing import Annotated

import typer

from trunkline import console
from trunkline.failures import Failure
from trunkline.launcher import checks, port_map
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Running"


def command(
    *,
    data: Data = DEFAULT_DATA,
    port_base: Annotated[int, typer.Option(metavar="N", help="The ports it would use.")] = port_map.DEFAULT_BASE,
    json: Json = False,
) -> None:
    """Check this machine and the data folder: engines, ports, disk, durability. Exit code 1 if anything is wrong."""
    found = []
    for finding in checks.examine(checks.Subject(data, port_map.PortMap(port_base))):
        found.append(finding)
        if not json:
            mark = console.GOOD if finding.good else console.BAD
            console.out.print(f"{mark} {finding.name:<14} {console.escaped(finding.said)}", soft_wrap=True)
    if json:
        console.print_json([asdict(finding) for finding in found])
    if not all(finding.good for finding in found):
        raise typer.Exit(Failure.code)
