"""Asterisk's: events of its manager, and lines of queue_log."""

from services.calls.tests.tales import Story
from services.calls.tests.told import BEGAN, CALLER, JONAS, MIRA, OURS, asterisk, iso, member, sent

A, B = "PJSIP/101", "PJSIP/102"
OUT = {"CallerIDNum": "102", "Context": "from-internal", "Exten": CALLER[1:]}
TRUNK = {"DestUniqueid": "1.8", "DestChannel": "PJSIP/trunk-00000008", "DestCallerIDNum": CALLER}


def desk(number: str, channel: str) -> dict[str, str]:
    return {"DestUniqueid": channel, "DestChannel": f"PJSIP/{number}-0000000{channel[-1]}", "DestCallerIDNum": number}


def record(start: str, end: str, **more: str) -> dict[str, str]:
    about = {"UniqueID": "1.7", "Source": CALLER, "Destination": OURS[1:], "DestinationContext": "from-trunk"}
    return about | {"StartTime": start, "EndTime": end, "Disposition": "ANSWERED", "LastApplication": "Queue"} | more


def cdr(second: float, start: str, end: str, **more: str) -> object:
    """A detail record names nothing but its own channel."""
    return sent({"received_at": iso(second), "ami": {"Event": "Cdr"} | record(start, end, **more)}, second)


def logged(second: float, queue: str, agent: str, event: str, *more: str) -> object:
    line = "|".join([str(int(BEGAN.timestamp() + second)), "1.7", queue, agent, event, *more])
    return sent({"queue_log": line, "received_at": iso(second)}, second)


