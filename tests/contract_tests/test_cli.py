"""The command `contract-tests`, here and installed from the wheel, and what an installation may lack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

import contract_tests
from contract_tests.cli import COMMANDS, main
from contract_tests.plugin import pytest_addoption
from tests.contract_tests.standing_in import ROOT, left_behind, run_suite, standing_in

COMMAND = (str(Path(sys.executable).with_name("contract-tests")),)


def test_the_command_ignores_the_settings_of_the_folder_it_runs_in(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n", encoding="utf-8")
    ran = run_suite(tmp_path, "-k", "auth", "-W", "error", program=COMMAND, key="", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert ran.status == 0, ran.out
    assert "our mock" in ran.line("target")
    assert "keeps the contract" in ran.out
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(("manner", "status"), [("open", 1), (503, 10)])
def test_the_command_ends_with_the_status_of_the_run(tmp_path: Path, manner: str, status: int) -> None:
    with standing_in(manner) as host:  # type: ignore[arg-type]
        ran = run_suite(tmp_path, "-q", "-k", "auth/missing", "--contract-target", host.url, program=COMMAND)
    assert ran.status == status, ran.out


def test_the_command_refuses_a_host_without_sending_a_byte(tmp_path: Path) -> None:
    with standing_in() as proxy:
        arguments = ["--contract-target", "https://host.example", "--contract-proxy", proxy.url]
        ran = run_suite(tmp_path, *arguments, program=COMMAND)
    assert (ran.status, proxy.connections) == (14, 0), ran.out
    assert "--contract-allow-host host.example" in ran.out


# --- installed --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder, from our own build and without a download."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, str(folder / "installed"), str(wheel)], check=True, capture_output=True, text=True)
    return folder / "installed"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with what this environment has installed, except our own project and the judge."""
    folder = tmp_path_factory.mktemp("libraries")
    for path in Path(pytest.__file__).parent.parent.iterdir():
        ours = "anyfast" in path.name or path.suffix == ".pth" or path.name.startswith(("openapi_core", "__pycache__"))
        if not ours:
            (folder / path.name).symlink_to(path)
    return folder


@pytest.mark.parametrize("way", ["command", "pyargs"])
def test_an_installed_suite_starts_its_mock_and_runs(tmp_path: Path, installed: Path, way: str) -> None:
    command = (sys.executable, str(installed / "bin" / "contract-tests"))
    program = command if way == "command" else (sys.executable, "-m", "pytest", "--pyargs", "contract_tests")
    ran = run_suite(tmp_path, "-v", "-k", "auth", program=program, key="", PYTHONPATH=str(installed))
    assert ran.status == 0, ran.out
    assert "our mock" in ran.line("target")
    assert "keeps the contract" in ran.out
    where = subprocess.run(
        [sys.executable, "-c", "import contract_tests; print(contract_tests.__file__)"],
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)
    assert not Path(contract_tests.__file__).is_relative_to(installed)
    assert left_behind(tmp_path) == []


def test_a_missing_library_is_named_with_the_extra_that_brings_it(
    tmp_path: Path, installed: Path, libraries: Path
) -> None:
    program = (sys.executable, "-S", "-m", "pytest", "--pyargs", "contract_tests", "-q")
    ran = run_suite(tmp_path, program=program, PYTHONPATH=f"{installed}:{libraries}")
    assert ran.status == pytest.ExitCode.USAGE_ERROR, ran.out
    assert "needs openapi-core: pip install 'anyfast-mockserver[contract]'" in ran.out
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n", encoding="utf-8")
    program = (sys.executable, "-S", "-m", "pytest", "-q", "test_mine.py", "-x")
    ran = run_suite(tmp_path, program=program, PYTHONPATH=f"{installed}:{libraries}")
    assert (ran.status, "1 passed" in ran.out) == (0, True), "the tests of others run without the extra"


def test_the_command_without_pytest_names_the_extra(tmp_path: Path, installed: Path) -> None:
    program = (sys.executable, "-S", str(installed / "bin" / "contract-tests"))
    ran = run_suite(tmp_path, program=program, PYTHONPATH=str(installed))
    assert (ran.status, ran.out.strip()) == (
        4,
        "The contract suite needs pytest: pip install 'anyfast-mockserver[contract]'.",
    )


def test_help_has_the_commands_and_all_options_of_the_suite_and_fits_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["contract-tests", "--help"])
    assert main() == 0
    said = capsys.readouterr().out
    parser = mock.Mock(spec=pytest.Parser)
    pytest_addoption(parser)
    options = [call.args[0] for call in parser.getgroup.return_value.addoption.call_args_list]
    assert [one for one in (*options, *COMMANDS) if f"  {one} " not in said.replace("\n", " \n")] == []
    assert [line for line in said.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("arguments", ["--help", "explain"])
def test_a_reader_that_has_seen_enough_gets_no_traceback(arguments: str) -> None:
    command = f"{sys.executable} -m contract_tests.cli {arguments} | head -n 1"
    ran = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    assert ran.stdout
