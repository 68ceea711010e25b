"""Which hosts the suite sends to: this machine, the document's servers, and what the user allows by name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.targets import RefusedTarget, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.contract import Contract

__all__ = ["admit"]


def admit(url: str, contract: Contract, allowed: Iterable[str]) -> str:
    """Give the target's base URL without a slash at its end. Raises `RefusedTarget` with the remedy.

    Beyond this machine https is asked for, and a host that the document names as a server or the user allows.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise RefusedTarget(f"{url!r} is no absolute URL; write --contract-target https://host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise RefusedTarget("--contract-target takes scheme, host and port only; the key goes into ANYFAST_API_KEY.")
    if is_loopback(url):
        return url.rstrip("/")
    if parts.scheme != "https":
        raise RefusedTarget(f"{host} is not this machine: the key is sent over https only.")
    known = {urlsplit(server).hostname for document in contract.documents for server in _servers(document.tree)}
    if host not in known and host not in set(allowed):
        names = ", ".join(sorted(name for name in known if name)) or "none"
        raise RefusedTarget(
            f"{host} is no server of the document ({names}); to send your key there, add --contract-allow-host {host}."
        )
    return url.rstrip("/")


def _servers(tree: object) -> list[str]:
    servers = tree.get("servers") if isinstance(tree, dict) else None
    return [str(one.get("url")) for one in servers if isinstance(one, dict)] if isinstance(servers, list) else []
