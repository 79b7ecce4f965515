"""Give the record to somebody: a named user, or one of a pool, in turn or to whom has the fewest open records."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from automations.domain.action import Action, Choice, Command, Context, Effect, Impossible, Nothing
from automations.domain.part import Condition, Part
from automations.domain.people import members, named

Strategy = Literal["round_robin", "least_open_records"]


class Pool(Part):
    team: str
    skill: str | None = None

    @property
    def name(self) -> str:
        return f"{self.team}/{self.skill}" if self.skill else self.team


class Branch(Part):
    """To a ``user`` (id or e-mail address), or to one of a ``pool``. ``when`` is a condition of this branch."""

    when: Condition | None = None
    user: str | None = None
    pool: Pool | None = None
    strategy: Strategy = "round_robin"

    @model_validator(mode="after")
    def _has_one_target(self) -> "Branch":
        if (self.user is None) == (self.pool is None):
            raise ValueError("name either a user or a pool")
        return self

    def candidates(self, context: Context) -> tuple[str, ...]:
        if self.pool:
            return tuple(each.id for each in members(context.users, self.pool.team, self.pool.skill))
        user = named(context.users, self.user or "")
        return (user.id,) if user else ()


def _pool(value: Any) -> Any:
    return {"team": value} if isinstance(value, str) else value


class Assign(Action):
    """To the first branch of ``first_match`` that holds and has anybody, else ``otherwise``, else ``fallback``.

    ``user``, or ``pool`` with ``strategy``, is short for ``otherwise``. Users who are switched off never get work.
    """

    kind = "assign"
    needs_users = True

    user: str | None = None
    pool: Annotated[Pool, BeforeValidator(_pool)] | None = None
    strategy: Strategy = "round_robin"
    first_match: tuple[Branch, ...] = ()
    otherwise: Branch | None = None
    fallback: Branch | None = None
    exclude: tuple[Literal["inactive_users"], ...] = Field(default=())

    @model_validator(mode="after")
    def _has_somebody(self) -> "Assign":
        if self.user and self.pool:
            raise ValueError("name either a user or a pool")
        if not (self.user or self.pool or self.first_match or self.otherwise):
            raise ValueError("say to whom: user, pool, first_match or otherwise")
        return self

    def conditions(self) -> dict[str, Condition]:
        inside = {f"/first_match/{number}/when": each.when for number, each in enumerate(self.first_match) if each.when}
        return super().conditions() | inside

    def effect(self, context: Context) -> Effect:
        for branch in self._branches():
            if branch.when and not context.holds(branch.when):
                continue
            candidates = branch.candidates(context)
            if candidates:
                return _given(branch, candidates, context)
        return Impossible("There is nobody to assign to: no branch that holds has an active user.")

    def _branches(self) -> list[Branch]:
        short = Branch(user=self.user, pool=self.pool, strategy=self.strategy) if self.user or self.pool else None
        return [*self.first_match, *(each for each in (short, self.otherwise, self.fallback) if each)]


def _given(branch: Branch, candidates: tuple[str, ...], context: Context) -> Effect:
    record = context.record

    def then(user: str) -> Command:
        return Command("PATCH", f"/v1/records/{record.id}", {"assignees": [user]}, f"Assigned to {user}.")

    if branch.pool:
        return Choice(branch.strategy, branch.pool.name, candidates, then)
    if list(record.assignees) == [candidates[0]]:
        return Nothing("The record is assigned to this user already.")
    return then(candidates[0])
