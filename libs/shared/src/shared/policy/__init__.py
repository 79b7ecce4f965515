"""What a caller may see and do: one pure decision, the same in every service."""

from shared.policy.policy import EVERYTHING, Policy
from shared.policy.role import Flag, Record, Role

__all__ = ["EVERYTHING", "Flag", "Policy", "Record", "Role"]
