"""What a metric is: a defined number, with everything a reader needs to trust it or to compare it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["ratio", "seconds", "count", "money"]
# `target`: neither more nor less is better by itself; only in or out of the zone.
Direction = Literal["higher", "lower", "target", "none"]
# How the numbers of a point are made: a share or a mean have intervals, a count, a sum and a quotient of two sums are
# what they are.
Shape = Literal["share", "mean", "count", "sum", "quotient"]
Source = Literal["call", "record"]
Anchor = Literal["arrived_at", "ended_at", "entered_list_at", "created_at", "updated_at", "now"]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in the languages of the page."""

    en: str
    nl: str

    def in_language(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True, slots=True)
class Limits:
    """The workspace's thresholds, in seconds: T of the service level, and below which N an abandon is short.

    ``of_queues`` are those that single queues have of their own, by name and queue.
    """

    threshold_s: float = 20.0
    short_abandon_s: float = 5.0
    of_queues: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """As part of the identity of a number: ``20``, or ``20;Sales:30`` where a queue has its own."""
        own = sorted(self.of_queues.get(name, {}).items())
        return ";".join([f"{getattr(self, name):g}", *(f"{queue}:{each:g}" for queue, each in own)])

    def sql(self, name: str) -> str:
        """The threshold of that name that a row of `call` is held to."""
        usual, own = float(getattr(self, name)), self.of_queues.get(name)
        if not own:
            return f"{usual:g}"
        seconds = ", ".join(f"toFloat64({each:g})" for each in own.values())
        return f"transform(toString(queue), [{', '.join(map(quoted, own))}], [{seconds}], toFloat64({usual:g}))"


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A project of deals, as SQL over its records (aliased `r`): what a deal is worth and when it should close.

    ``amount`` is a decimal in the base currency, null without an amount or without a rate for its currency;
    ``weight`` the forecast weight of its list, null where that is not in the forecast; ``closes`` a moment or null;
    ``position`` that of its list, 0 being the first.
    """

    project: str
    amount: str
    weight: str
    closes: str | None
    position: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What people are to fill in of a record (aliased `r`): for each required field, whether it is, as SQL."""

    filled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """The SQL of one variant: expressions per row of `call` or `record`, added up by the caller.

    ``population`` is a condition; ``at`` the moment a row counts at; with ``timeless`` the period does not limit it.
    ``spread`` is the value whose median and 90th percentile stand beside the mean. ``components`` are the parts a
    number is made of, each with the condition under which a row has it; ``basis`` is the text that says how the
    row's durations were measured. ``beside`` are other means or shares worth reading next to it: numerator and
    denominator per row.
    """

    population: str
    numerator: str
    denominator: str = "1"
    at: str = "arrived_at"
    spread: str | None = None
    components: Mapping[str, str] = field(default_factory=dict)
    basis: str | None = None
    beside: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    timeless: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One published way to compute it: over calls, over the records of a pipeline, or over what any records say.

    With ``of_spend`` what was spent is added to the numerator of what is measured over calls.
    """

    key: str
    formula: str
    of_calls: Callable[[Limits], Measure] | None = None
    note: str = ""
    of_records: Callable[[Pipeline], Measure] | None = None
    of_entries: Callable[[Entries], Measure] | None = None
    of_spend: Measure | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A definition. ``n_minimum``: below it no verdict. ``comparable_variants``: what a benchmark may be held against.

    ``parameters`` names the limits that enter the formula. ``ungrouped`` lists groupings that would mislead, with why.
    """

    key: str
    title: Text
    description: Text
    unit: Unit
    direction: Direction
    shape: Shape
    population: str
    time_anchor: Anchor
    variants: tuple[Variant, ...]
    source: Source = "call"
    n_minimum: int = 0
    comparable_variants: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    ungrouped: Mapping[str, str] = field(default_factory=dict)
    nothing: str = "Nothing to measure in this period."

    @property
    def default(self) -> Variant:
        return self.variants[0]

    def variant(self, key: str | None) -> Variant | None:
        """The variant of that key, the default for None; None where there is no such variant."""
        return self.default if key is None else next((each for each in self.variants if each.key == key), None)

    def definition_id(self, variant: Variant, limits: Limits) -> str:
        """What two values must share to be the same number, such as ``service_level/SL-E/threshold_s=20``."""
        named = [f"{name}={limits.named(name)}" for name in self.parameters]
        return "/".join([self.key, variant.key, *named])