STORIES = [
    Story(
        "three of a queue ring, two do not answer, the third takes it after a second ring",
        [
            asterisk("Newchannel", 0),
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentCalled", 6, **member(MIRA, "1.1")),
            asterisk("AgentCalled", 6, **member(JONAS, "1.2")),
            asterisk("AgentRingNoAnswer", 21, **member(MIRA, "1.1")),
            asterisk("AgentRingNoAnswer", 21, **member(JONAS, "1.2")),
            asterisk("AgentCalled", 25, **member(MIRA, "1.3")),
            asterisk("AgentConnect", 33, RingTime="8", HoldTime="28", **member(MIRA, "1.3")),
            asterisk("QueueCallerLeave", 33, Queue="sales"),
            asterisk("AgentComplete", 93, TalkTime="60", HoldTime="28", Reason="caller", **member(MIRA, "1.3")),
            asterisk("Hangup", 93),
            cdr(93, "2025-11-18 09:00:00", "2025-11-18 09:01:33"),
        ],
        {
            "outcome": "answered",
            "agent": A,
            "queue": "sales",
            "wait_s": 28,
            "ring_s": 8,
            "queue_s": 20,
            "ivr_s": 5,
            "talk_s": 60,
            "started_at": 0,
            "answered_at": 33,
            "ended_at": 93,
        },
        [("sales", None, True), (None, A, False), (None, B, False), (None, A, True)],
    ),
    Story(
        "the queue lets go after its time, and a voicemail is left",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentCalled", 6, **member(MIRA, "1.1")),
            asterisk("AgentRingNoAnswer", 26, **member(MIRA, "1.1")),
            asterisk("QueueCallerLeave", 30, Queue="sales"),
            asterisk("Hangup", 60),
            cdr(60, "2025-11-18 09:00:00", "2025-11-18 09:01:00", LastApplication="VoiceMail"),
        ],
        {"outcome": "voicemail", "voicemail": True, "talk_s": 0, "queue": "sales", "agent": None},
    ),
    Story(
        "gone from the queue, whose detail record calls it answered",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentCalled", 6, **member(MIRA, "1.1")),
            asterisk("QueueCallerAbandon", 15, Queue="sales", HoldTime="10", Position="1", OriginalPosition="1"),
            asterisk("QueueCallerLeave", 15, Queue="sales"),
            cdr(15, "2025-11-18 09:00:00", "2025-11-18 09:00:15"),
        ],
        {"outcome": "abandoned", "wait_s": 10, "talk_s": 0, "started_at": 0, "ended_at": 15, "agent": None},
    ),
    Story(
        "asked first, then passed on",
        [
            asterisk("DialBegin", 1, **desk("101", "1.1")),
            asterisk("DialEnd", 10, DialStatus="ANSWER", **desk("101", "1.1")),
            asterisk("Hold", 30, Uniqueid="1.1"),
            asterisk(
                "AttendedTransfer",
                50,
                Result="Success",
                OrigTransfererUniqueid="1.1",
                OrigTransfererLinkedid="1.7",
                SecondTransfererUniqueid="1.5",
                SecondTransfererLinkedid="1.5",
                TransferTargetCallerIDNum="102",
            ),
            asterisk("Hangup", 110),
        ],
        {"outcome": "answered", "transferred_to": "102", "answered_at": 10, "wait_s": 9, "ended_at": 110},
    ),
    Story(
        "a transfer that fails is none",
        [
            asterisk("DialBegin", 1, **desk("101", "1.1")),
            asterisk("DialEnd", 10, DialStatus="ANSWER", **desk("101", "1.1")),
            asterisk(
                "BlindTransfer",
                30,
                Result="Fail",
                TransfererUniqueid="1.1",
                TransfereeUniqueid="1.7",
                TransfereeLinkedid="1.7",
                Extension="102",
            ),
            asterisk("Hangup", 70),
        ],
        {"outcome": "answered", "transferred_to": None, "agent": A, "talk_s": 60},
    ),
    Story(
        "three desks ring at once, one takes it",
        [
            asterisk("DialBegin", 1, **desk("101", "1.1")),
            asterisk("DialBegin", 1, **desk("102", "1.2")),
            asterisk("DialEnd", 11, DialStatus="ANSWER", **desk("102", "1.2")),
            asterisk("DialEnd", 11, DialStatus="CANCEL", **desk("101", "1.1")),
            asterisk("Hangup", 71),
        ],
        {"outcome": "answered", "agent": B, "wait_s": 10, "talk_s": 60},
        [(None, None, True), (None, A, False), (None, B, True)],
    ),
    Story(
        "we call, held three times",
        [
            asterisk("DialBegin", 0, **OUT | TRUNK),
            asterisk("DialEnd", 9, DialStatus="ANSWER", **OUT | TRUNK),
            asterisk("Hold", 20, **OUT),
            asterisk("Unhold", 25, **OUT),
            asterisk("Hold", 30, **OUT),
            asterisk("Unhold", 40, **OUT),
            asterisk("Hold", 50, **OUT),
            asterisk("Unhold", 55, **OUT),
            asterisk("Hangup", 69, **OUT),
            cdr(
                69,
                "2025-11-18 09:00:00",
                "2025-11-18 09:01:09",
                Source="102",
                Destination=CALLER[1:],
                DestinationContext="from-internal",
                AnswerTime="2025-11-18 09:00:09",
                LastApplication="Dial",
                UserField="disposition=won;x=1",
            ),
        ],
        {
            "outcome": "answered",
            "direction": "outbound",
            "agent": "102",
            "wait_s": 9,
            "hold_s": 20,
            "talk_s": 40,
            "disposition": "won",
            "to_number": CALLER,
        },
    ),
    Story(
        "we call and only the detail record comes",
        [
            cdr(
                69,
                "2025-11-18 09:00:00",
                "2025-11-18 09:01:09",
                Source="102",
                Destination=CALLER[1:],
                DestinationContext="from-internal",
                AnswerTime="2025-11-18 09:00:09",
                LastApplication="Dial",
            )
        ],
        {"outcome": "answered", "direction": "outbound", "agent": "102", "wait_s": 9, "talk_s": 60, "started_at": 0},
    ),
    *(
        Story(
            f"we call, and the detail record says {disposition}",
            [
                cdr(
                    20,
                    "2025-11-18 09:00:00",
                    "2025-11-18 09:00:20",
                    Source="102",
                    Destination=CALLER[1:],
                    DestinationContext="from-internal",
                    AnswerTime="",
                    LastApplication="Dial",
                    Disposition=disposition,
                )
            ],
            {"outcome": outcome, "direction": "outbound", "talk_s": 0, "agent": "102"},
        )
        for disposition, outcome in [
            ("NO ANSWER", "unanswered"),
            ("BUSY", "busy"),
            ("FAILED", "failed"),
            ("CONGESTION", "failed"),
        ]
    ),
    Story(
        "the clocks go back while they talk: the server's zone has that hour twice",
        [
            sent(
                {
                    "received_at": "2025-10-26T01:00:30Z",
                    "ami": {"Event": "Cdr"}
                    | record(
                        "2025-10-26 02:59:50",
                        "2025-10-26 02:00:30",
                        Source="102",
                        Destination=CALLER[1:],
                        DestinationContext="from-internal",
                        AnswerTime="2025-10-26 02:59:55",
                        LastApplication="Dial",
                        Duration="40",
                        BillableSeconds="35",
                    ),
                },
                0,
            ),
        ],
        {"talk_s": 35, "wait_s": 5, "outcome": "answered"},
        settings={"timezone": "Europe/Amsterdam"},
    ),
    Story(
        "queue_log tells of a desk that does not answer, one that does, and to whom it is passed on",
        [
            logged(5, "sales", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(21, "sales", "Jonas", "RINGNOANSWER", "15000"),
            logged(30, "sales", "Mira", "CONNECT", "25", "1.2", "5"),
            logged(90, "sales", "Mira", "BLINDTRANSFER", "103", "from-internal", "25", "60", "1"),
        ],
        {
            "outcome": "answered",
            "agent": "Mira",
            "transferred_to": "103",
            "wait_s": 25,
            "ring_s": 5,
            "talk_s": 60,
            "ended_at": 90,
            "ended_at_estimated": True,
        },
    ),
    Story(
        "queue_log tells that nobody was there",
        [
            logged(5, "sales", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(35, "sales", "NONE", "EXITWITHTIMEOUT", "1", "1", "30"),
        ],
        {"outcome": "missed", "queue": "sales", "from_number": CALLER, "wait_s": 30, "ended_at": 35},
    ),
    Story(
        "between colleagues",
        [
            asterisk("DialBegin", 1, CallerIDNum="103", Exten="101", Context="from-internal", **desk("101", "1.1")),
            asterisk(
                "DialEnd",
                10,
                CallerIDNum="103",
                Exten="101",
                Context="from-internal",
                DialStatus="ANSWER",
                **desk("101", "1.1"),
            ),
            asterisk("Hangup", 70, CallerIDNum="103", Exten="101", Context="from-internal"),
        ],
        {"flags": ["internal"], "outcome": "answered", "from_number": "103", "to_number": "101"},
    ),
    Story(
        "the queue lets go after its time, and hangs up",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentCalled", 6, **member(MIRA, "1.1")),
            asterisk("AgentRingNoAnswer", 21, **member(MIRA, "1.1")),
            asterisk("QueueCallerLeave", 30, Queue="sales"),
            asterisk("Hangup", 31),
        ],
        {"outcome": "missed", "talk_s": 0},
    ),
    Story(
        "a desk was dialled, and only the detail record comes",
        [
            cdr(
                60,
                "2025-11-18 09:00:00",
                "2025-11-18 09:01:00",
                LastApplication="Dial",
                AnswerTime="2025-11-18 09:00:10",
                DestinationChannel="PJSIP/101-00000001",
            )
        ],
        {"outcome": "answered", "agent": A, "talk_s": 50, "wait_s": 10, "direction": "inbound"},
    ),
    Story(
        "queue_log tells that nobody was there, the detail record of a voicemail",
        [
            logged(5, "sales", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(35, "sales", "NONE", "EXITWITHTIMEOUT", "1", "1", "30"),
            cdr(60, "2025-11-18 09:00:00", "2025-11-18 09:01:00", LastApplication="VoiceMail"),
        ],
        {"outcome": "voicemail", "wait_s": 30, "ivr_s": 5, "ended_at": 60},
    ),
    Story(
        "we call by a click: the desk's own channel has no number",
        [
            asterisk("DialBegin", 0, **OUT | TRUNK | {"CallerIDNum": "<unknown>", "Channel": "PJSIP/102-00000007"}),
            asterisk("DialEnd", 9, DialStatus="ANSWER", **OUT | TRUNK | {"CallerIDNum": "<unknown>"}),
            asterisk("Hangup", 69, **OUT | {"CallerIDNum": "<unknown>"}),
        ],
        {"outcome": "answered", "direction": "outbound", "agent": B, "talk_s": 60, "to_number": CALLER},
    ),
    Story(
        "queue_log tells of a second queue in the same second, and to whom it is passed on after asking",
        [
            logged(0, "NONE", "NONE", "DID", OURS[1:]),
            logged(5, "sales", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(35, "sales", "NONE", "EXITWITHTIMEOUT", "1", "1", "30"),
            logged(35, "support", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(45, "support", "Mira", "CONNECT", "10", "1.2", "4"),
            logged(105, "support", "Mira", "ATTENDEDTRANSFER", "BRIDGE", "5f1c", "10", "60", "1"),
        ],
        {"outcome": "answered", "wait_s": 40, "talk_s": 60, "transferred_to": None, "to_number": OURS, "ended_at": 105},
        [("sales", None, False), ("support", None, True), (None, "Mira", True)],
    ),
    Story(
        "queue_log tells of one who presses a key to leave",
        [
            logged(5, "sales", "NONE", "ENTERQUEUE", "", CALLER, "1"),
            logged(20, "sales", "Mira", "RINGCANCELED", "8000"),
            logged(20, "sales", "NONE", "EXITWITHKEY", "1", "1", "1", "15"),
        ],
        {"outcome": "missed", "wait_s": 15, "ended_at": 20},
    ),
    Story(
        "on to a second queue in the same second",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("QueueCallerLeave", 35, Queue="sales"),
            asterisk("QueueCallerJoin", 35, Queue="support"),
            asterisk("AgentConnect", 45, RingTime="4", HoldTime="10", **member(MIRA, "1.1", "support")),
            asterisk("QueueCallerLeave", 45, Queue="support"),
            asterisk("AgentComplete", 105, TalkTime="60", HoldTime="10", **member(MIRA, "1.1", "support")),
            asterisk("Hangup", 105),
        ],
        {"outcome": "answered", "wait_s": 40, "talk_s": 60},
        [("sales", None, False), ("support", None, True), (None, A, True)],
    ),
    Story(
        "gone while the desk rings, which its detail record calls no answer",
        [
            asterisk("DialBegin", 3, **desk("101", "1.1")),
            asterisk("DialEnd", 13, DialStatus="CANCEL", **desk("101", "1.1")),
            cdr(13, "2025-11-18 09:00:00", "2025-11-18 09:00:13", LastApplication="Dial", Disposition="NO ANSWER"),
        ],
        {"outcome": "abandoned", "wait_s": 13},
    ),
    Story(
        "gone in the menu",
        [
            asterisk("Newchannel", 0),
            asterisk("Hangup", 9),
            cdr(9, "2025-11-18 09:00:00", "2025-11-18 09:00:09", LastApplication="BackGround"),
        ],
        {"outcome": "abandoned", "ivr_s": 9, "wait_s": None},
    ),
    Story(
        "music in the queue is no hold; what is told as a hold and as music is one",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("MusicOnHoldStart", 5),
            asterisk("MusicOnHoldStop", 15),
            asterisk("AgentConnect", 15, RingTime="4", HoldTime="10", **member(MIRA, "1.1")),
            asterisk("Hold", 30, Uniqueid="1.1"),
            asterisk("MusicOnHoldStart", 30),
            asterisk("Unhold", 40, Uniqueid="1.1"),
            asterisk("MusicOnHoldStop", 40),
            asterisk("MusicOnHold", 50, State="Start"),
            asterisk("MusicOnHold", 55, State="Stop"),
            asterisk("AgentComplete", 75, TalkTime="60", HoldTime="10", **member(MIRA, "1.1")),
            asterisk("Hangup", 75),
        ],
        {"hold_s": 15, "talk_s": 45, "wait_s": 10},
    ),
    Story(
        "a member behind a Local channel is one, however many channels it takes",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentCalled", 7, **member(MIRA, "1.1")),
            asterisk("DialBegin", 7, Uniqueid="1.2", Channel="Local/101@from-queue-00000001;2", **desk("101", "1.3")),
            asterisk("DialEnd", 15, Uniqueid="1.2", Channel="Local/101@from-queue-00000001;2", **desk("101", "1.3")),
            asterisk("AgentConnect", 15, RingTime="8", HoldTime="10", **member(MIRA, "1.1")),
            asterisk("AgentComplete", 75, TalkTime="60", HoldTime="10", **member(MIRA, "1.1")),
            cdr(
                75,
                "2025-11-18 09:00:07",
                "2025-11-18 09:01:15",
                UniqueID="1.2",
                LastApplication="Dial",
                DestinationChannel="PJSIP/101-00000003",
                AnswerTime="2025-11-18 09:00:15",
                Destination="101",
            ),
            cdr(75, "2025-11-18 09:00:00", "2025-11-18 09:01:15"),
        ],
        {"outcome": "answered", "agent": A, "started_at": 0, "wait_s": 10, "talk_s": 60, "to_number": OURS},
        [("sales", None, True), (None, A, True)],
    ),
    Story(
        "a short number calls in over the trunk; of the end only the agent's is told",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales", CallerIDNum="84433"),
            asterisk("AgentConnect", 15, RingTime="4", HoldTime="10", **member(MIRA, "1.1") | {"CallerIDNum": "84433"}),
            asterisk("AgentComplete", 75, TalkTime="60", HoldTime="10", Reason="agent", **member(MIRA, "1.1")),
        ],
        {"direction": "inbound", "from_number": "84433", "agent": A, "talk_s": 60, "ended_at": 75, "flags": []},
    ),
    Story(
        "the agent hangs up, and the caller goes on to a survey",
        [
            asterisk("QueueCallerJoin", 5, Queue="sales"),
            asterisk("AgentConnect", 15, RingTime="4", HoldTime="10", **member(MIRA, "1.1")),
            asterisk("AgentComplete", 75, TalkTime="60", HoldTime="10", Reason="agent", **member(MIRA, "1.1")),
            asterisk("Hangup", 100),
        ],
        {"outcome": "answered", "talk_s": 60, "ended_at": 100, "ended_at_estimated": False},
    ),
    Story(
        "we call through a dial plan that shows the line's number as the caller's",
        [
            asterisk("DialBegin", 3, **OUT | TRUNK | {"CallerIDNum": OURS, "Context": "macro-dialout-trunk"}),
            asterisk("DialEnd", 10, DialStatus="ANSWER", **OUT | TRUNK | {"CallerIDNum": OURS, "Context": "dialout"}),
            asterisk("Hangup", 70, **OUT),
        ],
        {"direction": "outbound", "outcome": "answered", "talk_s": 60, "wait_s": 7, "to_number": CALLER},
    ),
]
