"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option("--data", "-d", envvar="TRUNKLINE_DATA", help="The data folder.", metavar="DIR", show_default=True),
]
Configuration = Annotated[Path, typer.Argument(help="A configuration.", exists=True, dir_okay=False, metavar="FILE")]
Destroy = Annotated[bool, typer.Option("--destroy", help="Destroy what the file does not name.")]
DEFAULT_DATA = Path("trunkline-data")
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
