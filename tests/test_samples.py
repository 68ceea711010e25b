"""Samples of the pages that are files: each is written down as its page shows it and run against a live mock.

A sample is a fenced block with a title: ```python title="test_x.py".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console_blocks import environment, live_mock

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parent.parent / "docs"
FENCE = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```', re.MULTILINE | re.DOTALL)

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

RUN = {
    "start.md": {
        "test_verification.py": [*PYTEST, "test_verification.py"],
    },
    "languages.md": {
        "verify.sh": ["bash", "verify.sh"],
        "verify.test.mjs": ["node", "--test", "verify.test.mjs"],
        "verify_test.go": ["go", "test", "verify_test.go"],
    },
}  # fmt: skip
"""Page -> its samples, and what runs each."""

WHERE_IT_IS = ("go",)
"""What a machine need not have; the page says that such a sample runs only where it is."""

CASES = [
    pytest.param(page, name, id=name)
    for page, samples in RUN.items()
    for name, command in samples.items()
    if command[0] not in WHERE_IT_IS or shutil.which(command[0])
]


@pytest.fixture(scope="module")
def mock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with live_mock(tmp_path_factory.mktemp("mock")) as mock:
        yield f"http://{mock.address}"


def samples_of(page: str) -> dict[str, str]:
    """Give the samples of a page by their titles."""
    return dict(FENCE.findall((DOCS / page).read_text(encoding="utf-8")))


def run_sample(folder: Path, command: list[str], url: str, key: str) -> subprocess.CompletedProcess[str]:
    """Run a sample as `mockserver exec` would: in its folder, told by two variables where the mock is.

    url: '' to tell it nothing.
    """
    told = {"ANYFAST_BASE_URL": url, "ANYFAST_API_KEY": key} if url else {}
    go = {name: os.environ[name] for name in ("GOCACHE", "GOROOT", "GOPATH") if name in os.environ}
    return subprocess.run(
        command,
        cwd=folder,
        env={"GOCACHE": str(folder / "go-build"), **environment(folder), **go, **told, "GOFLAGS": "-mod=mod"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("page", list(RUN))
def test_every_sample_of_a_page_is_run(page: str) -> None:
    assert set(samples_of(page)) == set(RUN[page])


@pytest.mark.parametrize(("page", "name"), CASES)
def test_a_sample_runs_as_its_page_shows_it(page: str, name: str, mock_url: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(samples_of(page)[name], encoding="utf-8")
    key = f"sk-mock-byteplus-direct-{Path(name).stem.replace('.', '-').replace('_', '-')}"
    done = run_sample(tmp_path, RUN[page][name], mock_url, key)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("page", "name"), CASES)
def test_a_sample_fails_where_the_key_is_wrong(page: str, name: str, mock_url: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(samples_of(page)[name], encoding="utf-8")
    done = run_sample(tmp_path, RUN[page][name], mock_url, "sk-mock-expired")
    assert done.returncode != 0, done.stdout + done.stderr


@pytest.mark.parametrize(("page", "name"), CASES)
def test_a_sample_that_is_told_no_host_names_the_variable_and_asks_nobody(page: str, name: str, tmp_path: Path) -> None:
    sample = samples_of(page)[name]
    (tmp_path / name).write_text(sample, encoding="utf-8")
    done = run_sample(tmp_path, RUN[page][name], "", "")
    assert done.returncode != 0
    assert "ANYFAST_BASE_URL" in done.stdout + done.stderr
    assert "anyfast.ai" not in sample
