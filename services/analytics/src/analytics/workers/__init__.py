"""Loops that run as long as the service does."""
