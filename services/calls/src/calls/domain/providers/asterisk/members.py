"""Asterisk's members of queues: who is in which, paused, or on the telephone, of AMI and of ``queue_log``.

Each queue has members of its own, so each word is about one queue; an agent who logs in or off does so for all.
"""

from collections.abc import Mapping
from datetime import datetime

from calls.domain.availability import State, availability
from calls.domain.fact import Fact
from calls.domain.reading import Reading

# Of a device, as app_queue numbers them; what is not here may ring.
DEVICES: Mapping[str, State] = {
    "2": "busy",
    "3": "busy",
    "4": "offline",
    "5": "offline",
    "7": "busy",
    "8": "busy",
}
MEMBERS = ("QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause", "QueueMemberPaused", "QueueMemberRemoved")
AGENTS: Mapping[str, State] = {"AgentLogin": "available", "AgentLogoff": "offline"}
LOGGED: Mapping[str, State] = {
    "ADDMEMBER": "available",
    "REMOVEMEMBER": "offline",
    "PAUSE": "away",
    "PAUSEALL": "away",
    "UNPAUSE": "available",
    "UNPAUSEALL": "available",
    "AGENTLOGIN": "available",
    "AGENTCALLBACKLOGIN": "available",
    "AGENTLOGOFF": "offline",
    "AGENTCALLBACKLOGOFF": "offline",
}
EVERY_QUEUE = ("", "NONE")


def member_fact(event: Reading, at: datetime) -> Fact | None:
    """What an AMI event says of a member; None where it is about something else."""
    kind = event.text("Event") or ""
    if kind in AGENTS:
        agent = event.text("Agent")
        return _word(f"Agent/{agent}", None, at, AGENTS[kind]) if agent else None
    interface = event.text("Interface") or event.text("Location")
    if kind not in MEMBERS or interface is None:
        return None
    state, name = _state(kind, event), event.text("MemberName") or event.text("Name")
    reason = event.text("PausedReason") or event.text("Reason")
    return _word(interface, name, at, state, event.text("Queue"), reason)


def _state(kind: str, event: Reading) -> State:
    if kind == "QueueMemberRemoved":
        return "offline"
    if event.identifier("Paused") == "1":
        return "away"
    return DEVICES.get(event.identifier("Status") or "", "available")


def logged_member(event: str, at: datetime, agent: str, queue: str, reason: str | None) -> Fact | None:
    """What a line of ``queue_log`` says of a member."""
    if event not in LOGGED or not agent:
        return None
    return _word(agent, agent, at, LOGGED[event], None if queue in EVERY_QUEUE else queue, reason)


def _word(
    agent: str, name: str | None, at: datetime, state: State, queue: str | None = None, reason: str | None = None
) -> Fact:
    who = {"agent_id": agent, "agent": agent} | ({"name": name} if name else {})
    return availability(agent, at, state, who, queue=queue, reason=reason if state == "away" else None)
