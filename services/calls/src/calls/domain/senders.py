"""Where a request comes from, and whether that may post: all that some providers' requests can be known by."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def sender(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is no trusted proxy's.

    ``forwarded`` are the values of X-Forwarded-For: each proxy adds whom it heard, so they are believed from the last
    one on, as far as those who wrote them are trusted.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",")] + [peer]
    while len(hops) > 1 and _within(hops[-1], trusted):
        hops.pop()
    return hops[-1]


def may_post(address: str, allowed: Iterable[str] | None) -> bool:
    """Anybody, unless some are listed."""
    return not allowed or _within(address, [ip_network(each) for each in allowed])


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in networks)
