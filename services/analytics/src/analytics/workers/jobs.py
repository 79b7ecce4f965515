"""The kinds of long work, each with what does it."""

from analytics.usecases.forget_person import FORGETTING
from shared.jobs import Kinds
from shared.privacy import KIND, part_job

JOBS: Kinds = {KIND: part_job(FORGETTING)}
