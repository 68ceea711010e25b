"""What holds of the answers of every operation, beyond the schema. It knows no operation by name."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from contract_tests.cases import property_nodes
from contract_tests.invariants.readable import readings
from contract_tests.invariants.registry import Found, View, invariant
from contract_tests.judge import is_json
from openapi.document import DOCUMENTED
from openapi.samples import Missing
from openapi.shape import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.cases import Case
    from contract_tests.invariants.registry import Observation
    from openapi.document import Node
    from openapi.operation import Response
    from openapi.reading import Json

SECRET = 8
"""Characters that a credential has at least; what is shorter may stand in an answer by chance."""

_INSIDES = re.compile(
    r"Traceback \(most recent call last\)|\bFile \\?\"[^\"]+\", line \d+"
    r"|(?:[\n\r]|\\[nr])(?:[ \t]|\\t){1,40}at [\w.$<>]{1,200} ?\([^)\s]{1,400}:\d{1,9}(?::\d{1,9})?\)"
    r"|goroutine \d+ \[|panic: runtime error|Exception in thread|\.java:\d+\)"
    r"|\bin (?:\\{0,4}/|[A-Za-z]:)\S{1,300}(?::line| on line) \d{1,9}|\.rb:\d{1,9}:in [`'\\]"
    r"|thread '[^'\"]{1,100}' (?:\(\d{1,9}\) )?panicked at"
    r"|SQLSTATE\[|You have an error in your SQL syntax|syntax error at or near|\bORA-\d{5}:"
)
"""A stack trace, also one inside a string of JSON, or an error of a database. Bounded: a long run costs no time."""


_OF_ERRORS = frozenset(
    {"code", "detail", "details", "error", "errors", "instance", "kind", "message", "messages", "meta", "name",
     "object", "ok", "reason", "request_id", "requestid", "status", "success", "timestamp", "title", "type", "url"}
)  # fmt: skip
"""Members that errors have everywhere, those of RFC 9457 among them, and some successes as well: no result."""


@invariant("AFC201", basis="rfc")
def credentials_are_never_echoed(view: View) -> Iterator[Found]:
    """An answer never holds the credential that was sent, plain or encoded.

    Answers end up in logs, error trackers and screenshots. A key that comes back in one is a key that has to be
    changed.
    """
    key = view.target.key
    for one in view.observations:
        text = one.exchange.body.decode("utf-8", "replace") + repr(one.exchange.headers)
        sent = view.target.filled(one.case.ask.header("authorization") or "").split()[-1:]
        secrets = {secret for secret in (key, *sent) if len(secret) >= SECRET}
        if any(secret in reading for reading in readings(text) for secret in secrets):
            yield Found(one, "an answer without the credential", "the credential")


@invariant("AFC202", basis="rfc", over="refused")
def a_401_carries_a_challenge(view: View) -> Iterator[Found]:
    """A 401 names the scheme to use in WWW-Authenticate (RFC 9110 11.6.1).

    Without it a client cannot know how to authenticate, and some HTTP libraries never try.
    """
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
    """A 405 lists the methods in Allow: the documented one, not the refused one (RFC 9110 15.5.6).

    A client that used the wrong method learns the right one from Allow, and from nothing else.
    """
    for one in view.observations:
        if one.exchange.status != 405:
            continue
        allow = one.exchange.header("allow")
        methods = {method.strip() for method in (allow or "").split(",")}  # in their case (RFC 9110 9.1)
        wanted, refused = one.case.operation.method, one.exchange.ask.method
        if wanted not in methods or refused in methods:
            received = "none" if allow is None else repr(view.redactor.short(allow, 80))
            expected = f"Allow with {wanted}" + ("" if refused == wanted else f" and without {refused}")
            yield Found(one, expected, received, "Allow")


@invariant("AFC204", basis="rfc", over="refused")
def errors_speak_json(view: View) -> Iterator[Found]:
    """The body of an error, if it has one, is JSON where the request accepts nothing else (RFC 9110 12.5.1).

    A client reads the message of an error with the reader that it has. An HTML page breaks that reader, and the error
    that a user sees is about JSON.
    """
    for one in view.observations:
        exchange = one.exchange
        if exchange.status < 400 or not exchange.body or one.case.group in ("method", "path"):
            continue
        if not is_json(exchange.ask.header("accept") or "application/json") or _may_be_other(one):
            continue
        kind = exchange.header("content-type") or "no Content-Type"
        if not is_json(kind) or isinstance(one.body, Missing):
            yield Found(one, "JSON or no body", repr(view.redactor.short(kind, 60)))


@invariant("AFC205", basis="example", over="refused")
def errors_hold_no_result(view: View) -> Iterator[Found]:
    """What belongs to a success stands in no other answer.

    A token beside an error makes careless code go on as if all were well; and a session that exists although it was
    refused may have been paid for.
    """
    results: dict[str, list[str]] = {}  # the members of a success, by operation
    for one in view.observations:
        operation, status, body = one.case.operation, one.exchange.status, one.exchange.body
        if operation.id not in results:
            members = [_members(response) for response in operation.responses if response.status.startswith("2")]
            results[operation.id] = list(dict.fromkeys(name for known in members for name in known))
        held = [name for name in results[operation.id] if re.search(rb'"%s"\s*:' % re.escape(name.encode()), body)]
        if held and not one.succeeded:
            allowed = {*_asked(one.case), *_members(one.response)}
            unnamed = held if isinstance(one.body, Missing) else set(_unnamed(one.body, one.response))
            for name in held:
                if name in unnamed and name not in allowed and name.lower().strip("_@") not in _OF_ERRORS:
                    yield Found(one, "an error", f"{name}, with status {status}", f"/{name}")


@invariant("AFC206", basis="asked")
def answers_come_in_time(view: View) -> Iterator[Found]:
    """An answer comes within --contract-max-response-time.

    The limit is yours. A client that waits longer keeps a person waiting, or gives up after the session was paid for.
    """
    limit = view.target.max_response_time
    for one in view.observations:
        if one.exchange.seconds > limit:
            yield Found(one, f"at most {limit:g} s", f"{one.exchange.seconds:.1f} s")


@invariant("AFC207", basis="example", over="accepted", by_example=True)
def nothing_undocumented_is_answered(view: View) -> Iterator[Found]:
    """An answer has no member that the document does not name.

    A new member is how an API changes without a word. Most clients survive it; yours should hear of it here first.
    """
    for one in view.successes:
        known = _members(one.response)
        for name in one.body if isinstance(one.body, dict) and known else ():
            if name not in known:
                shown = view.redactor.short(name, 40)
                yield Found(one, "documented members only", repr(shown), f"/{shown}")


@invariant("AFC208", basis="example", over="accepted", by_example=True)
def the_example_is_kept(view: View) -> Iterator[Found]:
    """An answer has every member that the documented example has; one that echoes the request, if it was sent.

    Where the schema of the document requires nothing, an empty object conforms to it. The example is what shows what a
    client can rely on. A schema that says itself what is required is taken at its word.
    """
    for one in view.successes:
        for name in () if _requires(one.response) else _members(one.response):
            if name not in _asked(one.case) and isinstance(one.member(name), Missing):
                yield Found(one, f"the member {name}", view.redactor.value(_plain(one.body)), f"/{name}")


@invariant("AFC209", basis="asked")
def nothing_shows_its_insides(view: View) -> Iterator[Found]:
    """No answer shows the insides of the server: a stack trace, or an error of its database.

    A stack trace tells a stranger which code runs where, and now and then what stands in its variables.
    """
    for one in view.observations:
        if _INSIDES.search(one.exchange.body.decode("utf-8", "replace")):
            yield Found(one, "an answer without its server's insides", f"some, with status {one.exchange.status}")


def _may_be_other(one: Observation) -> bool:
    """Tell whether the document has the error in a media type that is not JSON: then that one is what it may be."""
    names = [media.name for media in one.response.media_types] if one.response is not None else []
    return bool(names) and not any("json" in name.lower() for name in names)


def _plain(value: Json | Missing) -> Json:
    return None if isinstance(value, Missing) else value


def _members(response: Response | None) -> Mapping[str, Node]:
    """Give the members that a documented answer names."""
    return next(filter(None, map(property_nodes, response.media_types if response else ())), {})


def _unnamed(body: Json, response: Response | None) -> Iterator[str]:
    """Yield the members of a body, however deep, that say something and that the document does not name there.

    An error may tell of the thing that it is about: it does so where its own schema has a place for that.
    """
    schemas = (media.schema for media in (response.media_types if response else ()) if media.is_json)
    waiting = deque([(body, next((schema.shape for schema in schemas if schema is not None), TEXT))])
    while waiting:
        value, shape = waiting.popleft()
        if isinstance(value, dict):
            said = (name for name, one in value.items() if one not in (None, "", [], {}))
            yield from (name for name in said if name not in shape.names)
            waiting.extend((one, shape.member(name)) for name, one in value.items())
        elif isinstance(value, list):
            waiting.extend((one, shape.item(index)) for index, one in enumerate(value))


def _requires(response: Response | None) -> bool:
    """Tell whether the document itself, and not an overlay, says which members of an answer are required."""
    for media in response.media_types if response else ():
        schema = media.schema
        required = None if schema is None else schema.schemas.library.follow(schema.node).get("required")
        if required is not None and required.document.origin(required.pointer) == DOCUMENTED:
            return True
    return False


def _asked(case: Case) -> Mapping[str, Node]:
    """Give the members that a request may have: where an answer has them too, they come back only if they were sent."""
    return property_nodes(case.operation.body[0]) if case.operation.body else {}
