"""What is measured, how sure of it one can be, and what may be said about it. Plain Python: no engine, no framework."""
