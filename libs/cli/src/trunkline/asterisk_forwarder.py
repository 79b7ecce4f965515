"""Beside Asterisk: reads its manager's events (AMI), or its ``queue_log``, and posts them to a hook, signed.

At least once: an event is on disk, synced, before anything else is done with it, and leaves the spool only when the
hook said 2xx. This file uses the standard library alone, so that it can be copied to a telephone server as it is.
"""

import argparse
import contextlib
import hashlib
import hmac
import json
import logging
import os
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Self

# What says something of a call; a busy manager tells a hundred times as much.
WANTED = frozenset(
    {
        "Newchannel",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "AgentCalled",
        "AgentRingNoAnswer",
        "AgentConnect",
        "AgentComplete",
        "DialBegin",
        "DialEnd",
        "Hold",
        "Unhold",
        "Hangup",
        "BlindTransfer",
        "AttendedTransfer",
        "Cdr",
    }
)
PATIENCE = 20.0  # seconds for a connection, an answer, and between signs of life
LONGEST_PAUSE = 60.0
LONGEST_LINE = 1 << 16
# A spool all of which was sent is begun anew beyond this size.
FULL = 1 << 22
POLL = 0.5

log = logging.getLogger("trunkline.asterisk_forwarder")


class Spool:
    """Events as lines of a file, and beside it up to where they were sent."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._path, self._position = folder / "events.jsonl", folder / "sent"
        self._changed = threading.Condition()
        self._path.touch()
        whole = self._path.read_bytes().rfind(b"\n") + 1
        os.truncate(self._path, whole)  # an event half written when the power went was never promised
        self._file = self._path.open("ab")
        self.sent = min(read_number(self._position), whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, events: list[Mapping[str, Any]]) -> None:
        """On disk when this returns."""
        with self._changed:
            self._file.write(b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in events))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._changed.notify_all()

    def next(self, patience: float) -> bytes | None:
        """The oldest event not sent yet; waits for one."""
        with self._changed:
            if self.sent >= self._file.tell():
                self._changed.wait(patience)
            with self._path.open("rb") as file:
                file.seek(self.sent)
                return file.readline().rstrip(b"\n") or None

    def drop(self, event: bytes) -> None:
        """It arrived."""
        with self._changed:
            self.sent += len(event) + 1
            if self.sent == self._file.tell() and self.sent > FULL:
                write_number(self._position, 0)
                self._file.truncate(0)
                self._file.seek(0)
                self.sent = 0
            else:
                write_number(self._position, self.sent)


def read_number(path: Path) -> int:
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdecimal() else 0


def write_number(path: Path, number: int) -> None:
    """Whole or not at all, and on disk when this returns."""
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(str(number))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET, and its 200 would lose the event."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_http = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Hook:
    """Where events are posted to, each signed at the moment of the attempt."""

    address: str
    key: str

    def post(self, body: bytes) -> None:
        """Raises `OSError` unless it is safe there."""
        stamp = str(int(time.time()))
        signature = hmac.digest(self.key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
        headers = {
            "content-type": "application/json",
            "x-forwarder-timestamp": stamp,
            "x-forwarder-signature": f"sha256={signature}",
        }
        request = urllib.request.Request(self.address, body, headers, method="POST")  # noqa: S310 — checked at the start
        with _http.open(request, timeout=PATIENCE):
            pass


def send_all(spool: Spool, hook: Hook, stopped: threading.Event) -> None:
    """Post each event in its order, as often as it takes."""
    failures = 0
    while not stopped.is_set():
        event = spool.next(POLL)
        if event is None:
            continue
        try:
            hook.post(event)
        except OSError as error:
            failures += 1
            pause = min(LONGEST_PAUSE, 0.25 * 2 ** min(failures, 10))
            log.warning("the hook did not take an event, trying again in %.1f s: %s", pause, error)
            stopped.wait(pause)
        else:
            failures = 0
            spool.drop(event)


@dataclass(frozen=True)
class Manager:
    """Asterisk's manager interface."""

    host: str
    port: int
    user: str
    secret: str
    tls: bool = False

    def events(self) -> Iterator[dict[str, str]]:
        """Messages until the connection ends. Raises `OSError`."""
        done = threading.Event()
        with self._connected() as connection, connection.makefile("rb") as lines:
            lines.readline(LONGEST_LINE)  # its greeting
            send(connection, {"Action": "Login", "Username": self.user, "Secret": self.secret, "Events": "on"})
            threading.Thread(target=ask_for_life, args=(connection, done), daemon=True).start()
            try:
                for message in messages(lines):
                    if message.get("Response") == "Error":
                        raise PermissionError(f"Asterisk refuses us: {message.get('Message')}")
                    yield message
            finally:
                done.set()

    def _connected(self) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), PATIENCE)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) if self.tls else plain


def send(connection: socket.socket, action: Mapping[str, str]) -> None:
    connection.sendall("".join(f"{name}: {value}\r\n" for name, value in action.items()).encode() + b"\r\n")


def ask_for_life(connection: socket.socket, done: threading.Event) -> None:
    """So that a silence means that the connection is lost."""
    with contextlib.suppress(OSError):
        while not done.wait(PATIENCE / 2):
            send(connection, {"Action": "Ping"})


