"""How a command fails: one sentence for the person, one exit code for the script.

====  ====================================================================
Code  Meaning
====  ====================================================================
0     done
1     something unforeseen, or a check of ``doctor`` failed
2     the command line was wrong; of ``plan``: there is something to change
3     nothing is running on that data folder
4     it is running, but not everything is ready
5     a port is taken
6     the data folder is in use by another ``trunkline up``
7     the data folder cannot be used: damaged, foreign, not writable
8     a part did not start
9     a service refused the request
10    done, but for a part that the command names
130   interrupted
====  ====================================================================
"""

from typing import ClassVar


class Failure(Exception):
    """One sentence, and where it helps a second one that says what to do."""

    code: ClassVar[int] = 1


class NotRunning(Failure):
    code = 3


class NotReady(Failure):
    code = 4


class PortTaken(Failure):
    code = 5


class FolderInUse(Failure):
    code = 6


class FolderUnusable(Failure):
    code = 7


class StartFailed(Failure):
    code = 8


class Refused(Failure):
    code = 9


class PartlyDone(Failure):
    code = 10


class Interrupted(Failure):
    code = 130


def from_code(code: int, sentence: str) -> Failure:
    """The failure another process of ours reported."""
    kinds = {kind.code: kind for kind in Failure.__subclasses__()}
    return kinds.get(code, Failure)(sentence)
