"""Wrong mocks for the journey: each fails exactly one step; what stands on that step is not run."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.wrong_servers.mock import (
    CLOCK,
    COMPLETE,
    LIFE,
    RESULT,
    browse,
    caller,
    group_id,
    now,
    ok,
    refusal,
    sessions,
    visit_of,
)
from tests.wrong_servers.server import KEY, PATH

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.wrong_servers.mock import Visit
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


@fault("no-leak", "AFC414")
def group_told_in_a_header(request: Request, serve: Serve) -> Answer:
    """The result of a failed attempt names the group of another session in a header."""
    answer = serve(request)
    if request.path != RESULT or answer.status != 200:
        return answer
    group = answer.value()["GroupId"]
    known = request.memory.setdefault("told", group) or group
    request.memory["told"] = known
    return answer if group or not known else answer.having(x_group=known)


# --- the manners of all answers ---------------------------------------------------------------------------------------


@fault("manners", "AFC416")
def key_in_a_result(request: Request, serve: Serve) -> Answer:
    """A result names its caller's key in a header."""
    answer = serve(request)
    return answer.having(x_caller=request.headers["authorization"]) if request.path == RESULT else answer


@fault("manners", "AFC416")
def other_session_in_a_result(request: Request, serve: Serve) -> Answer:
    """A result names the token of the session that was made first."""
    first = next(iter(sessions(request)), "")
    asked = request.value()
    own = isinstance(asked, dict) and asked.get("BytedToken") == first
    answer = serve(request)
    return answer if own or request.path != RESULT else answer.having(x_first=first)


@fault("manners", "AFC416")
def insides_in_a_refusal(request: Request, serve: Serve) -> Answer:
    """The refusal of a token shows an error of the database."""
    answer = serve(request)
    return refusal(404, "SQLSTATE[HY000]: no such row") if request.path == RESULT and answer.status == 404 else answer


@fault("manners", "AFC416")
def more_in_a_result(request: Request, serve: Serve) -> Answer:
    """A result has a member that the document does not name."""
    answer = serve(request)
    more = request.path == RESULT and answer.status == 200
    return answer.saying({**answer.value(), "Status": "Active"}) if more else answer


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


# --- the callback -----------------------------------------------------------------------------------------------------


def browsing(request: Request, serve: Serve, change: Callable[[Visit], list[Visit]]) -> Answer:
    """Have the browser do something else at the end of a session."""
    request.memory["browser"] = change
    return serve(request)


def bringing(request: Request, serve: Serve, change: Callable[[str], str]) -> Answer:
    """Have the browser bring another query."""

    def other(visit: Visit) -> list[Visit]:
        return [replace(visit, parts=visit.parts._replace(query=change(visit.parts.query)))]

    return browsing(request, serve, other)


@fault("callback", "AFC417")
def browser_stays(request: Request, serve: Serve) -> Answer:
    """Nobody is sent to the CallbackURL."""
    return browsing(request, serve, lambda _: [])


@fault("callback-once", "AFC418")
def callback_called_twice(request: Request, serve: Serve) -> Answer:
    """The CallbackURL is called by the server, and opened by the browser."""
    return browsing(request, serve, lambda visit: [visit, visit])


@fault("callback-once", "AFC418")
def callback_posted(request: Request, serve: Serve) -> Answer:
    """The parameters come by POST."""
    return browsing(request, serve, lambda visit: [replace(visit, method="POST")])


@fault("callback-discreet", "AFC419")
def link_in_referer(request: Request, serve: Serve) -> Answer:
    """Referer holds the link of the session."""
    link = "https://www.byteplus.com/en/liveness-face-manage/authorization?pl=x"
    return browsing(request, serve, lambda visit: [replace(visit, headers={"Referer": link})])


@fault("callback-discreet", "AFC419")
def credential_at_the_callback(request: Request, serve: Serve) -> Answer:
    """The server comes itself, with a credential of its own."""
    return browsing(request, serve, lambda visit: [replace(visit, headers={"Authorization": "Bearer of-the-server"})])


@fault("callback-discreet", "AFC419")
def key_at_the_callback(request: Request, serve: Serve) -> Answer:
    """The API key stands in the query."""
    return bringing(request, serve, lambda query: f"{query}&caller={KEY}")


@fault("callback-parameters", "AFC420")
def parameter_left_out(request: Request, serve: Serve) -> Answer:
    """verify_type is missing."""
    return bringing(request, serve, lambda query: query.replace("&verify_type=real_time", ""))


