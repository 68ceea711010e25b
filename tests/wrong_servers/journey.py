"""Wrong mocks for the journey: each fails exactly one step; what stands on that step is not run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.wrong_servers.mock import CLOCK, COMPLETE, LIFE, RESULT, caller, group_id, now, ok, refusal, sessions
from tests.wrong_servers.server import KEY, PATH

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.wrong_servers.server import Answer, Plant, Request, Serve


@dataclass(frozen=True)
class Fault:
    """A wrong mock, and the one step that fails for it, by one of its codes at least."""

    name: str
    sentence: str
    plant: Plant
    fails: str
    code: str


FAULTS: list[Fault] = []


def fault(fails: str, code: str) -> Callable[[Plant], Plant]:
    """Register a fault with the step that must fail for it, and the code that must be said."""

    def register(plant: Plant) -> Plant:
        FAULTS.append(Fault(plant.__name__, (plant.__doc__ or "").strip(), plant, fails, code))
        return plant

    return register


def session_of(request: Request) -> dict[str, Any]:
    """Give the session that is asked for; an empty one when there is none."""
    asked = request.value()
    return sessions(request).get(asked.get("BytedToken", ""), {}) if isinstance(asked, dict) else {}


def is_result(request: Request, *, ended: bool | None = None, mine: bool = True) -> bool:
    """Tell whether a result is asked for: before or after the end of the session, by its maker or somebody else."""
    session = session_of(request)
    if request.path != RESULT or not session or (session["owner"] == caller(request)) is not mine:
        return False
    return ended is None or bool(session["ended"]) is ended


def is_expired(request: Request) -> bool:
    session = session_of(request)
    return bool(session) and now(request) > session["created"] + LIFE


# --- before anybody has come ------------------------------------------------------------------------------------------


@fault("create", "AFC401")
def session_refused(request: Request, serve: Serve) -> Answer:
    """No session is made."""
    return refusal(400, "not today") if request.path == PATH else serve(request)


@fault("create", "AFC107")
def session_without_a_token(request: Request, serve: Serve) -> Answer:
    """The session has no token."""
    answer = serve(request)
    return answer if request.path != PATH else answer.saying({"H5Link": answer.value()["H5Link"]})


@fault("fresh-token", "AFC402")
def fresh_token_not_found(request: Request, serve: Serve) -> Answer:
    """A session is found only when it has ended."""
    return refusal(404, "there is no session of this token") if is_result(request, ended=False) else serve(request)


@fault("fresh-token", "AFC402")
def fresh_token_not_ready(request: Request, serve: Serve) -> Answer:
    """A session that has not ended is answered with an error of its own."""
    return refusal(400, "the result is not ready") if is_result(request, ended=False) else serve(request)


@fault("fresh-token", "AFC107")
def result_wrapped(request: Request, serve: Serve) -> Answer:
    """The result stands in the envelope of the upstream."""
    answer = serve(request)
    return answer.saying({"Result": answer.value()}) if is_result(request) and answer.status == 200 else answer


@fault("fresh-token", "AFC107")
def pending_is_null(request: Request, serve: Serve) -> Answer:
    """Nobody having finished, GroupId is null."""
    return ok({"GroupId": None}) if is_result(request, ended=False) else serve(request)


@fault("pending", "AFC403")
def group_before_anybody_came(request: Request, serve: Serve) -> Answer:
    """The group is there from the start."""
    return ok({"GroupId": group_id(now(request))}) if is_result(request, ended=False) else serve(request)


# --- the person -------------------------------------------------------------------------------------------------------


@fault("complete", "AFC404")
def person_not_played(request: Request, serve: Serve) -> Answer:
    """The mock cannot play a person."""
    return refusal(404, "no such control") if request.path == COMPLETE else serve(request)


@fault("present", "AFC405")
def never_finished(request: Request, serve: Serve) -> Answer:
    """GroupId stays empty after the end."""
    return ok({"GroupId": ""}) if is_result(request, ended=True) else serve(request)


@fault("present", "AFC405")
def lost_at_its_end(request: Request, serve: Serve) -> Answer:
    """A session is forgotten as soon as it has ended."""
    return refusal(404, "there is no session of this token") if is_result(request, ended=True) else serve(request)


def with_group(request: Request, serve: Serve, change: Callable[[str], str]) -> Answer:
    """Change the group id that a result holds."""
    answer = serve(request)
    group = answer.value().get("GroupId") if request.path == RESULT and answer.status == 200 else ""
    return answer.saying({"GroupId": change(group)}) if group else answer


@fault("present", "AFC107")
def group_in_capitals(request: Request, serve: Serve) -> Answer:
    """A group id is written in capitals."""
    return with_group(request, serve, str.upper)


@fault("present", "AFC107")
def group_without_a_time(request: Request, serve: Serve) -> Answer:
    """A group id holds no time."""
    return with_group(request, serve, lambda group: f"group-{group[-5:]}")


@fault("dated", "AFC406")
def group_of_another_hour(request: Request, serve: Serve) -> Answer:
    """A group id is dated an hour late."""
    return with_group(request, serve, lambda group: f"{group_id(now(request) + 3600)[:-5]}{group[-5:]}")


@fault("dated", "AFC406")
def group_of_no_time_at_all(request: Request, serve: Serve) -> Answer:
    """The 14 digits of a group id are no time."""
    return with_group(request, serve, lambda group: f"group-99999999999999{group[-6:]}")


@fault("read-again", "AFC407")
def result_burnt_by_reading(request: Request, serve: Serve) -> Answer:
    """A result can be read once."""
    if is_result(request, ended=True):
        seen = request.memory.setdefault("seen", set())
        token = request.value()["BytedToken"]
        if token in seen:
            return refusal(404, "there is no session of this token")
        seen.add(token)
    return serve(request)


@fault("read-again", "AFC407")
def another_group_each_time(request: Request, serve: Serve) -> Answer:
    """A result has another group id whenever it is read."""
    return with_group(request, serve, lambda group: f"{group[:-5]}{group_id(0)[-5:]}")


# --- what is refused --------------------------------------------------------------------------------------------------


@fault("unknown-token", "AFC408")
def unknown_token_is_pending(request: Request, serve: Serve) -> Answer:
    """A token that nobody issued is a session that nobody has finished."""
    answer = serve(request)
    return ok({"GroupId": ""}) if request.path == RESULT and not session_of(request) else answer


@fault("other-caller", "AFC409")
def read_by_everybody(request: Request, serve: Serve) -> Answer:
    """Whoever has a token reads its result."""
    return serve(request.having(authorization=f"Bearer {KEY}")) if is_result(request, mine=False) else serve(request)


@fault("no-oracle", "AFC415")
def somebody_elses_is_forbidden(request: Request, serve: Serve) -> Answer:
    """Another caller learns by the status that the token exists."""
    return serve(request) if not is_result(request, mine=False) else refusal(400, "there is no session of this token")


@fault("no-oracle", "AFC415")
def somebody_elses_is_named(request: Request, serve: Serve) -> Answer:
    """Another caller learns by the words that the token exists."""
    return serve(request) if not is_result(request, mine=False) else refusal(404, "it is not yours")


@fault("no-leak", "AFC414")
def group_told_to_another_caller(request: Request, serve: Serve) -> Answer:
    """The refusal of another caller holds the group id."""
    if not is_result(request, mine=False):
        return serve(request)
    return refusal(404, f"{session_of(request)['group']} is not yours")


@fault("no-leak", "AFC414")
def group_told_after_the_end(request: Request, serve: Serve) -> Answer:
    """The refusal of an expired token holds the result."""
    answer = serve(request)
    if not is_result(request) or not is_expired(request):
        return answer
    return answer.saying({**answer.value(), "GroupId": session_of(request)["group"]})


# --- what comes after -------------------------------------------------------------------------------------------------


@fault("reuse", "AFC410")
def used_twice(request: Request, serve: Serve) -> Answer:
    """A session takes any number of authentications."""
    answer = serve(request)
    return ok({}) if request.path == COMPLETE and answer.status == 409 else answer


@fault("failed-attempt", "AFC411")
def group_in_spite_of_all(request: Request, serve: Serve) -> Answer:
    """Whoever failed has a group, too."""
    answer = serve(request)
    if request.path == COMPLETE and answer.status == 200:
        session = session_of(request)
        session["group"] = session["group"] or group_id(now(request))
    return answer


@fault("failed-attempt", "AFC404")
def failure_not_played(request: Request, serve: Serve) -> Answer:
    """The mock cannot play a person who fails."""
    failing = request.path == COMPLETE and request.value()["outcome"] == "fail"
    return refusal(400, "no such outcome") if failing else serve(request)


@fault("other-session", "AFC412")
def one_group_for_all(request: Request, serve: Serve) -> Answer:
    """All sessions come to one group."""
    return with_group(request, serve, lambda group: str(request.memory.setdefault("group", group)))


@fault("expiry", "AFC413")
def life_without_end(request: Request, serve: Serve) -> Answer:
    """The life of a token has no end."""
    if is_result(request) and is_expired(request):
        return ok({"GroupId": session_of(request)["group"]})
    return serve(request)


@fault("expiry", "AFC404")
def clock_that_stands(request: Request, serve: Serve) -> Answer:
    """The clock of the mock cannot be moved."""
    return refusal(400, "no") if request.path == CLOCK else serve(request)
