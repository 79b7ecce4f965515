"""Give the record to somebody: a named user, or one of a pool, in turn or to whom has the fewest open records."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from automations.domain.action import Action, Choice, Command, Context, Effect, Impossible, Nothing
from automations.domain.clause import Clause, Condition
from automations.domain.people import User, members, named

Strategy = Literal["round_robin", "least_open_records"]
Excluded = Literal["inactive_users", "users_out_of_office", "users_over_capacity"]


class Pool(Clause):
    team: str
    skill: str | None = None

    @property
    def name(self) -> str:
        return f"{self.team}/{self.skill}" if self.skill else self.team


class Branch(Clause):
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

    def candidates(self, context: Context) -> tuple[User, ...]:
        if self.pool:
            return members(context.users, self.pool.team, self.pool.skill)
        user = named(context.users, self.user or "")
        return (user,) if user else ()


def _pool(value: Any) -> Any:
    return {"team": value} if isinstance(value, str) else value


class Assign(Action):
    """To the first branch of ``first_match`` that holds and has anybody, else ``otherwise``, else ``fallback``.

    ``user``, or ``pool`` with ``strategy``, is short for ``otherwise``. Users who are switched off never get work;
    ``exclude`` leaves out those who are away or have as much as they can carry, too.
    """

    kind = "assign"
    needs_users = True

    user: str | None = None
    pool: Annotated[Pool, BeforeValidator(_pool)] | None = None
    strategy: Strategy = "round_robin"
    first_match: tuple[Branch, ...] = ()
    otherwise: Branch | None = None
    fallback: Branch | None = None
    exclude: tuple[Excluded, ...] = Field(default=())

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
        return self._first_of(self._branches(), context)

    def _first_of(self, branches: Sequence[Branch], context: Context) -> Effect:
        for number, branch in enumerate(branches):
            if branch.when and not context.holds(branch.when, None):
                continue
            candidates = self._available(branch, context)
            if candidates:
                return self._given(branch, candidates, context, branches[number + 1 :])
        return Impossible("There is nobody to assign to: no branch that holds has a user who is there and has room.")

    def _available(self, branch: Branch, context: Context) -> tuple[User, ...]:
        away = "users_out_of_office" in self.exclude
        return tuple(each for each in branch.candidates(context) if not (away and each.is_away(context.now)))

    def _given(self, branch: Branch, candidates: Sequence[User], context: Context, rest: Sequence[Branch]) -> Effect:
        record = context.record

        def then(user: str) -> Command:
            return Command("PATCH", f"/v1/records/{record.id}", {"assignees": [user]}, f"Assigned to {user}.")

        if branch.pool:
            ids = tuple(each.id for each in candidates)
            full = {each.id: each.capacity for each in candidates if each.capacity is not None}
            limits = full if "users_over_capacity" in self.exclude else {}
            return Choice(branch.strategy, branch.pool.name, ids, then, self._first_of(rest, context), limits)
        if list(record.assignees) == [candidates[0].id]:
            return Nothing("The record is assigned to this user already.")
        return then(candidates[0].id)

    def _branches(self) -> list[Branch]:
        short = Branch(user=self.user, pool=self.pool, strategy=self.strategy) if self.user or self.pool else None
        return [*self.first_match, *(each for each in (short, self.otherwise, self.fallback) if each)]
