"""RingCentral's: states of parties."""

from typing import Any

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, MIRA, OURS, ringcentral

QUEUE = {"to": {"phoneNumber": OURS, "name": "Sales", "extensionId": "77"}, "queueCall": True}
SUPPORT = {"to": {"phoneNumber": OURS, "name": "Support", "extensionId": "78"}, "queueCall": True}
MENU = {"to": {"phoneNumber": OURS, "name": "Main menu", "extensionId": "50"}}
ASKS = {"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}
OUT = {"from": {"phoneNumber": OURS, "extensionId": "101", "name": MIRA}, "to": {"phoneNumber": CALLER}}
OUTSIDE = {"to": {"phoneNumber": "+12025550199"}, "from": {"phoneNumber": CALLER}}


def to(extension: str) -> dict[str, Any]:
    return {"to": {"phoneNumber": OURS, "extensionId": extension, "name": f"Agent {extension}"}}


def rings(party: int, extension: str, second: float, **more: Any) -> list[Any]:
    return [
        ringcentral(party, "Setup", second, extension, **more),
        ringcentral(party, "Proceeding", second + 0.3, extension, **more),
    ]


STORIES = [
    Story(
        "a group rings at three, one takes it",
        [
            ringcentral(1, "Setup", 0),
            ringcentral(1, "Answered", 0.2, **QUEUE | {"queueCall": False}),
            *rings(2, "101", 2, **QUEUE),
            *rings(3, "102", 2, **QUEUE),
            *rings(4, "103", 2, **QUEUE),
            ringcentral(3, "Answered", 12, "102", **QUEUE),
            ringcentral(2, "Disconnected", 12.1, "101", reason="Cancelled", **QUEUE),
            ringcentral(4, "Disconnected", 12.1, "103", reason="Cancelled", **QUEUE),
            ringcentral(3, "Disconnected", 72, "102", **QUEUE),
            ringcentral(1, "Disconnected", 72.1),
        ],
        {
            "outcome": "answered",
            "agent": "102",
            "queue": "Sales",
            "direction": "inbound",
            "talk_s": 60,
            "hold_s": 0,
            "from_number": CALLER,
            "to_number": OURS,
            "answered_at": 12,
        },
        [("Sales", None, True), (None, "101", False), (None, "102", True), (None, "103", False)],
    ),
    Story(
        "nobody in the queue takes it, and the queue takes a message",
        [
            ringcentral(1, "Setup", 0),
            ringcentral(1, "Answered", 0.2, **QUEUE | {"queueCall": False}),
            *rings(2, "101", 2, **QUEUE),
            ringcentral(2, "Disconnected", 20, "101", reason="NoAnswer", missedCall=True, **QUEUE),
            *rings(3, "102", 20.1, **QUEUE),
            ringcentral(3, "Disconnected", 40, "102", reason="NoAnswer", missedCall=True, **QUEUE),
            ringcentral(4, "Setup", 40.1, "77", **to("77")),
            ringcentral(4, "VoiceMail", 41, "77", **to("77")),
            ringcentral(4, "Disconnected", 71, "77", reason="Voicemail", **to("77")),
            ringcentral(1, "Disconnected", 71.1),
        ],
        {"outcome": "voicemail", "voicemail": True, "queue": "Sales", "talk_s": 0, "agent": None},
    ),
    Story(
        "nobody in the queue takes it, and the queue hangs up",
        [
            ringcentral(1, "Setup", 0),
            ringcentral(1, "Answered", 0.2, **QUEUE | {"queueCall": False}),
            *rings(2, "101", 2, **QUEUE),
            ringcentral(2, "Disconnected", 30, "101", reason="NoAnswer", missedCall=True, **QUEUE),
            ringcentral(1, "Disconnected", 30.2),
        ],
        {"outcome": "missed", "talk_s": 0, "queue": "Sales"},
    ),
    Story(
        "it overflows into another queue, where it is taken",
        [
            ringcentral(1, "Setup", 0),
            ringcentral(1, "Answered", 0.2, **QUEUE | {"queueCall": False}),
            *rings(2, "101", 2, **QUEUE),
            ringcentral(2, "Disconnected", 20, "101", reason="NoAnswer", missedCall=True, **QUEUE),
            ringcentral(1, "Answered", 20.2, **SUPPORT | {"queueCall": False}),
            *rings(3, "102", 21, **SUPPORT),
            ringcentral(3, "Answered", 30, "102", **SUPPORT),
            ringcentral(1, "Disconnected", 90),
            ringcentral(3, "Disconnected", 90.1, "102", **SUPPORT),
        ],
        {"outcome": "answered", "agent": "102", "talk_s": 60, "wait_s": 29.8, "queue": "Sales"},
    ),
    Story(
        "asked first, then passed on: the second agent's own session becomes this one",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 0.1, **to("101")),
            ringcentral(2, "Answered", 10, "101", **to("101")),
            ringcentral(1, "Answered", 10.1, **to("101")),
            ringcentral(2, "Hold", 40, "101", **to("101")),
            ringcentral(2, "Disconnected", 60, "101", reason="AttendedTransfer", **to("101")),
            ringcentral(3, "Setup", 60, "102", **to("102")),
            ringcentral(3, "Answered", 60.1, "102", **to("102")),
            ringcentral(3, "Disconnected", 120, "102", **to("102")),
            ringcentral(1, "Disconnected", 120.1),
        ],
        {"outcome": "answered", "agent": "102", "transferred_to": "102", "hold_s": 20, "answered_at": 10, "wait_s": 10},
    ),
    Story(
        "passed on to a number outside",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 0.1, **to("101")),
            ringcentral(2, "Answered", 10, "101", **to("101")),
            ringcentral(2, "Disconnected", 40, "101", reason="BlindTransfer", **to("101")),
            ringcentral(3, "Setup", 40.1, **OUTSIDE),
            ringcentral(3, "Proceeding", 41, **OUTSIDE),
            ringcentral(3, "Answered", 50, **OUTSIDE),
            ringcentral(3, "Disconnected", 100, **OUTSIDE),
            ringcentral(1, "Disconnected", 100.1),
        ],
        {
            "outcome": "answered",
            "agent": "101",
            "transferred_to": "+12025550199",
            "direction": "inbound",
            "from_number": CALLER,
            "to_number": OURS,
        },
    ),
    Story(
        "parked and taken up by another",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 0.1, **to("101")),
            ringcentral(2, "Answered", 10, "101", **to("101")),
            ringcentral(2, "Parked", 30, "101", **to("101")),
            ringcentral(2, "Answered", 45, "101", **to("101")),
            ringcentral(2, "Disconnected", 70, "101", **to("101")),
            ringcentral(1, "Disconnected", 70.1),
        ],
        {"hold_s": 15, "talk_s": 45, "agent": "101"},
    ),
    Story(
        "gone while it rings, its end told first",
        [
            ringcentral(1, "Disconnected", 12),
            ringcentral(2, "Disconnected", 12.1, "101", reason="CallerCancelled", **to("101")),
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 0.1, **to("101")),
        ],
        {"outcome": "abandoned", "wait_s": 12, "talk_s": 0, "agent": None},
    ),
    *(
        Story(
            f"we call, and it ends with {reason}",
            [
                ringcentral(1, "Setup", 0, "101", direction="Outbound", **OUT),
                ringcentral(2, "Proceeding", 2, direction="Inbound", **OUT),
                ringcentral(1, "Proceeding", 2.1, "101", direction="Outbound", **OUT),
                ringcentral(2, "Disconnected", 22, reason=reason, direction="Inbound", **OUT),
                ringcentral(1, "Disconnected", 22.1, "101", direction="Outbound", **OUT),
            ],
            {
                "outcome": outcome,
                "direction": "outbound",
                "agent": "101",
                "talk_s": 0,
                "wait_s": 20,
                "from_number": OURS,
                "to_number": CALLER,
            },
        )
        for reason, outcome in [
            ("NoAnswer", "unanswered"),
            ("TargetBusy", "busy"),
            ("Rejected", "failed"),
            ("InvalidNumber", "failed"),
            ("Cancelled", "unanswered"),
        ]
    ),
    Story(
        "a withheld number",
        [
            ringcentral(1, "Setup", 0, **{"from": {"phoneNumber": "anonymous"}}),
            *rings(2, "101", 0.1, **to("101") | {"from": {"phoneNumber": "anonymous"}}),
            ringcentral(2, "Answered", 10, "101", **to("101") | {"from": {"phoneNumber": "anonymous"}}),
            ringcentral(2, "Disconnected", 70, "101", **to("101") | {"from": {"phoneNumber": "anonymous"}}),
            ringcentral(1, "Disconnected", 70, **{"from": {"phoneNumber": "anonymous"}}),
        ],
        {"from_number": None, "to_number": OURS, "outcome": "answered", "agent": "101", "talk_s": 60, "ended_at": 70},
    ),
    Story(
        "between colleagues",
        [
            ringcentral(1, "Setup", 0, "101", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
            ringcentral(2, "Setup", 0.1, "102", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
            ringcentral(2, "Proceeding", 0.2, "102", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
            ringcentral(2, "Answered", 5, "102", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
            ringcentral(1, "Disconnected", 65, "101", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
            ringcentral(2, "Disconnected", 65, "102", **{"from": {"extensionId": "101"}, "to": {"extensionId": "102"}}),
        ],
        {"flags": ["internal"], "direction": None, "outcome": "answered", "talk_s": 60},
    ),
    Story(
        "out of the menu to an agent",
        [
            ringcentral(1, "Setup", 0),
            ringcentral(2, "Setup", 0.1, "50", **MENU),
            ringcentral(1, "Answered", 0.4, **MENU),
            ringcentral(2, "Disconnected", 6, "50", reason="CallerInputRedirect", **MENU),
            *rings(3, "101", 6.1, **to("101")),
            ringcentral(3, "Answered", 16, "101", **to("101")),
            ringcentral(1, "Disconnected", 76),
            ringcentral(3, "Disconnected", 76.1, "101", **to("101")),
        ],
        {"outcome": "answered", "ivr_s": 6, "wait_s": 10, "agent": "101", "talk_s": 60},
    ),
    Story(
        "asked first in a session of its own, which then becomes this one",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 0.1, **to("101")),
            ringcentral(2, "Answered", 10, "101", **to("101")),
            ringcentral(2, "Hold", 30, "101", **to("101")),
            ringcentral(1, "Setup", 31, "101", session="s-8", **ASKS),
            ringcentral(2, "Proceeding", 31.5, "102", session="s-8", **ASKS),
            ringcentral(2, "Answered", 35, "102", session="s-8", **ASKS),
            ringcentral(1, "Gone", 60, "101", session="s-8", peer="s-7", reason="AttendedTransfer", **ASKS),
            ringcentral(2, "Disconnected", 60, "101", reason="AttendedTransfer", **to("101")),
            ringcentral(2, "Disconnected", 120, "102", session="s-8", **ASKS),
            ringcentral(1, "Disconnected", 120),
        ],
        {
            "outcome": "answered",
            "direction": "inbound",
            "agent": "102",
            "transferred_to": "102",
            "hold_s": 30,
            "talk_s": 80,
            "from_number": CALLER,
        },
        [(None, None, True), (None, "101", True), (None, "102", True)],
    ),
    Story(
        "how it began is not told",
        [
            ringcentral(2, "Answered", 10, "101", **to("101")),
            ringcentral(2, "Disconnected", 70, "101", **to("101")),
            ringcentral(1, "Disconnected", 70.1),
        ],
        {"outcome": "answered", "direction": "inbound", "agent": "101", "answered_at": 10, "talk_s": 60},
    ),
    Story(
        "its number tells which of two states of one moment came after the other",
        [
            ringcentral(1, "Setup", 0, sequence=2),
            ringcentral(2, "Answered", 10, "101", sequence=9, **to("101")),
            ringcentral(2, "Hold", 20, "101", sequence=10, **to("101")),
            ringcentral(2, "Answered", 20, "101", sequence=11, **to("101")),
            ringcentral(2, "Disconnected", 50, "101", sequence=12, **to("101")),
            ringcentral(1, "Disconnected", 50, sequence=13),
        ],
        {"hold_s": 0, "talk_s": 40},
    ),
    Story(
        "whom a message is for listens to it, and takes the call",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 1, **to("101")),
            ringcentral(2, "VoiceMailScreening", 20, "101", **to("101")),
            ringcentral(2, "Answered", 26, "101", **to("101")),
            ringcentral(2, "Disconnected", 86, "101", **to("101")),
            ringcentral(1, "Disconnected", 86.1),
        ],
        {"outcome": "answered", "voicemail": False, "wait_s": 26, "talk_s": 60},
    ),
    Story(
        "whom a message is for listens to it, and does not",
        [
            ringcentral(1, "Setup", 0),
            *rings(2, "101", 1, **to("101")),
            ringcentral(2, "VoiceMailScreening", 20, "101", **to("101")),
            ringcentral(2, "Disconnected", 46, "101", missedCall=True, **to("101")),
            ringcentral(1, "Disconnected", 46.1),
        ],
        {"outcome": "voicemail", "voicemail": True, "wait_s": 20, "talk_s": 0},
    ),
]
