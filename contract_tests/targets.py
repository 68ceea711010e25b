"""Where the suite sends its requests, what it asks there, and what came back: values. `sending.py` sends."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from contract_tests.codes import define
from contract_tests.redaction import CONTROL_VARIABLE, KEY_VARIABLE, OTHER_KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "CONTROL_TOKEN",
    "KEY",
    "LEFT_OUT",
    "LONGEST",
    "OTHER_KEY",
    "REFUSED",
    "SWAPPED_KEY",
    "Ask",
    "Exchange",
    "RefusedTarget",
    "Target",
    "is_loopback",
]

KEY = "{key}"
"""Stands for the API key in an `Ask`, so that no case holds it."""

OTHER_KEY, CONTROL_TOKEN = "{other key}", "{control token}"
"""Likewise, for the key of another caller and for the token of a mock's `/_mock`."""

SWAPPED_KEY = "{key in the other case}"
"""Stands for the API key with small letters for capitals and the other way round, which is another key."""

_VARIABLES = {KEY: KEY_VARIABLE, OTHER_KEY: OTHER_KEY_VARIABLE, CONTROL_TOKEN: CONTROL_VARIABLE}
_SHOWN = {place: (f"${{{name}}}", f"${name}") for place, name in _VARIABLES.items()} | {
    SWAPPED_KEY: (f'$(printf %s "${KEY_VARIABLE}" | tr a-zA-Z A-Za-z)',) * 2
}
"""How a shell gets each: with a letter or digit behind it, and without."""

_PLACES = re.compile("|".join(map(re.escape, _SHOWN)))

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that say something about the way to the service, not about the contract."""

LONGEST = 400
"""Characters of a body that a curl line shows."""

_TROUBLE = {
    "unreachable": "the target cannot be reached",
    "timeout": "the target did not answer in time",
    "broken": "the target broke the connection off, or sent what is no HTTP",
    "untrusted": "no trusted TLS connection to the target; --contract-ca-bundle names other authorities",
    "lost": "the worker that sent the request died before it kept the answer",
    "not sent": "not sent: the target answered none of the requests before",
}

LEFT_OUT = "left out: "
"""Begins the error of a request that a budget left out; the reason follows."""


REFUSED = define(
    "AFC901", "refused target", "The suite does not send to this target.",
    why="Your key goes over https only, except to this machine, and to no host but those that the document names: a "
    "typing error in an address must not give it away.",
    silence="The message names the option that allows the host.",
)  # fmt: skip


class RefusedTarget(Exception):
    """The suite does not send to this target; `str()` says why and how to allow it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A host under test. key: its API key. max_response_time: in seconds.

    other_key: that of another caller. control_token: of a mock's `/_mock`. Both may be ''.
    """

    url: str
    key: str = field(repr=False)
    max_response_time: float = 2.0
    other_key: str = field(default="", repr=False)
    control_token: str = field(default="", repr=False)

    @property
    def other_secrets(self) -> tuple[tuple[str, str], ...]:
        """The secrets beside the key, each with its variable, as `Redactor` takes them."""
        return (OTHER_KEY_VARIABLE, self.other_key), (CONTROL_VARIABLE, self.control_token)

    def filled(self, text: str, *, quoted: bool = False) -> str:
        """Put the secrets where a text holds their places, percent-encoded for a URL if `quoted`."""
        swapped = self.key.swapcase()
        if swapped == self.key:  # a key without letters has no other case
            swapped += "x"
        known = {KEY: self.key, OTHER_KEY: self.other_key, CONTROL_TOKEN: self.control_token, SWAPPED_KEY: swapped}
        return _PLACES.sub(lambda found: quote(known[found[0]], safe="") if quoted else known[found[0]], text)

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.url)


def is_loopback(url: str) -> bool:
    """Tell whether a URL points at this machine by its own words, without asking a name server."""
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to be sent. Header values and the path may hold `KEY` and the other places of secrets."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = field(default=None, repr=False)  # of the journey it holds a token

    def header(self, name: str) -> str | None:
        """Give the value of a header by its name in any case."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    def shown(self, text: str, mask: Callable[[str], str]) -> str:
        """Show a part of the request, its secrets as variables; `mask` takes others out of a text."""
        between, places = _PLACES.split(text), _PLACES.findall(text)
        variables = [_SHOWN[place][1] for place in places]
        return "".join(mask(part) + name for part, name in zip(between, [*variables, ""], strict=True))

    def curl(self, base: str, mask: Callable[[str], str] = str, longest: int = LONGEST) -> str:
        """Write the request as a shell command, the key as a variable; `mask` takes other secrets out of a text.

        longest: characters of the body that are shown.
        """

        def quoted(text: str) -> str:
            between, places = _PLACES.split(text), [*_PLACES.findall(text), ""]
            return _shell("".join(mask(part) + place for part, place in zip(between, places, strict=True)))

        url = base + self.path
        parts = ["curl", "-i", *(["-g"] if re.search(r"[\[\]{}]", _PLACES.sub("", url)) else [])]
        parts += ["-I"] if self.method == "HEAD" else ["-X", shlex.quote(self.method)]
        parts.append(quoted(url))
        for name, value in self.headers:
            # An empty value is written with a semicolon: with a colon, curl would leave the header out.
            parts += ["-H", quoted(f"{name}: {value}" if value else f"{name};")]
        if self.body is None:
            return " ".join(parts)
        if self.header("content-type") is None:
            parts += ["-H", "Content-Type:"]  # or curl would add one
        try:
            text = self.body.decode("utf-8")
        except UnicodeDecodeError:
            octal = "".join(f"\\{byte:03o}" for byte in self.body[:longest])
            return f"printf '{octal}' | {' '.join([*parts, '--data-binary', '@-'])}"
        text = text.replace("\0", "\\u0000")  # no argument can hold it
        shown = mask(text) if len(text) <= longest else f"{mask(text)[:longest]}..."
        return " ".join([*parts, "--data-raw", shlex.quote(shown)])


