"""HTTP in: one module a noun. A route parses, calls, and returns; its transaction is around it."""
