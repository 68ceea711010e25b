"""The end of the journey: what comes to the CallbackURL once the person has finished.

Each step is one function with a code and a basis, as in `journey.py`; `receiver.py` writes down what comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from contract_tests.journey import complete, expiry, failed_attempt, present, read_again
from contract_tests.receiver import FRAGMENT, OWN_QUERY
from contract_tests.run import NotRun
from contract_tests.traveller import member
from contract_tests.walk import Missed, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.failures import Finding
    from contract_tests.receiver import Arrival
    from contract_tests.traveller import Traveller

PARAMETERS = ("bytedToken", "resultCode", "algorithmBaseRespCode", "reqMeasureInfoValue", "verify_type")
"""What the browser brings [U1]."""

PASSED = "10000"
"""The resultCode of whoever passed; every other one means that somebody did not [U1]."""

CREDENTIALS = ("Authorization", "Proxy-Authorization")
"""Not Cookie: a browser brings those of the receiver itself, and a tunnel may have set one."""


@step("AFC417", basis="elsewhere", needs=(complete,), by="callback")
def callback(journey: Traveller) -> Iterator[Missed | Finding]:
    """The browser comes to the CallbackURL once the person has finished.

    The upstream sends the browser there [U1], and makes the group at that moment: whoever never arrives has an empty
    GroupId for ever [L, C3].
    """
    if not journey.arrivals("create"):
        yield Missed("a request for the CallbackURL", "none")


@step("AFC418", basis="elsewhere", needs=(callback,), after=(read_again, expiry), by="callback")
def callback_once(journey: Traveller) -> Iterator[Missed | Finding]:
    """The CallbackURL is opened once, by GET.

    It is a redirect of the browser [U1]. A receiver that acts on each request would act twice; one that takes GET would
    answer anything else with 405.
    """
    _first(journey)
    came = journey.arrivals("create")
    methods = ", ".join(dict.fromkeys(one.method[:20] for one in came))
    if methods != "GET" or any(one.body for one in came):
        yield Missed("GET without a body", f"{methods}{' with a body' if any(one.body for one in came) else ''}")
    elif len(came) > 1:
        yield Missed("one request", f"{len(came)}")


@step("AFC419", basis="rfc", needs=(callback,), by="callback")
def callback_discreet(journey: Traveller) -> Iterator[Missed | Finding]:
    """The browser brings no credential along, and in Referer at most an origin.

    Whoever reads the log of the receiver would have the link of the session, or a key (RFC 9110 10.1.3 and 17.9).
    """
    came = _first(journey)
    for name in CREDENTIALS:
        if came.header(name):
            yield Missed(f"no {name}", "one", name)
    referer = urlsplit(came.header("Referer"))
    if referer.path.strip("/") or referer.query:
        yield Missed("no Referer, or an origin alone", "one with a path or a query", "Referer")
    if any(journey.run.target.key in text for text in (came.target, *(text for _, text in came.headers))):
        yield Missed("nothing of the API key", "the API key")


@step("AFC420", basis="elsewhere", needs=(callback,), by="callback")
def callback_parameters(journey: Traveller) -> Iterator[Missed | Finding]:
    """The five parameters of the callback are in its query, each once.

    bytedToken, resultCode, algorithmBaseRespCode, reqMeasureInfoValue and verify_type: otherwise a receiver that reads
    one of them finds nothing, or not the one that counts [U1].
    """
    names = [name for name, _ in _pairs(_first(journey))]
    for name in PARAMETERS:
        if names.count(name) != 1:
            yield Missed("once", f"{names.count(name) or 'no'} times", name)


@step("AFC421", basis="elsewhere", needs=(callback_parameters,), by="callback")
def callback_values(journey: Traveller) -> Iterator[Missed | Finding]:
    """In the callback algorithmBaseRespCode and reqMeasureInfoValue are numbers, and verify_type is real_time.

    0 or 1 says whether it is billed; the others are fixed where the person passed [U1].
    """
    values = _brought(journey)
    code, billed, kind = (values[name] for name in PARAMETERS[2:])
    if not (code.isascii() and code.isdigit()):
        yield Missed("a number", "something else", PARAMETERS[2])
    if billed not in ("0", "1"):
        yield Missed("0 or 1", "something else", PARAMETERS[3])
    if kind != "real_time":
        yield Missed("real_time", "something else", PARAMETERS[4])


@step("AFC422", basis="elsewhere", needs=(callback_parameters,), by="callback")
def callback_token(journey: Traveller) -> Iterator[Missed | Finding]:
    """The bytedToken of the callback is the token of the session.

    With another token the receiver asks for the result of somebody else [U1].
    """
    if _brought(journey)["bytedToken"] != journey.token:
        yield Missed("the BytedToken of the session", "another text", "bytedToken")


@step("AFC423", basis="elsewhere", needs=(callback_parameters, present), after=(failed_attempt,), by="callback")
def callback_outcome(journey: Traveller) -> Iterator[Missed | Finding]:
    """The resultCode of the callback is 10000 when the person passed, and another one when not.

    A receiver shows the person what it says. The result alone decides all the same: anybody can open the CallbackURL
    with any code [U1, C18].
    """
    if _brought(journey)["resultCode"] != PASSED:
        yield Missed(PASSED, "another code", "resultCode")
    for failed in journey.arrivals_so_far("failed-attempt"):
        if PASSED in [value for name, value in _pairs(failed) if name == "resultCode"]:
            yield Missed(f"another code than {PASSED} for who failed", PASSED, "resultCode")


@step("AFC424", basis="assumed", needs=(callback_parameters,), by="callback")
def callback_whole(journey: Traveller) -> Iterator[Missed | Finding]:
    """The CallbackURL comes back whole: its own query with the parameters behind an ampersand, and its fragment.

    Receivers find their own session by what they put there, as gateways of the family do [I]. Parameters behind the
    fragment would reach no server.
    """
    came = _first(journey)
    pairs = _pairs(came)
    for name, value in parse_qsl(OWN_QUERY):
        found = [text for known, text in pairs if known == name]
        if found != [value]:
            yield Missed("as it was, once", "another value" if found else "nothing", name)
    if FRAGMENT in came.target:
        yield Missed("the fragment behind the query", "the fragment within the query")
    told = journey.callback_fragment("create")
    if told is not None and told != FRAGMENT:
        yield Missed("the fragment as it was", "another one" if told else "none")


@step("AFC425", basis="observed", needs=(callback, present), by="callback")
def callback_group(journey: Traveller) -> Iterator[Missed | Finding]:
    """GroupId is there when the browser arrives.

    A receiver asks for the result at once, while the person looks at its page; the group is made at the moment of the
    redirect [L, C3].
    """
    answer = journey.result_at_arrival()
    if answer is None:
        raise NotRun("nobody could ask while the browser waited")
    journey.show(answer)
    journey.run.stop_if_inconclusive(answer)
    if answer.status != 200 or not member(answer, "GroupId"):
        yield Missed("200 with a GroupId", f"{answer.status} with no GroupId", "/GroupId")


def _first(journey: Traveller) -> Arrival:
    """Give what came first. Raises `NotRun` when nothing did."""
    came = journey.arrivals("create")
    if not came:
        raise NotRun("nothing came to the CallbackURL")
    return came[0]


def _brought(journey: Traveller) -> dict[str, str]:
    """Give the five parameters that came first. Raises `NotRun` when they did not all come, each once."""
    pairs = [(name, value) for name, value in _pairs(_first(journey)) if name in PARAMETERS]
    if sorted(name for name, _ in pairs) != sorted(PARAMETERS):
        raise NotRun("the parameters of the callback did not come, each once")
    return dict(pairs)


def _pairs(came: Arrival) -> list[tuple[str, str]]:
    """Read a query as receivers do: name and value, decoded, in order."""
    return parse_qsl(came.query, keep_blank_values=True)
