"""A guide: the stages a record goes through, with the follow-ups and documents suggested in each.

A definition never changes: editing a guide makes its next version.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from records.domain.pointers import pointer
from shared.errors import Conflict, FieldError, Invalid, NotFound

GuideKind = Literal["sale", "project"]
AdvanceMode = Literal["manual", "suggest", "auto"]
OutcomeState = Literal["won", "lost", "stalled"]
MINIMUM_STAGES = 2
LONGEST_NAME, LONGEST_PURPOSE, LONGEST_TEXT, LONGEST_SUBJECT, LONGEST_OUR_REF = 239, 254, 2047, 219, 99
FALLBACK = "en"

# A text by language.
Texts = Mapping[str, str]


class GuideNotFound(NotFound):
    pass


class NoGuide(Conflict):
    pass


@dataclass(frozen=True)
class Item:
    """A suggested follow-up, or with a ``template`` a suggested document."""

    key: str
    name: Texts
    rank: int = 0
    purpose: Texts = field(default_factory=dict)
    text: Texts = field(default_factory=dict)
    type: str = "task"
    auto_suggest: bool = False
    required: bool = True
    start_offset_days: int = 0
    duration_minutes: int = 0
    milestone: bool = False
    assign_to_member: bool = False
    template: str | None = None
    subject: Texts = field(default_factory=dict)
    our_ref: str = ""

    @property
    def is_document(self) -> bool:
        return self.template is not None


@dataclass(frozen=True)
class Stage:
    """``probability`` is a percentage."""

    key: str
    name: Texts
    rank: int = 0
    probability: int | None = None
    follow_ups: Sequence[Item] = ()
    documents: Sequence[Item] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        return (*self.follow_ups, *self.documents)


@dataclass(frozen=True)
class Reason:
    key: str
    name: Texts


@dataclass(frozen=True)
class OutcomeRule:
    """``require`` names what must be said: ``reason``, ``reopen_on``, ``note`` or a field's key."""

    require: Sequence[str] = ()
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True)
class Condition:
    """The records a guide is for: those whose field holds one of the values."""

    field: str
    values: Sequence[str]


@dataclass(frozen=True)
class Guide:
    """``stages_are`` says whether the stages are the project's lists, or the guide's own.

    ``estimated_duration``, like ``P3M``, says when a record that begins it is due, where nobody says.
    """

    key: str
    name: Texts
    stages: Sequence[Stage]
    kind: GuideKind = "sale"
    stages_are: Literal["lists", "own"] = "lists"
    advance_mode: AdvanceMode = "suggest"
    rank: int = 0
    estimated_duration: str | None = None
    applies_to: Condition | None = None
    outcomes: Mapping[str, OutcomeRule] = field(default_factory=dict)

    @cached_property
    def in_order(self) -> tuple[Stage, ...]:
        return tuple(sorted(self.stages, key=lambda stage: stage.rank))

    @cached_property
    def follow_ups(self) -> tuple[tuple[Stage, Item], ...]:
        """All of them in the order of stages and ranks."""
        return tuple((stage, item) for stage in self.in_order for item in by_rank(stage.follow_ups))

    def stage(self, key: str | None) -> Stage | None:
        return next((each for each in self.stages if each.key == key), None)

    def find(self, key: str) -> tuple[Stage, Item]:
        """An item and its stage. Raises `GuideNotFound`."""
        for stage in self.stages:
            for item in stage.items:
                if item.key == key:
                    return stage, item
        raise GuideNotFound(f"The guide '{self.key}' has no item '{key}'.")

    def suits(self, values: Mapping[str, Any]) -> bool:
        wanted = self.applies_to
        if wanted is None:
            return True
        held = values.get(wanted.field)
        return any(each in wanted.values for each in (held if isinstance(held, list) else [held]))


def by_rank(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.rank)


def said_in(texts: Texts, language: str) -> str:
    """The text in the language, in English, or in whatever there is."""
    return texts.get(language) or texts.get(FALLBACK) or next(iter(texts.values()), "")


def guide_from(definition: Mapping[str, Any]) -> Guide:
    """A definition as it is stored."""
    stages = [
        Stage(**each | {kind: [Item(**item) for item in each[kind]] for kind in ("follow_ups", "documents")})
        for each in definition["stages"]
    ]
    outcomes = {
        state: OutcomeRule(rule["require"], [Reason(**reason) for reason in rule["reasons"]])
        for state, rule in definition["outcomes"].items()
    }
    condition = Condition(**definition["applies_to"]) if definition["applies_to"] else None
    return Guide(**{**definition, "stages": stages, "outcomes": outcomes, "applies_to": condition})


def check_guide(guide: Guide, lists: Sequence[str], fields: Sequence[str]) -> None:
    """That it can be followed in a project of these lists and fields. Raises `Invalid` with every mistake."""
    errors = [FieldError(place, detail) for place, detail in _mistakes(guide, lists, fields)]
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)


def _mistakes(guide: Guide, lists: Sequence[str], fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(guide.stages) < MINIMUM_STAGES:
        yield "/stages", f"A guide has at least {MINIMUM_STAGES} stages."
    if guide.applies_to and guide.applies_to.field not in fields:
        yield "/applies_to/field", f"The project has no field '{guide.applies_to.field}'."
    seen, ranks = set[str](), set[int]()
    for number, stage in enumerate(guide.stages):
        place = pointer("stages", number)
        if guide.stages_are == "lists" and stage.key not in lists:
            yield f"{place}/key", f"The project has no list '{stage.key}'; there is {', '.join(lists)}."
        if stage.key in seen or stage.rank in ranks:
            yield place, f"The stage '{stage.key}' has the key or the rank of another."
        if not stage.follow_ups:
            yield f"{place}/follow_ups", f"The stage '{stage.key}' suggests no follow-up."
        seen.add(stage.key)
        ranks.add(stage.rank)
    yield from _doubles(guide)
    for state, rule in guide.outcomes.items():
        for number, name in enumerate(rule.require):
            if name not in {"reason", "reopen_on", "note", *fields}:
                place = pointer("outcomes", state, "require", number)
                yield place, f"'{name}' is neither 'reason', 'reopen_on' or 'note' nor a field of the project."


def _doubles(guide: Guide) -> Iterator[tuple[str, str]]:
    """An item is known by its key alone."""
    seen = set[str]()
    for number, stage in enumerate(guide.stages):
        for kind in ("follow_ups", "documents"):
            for place, item in enumerate(getattr(stage, kind)):
                if item.key in seen:
                    yield pointer("stages", number, kind, place, "key"), f"Another item is called '{item.key}' too."
                seen.add(item.key)
