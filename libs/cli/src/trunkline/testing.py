"""A whole Trunkline for a test: started by the command itself, ended for sure."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from typer.testing import CliRunner, Result

from shared.testing.folders import temporary_folder
from trunkline.launcher import identity, installation
from trunkline.launcher import state as states
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.state import PartState, State
from trunkline.main import app

PATIENCE = 60


def are_gone(processes: list[psutil.Process]) -> bool:
    """None of them runs any more; who has not been waited for yet does not count."""
    return all(identity.fingerprint(process.pid) is None for process in processes)


@contextmanager
def installed() -> Iterator["Installed"]:
    """A data folder that does not exist yet, below one which any user may walk through; both gone afterwards."""
    with temporary_folder() as parent:
        one = Installed(parent / "data")
        try:
            yield one
        finally:
            one.end()


class Installed:
    """The command on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.place = DataFolder(data)

    def run(self, command: str, *arguments: str) -> Result:
        """The subcommand's exit code and output (errors among it)."""
        return CliRunner().invoke(app, [command, *arguments, "--data", str(self.data)])

    def up(self, *arguments: str) -> Result:
        """Detached, on any free ports, for as long as this process lives."""
        return self.run("up", "--detach", "--port-base", "auto", "--while", str(os.getpid()), *arguments)

    @property
    def state(self) -> State:
        found = states.load(self.place)
        if found is None:
            raise LookupError(f"Nothing ever ran on {self.data}.")
        return found

    def part(self, name: str) -> PartState:
        return next(part for part in self.state.parts if part.name == name)

    def process(self, name: str) -> psutil.Process:
        """Raises `psutil.NoSuchProcess` while the part is away."""
        return psutil.Process(self.part(name).process_id or -1)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and all that it started, theirs included."""
        supervisor = psutil.Process(self.state.process_id)
        return [supervisor, *supervisor.children(recursive=True)]

    def end(self) -> None:
        """Whatever state the folder is in."""
        try:
            if self.state.is_alive:
                os.kill(self.state.process_id, signal.SIGTERM)
                psutil.Process(self.state.process_id).wait(PATIENCE)
            outside = Path(installation.load(self.place).database_home)
        except Exception:  # noqa: BLE001 — damaged on purpose
            return
        if outside.is_absolute():
            shutil.rmtree(outside, ignore_errors=True)
