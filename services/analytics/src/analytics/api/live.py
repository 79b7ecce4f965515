"""The live stream: what goes on right now, and word that numbers have changed."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse

from analytics.dependencies import Reader
from analytics.domain.live import Board
from analytics.usecases.follow import Pulse
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/live", tags=["live"])
AT_LEAST_EVERY = 15.0
AT_MOST_EVERY = 0.5


@router.get("", summary="Server-sent events: `tick` with the calls of this moment", response_class=StreamingResponse)
async def follow(request: Request, transaction: Tx, _reader: Reader) -> StreamingResponse:
    """At once, after every batch of new facts, and every 15 seconds.

    ``{"beats", "at", "waiting", "ringing", "talking", "dialling", "ended_today", "longest_wait_s", "queues", "agents",
    "people"}``: calls waiting, those of them whom an agent is being rung for, the same of each queue with its agents
    free and busy; how many agents are in which state, and who.
    """
    parts = request.app.state.parts
    # The stream outlives the request's transaction, but not its clock.
    offset = transaction.now - datetime.now(UTC)
    return StreamingResponse(
        _ticks(parts["pulse"], parts["board"], offset),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _ticks(pulse: Pulse, board: Board, offset: timedelta) -> AsyncIterator[bytes]:
    async for beats in pulse.watch(at_least_every=AT_LEAST_EVERY, at_most_every=AT_MOST_EVERY):
        now = datetime.now(UTC) + offset
        tick = {"beats": beats, "at": now, **asdict(board.counts(now))}
        yield b"event: tick\ndata: " + orjson.dumps(tick) + b"\n\n"
