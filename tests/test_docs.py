"""The pages cannot lie: their console blocks run, their links lead somewhere, and they name all that a user can use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import click
import pytest

from tests.console_blocks import Command, differences, find_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent

NOT_RUN = {
    "cd": "moves around in the reader's machine",
    "docker": "needs a daemon",
    "git": "needs a remote",
    "make": "the gate runs every target; `make mock` alone is run here, as the command behind it",
    "pip": "tests/test_package.py installs the built wheel",
    "python3": "makes the reader's own environment",
}
"""Commands that pages may show and this test leaves alone, each with the reason."""

NOT_OURS = re.compile(
    r"/(?:home|Users)/[A-Za-z]|/roo[t]/|/wor[k]/|/tm[p]/[A-Za-z]|[A-Z]:\\Users"  # folders of somebody's machine
    r"|(?:index-url|find-links)[ =]+\S*[:/]|(?:pypi\.or[g]|pythonhosted\.or[g])/(?:simple|packages)"  # registries
)
"""What no file of the project may say."""


def tracked_files() -> list[Path]:
    """Return the files that git tracks or would track; in an unpacked sdist, all."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in run.stdout.split("\0") if name] if run.returncode == 0 else []
    return [ROOT / name for name in names if (ROOT / name).is_file()] or [
        path for path in ROOT.rglob("*") if path.is_file() and not set(path.parts) & {".venv", "__pycache__"}
    ]


FILES = tracked_files()
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".md"}
MANUAL = "\n".join(
    text for name, text in PAGES.items() if name == "README.md" or re.match(r"docs/(?!decisions/)", name)
)
"""README and docs/, without the decisions: where a user looks."""


# --- console blocks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if "```console" in text])
def test_console_blocks_show_what_really_happens(page: str, tmp_path: Path) -> None:
    commands = [command for command in find_commands(page, PAGES[page]) if is_run(command)]
    assert list(differences(commands, tmp_path)) == []


def is_run(command: Command) -> bool:
    """Tell whether a command is run here; a word nobody decided about is an error of the page."""
    word = command.words[0]
    known = word in NOT_RUN or word in ("contract-tests", "curl", "mockserver")
    assert known, f"{command.page}:{command.line}: add {word!r} to NOT_RUN with a reason, or show one of ours or curl"
    return command.starts_server or word not in NOT_RUN


# --- links ------------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(
        r"^#+ +(.+?) *$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (ROOT / page).parent / path if path else ROOT / page
        known = anchors(there.read_text(encoding="utf-8")) if anchor and there.is_file() else {anchor}
        if not there.exists() or anchor not in known:
            dead.append(target)
    assert dead == []


def test_every_decision_stands_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.glob("0*.md") if f"]({path.name})" not in index] == []


# --- everything a user can use is written down ------------------------------------------------------------------------


