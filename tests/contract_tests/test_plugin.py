"""The suite as a citizen of pytest: it stops what it starts, keeps to its exit statuses, minds its own business."""

from __future__ import annotations

import functools
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.contract_tests.standing_in import (
    KEY,
    PATH,
    ROOT,
    SUITE,
    environment,
    left_behind,
    run_suite,
    standing_in,
)

if TYPE_CHECKING:
    from pathlib import Path

AUTH = ("-q", "-k", "auth")
"""Arguments of a short run."""

BROKEN = 'openapi: 3.1.0\ninfo: {title: x, version: "1"}\npaths:\n  /x:\n    get: 7\n'

# --- the mock ---------------------------------------------------------------------------------------------------------


def test_the_suite_of_the_checkout_starts_and_stops_the_mock_itself(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, str(SUITE), program=(sys.executable, "-m", "pytest", "-q"), key="")
    assert ran.status == 0, ran.out
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+, our mock", ran.line("target")), ran.out
    assert "The target keeps the contract" in ran.out
    assert left_behind(tmp_path) == []


def test_the_profile_reaches_the_mock_and_the_summary(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, *AUTH, "--contract-profile", "observed")
    assert (ran.status, ran.line("profile")) == (0, "observed"), ran.out


def test_a_document_of_the_user_is_served_and_checked(tmp_path: Path) -> None:
    source = next((ROOT / "openapi" / "vendor").glob("*.yaml"))
    (tmp_path / "mine.yaml").write_bytes(source.read_bytes().replace(PATH.encode(), b"/mine"))
    ran = run_suite(tmp_path, *AUTH, "--contract-document", "mine.yaml")
    assert ran.status == 0, ran.out
    assert "profile " not in ran.out


def test_collecting_alone_starts_and_sends_nothing(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "--collect-only", "-q", "--contract-target", host.url)
    assert ran.status == 0, ran.out
    assert "test_credential[createVisualValidateSession/auth/missing]" in ran.out
    assert host.connections == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_mock_behind(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "slow.py").write_text(
        "import time\ndef pytest_runtest_call(item):\n    print('runs now', flush=True)\n    time.sleep(30)\n", "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-s", "-p", "slow", "--pyargs", "contract_tests"]
    variables = environment(TMPDIR=str(tmp_path / "tmp"), PYTHONPATH=str(tmp_path))
    # In the background of a script SIGINT is ignored, and a child would inherit that.
    awake = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=awake,  # noqa: PLW1509 - no thread runs yet
    ) as process:
        assert process.stdout is not None
        guard = threading.Timer(60, process.kill)
        guard.start()
        assert any("runs now" in line for line in process.stdout)
        assert list((tmp_path / "tmp").iterdir()), "the mock has its folder there"
        process.send_signal(number)
        process.stdout.read()
        guard.cancel()
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert left_behind(tmp_path) == []


