"""The kinds of long work, each with what does it."""

from calls.usecases.subscribe import KIND, subscribe
from shared.jobs import Kinds

JOBS: Kinds = {KIND: subscribe}
