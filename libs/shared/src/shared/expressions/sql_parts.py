"""What SQL is put together from: money, joins, and the records they lead to."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in SQL. Where there are several currencies, the value is empty unless those that are known agree."""

    amount: str
    currencies: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        if not self.currencies:
            return "NULL"
        return self.currencies[0] if len(self.currencies) == 1 else f"least({', '.join(self.currencies)})"

    def agreed(self, value: str) -> str:
        """``value`` where the currencies agree; ``least`` and ``greatest`` pass NULLs over in both engines."""
        if len(self.currencies) < 2:  # noqa: PLR2004 — one agrees with itself
            return value
        known = ", ".join(self.currencies)
        return f"(CASE WHEN coalesce(least({known}) = greatest({known}), true) THEN {value} END)"

    def settled(self) -> "Amount":
        return Amount(self.agreed(self.amount), (self.currency,) if self.currencies else ())


@dataclass(frozen=True, slots=True)
class Join:
    table: str
    alias: str
    on: str
    outer: bool = True

    def __str__(self) -> str:
        return f"{'LEFT' if self.outer else 'INNER'} JOIN {self.table} AS {self.alias} ON {self.on}"


@dataclass(slots=True)
class Scope:
    """One FROM being built. Where it ``fans_out``, a reference to several records becomes as many rows."""

    fans_out: bool = False
    joins: list[Join] = field(default_factory=list)
    places: dict[tuple[str, str], "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A record in a FROM: its alias, the project it is of, and the FROM."""

    alias: str
    project: str
    scope: Scope


def amount_of(value: str | Amount) -> str:
    return value.amount if isinstance(value, Amount) else value


def currency_of(value: str | Amount) -> str:
    return value.currency if isinstance(value, Amount) else "NULL"


def currencies_of(value: str | Amount) -> tuple[str, ...]:
    return value.currencies if isinstance(value, Amount) else ()


def settled(value: str | Amount) -> str | Amount:
    return value.settled() if isinstance(value, Amount) else value
