"""The data folder: what lies where, and whether it can be used."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trunkline.failures import FolderUnusable, NotRunning

OURS = {"lock", "installation.json", "state.json", "logs", "spans", "spool", "files", "clickhouse", "nats", "postgres"}


@dataclass(frozen=True)
class DataFolder:
    path: Path

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def installation(self) -> Path:
        return self.path / "installation.json"

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    @property
    def nats(self) -> Path:
        return self.path / "nats"

    @property
    def clickhouse(self) -> Path:
        return self.path / "clickhouse"

    @property
    def spool(self) -> Path:
        return self.path / "spool"

    @property
    def files(self) -> Path:
        """What people uploaded."""
        return self.path / "files"

    def log(self, part: str) -> Path:
        return self.path / "logs" / f"{part}.log"

    def spans(self, service: str) -> Path:
        return self.path / "spans" / f"{service}.jsonl"


def prepare(path: Path) -> DataFolder:
    """Make the folder if it is missing, and look that it is ours to use. Raises `FolderUnusable`."""
    path = path.absolute()
    try:
        _make(path)
        require_usable(path)
        for inner in ("logs", "spans", "spool", "files"):
            (path / inner).mkdir(mode=0o700, exist_ok=True)
    except (NotADirectoryError, FileExistsError):
        raise FolderUnusable(f"{path} is a file, not a folder: give another --data.") from None
    except OSError as error:
        raise FolderUnusable(f"The data folder {path} cannot be used: {error.strerror}.") from None
    return DataFolder(path)


def existing(path: Path) -> DataFolder:
    """The folder of an installation. Raises `NotRunning` where there is none."""
    folder = DataFolder(path.absolute())
    if not folder.installation.exists():
        raise NotRunning(f"{folder.path} holds no Trunkline data: start it with trunkline up --data {path}")
    return folder


def _make(path: Path) -> None:
    """As root, traversable: the database runs as another user somewhere inside. Secrets have modes of their own."""
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not path.is_dir():
        raise NotADirectoryError(path)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(13, "this user may not write there")


def require_usable(path: Path) -> None:
    """Empty, or ours and whole. Raises `FolderUnusable`."""
    entries = {entry.name for entry in path.iterdir()}
    if "installation.json" in entries or not entries - {"lock", "logs", "spans", "spool", "files"}:
        return
    if entries & {"nats", "postgres", "state.json", "clickhouse"}:
        raise FolderUnusable(f"The data folder {path} is damaged: installation.json is missing. Nothing was changed.")
    foreign = min(entries - OURS)
    raise FolderUnusable(f"{path} is not empty and not Trunkline's ({foreign} lies there): give another --data.")


def write_private(file: Path, content: dict[str, Any]) -> None:
    """Replace the file whole, for its owner's eyes only; after a power cut it is the old one or the new one."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        json.dump(content, output, indent=1)
        output.flush()
        os.fsync(output.fileno())
    partial.replace(file)
    parent = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
