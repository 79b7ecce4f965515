"""HTTP as uvicorn speaks it, with bounds: nobody fills the memory with heads, or holds a connection by silence."""

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# The address and headers of a request, together; one read more may come before it is seen.
LARGEST_HEAD = 64 << 10
# Whoever is sending a request sends this much in so many seconds, or its rest.
SECONDS, LEAST_BYTES = 10.0, 10 << 10


class BoundedProtocol(HttpToolsProtocol):
    """Costs nothing where a request arrives whole: only what is unfinished is watched."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = self._unfinished = True
        self._came = self._head = 0
        self._watch: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._watched()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatched()
        self._answer_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._unfinished and not self._is_idle():
            self._unwatched()
            return
        self._came += len(data)
        self._head += len(data) if self._in_head else 0
        if self._head > LARGEST_HEAD:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._watch is None:
            self._watched()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._unfinished = True
        self._head = 0

    def on_headers_complete(self) -> None:
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._unfinished = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._answer_no_more()
        super().send_400_response(msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _answer_no_more(self) -> None:
        """Of requests sent at once uvicorn tells only the last that nobody listens any more."""
        if self._answering and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _is_idle(self) -> bool:
        """It said something between two requests, so that uvicorn awaits the next one for ever."""
        return self.cycle is not None and self.cycle.response_complete and self.timeout_keep_alive_task is None

    def _refuse(self, status: bytes) -> None:
        if self._answering is None or self._answering.response_complete:
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _watched(self) -> None:
        self._came = 0
        self._watch = self.loop.call_later(SECONDS, self._look)

    def _unwatched(self) -> None:
        if self._watch:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        """Who is not read from, because we have enough to do, is not to blame."""
        if self._came >= LEAST_BYTES or self.flow.read_paused:
            self._watched()
        elif not self.transport.is_closing():
            self._refuse(b"408 Request Timeout")
