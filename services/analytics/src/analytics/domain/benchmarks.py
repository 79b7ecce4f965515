"""What others publish, to be held against: the values of `benchmarks.yaml`, and which of them fit a question.

A published number is taken no more exactly than it was written, and never compared with a number of another
definition: a gap between two definitions is mostly theirs, not the team's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml

from shared.errors import FieldError, Invalid

Unit = Literal["ratio", "seconds", "currency_per_day", "index_0_100"]
Direction = Literal["higher", "lower", "target", "none"]
Kind = Literal["point", "range", "target", "limit", "percentile", "distribution"]
Grade = Literal["A", "B", "C", "D", "X", "own"]

CATALOGUE = Path(__file__).with_name("benchmarks.yaml")
EVERYONE, EVERYWHERE, SOMEWHERE = "all", "global", "unknown"
SCALES = {"%": Decimal("0.01"), "h": Decimal(3600), "min": Decimal(60), "s": Decimal(1), "": Decimal(1)}
WRITTEN = {"ratio": {"%"}, "seconds": {"h", "min", "s"}}
AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(%|h|min|s|)(?: |$)")
PLAIN = {
    *("id", "metric", "grade", "unit", "kind", "percentile", "statistic", "industry", "region", "segment", "year", "n"),
    *("says", "measures", "why_not"),
}
KEYS = PLAIN | {"source", "value", "typical", "parts", "variants", "limits", "of"}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``low`` and ``high`` in ``unit`` (its metric's if None); equal for a point, one None where that end is open.

    ``precision`` is the last digit given, 0 for what is exact. ``why_not`` is the reason why it is shown but never
    compared. ``limits`` are those it holds for; ``variants`` the ones it may be held against, if it says so.
    ``typical`` is a range's own middle; ``parts`` are the values of a distribution.
    """

    id: str
    metric: str
    low: float | None
    high: float | None
    grade: Grade
    source: str
    url: str | None = None
    says: str = ""
    measures: str = ""
    why_not: str = ""
    precision: float = 0.0
    industry: str = EVERYONE
    region: str = EVERYWHERE
    segment: str = ""
    year: int | None = None
    sample: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    variants: tuple[str, ...] = ()
    kind: Kind = "target"
    unit: Unit | None = None
    direction: Direction | None = None
    statistic: Literal["mean", "median"] | None = None
    n: int | None = None
    typical: float | None = None
    percentile: int | None = None
    parts: tuple[tuple[str, float], ...] = ()

    @property
    def comparable(self) -> bool:
        return not self.why_not and (self.low, self.high) != (None, None)

    @property
    def zone(self) -> tuple[float | None, float | None]:
        """From where to where the number may lie: a range as it is, a point widened by its rounding."""
        if self.low is None or self.low != self.high:
            return self.low, self.high
        return self.low - self.precision / 2, self.low + self.precision / 2


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as written: "2 h 5 min" is 7500, given to the minute."""

    value: float
    precision: float
    units: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self:
        found = AMOUNT.findall(text)
        if not found or AMOUNT.sub("", text):
            raise Invalid(f"'{text}' is no amount; write for example 2.35 %, 34.4 s or 2 h 5 min.")
        numbers = [(Decimal(number), SCALES[unit]) for number, unit in found]
        last, scale = numbers[-1]
        step = scale.scaleb(int(last.as_tuple().exponent))
        value = sum((number * unit for number, unit in numbers), Decimal())
        return cls(float(value), float(step), frozenset(unit for _, unit in found))


@dataclass(frozen=True, slots=True)
class Book:
    """The file: its rows, and which industries and regions stand for which."""

    rows: tuple[Benchmark, ...]
    broad: tuple[str, ...]
    parts_of: Mapping[str, str]

    def upwards(self, name: str) -> list[str]:
        """The name itself and whatever it falls under, nearest first."""
        found = [name]
        while found[-1] in self.parts_of:
            found.append(self.parts_of[found[-1]])
        return found

    def industries(self, name: str | None) -> list[str]:
        """Whose values speak to an industry, nearest first."""
        own = self.upwards(name or EVERYONE)
        return [*(each for each in own if each not in self.broad), *self.broad]

    def regions(self, name: str | None) -> list[str]:
        return list(dict.fromkeys([*self.upwards(name or EVERYWHERE), EVERYWHERE, SOMEWHERE]))


def shipped() -> tuple[Benchmark, ...]:
    """The catalogue that comes with the service: the article's twenty values first, then the independent ones."""
    return _book().rows


def fitting(
    every: Iterable[Benchmark], metric: str, industry: str | None = None, region: str | None = None, segment: str = ""
) -> list[Benchmark]:
    """Those of a metric that speak to an industry and a region, the most fitting first.

    Own targets, then what can be compared, then the nearest, the best known, the best founded, the newest.
    """
    industries, regions = _book().industries(industry), _book().regions(region)

    def distance(each: Benchmark) -> tuple[int, ...]:
        near = (_position(industries, [each.industry]) or 0, _position(regions, each.region.split("/")) or 0)
        known = not each.id.startswith("article.")
        return (
            each.grade != "own",
            not each.comparable,
            *near,
            known,
            get_args(Grade).index(each.grade),
            -(each.year or 0),
        )

    found = [each for each in every if each.metric == metric and each.segment == segment]
    near = [each for each in found if each.industry in industries and set(each.region.split("/")) & set(regions)]
    return sorted(near, key=distance)


