"""The journal of an engine: what is taken down, what is found and counted, whose it is, and how much is kept."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import recording
from mockserver.clock import FrozenClock
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.exchange import ELSEWHERE, LATER, request_of
from mockserver.journal import Filter
from mockserver.sessions import InMemory, StoreUnavailable, in_memory
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from openapi.errors import ContractError
from openapi.overlay import BASES
from tests.documents.making import CREATE, ask, header

if TYPE_CHECKING:
    from mockserver.exchange import Decision, Request, Response
    from mockserver.recording import Entry

RESULT = "/volc/asset/GetVisualValidateResult"
CALLBACK = "https://app.example/done?user=7#top"
CONTRACT = packaged_contract()


def engine(**settings: Any) -> Engine:  # noqa: ANN401 - one of many types
    return Engine(CONTRACT, Settings(**settings), clock=FrozenClock(1_783_001_726.25))


def shown(entry: Entry) -> dict[str, Any]:
    return entry.shown()


# --- what is taken down -----------------------------------------------------------------------------------------------


def test_exchange_is_taken_down_with_what_came_what_was_decided_and_what_went_out() -> None:
    mock = engine()
    answer = ask(mock, "POST", CREATE, {"CallbackURL": CALLBACK}, f"{WORKING}-ann", {"X-Trace": "1"})
    (entry,) = mock.journal.find()
    told = shown(entry)
    assert told["id"] == header(answer, "X-Oneapi-Request-Id") == entry.id
    assert told["time"] == "2026-07-02T14:15:26.250000Z"
    assert (told["number"], told["operation"], told["delay"]) == (1, "createVisualValidateSession", 0.0)
    assert 0 < told["seconds"] < 10
    assert told["credential"] == "works, as a sandbox of its own"
    assert told["decision"] == {"rule": "createVisualValidateSession", "basis": "example", "detail": ""}
    request = told["request"]
    assert (request["method"], request["path"], request["query"]) == ("POST", CREATE, [])
    assert request["headers"]["authorization"] == "Bearer ***"
    assert request["headers"]["x-trace"] == "1"
    assert request["body"] == {
        "size": 54,
        "type": "application/json",
        "json": {"CallbackURL": "https://app.example/done?***"},
    }
    response = told["response"]
    assert response["status"] == 200
    assert response["body"]["json"] == {
        "BytedToken": "20260702221526***",
        "CallbackURL": "https://app.example/done?***",
        "H5Link": "http://127.0.0.1:8080/en/liveness-face-manage/authorization?***",
    }
    assert ["X-Mock-Rule", "createVisualValidateSession; basis=example"] in response["headers"]


def test_refusal_tells_the_rule_the_bases_and_the_reason() -> None:
    mock = engine()
    ask(mock, "POST", CREATE, {"CallbackURL": 7}, WORKING)
    ask(mock, "POST", CREATE, {})
    ask(mock, "POST", "/volc/asset/CreateVisualValidateSesion", {}, WORKING)
    path, missing, schema = [shown(one) for one in mock.journal.find()]
    assert schema["decision"]["rule"] == "body.schema"
    assert (schema["decision"]["basis"], schema["decision"]["reply"]) == ("documented", "assumed")
    assert "/CallbackURL" in schema["decision"]["detail"] or "CallbackURL" in schema["decision"]["detail"]
    assert missing["decision"]["rule"] == "auth.missing"
    assert (missing["credential"], missing["sandbox"]) == ("none", "")
    assert missing["request"]["body"] == {"size": None, "note": "Not read: the request was decided before."}
    assert (path["operation"], path["decision"]["rule"]) == (None, "route.path")
    assert path["decision"]["nearest"].startswith("POST /volc/asset/CreateVisualValidateSession")
    assert {one["decision"]["basis"] for one in (path, missing, schema)} <= set(BASES)


def test_decision_on_what_was_asked_for_tells_the_channel_and_the_answer_behind_it() -> None:
    mock = engine()
    ask(mock, "POST", CREATE, {}, WORKING, {"Prefer": "fault=invalid-json"})
    mock.faults.add("code=503")
    ask(mock, "POST", CREATE, {}, WORKING)
    told = [
        {name: text for name, text in shown(one)["decision"].items() if name != "detail"} for one in mock.journal.find()
    ]
    assert told == [
        {"rule": "fault.code", "basis": "asked", "reply": "assumed", "by": "queue", "answer": "fault.503"},
        {"rule": "fault.invalid-json", "basis": "asked", "by": "prefer", "answer": "createVisualValidateSession"},
    ]


def test_body_that_is_no_json_is_shown_as_text_and_one_that_is_too_long_in_part() -> None:
    mock = engine()
    for body in (b'{"CallbackURL": "javascript:PRIVATE', b"\xff\xfe", b'{"a": "' + b"x " * 40_000 + b'"}'):
        ask(mock, "POST", CREATE, body, WORKING)
    large, binary, broken = [shown(one)["request"]["body"] for one in mock.journal.find()]
    assert broken == {"size": 35, "text": '{"CallbackURL": "***"'}
    assert binary == {"size": 2, "note": "No text in UTF-8, and so not shown."}
    assert large["size"] == 80_009
    assert len(large["text"]) == recording.TEXT
    assert large["note"] == "Not all of it is shown."


def test_json_null_and_scalars_are_json() -> None:
    mock = engine()
    for body in (b"null", b"3"):
        ask(mock, "POST", CREATE, body, WORKING)
    assert [shown(one)["request"]["body"]["json"] for one in mock.journal.find()] == [3, None]


def test_answer_that_is_put_off_tells_for_how_long() -> None:
    mock = engine()
    ask(mock, "POST", CREATE, {}, WORKING, {"Prefer": "delay=1.5"})
    assert shown(mock.journal.find()[0])["delay"] == 1.5


def test_nothing_of_the_connection_is_kept() -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/x",
        "HTTP_X_A": "b",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(b"abc"),
        "wsgi.errors": io.StringIO(),
        LATER: lambda: None,
        ELSEWHERE: lambda: None,
    }
    request = request_of(environ)
    request.let_go()
    assert dict(request.headers.items()) == {"x-a": "b", "content-type": "text/plain"}
    assert request.headers.get("x-a") == "b"
    assert request.read(9) == b""
    assert {"wsgi.input", LATER} <= set(environ), "the server's own is left alone"
    left = vars(type(request.headers))["_environ"].__get__(request.headers)
    assert all(value is None or isinstance(value, str) for value in left.values())


def test_raw_values_are_there_for_a_test_in_the_same_process_and_never_in_a_repr() -> None:
    mock = engine()
    ask(mock, "POST", f"{CREATE}?a=b&a=c", {"CallbackURL": CALLBACK}, f"{WORKING}-PRIVATE")
    (entry,) = mock.journal.find()
    assert entry.json == {"CallbackURL": CALLBACK}
    assert entry.headers["authorization"] == f"Bearer {WORKING}-PRIVATE"
    assert entry.query == [("a", "b"), ("a", "c")]
    assert (entry.method, entry.path, entry.status, entry.rule) == ("POST", CREATE, 200, "createVisualValidateSession")
    assert repr(entry) == f"<Entry 1: POST {CREATE} -> 200 by createVisualValidateSession>"
    for text in (repr(entry._raw), repr(entry), json.dumps(entry.shown()), json.dumps(entry.sealed)):
        assert "PRIVATE" not in text
        assert "user=7" not in text


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.fixture
def busy() -> Engine:
    """Give an engine that was asked six things, the last one after a minute."""
    clock = FrozenClock(1_783_001_726.25)
    mock = Engine(CONTRACT, Settings(), clock=clock)
    ask(mock, "POST", CREATE, {}, f"{WORKING}-a")
    ask(mock, "POST", CREATE, {}, f"{WORKING}-b")
    ask(mock, "POST", RESULT, {"BytedToken": "x"}, f"{WORKING}-a")
    ask(mock, "POST", CREATE, {}, "sk-unknown")
    ask(mock, "GET", CREATE)
    clock.advance(60)
    ask(mock, "POST", "/nowhere", {})
    return mock


FILTERS = [
    (Filter(), [6, 5, 4, 3, 2, 1]),
    (Filter(operation="createVisualValidateSession"), [4, 2, 1]),
    (Filter(operation=f"POST {RESULT}"), [3]),
    (Filter(method="get"), [5]),
    (Filter(path=CREATE), [5, 4, 2, 1]),
    (Filter(path="/volc/*"), [5, 4, 3, 2, 1]),
    (Filter(path="/volc"), []),
    (Filter(status="401"), [4]),
    (Filter(status="4xx"), [6, 5, 4, 3]),
    (Filter(rule="auth"), [4]),
    (Filter(rule="auth.unknown"), [4]),
    (Filter(rule="aut"), []),
    (Filter(rule="route"), [6, 5]),
    (Filter(since_ns=1_783_001_786_250_000_000), [6]),
    (Filter(after=4), [6, 5]),
    (Filter().of(f"{WORKING}-a"), [3, 1]),
    (Filter(status="2xx").of(f"{WORKING}-a"), [1]),
    (Filter().of("sk-unknown"), [4]),
    (Filter(sandbox=""), [6, 5]),
]


@pytest.mark.parametrize(("wanted", "numbers"), FILTERS)
def test_filter_finds_what_it_says_the_newest_first(busy: Engine, wanted: Filter, numbers: list[int]) -> None:
    assert [one.number for one in busy.journal.find(wanted)] == numbers
    assert busy.journal.count(wanted) == len(numbers)


def test_part_of_what_was_found_is_given_on_request(busy: Engine) -> None:
    assert [one.number for one in busy.journal.find(limit=2, offset=1)] == [5, 4]
    assert busy.journal.find(limit=0) == busy.journal.find(offset=9) == []


def test_exchange_is_found_by_its_request_id(busy: Engine) -> None:
    third = busy.journal.find()[3]
    found = busy.journal.entry(third.id)
    assert found is not None
    assert found.number == 3
    assert busy.journal.entry("other") is None


def test_operation_that_is_none_is_an_error_with_the_nearest(busy: Engine) -> None:
    with pytest.raises(ContractError, match="Did you mean 'createVisualValidateSession'"):
        busy.journal.count(Filter(operation="createVisualValidateSesion"))


def test_cleared_exchanges_are_gone_and_those_of_other_keys_are_not(busy: Engine) -> None:
    assert busy.journal.clear(f"{WORKING}-a") == 2
    assert [one.number for one in busy.journal.find()] == [6, 5, 4, 2]
    assert busy.journal.clear(sandbox=Filter().of(f"{WORKING}-b").sandbox) == 1
    assert busy.journal.clear() == 3
    assert busy.journal.find() == []
    ask(busy, "POST", CREATE, {}, WORKING)
    assert [one.number for one in busy.journal.find()] == [7], "numbers go on, so that who asks for what is new gets it"


def test_reset_of_a_credential_forgets_its_exchanges(busy: Engine) -> None:
    busy.sessions.forget(f"{WORKING}-a")
    assert [one.number for one in busy.journal.find()] == [6, 5, 4, 2]
    busy.sessions.forget(None)
    assert busy.journal.find() == []


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_oldest_go_beyond_the_number_and_are_counted() -> None:
    mock = engine(journal=3)
    for _ in range(5):
        ask(mock, "POST", CREATE, {}, WORKING)
    counts = mock.journal.counts()
    assert (counts.entries, counts.dropped, counts.newest) == (3, 2, 5)
    assert [one.number for one in mock.journal.find()] == [5, 4, 3]


def test_oldest_go_beyond_the_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "JOURNAL_BYTES", 60_000)
    mock = engine()
    for _ in range(5):
        ask(mock, "POST", CREATE, {"CallbackURL": "https://a/" + "x" * 20_000}, WORKING)
    counts = mock.journal.counts()
    assert counts.entries + counts.dropped == 5
    assert 1 <= counts.entries <= 2
    assert 0 < counts.bytes <= 60_000


def test_body_is_kept_up_to_a_limit_only() -> None:
    mock = engine()
    ask(mock, "POST", CREATE, {"CallbackURL": "https://a/" + "x" * 900_000}, WORKING)
    (entry,) = mock.journal.find()
    assert mock.journal.counts().bytes < 2 * recording.BODY + 10_000
    assert shown(entry)["request"]["body"]["size"] > 900_000, "its true size is told"


def test_journal_that_is_off_takes_nothing_down() -> None:
    mock = engine(journal=0)
    ask(mock, "POST", CREATE, {}, WORKING)
    assert mock.journal.find() == []
    assert mock.journal.counts().newest == 0


def test_observer_is_told_beside_the_journal() -> None:
    told: list[str] = []

    def observe(request: Request, response: Response, decision: Decision) -> None:
        told.append(f"{request.method} {response.status} {decision.rule}")

    for most in (5, 0):
        ask(Engine(CONTRACT, Settings(journal=most), observe=observe), "POST", CREATE, {})
    assert told == ["POST 401 auth.missing"] * 2


class Gone(InMemory):
    """A store that cannot write exchanges."""

    def record(self, *_: object) -> None:
        raise StoreUnavailable("memory", "taken away")


def test_answer_does_not_fail_because_it_cannot_be_taken_down() -> None:
    mock = Engine(CONTRACT, Settings(), store=Gone())
    assert ask(mock, "POST", CREATE, {}, WORKING).status == 200
    assert mock.journal.lost == 1
