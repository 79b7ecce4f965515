"""JustCall's."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, JONAS, MIRA, OURS, justcall

UNHEARD = {"ring_time": 0, "queue_wait_time": 0, "hold_time": 0, "conversation_time": 0, "total_duration": 0}


def lasted(**seconds: float) -> dict[str, float]:
    told = UNHEARD | {"wrap_up_time": 0} | seconds
    total = told["conversation_time"] + told["hold_time"]
    return told | {"total_duration": total, "handle_time": total + told["wrap_up_time"]}


STORIES = [
    Story(
        "through a queue to an agent, with everything known at the end",
        [
            justcall("call.incoming", 0, call={"id": None}),
            justcall("call.enters_queue", 1, call={"id": None}),
            justcall("call.exits_queue", 41, call={"id": None}),
            justcall("call.answered", 41, MIRA, type="Answered", call={"id": None}),
            justcall(
                "call.completed",
                160,
                MIRA,
                type="Answered",
                lasted=lasted(ring_time=10, queue_wait_time=40, conversation_time=100, hold_time=15),
            ),
            justcall(
                "call.updated",
                200,
                MIRA,
                type="Answered",
                disposition="Won",
                notes="Call back",
                lasted=lasted(ring_time=10, queue_wait_time=40, conversation_time=100, hold_time=15, wrap_up_time=33),
                call={"tags": ["vip"]},
            ),
        ],
        {
            "outcome": "answered",
            "agent": "mira@example.com",
            "wait_s": 40,
            "queue_s": 30,
            "ring_s": 10,
            "talk_s": 100,
            "hold_s": 15,
            "wrap_up_s": 33,
            "disposition": "Won",
            "tags": ["vip"],
            "note": "Call back",
            "started_at": 0,
            "ended_at": 155,
            "answered_at": None,
        },
    ),
    Story(
        "its end does not say of which kind it was, but how long they talked",
        [justcall("call.completed", 160, MIRA, lasted=lasted(ring_time=10, conversation_time=100))],
        {"outcome": "answered", "talk_s": 100, "agent": "mira@example.com", "wait_s": 10},
    ),
    Story(
        "gone before it rang at anyone",
        [justcall("call.incoming", 0), justcall("call.missed", 9, type="Abandoned", lasted=lasted())],
        {"outcome": "abandoned", "talk_s": 0, "agent": None},
    ),
    Story(
        "nobody was there to ring at",
        [
            justcall(
                "call.missed",
                30,
                type="Missed",
                missed_call_reason="Never rang any available agent",
                lasted=lasted(queue_wait_time=25),
            )
        ],
        {"outcome": "missed", "wait_s": 25, "talk_s": 0},
    ),
    Story(
        "it comes after working hours and a message is left",
        [
            justcall(
                "call.voicemail",
                60,
                type="Voicemail",
                missed_call_reason="After working hours",
                recording="https://x/v",
                lasted=lasted(ring_time=5, conversation_time=20),
            )
        ],
        {"outcome": "voicemail", "voicemail": True, "talk_s": 0, "wait_s": 5},
    ),
    Story(
        "passed on: that it was is all we learn",
        [
            justcall(
                "call.completed",
                400,
                JONAS,
                type="Answered",
                call_traits=["QUEUE", "TRANSFER"],
                lasted=lasted(queue_wait_time=12, conversation_time=300),
            )
        ],
        {"outcome": "answered", "agent": "jonas@example.com", "transferred_to": None, "talk_s": 300, "escalated": None},
    ),
    Story(
        "passed on, and that the first agent answered is told after the end",
        [
            justcall("call.completed", 320, JONAS, type="Answered", lasted=lasted(ring_time=9, conversation_time=300)),
            justcall("call.answered", 350, MIRA, type="Answered"),
        ],
        {"agent": "jonas@example.com", "talk_s": 300},
    ),
    Story(
        "passed on to a colleague, who has it in the end",
        [
            justcall("call.answered", 9, MIRA, type="Answered"),
            justcall(
                "call.completed",
                320,
                JONAS,
                type="Answered",
                call_traits=["transfer"],
                lasted=lasted(ring_time=9, conversation_time=300),
            ),
        ],
        {"agent": "jonas@example.com", "transferred_to": "jonas@example.com", "talk_s": 300, "wait_s": 9},
    ),
    Story(
        "the caller leaves the queue to be called back; tags come as objects",
        [
            justcall(
                "call.missed",
                60,
                type="Missed",
                call_traits=["QUEUE", "CALLBACK"],
                lasted=lasted(queue_wait_time=50),
                call={
                    "tags": [{"id": 3, "name": "vip"}],
                    "queue_callback": {"callback_requested": True, "callback_reached": True},
                },
            )
        ],
        {"outcome": "missed", "wait_s": 50, "follow_up": True, "tags": ["vip"]},
    ),
    Story(
        "that it ended was given up, and is learned from what was set afterwards",
        [
            justcall("call.answered", 9, MIRA, type="Answered"),
            justcall("call.updated", 60, MIRA, type="Answered", notes="so far", lasted=lasted(ring_time=9)),
            justcall(
                "call.updated",
                900,
                MIRA,
                type="Answered",
                disposition="Sold",
                lasted=lasted(ring_time=9, conversation_time=180, hold_time=10, total_duration=190, wrap_up_time=7),
            ),
        ],
        {"status": "ended", "outcome": "answered", "ended_at": 199, "talk_s": 180, "wrap_up_s": 7, "note": None},
    ),
    Story(
        "we call, and the line is busy",
        [
            justcall("call.initiated", 0, MIRA, direction="Outgoing"),
            justcall("call.completed", 20, MIRA, direction="Outgoing", type="Busy", lasted=lasted(ring_time=4)),
        ],
        {
            "outcome": "busy",
            "direction": "outbound",
            "from_number": OURS,
            "to_number": CALLER,
            "wait_s": 4,
            "agent": "mira@example.com",
            "talk_s": 0,
        },
    ),
    Story(
        "the end comes first, the beginning last, and it begins just before midnight",
        [
            justcall(
                "call.completed",
                54_100,
                MIRA,
                type="Answered",
                lasted=lasted(ring_time=5, conversation_time=60),
                call={"call_time": "23:59:50"},
            ),
            justcall("call.answered", 53_995, MIRA, type="Answered", call={"call_time": "23:59:50"}),
            justcall("call.incoming", 53_990, call={"call_time": "23:59:50", "id": None}),
        ],
        {"started_at": 53_990, "ended_at": 54_055, "outcome": "answered"},
    ),
    Story(
        "an update after another takes back what that said",
        [
            justcall("call.completed", 100, MIRA, type="Answered", lasted=lasted(ring_time=5, conversation_time=60)),
            justcall("call.updated", 120, MIRA, type="Answered", disposition="Won", call={"tags": ["a", "b"]}),
            justcall("call.updated", 140, MIRA, type="Answered", disposition="Lost", call={"tags": ["b"]}),
            justcall("call.updated", 160, MIRA, type="Answered", disposition="", call={"tags": []}),
        ],
        {"disposition": None, "tags": [], "talk_s": 60},
    ),
    Story(
        "a dialler's call, under the dialler's own names",
        [
            justcall(
                "sd.call_completed",
                100,
                MIRA,
                direction="Outgoing",
                type="Answered",
                lasted=lasted(ring_time=5, conversation_time=60),
            ),
            justcall("sd.call_updated", 130, MIRA, direction="Outgoing", type="Answered", disposition="Won"),
            justcall("sd.call_ai_generated", 140, MIRA, direction="Outgoing"),
        ],
        {"disposition": "Won", "talk_s": 60, "direction": "outbound"},
    ),
]
