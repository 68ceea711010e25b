"""The mock in the browser's place: GETs the CallbackURL of a verification, and tells what came of it.

It goes to loopback and to what the user listed, nowhere else: a name is resolved once, its addresses are judged, and
the connection goes to the judged address. It must not raise for what the network does, nor wait beyond its deadline,
nor tell a secret: the query of a CallbackURL holds the BytedToken.
"""

from __future__ import annotations

import re
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from mockserver.addresses import AllowList, plain_address
from mockserver.callback import join_url, read_url
from mockserver.fetching import Deadline, Stopped, connect, fetch, reason, secure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver.addresses import Address
    from mockserver.callback import HttpUrl
    from mockserver.fetching import Fetched

__all__ = ["DEADLINE", "MOST_HOPS", "AllowList", "Visit", "system_addresses", "visit"]

DEADLINE = 10.0
"""Seconds for a whole visit, redirects and name resolution included."""
MOST_HOPS = 5

_SECRET_LENGTH = 12
_PORTS = (
    "1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 "
    "135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 "
    "995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
)
_BLOCKED_PORTS = frozenset(map(int, _PORTS.split()))
"""Where browsers send no request, since the service there might act on it (Fetch standard, port blocking)."""

_NOT_A_URL = "The callback was not visited: its URL is not an http(s) URL that every browser reads alike."

_resolving = threading.BoundedSemaphore(8)
"""A name server that does not answer holds a thread beyond the deadline: this many, and no more."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of a visit. No field holds a query, a fragment, or anything secret that was in the query.

    url: requested last; of a redirect's target, the origin alone. status: of the last answer, 0 if there was none.
    address: connected to last, empty if to none. hops: redirects followed. size: bytes of the body read. error: a
    sentence, empty if the answer came whole or was cut at the limit of its body. refused: whether the mock did not go
    (on) because it must not.
    """

    url: str
    status: int
    address: str
    hops: int
    seconds: float
    size: int
    error: str
    refused: bool


def system_addresses(host: str) -> list[str]:
    """Resolve a name as the system does. Raises `OSError`; may take as long as the system's name servers do."""
    import socket

    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def visit(
    url: str,
    allowed: AllowList,
    *,
    deadline: float = DEADLINE,
    ca_bundle: str | None = None,
    resolve: Callable[[str], Sequence[str]] = system_addresses,
) -> Visit:
    """GET a URL as a browser would that was sent there, within `deadline` seconds; follow redirects, each judged anew.

    No cookies, no credentials, no proxy. ca_bundle: path of the PEM file to trust instead of the system's authorities.
    resolve: gives the addresses of a name, as texts; runs in a thread of its own, which is left behind if it does not
    return within the deadline.
    """
    trip = _Trip(allowed, Deadline(deadline), ca_bundle, resolve)
    try:
        trip.run(url)
    except Stopped as stopped:
        return trip.told(stopped.sentence, refused=stopped.refused)
    return trip.told("", refused=False)


class _Trip:
    """One visit under way."""

    def __init__(
        self, allowed: AllowList, deadline: Deadline, ca_bundle: str | None, resolve: Callable[[str], Sequence[str]]
    ) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._ca_bundle = ca_bundle
        self._resolve = resolve
        self._secrets: list[str] = []
        self._url = self._address = ""
        self._hops = 0
        self._last: Fetched | None = None

    def told(self, error: str, *, refused: bool) -> Visit:
        """Tell how far it came."""
        return Visit(
            url=self._without_secrets(self._url),
            status=self._last.status if self._last else 0,
            address=self._address,
            hops=self._hops,
            seconds=round(self._deadline.spent(), 6),
            size=self._last.size if self._last else 0,
            error=self._without_secrets(error),
            refused=refused,
        )

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:  # a redirect may carry the token on in its host name
            if secret in text.lower():
                text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
        return text

    def run(self, text: str) -> None:
        """Go there, and wherever that redirects to."""
        url = read_url(text)
        if url is None:
            raise Stopped(_NOT_A_URL, refused=True)
        pieces = {part.lower() for piece in re.split("[&=;]", url.query) for part in (piece, unquote_plus(piece))}
        secrets = (piece for piece in pieces if len(piece) >= _SECRET_LENGTH and piece not in url.origin)
        self._secrets = sorted(secrets, key=len, reverse=True)
        for hop in range(MOST_HOPS + 1):
            addresses = self._judged(url)
            self._hops = hop
            # the path of a redirect was chosen by a server that may repeat the query there
            self._url = url.origin if hop else url.origin + url.path
            self._last = self._request(url, addresses)
            if self._last.trouble:
                raise Stopped(self._last.trouble)
            if self._last.location is None:
                return
            url = _followed(url, self._last.location)
        raise Stopped(f"The visit was given up after {MOST_HOPS} redirects.")

    def _judged(self, url: HttpUrl) -> list[Address]:
        """Resolve the host of a URL and give the addresses that may be connected to, at least one."""
        if url.has_userinfo:
            raise Stopped(f"{url.origin} was not visited: a user name or password stands in its URL.", refused=True)
        if url.port in _BLOCKED_PORTS:
            raise Stopped(f"{url.origin} was not visited: browsers block port {url.port}.", refused=True)
        try:
            addresses = [plain_address(url.host)]
        except ValueError:
            addresses = list(dict.fromkeys(map(plain_address, self._resolved(url))))
        objections = [self._allowed.objection(url.host, address) for address in addresses]
        permitted = [address for address, objection in zip(addresses, objections, strict=True) if not objection]
        if not permitted:
            sentence = f"{url.origin} was not visited: its address {addresses[0]} {objections[0]}."
            raise Stopped(sentence, refused=True)
        return permitted

    def _resolved(self, url: HttpUrl) -> list[str]:
        """Resolve a name in a thread of its own: nothing else can be given up at the deadline."""
        if not _resolving.acquire(timeout=self._deadline.left()):
            raise Stopped(f"{url.origin} was not reached: too many names are being resolved.")
        found: list[str] = []
        failures: list[str] = []
        done = threading.Event()

        def work() -> None:
            try:
                found.extend(self._resolve(url.host))
            except (OSError, UnicodeError) as error:
                failures.append(reason(error))
            finally:
                _resolving.release()
                done.set()

        threading.Thread(target=work, name="callback-resolver", daemon=True).start()
        while not done.wait(self._deadline.left()):
            pass
        if not found:
            why = failures[0] if failures else "it has no address"
            raise Stopped(f"{url.origin} was not reached: its host was not found ({why}).")
        return found

    def _request(self, url: HttpUrl, addresses: list[Address]) -> Fetched:
        with ExitStack() as stack:
            sock, address = connect(url, addresses, self._deadline)
            stack.enter_context(sock)
            self._address = str(address)
            if url.scheme == "https":
                sock = stack.enter_context(secure(sock, url, self._deadline, self._ca_bundle))
            return fetch(sock, url, self._deadline)


def _followed(url: HttpUrl, location: str) -> HttpUrl:
    """Give the URL that a redirect leads to. `location` is as http.client has it, bytes dressed as latin-1."""
    try:
        target = join_url(url, location.strip(" \t").encode("latin-1").decode("utf-8"))
    except UnicodeError:
        target = None
    if target is None:
        sentence = f"{url.origin} redirects to what is not an http(s) URL that every browser reads alike."
        raise Stopped(sentence, refused=True)
    return target
