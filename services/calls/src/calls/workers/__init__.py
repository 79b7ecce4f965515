"""Loops beside the requests."""
