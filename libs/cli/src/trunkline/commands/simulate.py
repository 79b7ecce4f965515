"""Invented calls, told to a running Trunkline as telephony providers would."""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trunkline import console
from trunkline.installed import find
from trunkline.options import DEFAULT_DATA, Data, Json
from trunkline.simulator import play
from trunkline.simulator.dialects import dialects
from trunkline.simulator.disorder import Disorder
from trunkline.simulator.play import Target
from trunkline.simulator.scenario import FEWEST_AGENTS, MOST_AGENTS, USUAL, Branch
from trunkline.simulator.target import connect
from trunkline.simulator.telling import Play, tell_on, tell_past

PANEL = "Content"
ALL = "all"

Percent = Annotated[float, typer.Option(min=0, max=100, help="Of a hundred webhooks so many.")]


def command(
    *,
    data: Data = DEFAULT_DATA,
    hook: Annotated[str | None, typer.Option(metavar="URL", help="A hook's whole address, instead of --data.")] = None,
    token: Annotated[str | None, typer.Option(help="The text its connection's secrets were made of.")] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(help="In whose words; several times for several, or all.", show_default="aircall"),
    ] = None,
    days: Annotated[int, typer.Option(min=0, max=400, help="Days of history.")] = 30,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its first day; else it ends now.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Go on with live calls, until Ctrl-C.")] = False,
    rate: Annotated[
        float | None,
        typer.Option("--rate", "--per-hour", min=0.1, max=3600, help="Calls an hour; 7 of history, 90 live."),
    ] = None,
    agents: Annotated[int, typer.Option(min=FEWEST_AGENTS, max=MOST_AGENTS, help="At work.")] = USUAL.agents,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company.")] = 1,
    doubles: Percent = 0.0,
    late: Percent = 0.0,
    swapped: Percent = 0.0,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what really happened, a line of JSON a call.")
    ] = None,
    json: Json = False,
) -> None:
    """Play an invented company: a month of calls at once, then live ones as they happen.

    The same seed tells the same calls, so playing a history twice changes nothing. Several providers are several
    offices of the company. --doubles, --late (by minutes to hours) and --swapped disturb the deliveries, which must
    not change what is understood.
    """
    names = _named(provider or ["aircall"])
    if (hook is None) != (token is None):
        raise typer.BadParameter("--hook and --token go together", param_hint="--hook")
    if hook and len(names) > 1:
        raise typer.BadParameter("a hook is one provider's", param_hint="--provider")
    targets = [_given(hook, token, names[0])] if hook and token else [connect(find(data), name) for name in names]
    first = start.replace(tzinfo=UTC).date() if start else None
    branch = Branch(agents=agents, per_hour=rate or USUAL.per_hour)
    told = Play(seed, days, first, branch, Disorder(doubles, late, swapped))
    if days:
        tell(targets, told, truth=truth, as_json=json)
    if live:
        _tell_on(targets, Play(seed, branch=Branch(agents=agents, per_hour=rate or 90.0), disorder=told.disorder))


def _named(asked: Sequence[str]) -> list[str]:
    names = sorted(dialects()) if ALL in asked else list(dict.fromkeys(asked))
    if unknown := [name for name in names if name not in dialects()]:
        known = ", ".join([*sorted(dialects()), ALL])
        raise typer.BadParameter(f"{unknown[0]} is none of {known}", param_hint="--provider")
    return names


def _given(hook: str, token: str, provider: str) -> Target:
    dialect = dialects()[provider]
    return Target(hook, dialect, dialect.secrets(token))


def tell(targets: Sequence[Target], told: Play, *, truth: Path | None = None, as_json: bool = False) -> None:
    """The history, with a bar."""
    started = time.monotonic()
    with bar("playing history") as watch:
        calls, webhooks = asyncio.run(tell_past(targets, told, watch, truth))
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        providers = [target.dialect.provider for target in targets]
        console.print_json({"providers": providers, "calls": calls, "webhooks": webhooks, "seconds": seconds})
    else:
        what = f"{calls:,} calls of {told.days} days told in {webhooks:,} webhooks, {seconds} s"
        console.out.print(f"{console.GOOD} {what}")


def _tell_on(targets: Sequence[Target], told: Play) -> None:
    with contextlib.suppress(KeyboardInterrupt), console.waiting("live calls; Ctrl-C ends them") as status:
        asyncio.run(tell_on(targets, told, lambda sent: status.update(f"live: {sent:,} webhooks")))


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
