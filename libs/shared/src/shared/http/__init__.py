"""HTTP in: one transaction a request, problems (RFC 9457), keys, idempotency, paging, ETags."""
