"""CloudTalk's: no time is told, so a story is of what was received when."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, JONAS, MIRA, OURS, RAVI, cloudtalk

STORIES = [
    Story(
        "three ring and one takes it; its end is told after the wrap-up",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_ringing_on_agent", 6, MIRA),
            cloudtalk("call_ringing_on_agent", 6, JONAS),
            cloudtalk("call_ringing_on_agent", 7, RAVI),
            cloudtalk("call_answered", 20, JONAS),
            cloudtalk("call_ended", 150, JONAS, call_id=9, waiting_time=14, talking_time=100, wrapup_time=30),
        ],
        {
            "outcome": "answered",
            "agent": "102",
            "started_at": 0,
            "answered_at": 20,
            "wait_s": 14,
            "talk_s": 100,
            "wrap_up_s": 30,
            "ended_at": 120,
            "ended_at_estimated": True,
            "hold_s": None,
        },
        [(None, None, True), (None, "101", False), (None, "102", True), (None, "103", False)],
    ),
    Story(
        "times come as texts, numbers with signs and spaces",
        [
            cloudtalk("call_started", 0, internal_number="+1 202 555 0101", external_number="+1 (202) 555-0147"),
            cloudtalk("call_ended", 60, MIRA, waiting_time="9", talking_time="40", wrapup_time="0", call_id="9"),
        ],
        {"outcome": "answered", "from_number": CALLER, "to_number": OURS, "wait_s": 9, "talk_s": 40, "agent": "101"},
    ),
    Story(
        "nobody takes it",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_ringing_on_agent", 6, MIRA),
            cloudtalk("call_ended", 47, None, waiting_time=41, talking_time=0, wrapup_time=0),
        ],
        {"outcome": "missed", "agent": None, "wait_s": 41, "talk_s": 0, "answered_at": None},
    ),
    Story(
        "the end names whom it rang at, which is no answer",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_ended", 47, MIRA, waiting_time=41, talking_time=0, wrapup_time=0),
        ],
        {"outcome": "missed", "agent": None, "talk_s": 0},
    ),
    Story(
        "we call, and nobody answers",
        [
            cloudtalk("call_started", 0, MIRA, direction="outgoing"),
            cloudtalk("call_ended", 30, MIRA, direction="outgoing", waiting_time=28, talking_time=0, wrapup_time=2),
        ],
        {
            "outcome": "unanswered",
            "agent": "101",
            "direction": "outbound",
            "from_number": OURS,
            "to_number": CALLER,
            "talk_s": 0,
            "wait_s": 28,
        },
    ),
    Story(
        "between colleagues",
        [
            cloudtalk("call_started", 0, MIRA, direction="internal", external_number=None),
            cloudtalk("call_ended", 30, MIRA, direction="internal", external_number=None, talking_time=20),
        ],
        {"flags": ["internal"], "direction": None, "talk_s": 20},
    ),
    Story(
        "only its end is told: when it began is reckoned from it",
        [cloudtalk("call_ended", 150, JONAS, call_id=9, waiting_time=14, talking_time=100, wrapup_time=30)],
        {"outcome": "answered", "started_at": 6, "answered_at": None, "ended_at": 120, "talk_s": 100, "wait_s": 14},
    ),
    Story(
        "the recording and what machines wrote of it know the call by its number",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_answered", 9, MIRA),
            cloudtalk("recording_uploaded", 50, call_uuid=None, call_id=9, direction=None, recording_url="https://x/r"),
            cloudtalk("transcription_created", 55, call_uuid=None, call_id="9", direction=None),
            cloudtalk("call_ended", 60, MIRA, call_id=9, waiting_time=9, talking_time=40, wrapup_time=0),
        ],
        {"recording": True, "outcome": "answered", "talk_s": 40},
    ),
    Story(
        "that it was answered is received after its end",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_ended", 100, MIRA, talking_time=60, waiting_time=10, wrapup_time=30),
            cloudtalk("call_answered", 105, MIRA),
        ],
        {"outcome": "answered", "answered_at": 10, "ended_at": 70, "talk_s": 60, "agent": "101"},
    ),
    Story(
        "that it began is received last, after its end",
        [
            cloudtalk("call_answered", 10, MIRA),
            cloudtalk("call_ended", 80, MIRA, call_id=9, waiting_time=9, talking_time=60, wrapup_time=10),
            cloudtalk("call_started", 90),
        ],
        {"started_at": 1, "answered_at": 10, "ended_at": 70, "wait_s": 9},
    ),
    Story(
        "passed on from one to another",
        [
            cloudtalk("call_started", 0),
            cloudtalk("call_answered", 10, MIRA),
            cloudtalk("call_answered", 60, JONAS),
            cloudtalk("call_ended", 130, JONAS, talking_time=90, waiting_time=10, wrapup_time=30),
        ],
        {"outcome": "answered", "agent": "102", "talk_s": 90, "wait_s": 10},
        [(None, None, True), (None, "101", True), (None, "102", True)],
    ),
]
