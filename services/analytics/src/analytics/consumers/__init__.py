"""Events in: one module a publishing service. Calls and records themselves come in by the batch (`workers.ingest`)."""
