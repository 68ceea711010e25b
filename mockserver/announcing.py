"""What the mock says when it has started: what runs, where, on which store, and a command that calls it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver import __version__
from mockserver.credentials import WORKING
from mockserver.curl import curl
from mockserver.replies import encode
from mockserver.sessions.opening import IN_MEMORY, PreparedStore
from openapi.errors import shown

if TYPE_CHECKING:
    from typing import Literal

    from mockserver.serving import Address
    from mockserver.settings import Settings
    from mockserver.tls import Certificate
    from openapi.contract import Contract
    from openapi.reading import Json

__all__ = ["is_unspecified", "reachable", "startup_lines"]


def startup_lines(
    contract: Contract,
    settings: Settings,
    address: Address,
    *,
    style: Literal["text", "json"] = "text",
    store: PreparedStore = IN_MEMORY,
    certificate: Certificate | None = None,
    made_token: str = "",
) -> list[str]:
    """Say what runs, where, and how to call it. made_token: a control token that nobody knows yet."""
    if style == "json":
        line: dict[str, Json] = {
            "event": "started",
            "url": settings.base_url,
            "address": address.url,
            "version": __version__,
            "profile": contract.profile or None,
            "documents": [
                {"name": one.name, "sha256": one.sha256, "reconstructed": one.reconstructed}
                for one in contract.documents
            ],
            "store": store.kind,
            "control_token": made_token or None,
            "unserved": [str(one) for one in contract.unserved],
            "notices": [*(str(notice) for notice in contract.notices), *store.warnings],
        }
        if certificate is not None:
            line["certificate"] = {"file": str(certificate.file), "sha256": certificate.sha256}
        return [encode(line).decode("utf-8")]
    lines = [f"Anyfast mock server {__version__}, at {settings.base_url}"]
    if settings.base_url != address.url:
        lines.append(f"  listening   {address.url}")
    for document in contract.documents:
        info = document.tree.get("info")
        title = " ".join(str(info.get(key, "")) for key in ("title", "version")) if isinstance(info, dict) else ""
        mark = "reconstructed by us, " if document.reconstructed else ""
        lines.append(f"  contract    {shown(title.strip()) or document.name} ({mark}sha256 {document.sha256[:12]})")
    if contract.profile:
        lines.append(f"  profile     {contract.profile}; X-Mock-Rule says what is documented and what is assumed")
    seed = settings.seed
    lines.append(f"  seed        {'none, so tokens differ with every start' if seed is None else seed}")
    lines.append(f"  sessions    {store.where}")
    lines.append(f"  credential  {WORKING}")
    if made_token:
        lines.append(f"  control     /_mock asks for 'Authorization: Bearer {made_token}'")
    elif settings.control_token:
        lines.append("  control     /_mock asks for the token that was given")
    trust: list[str] = []
    if certificate is not None:
        told, trust = _certificate_lines(certificate, settings.base_url)
        lines += told
    lines += _contract_warnings(contract)
    lines += [f"  warning: {warning}" for warning in store.warnings]
    if is_unspecified(address.host) and settings.base_url == reachable(address):
        phone = f"{address.scheme}://<this host>:{address.port}"
        lines.append(f"  warning: links point to {settings.base_url}; for a phone, say --public-url {phone}")
    lines.append("  try")
    lines.append(f"    {curl(contract.first, settings.base_url, trust)}")
    return lines


MOST_WARNINGS = 10
"""Warnings that are printed at the start; the documents of large companies have hundreds."""


def _contract_warnings(contract: Contract) -> list[str]:
    """Say what of the contract is not served, and what in it is wrong, as far as it is known before it is used."""
    found = [f"not served: {one}" for one in contract.unserved]
    found += [str(notice) for notice in contract.notices if notice.level == "warning"]
    more = len(found) - MOST_WARNINGS
    told = [f"{more} more: 'mockserver check' lists all"] if more > 0 else []
    return [f"  {line}" for line in (*found[:MOST_WARNINGS], *told)]


def _certificate_lines(certificate: Certificate, base_url: str) -> tuple[list[str], list[str]]:
    """Say what stands behind https; and give the words by which curl accepts it, however it has to."""
    from mockserver.tls import refusal

    made = ", made for this start and removed at its end" if certificate.self_made else ""
    lines = [f"  certificate {certificate.file}{made}", f"  sha256      {certificate.sha256}"]
    url = urlsplit(base_url)
    if url.scheme != "https":
        return [*lines, f"  warning: links start with {base_url}, and this server speaks https alone"], []
    host = url.hostname or ""
    if not certificate.self_made and not refusal(certificate, host, by_file=False):
        return lines, []
    refused = refusal(certificate, host, by_file=True)
    if not refused:
        return lines, ["--cacert", quote(str(certificate.file))]
    return [*lines, f"  warning: clients that call {host} refuse this certificate: {refused.rstrip('.')}"], ["-k"]


def reachable(address: Address) -> str:
    """Give a URL that opens: an address that means 'all of this machine' is none."""
    return replace(address, host="127.0.0.1").url if is_unspecified(address.host) else address.url


def is_unspecified(host: str) -> bool:
    """Tell whether a host means all addresses of this machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
