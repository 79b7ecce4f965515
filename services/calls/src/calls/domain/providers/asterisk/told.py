"""One event of the manager, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calls.domain.fact import Fact, Kind
from calls.domain.reading import Reading
from calls.domain.telephone import to_e164

# How the manager spells that there is nothing.
UNKNOWN = "<unknown>"
# Parts of the names of contexts, in the dial plans of distributions and by habit, where calls of ours begin or go out;
# and where others' come in.
OUR_CONTEXTS = ("internal", "dialout", "outbound")
THEIR_CONTEXTS = ("from-trunk", "from-pstn", "from-did", "from-sip-external", "incoming", "inbound")


@dataclass(frozen=True)
class Told:
    """One AMI event."""

    event: Reading
    at: datetime
    settings: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        said = self.event.text(name)
        return None if said == UNKNOWN else said

    @property
    def linked(self) -> str:
        """The call: all its channels carry the id of its first."""
        found = self.text("Linkedid") or self.text("DestLinkedid") or self.text("TransfereeLinkedid")
        found = found or self.text("OrigTransfererLinkedid")
        if found is None:
            raise self.event.missing("Linkedid")
        return found

    def fact(self, kind: Kind, *aliases: str | None, at: datetime | None = None, **values: Any) -> Fact:
        linked = self.linked
        others = tuple(each for each in aliases if each and each != linked)
        return Fact(linked, kind, at or self.at, known(values), aliases=others)

    def root(self, prefix: str = "", kind: Kind = "noted") -> list[Fact]:
        """What the event says of the call's first channel."""
        channel = self.text(f"{prefix}Uniqueid")
        if channel is None or channel != self.linked:
            return []
        caller, context = self.text(f"{prefix}CallerIDNum"), self.text(f"{prefix}Context")
        leg = first_leg(caller, self.text(f"{prefix}Exten"), context, self.settings)
        if leg["side"] == "agent":
            who = caller or interface_of(self.text(f"{prefix}Channel"))
            leg["agent"] = agent_of(who, self.text(f"{prefix}CallerIDName"))
        return [self.fact(kind, leg=known(leg | {"id": channel}))]

    @property
    def within_local(self) -> bool:
        """The inner half of a Local channel: the outer one was dialled, and tells the same."""
        channel = self.text("Channel") or ""
        return channel.startswith("Local/") and channel.endswith(";2") and self.text("Uniqueid") != self.linked

    @property
    def member(self) -> dict[str, Any]:
        """The leg of the queue's member."""
        interface = self.text("Interface") or interface_of(self.text("DestChannel"))
        leg = {"id": self.text("DestUniqueid") or interface, "side": "agent", "queue_call": True}
        return leg | ({"agent": agent_of(interface, self.text("MemberName"))} if interface else {})


def first_leg(
    caller: str | None, dialled: str | None, context: str | None, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """A call begins at one of ours if its context says so, or else its number is an extension or our own."""
    from_number, to_number = number_of(caller), number_of(dialled)
    ours = _is_our_context(context or "")
    if ours is None:
        ours = to_e164(caller) in settings.get("own_numbers", ()) or (to_e164(caller) is None and bool(from_number))
    direction = ("outbound" if to_e164(dialled) else None) if ours else "inbound"
    side = "agent" if ours else "outside"
    ends = {"from_number": from_number, "to_number": to_number}
    return {"root": True, "side": side, "direction": direction, "internal": _within(side, dialled)} | ends


def _is_our_context(context: str) -> bool | None:
    """None where its name does not tell."""
    if any(part in context for part in OUR_CONTEXTS):
        return True
    return False if any(part in context for part in THEIR_CONTEXTS) else None


def _within(side: str, dialled: str | None) -> bool | None:
    return (side == "agent" and bool(dialled and dialled.isdecimal()) and to_e164(dialled) is None) or None


def number_of(spelled: str | None) -> str | None:
    """E.164, or the extension; a withheld number is none."""
    return to_e164(spelled) or (spelled if spelled and spelled.isdecimal() else None)


def interface_of(channel: str | None) -> str | None:
    """``PJSIP/101`` of the channel ``PJSIP/101-00000066``."""
    return channel.rsplit("-", 1)[0] if channel else None


def agent_of(agent_id: str | None, name: str | None) -> dict[str, Any] | None:
    return {"agent_id": agent_id, "agent": agent_id, "name": name or None} if agent_id else None


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
