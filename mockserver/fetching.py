"""One GET over one connection to one address, within a deadline: connect, TLS, request, answer.

The address was chosen by the caller and is not questioned here. It must not wait beyond the deadline, read more than
its limits, or put anything that a server sent into a sentence. What knows sockets is imported when it is needed.
"""

from __future__ import annotations

import io
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mockserver import __version__
from mockserver.addresses import plain_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse
    from socket import socket

    from _typeshed import WriteableBuffer

    from mockserver.addresses import Address
    from mockserver.callback import HttpUrl

__all__ = ["BODY_LIMIT", "HEAD_LIMIT", "Deadline", "Fetched", "Stopped", "connect", "fetch", "reason", "secure"]

HEAD_LIMIT = BODY_LIMIT = 64 * 1024
"""Bytes of an answer that are read: up to the end of its headers, and of its body."""

_REDIRECTS = (301, 302, 303, 307, 308)
_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"


class Stopped(Exception):
    """It ends here; `sentence` says why, without a secret. `refused`: because it must not go on."""

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence, refused)
        self.sentence = sentence
        self.refused = refused


class Deadline:
    """A number of seconds from now, shared by all that has to be done in them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.monotonic()

    def spent(self) -> float:
        """Give the seconds since it was set."""
        return time.monotonic() - self._began

    def left(self) -> float:
        """Give the seconds left, more than 0. Raises `Stopped` when there are none."""
        left = self._seconds - self.spent()
        if not left > 0:
            raise self.passed()
        return left

    def passed(self) -> Stopped:
        """Make the exception that says so."""
        return Stopped(f"The visit was given up: it was not done within {self._seconds:g} s.")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. location: where a redirect leads, as sent. trouble: why the body is not whole, or empty."""

    status: int
    location: str | None = None
    size: int = 0
    trouble: str = ""


