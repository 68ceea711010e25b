"""The pages that say how to extend the project, followed step by step in a copy of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_samples import samples_of

ROOT = Path(__file__).parent.parent


def copy_of(folder: Path, *names: str) -> Path:
    """Copy parts of the project."""
    for name in names:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


def run(folder: Path, *words: str) -> str:
    """Run Python in the copy, whose packages win over the installed ones; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYFAST_")}
    told = {**kept, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=told, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} no longer has {old!r}: the page has to say something else"
    path.write_text(text.replace(old, new), encoding="utf-8")


ASK = ("-m", "mockserver", "request", "POST", "/volc/asset/DeleteAsset", "--json", '{"Id": "asset-1"}')


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which an endpoint was added, as the page says."""
    folder = copy_of(tmp_path_factory.mktemp("copy"), "openapi", "mockserver", "contract_tests")
    samples = samples_of("adding-an-endpoint.md")
    (folder / "delete-asset.yaml").write_text(samples["delete-asset.yaml"], encoding="utf-8")
    run(folder, "-m", "mockserver", "contract", "import", "delete-asset.yaml", "--into", "openapi/vendor")
    run(folder, "-m", "openapi.profiles")
    return folder


def test_a_document_alone_makes_an_endpoint_of_mock_and_suite(extended: Path) -> None:
    answered = run(extended, *ASK)
    assert '"Id": "asset-1"' in answered
    assert '"Deleted": true' in answered
    assert "401" in run(extended, *ASK[:-2], "--no-token").splitlines()[0]
    planned = run(extended, "-m", "contract_tests.cli", "--contract-plan")
    assert "deleteAsset/auth/missing" in planned
    assert "deleteAsset/invalid/body-string" in planned


def test_an_overlay_and_a_behaviour_of_the_page_take_effect(extended: Path) -> None:
    samples = samples_of("adding-an-endpoint.md")
    overlay, module = "openapi/overlays/delete-asset-published.yaml", "mockserver/behaviours/assets.py"
    for name in (overlay, module):
        (extended / name).write_text(samples[name], encoding="utf-8")
    replace(
        extended / "openapi" / "profiles.py",
        '"result-published.yaml")',
        f'"result-published.yaml", "{Path(overlay).name}")',
    )
    before = "from mockserver.behaviours import visual_validate"
    replace(extended / "mockserver" / "behaviours" / "__init__.py", before, before.replace("visual", "assets, visual"))
    run(extended, "-m", "openapi.profiles")
    answer = run(extended, *ASK)
    assert '"Id": "asset-1"' in answer
    assert "basis=example" in answer
    assert "The answer always names the asset." in run(extended, "-m", "mockserver", "check")


def test_a_check_of_the_page_fails_on_its_wrong_server_alone(tmp_path: Path) -> None:
    folder = copy_of(
        tmp_path, "openapi", "contract_tests", "tests/wrong_servers", "tests/conftest.py", "pyproject.toml"
    )
    for name, text in samples_of("adding-a-check.md").items():
        with (folder / name).open("a", encoding="utf-8") as module:
            module.write(f"\n\n{text}")
    assert "No answer sets a cookie" in run(folder, "-m", "contract_tests.cli", "explain", "AFC219")
    tests = "tests/wrong_servers/test_wrong_servers.py::test_"
    names = [
        "the_right_server_passes_everything",
        "a_wrong_server_fails_exactly_what_is_listed[sets_a_cookie]",
        "every_item_is_killed_by_a_wrong_server",
    ]
    said = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"{tests}{name}" for name in names))
    assert re.search(r"\b3 passed", said), said


def test_every_sample_of_these_pages_is_used() -> None:
    assert set(samples_of("adding-an-endpoint.md")) == {
        "delete-asset.yaml",
        "openapi/overlays/delete-asset-published.yaml",
        "mockserver/behaviours/assets.py",
    }
    assert set(samples_of("adding-a-check.md")) == {
        "contract_tests/invariants/general.py",
        "tests/wrong_servers/answers.py",
    }
