"""Exchange rates in Python: dated, and never guessed."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from shared.expressions.python_functions import divide
from shared.expressions.values import EXACT, exact

# Of one currency in another: the days (ISO) in order, and the rate from each on.
Course = tuple[list[str], list[Decimal]]


@dataclass(frozen=True)
class Rates:
    """Rates by (from, to): one unit of the first is worth so many of the second, from its day until the next."""

    courses: dict[tuple[str, str], Course] = field(default_factory=dict)

    @staticmethod
    def of(rates: Iterable[tuple[str, str, str, Decimal]]) -> "Rates":
        """From (day, from, to, rate) in any order, each pair and day once."""
        courses: dict[tuple[str, str], Course] = {}
        for day, source, target, rate in sorted(rates):
            days, values = courses.setdefault((source, target), ([], []))
            days.append(day)
            values.append(rate)
        return Rates(courses)

    def converted(self, amount: Decimal, source: str, target: str, day: str | None) -> Decimal | None:
        """The amount in the other currency at the latest rate up to the day; None without one.

        The rate of the pair itself comes first; only where it has none that early, that of the inverse pair.
        """
        if source == target:
            return amount
        direct = self._latest(source, target, day)
        if direct is not None:
            return exact(EXACT.multiply(amount, direct))
        inverse = self._latest(target, source, day)
        return None if inverse is None else divide(amount, inverse)

    def _latest(self, source: str, target: str, day: str | None) -> Decimal | None:
        days, values = self.courses.get((source, target), ([], []))
        place = bisect_right(days, day) if day else 0
        return values[place - 1] if place else None


NO_RATES = Rates()
