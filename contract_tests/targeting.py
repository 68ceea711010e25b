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
        host, _ = parts.hostname, parts.port  # both raise ValueError
    except ValueError:
        parts, host = urlsplit(""), None
    if host is None or parts.scheme not in ("http", "https"):
        shown = repr(url) if "@" not in url else "What --contract-target has"
        raise RefusedTarget(f"{shown} is no absolute URL; write --contract-target https://host.")
    if "@" in parts.netloc or any(mark in url for mark in "?#\\"):
        raise RefusedTarget("--contract-target takes scheme, host and port only; the key goes into ANYFAST_API_KEY.")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    if is_loopback(base):
        return base
    if parts.scheme != "https":
        raise RefusedTarget(f"{host} is not this machine: the key is sent over https only.")
    known = {host for document in contract.documents for host in _hosts(document.tree)}
    if host not in known and host not in {name.lower() for name in allowed}:
        names = ", ".join(sorted(known)) or "none"
        raise RefusedTarget(
            f"{host} is no server of the document ({names}); to send your key there, add --contract-allow-host {host}."
        )
    return base


def _hosts(tree: object) -> set[str]:
    """Name the hosts of a document's servers."""
    servers = tree.get("servers") if isinstance(tree, dict) else None
    urls = [str(one.get("url")) for one in servers if isinstance(one, dict)] if isinstance(servers, list) else []
    return {urlsplit(url).hostname or "" for url in urls} - {""}
