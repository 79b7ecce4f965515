"""The kinds of long work, each with what does it."""

from calls.usecases.backfill import KIND as BACKFILL
from calls.usecases.backfill import backfill
from calls.usecases.subscribe import KIND, subscribe
from shared.jobs import Kinds

JOBS: Kinds = {KIND: subscribe}
# These take hours, as the providers' limits want it: others must not wait for them.
LONG_JOBS: Kinds = {BACKFILL: backfill}
