"""Starting the supervisor as a process of its own, and hearing from it until all is ready."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict

from trunkline.failures import Interrupted
from trunkline.launcher.life import Options
from trunkline.launcher.report import Report, read_from


def start(options: Options) -> Iterator[Report]:
    """The reports of a new supervisor; the last is ``ready`` or ``failed``, unless it died without a word."""
    reader, writer = os.pipe()
    process = _spawn(options, writer)
    os.close(writer)
    try:
        yield from read_from(reader)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise Interrupted("Interrupted before everything was ready.") from None
    process.returncode = process.poll() or 0  # it lives on without us: nothing to wait for


def _spawn(options: Options, writer: int) -> subprocess.Popen[bytes]:
    settings = {**asdict(options), "data": str(options.data.absolute())}
    return subprocess.Popen(  # noqa: S603 — ourselves
        [sys.executable, "-P", "-m", "trunkline.launcher.detached", str(writer), json.dumps(settings)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(writer,),
        start_new_session=True,
    )
