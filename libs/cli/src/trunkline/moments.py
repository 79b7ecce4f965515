"""Moments as people type them."""

from datetime import datetime
from typing import Annotated

import typer

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
From = Annotated[
    datetime | None, typer.Option("--from", formats=FORMATS, help="From then on: a date or time.", metavar="WHEN")
]
Until = Annotated[
    datetime | None, typer.Option("--to", formats=FORMATS, help="Up to then: a date or time.", metavar="WHEN")
]


def written(moment: datetime | None) -> str | None:
    """As services read it. Without an offset it is this machine's time."""
    return None if moment is None else moment.astimezone().isoformat()
