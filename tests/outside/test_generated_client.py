"""A client generated from the vendor's own YAML, untouched, calls the mock and understands its answers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.outside.judging import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

VENDOR = Path(__file__).parents[2] / "openapi" / "vendor" / "create-visual-validate-session.yaml"
CALL = Path(__file__).with_name("generated_client_call.py")
WORKING = "sk-mock-byteplus-direct"
CALLBACK = "https://example.com/callback?order=7&name=%C3%A4#part"


@pytest.fixture(scope="module")
def client_folder(python_bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder above the generated package."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")  # no formatting: it would want ruff
    command = [str(python_bin / "openapi-python-client"), "generate", "--path", str(VENDOR), "--meta", "none"]
    command += ["--output-path", str(folder / "generated"), "--config", str(folder / "config.yaml")]
    command += ["--fail-on-warning"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_session_is_created_and_parsed(
    profile: str, client_folder: Path, python_bin: Path, mocks: Mapping[str, str]
) -> None:
    first, second = _call(python_bin, client_folder, mocks[profile], [[WORKING, CALLBACK], [WORKING, CALLBACK]])
    for result in (first, second):
        assert result["status"] == 200
        assert re.fullmatch(r"\d{14}[0-9A-F]{20}", result["parsed"]["byted_token"])
        assert result["parsed"]["callback_url"] == CALLBACK
        assert result["parsed"]["h5_link"].startswith(mocks[profile] + "/en/liveness-face-manage/authorization?pl=")
        assert result["parsed"]["more"] == []
    assert first["parsed"]["byted_token"] != second["parsed"]["byted_token"]
    assert first["parsed"]["h5_link"] != second["parsed"]["h5_link"]


def test_callback_url_that_was_not_sent_is_not_answered(
    client_folder: Path, python_bin: Path, mocks: Mapping[str, str]
) -> None:
    [result] = _call(python_bin, client_folder, mocks["published"], [[WORKING, None]])
    assert result["status"] == 200
    assert sorted(result["body"]) == ["BytedToken", "H5Link"]
    assert result["parsed"]["callback_url"] is None


def test_bad_token_is_a_401_that_the_client_knows(
    client_folder: Path, python_bin: Path, mocks: Mapping[str, str]
) -> None:
    # raise_on_unexpected_status is on: the client would raise for a status that the vendor does not document.
    [result] = _call(python_bin, client_folder, mocks["published"], [["sk-mock-of-nobody", CALLBACK]])
    assert result["status"] == 401
    assert result["parsed"] is None
    assert result["body"] == {
        "error": {"message": "Invalid API key provided.", "type": "authentication_error", "code": "invalid_api_key"}
    }


def _call(python_bin: Path, folder: Path, base_url: str, calls: list[list[str | None]]) -> list[Any]:
    command = [str(python_bin / "python"), str(CALL), str(folder), base_url, json.dumps(calls)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    results: list[Any] = json.loads(done.stdout)
    return results
