"""All of Trunkline with something to look at."""

import asyncio
import contextlib
import locale
import os
from typing import Annotated

import typer

from trunkline import console
from trunkline.commands import down, up
from trunkline.commands.simulate import tell
from trunkline.installed import Running, alive, find
from trunkline.launcher import port_map
from trunkline.launcher.folder import DataFolder
from trunkline.options import DEFAULT_DATA, Data
from trunkline.simulator import target, workspace
from trunkline.simulator.scenario import Branch
from trunkline.simulator.telling import Play, tell_on

PANEL = "Running"
RANK = 1
LIVE_CALLS_AN_HOUR = 400.0


def command(
    *,
    data: Data = DEFAULT_DATA,
    port_base: Annotated[str, typer.Option(metavar="N|auto", help="As of [bold]trunkline up[/].")] = str(
        port_map.DEFAULT_BASE
    ),
    language: Annotated[str | None, typer.Option(help="en or nl; the locale's where it is one of them.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days of calls to begin with.")] = 30,
    live: Annotated[bool, typer.Option("--live/--no-live", help="Go on with live calls, until Ctrl-C.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company.")] = 1,
) -> None:
    """Start everything, install a sales CRM, play a month of an invented company's calls, then live ones.

    It prints where to look before the history is through: the page fills as the calls come in. Ctrl-C ends the live
    calls and, if it was this command that started Trunkline, Trunkline too.
    """
    mine = alive(DataFolder(data.absolute())) is None
    if mine:
        up.command(data=data, port_base=port_base, detach=True)
    running = find(data)
    with console.waiting("setting up a company"):
        workspace.furnish(running, language or spoken(), seed)
    _show(running)
    telephone = target.connect(running)
    tell([telephone], Play(seed, days, essential=True))
    if not live:
        return
    console.out.print("[dim]Live calls come in now. Ctrl-C ends the demo.[/]" if mine else "[dim]Ctrl-C ends them.[/]")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(tell_on([telephone], Play(seed, branch=Branch(per_hour=LIVE_CALLS_AN_HOUR)), lambda _sent: None))
    if mine:
        down.command(data=data)


def spoken() -> str:
    """The language of the locale, as far as the template speaks it."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    code = (named or locale.getlocale()[0] or "en")[:2].lower()
    return code if code in workspace.LANGUAGES else "en"


def _show(running: Running) -> None:
    page = f"{running.services['analytics']}/#key={running.key}"
    console.out.print(f"\n  [bold]The page[/]     {page}", soft_wrap=True)
    console.out.print(f"  [bold]The key[/]      {running.key}", soft_wrap=True)
    for name, address in running.services.items():
        console.out.print(f"  {name:<12} {address}/docs", soft_wrap=True)
    console.out.print()
