"""The embedded engines: where their binaries are, how they are initialised, started and asked for their health.

Used by the launcher and by the tests, so that both run the same servers in the same way. Nothing here keeps a process
alive or restarts it: that is its caller's work.
"""
