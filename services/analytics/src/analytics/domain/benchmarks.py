"""What others publish, to be held against: the values of `benchmarks.yaml`, and which of them fits a question.

A published number is taken no more exactly than it was written, and never compared with a number of another
definition: a gap between two definitions is mostly theirs, not the team's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal, Self, get_args

import yaml

from shared.errors import FieldError, Invalid

Unit = Literal["ratio", "seconds", "count", "currency", "currency_per_day", "index_0_100"]
Direction = Literal["higher", "lower", "target", "none"]
Kind = Literal["point", "range", "target", "limit", "percentile", "distribution"]
Quality = Literal["A", "B", "C", "D", "X"]

SCALES = {"%": Decimal("0.01"), "h": Decimal(3600), "min": Decimal(60), "s": Decimal(1), "": Decimal(1)}
WRITTEN = {"ratio": {"%"}, "seconds": {"h", "min", "s"}}
AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(%|h|min|s|)(?: |$)")


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One published number in its metric's unit; a range has ``low`` and ``high``, and a ``value`` if one is typical.

    ``rounding`` is half of the last digit written. None of ``variant``, ``statistic``, ``segment``, ``year`` and ``n``:
    the source does not say. ``parts`` are the values of a distribution.
    """

    id: str
    metric: str
    unit: Unit
    direction: Direction
    kind: Kind
    quality: Quality
    comparable: bool
    source: Source
    value: float | None = None
    low: float | None = None
    high: float | None = None
    rounding: float = 0.0
    parts: tuple[tuple[str, float], ...] = ()
    percentile: int | None = None
    variant: str | None = None
    statistic: Literal["mean", "median"] | None = None
    threshold_s: int | None = None
    industry: str = "all"
    segment: str | None = None
    region: str = "global"
    year: int | None = None
    n: int | None = None
    definition: str = ""
    note: str = ""
    quote: str = ""

    @property
    def zone(self) -> tuple[float, float] | None:
        """From where to where the number may lie: a range as it is, a point widened by its rounding."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return None if self.value is None else (self.value - self.rounding, self.value + self.rounding)

    @property
    def of_article(self) -> bool:
        """The values people know: preferred to others that fit as well."""
        return self.id.startswith("article.")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as written: "2 h 5 min" is 7500, give or take half of its last digit, 30."""

    value: Decimal
    rounding: Decimal
    units: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self:
        found = AMOUNT.findall(text)
        if not found or AMOUNT.sub("", text):
            raise Invalid(f"'{text}' is no amount; write for example 2.35 %, 34.4 s or 2 h 5 min.")
        numbers = [(Decimal(number), SCALES[unit]) for number, unit in found]
        last, scale = numbers[-1]
        step = scale.scaleb(int(last.as_tuple().exponent))
        return cls(sum((n * s for n, s in numbers), Decimal()), step / 2, frozenset(unit for _, unit in found))


@dataclass(frozen=True, slots=True)
class Book:
    """The file: its rows, and which industries and regions stand for which."""

    rows: tuple[Benchmark, ...]
    broad: tuple[str, ...]
    parts_of: dict[str, str]

    def upwards(self, name: str) -> list[str]:
        """The name itself and whatever it falls under, nearest first."""
        found = [name]
        while found[-1] in self.parts_of:
            found.append(self.parts_of[found[-1]])
        return found


@dataclass(frozen=True, slots=True)
class Question:
    """What a value of our own is about; None where it may be anything."""

    industry: str = "all"
    region: str = "global"
    segment: str | None = None
    variant: str | None = None
    statistic: str | None = None
    threshold_s: int | None = None

    def admits(self, row: Benchmark) -> bool:
        """Whether the row measures the same thing among the same people."""
        return (
            row.segment == self.segment
            and all(_agree(ours, theirs) for ours, theirs in self._definitions(row))
            and self._industry(row) is not None
            and self._region(row) is not None
        )

    def distance(self, row: Benchmark) -> tuple[int, ...]:
        """Smallest is best: nearness, then certainty of the definition, the well-known values, quality and age."""
        unsaid = sum(theirs is None for _, theirs in self._definitions(row))
        near = (self._industry(row) or 0, self._region(row) or 0)
        return (*near, unsaid, not row.of_article, get_args(Quality).index(row.quality), -(row.year or 0))

    def _definitions(self, row: Benchmark) -> tuple[tuple[object, object], ...]:
        return (
            (self.variant, row.variant),
            (self.statistic, row.statistic),
            (self.threshold_s, row.threshold_s),
        )

    def _industry(self, row: Benchmark) -> int | None:
        near = [*(name for name in _book().upwards(self.industry) if name not in _book().broad), *_book().broad]
        return _position(near, [row.industry])

    def _region(self, row: Benchmark) -> int | None:
        near = [*_book().upwards(self.region), "global", "unknown"]
        position = _position(near, row.region.split("/"))
        # Asked about nowhere in particular, another country's survey is better than none; its law is not.
        return len(near) if position is None and self.region == "global" and row.kind != "limit" else position


def catalogue() -> tuple[Benchmark, ...]:
    """All published values: the article's twenty first, then the independent ones."""
    return _book().rows


