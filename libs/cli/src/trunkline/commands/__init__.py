"""One file a subcommand: its function ``command`` is the command, its docstring the help, ``PANEL`` its heading.

``RANK`` moves it up in the list. A new command is a new file here, and nothing else.
"""
