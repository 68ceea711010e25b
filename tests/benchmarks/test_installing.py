"""Programs of others are installed once, each in a folder of its own, and again when another version is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import installing
from benchmarks.installing import CannotInstall, Npm, Source, Venv, Wheel, require, run_installer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The installing commands, none of which is run; the cache is an empty folder."""
    given: list[list[str]] = []
    monkeypatch.setattr(installing, "CACHE", tmp_path)
    monkeypatch.setattr(installing, "run_installer", given.append)
    return given


@pytest.mark.parametrize(
    ("first", "second", "each"), [(Wheel("a==1"), Wheel("a==2"), 1), (Venv(("a==1", "b")), Venv(("a==2", "b")), 2)]
)
def test_python_package_is_installed_once_for_each_version(
    first: Source, second: Source, each: int, commands: list[list[str]], tmp_path: Path
) -> None:
    folder = first.install("it")
    assert folder.is_relative_to(tmp_path)
    assert first.install("it") == folder
    assert len(commands) == each
    assert "a==1" in commands[-1]
    assert second.install("it") == folder
    assert len(commands) == 2 * each
    assert "a==2" in commands[-1]


def test_script_lies_beside_the_packages_that_it_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    manifests: list[str] = []

    def placed(_name: str, manifest: str) -> Path:
        manifests.append(manifest)
        return tmp_path / "node_modules" / ".bin"

    monkeypatch.setattr(installing, "npm_binaries", placed)
    script = tmp_path / "ours" / "it.mjs"
    script.parent.mkdir()
    script.write_text("import 'a'\n", encoding="ascii")
    assert Npm({"a": "1.2.3"}, script).install("it") == tmp_path
    assert (tmp_path / "it.mjs").read_text(encoding="ascii") == "import 'a'\n"
    assert '"a": "1.2.3"' in manifests[0]


def test_installer_that_fails_is_told_with_its_command_and_words() -> None:
    with pytest.raises(CannotInstall, match=r"(?s)status 3: sh -c 'echo gone.*\ngone"):
        run_installer(["sh", "-c", "echo gone >&2; exit 3"])


def test_missing_program_is_told_with_its_package() -> None:
    with pytest.raises(CannotInstall, match="no-such-thing is missing; install it: apt-get install some-package"):
        require("no-such-thing", "some-package")
