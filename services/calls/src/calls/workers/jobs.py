"""The kinds of long work, each with what does it."""

from calls.usecases.backfill import KIND as BACKFILL
from calls.usecases.backfill import backfill
from calls.usecases.forget_caller import FORGETTING
from calls.usecases.subscribe import KIND, subscribe
from shared.jobs import Kinds
from shared.privacy import KIND as PERSON
from shared.privacy import part_job

JOBS: Kinds = {KIND: subscribe, PERSON: part_job(FORGETTING)}
# These take hours, as the providers' limits want it: others must not wait for them.
LONG_JOBS: Kinds = {BACKFILL: backfill}
