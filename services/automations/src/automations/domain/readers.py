"""Who reads what rules write: a text tells nobody what their roles hide from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from automations.domain.people import User
from shared.errors import Invalid
from shared.expressions import Schema, find_operand
from shared.policy import Policy, Role

READ = frozenset({"read"})


@dataclass(frozen=True)
class Readers:
    """``schema`` is the whole workspace, ``roles`` are all there are. What a set of roles shows is worked out once."""

    schema: Schema = field(default_factory=Schema)
    roles: tuple[Role, ...] = ()
    _shown: dict[frozenset[str], Schema] = field(default_factory=dict, compare=False, repr=False)

    def may_see(self, path: str, project: str, users: Iterable[User]) -> bool:
        """Whether what the path leads to is hidden from none of them; who sees nothing of the project reads nothing."""
        if not self.roles:
            return True
        shown = (self._schema(each) for each in users if each.active)
        return all(_leads(path, project, each) for each in shown if project in each.projects)

    def _schema(self, user: User) -> Schema:
        teams = set(user.teams)
        roles = tuple(each for each in self.roles if user.id in each.users or teams & set(each.teams))
        which = frozenset(each.id for each in roles)
        if which not in self._shown:
            # Whose roles they are matters to which records are seen, not to which fields.
            policy = Policy(READ, user.id, roles, frozenset(each.project for each in self.roles))
            self._shown[which] = policy.seen(self.schema)
        return self._shown[which]


def _leads(path: str, project: str, schema: Schema) -> bool:
    try:
        find_operand(path, project, schema)
    except Invalid:
        return False
    return True
