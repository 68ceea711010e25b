"""The callback: who receives it, at whom it is waited for, and what of it is shown."""

from __future__ import annotations

import json
import re
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from contract_tests.budget import UNLIMITED, Budget
from contract_tests.cases import cases_of
from contract_tests.exchanges import FolderExchanges, MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.ledger import FolderLedger, Ledger
from contract_tests.plan import make_plan
from contract_tests.preparing import CannotRun, Options, admitted_target, callback_receiver
from contract_tests.receiver import FRAGMENT, OWN_QUERY, Callback, CannotListen, Receiver
from contract_tests.run import Inconclusive, NotRun, Run
from contract_tests.sending import Sender
from contract_tests.spending import Spending
from contract_tests.steps import STEPS
from contract_tests.targets import Target
from contract_tests.traveller import NEEDS_CALLBACK, NEEDS_PERSON, Traveller
from contract_tests.walk import Walk
from openapi.contract import packaged_contract
from tests.contract_tests.standing_in import KEY as OTHER
from tests.contract_tests.standing_in import left_behind, run_suite
from tests.contract_tests.test_journey import Patient
from tests.wrong_servers.mock import COMPLETE, RESULT, browse, finish, now, serve_host, serve_mock, sessions
from tests.wrong_servers.server import KEY, PATH, Answer, Host, Request, Serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.wrong_servers.server import Plant

