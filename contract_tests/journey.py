"""The liveness journey, step by step: a session, its result while nobody has come, the person, the result, its end.

What comes to the CallbackURL at its end stands in `callback.py`.

Each step is one function with a code and a basis; the first line of its docstring is its sentence. A new one is a
function here and a wrong mock in `tests/wrong_servers/journey.py` that fails exactly it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from contract_tests.manners import bad_manners
from contract_tests.offered import alike
from contract_tests.run import NotRun
from contract_tests.traveller import CREATE, RESULT, member
from contract_tests.walk import Missed, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.failures import Finding
    from contract_tests.traveller import Traveller

TOLERANCE, TO_THE_SECOND = timedelta(minutes=10), timedelta(seconds=1)


# --- before anybody has come ------------------------------------------------------------------------------------------


@step("AFC401", basis="documented", cost="paid", sends=("create",))
def create(journey: Traveller) -> Iterator[Missed | Finding]:
    """A session for the journey is created as documented.

    Everything after needs it: what fails here is not told again.
    """
    answer = journey.session("create")
    if not 200 <= answer.status < 300:
        yield Missed("a documented 2xx", str(answer.status))
    yield from journey.judged(CREATE, answer)


@step("AFC402", basis="prose", needs=(create,), sends=("pending",))
def fresh_token(journey: Traveller) -> Iterator[Missed | Finding]:
    """A token is known to GetVisualValidateResult as soon as it is there.

    A client asks for the result as soon as it has shown the link. A 404 at that moment reads as an expired session. The
    page of the session says to use it there [V].
    """
    answer = journey.result("pending", journey.token)
    journey.stop_if_not_offered(answer)
    if answer.status != 200:
        yield Missed("200", str(answer.status))
    yield from journey.judged(RESULT, answer)


@step("AFC403", basis="observed", needs=(fresh_token,))
def pending(journey: Traveller) -> Iterator[Missed | Finding]:
    """GroupId is empty while nobody has finished.

    A client that polls goes on while GroupId is empty. Anything else there ends the polling, before anybody has come.
    Seen on the real host [L, C3, C4].
    """
    group = member(journey.result("pending", journey.token), "GroupId")
    if group != "":
        yield Missed("an empty GroupId", _shown(group), "/GroupId")


# --- a person comes ---------------------------------------------------------------------------------------------------


@step("AFC404", basis="asked", needs=(pending,), sends=("complete",), by="person")
def complete(journey: Traveller) -> Iterator[Missed | Finding]:
    """The person finishes: a human with a phone, or the mock, which does what its control routes are asked for.

    Without an end there is nothing to read: the steps after this one are not run.
    """
    journey.finish()
    yield from ()


@step("AFC405", basis="prose", needs=(complete,), sends=("present",))
def present(journey: Traveller) -> Iterator[Missed | Finding]:
    """GroupId is there once the person has finished.

    GroupId is what the journey is for: it names the person from here on.
    """
    answer = journey.finished()
    group = member(answer, "GroupId")
    if answer.status != 200 or not isinstance(group, str) or not group:
        yield Missed("200 with a GroupId", f"{answer.status} with {_shown(group)}", "/GroupId")
    yield from journey.judged(RESULT, answer)


@step("AFC406", basis="assumed", needs=(present,))
def dated(journey: Traveller) -> Iterator[Missed | Finding]:
    """The 14 digits in GroupId are the moment of the completion, in UTC or UTC+8.

    A group with another time belongs to another verification. Inferred from samples [I]; ids of assets have their
    creation time beside them [V10, O2].
    """
    end = journey.finish()
    ended, now = _moment(member(end, "ended")), datetime.fromtimestamp(end.sent_at, timezone.utc)
    group = str(member(journey.finished(), "GroupId"))
    digits = re.search(r"[0-9]{14}", group)
    try:
        moment = datetime.strptime(digits[0] if digits else "", "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    except ValueError:
        yield Missed("a time, YYYYMMDDhhmmss", "no time", "/GroupId")
        return
    skew = min(abs(moment - (ended or now) - timedelta(hours=hours)) for hours in (0, 8))
    if skew > (TO_THE_SECOND if ended else TOLERANCE):
        yield Missed("the time of the completion", f"a time {skew} away", "/GroupId")


@step("AFC407", basis="assumed", needs=(present,), sends=("read-again",))
def read_again(journey: Traveller) -> Iterator[Missed | Finding]:
    """The result stays the same when it is read again.

    A client whose first read was lost, to a timeout or a restart, reads again; where the first read burns the result,
    the person has to start over. Nobody says so, and one gateway says that a query burns it [O3].
    """
    first = member(journey.finished(), "GroupId")
    again = journey.result("read-again", journey.token)
    group = member(again, "GroupId")
    if again.status != 200 or group != first:
        received = "another GroupId" if again.status == 200 and group else f"{again.status} with {_shown(group)}"
        yield Missed("the same result", received, "/GroupId")
    yield from journey.judged(RESULT, again)


# --- what is refused --------------------------------------------------------------------------------------------------


@step("AFC408", basis="assumed", needs=(fresh_token,), sends=("unknown-token",))
def unknown_token(journey: Traveller) -> Iterator[Missed | Finding]:
    """A token that was never issued is refused.

    A result for a token that nobody was given would be somebody's result. Upstream's code for it is NotFound [C5, C14].
    """
    now = datetime.now(timezone(timedelta(hours=8)))
    answer = journey.result("unknown-token", f"{now:%Y%m%d%H%M%S}{secrets.token_hex(10).upper()}")
    if answer.status < 400:
        yield Missed("a refusal", f"{answer.status} with {_shown(member(answer, 'GroupId'))}")
    yield from journey.judged(RESULT, answer)


@step("AFC409", basis="observed", needs=(fresh_token,), after=(present,), sends=("other-caller",))
def other_caller(journey: Traveller) -> Iterator[Missed | Finding]:
    """The result of a session is refused to everybody but the key that made it.

    Whoever holds a token of yours and a key of their own must not read who the person is. "One token owns everything"
    [L, C3].
    """
    answer = journey.result("other-caller", journey.token, other_caller=True)
    if answer.status < 400:
        yield Missed("a refusal", f"{answer.status} with {_shown(member(answer, 'GroupId'))}")
    yield from journey.judged(RESULT, answer)


# --- what comes after -------------------------------------------------------------------------------------------------


@step("AFC410", basis="elsewhere", needs=(present,), after=(read_again,), sends=("reuse",), by="mock")
def reuse(journey: Traveller) -> Iterator[Missed | Finding]:
    """A session takes one authentication: a second one is refused.

    A link that can be used twice lets a second face finish the session of the first. Upstream's document says so of
    token and link [U1].
    """
    journey.needs_mock()
    answer = journey.play("reuse", journey.token, surely=False)
    if answer.status < 400:
        yield Missed("a refusal", str(answer.status))


@step(
    "AFC411",
    basis="assumed",
    cost="paid",
    needs=(present,),
    sends=("failed-attempt/create", "failed-attempt/complete", "failed-attempt"),
    by="mock",
)
def failed_attempt(journey: Traveller) -> Iterator[Missed | Finding]:
    """GroupId stays empty when the person did not pass.

    A GroupId for somebody who did not pass would let them in.
    """
    journey.needs_mock()
    token = journey.token_of(journey.session("failed-attempt/create"))
    journey.play("failed-attempt/complete", token, "fail")
    answer = journey.result("failed-attempt", token)
    if member(answer, "GroupId") != "":
        yield Missed("an empty GroupId", _shown(member(answer, "GroupId")), "/GroupId")
    yield from journey.judged(RESULT, answer)


@step(
    "AFC412",
    basis="assumed",
    cost="paid",
    needs=(present,),
    sends=("other-session/create", "other-session/complete", "other-session"),
    by="mock",
)
def other_session(journey: Traveller) -> Iterator[Missed | Finding]:
    """Two sessions come to two groups.

    Two sessions that come to one group mix up two people.
    """
    journey.needs_mock()
    first = member(journey.finished(), "GroupId")
    token = journey.token_of(journey.session("other-session/create"))
    journey.play("other-session/complete", token)
    answer = journey.result("other-session", token)
    group = member(answer, "GroupId")
    if group == first or not group:
        yield Missed("another GroupId", "the same" if group else _shown(group), "/GroupId")
    yield from journey.judged(RESULT, answer)


@step(
    "AFC413",
    basis="observed",
    needs=(present,),
    after=(read_again, other_caller, reuse),
    sends=("expiry/clock-forward", "expiry", "expiry/clock-back"),
    by="mock",
)
def expiry(journey: Traveller) -> Iterator[Missed | Finding]:
    """The result cannot be read any more once the life of the token is over.

    A token that is lost in a log must not open anything later. Seen on the real host, but not with which answer [L,
    partial].
    """
    journey.needs_mock()
    answer = journey.later("expiry", journey.token)
    if answer.status < 400:
        yield Missed("a refusal", f"{answer.status} with {_shown(member(answer, 'GroupId'))}")
    yield from journey.judged(RESULT, answer)


@step("AFC414", basis="example", needs=(fresh_token,), after=(unknown_token, other_caller, failed_attempt, expiry))
def no_leak(journey: Traveller) -> Iterator[Missed | Finding]:
    """No refusal and no empty result holds a group id: what belongs to a success stands in no other answer.

    A refusal is what a stranger gets to see: a group id in it undoes the refusal.
    """
    refused = journey.refusals
    if not refused:
        raise NotRun("nothing was refused")
    for name, answer in {**refused, **journey.empty_results}.items():
        journey.show(answer)
        told = re.search(r"group-[0-9]{14}", answer.body.decode("utf-8", "replace") + repr(answer.headers))
        if told or (name in refused and b'"GroupId"' in answer.body):
            yield Missed("an answer without a group id", f"one, in the answer to journey/{name}")
            return


@step("AFC415", basis="assumed", needs=(unknown_token, other_caller, no_leak))
def no_oracle(journey: Traveller) -> Iterator[Missed | Finding]:
    """The refusal of somebody else's token says no more than that of an unknown one.

    A different refusal tells a stranger that the token exists, and that it is worth trying with another key.
    """
    refused = journey.refusals
    if not {"unknown-token", "other-caller"} <= refused.keys():
        raise NotRun("there are no two refusals to compare")
    unknown, other = refused["unknown-token"], refused["other-caller"]
    journey.show(other)
    if not alike(unknown, other):
        differs = "another status" if unknown.status != other.status else "another body"
        yield Missed(f"{unknown.status}, as for an unknown token", f"{other.status}: {differs}")


@step(
    "AFC416",
    basis="rfc",
    needs=(no_leak,),
    after=(read_again, reuse, failed_attempt, other_session, no_oracle),
)
def manners(journey: Traveller) -> Iterator[Missed | Finding]:
    """What holds of every answer holds of those of the journey: no credential, nothing of others, in time.

    The finding names the code of the invariant (AFC2xx, AFC3xx), which says why.
    """
    for finding, exchange in bad_manners(journey.run):
        journey.show(exchange)
        yield replace(finding, code="AFC416", sentence=f"{finding.sentence} ({finding.code})")


def _moment(text: object) -> datetime | None:
    """Read the time of a mock's control answer; None when it is none, or has no zone."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _shown(group: object) -> str:
    """Describe a GroupId without showing it."""
    if not isinstance(group, str):
        return "no GroupId"
    return f"a GroupId of {len(group)} characters" if group else "an empty GroupId"