def messages(lines: BinaryIO) -> Iterator[dict[str, str]]:
    """Blocks of ``Name: value`` lines with an empty line after each."""
    message: dict[str, str] = {}
    while line := lines.readline(LONGEST_LINE):
        name, colon, value = line.decode(errors="replace").rstrip("\r\n").partition(":")
        if colon:
            message[name.strip()] = value.strip()
        elif message:
            yield message
            message = {}
    raise ConnectionError("Asterisk closed the connection")


def watch_manager(manager: Manager, spool: Spool, stopped: threading.Event) -> None:
    """Spool its events; connect again whenever the connection is lost. What happens in between is not told again."""
    failures = 0
    while not stopped.is_set():
        try:
            for message in manager.events():
                failures = 0
                if stopped.is_set():
                    return
                if message.get("Event") in WANTED:
                    spool.add([wrapped(message)])
        except OSError as error:
            failures += 1
            pause = min(LONGEST_PAUSE, 0.25 * 2 ** min(failures, 10))
            log.warning("no events from Asterisk, connecting again in %.1f s: %s", pause, error)
            stopped.wait(pause)


def wrapped(message: Mapping[str, str]) -> dict[str, Any]:
    """The event with where and when we saw it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"schema": "calls.asterisk.ami.v1", "pbx": socket.gethostname(), "received_at": now, "ami": dict(message)}


def watch_queue_log(path: Path, spool: Spool, stopped: threading.Event) -> None:
    """Spool each line written from now on, or since the last time, through the file's rotations."""
    mark = spool.folder / "queue_log.json"
    while not stopped.is_set():
        try:
            with path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                file.seek(resumed(mark, inode, os.fstat(file.fileno()).st_size))
                _follow(file, path, spool, stopped, partial(remember, mark, inode))
        except FileNotFoundError:
            stopped.wait(POLL)


def resumed(mark: Path, inode: int, size: int) -> int:
    """Where to read on; a new file from its beginning, the very first one from its end."""
    if not mark.exists():
        return size
    known = json.loads(mark.read_text())
    return min(known["offset"], size) if known["inode"] == inode else 0


def remember(mark: Path, inode: int, offset: int) -> None:
    new = mark.with_suffix(".new")
    new.write_text(json.dumps({"inode": inode, "offset": offset}))
    new.replace(mark)


def _follow(
    file: BinaryIO, path: Path, spool: Spool, stopped: threading.Event, remember_at: Callable[[int], None]
) -> None:
    """Until the file is rotated away and read to its end."""
    inode = os.fstat(file.fileno()).st_ino
    remember_at(file.tell())
    while not stopped.is_set():
        rotated = not path.exists() or path.stat().st_ino != inode
        start, lines = file.tell(), []
        while (line := file.readline(LONGEST_LINE)).endswith(b"\n"):
            lines.append(line.decode(errors="replace").strip())
            start = file.tell()
        file.seek(start)  # half a line is read again when it is whole
        if lines:
            spool.add([{"schema": "calls.asterisk.queue_log.v1", "queue_log": line} for line in lines if line])
            remember_at(start)
        elif rotated:
            return
        stopped.wait(POLL if not rotated else 0)


def run(hook: Hook, spool_folder: Path, source: Manager | Path, stopped: threading.Event) -> None:
    """Until stopped."""
    with Spool(spool_folder) as spool:
        sender = threading.Thread(target=send_all, args=(spool, hook, stopped), daemon=True)
        sender.start()
        if isinstance(source, Manager):
            watch_manager(source, spool, stopped)
        else:
            watch_queue_log(source, spool, stopped)
        sender.join(2 * PATIENCE)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="asterisk-forwarder", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hook", required=True, help="https://…/hooks/asterisk/<token>")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--ami", metavar="HOST:PORT", help="the manager, usually 127.0.0.1:5038")
    source.add_argument("--queue-log", type=Path, metavar="FILE", help="usually /var/log/asterisk/queue_log")
    parser.add_argument("--user", default="trunkline", help="the manager's user (its secret: TRUNKLINE_AMI_SECRET)")
    parser.add_argument("--tls", action="store_true", help="speak TLS with the manager")
    parser.add_argument("--spool", type=Path, default=Path("/var/lib/trunkline-forwarder"), help="a folder of its own")
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if not asked.hook.startswith(("https://", "http://")):
        parser.error("--hook is no http address")
    key, secret = os.environ.get("TRUNKLINE_FORWARDER_KEY"), os.environ.get("TRUNKLINE_AMI_SECRET", "")
    if not key:
        parser.error("TRUNKLINE_FORWARDER_KEY is not set: it is the connection's forwarder_hmac_key")
    host, _, port = (asked.ami or "").rpartition(":")
    if asked.ami and (not host or not port.isdecimal()):
        parser.error("--ami is not HOST:PORT")
    manager = Manager(host, int(port), asked.user, secret, asked.tls) if asked.ami else asked.queue_log
    try:
        run(Hook(asked.hook, key), asked.spool, manager, threading.Event())
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
