"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option("--data", "-d", envvar="TRUNKLINE_DATA", help="The data folder.", metavar="DIR", show_default=True),
]
DEFAULT_DATA = Path("trunkline-data")
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
