"""The service on the real engines: one migrated database to copy from, one running application a test."""
