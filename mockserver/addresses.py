"""Which addresses the mock may connect to when it plays the browser: loopback, and what the user lists.

Judges addresses, and names only beside the address they resolved to; resolves nothing and opens no connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from mockserver.callback import read_host

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OPTION", "Address", "AllowList", "Network", "plain_address"]

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

OPTION = "--allow-callback-host"
"""What the user lists hosts with; refusals name it."""

_NOWHERE = tuple(map(ip_network, ("0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/128", "ff00::/8")))
"""Unspecified, multicast and broadcast addresses: no web server is there, and some systems take them for their own."""

_GUARDED = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # link-local; 169.254.169.254 is the metadata service of most clouds
            "fe80::/10",  # link-local
            "fd00:ec2::254/128",  # AWS
            "fd20:ce::254/128",  # Google Cloud
            "100.96.0.96/32",  # Volcengine
            "100.100.100.200/32",  # Alibaba Cloud
            "168.63.129.16/32",  # Azure
            "192.0.0.192/32",  # Oracle Cloud
        ),
    )
)
"""Link-local addresses and the metadata services of clouds, which hand out the credentials of a machine."""

_NAT64 = IPv6Network("64:ff9b::/96")


def plain_address(text: str) -> Address:
    """Read an address; one of IPv4 that is dressed as IPv6 (`::ffff:127.0.0.1`) becomes IPv4. Raises `ValueError`."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts that the mock may visit besides loopback: names in lower-case ASCII, and networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """Read host names, addresses and networks (CIDR). Raises `ValueError`, its text for the user."""
        names, networks = set(), []
        for entry in entries:
            if (network := _read_network(entry)) is not None:
                networks.append(network)
            elif (name := read_host(entry)) is not None:
                names.add(name.removesuffix("."))
            else:
                raise ValueError(
                    f"{OPTION} {entry!r} is neither a host name (callback.example), an address (10.0.0.5) nor a "
                    "network (10.0.0.0/8). Leave out scheme, port and path; name each host, wildcards mean nothing."
                )
        return cls(frozenset(names), tuple(networks))

    def objection(self, host: str, address: Address) -> str:
        """Say why an address must not be connected to, to go after it in a sentence; empty if it may.

        `host` is the name that resolved to it, or the address itself; the address is a plain one (`plain_address`). A
        listed name permits whatever it resolves to, except what no web server should be at: that has to be listed
        itself, by its address or by a network that holds nothing else.
        """
        if address.is_loopback:
            return ""
        if any(address in network for network in _NOWHERE):
            return "is unspecified, multicast or broadcast, which nothing permits"
        listed = [network for network in self.networks if address in network]
        for guarded in _GUARDED:
            if any(meant in guarded for meant in _meanings(address)):
                if any(_lies_within(network, guarded) for network in listed):
                    return ""
                return f"is link-local or a cloud's metadata service and would have to be listed itself with {OPTION}"
        if listed or host.removesuffix(".") in self.names:
            return ""
        return f"is not loopback and not listed with {OPTION}"


def _meanings(address: Address) -> list[Address]:
    """Name the address and the one of IPv4 that a gateway may turn it into: NAT64, 6to4, IPv4-compatible."""
    meanings = [address]
    if isinstance(address, IPv6Address):
        if address in _NAT64 or int(address) < 1 << 32:
            meanings.append(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None:
            meanings.append(address.sixtofour)
    return meanings


def _lies_within(network: Network, guarded: Network) -> bool:
    """Tell whether a listed network means the guarded one and is not merely wide enough to include it."""
    if network.num_addresses == 1:
        return True
    return network.network_address in guarded and network.broadcast_address in guarded


def _read_network(entry: str) -> Network | None:
    """Read an address or a network; None if it is not written as one."""
    text = entry[1:-1] if entry.startswith("[") and entry.endswith("]") else entry
    try:
        wide = _unmapped(ip_network(text, strict=False))
    except ValueError:
        return None
    try:
        network = _unmapped(ip_network(text))
    except ValueError:
        raise ValueError(f"{OPTION} {entry!r} has bits beyond its prefix; for the whole network say {wide}.") from None
    if any(network.network_address in nowhere and network.broadcast_address in nowhere for nowhere in _NOWHERE):
        raise ValueError(f"{OPTION} {entry!r} is unspecified, multicast or broadcast: no callback can be there.")
    return network


def _unmapped(network: Network) -> Network:
    """Turn a network of IPv4 that is dressed as IPv6 into IPv4, as `plain_address` does with addresses."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return IPv4Network((mapped, network.prefixlen - 96)) if mapped and network.prefixlen >= 96 else network