CONTRACT = packaged_contract()
CALLBACK = [one.name for one in STEPS if one.by == "callback"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    made.callback.patience = 0.2
    yield made
    made.stop()


def ask(url: str, method: str = "GET", body: str | None = None) -> tuple[int, bytes]:
    """Send a request without its fragment; give status and body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=5)
    connection.request(method, f"{parts.path}?{parts.query}", body)
    answer = connection.getresponse()
    read = answer.status, answer.read()
    connection.close()
    return read


# --- the receiver -----------------------------------------------------------------------------------------------------


def test_what_comes_is_written_down_for_its_session(receiver: Receiver, capfd: pytest.CaptureFixture[str]) -> None:
    callback = receiver.callback
    told: list[str] = []
    receiver.on_arrival = told.append
    status, page = ask(callback.url("create") + "&a=1")
    assert (status, b"You can close the page." in page) == (200, True)
    (came,) = callback.wait("create")
    assert (came.method, came.query, came.body) == ("GET", OWN_QUERY, 0)
    assert came.header("HOST") == urlsplit(callback.base).netloc
    assert callback.arrivals("failed-attempt") == []
    assert told == ["create"]
    assert ask(callback.url("failed-attempt"), "BREW", "four") == (200, page)
    assert [(one.session, one.method, one.body) for one in callback.all()][1:] == [("failed-attempt", "BREW", 4)]
    assert capfd.readouterr() == ("", "")
    assert OWN_QUERY not in repr(came)


def test_who_does_not_know_the_path_of_the_run_is_told_nothing(receiver: Receiver) -> None:
    base = receiver.callback.base
    origin = base[: base.index("/contract")]
    for path in ("/", "/favicon.ico", "/contract-callback/create", f"{base[len(origin) :]}x/create"):
        assert ask(origin + path) == (404, b""), path
    for path in ("/", "/a.b", "/create/other", f"/{'x' * 41}"):
        assert ask(base + path) == (404, b""), path
    assert receiver.callback.all() == []


def test_the_page_tells_the_fragment_and_the_first_word_counts(receiver: Receiver) -> None:
    url = receiver.callback.url("create")
    _, page = ask(url)
    assert b'fetch(location.pathname + "/fragment"' in page
    assert receiver.callback.fragment("create") is None
    tell = f"{urlsplit(url).path}/fragment"
    origin = url[: url.index("/contract")]
    for text in (f"#{FRAGMENT}", "#other"):
        assert ask(origin + tell, "POST", text)[0] == 204
    assert receiver.callback.fragment("create") == FRAGMENT
    assert len(receiver.callback.all()) == 1, "what the page tells is no arrival"


def test_what_a_tunnel_puts_before_the_path_is_taken_off(receiver: Receiver) -> None:
    url = receiver.callback.url("create")
    ask(url.replace("/contract", "/of/the/tunnel/contract"))
    assert receiver.callback.arrivals("create")[0].target == url[url.index("/contract") :].partition("#")[0]


def test_workers_read_what_the_receiver_wrote_down(tmp_path: Path) -> None:
    receiver = Receiver(folder=tmp_path)
    worker = Callback(receiver.callback.base, tmp_path)
    assert (worker.url("create"), worker.fragment("create")) == (receiver.callback.url("create"), None)
    ask(worker.url("create"))
    path = urlsplit(worker.url("create")).path
    ask(f"{worker.base[: worker.base.index('/contract')]}{path}/fragment", "POST", "#x")
    receiver.stop()
    assert [one.query for one in worker.wait("create")] == [OWN_QUERY]
    assert worker.fragment("create") == "x"


def test_no_more_than_so_many_requests_are_kept(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contract_tests.receiver.MOST", 2)
    for _ in range(4):
        assert ask(receiver.callback.url("create"))[0] == 200
    assert len(receiver.callback.all()) == 2


def test_a_port_that_is_taken_is_told_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotRun, match=rf"cannot listen on {place}: .*--contract-callback-listen names another"):
            callback_receiver(Options(callback_listen=place), None)
    with pytest.raises(CannotListen):
        Receiver(("127.0.0.1", 70000))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(callback_url="https://t.example"), "our mock visits callbacks on this machine alone"),
        (Options(target="https://www.anyfast.ai", callback_url="ftp://t.example"), "takes the URL of a tunnel"),
        (Options(target="https://www.anyfast.ai", callback_url="https://t.example?a=1"), "without query and fragment"),
        (Options(target="https://www.anyfast.ai", callback_url="https://u@t.example"), "takes the URL of a tunnel"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(options: Options, said: str) -> None:
    with pytest.raises(CannotRun, match=said):
        admitted_target(options, CONTRACT)


def test_where_to_listen_is_read_strictly() -> None:
    with pytest.raises(CannotRun, match="takes HOST:PORT, such as"):
        callback_receiver(Options(callback_listen="8787"), None)


def test_a_tunnel_is_what_the_host_is_told() -> None:
    made = callback_receiver(
        Options(target="x", callback_url="https://t.example/", callback_listen="127.0.0.1:0"), None
    )
    made.stop()
    assert re.fullmatch(r"https://t\.example/contract-callback/[0-9a-f]{16}", made.callback.base)


# --- at a mock --------------------------------------------------------------------------------------------------------


def walked(
    url: str,
    receiver: Receiver | None,
    person: Patient | None = None,
    budget: Budget = UNLIMITED,
    folder: Path | None = None,
) -> dict[str, str]:
    """Walk the journey; give by step of the callback, and by `complete`, what it came to, in a word and why."""
    sender = Sender(Target(url, KEY, 10.0))
    ledger = Ledger(budget) if folder is None else FolderLedger(folder, budget)
    exchanges = MemoryExchanges() if folder is None else FolderExchanges(folder)
    run = Run(CONTRACT, sender.target, sender, exchanges, Spending(sender, ledger))
    traveller = Traveller(run, person=person, callback=None if receiver is None else receiver.callback)
    if receiver is not None:
        receiver.on_arrival = traveller.at_arrival
    walk = Walk(traveller)
    found = {}
    for one in STEPS:
        try:
            verdict = walk.check(one)
        except ContractFailure as failure:
            found[one.name] = f"failed: {' '.join(finding.code for finding in failure.findings)}"
        except (Inconclusive, NotRun) as error:
            found[one.name] = f"{type(error).__name__}: {error}"
        else:
            found[one.name] = "reported" if verdict.reported else "passed"
    sender.close()
    return {name: one for name, one in found.items() if name in (*CALLBACK, "complete", "present", "read-again")}


def test_a_mock_that_cannot_reach_this_machine_fails_nothing(receiver: Receiver) -> None:
    def plant(request: Request, serve: Serve) -> Answer:
        request.memory["browser"] = lambda _: []
        answer = serve(request)
        if request.path != COMPLETE:
            return answer
        return answer.saying({**answer.value(), "visit": {"status": 0, "error": "refused by 127.0.0.1"}})

    with Host(serve_mock).running() as mock, mock.planting(plant) as url:
        found = walked(url, receiver)
    assert found["complete"] == found["present"] == "passed"
    assert {found[name] for name in CALLBACK} == {"NotRun: the mock cannot reach this machine: refused by 127.0.0.1"}


def test_nobody_asks_while_the_browser_waits_where_one_request_goes_at_a_time(
    receiver: Receiver, tmp_path: Path
) -> None:
    with Host(serve_mock).running() as mock, mock.planting(lambda request, serve: serve(request)) as url:
        found = walked(url, receiver, budget=Budget(9, 90), folder=tmp_path)
    assert found.pop("callback-group") == "NotRun: nobody could ask while the browser waited"
    assert set(found.values()) == {"passed"}


# --- at a host --------------------------------------------------------------------------------------------------------


def with_a_phone(after: int, *, arrives: bool = True, burns: bool = False) -> Plant:
    """Have a person finish behind so many results, and their browser come to the CallbackURL."""

    def plant(request: Request, serve: Serve) -> Answer:
        memory = request.memory
        if request.path == RESULT and KEY in request.headers["authorization"]:
            memory["polls"] = memory.get("polls", 0) + 1
            ((token, session),) = sessions(request).items()
            if memory["polls"] == after + 1 and not session["ended"]:
                answer = serve(request)
                finish(session, now(request))
                if arrives:
                    browse(request, token)
                return answer
            if burns and session["ended"] and memory.setdefault("read", memory["polls"]) != memory["polls"]:
                return Answer(404, {"Content-Type": "application/json"}, b"{}")
        return serve(request)

    return plant


def test_the_browser_of_a_person_is_received_and_nothing_more_is_sent(receiver: Receiver) -> None:
    with Host(serve_host).running() as host, host.planting(with_a_phone(2)) as url:
        found = walked(url, receiver, Patient(9))
        assert host.memory["polls"] == 6, "pending, two polls, while the browser waits, read again, unknown"
    assert set(found.values()) == {"passed"}


def test_a_result_that_can_be_read_once_is_read_while_the_browser_waits(receiver: Receiver) -> None:
    with Host(serve_host).running() as host, host.planting(with_a_phone(2, burns=True)) as url:
        found = walked(url, receiver, Patient(9))
    assert found.pop("read-again") == "reported"
    assert set(found.values()) == {"passed"}


def test_a_browser_that_never_comes_to_a_host_is_reported_once(receiver: Receiver) -> None:
    with Host(serve_host).running() as host, host.planting(with_a_phone(2, arrives=False)) as url:
        found = walked(url, receiver, Patient(9))
    assert found.pop("callback") == "reported", "upstream's page says so, not the vendor's"
    assert found.pop("callback-group") == "NotRun: nobody could ask while the browser waited"
    nothing = {name: one for name, one in found.items() if name in CALLBACK}
    assert set(nothing.values()) == {"NotRun: nothing came to the CallbackURL"}


def test_without_a_way_to_this_machine_the_callback_is_not_run(receiver: Receiver) -> None:
    bodies: list[bytes] = []

    def plant(request: Request, serve: Serve) -> Answer:
        bodies.extend([request.body] if request.path == PATH else [])
        return with_a_phone(2, arrives=False)(request, serve)

    with Host(serve_host).running() as host, host.planting(plant) as url:
        found = walked(url, None, Patient(9))
    with Host(serve_host).running() as host, host.planting(plant) as url:
        nobody = walked(url, receiver)
    assert {found[name] for name in CALLBACK} == {f"NotRun: {NEEDS_CALLBACK}"}
    assert {nobody[name] for name in CALLBACK} == {f"NotRun: {NEEDS_PERSON}"}
    assert b"https://example.com/callback" in bodies[0], "the example of the document"
    assert receiver.callback.url("create").encode() in bodies[1]


@pytest.mark.parametrize(
    ("person", "callback", "why"),
    [
        (True, True, ""),
        (True, False, "needs a way to this machine: --contract-callback-url"),
        (False, True, "needs a person: --contract-interactive"),
    ],
)
def test_the_plan_says_whether_the_callback_can_be_received(person: bool, callback: bool, why: str) -> None:
    cases = cases_of(CONTRACT)
    plan = make_plan(STEPS, cases, "https://www.anyfast.ai", UNLIMITED, person=person, callback=callback)
    assert {said for step, said in plan.steps if step.by == "callback"} == {why}


# --- in a run ---------------------------------------------------------------------------------------------------------


def test_workers_share_one_receiver_and_reports_show_what_came_without_the_token(tmp_path: Path) -> None:
    chosen = ("-q", "-n2", "-k", "journey", "--contract-report=r.json", "--contract-html=r.html")
    ran = run_suite(tmp_path, *chosen, key=OTHER)
    assert ran.status == 0, ran.out
    assert ran.line("journey") == f"{len(STEPS)} passed"
    made = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    first, second, third = made["arrivals"]
    named = (first["session"], second["session"], third["session"], first["method"])
    assert named == ("create", "failed-attempt", "other-session", "GET")
    assert first["target"].partition("?")[2].startswith(f"{OWN_QUERY}&bytedToken=***&resultCode=10000&")
    assert "resultCode=20001" in second["target"]
    for name in ("r.json", "r.html"):
        assert not re.search(r"[0-9]{14}[0-9A-F]{20}", (tmp_path / name).read_text(encoding="utf-8"))
    assert left_behind(tmp_path) == []
