"""Attacks by hand: what a stranger could send, in greater numbers than the suite has time for."""
