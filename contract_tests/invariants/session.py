"""What holds of the answers of createVisualValidateSession, beyond the schema."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from contract_tests.invariants.registry import Found, Observation, View, invariant
from contract_tests.targets import is_loopback
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.targets import Target
    from openapi.reading import Json

CREATE = "createVisualValidateSession"

SECRET = 16
"""Characters that what opens a session has at least; what is shorter may stand in an answer by chance."""

_UNFILLED = frozenset({"undefined", "null", "None", "nil", "NaN", "[object Object]"})
"""What programs write where they have no value."""

_PORTS = {"http": 80, "https": 443}


@invariant("AFC301", basis="prose", operation=CREATE, over="accepted")
def the_callback_url_is_echoed(view: View) -> Iterator[Found]:
    """CallbackURL in the answer is the one of this request, character for character; an empty one may be left out.

    The browser goes to the CallbackURL that the vendor kept. One that was cut, decoded or normalised leads to another
    page of yours, or to none.
    """
    for one in view.successes:
        sent = one.case.sent.get("CallbackURL") if isinstance(one.case.sent, dict) else None
        got = one.member("CallbackURL")
        if isinstance(sent, str) and got != sent and not (sent == "" and isinstance(got, Missing)):
            received = "nothing" if isinstance(got, Missing) else view.redactor.value(got)
            yield Found(one, repr(view.redactor.short(sent, 80)), received, "/CallbackURL")


@invariant("AFC302", basis="prose", operation=CREATE, over="accepted")
def no_callback_url_is_made_up(view: View) -> Iterator[Found]:
    """CallbackURL is in the answer only if it was in the request.

    A CallbackURL that nobody sent belongs to somebody else, or to a default that a person would be sent to.
    """
    for one in view.successes:
        sent = isinstance(one.case.sent, dict) and "CallbackURL" in one.case.sent
        got = one.member("CallbackURL")
        if not sent and not isinstance(got, Missing):
            yield Found(one, "no CallbackURL", view.redactor.value(got), "/CallbackURL")


@invariant("AFC303", basis="example", operation=CREATE, over="accepted")
def tokens_have_the_shape_of_the_example(view: View) -> Iterator[Found]:
    """BytedToken is 14 digits and 20 upper-case hexadecimal digits.

    Another shape is the first sign of another token service behind the API. Whoever keeps tokens in a column of 34
    characters loses the rest.
    """
    for one in view.successes:
        token = one.member("BytedToken")
        if isinstance(token, str) and not re.fullmatch(r"[0-9]{14}[0-9A-F]{20}", token):
            yield Found(one, "34 characters as in the example", _shape(token), "/BytedToken")


@invariant("AFC304", basis="prose", operation=CREATE, over="accepted", between=True)
def tokens_are_new_with_every_call(view: View) -> Iterator[Found]:
    """No two sessions share a BytedToken: it is temporary.

    A token that comes twice lets one person see, and finish, the verification of another.
    """
    return _repeated(view, "BytedToken")


@invariant("AFC305", basis="example", operation=CREATE, over="accepted")
def tokens_are_dated_now(view: View) -> Iterator[Found]:
    """The first 14 digits of BytedToken are the time, in UTC or UTC+8, within 10 minutes.

    A token with an old time comes from a cache or from a recording: its session is over, or is not yours.
    """
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
    """H5Link is an absolute https URL with a filled query; http only where it leads back to the target.

    A person opens the link on a phone. A relative link, an http link or one without its parameters ends the journey
    there.
    """
    for one in view.successes:
        link = one.member("H5Link")
        if isinstance(link, str):
            wrong = _wrong_link(link, view.target)
            if wrong:
                yield Found(one, "an absolute https URL with a filled query", wrong, "/H5Link")


@invariant("AFC307", basis="prose", operation=CREATE, over="accepted", between=True)
def links_are_new_with_every_call(view: View) -> Iterator[Found]:
    """No two sessions share an H5Link: a person opens it to complete this session and no other.

    A link that comes twice leads two people into one session.
    """
    return _repeated(view, "H5Link")


@invariant("AFC308", basis="prose", operation=CREATE, between=True)
def a_session_is_told_to_its_caller_alone(view: View) -> Iterator[Found]:
    """What one session was given stands in no other answer: neither its BytedToken nor what its H5Link carries.

    A token or a link in the answer to another call hands the session to whoever made that one.
    """
    given = {one.case.id: _secrets(one) for one in view.successes}
    nothing: tuple[set[str], set[str]] = (set(), set())
    for one in view.observations:
        text = one.exchange.body.decode("utf-8", "replace") + repr(one.exchange.headers)
        sent = one.exchange.ask.path + (one.exchange.ask.body or b"").decode("utf-8", "replace")
        for name, secrets in given.items():
            others = (theirs - own for theirs, own in zip(secrets, given.get(one.case.id, nothing), strict=True))
            if any(secret in text and secret not in sent for known in others for secret in known):
                yield Found(one, "nothing of another session", f"what {name} was given")
                break


def _secrets(one: Observation) -> tuple[set[str], set[str]]:
    """Collect what opens a session: its token, and the long values in the query of its link."""
    token, link = one.member("BytedToken"), one.member("H5Link")
    try:
        values = [value for _, value in parse_qsl(urlsplit(link).query)] if isinstance(link, str) else []
    except ValueError:
        values = []
    return _long_enough(token), _long_enough(*values)


def _long_enough(*texts: Json | Missing) -> set[str]:
    return {text for text in texts if isinstance(text, str) and len(text) >= SECRET}


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
    if parts.username is not None or parts.password is not None:
        return "a link with somebody's name for a login in it"
    if not at_home and not re.search(r"[.:]", host):
        return "a link to a host that has no name in the net"
    query = parse_qsl(parts.query)
    if not query:
        return "a link without a query that says anything"
    unfilled = any(value in _UNFILLED or re.search(r"[{}]", value) for _, value in query)
    return "a link with a place that nobody filled in" if unfilled or "&amp;" in link else ""


def _shape(text: str) -> str:
    digits = len(re.match(r"[0-9]*", text)[0])  # type: ignore[index]
    kinds = "lower-case letters in it" if re.search(r"[a-z]", text) else "no lower-case letters"
    return f"{len(text)} characters, {digits} digits first, {kinds}"
