"""Vonage's: a conversation with its legs."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, OURS, iso, vonage

DESK, DESK2 = "+12025550131", "+12025550132"


def desk(uuid: str, status: str, second: float, number: str = DESK, **more: object) -> object:
    return vonage(uuid, status, second, **{"direction": "outbound", "from": OURS[1:], "to": number[1:]} | more)


def ended(uuid: str, second: float, lasted: float, **more: object) -> dict[str, object]:
    return {"end_time": iso(second), "start_time": iso(second - lasted), "duration": str(lasted), **more}


STORIES = [
    Story(
        "two desks ring at once, one takes it, the other is let go",
        [
            vonage("c", "started", 0),
            vonage("c", "ringing", 0.2),
            vonage("c", "answered", 1),
            desk("a", "started", 4),
            desk("b", "started", 4, DESK2),
            desk("a", "ringing", 5),
            desk("b", "ringing", 5, DESK2),
            desk("b", "answered", 15, DESK2),
            desk("a", "cancelled", 15.1),
            desk("b", "completed", 75, DESK2, **ended("b", 75, 60)),
            vonage("c", "completed", 75, **ended("c", 75, 74)),
        ],
        {
            "outcome": "answered",
            "direction": "inbound",
            "agent": DESK2,
            "wait_s": 15,
            "ring_s": 10,
            "talk_s": 60,
            "started_at": 0,
            "answered_at": 15,
            "ended_at": 75,
            "from_number": CALLER,
            "to_number": OURS,
        },
        [(None, None, True), (None, DESK, False), (None, DESK2, True)],
    ),
    Story(
        "the first desk does not answer, the second does",
        [
            vonage("c", "answered", 0),
            desk("a", "ringing", 2),
            desk("a", "unanswered", 22, detail="timeout"),
            desk("b", "ringing", 23, DESK2),
            desk("b", "answered", 30, DESK2),
            desk("b", "completed", 90, DESK2, **ended("b", 90, 60)),
            vonage("c", "completed", 90, **ended("c", 90, 90)),
        ],
        {"outcome": "answered", "agent": DESK2, "wait_s": 30, "ring_s": 7, "talk_s": 60},
    ),
    Story(
        "the first desk passes it to the second",
        [
            vonage("c", "answered", 0),
            desk("a", "ringing", 2),
            desk("a", "answered", 10),
            desk("a", "completed", 40, **ended("a", 40, 30)),
            desk("b", "ringing", 41, DESK2),
            desk("b", "answered", 50, DESK2),
            desk("b", "completed", 110, DESK2, **ended("b", 110, 60)),
            vonage("c", "completed", 110, **ended("c", 110, 110)),
        ],
        {"outcome": "answered", "agent": DESK2, "wait_s": 10, "talk_s": 90},
        [(None, None, True), (None, DESK, True), (None, DESK2, True)],
    ),
    Story(
        "it ends without any desk",
        [vonage("c", "started", 0), vonage("c", "answered", 1), vonage("c", "completed", 20, **ended("c", 20, 19))],
        {"outcome": "abandoned", "talk_s": 0, "agent": None, "ended_at": 20},
    ),
    Story(
        "gone while the desk rings",
        [
            vonage("c", "answered", 0),
            desk("a", "ringing", 2),
            desk("a", "cancelled", 12),
            vonage("c", "completed", 12, **ended("c", 12, 12)),
        ],
        {"outcome": "abandoned", "wait_s": 12, "talk_s": 0},
    ),
    Story(
        "the answer of the desk is lost: it is reckoned from its end",
        [
            vonage("c", "answered", 0),
            desk("a", "ringing", 2),
            desk("a", "completed", 70, **ended("a", 70, 60)),
            vonage("c", "completed", 70, **ended("c", 70, 70)),
        ],
        {"outcome": "answered", "answered_at": 10, "wait_s": 10, "talk_s": 60, "agent": DESK},
    ),
    *(
        Story(
            f"we call, and it is {status}",
            [
                vonage("c", "started", 0, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
                vonage("c", "ringing", 2, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
                vonage("c", status, 22, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
            ],
            {"outcome": outcome, "direction": "outbound", "talk_s": 0, "from_number": OURS, "to_number": CALLER},
        )
        for status, outcome in [
            ("unanswered", "unanswered"),
            ("timeout", "unanswered"),
            ("busy", "busy"),
            ("rejected", "failed"),
            ("failed", "failed"),
            ("cancelled", "unanswered"),
        ]
    ),
    Story(
        "we call and a machine answers",
        [
            vonage("c", "ringing", 2, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
            vonage("c", "answered", 9, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
            vonage("c", "machine", 10, **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]}),
            vonage(
                "c",
                "completed",
                19,
                **{"direction": "outbound", "from": OURS[1:], "to": CALLER[1:]} | ended("c", 19, 10),
            ),
        ],
        {"outcome": "answered", "talk_s": 10, "wait_s": 7},
    ),
    Story(
        "what the caller pressed says nothing, a withheld number is none",
        [
            vonage("c", "answered", 0, **{"from": "anonymous"}),
            vonage("c", None, 5, dtmf={"digits": "4", "timed_out": False}, **{"from": "anonymous"}),
            vonage("c", "completed", 20, **{"from": "anonymous"} | ended("c", 20, 20)),
        ],
        {"from_number": None, "to_number": OURS, "outcome": "abandoned"},
    ),
    Story(
        "only its end is told",
        [vonage("c", "completed", 70, **ended("c", 70, 60))],
        {"started_at": 10, "ended_at": 70, "outcome": "abandoned", "talk_s": 0},
    ),
    Story(
        "a desk at a SIP address",
        [
            vonage("c", "answered", 0),
            desk("a", "ringing", 2, to="sip:mira@pbx.example.com"),
            desk("a", "answered", 10, to="sip:mira@pbx.example.com"),
            desk("a", "completed", 70, to="sip:mira@pbx.example.com", **ended("a", 70, 60)),
            vonage("c", "completed", 70, **ended("c", 70, 70)),
        ],
        {"outcome": "answered", "agent": "sip:mira@pbx.example.com", "wait_s": 10, "talk_s": 60},
    ),
    Story(
        "it goes on in another conversation, and then in a third",
        [
            vonage("c", "answered", 0),
            desk("a", "answered", 10),
            vonage("c", None, 30, conversation_uuid=None, conversation_uuid_from="CON-7", conversation_uuid_to="CON-8"),
            vonage("c", None, 60, conversation_uuid=None, conversation_uuid_from="CON-8", conversation_uuid_to="CON-9"),
            desk("a", "completed", 60, **ended("a", 60, 50)),
            desk("b", "answered", 70, DESK2, conversation_uuid="CON-9"),
            desk("b", "completed", 100, DESK2, conversation_uuid="CON-9", **ended("b", 100, 30)),
            vonage("c", "completed", 100, conversation_uuid="CON-9", **ended("c", 100, 100)),
        ],
        {"outcome": "answered", "talk_s": 80, "agent": DESK2, "transferred_to": "CON-9", "ended_at": 100},
    ),
]