class _Wire(io.RawIOBase):
    """The bytes of an answer as a stream that ends at the deadline and at a budget; `cut` says which end it was."""

    def __init__(self, sock: socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left
        self.budget = HEAD_LIMIT
        self.cut: Literal["", "late", "large", "closed", "broken"] = ""

    def makefile(self, _mode: str) -> io.BufferedReader[_Wire]:
        """Give a reader of it, as a socket would."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)[: self.budget]
        if not room:
            self.cut = "large"
            return 0
        try:
            # for each read anew: a server that drips would start an unchanged timeout again with every byte
            self._sock.settimeout(self._left())
            count = self._sock.recv_into(room)
        except (Stopped, TimeoutError):
            self.cut = "late"
            return 0
        except OSError:
            self.cut = "broken"
            return 0
        if not count:
            self.cut = "closed"
        self.budget -= count
        return count


def connect(url: HttpUrl, addresses: list[Address], deadline: Deadline) -> tuple[socket, Address]:
    """Connect to the first of the addresses that answers, each given its share of the time; say which it was."""
    trouble = ""
    for number, address in enumerate(addresses):
        share = deadline.left() / (len(addresses) - number)
        try:
            sock, peer = _connect(address, url.port, share)
        except OSError as error:
            trouble = reason(error)
            continue
        if peer == address:
            return sock, address
        sock.close()
        raise Stopped(f"{url.origin} was not visited: {address} turned out to be {peer}.", refused=True)
    deadline.left()
    raise Stopped(f"{url.origin} was not reached at {addresses[-1]}: {trouble}.")


def _connect(address: Address, port: int, seconds: float) -> tuple[socket, Address]:
    import socket

    with ExitStack() as stack:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.settimeout(seconds)
        sock.connect((str(address), port))
        peer = plain_address(sock.getpeername()[0])
        stack.pop_all()
    return sock, peer


def secure(sock: socket, url: HttpUrl, deadline: Deadline, ca_bundle: str | None) -> socket:
    """Put TLS on a connection, with the host of the URL as the name that the certificate must have."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise Stopped(f"The CA bundle {ca_bundle} cannot be read: {reason(error)}.") from None
    context.set_alpn_protocols(["http/1.1"])
    sock.settimeout(deadline.left())
    try:
        return context.wrap_socket(sock, server_hostname=url.host.removesuffix("."))
    except ssl.SSLCertVerificationError as error:
        message = error.verify_message.removesuffix(".")
        hint = "give the certificate of the authority that issued it as CA bundle"
        raise Stopped(f"{url.origin} was not visited: its certificate is not valid ({message}); {hint}.") from None
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        raise Stopped(f"{url.origin} was not visited: no TLS connection ({reason(error)}).") from None


def fetch(sock: socket, url: HttpUrl, deadline: Deadline) -> Fetched:
    """Request a URL over a connection and read the answer; the body of a redirect is left unread."""
    _send(sock, url, deadline)
    wire = _Wire(sock, deadline.left)
    response = _read_head(wire, url, deadline)
    locations = response.headers.get_all("Location") if response.status in _REDIRECTS else None
    if not locations or not locations[0]:
        return _read_body(wire, response, url, deadline)
    if len(set(locations)) > 1:
        return Fetched(response.status, trouble=f"{url.origin} redirects to several places at once.")
    return Fetched(response.status, locations[0])


def _send(sock: socket, url: HttpUrl, deadline: Deadline) -> None:
    head = (
        f"GET {url.target} HTTP/1.1\r\nHost: {url.authority}\r\nUser-Agent: anyfast-mockserver/{__version__}\r\n"
        f"Accept: {_ACCEPT}\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
    rest = memoryview(head.encode("ascii"))
    try:
        while rest:
            sock.settimeout(deadline.left())
            rest = rest[sock.send(rest) :]
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        raise Stopped(f"{url.origin} did not take the request: {reason(error)}.") from None


def _read_head(wire: _Wire, url: HttpUrl, deadline: Deadline) -> HTTPResponse:
    from http.client import HTTPResponse

    response = HTTPResponse(wire, method="GET")  # type: ignore[arg-type] # of a socket it uses only makefile
    understood = True
    try:
        response.begin()
        while response.status < 200:  # 103 Early Hints, and what else may precede the answer; 100 it skips by itself
            response.headers = None  # type: ignore[assignment] # or begin() takes itself for done
            response.begin()
    except Exception:  # noqa: BLE001 # http.client trips over wrong answers in many ways, OverflowError among them
        understood = False
    if wire.cut == "late":
        raise deadline.passed()
    if wire.cut == "large":
        raise Stopped(f"{url.origin} sends more than {HEAD_LIMIT} bytes of headers.")
    if wire.cut:
        raise Stopped(f"{url.origin} closed the connection before the end of its headers.")
    if not understood:
        raise Stopped(f"{url.origin} does not answer in HTTP/1.1.")
    return response


def _read_body(wire: _Wire, response: HTTPResponse, url: HttpUrl, deadline: Deadline) -> Fetched:
    from http.client import IncompleteRead

    wire.budget = 2 * BODY_LIMIT  # the frames of chunks are no part of the body
    announced = min(response.length or 0, BODY_LIMIT)
    whole = True
    try:
        body = response.read(BODY_LIMIT)
    except IncompleteRead as error:
        body, whole = error.partial, False
    except Exception:  # noqa: BLE001 # as above
        body, whole = b"", False
    if len(body) > BODY_LIMIT:  # a chunk of the size -1
        body, whole = body[:BODY_LIMIT], False
    trouble = ""
    if wire.cut == "late":
        trouble = deadline.passed().sentence
    elif wire.cut == "broken" or (wire.cut != "large" and not (whole and len(body) >= announced)):
        trouble = f"{url.origin} did not send the whole of its body."
    return Fetched(response.status, size=len(body), trouble=trouble)


def reason(error: OSError | UnicodeError) -> str:
    """Say what the system says, without its numbers."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
