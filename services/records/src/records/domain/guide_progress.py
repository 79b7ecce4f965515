"""How far a record is in its guide: what is done, what comes next, and when it should begin. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from records.domain.guide import Guide, Item, Stage

StepState = Literal["created", "done", "dismissed"]
ItemState = Literal["suggested", "created", "done", "dismissed"]


@dataclass(frozen=True)
class Step:
    """One instance of an item: there may be several. ``starts_at`` is of a follow-up: planned, or when it was done."""

    id: str
    record_id: str
    guide_id: str
    item: str
    state: StepState
    at: datetime
    starts_at: datetime | None = None
    activity_id: str | None = None
    document_id: str | None = None


@dataclass(frozen=True)
class Progress:
    """A record in its guide. ``current`` is the key of a stage; None where it stands in none of the guide's."""

    guide: Guide
    steps: Sequence[Step]
    current: str | None

    def instances(self, item: Item) -> list[Step]:
        return [step for step in self.steps if step.item == item.key]

    def state(self, item: Item) -> ItemState:
        """What is open counts before what is done, and that before what was waved away."""
        states = {step.state for step in self.instances(item)}
        wanted: tuple[StepState, ...] = ("created", "done", "dismissed")
        return next((state for state in wanted if state in states), "suggested")

    def is_ticked(self, stage: Stage) -> bool:
        """Behind the record, or all done. Going back unticks what then lies ahead."""
        current = self.guide.stage(self.current)
        return bool(current and stage.rank < current.rank) or self.is_complete(stage)

    def is_complete(self, stage: Stage) -> bool:
        """Something was done in it, nothing made is open, and all that is required is done or waved away."""
        states = {item.key: self.state(item) for item in stage.items}
        required = [states[item.key] for item in stage.items if item.required]
        return (
            "done" in states.values()
            and "created" not in states.values()
            and all(state in ("done", "dismissed") for state in required)
        )

    def next_stage(self, key: str | None) -> Stage | None:
        """The one after a stage, by rank."""
        keys = [stage.key for stage in self.guide.in_order]
        place = keys.index(key) + 1 if key in keys else len(keys)
        return self.guide.in_order[place] if place < len(keys) else None

    def next_follow_up(self, after: str) -> tuple[Stage, Item] | None:
        """What is suggested when a follow-up is done: the next that suggests itself, in its stage or the next."""
        keys = [item.key for _, item in self.guide.follow_ups]
        if after not in keys:
            return None
        own = self.guide.follow_ups[keys.index(after)][0]
        near = {own.key, *([following.key] if (following := self.next_stage(own.key)) else [])}
        for stage, item in self.guide.follow_ups[keys.index(after) + 1 :]:
            if stage.key in near and item.auto_suggest and self.state(item) == "suggested":
                return stage, item
        return None

    def next_step(self) -> tuple[Stage, Item] | None:
        """The first item in the current stage, or the next, that nothing was done about."""
        stages = [self.guide.stage(self.current), self.next_stage(self.current)]
        for stage in filter(None, stages):
            for item in sorted(stage.items, key=lambda each: (each.is_document, each.rank)):
                if self.state(item) == "suggested":
                    return stage, item
        return None

    def starts_at(self, item: Item, now: datetime) -> datetime:
        """When a follow-up should begin, never before now.

        In a sale so many days after the follow-up before it, in a project after today.
        """
        base = now if self.guide.kind == "project" else (self._before(item) or now)
        return max(now, base + timedelta(days=item.start_offset_days))

    def _before(self, item: Item) -> datetime | None:
        """The time of the nearest earlier follow-up that there is, of several instances the last."""
        keys = [each.key for _, each in self.guide.follow_ups]
        earlier = self.guide.follow_ups[: keys.index(item.key)]
        for _, each in reversed(earlier):
            times = [step.starts_at for step in self.instances(each) if step.starts_at and step.state != "dismissed"]
            if times:
                return max(times)
        return None
