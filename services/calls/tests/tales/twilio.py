"""Twilio's: a call and its legs, as the customer's TwiML makes them."""

from services.calls.tests.tales import Story
from services.calls.tests.told import CALLER, OURS, SECOND, at, twilio

MIRA, JONAS, RAVI = "client:mira", "client:jonas", "client:ravi"


def dialled(sid: str, status: str, second: float, number: int, to: str = MIRA, **more: str) -> object:
    leg = {"ParentCallSid": "CA1", "Direction": "outbound-dial", "From": CALLER, "To": to}
    return twilio(sid, status, second, number, **leg | more)


def out(status: str, second: float, number: int, **more: str) -> object:
    return twilio("CA1", status, second, number, **{"Direction": "outbound-api", "From": OURS, "To": CALLER} | more)


def task(event: str, second: float, worker: str, **more: str) -> object:
    """What TaskRouter tells of a reservation."""
    about = {"TaskAttributes": '{"call_sid": "CA1"}', "WorkerSid": f"WK-{worker}", "WorkerName": worker}
    about |= {"TaskQueueName": "Sales", "Timestamp": str(int(at(second).timestamp()))}
    return twilio("CA1", None, second, EventType=event, **about | more)  # type: ignore[arg-type]


STORIES = [
    Story(
        "three ring at once, one takes it, the others are let go",
        [
            twilio("CA1", "ringing", 0),
            dialled("CA2", "initiated", 2, 0, MIRA),
            dialled("CA3", "initiated", 2, 0, JONAS),
            dialled("CA4", "initiated", 2, 0, RAVI),
            dialled("CA2", "ringing", 3, 1, MIRA),
            dialled("CA3", "ringing", 3, 1, JONAS),
            dialled("CA4", "ringing", 3, 1, RAVI),
            dialled("CA3", "in-progress", 13, 2, JONAS),
            dialled("CA2", "canceled", 13, 2, MIRA, CallDuration="0"),
            dialled("CA4", "no-answer", 13, 2, RAVI, CallDuration="0"),
            dialled("CA3", "completed", 73, 3, JONAS, CallDuration="60"),
            twilio("CA1", "in-progress", 73, DialCallSid="CA3", DialCallStatus="completed", DialCallDuration="60"),
            twilio("CA1", "completed", 74, 0, CallDuration="74"),
        ],
        {
            "outcome": "answered",
            "agent": JONAS,
            "wait_s": 13,
            "ring_s": 10,
            "talk_s": 60,
            "direction": "inbound",
            "ended_at": 74,
            "from_number": CALLER,
            "to_number": OURS,
        },
        [(None, None, True), (None, MIRA, False), (None, JONAS, True), (None, RAVI, False)],
    ),
    Story(
        "answered is spelled as the event's name",
        [
            twilio("CA1", "ringing", 0),
            dialled("CA2", "answered", 10, 2),
            dialled("CA2", "completed", 70, 3, CallDuration="60"),
            twilio("CA1", "completed", 70, 0, CallDuration="70"),
        ],
        {"outcome": "answered", "answered_at": 10, "talk_s": 60, "agent": MIRA},
    ),
    Story(
        "nobody answers, and the caller leaves a message",
        [
            twilio("CA1", "ringing", 0),
            dialled("CA2", "ringing", 3, 1),
            dialled("CA2", "no-answer", 23, 2, CallDuration="0"),
            twilio("CA1", "in-progress", 23, DialCallSid="CA2", DialCallStatus="no-answer"),
            twilio("CA1", "completed", 60, RecordingUrl="https://x/RE1", RecordingSid="RE1", RecordingDuration="30"),
            twilio("CA1", "completed", 60, 0, CallDuration="60"),
            twilio(
                "CA1",
                None,
                65,
                RecordingSid="RE1",
                RecordingStatus="completed",
                RecordingUrl="https://x/RE1",  # type: ignore[arg-type]
                RecordingSource="RecordVerb",
                RecordingStartTime="Tue, 18 Nov 2025 09:00:28 +0000",
            ),
        ],
        {"outcome": "voicemail", "voicemail": True, "recording": False, "talk_s": 0, "wait_s": 23, "agent": None},
    ),
    Story(
        "gone from the queue",
        [
            twilio("CA1", "ringing", 0),
            twilio("CA1", "in-progress", 6, QueueSid="QU1", QueueTime="0", QueuePosition="1"),
            twilio("CA1", "in-progress", 16, QueueSid="QU1", QueueTime="10", QueuePosition="1"),
            twilio("CA1", "completed", 47, QueueSid="QU1", QueueTime="41", QueueResult="hangup"),
            twilio("CA1", "completed", 47, 0, CallDuration="47"),
        ],
        {"outcome": "abandoned", "wait_s": 41, "ivr_s": 6, "queue": "QU1", "talk_s": 0},
    ),
    Story(
        "out of one queue into another, where it is taken",
        [
            twilio("CA1", "ringing", 0),
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0", QueuePosition="1"),
            twilio("CA1", "in-progress", 35, QueueSid="QU1", QueueTime="30", QueueResult="leave"),
            twilio("CA1", "in-progress", 35.5, QueueSid="QU2", QueueTime="0", QueuePosition="1"),
            twilio("CA1", "in-progress", 55, QueueSid="QU2", QueueTime="20", DequeingCallSid="CA2"),
            twilio("CA2", "in-progress", 50, 1, Direction="outbound-api", From=OURS, To=MIRA),
            twilio("CA2", "completed", 100, 2, Direction="outbound-api", From=OURS, To=MIRA, CallDuration="50"),
            twilio("CA1", "completed", 100, 0, CallDuration="100"),
        ],
        {"outcome": "answered", "queue": "QU1", "agent": MIRA},
    ),
    Story(
        "passed on to another by a second dial",
        [
            twilio("CA1", "ringing", 0),
            dialled("CA2", "ringing", 3, 1),
            dialled("CA2", "in-progress", 10, 2),
            dialled("CA2", "completed", 40, 3, CallDuration="30"),
            dialled("CA3", "ringing", 42, 1, JONAS),
            dialled("CA3", "in-progress", 50, 2, JONAS),
            dialled("CA3", "completed", 110, 3, JONAS, CallDuration="60"),
            twilio("CA1", "completed", 110, 0, CallDuration="110"),
        ],
        {"outcome": "answered", "agent": JONAS, "wait_s": 10, "talk_s": 90},
        [(None, None, True), (None, MIRA, True), (None, JONAS, True)],
    ),
    Story(
        "gone while it rings",
        [
            twilio("CA1", "ringing", 0),
            dialled("CA2", "ringing", 3, 1),
            dialled("CA2", "canceled", 12, 2, CallDuration="0"),
            twilio("CA1", "completed", 12, 0, CallDuration="12"),
        ],
        {"outcome": "abandoned", "talk_s": 0, "wait_s": 12},
    ),
    *(
        Story(
            f"we call, and it is {status}",
            [out("initiated", 0, 0), out("ringing", 2, 1), out(status, 22, 2, CallDuration="0")],
            {
                "outcome": outcome,
                "direction": "outbound",
                "talk_s": 0,
                "wait_s": 20,
                "from_number": OURS,
                "to_number": CALLER,
            },
        )
        for status, outcome in [
            ("busy", "busy"),
            ("failed", "failed"),
            ("no-answer", "unanswered"),
            ("canceled", "unanswered"),
        ]
    ),
    Story(
        "we call and a machine answers",
        [
            out("initiated", 0, 0),
            out("ringing", 2, 1),
            out("in-progress", 9, 2, AnsweredBy="machine_start"),
            out("completed", 19, 3, CallDuration="10", Duration="1"),
        ],
        {"outcome": "answered", "talk_s": 10, "wait_s": 7, "ended_at": 19},
    ),
    Story(
        "an agent dials out from the browser",
        [
            twilio("CA1", "ringing", 0, Direction="inbound", From=MIRA, To=CALLER),
            twilio("CA2", "initiated", 1, 0, ParentCallSid="CA1", Direction="outbound-dial", From=OURS, To=CALLER),
            twilio("CA2", "ringing", 3, 1, ParentCallSid="CA1", Direction="outbound-dial", From=OURS, To=CALLER),
            twilio("CA2", "in-progress", 13, 2, ParentCallSid="CA1", Direction="outbound-dial", From=OURS, To=CALLER),
            twilio(
                "CA2",
                "completed",
                73,
                3,
                ParentCallSid="CA1",
                Direction="outbound-dial",
                From=OURS,
                To=CALLER,
                CallDuration="60",
            ),
            twilio("CA1", "completed", 73, 0, Direction="inbound", From=MIRA, To=CALLER, CallDuration="73"),
        ],
        {
            "outcome": "answered",
            "direction": "outbound",
            "agent": MIRA,
            "to_number": CALLER,
            "talk_s": 60,
            "wait_s": 10,
        },
    ),
    Story(
        "a withheld number to the second line",
        [
            twilio("CA1", "ringing", 0, From="anonymous", To=SECOND),
            twilio("CA1", "completed", 9, 0, From="anonymous", To=SECOND, CallDuration="9"),
        ],
        {"from_number": None, "to_number": SECOND, "outcome": "abandoned"},
    ),
    Story(
        "the menu of the queue is asked for anew as long as the caller waits, and each time twice",
        [
            twilio("CA1", "ringing", 0),
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0", QueuePosition="1"),
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0", QueuePosition="1", AvgQueueTime="9"),
            twilio("CA1", "in-progress", 35, QueueSid="QU1", QueueTime="30", QueuePosition="1"),
            twilio("CA1", "in-progress", 65, QueueSid="QU1", QueueTime="60", QueueResult="leave"),
            twilio("CA1", "completed", 92, 0, CallDuration="92"),
        ],
        {"outcome": "missed", "wait_s": 60, "ivr_s": 5, "ended_at": 92, "queue": "QU1"},
        [("QU1", None, False)],
    ),
    Story(
        "taken out of the queue by an agent whose own leg is not told",
        [
            twilio("CA1", "ringing", 0),
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0", QueuePosition="1"),
            twilio("CA1", "in-progress", 128, QueueSid="QU1", QueueTime="23", QueueResult="bridged"),
            twilio("CA1", "completed", 130, 0, CallDuration="130"),
        ],
        {"outcome": "answered", "answered_at": 28, "wait_s": 23, "talk_s": 102, "ivr_s": 5},
    ),
    Story(
        "all that is known of the answer is that the queue was left for it",
        [
            twilio("CA1", "completed", 128, QueueSid="QU1", QueueTime="23", QueueResult="bridged"),
            twilio("CA1", "completed", 130, 0, CallDuration="130"),
        ],
        {"outcome": "answered", "answered_at": None, "wait_s": 23, "talk_s": None, "queue": "QU1"},
    ),
    Story(
        "TaskRouter offers it to one, another takes it",
        [
            twilio("CA1", "ringing", 0),
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0"),
            task("reservation.created", 6, "jonas"),
            task("reservation.timeout", 21, "jonas"),
            task("reservation.created", 22, "mira"),
            task("reservation.accepted", 28, "mira"),
            twilio("CA1", "completed", 128, QueueSid="QU1", QueueTime="23", QueueResult="bridged"),
            task("reservation.wrapup", 128, "mira"),
            task("reservation.completed", 159, "mira", TaskCompletedReason="sold"),
            twilio("CA1", "completed", 128, 0, CallDuration="128"),
        ],
        {
            "outcome": "answered",
            "agent": "mira",
            "answered_at": 28,
            "wait_s": 23,
            "talk_s": 100,
            "wrap_up_s": 31,
            "disposition": "sold",
        },
    ),
    Story(
        "TaskRouter offers it, and the caller goes",
        [
            twilio("CA1", "in-progress", 5, QueueSid="QU1", QueueTime="0"),
            task("reservation.created", 6, "jonas"),
            twilio("CA1", "completed", 21, QueueSid="QU1", QueueTime="16", QueueResult="hangup"),
            task("reservation.canceled", 21, "jonas"),
            twilio("CA1", "completed", 21, 0, CallDuration="21"),
        ],
        {"outcome": "abandoned", "agent": None, "wait_s": 16},
    ),
    Story(
        "between two browsers",
        [
            twilio("CA1", "ringing", 0, From=MIRA, To=JONAS),
            dialled("CA2", "ringing", 2, 1, JONAS, From=MIRA),
            dialled("CA2", "in-progress", 8, 2, JONAS, From=MIRA),
            dialled("CA2", "completed", 48, 3, JONAS, From=MIRA, CallDuration="40"),
            twilio("CA1", "completed", 48, 0, From=MIRA, To=JONAS, CallDuration="48"),
        ],
        {"flags": ["internal"], "outcome": "answered", "talk_s": 40, "direction": None},
    ),
]
