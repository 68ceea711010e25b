"""The fixtures as a user has them: in a folder of their own, in a pytest run of their own, with the page's samples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "pytest.md"

CLIENTS = """
import asyncio
import json
import urllib.request

import aiohttp
import httpx
import pytest

BODY = {"CallbackURL": "https://example.com/done"}
PATH = "/volc/asset/CreateVisualValidateSession"


def with_httpx(url, headers):
    return httpx.post(url, headers=headers, json=BODY).json()


def with_urllib(url, headers):
    request = urllib.request.Request(url, json.dumps(BODY).encode(), {**headers, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def with_aiohttp(url, headers):
    async def call():
        async with aiohttp.ClientSession() as session, session.post(url, headers=headers, json=BODY) as answer:
            return await answer.json()

    return asyncio.run(call())


@pytest.mark.parametrize("call", [with_httpx, with_urllib, with_aiohttp])
def test_every_client_works(call, anyfast_mock):
    answer = call(anyfast_mock.base_url + PATH, {"Authorization": f"Bearer {anyfast_mock.api_key}"})
    assert [one.token for one in anyfast_mock.sessions] == [answer["BytedToken"]]
"""

ALONE = """
import pytest
from client import Anyfast


@pytest.mark.parametrize("number", range(24))
def test_each_test_is_alone(number, anyfast_mock):
    client = Anyfast(anyfast_mock.base_url, anyfast_mock.api_key)
    assert anyfast_mock.sessions == []
    anyfast_mock.assert_not_called()
    made = [client.create(f"https://example.com/{number}/{one}")["BytedToken"] for one in range(number % 5 + 1)]
    anyfast_mock.complete(made[0])
    assert [one.state for one in anyfast_mock.sessions].count("passed") == 1
    assert len(anyfast_mock.requests) == len(anyfast_mock.sessions) == len(made)
    anyfast_mock.respond_next(429, times=3)  # never used up: a test that came after would meet it
"""

SHARED = """
import pytest


@pytest.fixture
def anyfast_mock(anyfast_mock_server):
    return anyfast_mock_server
"""

BYSTANDER = """
import sys


def test_nothing_of_ours_is_loaded():
    ours = {name for name in sys.modules if name.split(".")[0] in ("mockserver", "openapi", "contract_tests")}
    assert ours == {"mockserver", "mockserver.pytest_plugin", "openapi", "contract_tests", "contract_tests.plugin"}
    assert not {"flask", "jsonschema_rs", "requests", "responses", "werkzeug", "yaml"} & set(sys.modules)
"""


def blocks() -> dict[str, str]:
    """Give the samples of the page by their file names."""
    found = re.findall(
        r'^```python title="([a-z_]+\.py)"\n(.*?)^```', PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return dict(found)


def run(folder: Path, files: dict[str, str], *arguments: str) -> str:
    """Run pytest over files in a folder of their own; give what it printed."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "-q", *arguments]
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "ANYFAST"))}
    ran = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False)
    return ran.stdout + ran.stderr


def test_the_samples_of_the_page_pass_with_every_client(tmp_path: Path) -> None:
    samples = blocks()
    assert {"client.py", "test_live.py", "test_in_process.py", "test_time.py", "test_with_unittest.py"} <= set(samples)
    out = run(tmp_path, {**samples, "test_clients.py": CLIENTS}, "-W", "error")
    assert re.search(r"^1[0-9] passed in", out, re.MULTILINE), out


def test_nothing_is_loaded_before_a_fixture_is_used(tmp_path: Path) -> None:
    out = run(tmp_path, {"test_bystander.py": BYSTANDER})
    assert "1 passed" in out, out


def test_no_test_meets_what_another_left_behind_under_xdist(tmp_path: Path) -> None:
    out = run(tmp_path, {"client.py": blocks()["client.py"], "test_alone.py": ALONE}, "-n", "4")
    assert "24 passed" in out, out


def test_one_key_for_all_tests_would_be_noticed(tmp_path: Path) -> None:
    files = {"client.py": blocks()["client.py"], "test_alone.py": ALONE, "conftest.py": SHARED}
    out = run(tmp_path, files, "--tb=no")
    assert "23 failed, 1 passed" in out, out
