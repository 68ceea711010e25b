"""What was expected, held against what came: who meets it, which is the nearest, and what exactly it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.expectations import Difference, Expectation
from mockserver.journal import Filter
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from openapi.errors import ContractError
from tests.documents.making import CREATE, ask

if TYPE_CHECKING:
    from mockserver.expectations import Verdict
    from openapi.reading import Json

RESULT = "/volc/asset/GetVisualValidateResult"
NAME = "createVisualValidateSession"
TOKEN = "20260702221526DADA2041E56D50C1C1A5"
OTHER = "20260702221526DADA2041E56D50C1C1A6"
CALLBACK = "https://app.example/done?user=7"


@pytest.fixture
def mock() -> Engine:
    return Engine(packaged_contract(), Settings())


def sent(mock: Engine, body: Json | bytes, expected: Expectation, path: str = CREATE, **headers: str) -> Verdict:
    """Send a request and hold it against an expectation."""
    ask(mock, "POST", path, body, WORKING, {name.replace("_", "-"): value for name, value in headers.items()})
    return mock.journal.verify(expected, times=1)


def lacking(verdict: Verdict) -> list[Difference]:
    assert not verdict.holds
    assert verdict.nearest is not None
    return list(verdict.nearest.differences)


MET = [
    pytest.param({"CallbackURL": CALLBACK}, Expectation(NAME, {"CallbackURL": CALLBACK}), id="member"),
    pytest.param({"CallbackURL": CALLBACK, "x": 1}, Expectation(NAME, {"CallbackURL": CALLBACK}), id="some-members"),
    pytest.param({"CallbackURL": CALLBACK}, Expectation(NAME, {"CallbackURL": CALLBACK}, exact=True), id="exact"),
    pytest.param({"a": [1, {"b": TOKEN}]}, Expectation(NAME, {"a": [1, {"b": TOKEN}]}), id="within-a-list"),
    pytest.param({TOKEN: 1.0}, Expectation(NAME, {TOKEN: 1}), id="masked-name"),
    pytest.param({}, Expectation(NAME, {}), id="empty"),
    pytest.param({}, Expectation(f"POST {CREATE}"), id="operation-by-its-path"),
    pytest.param({}, Expectation(), id="anything"),
    pytest.param({}, Expectation(headers={"Authorization": f"Bearer {WORKING}", "X-Trace": "7"}), id="headers"),
]


@pytest.mark.parametrize(("body", "expected"), MET)
def test_request_that_is_as_expected_meets_it(mock: Engine, body: Json, expected: Expectation) -> None:
    verdict = sent(mock, body, expected, x_trace="7")
    assert verdict.holds
    assert len(verdict.matches) == 1
    assert verdict.nearest is None


DIFFER: list[tuple[Json, Json, list[Difference]]] = [
    (
        {"CallbackURL": CALLBACK},
        {"CallbackURL": "https://app.example/back"},
        [Difference("body", "/CallbackURL", '"https://app.example/back"', '"https://app.example/done?***"')],
    ),
    (
        {"CallbackUrl": "https://a.example"},
        {"CallbackURL": "https://a.example"},
        [Difference("body", "/CallbackURL", '"https://a.example"', "nothing", "Did you mean 'CallbackUrl'?")],
    ),
    (
        {"BytedToken": TOKEN},
        {"BytedToken": OTHER},
        [Difference("body", "/BytedToken", '"20260702221526***"', 'another one that is shown as "20260702221526***"')],
    ),
    ({"n": True}, {"n": 1}, [Difference("body", "/n", "1", "true")]),
    ({"n": "1"}, {"n": 1}, [Difference("body", "/n", "1", '"1"')]),
    ({"n": None}, {"n": 0}, [Difference("body", "/n", "0", "null")]),
    ({"l": [1, 2]}, {"l": [1]}, [Difference("body", "/l", "1 items", "2 items")]),
    ({"l": [1, 2]}, {"l": [1, 3]}, [Difference("body", "/l/1", "3", "2")]),
    ({"a/b~c": {"d": 1}}, {"a/b~c": {"d": 2}}, [Difference("body", "/a~1b~0c/d", "2", "1")]),
    ({"o": {}}, {"o": []}, [Difference("body", "/o", "[]", "{}")]),
    ([1], {"a": 1}, [Difference("body", "", '{"a": 1}', "[1]")]),
]


@pytest.mark.parametrize(("body", "expected", "differences"), DIFFER)
def test_what_differs_is_told_field_by_field(
    mock: Engine, body: Json, expected: Json, differences: list[Difference]
) -> None:
    assert lacking(sent(mock, body, Expectation(NAME, expected))) == differences


def test_member_too_many_differs_only_where_exactness_is_asked_for(mock: Engine) -> None:
    verdict = sent(mock, {"a": 1, "BytedToken": "secret"}, Expectation(NAME, {"a": 1}, exact=True))
    assert lacking(verdict) == [Difference("body", "/BytedToken", "nothing", '"***"')]


def test_body_that_is_no_json_or_was_not_read_is_told(mock: Engine) -> None:
    verdict = sent(mock, b'{"a', Expectation(NAME, {"a": 1}))
    assert lacking(verdict) == [Difference("body", "", '{"a": 1}', "3 bytes that are no JSON")]
    mock.journal.clear()
    ask(mock, "POST", CREATE, {"a": 1})
    (only,) = lacking(mock.journal.verify(Expectation(NAME, {"a": 1})))
    assert only.received.startswith("a body that was not read")
    mock.journal.clear()
    (only,) = lacking(sent(mock, b"", Expectation(NAME, {"a": 1})))
    assert only.received == "nothing"


def test_header_and_query_are_compared_and_near_names_are_named(mock: Engine) -> None:
    expected = Expectation(headers={"X-Trace": "1", "X-Other": "2"}, query={"page": "1", "tag": ["a", "b"], "q": "x"})
    verdict = sent(mock, {}, expected, f"{CREATE}?pages=1&tag=a&q=y", x_trace="3")
    assert lacking(verdict) == [
        Difference("header", "x-trace", '"1"', '"3"'),
        Difference("header", "x-other", '"2"', "nothing"),
        Difference("query", "page", '"1"', "nothing", "Did you mean 'pages'?"),
        Difference("query", "tag", '["a", "b"]', '"***"'),
        Difference("query", "q", '"x"', '"***"'),
    ]


def test_nearest_is_of_the_right_operation_then_has_the_fewest_differences_then_is_the_newest(mock: Engine) -> None:
    expected = Expectation(NAME, {"a": 1, "b": 2, "c": 3})
    bodies: list[Json] = [{"a": 1}, {"a": 1, "b": 2}, {"a": 9, "b": 2, "c": 3}, {}]
    for body in bodies:
        ask(mock, "POST", CREATE, body, WORKING)
    ask(mock, "POST", RESULT, {"BytedToken": "x", "a": 1, "b": 2, "c": 3}, WORKING)
    verdict = mock.journal.verify(expected)
    assert verdict.nearest is not None
    assert verdict.nearest.entry.json == {"a": 9, "b": 2, "c": 3}
    assert lacking(verdict) == [Difference("body", "/a", "1", "9")]


def test_other_operation_and_unknown_path_are_differences_too(mock: Engine) -> None:
    verdict = sent(mock, {}, Expectation("getVisualValidateResult"))
    assert lacking(verdict) == [Difference("operation", "", "getVisualValidateResult", NAME)]
    mock.journal.clear()
    verdict = sent(mock, {}, Expectation(NAME), "/nowhere")
    assert lacking(verdict)[0].received == "POST /nowhere, which is no operation"


def test_times_are_counted(mock: Engine) -> None:
    for _ in range(2):
        ask(mock, "POST", CREATE, {}, WORKING)
    expected = Expectation(NAME)
    held = {times: mock.journal.verify(expected, times=times).holds for times in (None, 0, 1, 2, 3)}
    assert held == {None: True, 0: False, 1: False, 2: True, 3: False}
    assert mock.journal.verify(Expectation("getVisualValidateResult"), times=0).holds


def test_operation_that_is_none_is_an_error_with_the_nearest(mock: Engine) -> None:
    with pytest.raises(ContractError, match="Did you mean 'createVisualValidateSession'"):
        mock.journal.verify(Expectation("createVisualSession"))
    with pytest.raises(ContractError, match=r"There are: createVisualValidateSession, getVisualValidateResult\."):
        mock.journal.verify(Expectation("GET /nope"))


# --- in words ---------------------------------------------------------------------------------------------------------


def test_verdict_in_words_names_the_nearest_and_what_it_lacks(mock: Engine) -> None:
    verdict = sent(mock, {"CallbackURL": CALLBACK}, Expectation(NAME, {"CallbackURL": "https://a"}, {"x-a": "1"}))
    lines = str(verdict).splitlines()
    assert lines[0] == f"Expected 1 request to {NAME} with this JSON and these headers; 0 of 1 in the journal match."
    assert lines[1].startswith(f"The nearest is POST {CREATE}, answered 200 by {NAME} at 2")
    assert lines[2:] == [
        '  body /CallbackURL: expected "https://a", received "https://app.example/done?***"',
        '  header x-a: expected "1", received nothing',
    ]


def test_verdict_in_words_asks_whether_another_name_was_meant(mock: Engine) -> None:
    verdict = sent(mock, {"CallbackUrl": CALLBACK}, Expectation(NAME, {"CallbackURL": "https://a"}))
    (last,) = str(verdict).splitlines()[2:]
    assert last == "  body /CallbackURL: expected \"https://a\", received nothing. Did you mean 'CallbackUrl'?"


def test_verdict_in_words_lists_those_that_were_too_many_and_tells_when_nothing_came(mock: Engine) -> None:
    nothing = str(mock.journal.verify(Expectation(NAME)))
    assert nothing.splitlines()[0] == f"Expected at least 1 request to {NAME}; 0 of 0 in the journal match."
    assert "Nothing was received" in nothing
    for _ in range(2):
        ask(mock, "POST", CREATE, {}, WORKING)
    many = str(mock.journal.verify(Expectation(), times=0)).splitlines()
    assert many[0] == "Expected 0 requests to any operation; 2 of 2 in the journal match."
    assert [line[:17] for line in many[1:]] == ["  matches: POST /"] * 2


def test_verdict_tells_of_exchanges_that_nobody_can_see_any_more() -> None:
    mock = Engine(packaged_contract(), Settings(journal=1))
    for _ in range(3):
        ask(mock, "POST", CREATE, {}, WORKING)
    verdict = mock.journal.verify(Expectation(NAME), Filter(), 3)
    assert verdict.dropped == 2
    assert "2 older exchanges had to go" in str(verdict)


def test_no_words_hold_a_secret(mock: Engine) -> None:
    secret = {"BytedToken": TOKEN, "CallbackURL": CALLBACK, "password": "PRIVATE", "key": "sk-live-PRIVATE"}
    body: Json = {**secret}
    for expected in (
        Expectation(NAME, {**secret, "x": 1}, {"Authorization": "Bearer sk-live-PRIVATE"}, {"token": TOKEN}),
        Expectation(NAME, [body], {"cookie": "PRIVATE"}),
    ):
        verdict = sent(mock, body, expected)
        for text in (str(verdict), repr(verdict), repr(expected)):
            assert "PRIVATE" not in text
            assert TOKEN not in text
            assert "user=7" not in text
