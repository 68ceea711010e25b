"""What deploy/ and .github/ hold: what its files promise each other, and the shell steps in them, run with stand-ins.

What linters and schemas say of them is in tests/outside, and the image's own lines are run in tests/test_package.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.console_blocks import live_mock
from tests.workflow_steps import BIN, load, run_github_job, run_gitlab_job, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
NIGHTLY = DEPLOY / "github" / "contract-nightly.yml"
GITLAB = DEPLOY / "gitlab" / "gitlab-ci.yml"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), *sorted((DEPLOY / "github").glob("*.yml"))]
PAGE_WITH_A_TEST = ROOT / "docs" / "start.md"
CANARY = "canary-0a1b2c3d4e"
KEY = f"sk-{CANARY}-of-a-test"
BY_NAME = pytest.mark.parametrize("path", WORKFLOWS, ids=[path.name for path in WORKFLOWS])

SENTENCES = {
    "11": "the vendor's document changed",
    "13": "an overlay is stale",
    "1": "the host breaks the contract",
    "12": "the host answers in another shape",
}
"""Exit status -> what the issue for it is called."""

NIGHTS = [
    ("0", "0", [], 0),
    ("11", "0", ["11"], 0),
    ("13", "0", ["13"], 0),
    ("0", "12", ["12"], 0),
    ("11", "12", ["11", "12"], 0),
    ("0", "10", [], 0),
    ("0", "1", ["1"], 1),
    ("13", "1", ["13", "1"], 1),
    ("0", "14", [], 1),
    ("0", "", [], 1),
    ("4", "0", [], 1),
    ("", "0", [], 1),
]
"""Status of the document, status of the suite, the statuses that get an issue, whether the job fails."""


# --- workflows --------------------------------------------------------------------------------------------------------


@BY_NAME
def test_an_action_is_pinned_by_commit_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    loose = [
        one for one in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/.+", one)
    ]
    assert used
    assert loose == []


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    used = {
        line for path in WORKFLOWS for line in re.findall(r"uses: (\S+@\S+ # \S+)", path.read_text(encoding="utf-8"))
    }
    assert len(used) == len({line.partition("@")[0] for line in used})


@BY_NAME
def test_a_workflow_grants_nothing_to_write_but_where_a_job_says_so(path: Path) -> None:
    read = load(path)
    assert read["permissions"] in ({}, {"contents": "read"})
    assert all("timeout-minutes" in job or "uses" in job for job in read["jobs"].values())


@BY_NAME
def test_no_job_has_a_secret_of_the_host_and_a_permission_to_write(path: Path) -> None:
    for job in load(path)["jobs"].values():
        has_secret = "secrets." in yaml.safe_dump(job)
        writes = [name for name, level in job.get("permissions", {}).items() if level == "write"]
        assert not (has_secret and writes)


def told_by_gh(calls: list[list[str]]) -> list[str]:
    """Give the titles of the issues that were opened."""
    created = [call for call in calls if call[:3] == ["gh", "issue", "create"]]
    return [call[call.index("--title") + 1] for call in created]


def known(document: str, suite: str) -> dict[str, str]:
    return {
        "github.token": "a-token",
        "github.repository": "you/yours",
        "github.server_url": "https://github.example",
        "github.run_id": "7",
        "needs.contract.outputs.document": document,
        "needs.contract.outputs.suite": suite,
    }


@pytest.mark.parametrize(("document", "suite", "issues", "failed"), NIGHTS)
def test_a_status_leads_to_its_issue_on_github(
    document: str, suite: str, issues: list[str], failed: int, tmp_path: Path
) -> None:
    stand_in(tmp_path, "gh")
    steps = run_github_job(NIGHTLY, "tell", tmp_path, known(document, suite))
    assert told_by_gh(steps.calls) == [f"Anyfast: {SENTENCES[status]}" for status in issues]
    assert steps.status == failed, steps.text


def test_the_next_night_adds_to_the_open_issue(tmp_path: Path) -> None:
    found = '#!/bin/sh\nif [ "$1 $2" = "issue list" ]; then echo 42; exit; fi\n'
    stand_in(tmp_path, "gh", found + '{ printf gh; printf "\\037%s" "$@"; printf "\\036"; } >> "$SAID"\n')
    steps = run_github_job(NIGHTLY, "tell", tmp_path, known("11", "0"))
    assert told_by_gh(steps.calls) == []
    assert [call[:4] for call in steps.calls if call[2] == "comment"] == [["gh", "issue", "comment", "42"]]


@pytest.mark.parametrize(("document", "suite", "issues", "failed"), NIGHTS)
def test_a_status_leads_to_its_issue_on_gitlab(
    document: str, suite: str, issues: list[str], failed: int, tmp_path: Path
) -> None:
    stand_in(
        tmp_path,
        "curl",
        "#!/bin/sh\ncat >> config\n" + '{ printf curl; printf "\\037%s" "$@"; printf "\\036"; } >> "$SAID"\n',
    )
    told = {"CI_PIPELINE_URL": "https://x/1", "CI_API_V4_URL": "https://x/api", "CI_PROJECT_ID": "7"}
    steps = run_gitlab_job(GITLAB, "tell", tmp_path, DOCUMENT=document, SUITE=suite, DRIFT_TOKEN=CANARY, **told)
    titles = [word for call in steps.calls for word in call if word.startswith("title=")]
    assert titles == [f"title=Anyfast: {SENTENCES[status]}" for status in issues]
    assert steps.status == failed, steps.text
    assert CANARY not in str(steps.calls), "a token among arguments is in every list of processes"
    assert (tmp_path / "config").exists() == bool(issues)


def contract_tests_stand_in(folder: Path, drift: int, suite: str) -> None:
    """Play `contract-tests drift` by its status, and the suite by a command."""
    script = f'#!/bin/sh\nif [ "$1" = drift ]; then test -s "$3" || exit 4; exit {drift}; fi\n{suite}\n'
    stand_in(folder, "contract-tests", script)


@pytest.fixture(scope="module")
def mock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with live_mock(tmp_path_factory.mktemp("mock"), "--token", KEY) as mock:
        yield f"http://{mock.address}"


def everything_in(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file())


def test_the_nightly_run_on_github_keeps_reports_and_shows_no_key(mock_url: str, tmp_path: Path) -> None:
    contract_tests_stand_in(tmp_path, 11, f'exec {BIN / "contract-tests"} "$@"')
    page = tmp_path / "page.md"
    page.write_text("the vendor's page", encoding="utf-8")
    steps = run_github_job(
        NIGHTLY, "contract", tmp_path, {"secrets.ANYFAST_API_KEY": KEY}, TARGET=mock_url, PAGE=page.as_uri()
    )
    assert steps.outputs == {"document.status": "11", "suite.status": "0"}, steps.text
    assert steps.status == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "page.md",
        "report.html",
        "report.json",
        "junit.xml",
    }
    assert CANARY not in steps.text + everything_in(tmp_path)


def test_the_nightly_run_on_gitlab_leaves_its_statuses(tmp_path: Path) -> None:
    contract_tests_stand_in(tmp_path, 13, 'echo "$@" > suite.ran; exit 12')
    page = tmp_path / "page.md"
    page.write_text("the vendor's page", encoding="utf-8")
    steps = run_gitlab_job(GITLAB, "contract", tmp_path, PAGE=page.as_uri(), ANYFAST_API_KEY=KEY)
    assert steps.outputs == {"DOCUMENT": "13", "SUITE": "12"}, steps.text
    assert steps.status == 0
    assert "--contract-budget paid=2,total=40" in (tmp_path / "suite.ran").read_text(encoding="utf-8")
    assert CANARY not in steps.text + everything_in(tmp_path)


def test_a_page_that_cannot_be_had_leaves_no_status_and_the_suite_runs_all_the_same(tmp_path: Path) -> None:
    contract_tests_stand_in(tmp_path, 0, 'echo "$@" > suite.ran')
    steps = run_github_job(NIGHTLY, "contract", tmp_path, {"secrets.ANYFAST_API_KEY": KEY}, PAGE="file:///not/there")
    assert steps.outputs == {"suite.status": "0"}
    assert "--contract-budget paid=2,total=40" in (tmp_path / "suite.ran").read_text(encoding="utf-8")


def test_tests_beside_the_mock_pass_and_leave_their_report(tmp_path: Path) -> None:
    (sample,) = re.findall(
        r"^```python title.*?\n(.*?)^```", PAGE_WITH_A_TEST.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "test_verification.py").write_text(sample, encoding="utf-8")
    steps = run_github_job(DEPLOY / "github" / "tests.yml", "tests", tmp_path, {})
    assert steps.status == 0, steps.text
    assert "1 passed" in steps.text
    assert {"mock.log", "junit.xml"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(("tag", "stops"), [("v{version}", 0), ("v9.9.9", 1)])
def test_a_tag_that_is_not_the_version_stops_the_release(tag: str, stops: int, tmp_path: Path) -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.findall(r'^version = "(.+)"', settings, re.MULTILINE)[0]
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{version}] - 2026-12-01\n", encoding="utf-8")
    path = ROOT / ".github" / "workflows" / "release.yml"
    step = next(one for one in load(path)["jobs"]["build"]["steps"] if one.get("name", "").startswith("Compare"))
    (tmp_path / "one.yml").write_text(yaml.safe_dump({"jobs": {"build": {"steps": [step]}}}), encoding="utf-8")
    steps = run_github_job(tmp_path / "one.yml", "build", tmp_path, {}, GITHUB_REF_NAME=tag.format(version=version))
    assert steps.status == stops, steps.text


# --- containers -------------------------------------------------------------------------------------------------------


def manifests() -> dict[str, dict[str, Any]]:
    """Give the objects of the Kubernetes sample by their kind."""
    return {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))}


def variables_of_the_mock() -> set[str]:
    from mockserver.commands.serve import command

    return {option.envvar for option in command.params if isinstance(option.envvar, str)}


def test_no_service_has_a_name_whose_variables_are_ours() -> None:
    names = [one["metadata"]["name"] for one in manifests().values()]
    linked = {
        f"{name.upper().replace('-', '_')}_{end}" for name in names for end in ("PORT", "SERVICE_HOST", "SERVICE_PORT")
    }
    assert "ANYFAST_MOCK_PORT" in variables_of_the_mock(), (
        "the trap is gone: say so in kubernetes.yaml and docs/deploy.md"
    )
    assert linked & variables_of_the_mock() == set()
    assert manifests()["Deployment"]["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_the_pod_runs_as_the_images_user_with_nothing_to_gain() -> None:
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    user = re.findall(r"^USER (\d+):(\d+)$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert user == [(str(pod["securityContext"]["runAsUser"]), str(pod["securityContext"]["runAsGroup"]))]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_every_variable_of_a_container_is_one_that_the_mock_reads() -> None:
    (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    used = {one["name"] for one in container["env"]}
    for path in DEPLOY.glob("compose*.yaml"):
        used |= set(load(path)["services"]["anyfast"]["environment"])
    used |= set(re.findall(r"(ANYFAST_MOCK_\w+)=", (DEPLOY / "Dockerfile").read_text(encoding="utf-8")))
    assert used - variables_of_the_mock() == set()


def test_the_control_token_comes_from_a_secret_and_stands_in_no_file() -> None:
    (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    (token,) = (one for one in container["env"] if one["name"] == "ANYFAST_MOCK_CONTROL_TOKEN")
    assert set(token) == {"name", "valueFrom"}
    for path in DEPLOY.glob("compose*.yaml"):
        given = load(path)["services"]["anyfast"]["environment"]["ANYFAST_MOCK_CONTROL_TOKEN"]
        assert given.startswith("${ANYFAST_MOCK_CONTROL_TOKEN:?")


def test_ports_of_the_samples_agree() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (port,) = set(re.findall(r"^EXPOSE (\d+)$|ANYFAST_MOCK_PORT=(\d+)", text, re.MULTILINE)[0]) - {""}
    (service,) = manifests()["Service"]["spec"]["ports"]
    assert service["port"] == int(port)
    assert f"ANYFAST_MOCK_PORT={port}" in text
    for path in DEPLOY.glob("compose*.yaml"):
        published = load(path)["services"]["anyfast"]["ports"]
        assert all(re.fullmatch(rf"127\.0\.0\.1:[\d-]+:{port}", one) for one in published), (
            "published beyond this machine"
        )


def test_what_the_image_copies_is_let_through_and_nothing_else() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()}
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_the_hook_of_pre_commit_is_a_command_and_looks_at_documents() -> None:
    from mockserver.cli import COMMANDS

    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"].split() == ["mockserver", "check"]
    assert "check" in COMMANDS
    assert re.search(hook["files"], "api/openapi.yaml")
    assert not re.search(hook["files"], "deploy/compose.yaml")
