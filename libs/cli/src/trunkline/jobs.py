"""Waiting for a service's long work, with a bar meanwhile."""

import time
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trunkline import console
from trunkline.client import request, with_places
from trunkline.failures import Refused
from trunkline.installed import Running

POLL_S = 0.3


def followed(running: Running, service: str, path: str, job: dict[str, Any], doing: str) -> dict[str, Any]:
    """The job once it is done; ``path`` is where it is read. Raises `Refused` when it failed or somebody stopped it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console.err, transient=True) as bar:
        task = bar.add_task(doing, total=job["total"])
        while job["state"] in {"waiting", "running"}:
            time.sleep(POLL_S)
            job = request(running, service, "GET", path)
            bar.update(task, completed=job["done"], total=job["total"])
    if job["state"] != "done":
        errors = (job.get("result") or {}).get("errors", [])
        why = with_places(job["error"], errors) if job["error"] else "somebody stopped it"
        raise Refused(f"{doing.capitalize()} {job['state']}: {why}")
    return job
