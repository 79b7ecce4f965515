"""Installations, with the real services or with stand-ins where the launcher's own work is tested.

A stand-in is a real process with a real HTTP server: to the launcher a service is nothing more.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.engines import places
from trunkline.launcher.names import SERVICES
from trunkline.testing import Installed, installed

STAND_IN = """
import http.server, os, sys

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

name = "NAME".upper()
if os.environ.get(name + "_BROKEN"):
    sys.exit("ImportError: no such thing")
address = (os.environ[name + "_HOST"], int(os.environ[name + "_PORT"]))
http.server.ThreadingHTTPServer(address, Ready).serve_forever()
"""


@pytest.fixture(scope="session")
def stand_ins() -> Iterator[Path]:
    """A folder to be found before the real services."""
    folder = places.temporary_folder("trunkline-stand-ins-")
    folder.chmod(0o755)
    for name in SERVICES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        (folder / name / "__main__.py").write_text(STAND_IN.replace("NAME", name))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are not broken where a test looks for a sentence."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def fresh(stand_ins: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """An installation that was never started."""
    monkeypatch.setenv("PYTHONPATH", str(stand_ins))
    with installed() as one:
        yield one


@pytest.fixture(scope="session")
def running(stand_ins: Path) -> Iterator[Installed]:
    """An installation that runs; the tests share it and leave it running."""
    with installed() as one:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(stand_ins))
            assert one.up("--test-clock").exit_code == 0
        yield one


@pytest.fixture(scope="module")
def stopped(stand_ins: Path) -> Iterator[Installed]:
    """An installation that ran and ended; the tests of a module share it and leave it so."""
    with pytest.MonkeyPatch.context() as patch, installed() as one:
        patch.setenv("PYTHONPATH", str(stand_ins))
        assert one.up().exit_code == 0
        assert one.run("down").exit_code == 0
        yield one


@pytest.fixture(scope="session")
def whole() -> Iterator[Installed]:
    """With the real services; the tests share it, each with projects and connections of its own."""
    with installed() as one:
        said = one.up()
        assert said.exit_code == 0, said.output
        yield one
