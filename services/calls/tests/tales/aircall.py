"""Aircall's."""

from services.calls.tests.tales import Story
from services.calls.tests.told import JONAS, MIRA, OURS, RAVI, aircall, aircall_wrap_up

SALES = {"teams": [{"name": "Sales"}]}
TO_JONAS = {"transferred_to": {"id": 102, "name": "Jonas", "email": "jonas@example.com"}}
A, B, C = "mira@example.com", "jonas@example.com", "ravi@example.com"


def tags(*names: str) -> dict[str, object]:
    return {"tags": [{"id": place, "name": name} for place, name in enumerate(names)]}


STORIES = [
    Story(
        "three ring at once and one takes it",
        [
            aircall("created", 0),
            aircall("ringing_on_agent", 5, MIRA, **SALES),
            aircall("ringing_on_agent", 5, JONAS, **SALES),
            aircall("ringing_on_agent", 5, RAVI, **SALES),
            aircall("answered", 12, RAVI, answered_at=12, **SALES),
            aircall("hungup", 100, RAVI, answered_at=12, ended_at=100, **SALES),
            aircall("ended", 131, RAVI, answered_at=12, ended_at=100, **SALES),
        ],
        {"outcome": "answered", "agent": C, "wait_s": 12, "ring_s": 7, "queue_s": 5, "talk_s": 88, "hold_s": 0},
        [("Sales", None, True), (None, A, False), (None, B, False), (None, C, True)],
    ),
    Story(
        "an agent declines, is rung again and takes it",
        [
            aircall("created", 0),
            aircall("ringing_on_agent", 5, MIRA),
            aircall("agent_declined", 10, MIRA),
            aircall("ringing_on_agent", 20, MIRA),
            aircall("answered", 30, MIRA, answered_at=30),
            aircall("ended", 95, MIRA, answered_at=30, ended_at=65),
        ],
        {"agent": A, "wait_s": 30, "ring_s": 10, "queue_s": 20, "talk_s": 35, "ended_at": 65},
        [(None, None, True), (None, A, False), (None, A, True)],
    ),
    Story(
        "gone after three seconds",
        [aircall("created", 0), aircall("ended", 33, ended_at=3, missed_call_reason="short_abandoned")],
        {"outcome": "abandoned", "wait_s": 3, "talk_s": 0, "agent": None},
    ),
    Story(
        "gone in the menu",
        [aircall("created", 0), aircall("ended", 39, ended_at=9, missed_call_reason="abandoned_in_ivr")],
        {"outcome": "abandoned", "ivr_s": 9, "wait_s": None, "queue_s": None, "talk_s": 0},
        [],
    ),
    Story(
        "nobody takes it and the caller leaves a message",
        [
            aircall("created", 0),
            aircall("ringing_on_agent", 8, MIRA, **SALES),
            aircall("agent_declined", 20, MIRA, **SALES),
            aircall("hungup", 60, ended_at=60, missed_call_reason="agents_did_not_answer", **SALES),
            aircall("voicemail_left", 62, ended_at=60, voicemail="https://x/v.mp3", **SALES),
            aircall("ended", 90, ended_at=60, voicemail="https://x/v.mp3", missed_call_reason="agents_did_not_answer"),
        ],
        {"outcome": "voicemail", "voicemail": True, "recording": False, "talk_s": 0, "agent": None, "queue": "Sales"},
    ),
    Story(
        "it comes when the office is closed",
        [aircall("created", 0), aircall("ended", 40, ended_at=10, missed_call_reason="out_of_opening_hours")],
        {"outcome": "after_hours", "talk_s": 0},
    ),
    Story(
        "held three times, the last until the end",
        [
            aircall("created", 0),
            aircall("answered", 10, MIRA, answered_at=10),
            aircall("hold", 20, MIRA, answered_at=10),
            aircall("unhold", 25, MIRA, answered_at=10),
            aircall("hold", 40, MIRA, answered_at=10),
            aircall("unhold", 52, MIRA, answered_at=10),
            aircall("hold", 90, MIRA, answered_at=10),
            aircall("ended", 130, MIRA, answered_at=10, ended_at=100),
        ],
        {"hold_s": 27, "talk_s": 63, "outcome": "answered"},
    ),
    Story(
        "passed on, and each of the two wraps up",
        [
            aircall("created", 0),
            aircall("answered", 10, MIRA, answered_at=10),
            aircall("transferred", 70, JONAS, answered_at=10, **TO_JONAS),
            aircall("ended", 160, JONAS, answered_at=10, ended_at=130, **TO_JONAS),
            aircall_wrap_up("start", 71, MIRA),
            aircall_wrap_up("end", 91, MIRA),
            aircall_wrap_up("start", 131, JONAS),
            aircall_wrap_up("end", 161, JONAS),
        ],
        {"agent": B, "transferred_to": B, "talk_s": 120, "wrap_up_s": 50},
        [(None, None, True), (None, A, True), (None, B, True)],
    ),
    Story(
        "passed on to a number outside",
        [
            aircall("created", 0),
            aircall("answered", 10, MIRA, answered_at=10),
            aircall("external_transferred", 70, MIRA, answered_at=10, external_transferred_to="+1 202-555-0199"),
            aircall("ended", 160, MIRA, answered_at=10, ended_at=130),
        ],
        {"agent": A, "transferred_to": "+12025550199", "talk_s": 120},
    ),
    Story(
        "nobody takes the transfer and the call comes back",
        [
            aircall("created", 0),
            aircall("answered", 10, MIRA, answered_at=10),
            aircall("transferred", 70, JONAS, answered_at=10, **TO_JONAS),
            aircall("unsuccessful_transfer", 95, MIRA, answered_at=10, **TO_JONAS),
            aircall("ended", 160, MIRA, answered_at=10, ended_at=130),
        ],
        {"agent": A, "transferred_to": None, "outcome": "answered"},
    ),
    Story(
        "we call, and nobody answers",
        [
            aircall("created", 0, MIRA, direction="outbound"),
            aircall("hungup", 30, MIRA, direction="outbound", ended_at=30),
            aircall("ended", 60, MIRA, direction="outbound", ended_at=30, missed_call_reason="agents_did_not_answer"),
        ],
        {"outcome": "unanswered", "direction": "outbound", "agent": A, "talk_s": 0, "from_number": OURS},
    ),
    Story(
        "only its end is told",
        [aircall("ended", 160, MIRA, answered_at=10, ended_at=130, recording="https://x/r.mp3", **tags("a"))],
        {
            "outcome": "answered",
            "started_at": 0,
            "answered_at": 10,
            "ended_at": 130,
            "talk_s": 120,
            "recording": True,
            "tags": ["a"],
            "agent": A,
        },
    ),
    Story(
        "tagged, untagged and tagged again, with bodies in between that know of no tags",
        [
            aircall("answered", 10, MIRA, answered_at=10),
            aircall("tagged", 20, MIRA, answered_at=10, **tags("a")),
            aircall("tagged", 22, MIRA, answered_at=10, **tags("a", "b")),
            aircall("untagged", 24, MIRA, answered_at=10, **tags("b")),
            aircall(
                "commented", 30, MIRA, answered_at=10, comments=[{"content": "Call back", "posted_at": 1763456430}]
            ),
            aircall("ended", 60, MIRA, answered_at=10, ended_at=30, **tags("b")),
            aircall("comm_assets_generated", 90, MIRA, answered_at=10, ended_at=30, recording="https://x/r.mp3"),
            aircall("tagged", 95, MIRA, answered_at=10, ended_at=30, **tags("b", "c")),
        ],
        {"tags": ["b", "c"], "recording": True, "note": "Call back"},
    ),
    Story(
        "a withheld number, answered",
        [aircall("ended", 60, MIRA, raw_digits="anonymous", answered_at=10, ended_at=30)],
        {"from_number": None, "external_number": None, "to_number": OURS, "outcome": "answered"},
    ),
]
