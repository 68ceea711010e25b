"""No key, token, link or control token of a journey in anything that a run shows, whatever the target sends back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from contract_tests.steps import STEPS
from tests.canaries.scanning import files_below, leaks
from tests.contract_tests.standing_in import run_suite
from tests.contract_tests.test_journey import Recorder, with_control_token
from tests.wrong_servers import journey as faults
from tests.wrong_servers.mock import OTHER_KEY, serve_mock
from tests.wrong_servers.server import KEY, PATH, Answer, Host, Request, Serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.wrong_servers.server import Plant

SECOND = "sk-second-4242MARKED4242"
CONTROL = "control-4242MARKED4242"


@pytest.fixture(scope="module")
def mock() -> Iterator[Host]:
    with Host(serve_mock).running() as running:
        yield running


class Echoing(Recorder):
    """A fault in a mock that says to everybody what it was told and what it knows. given: tokens and `pl`s."""

    def __init__(self, plant: Plant) -> None:
        super().__init__()
        self.given: set[str] = set()
        self._wrong = plant

    def __call__(self, request: Request, serve: Serve) -> Answer:
        heard = request.headers.get("authorization", "")
        known = request.having(authorization=f"Bearer {OTHER_KEY}") if heard == f"Bearer {SECOND}" else request
        answer = with_control_token(CONTROL)(known, lambda one: self._wrong(one, serve))
        body = answer.value()
        if request.path == PATH and answer.status == 200:
            self.given |= {body.get("BytedToken", body["H5Link"]), *parse_qs(urlsplit(body["H5Link"]).query)["pl"]}
        told = f"{heard} {request.body.decode()} {' '.join(self.given)}"
        links = " ".join(f"https://h5.example/?pl={one}" for one in self.given)
        return answer.saying({**body, "echo": told, told: links}).having(x_echo=told.replace('"', "'"), location=links)


WRONG = {
    "create": faults.session_without_a_token,
    "fresh-token": faults.result_wrapped,
    "pending": faults.group_before_anybody_came,
    "complete": faults.person_not_played,
    "no-leak": faults.group_told_to_another_caller,
    "expiry": faults.life_without_end,
}


ALL, WORKERS = ("-l", "--tb=long", "--full-trace", "--debug=debug.log"), ("-n2", "--setup-show")


@pytest.mark.parametrize(("name", "more"), [*((name, ALL) for name in WRONG), ("pending", WORKERS)])
def test_a_failing_journey_shows_no_secret(tmp_path: Path, mock: Host, name: str, more: tuple[str, ...]) -> None:
    reports = [
        "-vv",
        "-rA",
        "--junitxml=report.xml",
        "-o",
        "junit_logging=all",
        "--log-level=DEBUG",
        "--log-file=l.txt",
    ]
    echoing = Echoing(WRONG[name])
    with mock.planting(echoing) as url:
        arguments = ["--contract-target", url, "--contract-journey", "-k", "journey", *reports, *more]
        ran = run_suite(tmp_path, *arguments, key=KEY, ANYFAST_API_KEY_2=SECOND, ANYFAST_MOCK_CONTROL_TOKEN=CONTROL)
    assert ran.status == 1, ran.out
    assert f"journey/{name}] - " in ran.out
    written = {"output": ran.out.encode(), **files_below(tmp_path)}
    assert len(ET.fromstring(written["report.xml"]).findall(".//testcase")) == len(STEPS)  # noqa: S314 - our own file
    assert echoing.given
    assert leaks(written, {one: one for one in (KEY, SECOND, CONTROL, *echoing.given)}) == []


def test_a_bug_of_the_suite_in_the_journey_shows_no_secret_either(tmp_path: Path, mock: Host) -> None:
    bug = (
        "from contract_tests.sending import Sender\n"
        "def broken(self, ask):\n"
        "    target = self.target\n"
        "    raise RuntimeError(f'a bug near {target.key} {target.other_key} {target.control_token}')\n"
        "Sender.send = broken\n"
    )
    (tmp_path / "bug.py").write_text(bug, encoding="utf-8")
    with mock.planting(lambda request, serve: serve(request)) as url:
        arguments = ["-p", "bug", "-l", "--tb=long", "--contract-target", url, "--contract-journey", "-k", "journey"]
        ran = run_suite(
            tmp_path, *arguments, key=KEY, PYTHONPATH=str(tmp_path), ANYFAST_API_KEY_2=SECOND,
            ANYFAST_MOCK_CONTROL_TOKEN=CONTROL,
        )  # fmt: skip
    assert ran.status == 1, ran.out
    assert "a bug near $ANYFAST_API_KEY $ANYFAST_API_KEY_2 $ANYFAST_MOCK_CONTROL_TOKEN" in ran.out
    assert [one for one in (KEY, SECOND, CONTROL) if one in ran.out] == []
