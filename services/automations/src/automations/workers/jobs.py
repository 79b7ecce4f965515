"""The kinds of long work, each with what does it."""

from automations.usecases.forget_records import FORGETTING
from shared.jobs import Kinds
from shared.privacy import KIND, part_job

JOBS: Kinds = {KIND: part_job(FORGETTING)}
