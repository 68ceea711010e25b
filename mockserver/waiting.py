"""Waits until a mock says that it is ready. It believes only a mock, follows nothing, and uses no proxy."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.readiness import read_ready
from mockserver.session_request import UnusableRequest, connect, split_url

__all__ = ["NotReady", "Wait"]

PAUSE = 0.05
"""Seconds between two attempts."""

PATIENCE = 2.0
"""Seconds without a byte after which an attempt is given up."""

LARGEST = 1 << 20
"""Bytes of an answer that are read."""


class NotReady(Exception):
    """The mock is not ready; `str()` says what stood in the way last, and what to do."""


class _NotYet(Exception):
    """One attempt failed, for a reason that may pass."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Where to ask, and how.

    url: of the mock. ready_file: says where instead, and that it is time to ask. ca_bundle: file of the certificates
    that are trusted instead of this machine's; the mock's own when the ready file names it. insecure: trust any.
    """

    url: str
    ready_file: Path | None = None
    control_token: str = field(default="", repr=False)
    ca_bundle: Path | None = None
    insecure: bool = False

    def until_ready(self, seconds: float) -> str:
        """Ask until the mock is ready, at least once; return its URL.

        Raises `UnusableRequest` for what is no URL, `NotReady` when the time is over or the mock wants another token.
        """
        limit = time.monotonic() + seconds
        while True:
            try:
                return self._ask(min(PATIENCE, max(limit - time.monotonic(), PAUSE)))
            except _NotYet as error:
                if time.monotonic() + PAUSE > limit:
                    raise NotReady(f"No mock was ready within {seconds:g} s: {error}") from None
            time.sleep(PAUSE)

    def _ask(self, patience: float) -> str:
        url, trusted = self._place()
        target = split_url(url)
        if target is None:
            raise UnusableRequest("The URL is an http or https one without user, query and fragment; this one is not.")
        connection = connect(target, trusted, patience, insecure=self.insecure)
        headers = {"Authorization": f"Bearer {self.control_token}"} if self.control_token else {}
        try:
            connection.request("GET", target.path.rstrip("/") + "/_mock/ready", headers=headers)
            with connection.getresponse() as answer:
                content = answer.read(LARGEST)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise _NotYet(_unanswered(error, url)) from None
        finally:
            connection.close()
        self._judge(url, answer, content)
        return url

    def _place(self) -> tuple[str, Path | None]:
        if self.ready_file is None:
            return self.url, self.ca_bundle
        try:
            ready = read_ready(self.ready_file)
        except OSError as error:
            raise _NotYet(f"{self.ready_file} cannot be read: {error.strerror}.") from None
        if ready is None:
            left = self.ready_file.exists()
            why = "was left by a mock that is gone" if left else "is not there"
            raise _NotYet(f"{self.ready_file} {why}. Start the mock with 'mockserver serve --ready-file FILE'.")
        own = Path(ready.certificate) if ready.certificate and not self.insecure else None
        return ready.url, self.ca_bundle or own

    def _judge(self, url: str, answer: http.client.HTTPResponse, content: bytes) -> None:
        if answer.getheader("X-Mock-Version") is None:
            raise _NotYet(f"{url} answers {answer.status} and is not this mock. Correct the URL.")
        if answer.status == 401:
            what = "refuses the control token that was given" if self.control_token else "asks for its control token"
            raise NotReady(f"The mock at {url} {what}. Say --control-token VALUE, or ANYFAST_MOCK_CONTROL_TOKEN.")
        if answer.status != 200:
            raise _NotYet(f"the mock at {url} answers {answer.status}. {_message(content)}".strip())


def _unanswered(error: OSError | UnicodeError | http.client.HTTPException, url: str) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {url}."
    if isinstance(error, TimeoutError):
        return f"{url} takes connections and does not answer."
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return f"the certificate of {url} is not trusted: {reason}. Name its file with --ca-bundle FILE, or --insecure."
    if isinstance(error, ssl.SSLError):
        return f"there is no TLS connection with {url}. If it speaks plain http, say http://."
    if isinstance(error, http.client.HTTPException | ConnectionError):
        return f"{url} does not answer in HTTP. If it speaks TLS, say https://."
    return f"{url} cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}. Correct the URL."


def _message(content: bytes) -> str:
    """Give the words of an error of the mock; nothing that moves a terminal's cursor."""
    try:
        message = json.loads(content)["error"]["message"]
    except (ValueError, LookupError, TypeError):
        return ""
    return "".join(letter for letter in str(message)[:300] if letter.isprintable())
