"""The kinds of long work, each with what does it."""

from records.domain.retention import JOB
from records.workers.bulk_updates import run_bulk_update
from records.workers.exports import run_export
from records.workers.imports import run_import
from records.workers.merges import run_merge
from records.workers.numbering import run_numbering
from records.workers.persons import ERASURE, run_erasure, run_person_export
from records.workers.retention import run_retention
from shared.jobs import Kinds

JOBS: Kinds = {
    "import": run_import,
    "export": run_export,
    "bulk_update": run_bulk_update,
    "merge": run_merge,
    "numbering": run_numbering,
    ERASURE: run_erasure,
    JOB: run_retention,
    "person_export": run_person_export,
}
