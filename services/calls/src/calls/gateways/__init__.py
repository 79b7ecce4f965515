"""Providers, asked by us."""
