"""What a caller may see and do: one pure decision, the same in every service."""

from shared.policy.policy import Policy

__all__ = ["Policy"]
