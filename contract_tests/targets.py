"""Where the suite sends its requests, and how: one request, one exchange, nothing repeated, nothing followed."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract_tests.redaction import KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

__all__ = ["KEY", "Ask", "Exchange", "RefusedTarget", "Sender", "Target", "is_loopback"]

KEY = "{key}"
"""Stands for the API key in an `Ask`, so that no case holds it."""

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that say something about the way to the service, not about the contract."""

READ_TIMEOUT = 10.0
"""Seconds to wait for the next byte of an answer."""

_TROUBLE = {
    "unreachable": "the target cannot be reached",
    "timeout": "the target did not answer in time",
    "broken": "the target broke the connection off",
}


class RefusedTarget(Exception):
    """The suite does not send to this target; `str()` says why and how to allow it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A host under test. key: its API key. max_response_time: in seconds."""

    url: str
    key: str = field(repr=False)
    max_response_time: float = 2.0

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.url)


def is_loopback(url: str) -> bool:
    """Tell whether a URL points at this machine by its own words, without asking a name server."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to be sent. Header values and the path may hold `KEY`."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def header(self, name: str) -> str | None:
        """Give the value of a header by its name in any case."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    def curl(self, base: str) -> str:
        """Write the request as a shell command, the key as a variable."""
        parts = ["curl", "-i", "-X", self.method, _shell(base + self.path)]
        for name, value in self.headers:
            parts += ["-H", _shell(f"{name}: {value}")]
        if self.body is not None:
            text = self.body.decode("utf-8", "backslashreplace")
            shown = text if len(text) <= 400 else f"{text[:400]}..."
            parts += ["--data-raw", shlex.quote(shown)]
        return " ".join(parts)


def _shell(text: str) -> str:
    if KEY not in text:
        return shlex.quote(text)
    before, _, after = text.partition(KEY)
    return f'"{before}${KEY_VARIABLE}{after}"'


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. `status` 0: nothing did; `error`: unreachable, timeout or broken. seconds: until the last byte; sent_at: epoch."""

    ask: Ask
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    sent_at: float = 0.0
    error: str = ""
    paid: bool = False

    def header(self, name: str) -> str | None:
        """Give the value of a header by its name in any case."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    @property
    def trouble(self) -> str:
        """Say in words why nothing came back; empty when something did."""
        return _TROUBLE.get(self.error, "")

    @property
    def inconclusive(self) -> str:
        """Say why this exchange tells nothing about the contract; empty when it does."""
        if self.status == 0:
            return self.trouble
        return f"the target answered {self.status}" if self.status in TRANSIENT else ""

    def as_json(self) -> dict[str, Any]:
        """Give the exchange as plain values, for a worker of the same run."""
        return {
            "ask": [self.ask.method, self.ask.path, self.ask.headers, _latin(self.ask.body)],
            "answer": [self.status, self.headers, _latin(self.body), self.seconds, self.sent_at, self.error, self.paid],
        }

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Exchange:
        """Read what `as_json` gave."""
        method, path, headers, body = made["ask"]
        ask = Ask(method, path, _pairs(headers), None if body is None else body.encode("latin-1"))
        status, headers, body, seconds, sent_at, error, paid = made["answer"]
        return cls(ask, status, _pairs(headers), body.encode("latin-1"), seconds, sent_at, error, paid)


def _latin(body: bytes | None) -> str | None:
    return None if body is None else body.decode("latin-1")


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)


class Sender:
    """Sends requests to one target over a kept connection. Reads neither ~/.netrc nor proxy variables."""

    def __init__(self, target: Target, proxy: str = "", ca_bundle: str = "") -> None:
        import requests

        self.target = target
        self._session: requests.Session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._session.verify = ca_bundle or True

    def send(self, ask: Ask) -> Exchange:
        """Send one request. Never raises for what the network or the target does."""
        import requests

        headers = {name: value.replace(KEY, self.target.key) for name, value in ask.headers}
        url = self.target.url + ask.path.replace(KEY, self.target.key)
        prepared = self._session.prepare_request(requests.Request(ask.method, url, headers, data=ask.body))
        began, sent_at = time.perf_counter(), time.time()
        try:
            answer = self._session.send(
                prepared,
                timeout=(5.0, READ_TIMEOUT),
                allow_redirects=False,
                proxies=self._session.proxies,
                verify=self._session.verify,
            )
            body = answer.content
        except requests.Timeout:
            return Exchange(ask, 0, seconds=time.perf_counter() - began, sent_at=sent_at, error="timeout")
        except requests.RequestException as error:
            kind = "unreachable" if "NewConnectionError" in repr(error) else "broken"
            return Exchange(ask, 0, seconds=time.perf_counter() - began, sent_at=sent_at, error=kind)
        seconds = time.perf_counter() - began
        return Exchange(ask, answer.status_code, tuple(answer.headers.items()), body, seconds, sent_at)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
