"""Starting the supervisor as a process of its own, and hearing from it until all is ready."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from trunkline.failures import Interrupted, StartFailed, from_code
from trunkline.launcher.folder import DataFolder
from trunkline.launcher.life import Options
from trunkline.launcher.report import Reporter, read_from


def start(options: Options, report: Reporter) -> None:
    """Return when all is ready. Raises the `Failure` the new supervisor reports."""
    reader, writer = os.pipe()
    process = _spawn(options, writer)
    os.close(writer)
    try:
        for each in read_from(reader):
            report(each)
            if each.kind == "failed":
                raise from_code(each.code, each.text)
            if each.kind == "ready":
                process.returncode = 0  # it lives on without us: nothing to wait for
                return
        raise StartFailed(f"The supervisor ended without a word; its log: {_log(options)}")
    except KeyboardInterrupt:
        process.terminate()
        raise Interrupted("Interrupted before everything was ready.") from None
    finally:
        if process.returncode is None:
            process.wait()


def _log(options: Options) -> Path:
    return DataFolder(options.data.absolute()).log("trunkline")


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
