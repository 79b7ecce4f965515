"""Showing a start: a line a part when it is ready, a spinner for what goes on."""

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.markup import escape

from trunkline.console import BAD, GOOD, err, out
from trunkline.installed import Running
from trunkline.launcher.report import Report


class Progress:
    """A reporter for one terminal, or none: without one there is no spinner."""

    def __init__(self, *, first: bool) -> None:
        self._first = first
        self._status = err.status("starting")
        self._waiting: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._status.stop()

    def __call__(self, report: Report) -> None:
        if report.kind == "doing":
            self._status.update(report.text)
            self._status.start()
        elif report.kind == "part":
            self._show(report)

    def _show(self, report: Report) -> None:
        self._waiting.pop(report.text, None)
        if report.state == "starting":
            self._waiting[report.text] = f": {report.detail}" if report.detail else ""
        if report.state == "ready":
            err.print(f"{GOOD} {report.text:<12} [dim]{report.seconds:5.1f} s[/]  {report.detail}")
        elif report.state == "waiting":
            err.print(f"{BAD} {report.text:<12} starts again: {report.detail}")
        waiting = ", ".join(escape(f"{name}{words}") for name, words in self._waiting.items())
        self._status.update(f"starting {waiting}" if waiting else "")

    def rest(self) -> None:
        """Until the next report."""
        self._status.stop()

    def welcome(self, data: Path, running: Running) -> None:
        """All is ready."""
        if self._first:
            out.print(
                f"\n[bold]The administrator's key[/] (trunkline key prints it again):\n{running.key}\n", soft_wrap=True
            )
        out.print(f"[bold]Ready.[/] Dashboards: {running.services['analytics']}", soft_wrap=True)
        out.print(
            f"[dim]A sales CRM: trunkline install sales_crm --data {data} · the end: trunkline down --data {data}[/]",
            soft_wrap=True,
        )
