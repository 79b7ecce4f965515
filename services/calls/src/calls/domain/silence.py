"""A connection that ought to be heard of and is not: its provider may have given up posting to us."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

USUAL_MINUTES = 120


def silence(settings: Mapping[str, Any], delivered_at: datetime | None, now: datetime) -> str | None:
    """What is wrong, in a sentence: nothing came for long, all of it in opening hours. Without those, nothing is."""
    longest = timedelta(minutes=settings.get("silent_after_min") or USUAL_MINUTES)
    if not settings.get("opening_hours") or not (_open(settings, now) and _open(settings, now - longest)):
        return None
    if delivered_at is None:
        return "Nothing has ever come from this connection, and it is open."
    if now - delivered_at <= longest:
        return None
    return f"Nothing came since {delivered_at:%Y-%m-%d %H:%M} UTC, although it is open."


def _open(settings: Mapping[str, Any], moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(settings.get("timezone") or "UTC"))
    spelled = f"{local:%H:%M}"
    return any(
        local.isoweekday() in hours["days"] and hours["start"] <= spelled < hours["end"]
        for hours in settings["opening_hours"]
    )
