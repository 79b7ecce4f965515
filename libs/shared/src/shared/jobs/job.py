"""What is known of a job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.errors import NotFound

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobNotFound(NotFound):
    pass


class JobLost(Exception):
    """Another process has taken the job over, because this one was silent for longer than its lease."""


class JobCancelled(Exception):
    """Somebody asked the job to stop; what its steps have committed stays."""


@dataclass(frozen=True)
class Job:
    """``position`` is where the job's last committed step said it was; ``result`` is the receipt of a done job.

    ``done`` of ``total`` counts in the job's own units (rows, calls); ``total`` is None until known. ``key`` is the
    id of the API key that asked for it, ``actor`` the name its changes go under.
    """

    id: str
    kind: str
    state: JobState
    input: Mapping[str, Any]
    position: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    error: str | None
    done: int
    total: int | None
    actor: str | None
    key: str | None
    traceparent: str | None
    attempt: int
    cancelling: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
