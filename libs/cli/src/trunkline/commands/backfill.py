"""Have a provider's own call history read."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline import console
from trunkline.client import request, send_text
from trunkline.failures import Refused
from trunkline.installed import Running, find
from trunkline.jobs import followed
from trunkline.moments import From, Until, written
from trunkline.options import DEFAULT_DATA, Data, Json

PANEL = "Content"
MOST = 500


def command(
    *,
    connection: Annotated[str, typer.Argument(help="Its id, its name, or its provider where there is one of it.")],
    start: From = None,
    end: Until = None,
    file: Annotated[
        Path | None, typer.Option(help="Take it from a file instead, such as a queue_log.", exists=True, dir_okay=False)
    ] = None,
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Read a provider's call history: what no webhook told comes in, and where the two differ is said."""
    if (start is None) == (file is None):
        raise typer.BadParameter("one of --from and --file is needed", param_hint="--from / --file")
    running = find(data)
    here = f"/v1/connections/{_found(running, connection)['id']}"
    said = _from_file(running, here, file) if file else _from_provider(running, here, start, end)
    if json:
        console.print_json(said)
    else:
        _show(said)


def _found(running: Running, wanted: str) -> dict[str, Any]:
    """The one connection meant. Raises `Refused`."""
    known = request(running, "calls", "GET", f"/v1/connections?limit={MOST}")["items"]
    alike = [each for each in known if wanted in {each["id"], each["name"]}]
    alike = alike or [each for each in known if each["provider"] == wanted]
    if len(alike) == 1:
        return dict(alike[0])
    there = ", ".join(f"{each['name']} ({each['provider']}, {each['id']})" for each in alike or known) or "none"
    raise Refused(f"{'Several connections are' if alike else 'No connection is'} '{wanted}'; there is: {there}.")


def _from_provider(running: Running, here: str, start: Any, end: Any) -> dict[str, Any]:
    asked = {"from": written(start), "to": written(end)}
    period = {name: moment for name, moment in asked.items() if moment}
    job = request(running, "calls", "POST", f"{here}/backfill", body=period)
    done = followed(running, "calls", f"/v1/jobs/calls/{job['id']}", job, "backfill")
    gaps = request(running, "calls", "GET", f"{here}/gaps", params=period)
    return {"job": done, **done["result"], "gaps": gaps}


def _from_file(running: Running, here: str, file: Path) -> dict[str, Any]:
    return dict(send_text(running, "calls", f"{here}/history", file.read_bytes(), "text/plain"))


def _show(said: dict[str, Any]) -> None:
    for name in ("lines", "calls", "new"):
        if name in said:
            console.out.print(f"  {said[name]:>9,} {name}")
    for name, words in (("missed", "no webhook had told"), ("unconfirmed", "not in the provider's history")):
        if (gaps := said.get("gaps")) and gaps[name]["number"]:
            console.out.print(f"  {gaps[name]['number']:>9,} {words}")
