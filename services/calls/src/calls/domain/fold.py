"""Facts to a call. The result is a function of the *set* of facts, so no order of arrival and no repeat can matter."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

from calls.domain.call import Call, Identity, Outcome
from calls.domain.course import Course
from calls.domain.durations import Durations, durations
from calls.domain.fact import Fact
from calls.domain.flags import flags
from calls.domain.marketing import Marketing
from calls.domain.reduction import anyone, first, last_said, latest

# What a disposition says of a call: converted, appointment, follow_up.
Meaning = Mapping[str, bool]
# What is said of a call, there or here.
SAID = (
    "disposition",
    "csat",
    "resolved",
    "escalated",
    "topic",
    "converted",
    "appointment",
    "note",
    "follow_up",
)


def fold(
    identity: Identity,
    facts: Iterable[Fact],
    *,
    measures_hold: bool = False,
    wrap_up_s: float | None = None,
    marketing: Marketing | None = None,
    flagged: Mapping[str, str] | None = None,
    meanings: Mapping[str, Meaning] | None = None,
) -> Call:
    """The call that these facts make.

    ``measures_hold``: the provider tells of every hold, so none told is 0 s and not unknown. ``wrap_up_s`` is what
    `calls.domain.wrap_up` joined to it. ``marketing`` says what tracking numbers stood for,
    ``flagged`` numbers of the other side to the flag of a call with them, ``meanings`` dispositions to what they say
    where nobody says it of the call itself.
    """
    course = course_of(facts)
    measured = durations(course, measures_hold=measures_hold, wrap_up_s=wrap_up_s)
    agent = course.agent
    from_number, to_number = _number(course, "from_number"), _number(course, "to_number")
    external_number = to_number if course.direction == "outbound" else from_number
    return Call(
        **{name: getattr(identity, name) for name in Identity.__dataclass_fields__},
        direction=course.direction,
        status=course.status,
        outcome=_outcome(course),
        started_at=course.started_at,
        answered_at=course.answered_at,
        ended_at=course.ended_at,
        ended_at_estimated=course.ended_at_estimated,
        basis={name: basis for name, (_, basis) in measured.items()},
        queue=course.queue,
        agent=agent.get("agent"),
        agent_name=agent.get("name"),
        from_number=from_number,
        to_number=to_number,
        external_number=external_number,
        **_origin(course, to_number, identity.first_seen_at, marketing or Marketing()),
        tags=tuple(latest(course.facts, "tags") or ()),
        voicemail=course.voicemail,
        recording=anyone(course.facts, "recording") or (anyone(course.facts, "recorded") and not course.voicemail),
        transferred_to=course.transferred_to,
        segments=course.segments(),
        flags=flags(course.facts, external_number, flagged or {}, internal=course.legs.internal),
        gone=not course.facts,
        **_seconds(measured),
        **_words(course, meanings or {}),
    )


def _words(course: Course, meanings: Mapping[str, Meaning]) -> dict[str, Any]:
    said = {name: last_said(course.facts, name) for name in SAID}
    meant = meanings.get(said["disposition"] or "", {})
    return said | {name: value for name, value in meant.items() if said[name] is None}


def _number(course: Course, name: str) -> str | None:
    """Of the leg that began the call; a call we made goes to whom it reached outside."""
    legs = [each for each in (course.legs.root, *course.legs.outside) if each]
    if name == "to_number" and course.direction == "outbound":
        legs = [*course.legs.outside, *legs]
    number: str | None = next((leg.said(name) for leg in legs if leg.said(name)), None)
    return number or first(course.facts, name)


def _seconds(measured: Durations) -> dict[str, Any]:
    return {name: seconds for name, (seconds, _) in measured.items()}


def course_of(facts: Iterable[Fact]) -> Course:
    """Each fact once, in the order in which things happened."""
    return Course(sorted({fact.key: fact for fact in facts}.values(), key=lambda fact: fact.order))


def _outcome(course: Course) -> Outcome | None:
    """Null until the call has ended."""
    if course.ended_at is None:
        return None
    if course.answered:
        return "answered"
    if course.voicemail:
        return "voicemail"
    stated: Outcome | None = latest(course.facts, "outcome")
    if stated in get_args(Outcome) and not (stated == "missed" and course.legs.caller_left):
        return stated
    if anyone(course.facts, "let_go"):
        return "missed"
    return course.legs.outcome or ("unanswered" if course.direction == "outbound" else "missed")


def _origin(course: Course, number: str | None, seen_at: datetime, marketing: Marketing) -> dict[str, Any]:
    """What an inbound call's tracking number stood for; unless told otherwise, what the provider calls the line."""
    if course.direction != "inbound":
        return {"source": None, "campaign": None}
    line: str | None = first(course.facts, "line")
    if number is None:
        return {"source": line, "campaign": None}
    at = course.started_at or seen_at
    campaign = marketing.campaign(number, at)
    return {"source": marketing.source(number, at) or line, "campaign": campaign.key if campaign else None}