def test_stopping_at_the_first_failure_leaves_no_mock_behind_and_says_what_was_not_run(tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text(
        "def pytest_runtest_call(item):\n    assert 0, 'broken on purpose'\n", "utf-8"
    )
    ran = run_suite(tmp_path, "-x", "-p", "breaking", PYTHONPATH=str(tmp_path))
    assert ran.status == 1, ran.out
    assert "not run: the run ended before" in ran.out
    assert left_behind(tmp_path) == []


# --- options ----------------------------------------------------------------------------------------------------------

MISTAKES = [
    pytest.param(["--contract-profile", "publisht"], 4, "Did you mean 'published'?", id="profile"),
    pytest.param(["--contract-document", "broken.yaml"], 4, "broken.yaml:5 at /paths/~1x/get", id="document"),
    pytest.param(["--contract-target", "localhost:80"], 14, "no absolute URL", id="url"),
    pytest.param(["--contract-max-response-time", "0"], 4, "number of seconds above 0", id="time"),
]


@pytest.mark.parametrize(("arguments", "status", "sentence"), MISTAKES)
def test_a_mistake_in_the_options_is_explained(
    tmp_path: Path, arguments: list[str], status: int, sentence: str
) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    ran = run_suite(tmp_path, "-q", *arguments)
    assert (ran.status, "Traceback" in ran.out) == (status, False), ran.out
    assert sentence in ran.out
    assert left_behind(tmp_path) == []


def test_a_missing_key_is_explained_before_anything_is_sent(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "--contract-target", host.url, key="")
    assert (ran.status, host.connections) == (4, 0), ran.out
    assert "put it into the variable ANYFAST_API_KEY" in ran.out


def test_a_slow_answer_fails_at_the_limit_that_was_asked_for(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(
            tmp_path, "-q", "-k", "in_time", "--contract-target", host.url, "--contract-max-response-time", "0.00001"
        )
    assert ran.status == 1, ran.out
    assert "AFC206" in ran.out


# --- exit statuses ----------------------------------------------------------------------------------------------------


def test_a_right_host_passes_with_every_request_sent_once(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "--contract-target", host.url)
    assert ran.status == 0, ran.out
    assert len(set(host.requests)) == len(host.requests)
    assert ran.line("requests").startswith(f"{len(host.requests)} sent, {len(host.tokens)} of them")


def test_a_wrong_host_fails_with_a_message_and_no_traceback(tmp_path: Path) -> None:
    with standing_in("open") as host:
        ran = run_suite(tmp_path, *AUTH, "--contract-target", host.url, "--tb=long", "-l", CI="1")
    assert ran.status == 1, ran.out
    assert "AFC113 Without a credential the answer is 401." in ran.out
    assert f"curl -i -X POST {host.url}{PATH}" in ran.out
    assert not re.search(r"contract_checker|\.py:\d+: ", ran.out), "no traceback"
    assert re.search(
        r"^FAILED .*\[createVisualValidateSession/auth/missing\] - .*AFC113 .*expected", ran.out, re.MULTILINE
    )


def test_a_host_that_is_not_there_is_inconclusive(tmp_path: Path) -> None:
    with standing_in() as host:
        pass
    ran = run_suite(tmp_path, "-q", "--contract-target", host.url)
    assert ran.status == 10, ran.out
    assert "inconclusive: the target cannot be reached" in ran.out
    assert ran.line("requests") == "0 sent"


@pytest.mark.parametrize("manner", [429])
def test_a_host_that_is_busy_is_inconclusive(tmp_path: Path, manner: int) -> None:
    with standing_in(manner) as host:
        ran = run_suite(tmp_path, *AUTH, "--contract-target", host.url)
    assert ran.status == 10, ran.out
    assert f"inconclusive: the target answered {manner}" in ran.out


def test_a_host_that_never_answers_is_inconclusive_and_soon_left_alone(tmp_path: Path) -> None:
    with standing_in("silent") as host:
        ran = run_suite(tmp_path, "-q", "--contract-target", host.url, "--contract-max-response-time", "0.02")
    assert ran.status == 10, ran.out
    assert len(host.requests) == 8
    assert "inconclusive: not sent: the target answered none" in ran.out


def test_failed_and_inconclusive_together_are_failed(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    assert False\n", encoding="utf-8")
    with standing_in(503) as host:
        ran = run_suite(tmp_path, *AUTH[:1], "test_mine.py", "--contract-target", host.url)
    assert ran.status == 1, ran.out


def test_a_refused_target_gets_not_a_byte(tmp_path: Path) -> None:
    with standing_in() as proxy:
        arguments = ["--contract-target", "https://host.example", "--contract-proxy", proxy.url]
        ran = run_suite(tmp_path, "-q", *arguments)
    assert (ran.status, proxy.connections) == (14, 0), ran.out
    assert "--contract-allow-host host.example" in ran.out
    assert left_behind(tmp_path) == []


def test_an_allowed_host_is_asked_through_the_proxy(tmp_path: Path) -> None:
    arguments = ["--contract-target", "https://host.example", "--contract-allow-host", "host.example"]
    with standing_in(502) as proxy:
        ran = run_suite(tmp_path, *AUTH, *arguments, "--contract-proxy", proxy.url)
    assert ran.status == 10, ran.out
    assert proxy.requests[0].startswith("CONNECT host.example:443")
    assert KEY not in str(proxy.requests)


# --- beside others ----------------------------------------------------------------------------------------------------

SETTINGS = """[pytest]
python_files = check_*.py
python_functions = check_*
python_classes = Check*
addopts = -p no:cacheprovider --strict-markers --strict-config -rA --base-url=https://elsewhere.example
filterwarnings = error
empty_parameter_set_mark = fail_at_collect
base_url = https://elsewhere.example
"""


def test_settings_of_the_user_and_other_plugins_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "check_mine.py").write_text(
        "def check_mine(base_url):\n    assert base_url == 'https://elsewhere.example'\n", encoding="utf-8"
    )
    ran = run_suite(tmp_path, "-W", "error", "check_mine.py", "-q", "-k", "auth or mine")
    assert ran.status == 0, ran.out
    assert "check_mine.py::check_mine" in ran.out
    assert "keeps the contract" in ran.out


def test_the_order_of_pytest_randomly_leaves_the_free_items_first(tmp_path: Path) -> None:
    orders = []
    for seed in ("1", "2"):
        ran = run_suite(tmp_path, "--collect-only", "-q", f"--randomly-seed={seed}")
        assert ran.status == 0, ran.out
        orders.append([line for line in ran.out.splitlines() if "[" in line])
    ranks = [("test_invariant" in line) + 2 * ("test_journey" in line) for line in orders[0]]
    assert orders[0] != orders[1]
    assert ranks == sorted(ranks), "invariants late, the journey last"
    walked = [[line for line in order if "test_journey" in line] for order in orders]
    assert walked[0] == walked[1], "the journey in its own order"
    paid = [
        "/body/" in line for line, rank in zip(orders[0], ranks, strict=True) if not rank and "lower-case" not in line
    ]
    assert paid == sorted(paid), "what costs nothing first"


def test_a_run_of_somebody_else_imports_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "import sys\ndef test_mine():\n"
        "    ours = ('contract_tests', 'openapi', 'mockserver', 'openapi_core', 'jsonschema_rs', 'flask')\n"
        "    print('LOADED', *(name for name in sorted(sys.modules) if name.partition('.')[0] in ours))\n",
        encoding="utf-8",
    )
    ran = run_suite(tmp_path, "-q", "-s", "test_mine.py", program=(sys.executable, "-m", "pytest"))
    assert ran.status == 0, ran.out
    plugins = ["contract_tests", "contract_tests.plugin", "mockserver", "mockserver.pytest_plugin", "openapi"]
    assert ran.line("LOADED").split() == plugins  # of the two packages above their plugins, nothing but a version
    assert "contract" not in ran.out.replace(ran.line("LOADED"), "")


def test_importing_the_plugin_leaves_everything_else_alone() -> None:
    program = "import sys, pytest; known = {*sys.modules}; import contract_tests.plugin; print(*{*sys.modules} - known)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(ran.stdout.split()) <= {
        "contract_tests",
        "contract_tests.plugin",
        "secrets",
        "hmac",
        "_hashlib",
        "tempfile",
    }


