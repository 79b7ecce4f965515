"""How long a call waited, talked, was held; each with its basis, so that unlike things are never silently compared.

A provider that states a duration is believed (basis ``stated``); else it is derived from the provider's times.
"""

from datetime import datetime

from calls.domain.course import Course
from calls.domain.reduction import latest

NAMES = ("ivr_s", "queue_s", "ring_s", "wait_s", "talk_s", "hold_s", "wrap_up_s")

# Seconds and basis by the field of a call.
Durations = dict[str, tuple[float, str]]


def durations(course: Course, *, measures_hold: bool, wrap_up_s: float | None) -> Durations:
    """Only what can be known; `README.md` of the service lists the bases."""
    found = _waiting(course) | _connected(course, measures_hold=measures_hold)
    if wrap_up_s is not None:
        found["wrap_up_s"] = (wrap_up_s, "events")
    stated = {name: latest(course.facts, name) for name in NAMES}
    return found | {name: (float(value), "stated") for name, value in stated.items() if value is not None}


def _waiting(course: Course) -> Durations:
    until = course.answered_at or course.ended_at
    if course.started_at is None or until is None or course.answered != bool(course.answered_at):
        return {}
    if course.direction == "outbound":
        rung = _stated_wait(course, _seconds(course.started_at, until))
        return {"wait_s": (rung, "ringing"), "ring_s": (rung, "ringing")}
    if course.gone_in_ivr:
        return {"ivr_s": (_seconds(course.started_at, until), "until_gone")}
    return _in_queue(course, course.started_at, until)


def _in_queue(course: Course, started_at: datetime, until: datetime) -> Durations:
    left_ivr = course.left_ivr_at
    waited = _stated_wait(course, _seconds(max(started_at, left_ivr or started_at), until))
    found = {"wait_s": (waited, "after_ivr" if left_ivr else "since_start")}
    if left_ivr:
        found["ivr_s"] = (_seconds(started_at, left_ivr), "transitions")
    return found | _queue_and_ring(course, waited)


def _stated_wait(course: Course, derived: float) -> float:
    """The provider's own word on the wait, where it gives one: its parts are to add up to it."""
    stated = latest(course.facts, "wait_s")
    return derived if stated is None else float(stated)


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
    if not course.answered:
        return {"talk_s": (0.0, "unanswered")}
    stated, connected = latest(course.facts, "hold_s"), latest(course.facts, "connected_s")
    held = stated if stated is not None else course.held_seconds() if measures_hold else None
    whole = connected if connected is not None else _since_answer(course)
    if whole is None:
        return {}
    if held is None:
        return {"talk_s": (whole, "with_hold")}
    return {"talk_s": (max(0.0, whole - held), "without_hold"), "hold_s": (held, "events")}


def _since_answer(course: Course) -> float | None:
    return _seconds(course.answered_at, course.ended_at) if course.answered_at else None


def _seconds(start: datetime, end: datetime | None) -> float:
    return max(0.0, (end - start).total_seconds()) if end else 0.0
