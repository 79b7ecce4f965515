"""Becomes another program: one that dies with its parent, and runs as another user if told so.

Run as a script, ``python -I -S guard.py SIGNAL PARENT USER COMMAND…`` (``-`` for the same user). It needs the standard
library only, and replaces itself: the process id stays. This stands in for ``preexec_fn``, which may deadlock in a
parent with threads, and it can drop root's rights where the other user could not even reach Python.
"""

import ctypes  # now: after the change of user the standard library may be out of reach
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    number, parent, user, *command = arguments
    if user != "-":
        become(user)
    die_with_parent(int(number), int(parent))
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execv(command[0], command)  # noqa: S606 — the launcher's own command line, no shell


def become(user: str) -> None:
    """Give up root's rights for good."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with_parent(number: int, parent: int) -> None:
    """Ask the kernel for a signal at the parent's death (Linux). After a change of user, which forgets it."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
