"""Anything else: a JSON object a line, as to the hook."""

from calls.gateways.histories import History, as_sent, json_line

HISTORY = History(provider="generic", interpret=as_sent("generic"), line=json_line)
