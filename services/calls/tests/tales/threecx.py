"""3CX's: one body a call."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, iso, threecx

STORIES = [
    Story(
        "answered, over an hour long",
        [threecx("Inbound", 3_730, duration="01:02:00", established_at=iso(10), recording_url="https://x/r.wav")],
        {
            "outcome": "answered",
            "talk_s": 3_720,
            "wait_s": 10,
            "agent": "101",
            "recording": True,
            "ended_at": 3_730,
            "from_number": CALLER,
            "to_number": None,
        },
    ),
    Story(
        "missed, told of somebody it rang at",
        [threecx("Missed", 25)],
        {"outcome": "missed", "agent": None, "talk_s": 0, "wait_s": 25, "direction": "inbound"},
    ),
    Story(
        "we call and nobody answers",
        [threecx("Notanswered", 25, agent="102")],
        {
            "outcome": "unanswered",
            "direction": "outbound",
            "agent": "102",
            "to_number": CALLER,
            "talk_s": 0,
            "wait_s": 25,
        },
    ),
    Story(
        "told again with its recording",
        [
            threecx("Inbound", 70, duration="00:01:00", established_at=iso(10)),
            threecx("Inbound", 70, duration="00:01:00", established_at=iso(10), recording_url="https://x/r.wav"),
        ],
        {"outcome": "answered", "recording": True, "talk_s": 60},
    ),
    Story(
        "a colleague by extension, in local spelling of time and without its end",
        [
            threecx(
                "Outbound",
                70,
                number="103",
                duration="0:00:40",
                started_at="2025-11-18 09:00:00",
                established_at="2025-11-18 09:00:05",
                ended_at="",
            )
        ],
        {
            "outcome": "answered",
            "started_at": 0,
            "answered_at": 5,
            "talk_s": 40,
            "ended_at": 45,
            "to_number": None,
            "flags": ["internal"],
        },
    ),
    Story(
        "a withheld number",
        [threecx("Inbound", 70, number="anonymous", duration="00:01:00", established_at=iso(10))],
        {"from_number": None, "outcome": "answered"},
    ),
    Story(
        "it takes more than a day; an older 3CX leaves what it does not know as it stands",
        [threecx("Inbound", 90_620, duration="1.01:10:10", established_at=iso(10), recording_url="[RecordingUrl]")],
        {"talk_s": 90_610, "wait_s": 10, "recording": False, "outcome": "answered"},
    ),
    Story(
        "its answer is not told, only how long they talked",
        [threecx("Inbound", 70, duration="00:01:00", number="00442079460123")],
        {"answered_at": 10, "wait_s": 10, "talk_s": 60, "from_number": "+442079460123"},
    ),
]
