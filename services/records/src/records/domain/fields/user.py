"""A user of the workspace by id, or with ``multiple`` several. Where the record is written they have to exist.

Texts hold ids: whoever knows the users' addresses turns those into ids first.
"""

import re

from records.domain.identifiers import identifier_of
from records.domain.one_or_several import OneOrSeveral
from shared.expressions import Kind


class User(OneOrSeveral):
    name = "user"
    kind = Kind.USER
    plural = "users' ids"
    most = 50
    between = re.compile(r"[,;|\s]+")
    joint = ", "

    def read(self, value: object) -> str:
        return identifier_of(value, "a user's id")


TYPE = User()
