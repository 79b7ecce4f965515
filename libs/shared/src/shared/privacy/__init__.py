"""What a service knows of one person, and how it forgets it: found in every column, whatever table comes next."""

from shared.privacy.part import KIND, Forgetting, Looking, Part, forget_person, part_job, person_part_router
from shared.privacy.person import Person, PersonIn, mark_of

__all__ = [
    "KIND",
    "Forgetting",
    "Looking",
    "Part",
    "Person",
    "PersonIn",
    "forget_person",
    "mark_of",
    "part_job",
    "person_part_router",
]
