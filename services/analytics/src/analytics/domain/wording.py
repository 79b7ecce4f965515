"""Numbers in sentences, for a tired person."""

from analytics.domain.metric import Unit

MINUTE = 60
PRECISE_BELOW = 10


def amount(value: float, unit: Unit) -> str:
    """``81.9 %``, ``34 s``, ``5 min 02 s``, ``1,234``."""
    if unit == "ratio":
        return f"{value * 100:.1f} %"
    if unit == "seconds":
        return _duration(value)
    return f"{value:,.2f}" if unit == "money" else f"{value:,.0f}" if value >= PRECISE_BELOW else f"{value:.1f}"


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _duration(seconds: float) -> str:
    if seconds < PRECISE_BELOW:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
