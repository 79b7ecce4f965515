"""HTTP in: one module a noun."""