def matching(
    metric: str,
    *,
    industry: str = "all",
    region: str = "global",
    segment: str | None = None,
    variant: str | None = None,
    statistic: str | None = None,
    threshold_s: int | None = None,
    among: Iterable[Benchmark] | None = None,
) -> Benchmark | None:
    """The comparable row that fits best; without one the best that may only be shown; None without either.

    Say ``variant``, ``statistic`` and ``threshold_s`` of the value at hand, else rows of any definition compete.
    """
    question = Question(industry, region, segment, variant, statistic, threshold_s)
    rows = [row for row in (catalogue() if among is None else among) if row.metric == metric and question.admits(row)]
    comparable = [row for row in rows if row.comparable and row.zone]
    to_show = [row for row in rows if not row.comparable]
    return min(comparable or to_show, key=question.distance, default=None)


def read(text: str) -> Book:
    """The file's rows, or `Invalid` with every mistake and its place."""
    raw = yaml.safe_load(text)
    places = [(f"/{part}/{at}", row) for part in ("article", "independent") for at, row in enumerate(raw[part])]
    seen: set[str] = set()
    mistakes = [FieldError(place, detail) for place, row in places for detail in _mistakes(row, raw, seen)]
    if mistakes:
        raise Invalid("The catalogue of benchmarks has mistakes.", mistakes)
    rows = tuple(_row(row, raw) for _, row in places)
    return Book(rows, tuple(raw["broad"]), dict(raw["parts_of"]))


@cache
def _book() -> Book:
    return read(resources.files("analytics.domain").joinpath("benchmarks.yaml").read_text("utf-8"))


def _row(raw: dict[str, Any], book: dict[str, Any]) -> Benchmark:
    source = book["sources"][raw.get("source", "article")]
    plain = {key: value for key, value in raw.items() if key not in {"source", "value", "typical", "parts"}}
    return Benchmark(
        **{"year": source.get("year"), **book["metrics"][raw["metric"]], **_amounts(raw), **plain}
        | {"comparable": raw.get("comparable", _may_be_compared(raw))},
        source=Source(source["name"], source.get("url")),
    )


def _amounts(raw: dict[str, Any]) -> dict[str, Any]:
    """Kind, numbers and rounding, out of what is written under ``value``, ``typical`` and ``parts``."""
    if "parts" in raw:
        return {"parts": tuple((name, float(Amount.read(text).value)) for name, text in raw["parts"].items())}
    if "value" not in raw:
        return {}
    low, high = _ends(str(raw["value"]))
    if high is not None:
        typical = {"value": float(Amount.read(raw["typical"]).value)} if "typical" in raw else {}
        return {"kind": "range", "low": float(low.value), "high": float(high.value), **typical}
    # A target is chosen and a limit decreed: neither was rounded.
    rounding = 0.0 if raw.get("kind") in {"target", "limit"} else float(low.rounding)
    return {"kind": "point", "value": float(low.value), "rounding": rounding}


def _ends(text: str) -> tuple[Amount, Amount | None]:
    """The ends of a range such as "5 to 8 %"; anything else is one amount and has no other end."""
    low, _, high = text.partition(" to ")
    if not high:
        return Amount.read(text), None
    return Amount.read(f"{low} {high.rpartition(' ')[2]}"), Amount.read(high)


def _mistakes(raw: dict[str, Any], book: dict[str, Any], seen: set[str]) -> Iterator[str]:
    if raw.get("id") in seen:
        yield f"There are two rows '{raw['id']}'."
    seen.add(raw.get("id", ""))
    yield from (f"There is no '{key}' in a row." for key in raw.keys() - KEYS)
    yield from (f"'{key}' is missing." for key in ("id", "metric", "quality") if key not in raw)
    if raw.get("source", "article") not in book["sources"]:
        yield f"There is no source '{raw['source']}'."
    if raw.get("quality") not in get_args(Quality):
        yield f"Quality '{raw.get('quality')}' is none of A, B, C, D and X."
    if raw.get("kind", "point") not in get_args(Kind):
        yield f"There is no kind '{raw['kind']}'."
    if raw.get("metric") not in book["metrics"]:
        yield f"There is no metric '{raw.get('metric')}'."
    else:
        yield from _mistaken_numbers(raw, book["metrics"][raw["metric"]]["unit"])


def _mistaken_numbers(raw: dict[str, Any], unit: str) -> Iterator[str]:
    if ("value" in raw) == (raw.get("kind") == "distribution"):
        yield "A distribution has parts, anything else a value."
    if (raw.get("kind") == "percentile") != ("percentile" in raw):
        yield "A percentile says which one it is, and nothing else does."
    if raw.get("comparable", _may_be_compared(raw)) and (raw.get("quality") == "X" or raw.get("unit", unit) != unit):
        yield "A row of quality X or of another unit than its metric's cannot be compared."
    try:
        yield from _mistaken_amounts(raw, raw.get("unit", unit))
    except Invalid as problem:
        yield problem.detail


def _mistaken_amounts(raw: dict[str, Any], unit: str) -> Iterator[str]:
    if "value" not in raw:
        return
    low, high = _ends(str(raw["value"]))
    if not low.units <= WRITTEN.get(unit, {""}):
        yield f"'{raw['value']}' is not in the unit {unit}."
    if high is not None and high.value < low.value:
        yield f"'{raw['value']}' ends before it begins."


def _may_be_compared(raw: dict[str, Any]) -> bool:
    return raw.get("quality") != "X" and raw.get("kind") != "distribution"


def _agree(ours: object, theirs: object) -> bool:
    return ours is None or theirs is None or ours == theirs


def _position(near: list[str], names: list[str]) -> int | None:
    return min((near.index(name) for name in names if name in near), default=None)


KEYS = {field.name for field in fields(Benchmark)} - {"low", "high", "rounding", "direction"} | {"typical"}