def not_mentioned(words: set[str]) -> list[str]:
    """Return the words that neither README nor docs/ say, each as a whole word."""
    return sorted(word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", MANUAL))


def walk_commands(command: click.Command, path: str = "mockserver") -> Iterator[tuple[str, click.Command]]:
    """Give every command below one, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from walk_commands(inner, f"{path} {name}")


def test_every_command_and_option_is_written_down() -> None:
    from mockserver.cli import main

    words = set()
    for path, command in walk_commands(main):
        words.add(path)
        options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
        words |= {max(option.opts, key=len) for option in options}
    assert not_mentioned(words) == []


def test_every_option_and_exit_status_of_the_contract_suite_is_written_down() -> None:
    from contract_tests.items import REFUSED
    from contract_tests.plugin import pytest_addoption
    from contract_tests.reporting import INCONCLUSIVE

    parser = mock.Mock(spec=pytest.Parser)
    pytest_addoption(parser)
    options = {call.args[0] for call in parser.getgroup.return_value.addoption.call_args_list}
    assert len(options) >= 7, "the options moved: look for them elsewhere"
    assert not_mentioned({"contract-tests", *options}) == []
    page = PAGES["docs/contract-tests.md"]
    assert [code for code in (0, 1, INCONCLUSIVE, REFUSED) if f"| {code} |" not in page] == []


def test_every_step_of_the_journey_is_written_down() -> None:
    from contract_tests.steps import STEPS

    rows = [f"| `{step.id}` |" for step in STEPS]
    assert [row for row in rows if row not in PAGES["docs/contract-tests.md"]] == []
    assert PAGES["docs/contract-tests.md"].count("| `journey/") == len(rows)


def test_every_setting_is_written_down() -> None:
    from mockserver.cli import main

    words = set()
    for _, command in walk_commands(main):
        prefix = command.context_settings.get("auto_envvar_prefix")
        for option in command.params:
            named = option.envvar or (f"{prefix}_{option.name}".upper() if prefix else [])
            words |= {named} if isinstance(named, str) else set(named)
    assert len(words) >= 10, "the settings moved: look for them elsewhere"
    assert not_mentioned(words) == []


def test_every_fake_credential_is_written_down() -> None:
    from mockserver.credentials import FAKES

    assert not_mentioned(set(FAKES)) == []


def test_every_fault_has_its_line_with_what_goes_over_the_wire_and_its_basis() -> None:
    from mockserver.faults import CODES, FAULTS, SETTINGS

    rows = [(f"`code={code}`", f"`code-{code}`", word) for code, word in CODES.items()]
    rows += [(f"`fault={name}`", f"`{name}`", word) for name, word in FAULTS.items()]
    lines = PAGES["docs/faults.md"].splitlines()
    wanted = [f"| {asked} | {label} | {word.wire} | {word.basis} |" for asked, label, word in rows]
    assert [line for line in wanted if lines.count(line) != 1] == []
    assert all(f"| `{name}=" in PAGES["docs/faults.md"] for name in SETTINGS)


def test_every_control_route_is_written_down() -> None:
    from mockserver.app import create_app
    from mockserver.settings import Settings
    from openapi.contract import packaged_contract

    app = create_app(packaged_contract(), Settings())
    routes = {re.sub(r"<(?:[^>:]+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    control = {route for route in routes if route.startswith("/_mock/")}
    assert "/_mock/health" in control
    assert not_mentioned(control) == []


def test_the_effective_documents_are_up_to_date() -> None:
    from openapi.profiles import HOME, build_effective

    made = {path.name: path.read_text(encoding="utf-8") for path in (HOME / "effective").glob("*.json")}
    assert made == build_effective(), "run `make effective` and commit what it writes"


# --- what no file says ------------------------------------------------------------------------------------------------


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in FILES:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if hit := NOT_OURS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {hit[0]}")
    assert found == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("see /ho", "me/ann/x"),
        ("at /ro", "ot/x"),
        ("in C:\\Us", "ers\\ann"),
        ("pip install --index-u", "rl https://registry.example/simple"),
        ("extra-index-u", "rl = https://registry.example"),
        ("from https://pypi.", "org/simple/x"),
    ],
)
def test_a_planted_machine_path_is_found(start: str, end: str) -> None:
    assert NOT_OURS.search(start + end)


# --- samples ----------------------------------------------------------------------------------------------------------

USER_TEST = """

def test_session(anyfast_url):
    import json
    from urllib.request import Request, urlopen

    call = Request(anyfast_url + "/volc/asset/CreateVisualValidateSession", method="POST", data=b"{}")
    call.add_header("Authorization", "Bearer sk-mock-byteplus-direct")
    call.add_header("Content-Type", "application/json")
    with urlopen(call) as answer:
        session = json.load(answer)
    assert set(session) == {"BytedToken", "H5Link"}
    assert session["H5Link"].startswith(anyfast_url)
"""


def test_fixture_of_the_readme_serves_a_users_test(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGES["README.md"], re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, "a second sample needs a test of its own here"
    (tmp_path / "test_user.py").write_text(blocks[0] + USER_TEST, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
