"""The kinds of long work, each with what does it."""

from shared.jobs import Kinds

JOBS: Kinds = {}