def _shell(text: str) -> str:
    """Quote a text for a shell, the secrets in it as variables."""
    places = _PLACES.findall(text)
    if not places:
        return shlex.quote(text)
    first, *others = (re.sub(r'(["$`\\])', r"\\\1", part) for part in _PLACES.split(text))
    for place, part in zip(places, others, strict=True):
        before_letter, shown = _SHOWN[place]
        first += (before_letter if re.match(r"\w", part) else shown) + part
    return f'"{first}"'


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. `status` 0: nothing did, and `error` names one of _TROUBLE.

    seconds: until the last byte. sent_at: since 1970. paid: it created something, or was expected to. name: in its run,
    that of the case as a rule.
    """

    ask: Ask
    status: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    sent_at: float = 0.0
    error: str = ""
    paid: bool = False
    name: str = ""

    def header(self, name: str) -> str | None:
        """Give the value of a header by its name in any case."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    @property
    def was_sent(self) -> bool:
        """Whether the request left for the target, as far as we know."""
        return self.error not in ("not sent", "unreachable", "untrusted") and not self.left_out

    @property
    def left_out(self) -> str:
        """Say why a budget left the request out; empty when it did not."""
        return self.error.removeprefix(LEFT_OUT) if self.error.startswith(LEFT_OUT) else ""

    @property
    def trouble(self) -> str:
        """Say in words why nothing came back; empty when something did."""
        return self.left_out or _TROUBLE.get(self.error, "")

    @property
    def inconclusive(self) -> str:
        """Say why this exchange tells nothing about the contract; empty when it does."""
        if self.status == 0:
            return self.trouble
        return f"the target answered {self.status}" if self.status in TRANSIENT else ""

    def as_json(self) -> dict[str, Any]:
        """Give the exchange as plain values, for a worker of the same run."""
        return {
            "name": self.name,
            "ask": [self.ask.method, self.ask.path, self.ask.headers, _latin(self.ask.body)],
            "answer": [self.status, self.headers, _latin(self.body), self.seconds, self.sent_at, self.error, self.paid],
        }

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Exchange:
        """Read what `as_json` gave."""
        method, path, headers, body = made["ask"]
        ask = Ask(method, path, _pairs(headers), None if body is None else body.encode("latin-1"))
        status, headers, body, seconds, sent_at, error, paid = made["answer"]
        raw = body.encode("latin-1")
        return cls(ask, status, _pairs(headers), raw, seconds, sent_at, error, paid, made["name"])


def _latin(body: bytes | None) -> str | None:
    return None if body is None else body.decode("latin-1")


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)
