"""Answers that go wrong on their way, where the server is neither ours nor Werkzeug's, and where there is none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from mockserver.app import create_app
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.exchange import Response, Transport
from mockserver.settings import Settings
from mockserver.transmission import send_badly
from tests.documents.making import CREATE, ask, contract, header, operation_tree, read

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


def prefer(fault: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {WORKING}", "Prefer": fault}
    return create_app().test_client().post(CREATE, json={}, headers=headers)


def test_truncated_body_of_the_test_client_is_half_of_what_its_length_says() -> None:
    answer = prefer("fault=truncated-body")
    assert len(answer.data) == int(answer.headers["Content-Length"]) // 2
    assert answer.headers["Connection"] == "close"


def test_what_takes_time_takes_it_in_the_test_client_too() -> None:
    began = time.monotonic()
    assert prefer("fault=slow-body, lasting=0.05").json
    assert prefer("fault=no-answer, lasting=0.05").status_code == 504
    assert time.monotonic() - began >= 0.1


def test_reset_without_a_connection_is_refused() -> None:
    answer = prefer("fault=reset")
    assert answer.json is not None
    assert (answer.status_code, "cannot be done here" in answer.json["error"]["message"]) == (400, True)


def test_connection_that_was_to_be_closed_anyway_is_told_so_once() -> None:
    started: list[list[tuple[str, str]]] = []
    response = Response(
        400, [("Connection", "close"), ("Content-Length", "4")], b"abcd", 0, Transport("truncated-body")
    )
    body = send_badly(response, {}, lambda _, headers: started.append(headers))  # type: ignore[arg-type]
    assert b"".join(body) == b"ab"
    assert started == [[("Connection", "close"), ("Content-Length", "4")]]


# --- other documents --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["invalid-json", "empty-body", "wrong-content-type"])
def test_answer_that_may_have_no_body_gets_none(fault: str) -> None:
    served = Engine(contract(operation_tree({"responses": {"204": {"description": ""}}})), Settings())
    response = ask(served, "GET", "/thing", headers={"Prefer": f"fault={fault}"})
    assert (response.status, response.body, header(response, "Content-Type")) == (204, b"", None)


def test_head_gets_the_head_of_a_fault_alone() -> None:
    served = Engine(read("pets-3.0.yaml"), Settings())
    response = ask(served, "HEAD", "/v1/pets?limit=5", headers={"Prefer": "fault=502-html"})
    assert (response.status, response.body, header(response, "Content-Type")) == (502, b"", "text/html")
    assert int(header(response, "Content-Length") or 0) > 100


@pytest.mark.parametrize(("asked", "status"), [("code=503", 503), ("fault=401-invalid-token", 401)])
def test_other_vendors_document_does_not_answer_in_the_words_of_ours(asked: str, status: int) -> None:
    for served, target, kind in (
        (Engine(read("pets-3.0.yaml"), Settings()), "/v1/pets?limit=5", "application/json"),
        (Engine(contract(operation_tree({})), Settings()), "/thing", "application/problem+json"),
    ):
        response = ask(served, "GET", target, headers={"Prefer": asked})
        assert (response.status, header(response, "Content-Type")) == (status, kind)
        assert b"new_api_error" not in response.body
