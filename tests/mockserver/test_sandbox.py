"""What a test can do with its mock: look at what came, choose what goes, end sessions; apart from all other tests."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests

from mockserver.sessions import NoSession
from mockserver.settings import Settings
from mockserver.testing import AnyfastMock, Sandbox
from openapi.contract import packaged_contract
from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTRACT = packaged_contract()
CREATE = "createVisualValidateSession"
PATH = "/volc/asset/CreateVisualValidateSession"
DONE = "https://example.com/done"


@pytest.fixture(scope="module")
def server() -> Iterator[AnyfastMock]:
    with AnyfastMock(CONTRACT, Settings()) as mock:
        yield mock


@pytest.fixture
def mock(server: AnyfastMock) -> Sandbox:
    return server.sandbox()


def create(mock: Sandbox, key: str = "", timeout: float = 5, **more: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key or mock.api_key}", "X-Trace": "7"}
    url = f"{mock.base_url}{PATH}"
    return requests.post(url, json={"CallbackURL": DONE, **more}, headers=headers, timeout=timeout)


# --- what came --------------------------------------------------------------------------------------------------------


def test_one_right_request_passes_every_assertion(mock: Sandbox) -> None:
    mock.assert_not_called()
    create(mock)
    mock.assert_called_once_with(CREATE)
    mock.assert_called_once_with(f"POST {PATH}", json={"CallbackURL": DONE}, headers={"x-trace": "7"})
    mock.assert_not_called("getVisualValidateResult")


def test_a_wrong_body_fails_with_what_the_nearest_request_lacks(mock: Sandbox) -> None:
    create(mock)
    with pytest.raises(AssertionError) as failed:
        mock.assert_called_once_with(CREATE, json={"CallbackUrl": DONE}, headers={"X-Trace": "8"})
    text = str(failed.value)
    assert "The nearest is POST /volc/asset/CreateVisualValidateSession, answered 200" in text
    assert "body /CallbackUrl: expected" in text
    assert "CallbackURL" in text.split("received nothing", 1)[1]
    assert 'header x-trace: expected "8", received "7"' in text


def test_a_second_request_fails_even_where_one_matches(mock: Sandbox) -> None:
    create(mock)
    create(mock, note="again")
    with pytest.raises(AssertionError, match="Expected 1 request to createVisualValidateSession; 2 of 2"):
        mock.assert_called_once_with(CREATE, json={"note": "again"})
    with pytest.raises(AssertionError, match="Expected 0 requests to any operation"):
        mock.assert_not_called()


def test_nothing_at_all_fails_with_a_hint_where_to_look(mock: Sandbox) -> None:
    with pytest.raises(AssertionError, match="Nothing was received: does the client call this mock"):
        mock.assert_called_once_with(CREATE)


def test_an_operation_that_is_not_there_is_an_error_with_the_nearest(mock: Sandbox) -> None:
    with pytest.raises(ContractError, match=CREATE):
        mock.assert_not_called("createVisualValidateSesion")


def test_a_request_with_a_wrong_key_is_seen_and_its_key_is_not(mock: Sandbox) -> None:
    assert create(mock, "sk-of-somebody-else-1234567890").status_code == 401
    (request,) = mock.requests
    assert (request.status, request.rule) == (401, "auth.unknown")
    with pytest.raises(AssertionError) as failed:
        mock.assert_called_once_with(CREATE, headers={"Authorization": f"Bearer {mock.api_key}"})
    assert "somebody-else" not in str(failed.value)


def test_requests_stand_in_the_order_they_came_without_secrets(mock: Sandbox) -> None:
    token = create(mock).json()["BytedToken"]
    url = f"{mock.base_url}/volc/asset/GetVisualValidateResult"
    requests.post(url, json={"BytedToken": token}, headers={"Authorization": f"Bearer {mock.api_key}"}, timeout=5)
    assert [one.operation for one in mock.requests] == [CREATE, "getVisualValidateResult"]
    assert token not in str([one.shown() for one in mock.requests])
    mock.assert_called_once_with("getVisualValidateResult", json={"BytedToken": token})


def test_an_outcome_that_is_none_is_refused_with_those_that_are(mock: Sandbox) -> None:
    token = create(mock).json()["BytedToken"]
    with pytest.raises(ValueError, match=r"There is no outcome 'failed'\. Did you mean 'fail'"):
        mock.complete(token, "failed")
    with pytest.raises(ValueError, match="There are: pass, fail, server-error"):
        mock.complete(token, "0")
    assert mock.sessions[0].state == "created"


# --- what goes --------------------------------------------------------------------------------------------------------


def test_chosen_answers_come_in_their_order_and_then_the_usual_one(mock: Sandbox) -> None:
    mock.respond_next(503, times=2)
    mock.respond_next(fault="429-retry-after", operation=CREATE)
    assert [create(mock).status_code for _ in range(4)] == [503, 503, 429, 200]


def test_a_chosen_answer_is_not_for_another_sandbox(server: AnyfastMock, mock: Sandbox) -> None:
    mock.respond_next(429)
    assert create(server.sandbox()).status_code == 200
    assert create(mock).status_code == 429


def test_a_fault_breaks_the_connection_of_a_live_mock(mock: Sandbox) -> None:
    for fault in ("truncated-body", "reset"):
        mock.respond_next(fault=fault)
        with pytest.raises(requests.RequestException):
            create(mock)
    mock.respond_next(delay=5)
    with pytest.raises(requests.ReadTimeout):
        create(mock, timeout=0.2)


def test_a_fault_that_takes_time_takes_as_long_as_is_said(mock: Sandbox) -> None:
    for fault, seconds, status in (("no-answer", 0.2, 504), ("slow-body", 0.3, 200)):
        mock.respond_next(fault=fault, lasting=seconds)
        began = time.monotonic()
        assert create(mock).status_code == status
        assert seconds <= time.monotonic() - began < 1.9  # unless it is said: 600 seconds, and 2


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"fault": "truncated"}, "truncated-body"),
        ({"status": 402}, "documented"),
        ({"lasting": 1}, "faults that take time"),
        ({}, "Say what to answer"),
    ],
)
def test_an_answer_that_cannot_be_given_is_refused_at_once(mock: Sandbox, wrong: dict[str, object], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        mock.respond_next(**wrong)  # type: ignore[arg-type]
    assert create(mock).status_code == 200


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_is_ended_by_its_token_once(mock: Sandbox) -> None:
    token = create(mock).json()["BytedToken"]
    ended = mock.complete(token, "fail")
    assert (ended.state, ended.outcome, ended.group_id) == ("failed", "fail", "")
    assert token not in repr(ended)
    with pytest.raises(NoSession, match="has been used"):
        mock.complete(token)


def test_reset_forgets_all_of_this_sandbox_and_nothing_of_others(server: AnyfastMock, mock: Sandbox) -> None:
    other = server.sandbox()
    for one in (mock, other):
        create(one)
        one.respond_next(429)
    mock.reset()
    assert (mock.sessions, mock.requests) == ([], [])
    assert create(mock).status_code == 200
    assert (len(other.sessions), len(other.requests)) == (1, 1)
    assert create(other).status_code == 429


def test_the_clock_of_a_mock_ages_its_sessions(server: AnyfastMock, mock: Sandbox) -> None:
    create(mock)
    server.clock.tick(1799)
    assert mock.sessions[0].state == "created"
    server.clock.tick(1)
    assert mock.sessions[0].state == "expired"
    server.clock.reset()


# --- the server -------------------------------------------------------------------------------------------------------


def test_a_closed_mock_leaves_no_thread_and_no_port() -> None:
    before = set(threading.enumerate())
    mock = AnyfastMock(CONTRACT)
    assert create(mock).status_code == 200
    mock.close()
    mock.close()
    with pytest.raises(requests.ConnectionError):
        create(mock)
    assert [one for one in threading.enumerate() if one not in before and not one.daemon] == []


def test_closing_does_not_wait_for_an_answer_that_is_late(mock: Sandbox) -> None:
    with AnyfastMock(CONTRACT) as own:
        own.respond_next(delay=3)
        with pytest.raises(requests.ReadTimeout):
            create(own, timeout=0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert mock.sessions == []
