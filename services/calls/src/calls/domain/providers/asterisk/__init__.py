"""Asterisk, through our forwarder (``trunkline asterisk-forwarder``): AMI events, or lines of ``queue_log``.

Asterisk has no webhooks. The forwarder wraps each event with when it saw it, and signs ``timestamp.body`` anew at
each attempt. Channels of one call share a ``Linkedid``; a Cdr names only its own channel, is one of several of a call,
in the server's own time zone, and calls a caller who left the queue ANSWERED. ``HoldTime`` is the time in the queue.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.providers.asterisk.events import MEANINGS
from calls.domain.providers.asterisk.members import member_fact
from calls.domain.providers.asterisk.queue_log import queue_log_facts
from calls.domain.providers.asterisk.told import Told
from calls.domain.reading import read_json
from calls.domain.signatures import is_fresh, matches


def verify(request: HookRequest, secrets: Secrets) -> bool:
    stamp, shown = request.headers["x-forwarder-timestamp"], request.headers["x-forwarder-signature"]
    signed = stamp.encode() + b"." + request.body
    known = ["sha256=" + hmac.digest(key.encode(), signed, "sha256").hex() for key in secrets["forwarder_hmac_key"]]
    return matches(shown, known) and is_fresh(datetime.fromtimestamp(int(stamp), UTC), request)


def deduplication_key(request: HookRequest) -> str | None:
    """The forwarder sends an event again as it was."""
    return hashlib.sha256(request.body).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    line = body.text("queue_log")
    if line is not None:
        return queue_log_facts(line)
    event, at = body.child("ami"), body.moment("received_at")
    if event is None:
        raise body.missing("ami")
    if at is None:
        raise body.missing("received_at")
    if member := member_fact(event, at):
        return [member]
    told = Told(event, at, request.settings)
    meaning = MEANINGS.get(event.text("Event") or "")
    return meaning(told) if meaning else []


PROVIDER = Provider(
    name="asterisk",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"forwarder_hmac_key"}),
)