def matching(
    metric: str,
    *,
    industry: str | None = None,
    region: str | None = None,
    segment: str = "",
    variant: str | None = None,
    statistic: str | None = None,
    limits: Mapping[str, float] | None = None,
    among: Iterable[Benchmark] | None = None,
) -> Benchmark | None:
    """The one to hold a value against; where none can be compared the best that may only be shown; None without it.

    Say ``variant``, ``statistic`` and ``limits`` of the value at hand, else rows of any definition compete.
    """
    found = fitting(shipped() if among is None else among, metric, industry, region, segment)
    same = (each for each in found if _same_definition(each, variant, statistic, limits or {}))
    return next((each for each in same if each.comparable), next((each for each in found if not each.comparable), None))


def read(text: str) -> Book:
    """The file's rows, or `Invalid` with every mistake and its place."""
    raw = yaml.safe_load(text)
    places = [(f"/{part}/{at}", row) for part in ("article", "independent") for at, row in enumerate(raw[part])]
    seen: set[str] = set()
    mistakes = [FieldError(place, detail) for place, row in places for detail in _mistakes(row, raw, seen)]
    if mistakes:
        raise Invalid("The catalogue of benchmarks has mistakes.", mistakes)
    return Book(tuple(_row(row, raw) for _, row in places), tuple(raw["broad"]), raw["parts_of"])


@cache
def _book() -> Book:
    return read(CATALOGUE.read_text("utf-8"))


def _row(raw: Mapping[str, Any], book: Mapping[str, Any]) -> Benchmark:
    source = book["sources"][raw.get("source", "article")]
    known = {"kind": "point", "year": source.get("year"), **book["metrics"][raw["metric"]], **_numbers(raw)}
    given = {key: value for key, value in raw.items() if key in PLAIN}
    return Benchmark(
        **{**known, **given},
        source=source["name"],
        url=source.get("url"),
        variants=tuple(raw.get("variants", ())),
        limits=raw.get("limits", {}),
        sample=f"{raw['n']:,} {raw['of']}" if "n" in raw else "",
    )


def _numbers(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is written under ``value``, ``typical`` and ``parts``, as numbers."""
    parts = tuple((name, Amount.read(text).value) for name, text in raw.get("parts", {}).items())
    if "value" not in raw:
        return {"low": None, "high": None, "parts": parts}
    low, high = _ends(str(raw["value"]))
    if high is not None:
        typical = Amount.read(raw["typical"]).value if "typical" in raw else None
        return {"kind": "range", "low": low.value, "high": high.value, "precision": low.precision, "typical": typical}
    # A target is chosen and a limit decreed: neither was rounded.
    precision = 0.0 if raw.get("kind") in {"target", "limit"} else low.precision
    return {"low": low.value, "high": low.value, "precision": precision}


def _ends(text: str) -> tuple[Amount, Amount | None]:
    """The ends of a range such as "5 to 8 %"; anything else is one amount and has no other end."""
    low, _, high = text.partition(" to ")
    if not high:
        return Amount.read(text), None
    return Amount.read(f"{low} {high.rpartition(' ')[2]}"), Amount.read(high)


def _mistakes(raw: Mapping[str, Any], book: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    if raw.get("id") in seen:
        yield f"There are two rows '{raw['id']}'."
    seen.add(raw.get("id", ""))
    yield from (f"There is no '{key}' in a row." for key in raw.keys() - KEYS)
    yield from (f"'{key}' is missing." for key in ("id", "metric", "grade") if key not in raw)
    if raw.get("source", "article") not in book["sources"]:
        yield f"There is no source '{raw['source']}'."
    if raw.get("grade") not in {"A", "B", "C", "D", "X"}:
        yield f"Grade '{raw.get('grade')}' is none of A, B, C, D and X."
    if raw.get("kind", "point") not in get_args(Kind):
        yield f"There is no kind '{raw['kind']}'."
    if raw.get("metric") not in book["metrics"]:
        yield f"There is no metric '{raw.get('metric')}'."
    else:
        yield from _mistaken_numbers(raw, book["metrics"][raw["metric"]]["unit"])


def _mistaken_numbers(raw: Mapping[str, Any], unit: str) -> Iterator[str]:
    if ("value" in raw) == (raw.get("kind") == "distribution"):
        yield "A distribution has parts, anything else a value."
    if (raw.get("kind") == "percentile") != ("percentile" in raw):
        yield "A percentile says which one it is, and nothing else does."
    if ("n" in raw) != ("of" in raw):
        yield "A sample has both its size n and what it is of."
    odd = raw.get("grade") == "X" or raw.get("unit", unit) != unit or raw.get("kind") == "distribution"
    if odd and not raw.get("why_not"):
        yield "Say why_not of a distribution, of grade X and of another unit than the metric's."
    try:
        yield from _mistaken_amounts(raw, raw.get("unit", unit))
    except Invalid as problem:
        yield problem.detail


def _mistaken_amounts(raw: Mapping[str, Any], unit: str) -> Iterator[str]:
    if "value" not in raw:
        return
    low, high = _ends(str(raw["value"]))
    if not low.units <= WRITTEN.get(unit, {""}):
        yield f"'{raw['value']}' is not in the unit {unit}."
    if high is not None and high.value < low.value:
        yield f"'{raw['value']}' ends before it begins."


def _same_definition(each: Benchmark, variant: str | None, statistic: str | None, limits: Mapping[str, float]) -> bool:
    agreed = all(limits.get(name, value) == value for name, value in each.limits.items())
    measured = statistic is None or each.statistic in (None, statistic)
    return agreed and measured and (variant is None or not each.variants or variant in each.variants)


def _position(near: list[str], names: list[str]) -> int | None:
    return min((near.index(name) for name in names if name in near), default=None)
