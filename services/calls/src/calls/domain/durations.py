"""How long a call waited, talked, was held; each with its basis, so that unlike things are never silently compared.

A provider that states a duration is believed (basis ``stated``); else it is derived from the provider's times.
"""

from datetime import datetime, timedelta

from calls.domain.course import Course
from calls.domain.reduction import first, latest

NAMES = ("ivr_s", "queue_s", "ring_s", "wait_s", "talk_s", "hold_s", "wrap_up_s")

SEVERAL = 2  # queues: what is stated of one is not the whole wait

# Seconds and basis by the field of a call.
Durations = dict[str, tuple[float, str]]


def durations(course: Course, *, measures_hold: bool, wrap_up_s: float | None) -> Durations:
    """Only what can be known; `README.md` of the service lists the bases."""
    found = _waiting(course) | _connected(course, measures_hold=measures_hold)
    told = course.wrapped_up_seconds() if wrap_up_s is None else wrap_up_s
    if told is not None:
        found["wrap_up_s"] = (told, "events")
    stated = {name: latest(course.facts, name) for name in NAMES}
    return found | {name: (float(value), "stated") for name, value in stated.items() if value is not None}


def _waiting(course: Course) -> Durations:
    until = course.waited_until
    if course.answered and not course.answered_at:
        stated = first(course.facts, "waited_s")
        return {} if stated is None else {"wait_s": (stated, "stated")}
    if course.started_at is None or until is None:
        return {}
    if course.direction == "outbound":
        rings = [leg.rang_at for leg in course.legs.talking if leg.rang_at]
        given_up = None if course.answered_at else max(_rang_until(course), default=None)
        rung = _stated_wait(course, _seconds(min(rings, default=course.started_at), given_up or until))
        return {"wait_s": (rung, "ringing"), "ring_s": (rung, "ringing")}
    if course.gone_in_ivr:
        return {"ivr_s": (_seconds(course.started_at, until), "until_gone")}
    return _in_queue(course, course.started_at, until)


def _rang_until(course: Course) -> list[datetime]:
    return [leg.rang_until for leg in course.legs.talking if leg.rang_at and leg.rang_until]


def _in_queue(course: Course, started_at: datetime, until: datetime) -> Durations:
    entered, wait_basis, ivr_basis = _entered(course, started_at, until)
    waited = _stated_wait(course, _seconds(entered, until))
    found = {"wait_s": (waited, wait_basis)}
    if ivr_basis:
        found["ivr_s"] = (_seconds(started_at, entered), ivr_basis)
    return found | _queue_and_ring(course, waited)


def _stated_wait(course: Course, derived: float) -> float:
    """The provider's own word on the wait, where it gives one: its parts are to add up to it."""
    stated = latest(course.facts, "wait_s")
    return derived if stated is None else float(stated)


def _entered(course: Course, started_at: datetime, until: datetime) -> tuple[datetime, str, str | None]:
    """Since when the caller waited, and the bases of the wait and of the time before it."""
    stated = first(course.facts, "waited_s")
    if stated is not None and len([each for each in course.visits if each.started_at < until]) < SEVERAL:
        return max(started_at, until - timedelta(seconds=stated)), "stated", "before_queue"
    if course.left_ivr_at:
        return max(started_at, course.left_ivr_at), "after_ivr", "transitions"
    if course.queued_at and course.queued_at < until:
        return max(started_at, course.queued_at), "in_queue", "before_queue"
    return started_at, "since_start", None


def _queue_and_ring(course: Course, waited: float) -> Durations:
    """Ringing is that of the agent who answered, where the provider tells of it; all else of the wait is queue."""
    stay = course.answering
    if stay is None or stay.answered_at in (None, stay.started_at):
        return {"queue_s": (waited, "with_ringing")}
    ring = min(waited, _seconds(stay.started_at, stay.answered_at))
    return {"queue_s": (waited - ring, "without_ringing"), "ring_s": (ring, "answering_agent")}


def _connected(course: Course, *, measures_hold: bool) -> Durations:
    if course.ended_at is None:
        return {}
    held = _held(course, measures_hold=measures_hold)
    if not course.answered:
        heard = {"hold_s": held} if held and course.legs.anyone_heard else {}
        return {"talk_s": (0.0, "unanswered"), **heard}
    whole = _whole(course, course.ended_at)
    if whole is None:
        return {}
    if held is None:
        return {"talk_s": (whole, "with_hold")}
    return {"talk_s": (max(0.0, whole - held[0]), "without_hold"), "hold_s": held}


def _held(course: Course, *, measures_hold: bool) -> tuple[float, str] | None:
    stated = latest(course.facts, "hold_s")
    if stated is not None:
        return stated, "events"
    return (course.held_seconds(), "events") if measures_hold or course.tells_hold else None


def _whole(course: Course, ended_at: datetime) -> float | None:
    """Talk and hold together."""
    stated: float | None = latest(course.facts, "connected_s")
    if stated is not None or course.answered_at is None:
        return stated
    return course.legs.connected_seconds(ended_at) if course.legs.talking else _seconds(course.answered_at, ended_at)


def _seconds(start: datetime, end: datetime | None) -> float:
    return max(0.0, (end - start).total_seconds()) if end else 0.0
