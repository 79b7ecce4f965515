"""``state.json``: what runs, written by the supervisor at every change, read by everybody else.

It may be stale: the supervisor can be killed. Whoever reads it asks `is_alive` first.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from trunkline.failures import FolderUnusable
from trunkline.launcher import identity
from trunkline.launcher.folder import DataFolder, write_private

Condition = Literal["starting", "ready", "waiting", "stopped"]


class PartState(BaseModel):
    """``waiting``: it died, and is started again after a pause. ``stop_signal`` ends it cleanly.

    ``trouble`` is why it was started again last.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: Literal["engine", "service"]
    state: Condition
    process_id: int | None
    fingerprint: str | None
    restarts: int
    started_at: float | None
    address: str
    log: str
    stop_signal: int
    trouble: str = ""


class State(BaseModel):
    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    process_id: int
    fingerprint: str
    ready: bool
    test_clock: bool
    port_base: int
    database: str
    clickhouse: str
    parts: list[PartState]

    @property
    def is_alive(self) -> bool:
        """Whether the supervisor that wrote it still runs."""
        return identity.is_alive(self.process_id, self.fingerprint)


def save(folder: DataFolder, state: State) -> None:
    write_private(folder.state, state.model_dump())


def load(folder: DataFolder) -> State | None:
    """The last state, or None if nothing ever ran. Raises `FolderUnusable` if it cannot be understood."""
    try:
        return State.model_validate_json(folder.state.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValidationError:
        raise FolderUnusable(
            f"{folder.state} is damaged: it is not what trunkline wrote there. Nothing was changed; "
            "make sure that nothing of this folder still runs, then delete that file."
        ) from None
    except OSError as error:
        raise FolderUnusable(f"{folder.state} cannot be read: {error.strerror}.") from None
