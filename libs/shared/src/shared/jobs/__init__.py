"""Long work: one table and one lease, so that it goes on where it stopped, whoever was killed meanwhile."""

from shared.jobs.api import JobOut, jobs_router, own_job, own_jobs
from shared.jobs.job import Job, JobCancelled, JobLost, JobNotFound, JobState
from shared.jobs.running import Kinds, RunningJob, run_jobs
from shared.jobs.storage import add_job, cancel_job, find_jobs, get_job
from shared.jobs.tables import create_jobs

__all__ = [
    "Job",
    "JobCancelled",
    "JobLost",
    "JobNotFound",
    "JobOut",
    "JobState",
    "Kinds",
    "RunningJob",
    "add_job",
    "cancel_job",
    "create_jobs",
    "find_jobs",
    "get_job",
    "jobs_router",
    "own_job",
    "own_jobs",
    "run_jobs",
]
