"""The service's own tables, and plain functions over them."""
