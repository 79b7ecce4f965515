"""Which source and which campaign a call came from: by the tracking number that was called, as it stood then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

# From when on a number has stood for a source; null: for none any more.
Standing = tuple[datetime, str | None]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Its numbers are printed or shown from ``starts_at`` until ``ends_at``; without one, until further notice."""

    key: str
    source: str | None
    numbers: tuple[str, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def has(self, number: str, at: datetime) -> bool:
        begun = self.starts_at is None or self.starts_at <= at
        return number in self.numbers and begun and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Marketing:
    """``own`` are the sources of the connection's settings, which go first; ``numbers`` those of everybody.

    A number that was first told of after a call stood for that source already.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[Standing]] = field(default_factory=dict)
    campaigns: Sequence[Campaign] = ()

    def campaign(self, number: str, at: datetime) -> Campaign | None:
        """Of several the one that began last."""
        running = [each for each in self.campaigns if each.has(number, at)]
        return max(running, key=lambda each: (each.starts_at is not None, each.starts_at, each.key), default=None)

    def source(self, number: str, at: datetime) -> str | None:
        if number in self.own:
            return self.own[number]
        stood = sorted(self.numbers.get(number, ()), key=lambda each: each[0])
        found = [source for since, source in stood if since <= at] or [source for _, source in stood[:1]]
        campaign = self.campaign(number, at)
        return (found[-1] if found else None) or (campaign.source if campaign else None)
