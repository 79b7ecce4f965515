"""HTTP in: parse, call, return."""
