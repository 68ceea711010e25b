"""The mock in process: what `requests` sends to the vendor's host is answered without a socket."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, NoReturn

import pytest
import requests
import responses
from urllib3.util import Timeout

from mockserver.settings import Settings
from mockserver.testing import VENDOR, AnyfastMockInProcess
from openapi.contract import packaged_contract
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

CREATE = f"{VENDOR}/volc/asset/CreateVisualValidateSession"
CONTRACT = packaged_contract()


@pytest.fixture
def mock() -> Iterator[AnyfastMockInProcess]:
    with AnyfastMockInProcess(CONTRACT) as mock:
        yield mock


def call(mock: AnyfastMockInProcess, timeout: float | tuple[float, float] = 5, **headers: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {mock.api_key}", **headers}
    return requests.post(CREATE, json={"CallbackURL": "https://a.example/"}, headers=headers, timeout=timeout)


def test_a_call_to_the_vendor_is_answered_by_the_engine_without_a_socket(
    mock: AnyfastMockInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    answer = call(mock)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["H5Link"].startswith(f"{VENDOR}/en/liveness-face-manage/authorization?pl=")
    assert [one.token for one in mock.sessions] == [answer.json()["BytedToken"]]


@pytest.mark.usefixtures("mock")
def test_a_refusal_is_the_one_of_the_server() -> None:
    answer = requests.post(CREATE, json={}, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "Invalid API key provided."
    assert answer.headers["X-Mock-Rule"].startswith("auth.missing")


def test_the_phone_page_of_a_link_opens_in_process(mock: AnyfastMockInProcess) -> None:
    page = requests.get(call(mock).json()["H5Link"], timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert [one.state for one in mock.sessions] == ["opened"]


@pytest.mark.usefixtures("mock")
def test_an_encoded_path_and_a_query_arrive_as_they_were_sent() -> None:
    answer = requests.post(CREATE.replace("Session", "%53ession") + "?a=%2F", timeout=5)
    assert answer.status_code == 401  # so the path was found


def test_journal_tells_slashes_that_were_encoded_apart() -> None:
    parameter: Json = {"name": "id", "in": "path", "required": True, "schema": {}}
    files = contract(
        operation_tree({"parameters": [parameter], "responses": {"204": {"description": ""}}}, "/files/{id}")
    )
    with AnyfastMockInProcess(files) as mock:
        key = {"Authorization": f"Bearer {mock.api_key}"}
        assert requests.get(f"{VENDOR}/files/a%2Fb", headers=key, timeout=5).status_code == 204
        (entry,) = mock.requests
        assert entry.path == "/files/a/b"
        assert '"path_with_encoded_slashes": "/files/a%2Fb"' in json.dumps(entry.shown())


@pytest.mark.parametrize(
    "url", ["https://other.example/", "https://www.anyfast.ai.example/volc", "http://127.0.0.1:9/"]
)
def test_other_hosts_are_refused_as_responses_refuses_them(mock: AnyfastMockInProcess, url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
        requests.get(url, timeout=5)
    assert len(mock.responses.calls) == 1


def test_what_the_user_registers_goes_first_as_often_as_it_is_called(mock: AnyfastMockInProcess) -> None:
    mock.responses.add("POST", CREATE, status=418)
    assert [call(mock).status_code for _ in range(3)] == [418, 418, 418]
    mock.responses.reset()
    assert [call(mock).status_code for _ in range(2)] == [200, 200]


def test_a_delay_beyond_the_timeout_of_the_call_is_a_read_timeout_at_once(mock: AnyfastMockInProcess) -> None:
    for timeout in (5.0, (50.0, 5.0)):
        with pytest.raises(requests.ReadTimeout):
            call(mock, timeout, Prefer="delay=30")
    assert call(mock, Prefer="delay=4").elapsed.total_seconds() < 3


@pytest.mark.parametrize(
    ("fault", "trouble", "said"),
    [
        ("reset", requests.ConnectionError, "reset by peer"),
        ("truncated-body", requests.exceptions.ChunkedEncodingError, "IncompleteRead"),
        ("no-answer", requests.ReadTimeout, "Read timed out"),
        ("slow-body, lasting=100", requests.ConnectionError, "Read timed out"),
    ],
)
def test_a_fault_on_the_way_is_what_requests_raises_for_it(
    mock: AnyfastMockInProcess, fault: str, trouble: type[requests.RequestException], said: str
) -> None:
    with pytest.raises(trouble, match=said):
        call(mock, Prefer=f"fault={fault}")
    assert call(mock, Prefer="fault=slow-body, lasting=20").json()["BytedToken"]


def test_a_timeout_of_urllib3_counts_as_well(mock: AnyfastMockInProcess) -> None:
    with pytest.raises(requests.ReadTimeout):
        call(mock, Timeout(read=5), Prefer="delay=30")  # type: ignore[arg-type]  # requests takes it, its stub does not
    assert call(mock, Timeout(connect=5), Prefer="delay=30").status_code == 200  # type: ignore[arg-type]


def test_every_kind_of_body_is_read(mock: AnyfastMockInProcess) -> None:
    headers = {"Authorization": f"Bearer {mock.api_key}", "Content-Type": "application/json"}
    bodies = ('{"CallbackURL": "https://é.example/"}', b"{}", iter([b"{", b"}"]), None)
    statuses = [requests.post(CREATE, data=body, headers=headers, timeout=5).status_code for body in bodies]
    assert statuses == [200, 200, 200, 200]


def test_two_mocks_one_after_the_other_share_nothing() -> None:
    with AnyfastMockInProcess(CONTRACT) as first:
        call(first)
    with AnyfastMockInProcess(CONTRACT, Settings(session_life=5)) as second:
        assert second.sessions == []
        assert second.api_key != first.api_key


def test_closing_twice_gives_calls_back_and_does_no_harm() -> None:
    mock = AnyfastMockInProcess(CONTRACT)
    mock.close()
    mock.close()
    with responses.RequestsMock() as theirs:
        theirs.add("GET", VENDOR, status=204)
        assert requests.get(VENDOR, timeout=5).status_code == 204


def test_another_base_url_is_answered_and_the_vendor_is_not() -> None:
    with AnyfastMockInProcess(CONTRACT, base_url="http://api.test:8080/") as mock:
        path = CREATE.removeprefix(VENDOR)
        answer = requests.post(
            f"http://API.test:8080{path}", json={}, headers={"Authorization": f"Bearer {mock.api_key}"}, timeout=5
        )
        assert answer.status_code == 200
        assert answer.json()["H5Link"].startswith("http://api.test:8080/en/")
        with pytest.raises(requests.ConnectionError):
            requests.post(CREATE, timeout=5)
