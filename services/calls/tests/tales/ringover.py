"""Ringover's: menu and queue are not told apart, holds and wrap-up not at all."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, JONAS, MIRA, OURS, ringover, ringover_after

A, B = "mira@example.com", "jonas@example.com"
LINE = {"ivr": {"name": "Sales line"}, "is_ivr": 1}
OUT = {"direction": "outbound", "from_number": OURS[1:], "to_number": CALLER[1:]}

STORIES = [
    Story(
        "rings at two, one takes it",
        [
            ringover("ringing", 0, **LINE),
            ringover("ringing", 8, MIRA, **LINE),
            ringover("ringing", 8.2, JONAS, **LINE),
            ringover("answered", 20.5, JONAS, answered_time=20.5, **LINE),
            ringover("hangup", 80.5, JONAS, answered_time=20.5, hangup_time=80.5, duration_in_seconds=60, **LINE),
        ],
        {
            "outcome": "answered",
            "agent": B,
            "queue": "Sales line",
            "wait_s": 20.5,
            "talk_s": 60,
            "hold_s": None,
            "wrap_up_s": None,
        },
        [("Sales line", None, True), (None, A, False), (None, B, True)],
    ),
    Story(
        "missed",
        [ringover("ringing", 0, **LINE), ringover("missed", 30, hangup_time=30, reason="CALLER_HANGUP", **LINE)],
        {"outcome": "missed", "talk_s": 0, "wait_s": 30, "agent": None},
    ),
    Story(
        "missed, told of the agent it rang at",
        [ringover("ringing", 0, MIRA), ringover("missed", 30, MIRA, hangup_time=30, answered_time=None)],
        {"outcome": "missed", "talk_s": 0, "agent": None},
    ),
    Story(
        "missed, and only then a voicemail",
        [
            ringover("ringing", 0, **LINE),
            ringover("missed", 26, hangup_time=60, answered_time=None, **LINE),
            ringover("voicemail", 61, answered_time=25, hangup_time=60, message="https://x/v", **LINE),
            ringover_after("voicemail_available", 70, voicemail_link="https://x/v", voicemail_duration="35"),
        ],
        {"outcome": "voicemail", "voicemail": True, "talk_s": 0, "wait_s": 25, "answered_at": None},
    ),
    Story(
        "outside opening hours",
        [ringover("missed", 5, hangup_time=4, reason="OUT_PLANNING")],
        {"outcome": "after_hours", "started_at": 0, "ended_at": 4},
    ),
    Story(
        "we call and nobody answers, which hangs up unanswered",
        [ringover("ringing", 0, MIRA, **OUT), ringover("hangup", 25, MIRA, hangup_time=25, answered_time=None, **OUT)],
        {"outcome": "unanswered", "agent": A, "direction": "outbound", "talk_s": 0, "wait_s": 25},
    ),
    Story(
        "we call and nobody answers, which is told as missed",
        [ringover("missed", 25, MIRA, hangup_time=25, **OUT)],
        {"outcome": "unanswered", "agent": A},
    ),
    Story(
        "we call and a machine answers",
        [
            ringover("answered", 9, MIRA, answered_time=9, **OUT),
            ringover("hangup", 20, MIRA, answered_time=9, hangup_time=20, answering_machine_detection="MACHINE", **OUT),
        ],
        {"outcome": "answered", "talk_s": 11},
    ),
    Story(
        "after the call: its tags replaced, commented, recorded",
        [
            ringover("hangup", 80.5, JONAS, answered_time=20.5, hangup_time=80.5),
            ringover_after("record_available", 100, record_link="https://x/r.mp3", record_duration=60),
            ringover_after("tags_updated", 101, tags=["a"], comments=None),
            ringover_after("tags_updated", 102, tags=["a", "b"], comments=None),
            ringover_after("comments_updated", 103, tags=["b"], comments="Call back"),
            ringover_after("summary_available", 104),
            ringover_after("aftercall", 105, tags=["b"], comments="Call back"),
        ],
        {"tags": ["b"], "note": "Call back", "recording": True, "talk_s": 60},
    ),
    Story(
        "a comment is taken back; what tells of tags alone does not take it back",
        [
            ringover("hangup", 80.5, JONAS, answered_time=20.5, duration_in_seconds=60),
            ringover_after("comments_updated", 100, tags=[], comments="Call back"),
            ringover_after("tags_updated", 101, tags=["a"], comments=""),
            ringover_after("comments_updated", 102, tags=["a"], comments="Call him"),
            ringover_after("tags_updated", 103, tags=[], comments=""),
        ],
        {"tags": [], "note": "Call him", "ended_at": 80.5, "talk_s": 60},
    ),
    Story(
        "its end is told late, without its time",
        [
            ringover("hangup", 95, JONAS, answered_time=20.5, duration_in_seconds="60"),
            ringover_after("comments_updated", 100, tags=[], comments="Call back"),
            ringover_after("comments_updated", 110, tags=[], comments=""),
        ],
        {"ended_at": 80.5, "talk_s": 60, "note": None},
    ),
    Story(
        "that it is answered is told without the time, and nothing after it",
        [ringover("ringing", 0, **LINE), ringover("answered", 12.5, MIRA, **LINE)],
        {"status": "answered", "agent": A, "answered_at": 12.5, "outcome": None, "wait_s": 12.5},
    ),
    Story(
        "a withheld number to an own extension",
        [ringover("hangup", 80, MIRA, from_number="anonymous", is_anonymous=True, answered_time=20, hangup_time=80)],
        {"from_number": None, "outcome": "answered"},
    ),
    Story(
        "between colleagues",
        [ringover("hangup", 80, MIRA, from_number=101, to_number=102, is_internal=1, answered_time=20, hangup_time=80)],
        {"flags": ["internal"], "from_number": None, "to_number": None, "talk_s": 60},
    ),
]
