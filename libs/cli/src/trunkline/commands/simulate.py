"""Invented calls, told to a running Trunkline as a telephony provider would."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trunkline import console
from trunkline.installed import find
from trunkline.options import DEFAULT_DATA, Data, Json
from trunkline.simulator import play
from trunkline.simulator.dialects import dialects
from trunkline.simulator.target import Target, connect, play_on, play_past

PANEL = "Content"


def command(
    *,
    data: Data = DEFAULT_DATA,
    hook: Annotated[str | None, typer.Option(metavar="URL", help="A hook's whole address, instead of --data.")] = None,
    token: Annotated[str | None, typer.Option(help="The secret of that hook's connection.")] = None,
    provider: Annotated[str, typer.Option(help="In whose words.")] = "aircall",
    days: Annotated[int, typer.Option(min=0, max=400, help="Days of history.")] = 30,
    live: Annotated[bool, typer.Option("--live", help="Go on with live calls, until Ctrl-C.")] = False,
    per_hour: Annotated[float, typer.Option(min=1, max=3600, help="Live calls an hour.")] = 90,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another office.")] = 1,
    json: Json = False,
) -> None:
    """Play an invented sales office: a month of calls at once, then live ones as they happen.

    The same seed tells the same calls, so playing a history twice changes nothing.
    """
    if provider not in dialects():
        raise typer.BadParameter(f"one of {', '.join(sorted(dialects()))}", param_hint="--provider")
    if (hook is None) != (token is None):
        raise typer.BadParameter("--hook and --token go together", param_hint="--hook")
    target = _given(hook, token, provider) if hook and token else connect(find(data), provider)
    if days:
        play_history(target, days, seed, as_json=json)
    if live:
        _play_on(target, seed, per_hour)


def _given(hook: str, token: str, provider: str) -> Target:
    dialect = dialects()[provider]
    return Target(hook, dialect, dialect.secrets(token))


def play_history(target: Target, days: int, seed: int, *, as_json: bool) -> None:
    started = time.monotonic()
    with bar("playing history") as watch:
        calls, webhooks = asyncio.run(play_past(target, days, seed, watch))
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        console.print_json({"calls": calls, "webhooks": webhooks, "seconds": seconds})
    else:
        console.out.print(f"{console.GOOD} {calls:,} calls of {days} days told in {webhooks:,} webhooks, {seconds} s")


def _play_on(target: Target, seed: int, per_hour: float) -> None:
    with contextlib.suppress(KeyboardInterrupt), console.waiting("live calls; Ctrl-C ends them") as status:
        asyncio.run(play_on(target, seed, per_hour, lambda sent: status.update(f"live: {sent:,} webhooks")))


@contextlib.contextmanager
def bar(text: str) -> Iterator["Watch"]:
    """A bar on standard error that fills as it is told."""
    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console.err, transient=True) as progress:
        yield Watch(progress)


class Watch:
    """Told how much there is to do, it gives what to tell how much is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, total: int) -> play.Progress:
        task = self._progress.add_task("", total=total)
        return lambda done: self._progress.update(task, completed=done)
