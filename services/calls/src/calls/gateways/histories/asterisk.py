"""Asterisk: ``queue_log``, a line an event; the adapter reads them as the forwarder sends them."""

from collections.abc import Mapping
from typing import Any

from calls.gateways.histories import History, as_sent

COLUMNS = 5


def line(text: str) -> Mapping[str, Any]:
    parts = text.split("|")
    if len(parts) < COLUMNS or not parts[0].isdecimal():
        raise ValueError("this is no line of queue_log, such as 1763457251|1763457245.101|sales|NONE|ENTERQUEUE||…")
    return {"queue_log": text.strip()}


HISTORY = History(provider="asterisk", interpret=as_sent("asterisk"), line=line)
