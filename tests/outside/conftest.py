"""Fixtures of the judges: their tools, installed when first needed, and a mock for each profile.

A tool that cannot be had fails the tests with the command to run by hand; nothing is skipped.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.installing import CannotInstall, npm_binaries
from tests.outside.judging import PROFILES, export_document, python_tools, running_mock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture(scope="session")
def python_bin() -> Path:
    """The folder of the commands in requirements/outside.txt."""
    try:
        return python_tools()
    except CannotInstall as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def dredd_command() -> Path:
    """The `dredd` command of tests/outside/dredd/package.json."""
    manifest = (Path(__file__).parent / "dredd" / "package.json").read_text(encoding="utf-8")
    try:
        return npm_binaries("dredd", manifest) / "dredd"
    except CannotInstall as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def mocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The base URL of a running mock for each profile."""
    with ExitStack() as running:
        yield {
            profile: running.enter_context(running_mock(profile, tmp_path_factory.mktemp(profile)))
            for profile in PROFILES
        }


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The exported document of each profile."""
    folder = tmp_path_factory.mktemp("documents")
    return {profile: export_document(profile, folder / f"{profile}.yaml") for profile in PROFILES}