@fault("callback-parameters", "AFC420")
def parameter_twice(request: Request, serve: Serve) -> Answer:
    """ResultCode comes twice."""
    return bringing(request, serve, lambda query: f"{query}&resultCode=10000")


@fault("callback-parameters", "AFC420")
def parameter_spelt_as_the_token(request: Request, serve: Serve) -> Answer:
    """The token comes as BytedToken."""
    return bringing(request, serve, lambda query: query.replace("bytedToken", "BytedToken"))


@fault("callback-parameters", "AFC420")
def parameters_behind_a_second_question_mark(request: Request, serve: Serve) -> Answer:
    """The parameters follow the own query behind a question mark."""
    return bringing(request, serve, lambda query: query.replace("&bytedToken", "?bytedToken"))


@fault("callback-parameters", "AFC420")
def parameters_behind_the_fragment(request: Request, serve: Serve) -> Answer:
    """The parameters are appended to the whole URL, fragment included."""

    def change(visit: Visit) -> list[Visit]:
        own, _, brought = visit.parts.query.partition("&bytedToken")
        fragment = f"{visit.parts.fragment}&bytedToken{brought}"
        return [replace(visit, parts=visit.parts._replace(query=own, fragment=fragment))]

    return browsing(request, serve, change)


@fault("callback-values", "AFC421")
def another_kind_of_verification(request: Request, serve: Serve) -> Answer:
    """verify_type is something else."""
    return bringing(request, serve, lambda query: query.replace("real_time", "offline"))


@fault("callback-values", "AFC421")
def billed_in_words(request: Request, serve: Serve) -> Answer:
    """ReqMeasureInfoValue is a word."""
    return bringing(request, serve, lambda query: re.sub("InfoValue=.", "InfoValue=true", query))


@fault("callback-values", "AFC421")
def sub_code_in_words(request: Request, serve: Serve) -> Answer:
    """AlgorithmBaseRespCode is empty."""
    return bringing(request, serve, lambda query: query.replace("RespCode=0", "RespCode="))


@fault("callback-token", "AFC422")
def token_of_another_session(request: Request, serve: Serve) -> Answer:
    """The token is another one."""
    return bringing(
        request, serve, lambda query: re.sub("bytedToken=[^&]*", f"bytedToken=20260702221526{'0' * 20}", query)
    )


@fault("callback-outcome", "AFC423")
def passed_and_told_otherwise(request: Request, serve: Serve) -> Answer:
    """Whoever passed is told that they did not."""
    return bringing(request, serve, lambda query: query.replace("10000", "20001"))


@fault("callback-outcome", "AFC423")
def failed_and_told_otherwise(request: Request, serve: Serve) -> Answer:
    """Whoever failed is told that they passed."""
    return bringing(request, serve, lambda query: query.replace("20001", "10000"))


@fault("callback-whole", "AFC424")
def own_query_lost(request: Request, serve: Serve) -> Answer:
    """The parameters take the place of the own query."""
    return bringing(request, serve, lambda query: query[query.index("bytedToken") :])


@fault("callback-whole", "AFC424")
def own_query_decoded(request: Request, serve: Serve) -> Answer:
    """The own query is decoded once and not encoded again."""
    return bringing(request, serve, lambda query: query.replace("%26", "&"))


@fault("callback-whole", "AFC424")
def fragment_lost(request: Request, serve: Serve) -> Answer:
    """The fragment is gone."""
    return browsing(request, serve, lambda visit: [replace(visit, parts=visit.parts._replace(fragment=""))])


@fault("callback-whole", "AFC424")
def fragment_in_the_query(request: Request, serve: Serve) -> Answer:
    """The number sign of the fragment is encoded, so that it ends the query."""
    return bringing(request, serve, lambda query: query.replace("&bytedToken", "%23end-of-verification&bytedToken"))


@fault("callback-group", "AFC425")
def called_before_it_is_done(request: Request, serve: Serve) -> Answer:
    """The browser is sent away before the group is there."""
    if request.path != COMPLETE or not (session := session_of(request)) or session["ended"]:
        return serve(request)
    request.memory["browser"] = lambda _: []
    if request.value()["outcome"] == "pass" and request.value().get("visit_callback"):
        visit = visit_of(request, request.value()["BytedToken"])
        brought = visit.parts.query.replace("20001", "10000").replace("InfoValue=0", "InfoValue=1")
        request.memory["browser"] = lambda _: [replace(visit, parts=visit.parts._replace(query=brought))]
        browse(request, request.value()["BytedToken"])
        request.memory["browser"] = lambda _: []
    return serve(request)
