"""ClickHouse, where facts are; PostgreSQL, where targets and replicas are."""