# --- choosing and reporting -------------------------------------------------------------------------------------------


def test_failed_items_are_chosen_again_by_id(tmp_path: Path) -> None:
    with standing_in("open") as host:
        first = run_suite(tmp_path, "-q", "-k", "auth/missing or auth/lower", "--contract-target", host.url)
        again = run_suite(tmp_path, "-q", "--lf", "--contract-target", host.url)
    assert first.status == again.status == 1, first.out + again.out
    assert "1 failed, 1 passed" in first.out
    assert re.search(r"^1 failed", again.out, re.MULTILINE), again.out


def test_one_case_sends_one_request(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "-k", "auth/missing", "--contract-target", host.url)
    assert (ran.status, len(host.requests)) == (0, 1), ran.out


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_bug_of_the_suite_shows_no_secret_either(tmp_path: Path) -> None:
    (tmp_path / "bug.py").write_text(
        "from contract_tests.sending import Sender\n"
        "def broken(self, ask):\n    key = self.target.key\n    raise RuntimeError(f'a bug near {key}')\n"
        "Sender.send = broken\n",
        encoding="utf-8",
    )
    with standing_in() as host:
        arguments = ["-p", "bug", "-l", "--tb=long", "--contract-target", host.url]
        ran = run_suite(tmp_path, *AUTH, *arguments, PYTHONPATH=str(tmp_path))
    assert ran.status == 1, ran.out
    assert "The suite itself broke" in ran.out
    assert "a bug near $ANYFAST_API_KEY" in ran.out
    assert KEY not in ran.out
