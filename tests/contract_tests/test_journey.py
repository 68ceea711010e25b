"""The journey at our mock, at mocks and hosts that stand in for others, and with a person at a terminal."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from contract_tests.budget import UNLIMITED, Budget
from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.ledger import Ledger
from contract_tests.run import Inconclusive, NotRun, Run
from contract_tests.sending import Sender
from contract_tests.spending import Spending
from contract_tests.steps import STEPS, steps_of
from contract_tests.targets import Target
from contract_tests.traveller import NEEDS_CONTROL, NEEDS_MOCK, NEEDS_OTHER_KEY, NEEDS_PERSON, Traveller
from contract_tests.walk import Missed, Walk, step
from openapi.contract import packaged_contract
from tests.contract_tests.standing_in import ROOT, left_behind, run_suite
from tests.documents.making import contract, operation_tree
from tests.wrong_servers import journey as faults
from tests.wrong_servers.mock import (
    CLOCK,
    COMPLETE,
    OTHER_KEY,
    RESULT,
    finish,
    group_id,
    now,
    ok,
    refusal,
    serve_host,
    serve_mock,
    sessions,
)
from tests.wrong_servers.server import KEY, PATH, Answer, Host, Request, Serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from contract_tests.traveller import Person
    from tests.wrong_servers.server import Plant

ALL = [one.name for one in STEPS]
FIRST = ["create", "fresh-token", "pending"]
CONTROLLED = ["complete", "present", "dated", "read-again", "reuse", "failed-attempt", "other-session", "expiry"]
"""What needs a person or a mock."""

ABSENT = f"not offered: the target has no POST {RESULT}"


@pytest.fixture(scope="module")
def mock() -> Iterator[Host]:
    with Host(serve_mock).running() as running:
        yield running


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host(serve_host).running() as running:
        yield running


class Recorder:
    """A fault that only writes down what is asked for, and may plant another one."""

    def __init__(self, plant: Plant | None = None) -> None:
        self.asked: list[str] = []
        self._plant = plant

    def __call__(self, request: Request, serve: Serve) -> Answer:
        self.asked.append(f"{request.method} {request.target} {request.headers.get('authorization')} {request.body!r}")
        return serve(request) if self._plant is None else self._plant(request, serve)

    def places(self, *words: str) -> list[int]:
        """Give where requests that hold all these words stand among all."""
        return [number for number, line in enumerate(self.asked) if all(word in line for word in words)]


def walked(
    url: str, person: Person | None = None, other_key: str = OTHER_KEY, budget: Budget = UNLIMITED, **more: str
) -> dict[str, str]:
    """Walk the journey; give by step what it came to: `passed`, `reported`, `warned`, or another word and why."""
    sender = Sender(Target(url, KEY, 10.0, other_key, **more))
    spending = Spending(sender, Ledger(budget))
    run = Run(packaged_contract(), sender.target, sender, MemoryExchanges(), spending)
    walk = Walk(Traveller(run, person=person))
    found = {}
    for one in STEPS:
        try:
            verdict = walk.check(one)
        except ContractFailure as failure:
            found[one.name] = f"failed: {' '.join(finding.code for finding in failure.findings)}"
        except Inconclusive as error:
            found[one.name] = f"inconclusive: {error}"
        except NotRun as error:
            found[one.name] = f"not run: {error}"
        else:
            found[one.name] = "warned" if verdict.warned else "reported" if verdict.reported else "passed"
    sender.close()
    return found


def said(found: dict[str, str], word: str) -> list[str]:
    return [name for name, one in found.items() if one == word or one.startswith(f"{word}: ")]


# --- at a mock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_our_mock_passes_every_step(tmp_path: Path, profile: str) -> None:
    ran = run_suite(tmp_path, "-q", "-k", "journey", "--contract-profile", profile, key="")
    assert ran.status == 0, ran.out
    assert ran.line("journey") == f"{len(STEPS)} passed"
    assert ran.line("requests").startswith("17 sent, 3 of a kind that costs"), ran.out
    assert "Get Visual Validate Result 1.0.0 (reconstructed, sha256" in ran.out
    assert left_behind(tmp_path) == []


def test_workers_walk_one_journey_in_order_and_nobody_sends_in_another_time(tmp_path: Path, mock: Host) -> None:
    recorder = Recorder()
    with mock.planting(recorder) as url:
        ran = run_suite(tmp_path, "-q", "-n4", "--contract-target", url, "--contract-journey", key=KEY)
    assert ran.status == 0, ran.out
    assert ran.line("journey") == f"{len(STEPS)} passed"
    asked = recorder.asked
    assert ran.line("requests").startswith(f"{len(asked)} sent, 13 of them")
    results = recorder.places(RESULT)
    completed = recorder.places(COMPLETE)
    assert [len(results), len(completed), len(recorder.places("/_mock/ready"))] == [8, 4, 1]
    forward, back = recorder.places(CLOCK)
    assert back == forward + 2, "only the one result is asked for between"
    assert RESULT in asked[forward + 1]
    (token,) = {found[0] for line in asked[forward : back + 1] if (found := re.findall(r"[0-9]{14}[0-9A-F]{20}", line))}
    mine = [number for number in recorder.places(token) if RESULT in asked[number]]
    first_end = recorder.places(token, COMPLETE)[0]
    assert mine[0] < first_end < mine[1] < forward, "asked for before the end, and after it"


def test_the_clock_goes_back_also_when_the_answer_between_is_lost(mock: Host) -> None:
    def lost(request: Request, serve: Serve) -> Answer:
        late = request.path == RESULT and faults.is_expired(request)
        return Answer(200, {}, cut="closed") if late else serve(request)

    recorder = Recorder(lost)
    with mock.planting(recorder) as url:
        found = walked(url)
        assert mock.memory["ahead"] == 0
    assert found["expiry"] == "failed: AFC116"
    assert len(recorder.places(CLOCK)) == 2


def test_a_mock_whose_clock_was_set_is_read_by_its_own_time(mock: Host) -> None:
    with mock.planting(lambda request, serve: serve(request)) as url:
        mock.memory["ahead"] = 86400.0
        found = walked(url)
        assert mock.memory["ahead"] == 86400
    assert found["dated"] == "passed"


@pytest.mark.parametrize("moment", [None, 7, "yesterday", "2026-11-22T10:00:00"])
def test_a_mock_that_tells_no_time_is_read_by_ours(mock: Host, moment: object) -> None:
    def plant(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        return answer.saying({**answer.value(), "ended": moment}) if request.path == COMPLETE else answer

    with mock.planting(plant) as url:
        assert walked(url)["dated"] == "passed"


def with_control_token(token: str) -> Plant:
    """Have the mock ask for a control token."""

    def plant(request: Request, serve: Serve) -> Answer:
        asked = request.path.startswith("/_mock/") and request.headers.get("authorization") != f"Bearer {token}"
        return refusal(401, "the token").having(x_mock_version="1") if asked else serve(request)

    return plant


def test_a_mock_that_asks_for_its_control_token_is_steered_with_it_alone(mock: Host) -> None:
    recorder = Recorder(with_control_token("control-1"))
    with mock.planting(recorder) as url:
        with_it = walked(url, control_token="control-1")
        without = walked(url)
    assert said(with_it, "passed") == [name for name in ALL if not name.startswith("callback")]
    assert {without[name] for name in CONTROLLED} == {f"not run: {NEEDS_CONTROL}"}
    assert said(without, "passed") == [
        name for name in ALL if name not in CONTROLLED and not name.startswith("callback")
    ]
    held = [line for line in recorder.asked if "control-1" in line]
    assert held
    assert all("/_mock/" in line for line in held), "the token goes to the control routes and nowhere else"


def test_a_mock_that_serves_no_result_is_not_asked_for_more(mock: Host) -> None:
    def other(request: Request, serve: Serve) -> Answer:
        if request.path == "/_mock/ready":
            return ok({"operations": [f"POST {PATH}"]}).having(x_mock_version="1")
        return serve(request) if request.path != RESULT else refusal(404, "there is no such operation")

    with mock.planting(other) as url:
        found = walked(url)
    assert said(found, "passed") == ["create"]
    assert {one for name, one in found.items() if name != "create"} == {f"not run: {ABSENT}"}


# --- at a host --------------------------------------------------------------------------------------------------------


def answering(status: int, body: bytes, kind: str = "application/json") -> Plant:
    """Answer everything but a session so."""

    def plant(request: Request, serve: Serve) -> Answer:
        return serve(request) if request.path == PATH else Answer(status, {"Content-Type": kind}, body)

    return plant


def invalid_url(request: Request, serve: Serve) -> Answer:
    """Refuse unknown paths as the gateway family does [G8]."""
    if request.path == PATH:
        return serve(request)
    return refusal(404, f"Invalid URL ({request.method} {request.path}) (request id: 20261122111505260254000NBdvZFoP)")


def dated_error(request: Request, serve: Serve) -> Answer:
    """Refuse unknown paths as a widespread framework does, with time and path in the body."""
    time = f"2026-11-22T10:00:0{len(request.target) % 10}.1+00:00"
    answer = Answer(404, {"Content-Type": "application/json"})
    return serve(request) if request.path == PATH else answer.saying({"timestamp": time, "path": request.path})


NOT_OFFERED = {
    "the family's words": invalid_url,
    "words with the time": dated_error,
    "the same words": answering(404, b'{"detail": "Not Found"}'),
    "no JSON": answering(404, b"404 page not found\n", "text/plain"),
    "no body": answering(404, b"", ""),
    "another method": answering(405, b'{"detail": "Method Not Allowed"}'),
    "not implemented": answering(501, b"{}"),
    "a web page": answering(200, b"<!doctype html><title>Console</title>", "text/html; charset=utf-8"),
}


@pytest.mark.parametrize("plant", NOT_OFFERED.values(), ids=list(NOT_OFFERED))
def test_a_host_without_the_operation_fails_nothing(plant: Plant, host: Host) -> None:
    with host.planting(plant) as url:
        found = walked(url)
    assert said(found, "passed") == ["create"]
    assert {one for name, one in found.items() if name != "create"} == {f"not run: {ABSENT}"}


def test_a_refused_token_is_told_from_an_operation_that_is_not_there(host: Host) -> None:
    with host.planting(faults.fresh_token_not_found) as url:
        found = walked(url)
    assert found["fresh-token"] == "failed: AFC402"
    assert set(said(found, "not run")) == set(ALL) - {"create", "fresh-token"}


def test_without_a_person_a_host_is_asked_what_can_be_known(host: Host) -> None:
    recorder = Recorder()
    with host.planting(recorder) as url:
        found = walked(url, other_key="")
    assert said(found, "passed") == [*FIRST, "unknown-token", "no-leak", "manners"]
    assert {found[name] for name in ("complete", "present", "dated", "read-again")} == {f"not run: {NEEDS_PERSON}"}
    assert found["other-caller"] == found["no-oracle"] == f"not run: {NEEDS_OTHER_KEY}"
    assert len(recorder.asked) == 4, "is it a mock, a session, its result, that of an unknown token"


def test_the_key_that_only_mocks_know_is_sent_to_no_host(host: Host) -> None:
    recorder = Recorder()
    with host.planting(recorder) as url:
        found = walked(url, other_key=OTHER_KEY)
    assert found["other-caller"] == f"not run: {NEEDS_OTHER_KEY}"
    assert recorder.places(OTHER_KEY) == []


def with_second_key(request: Request, serve: Serve) -> Answer:
    """Know another caller than the mocks do."""
    sent = request.headers.get("authorization", "")
    return serve(request.having(authorization=f"Bearer {OTHER_KEY}") if sent == "Bearer sk-second" else request)


def test_another_caller_of_a_host_is_played_with_the_second_key(host: Host) -> None:
    with host.planting(with_second_key) as url:
        found = walked(url, other_key="sk-second")
    assert found["other-caller"] == found["no-oracle"] == "passed"


def test_a_second_key_that_the_host_does_not_know_says_nothing(host: Host) -> None:
    with host.planting(lambda request, serve: serve(request)) as url:
        found = walked(url, other_key="sk-second")
    assert found["other-caller"].startswith("inconclusive: the target does not know the key in ANYFAST_API_KEY_2")
    assert found["no-oracle"] == "not run: journey/other-caller was inconclusive"


@pytest.mark.parametrize(
    ("plant", "name", "word"),
    [
        (faults.group_before_anybody_came, "pending", "reported"),
        (faults.fresh_token_not_ready, "fresh-token", "failed"),
        (faults.unknown_token_is_pending, "unknown-token", "reported"),
        (faults.session_refused, "create", "failed"),
    ],
)
def test_at_a_host_the_basis_decides_what_a_step_does(plant: Plant, name: str, word: str, host: Host) -> None:
    with host.planting(plant) as url:
        assert walked(url)[name].partition(":")[0] == word


def test_a_host_that_is_busy_is_inconclusive_once(host: Host) -> None:
    with host.planting(lambda *_: refusal(503, "busy")) as url:
        found = walked(url)
    assert found["create"] == "inconclusive: the target answered 503"
    assert {one for name, one in found.items() if name != "create"} == {"not run: journey/create was inconclusive"}


# --- with a person ----------------------------------------------------------------------------------------------------


class Patient:
    """A person who is waited for so many polls."""

    limit = 7.0

    def __init__(self, polls: int) -> None:
        self.polls = polls
        self.links: list[str] = []

    def wait(self, link: str, poll: Callable[[], bool]) -> bool:
        self.links.append(link)
        return any(poll() for _ in range(self.polls))


def finishing(after: int, *, word: int = 200) -> Recorder:
    """Have the person finish behind so many results; from then on another status may be answered."""

    def plant(request: Request, serve: Serve) -> Answer:
        if request.path == RESULT and KEY in request.headers["authorization"]:
            request.memory["polls"] = request.memory.get("polls", 0) + 1
            if request.memory["polls"] == after + 1:
                for session in sessions(request).values():
                    finish(session, now(request))
            if word != 200 and request.memory["polls"] > after:
                return refusal(word, "no")
        return serve(request)

    return Recorder(plant)


def test_a_person_who_finishes_lets_the_journey_go_on(host: Host) -> None:
    recorder, person = finishing(3), Patient(9)
    with host.planting(recorder) as url:
        found = walked(url, person)
    assert said(found, "passed") == [
        *FIRST, "complete", "present", "dated", "read-again", "unknown-token", "no-leak", "manners"
    ]  # fmt: skip
    assert {found[name] for name in ("reuse", "failed-attempt", "other-session", "expiry")} == {
        f"not run: {NEEDS_MOCK}"
    }
    assert len(person.links) == 1
    assert len(recorder.places(RESULT, KEY)) == 6, "pending, three polls, read again, unknown"


def test_a_person_who_never_comes_leaves_the_journey_undecided(host: Host) -> None:
    recorder, person = finishing(99), Patient(4)
    with host.planting(recorder) as url:
        found = walked(url, person)
    assert found["complete"] == "inconclusive: nobody finished within 7 s: GroupId stayed empty"
    assert found["present"] == found["read-again"] == "not run: journey/complete was inconclusive"
    assert (len(person.links), len(recorder.places(RESULT, KEY))) == (1, 6), "waited for once"


class Punctual(Patient):
    """A person who is waited for to the end, and looked after much more often than the budget allows."""

    limit = 1.5

    def wait(self, link: str, poll: Callable[[], bool]) -> bool:
        self.links.append(link)
        end = time.monotonic() + self.limit
        while not (over := poll()) and time.monotonic() < end:
            time.sleep(0.01)
        return over


def test_looks_at_the_result_are_spread_over_the_wait_that_a_budget_has_room_for(host: Host) -> None:
    # Session, pending and whether it is a mock came before; three requests of the journey come after.
    recorder = finishing(4)
    with host.planting(recorder) as url:
        found = walked(url, Punctual(0), budget=Budget(2, 3 + 5 + 3))
    assert found["complete"] == found["present"] == found["unknown-token"] == "passed", found
    assert len(recorder.asked) <= 11


def test_budget_without_room_for_a_look_brings_no_person(host: Host) -> None:
    person = Punctual(0)
    with host.planting(finishing(0)) as url:
        found = walked(url, person, budget=Budget(2, 6))
    assert found["complete"].startswith("not run: the budget has no room to ask for the result again and again")
    assert person.links == []


def test_journey_without_a_paid_request_in_the_budget_is_not_run(host: Host) -> None:
    recorder = Recorder()
    with host.planting(recorder) as url:
        found = walked(url, budget=Budget(paid=0))
    assert recorder.asked == []
    assert {one.partition(":")[0] for one in found.values()} == {"not run"}


def test_a_busy_answer_while_a_person_is_waited_for_is_no_end(host: Host) -> None:
    with host.planting(finishing(2, word=429)) as url:
        found = walked(url, Patient(3))
    assert found["complete"] == "inconclusive: nobody finished within 7 s: the target answered 429"


def test_a_token_that_dies_while_a_person_is_waited_for_ends_the_wait(host: Host) -> None:
    recorder = finishing(2, word=404)
    with host.planting(recorder) as url:
        found = walked(url, Patient(9))
    assert found["complete"] == "inconclusive: the result was answered 404 while a person was waited for"


@pytest.mark.parametrize(
    "link", [None, "", "ftp://h5.example/?pl=x", "https://h5.example/?pl=\x1b[2J", "https://h5.example/ ?x=1"]
)
def test_a_link_that_a_terminal_must_not_show_is_shown_to_nobody(link: str | None, host: Host) -> None:
    def plant(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        return answer if request.path != PATH else answer.saying({**answer.value(), "H5Link": link})

    person = Patient(1)
    with host.planting(plant) as url:
        walked(url, person)
    assert person.links == []


@pytest.mark.parametrize(("hours", "word"), [(0, "passed"), (8, "passed"), (7, "reported"), (16, "reported")])
def test_at_a_host_a_group_may_be_dated_in_utc_or_utc8(hours: int, word: str, host: Host) -> None:
    def plant(request: Request, serve: Serve) -> Answer:
        answer = serve(request)
        if request.path == RESULT and answer.status == 200 and request.memory.setdefault("polls", []) is not None:
            request.memory["polls"].append(1)
            if len(request.memory["polls"]) > 1:
                return ok(
                    {"GroupId": request.memory.setdefault("id", group_id(now(request) + (hours - 8) * 3600 - 500))}
                )
        return answer

    with host.planting(plant) as url:
        assert walked(url, Patient(3))["dated"] == word


# --- what there is to walk --------------------------------------------------------------------------------------------


def test_a_contract_without_both_operations_has_no_journey() -> None:
    assert steps_of(packaged_contract()) == STEPS
    assert steps_of(contract(operation_tree({"operationId": "getVisualValidateResult"}, method="post"))) == []


@pytest.mark.parametrize(
    ("names", "came_to"),
    [
        (["vendor/create-visual-validate-session.yaml"], "1 not run"),
        (
            ["vendor/create-visual-validate-session.yaml", "reconstructed/get-visual-validate-result.yaml"],
            f"{len(STEPS)} passed",
        ),
    ],
)
def test_documents_of_the_user_have_a_journey_if_they_have_both_operations(
    tmp_path: Path, names: list[str], came_to: str
) -> None:
    arguments = []
    for number, name in enumerate(names):
        (tmp_path / f"{number}.yaml").write_bytes((ROOT / "openapi" / name).read_bytes())
        arguments += ["--contract-document", f"{number}.yaml"]
    ran = run_suite(tmp_path, "-q", "-k", "journey", *arguments)
    assert ran.status == 0, ran.out
    assert ran.line("journey") == came_to, ran.out


def test_every_step_has_a_sentence_and_its_needs_come_before() -> None:
    for number, one in enumerate(STEPS):
        assert one.sentence.endswith(".")
        assert {need.name for need in (*one.needs, *one.after)} <= set(ALL[:number])
    assert [one.name for one in STEPS if one.cost == "paid"] == ["create", "failed-attempt", "other-session"]


def test_a_code_that_is_taken_is_refused_by_both_names() -> None:
    with pytest.raises(ValueError, match="AFC403 belongs to pending and to again"):

        @step("AFC403", basis="assumed")
        def again(_: Traveller) -> Iterator[Missed]:
            """Again."""
            yield from ()


def test_a_target_is_walked_only_if_that_is_asked_for(tmp_path: Path, mock: Host) -> None:
    recorder = Recorder()
    with mock.planting(recorder) as url:
        ran = run_suite(tmp_path, "-q", "-k", "journey", "--contract-target", url, key=KEY)
    assert (ran.status, recorder.asked) == (0, []), ran.out
    assert ran.line("journey") == "1 not run"
    assert "not run: say --contract-journey to walk it at this target" in ran.out


MISTAKES = [
    pytest.param(["--contract-interactive"], {}, "here is no terminal", id="no terminal"),
    pytest.param(["--contract-interactive", "-n2"], {}, "waits at one terminal: leave -n out", id="workers"),
    pytest.param(["--contract-interactive-wait", "4000"], {}, "up to 3600", id="too long"),
    pytest.param([], {"ANYFAST_API_KEY_2": KEY}, "ANYFAST_API_KEY_2 holds the key of ANYFAST_API_KEY", id="one key"),
    pytest.param([], {"ANYFAST_API_KEY_2": "sk-x y"}, "ANYFAST_API_KEY_2 holds characters", id="blank"),
    pytest.param([], {"ANYFAST_MOCK_CONTROL_TOKEN": "ü"}, "ANYFAST_MOCK_CONTROL_TOKEN holds", id="control"),
]


@pytest.mark.parametrize(("arguments", "variables", "sentence"), MISTAKES)
def test_a_mistake_is_explained_before_anything_is_sent(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], sentence: str, mock: Host
) -> None:
    recorder = Recorder()
    with mock.planting(recorder) as url:
        more = ["--contract-target", url, "--contract-journey", *arguments]
        ran = run_suite(tmp_path, "-q", *more, key=KEY, program=(), **variables)
    assert (ran.status, recorder.asked) == (4, []), ran.out
    assert sentence in ran.out
    assert "Traceback" not in ran.out
