"""The spool: deliveries on disk while the database is away, synced before they are acknowledged."""

import asyncio
import os
import struct
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from uuid_utils.compat import uuid7

from calls.storage.group_commit import GroupCommit
from shared.errors import Unavailable

# Length and CRC-32 stand before each entry, so that a torn end is seen: it was never acknowledged.
_HEAD = struct.Struct(">II")
SUFFIX = ".spool"
# A file is read as a whole when it is brought home.
FILE_BYTES = 16 << 20


class SpoolFull(Unavailable):
    title = "Spool full"


@dataclass
class Spool:
    """Appends that wait together share one fsync. One process a folder."""

    folder: Path
    limit_bytes: int = 1 << 30
    size: int = 0
    _file: BinaryIO | None = None

    def __post_init__(self) -> None:
        self._appends: GroupCommit[bytes] = GroupCommit(self._append_all)

    def open(self) -> None:
        """Make the folder, or find what a former process left in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.size = sum(file.stat().st_size for file in self.files())

    def files(self) -> list[Path]:
        """Oldest first: their names rise with time."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    async def append(self, entry: bytes) -> None:
        """Return once the entry is on disk. Raises `SpoolFull`, or `OSError` where the disk refuses."""
        if self.size + len(entry) > self.limit_bytes:
            raise SpoolFull("Neither the database nor the spool can take this just now.")
        await self._appends.add(entry)

    async def seal(self) -> list[Path]:
        """The files so far; what comes after goes into a new one."""
        await self._appends.idle()
        self._close()
        return self.files()

    def remove(self, file: Path) -> None:
        self.size -= file.stat().st_size
        file.unlink()

    def set_aside(self, entry: bytes, name: str) -> None:
        """Keep an entry that cannot be used, for a person to look at."""
        (self.folder / f"{name}.refused").write_bytes(entry)

    @asynccontextmanager
    async def _append_all(self, group: Sequence[bytes]) -> AsyncIterator[None]:
        self.size += await asyncio.to_thread(self._write, group)
        yield

    def _close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, entries: Sequence[bytes]) -> int:
        if self._file and self._file.tell() > FILE_BYTES:
            self._close()
        if self._file is None:
            self._file = (self.folder / f"{uuid7()}{SUFFIX}").open("ab")
            _sync_folder(self.folder)
        block = b"".join(_HEAD.pack(len(entry), zlib.crc32(entry)) + entry for entry in entries)
        self._file.write(block)
        self._file.flush()
        os.fsync(self._file.fileno())
        return len(block)


def entries(file: Path) -> Iterator[bytes]:
    """The whole entries of a spool file, up to a torn one."""
    content = file.read_bytes()
    place = 0
    while place + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, place)
        entry = content[place + _HEAD.size : place + _HEAD.size + length]
        if len(entry) < length or zlib.crc32(entry) != checksum:
            return
        yield entry
        place += _HEAD.size + length


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
