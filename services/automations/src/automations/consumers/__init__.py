"""Events in: one module a publishing service."""
