"""Asks a running mock for a session, as a client would: over HTTP, and believing nothing that it is told.

It sends one request and follows nothing; no proxy, no netrc and no key of the environment comes into play. What goes
wrong becomes one sentence. It prints nothing.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from mockserver.credentials import TOKEN, WORKING

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json

__all__ = ["NoSession", "SessionRequest", "UnusableRequest", "connect", "split_url"]

PATH = "/volc/asset/CreateVisualValidateSession"
PATIENCE = 10.0
"""Seconds without a byte after which the mock counts as silent."""

LARGEST = 1 << 20
"""Bytes of an answer that are read."""


class UnusableRequest(Exception):
    """What was asked for makes no request: a mistake in the usage."""


class NoSession(Exception):
    """There is no session; `str()` says why and what to do."""


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """Where to ask for a session, as whom and for what.

    ca_bundle: file of the certificates that are trusted instead of this machine's. insecure: trust any.
    """

    url: str
    token: str = field(default=WORKING, repr=False)
    callback_url: str | None = None
    ca_bundle: Path | None = None
    insecure: bool = False

    def send(self) -> dict[str, Json]:
        """Ask, and return the body of the answer: its BytedToken and its http(s) H5Link are printable text.

        Raises `UnusableRequest` before anything is sent, `NoSession` when there is none.
        """
        target = self._target()
        connection = connect(target, self.ca_bundle, PATIENCE, insecure=self.insecure)
        body = {} if self.callback_url is None else {"CallbackURL": self.callback_url}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", target.path.rstrip("/") + PATH, json.dumps(body), headers)
            with connection.getresponse() as answer:
                content = answer.read(LARGEST + 1)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise NoSession(_unanswered(error, self.url)) from None
        finally:
            connection.close()
        return self._session(answer, content)

    def _target(self) -> SplitResult:
        target = split_url(self.url)
        if target is None:
            raise UnusableRequest("--url is an http or https URL without user, query and fragment; this one is not.")
        if not TOKEN.fullmatch(self.token):
            raise UnusableRequest(
                "--token takes one token of letters, digits and ._~+/- (RFC 6750); the one given is none."
            )
        return target

    def _session(self, answer: http.client.HTTPResponse, content: bytes) -> dict[str, Json]:
        if 300 <= answer.status < 400:
            raise NoSession(
                f"{self.url} sends elsewhere ({answer.status}), which is not followed. Name the mock itself with --url."
            )
        if answer.getheader("X-Mock-Version") is None:
            raise NoSession(
                f"{self.url} answered {answer.status} and is not this mock: there is no X-Mock-Version in its answer. "
                "Name the mock with --url."
            )
        body = _read(content)
        if answer.status != 200:
            rule = (answer.getheader("X-Mock-Rule") or "").partition(";")[0]
            raise NoSession(self._refused(answer.status, _printable(rule), _message(body)))
        if body is None or not _is_session(body):
            raise NoSession(f"{self.url} answered 200 without a session: it serves another contract under this path.")
        return body

    def _refused(self, status: int, rule: str, message: str) -> str:
        told = (
            f"The mock at {self.url} refuses: {status}{f' ({rule})' if rule else ''}{f', {message}' if message else ''}"
        )
        remedy = ""
        if status == 401:
            remedy = " Leave out --token for the fake credential that works."
        elif status == 404:
            remedy = f" It does not serve {PATH}: start it without a document, or correct --url."
        elif status == 400 and self.callback_url is None and "CallbackURL" in message:
            remedy = " Say --callback-url URL."
        return f"{told.rstrip('.')}.{remedy}"


def connect(
    target: SplitResult, ca_bundle: Path | None, patience: float, *, insecure: bool = False
) -> http.client.HTTPConnection:
    """Make the connection to a mock, which is opened by its first request; no proxy comes into play.

    ca_bundle: file of the certificates that are trusted instead of this machine's. patience: seconds without a byte.
    insecure: trust any certificate. Raises `UnusableRequest` for a file that holds none.
    """
    host = target.hostname or ""
    if target.scheme == "http":
        return http.client.HTTPConnection(host, target.port, timeout=patience)
    try:
        context = ssl.create_default_context(cafile=None if ca_bundle is None else str(ca_bundle))
    except OSError as error:  # ssl.SSLError is one: a file without certificates
        told = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate in PEM"
        raise UnusableRequest(f"--ca-bundle {ca_bundle} cannot be used: {told}.") from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the file may hold the server's certificate alone
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, target.port, timeout=patience, context=context)


def split_url(url: str) -> SplitResult | None:
    """Take a URL apart, or say that it names no mock."""
    if not url.isascii() or not url.isprintable() or set(url) & set("?#@ "):
        return None
    try:
        target = urlsplit(url)
        usable = target.scheme in ("http", "https") and target.hostname and target.port != 0
    except ValueError:  # a port that is no number, brackets without an address
        return None
    return target if usable else None


def _unanswered(error: OSError | UnicodeError | http.client.HTTPException, url: str) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {url}. Start the mock with 'mockserver', or name its address with --url."
    if isinstance(error, TimeoutError):
        return f"{url} did not answer within {PATIENCE:.0f} s. Is it a mock, and is it the right port?"
    if isinstance(error, socket.gaierror | UnicodeError):  # a label of more than 63 letters is no host
        return f"The host of {url} cannot be found. Correct --url."
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return (
            f"The certificate of {url} is not trusted: {reason}. Name its file with --ca-bundle FILE (the mock's "
            "start-up lines say where it is), or skip the check with --insecure."
        )
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "no reason given").lower().replace("_", " ")
        return f"There is no TLS connection with {url}: {reason}. If it speaks plain http, say http://."
    if isinstance(error, http.client.HTTPException | ConnectionError):
        return f"{url} does not answer in HTTP. If it speaks TLS, say https://; if it is no mock, correct --url."
    return f"{url} cannot be reached: {error.strerror or type(error).__name__}. Correct --url."


def _read(content: bytes) -> dict[str, Json] | None:
    if len(content) > LARGEST:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _message(body: dict[str, Json] | None) -> str:
    error = (body or {}).get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return _printable(message) if isinstance(message, str) else ""


def _printable(text: str) -> str:
    """Keep what a terminal shows; a sequence that moves its cursor is not that."""
    return "".join(letter for letter in text[:300] if letter.isprintable())


def _is_session(body: dict[str, Json]) -> bool:
    token, link = body.get("BytedToken"), body.get("H5Link")
    if not isinstance(token, str) or not isinstance(link, str):
        return False
    try:
        parts = urlsplit(link)
        opens = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return opens and all(text.isprintable() and " " not in text for text in (token, link))
