"""Our own JSON's."""

from typing import Any

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, OURS, iso, sent


def generic(kind: str | None, second: float, **data: Any) -> object:
    about = {"call_id": 7, "direction": "inbound", "from": CALLER, "to": OURS} | data
    return sent({"type": kind, "timestamp": iso(second), "data": about}, second)


STORIES = [
    Story(
        "the whole call at once, without a type",
        [
            generic(
                None, 100, started_at=iso(0), answered_at=iso(10), ended_at=iso(70), agent="mira@example.com", csat=5
            )
        ],
        {"outcome": "answered", "talk_s": 60, "wait_s": 10, "agent": "mira@example.com", "csat": 5},
    ),
    Story(
        "two hold it, one hands over",
        [
            generic("call.started", 0, started_at=iso(0)),
            generic("call.answered", 10, answered_at=iso(10), agent={"id": "1", "email": "mira@example.com"}),
            generic("call.held", 20),
            generic("call.resumed", 30),
            generic("call.transferred", 50, agent={"id": "2"}, transferred_to="2"),
            generic("call.held", 60),
            generic("call.resumed", 65),
            generic("call.ended", 100, ended_at=iso(100)),
        ],
        {"hold_s": 15, "talk_s": 75, "agent": "2", "transferred_to": "2", "outcome": "answered"},
        [(None, None, True), (None, "mira@example.com", True), (None, "2", True)],
    ),
    Story(
        "what it states is believed",
        [
            generic(
                "call.ended",
                100,
                started_at=iso(0),
                ended_at=iso(90),
                outcome="answered",
                talk_s="61.5",
                wait_s="0:00:09",
            )
        ],
        {"outcome": "answered", "talk_s": 61.5, "wait_s": 9, "answered_at": None},
    ),
    Story(
        "two ring, one takes it and passes it to the other later",
        [
            generic("call.started", 0, started_at=iso(0)),
            generic("call.ringing", 8, agent="mira"),
            generic("call.ringing", 8, agent="jonas"),
            generic("call.ringing", 8, agent="jonas", note="said twice"),
            generic("call.answered", 20, answered_at=iso(20), agent="mira"),
            generic("call.transferred", 80, transferred_to="jonas", agent="jonas"),
            generic("call.ended", 140, ended_at=iso(140)),
        ],
        {"ring_s": 12, "queue_s": 8, "wait_s": 20, "talk_s": 120, "agent": "jonas"},
        [(None, None, True), (None, "jonas", False), (None, "mira", True), (None, "jonas", True)],
    ),
]
