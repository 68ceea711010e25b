"""What holds of every answer, and between answers, beyond the schema: each one small function with a code and a basis.

A new check is one function here and one deliberately wrong server in `tests/wrong_servers/` that fails exactly it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlsplit

from contract_tests.cases import property_nodes
from contract_tests.failures import Finding
from contract_tests.judge import body_of
from contract_tests.targets import KEY, is_loopback
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from contract_tests.cases import Case
    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange, Target
    from openapi.document import Node
    from openapi.operation import Response
    from openapi.reading import Json

__all__ = ["INVARIANTS", "Found", "Invariant", "Observation", "View"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One case and what came back for it. `body`: the value of a JSON body, `Missing` when there is none."""

    case: Case
    exchange: Exchange
    body: Json | Missing

    @classmethod
    def of(cls, case: Case, exchange: Exchange) -> Observation:
        """Make the observation of an exchange."""
        try:
            return cls(case, exchange, body_of(exchange) if exchange.body else Missing())
        except (ValueError, RecursionError):
            return cls(case, exchange, Missing())

    @property
    def response(self) -> Response | None:
        """What documents the answer, by its status."""
        return self.case.operation.response(self.exchange.status)

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a documented 2xx."""
        return 200 <= self.exchange.status < 300 and self.response is not None

    def member(self, name: str) -> Json | Missing:
        """Give a member of an object body."""
        return self.body.get(name, Missing()) if isinstance(self.body, dict) else Missing()


@dataclass(frozen=True, slots=True)
class View:
    """What an invariant sees: all observations of one operation, the target, and how values may be shown."""

    observations: Sequence[Observation]
    target: Target
    redactor: Redactor

    @property
    def successes(self) -> list[Observation]:
        """The answers with a documented 2xx."""
        return [one for one in self.observations if one.succeeded]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong in one answer. pointer: into its body, or the name of a header."""

    seen: Observation
    expected: str
    received: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A registered check. operation: '' for every operation, else its operationId."""

    code: str
    name: str
    sentence: str
    basis: str
    operation: str
    over: Literal["all", "accepted", "refused"]
    function: Callable[[View], Iterator[Found]]

    def findings(self, view: View) -> Iterator[tuple[Finding, Observation]]:
        """Check what was seen; give each finding with the answer that it is about."""
        for one in self.function(view):
            received = f"{one.received}, in the answer to {one.seen.case.id}"
            yield Finding(self.code, self.basis, self.sentence, one.expected, received, one.pointer), one.seen


INVARIANTS: list[Invariant] = []


def invariant(
    code: str, *, basis: str, operation: str = "", over: Literal["all", "accepted", "refused"] = "all"
) -> Callable[[Callable[[View], Iterator[Found]]], Callable[[View], Iterator[Found]]]:
    """Register a check. Its docstring is its sentence. Raises `ValueError` naming both when a code is used twice."""

    def register(function: Callable[[View], Iterator[Found]]) -> Callable[[View], Iterator[Found]]:
        for known in INVARIANTS:
            if known.code == code:
                raise ValueError(f"The code {code} belongs to {known.name} and to {function.__name__}.")
        sentence = (function.__doc__ or "").strip().partition("\n")[0]
        INVARIANTS.append(Invariant(code, function.__name__, sentence, basis, operation, over, function))
        return function

    return register


CREATE = "createVisualValidateSession"
SECRET = 8
"""Characters that a credential has at least; what is shorter may stand in an answer by chance."""

_PORTS = {"http": 80, "https": 443}

_INSIDES = re.compile(
    r"Traceback \(most recent call last\)|\bFile \\?\"[^\"]+\", line \d+"
    r"|(?:[\n\r]|\\[nr])(?:[ \t]|\\t){1,40}at [\w.$<>]{1,200} ?\([^)\s]{1,400}:\d{1,9}(?::\d{1,9})?\)"
    r"|goroutine \d+ \[|panic: runtime error|Exception in thread|\.java:\d+\)"
)
"""A stack trace, also one inside a string of JSON. Bounded: a long run of blanks costs no time."""


# --- of every operation -----------------------------------------------------------------------------------------------


@invariant("AFC201", basis="rfc")
def credentials_are_never_echoed(view: View) -> Iterator[Found]:
    """An answer never holds the credential that was sent."""
    key = view.target.key
    for one in view.observations:
        text = one.exchange.body.decode("utf-8", "replace") + repr(one.exchange.headers)
        sent = (one.case.ask.header("authorization") or "").replace(KEY, key).split()[-1:]
        if any(secret in text for secret in (key, *sent) if len(secret) >= SECRET):
            yield Found(one, "an answer without the credential", "the credential")


@invariant("AFC202", basis="rfc", over="refused")
def a_401_carries_a_challenge(view: View) -> Iterator[Found]:
    """A 401 names the scheme to use in WWW-Authenticate (RFC 9110 11.6.1)."""
    for one in view.observations:
        if one.exchange.status != 401:
            continue
        challenge = (one.exchange.header("www-authenticate") or "").strip()
        words = [scheme.kind for needed in one.case.operation.security for scheme in needed if scheme.kind != "apiKey"]
        if not challenge or (words and not any(re.search(rf"\b{word}\b", challenge.lower()) for word in words)):
            expected = f"WWW-Authenticate with {' or '.join(words) or 'a scheme'}"
            yield Found(one, expected, view.redactor.short(challenge, 60) or "none", "WWW-Authenticate")


@invariant("AFC203", basis="rfc", over="refused")
def a_405_names_the_methods(view: View) -> Iterator[Found]:
    """A 405 lists the methods in Allow: the documented one, not the refused one (RFC 9110 15.5.6)."""
    for one in view.observations:
        if one.exchange.status != 405:
            continue
        allow = one.exchange.header("allow")
        methods = {method.strip().upper() for method in (allow or "").split(",")}
        wanted, refused = one.case.operation.method, one.exchange.ask.method
        if wanted not in methods or refused in methods:
            received = "none" if allow is None else repr(view.redactor.short(allow, 80))
            expected = f"Allow with {wanted}" + ("" if refused == wanted else f" and without {refused}")
            yield Found(one, expected, received, "Allow")


@invariant("AFC204", basis="rfc", over="refused")
def errors_speak_json(view: View) -> Iterator[Found]:
    """The body of an error, if it has one, is JSON: the request accepted nothing else (RFC 9110 12.5.1)."""
    for one in view.observations:
        exchange = one.exchange
        if exchange.status < 400 or not exchange.body or one.case.group in ("method", "path"):
            continue
        kind = exchange.header("content-type") or "no Content-Type"
        if "json" not in kind or isinstance(one.body, Missing):
            yield Found(one, "JSON or no body", repr(view.redactor.short(kind, 60)))


@invariant("AFC205", basis="example", over="refused")
def errors_hold_no_result(view: View) -> Iterator[Found]:
    """What belongs to a success stands in no other answer."""
    for one in view.observations:
        if one.succeeded:
            continue
        operation, status = one.case.operation, one.exchange.status
        allowed = {*_asked(one.case), *_members(one.response)}
        results = [_members(response) for response in operation.responses if response.status.startswith("2")]
        for name in dict.fromkeys(name for members in results for name in members):
            if name not in allowed and f'"{name}"'.encode() in one.exchange.body:
                yield Found(one, "an error", f"{name}, with status {status}", f"/{name}")


@invariant("AFC206", basis="asked")
def answers_come_in_time(view: View) -> Iterator[Found]:
    """An answer comes within --contract-max-response-time."""
    limit = view.target.max_response_time
    for one in view.observations:
        if one.exchange.seconds > limit:
            yield Found(one, f"at most {limit:g} s", f"{one.exchange.seconds:.1f} s")


@invariant("AFC207", basis="example", over="accepted")
def nothing_undocumented_is_answered(view: View) -> Iterator[Found]:
    """An answer has no member that the document does not name."""
    for one in view.successes:
        known = _members(one.response)
        for name in one.body if isinstance(one.body, dict) and known else ():
            if name not in known:
                shown = view.redactor.short(name, 40)
                yield Found(one, "documented members only", repr(shown), f"/{shown}")


@invariant("AFC208", basis="example", over="accepted")
def the_example_is_kept(view: View) -> Iterator[Found]:
    """An answer has every member that the documented example has; one that echoes the request, if it was sent."""
    for one in view.successes:
        for name in _members(one.response):
            if name not in _asked(one.case) and isinstance(one.member(name), Missing):
                yield Found(one, f"the member {name}", view.redactor.value(_plain(one.body)), f"/{name}")


@invariant("AFC209", basis="asked")
def nothing_shows_its_insides(view: View) -> Iterator[Found]:
    """No answer holds a stack trace."""
    for one in view.observations:
        if _INSIDES.search(one.exchange.body.decode("utf-8", "replace")):
            yield Found(one, "an answer without a stack trace", f"one, with status {one.exchange.status}")


# --- of the session ---------------------------------------------------------------------------------------------------


@invariant("AFC301", basis="prose", operation=CREATE, over="accepted")
def the_callback_url_is_echoed(view: View) -> Iterator[Found]:
    """CallbackURL in the answer is the one of this request, character for character; an empty one may be left out."""
    for one in view.successes:
        sent = one.case.sent.get("CallbackURL") if isinstance(one.case.sent, dict) else None
        got = one.member("CallbackURL")
        if isinstance(sent, str) and got != sent and not (sent == "" and isinstance(got, Missing)):
            received = "nothing" if isinstance(got, Missing) else view.redactor.value(got)
            yield Found(one, repr(view.redactor.short(sent, 80)), received, "/CallbackURL")


@invariant("AFC302", basis="prose", operation=CREATE, over="accepted")
def no_callback_url_is_made_up(view: View) -> Iterator[Found]:
    """CallbackURL is in the answer only if it was in the request."""
    for one in view.successes:
        sent = isinstance(one.case.sent, dict) and "CallbackURL" in one.case.sent
        got = one.member("CallbackURL")
        if not sent and not isinstance(got, Missing):
            yield Found(one, "no CallbackURL", view.redactor.value(got), "/CallbackURL")


@invariant("AFC303", basis="example", operation=CREATE, over="accepted")
def tokens_have_the_shape_of_the_example(view: View) -> Iterator[Found]:
    """BytedToken is 14 digits and 20 upper-case hexadecimal digits."""
    for one in view.successes:
        token = one.member("BytedToken")
        if isinstance(token, str) and not re.fullmatch(r"[0-9]{14}[0-9A-F]{20}", token):
            yield Found(one, "34 characters as in the example", _shape(token), "/BytedToken")


@invariant("AFC304", basis="prose", operation=CREATE, over="accepted")
def tokens_are_new_with_every_call(view: View) -> Iterator[Found]:
    """No two sessions share a BytedToken: it is temporary."""
    return _repeated(view, "BytedToken")


@invariant("AFC305", basis="example", operation=CREATE, over="accepted")
def tokens_are_dated_now(view: View) -> Iterator[Found]:
    """The first 14 digits of BytedToken are the time, in UTC or UTC+8, within 10 minutes."""
    for one in view.successes:
        token = one.member("BytedToken")
        if not isinstance(token, str) or not re.match(r"[0-9]{14}", token):
            continue
        try:
            moment = datetime.strptime(token[:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
        except ValueError:
            yield Found(one, "a time, YYYYMMDDhhmmss", "14 digits that are none", "/BytedToken")
            continue
        now = datetime.fromtimestamp(one.exchange.sent_at, timezone.utc)
        skews = [abs(moment - now - timedelta(hours=hours)) for hours in (0, 8)]
        if min(skews) > timedelta(minutes=10):
            yield Found(one, "the time of the call", f"a time {min(skews)} away", "/BytedToken")


@invariant("AFC306", basis="prose", operation=CREATE, over="accepted")
def h5_links_can_be_opened(view: View) -> Iterator[Found]:
    """H5Link is an absolute https URL with a filled query; http only where it leads back to the target."""
    for one in view.successes:
        link = one.member("H5Link")
        if isinstance(link, str):
            wrong = _wrong_link(link, view.target)
            if wrong:
                yield Found(one, "an absolute https URL with a filled query", wrong, "/H5Link")


@invariant("AFC307", basis="prose", operation=CREATE, over="accepted")
def links_are_new_with_every_call(view: View) -> Iterator[Found]:
    """No two sessions share an H5Link: a person opens it to complete this session and no other."""
    return _repeated(view, "H5Link")


def _repeated(view: View, name: str) -> Iterator[Found]:
    """Find the successes that hold the same text in a member as one before."""
    first: dict[str, str] = {}
    for one in view.successes:
        text = one.member(name)
        if isinstance(text, str) and text in first:
            yield Found(one, f"a new {name}", f"that of {first[text]}", f"/{name}")
        elif isinstance(text, str):
            first[text] = one.case.id


def _wrong_link(link: str, target: Target) -> str:
    try:
        parts = urlsplit(link)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "no URL"
    if not host or parts.scheme not in ("http", "https"):
        return "no absolute URL"
    home = urlsplit(target.url)
    at_home = host == home.hostname or (target.loopback and is_loopback(link))
    if parts.scheme == "http" and not (at_home and port == (home.port or _PORTS.get(home.scheme))):
        return "an http link to another host"
    if re.search(r"\s", link):
        return "a link with white space"
    return "" if parse_qsl(parts.query) else "a link without a query that says anything"


def _shape(text: str) -> str:
    digits = len(re.match(r"[0-9]*", text)[0])  # type: ignore[index]
    kinds = "lower-case letters in it" if re.search(r"[a-z]", text) else "no lower-case letters"
    return f"{len(text)} characters, {digits} digits first, {kinds}"


def _plain(value: Json | Missing) -> Json:
    return None if isinstance(value, Missing) else value


def _members(response: Response | None) -> Mapping[str, Node]:
    """Give the members that a documented answer names."""
    return next(filter(None, map(property_nodes, response.media_types if response else ())), {})


def _asked(case: Case) -> Mapping[str, Node]:
    """Give the members that a request may have: where an answer has them too, they come back only if they were sent."""
    return property_nodes(case.operation.body[0]) if case.operation.body else {}
