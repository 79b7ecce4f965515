"""What records does: one module a verb. Each is given the transaction it works in, and never commits."""
