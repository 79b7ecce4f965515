"""The service's own database: tables, and plain functions that add, get and find."""
