"""Loops: steps of runs, runs that wait, timers, forgetting."""
