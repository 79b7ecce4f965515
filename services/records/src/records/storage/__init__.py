"""The tables of records, and plain functions on them: one module a noun."""
