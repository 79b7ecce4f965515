"""Move the one clock, in test mode."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from trunkline import console
from trunkline.failures import Refused
from trunkline.installed import require_alive
from trunkline.launcher import clock, folder, installation
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Testing"


def command(
    *,
    data: Data = DEFAULT_DATA,
    to: Annotated[
        str | None, typer.Option("--set", metavar="TIME", help="The time it shall be now: 2026-03-01T09:00:00Z.")
    ] = None,
    offset: Annotated[
        str | None, typer.Option(metavar="D", help="How far ahead of the real time: P7D, -PT1H, 0 for none.")
    ] = None,
    json: Json = False,
) -> None:
    """Print the time all services go by; [bold]--set[/] or [bold]--offset[/] moves it.

    Only where [bold]trunkline up --test-clock[/] runs: timers fire, periods end, reminders fall due.
    """
    place = folder.existing(data)
    found = require_alive(place)
    wanted = _wanted(to, offset)
    if wanted is not None:
        if not found.test_clock:
            raise Refused("The clock moves only in test mode: trunkline up --test-clock")
        clock.move(installation.load(place), found.port_base, wanted)
    now = clock.read(installation.load(place), found.port_base)
    _show(now, as_json=json)


def _wanted(to: str | None, offset: str | None) -> timedelta | None:
    if to is not None and offset is not None:
        raise typer.BadParameter("give --set or --offset, not both")
    if to is not None:
        return _moment(to) - datetime.now(UTC)
    return None if offset is None else _duration(offset)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a time such as 2026-03-01T09:00:00Z", param_hint="--set") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    try:
        return TypeAdapter(timedelta).validate_python(text if text != "0" else "PT0S")
    except ValidationError:
        raise typer.BadParameter(f"{text} is not a duration such as P7D or -PT1H", param_hint="--offset") from None


def _show(now: dict[str, datetime], *, as_json: bool) -> None:
    if as_json:
        console.print_json({service: moment.isoformat() for service, moment in now.items()})
        return
    for service, moment in now.items():
        console.out.print(f"{service:<12} {moment:%Y-%m-%d %H:%M:%S} UTC")
