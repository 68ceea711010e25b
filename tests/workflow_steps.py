"""Runs the shell steps of a CI file in a folder, as far as that can be done without the CI.

Of GitHub's expressions it knows what our files use: names that are looked up, `failure()`, `!cancelled()`. Actions
(`uses:`) are left out. What would install or reach another host is played by a stand-in at the front of PATH.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")

PYTHON = f"""#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then echo "pip $*" >> "$SAID"; exit 0; fi
exec {sys.executable} "$@"
"""
"""Installs nothing; everything else is Python's."""

RECORDER = """#!/bin/sh
{ printf '%s' "NAME"; for one in "$@"; do printf '\\037%s' "$one"; done; printf '\\036'; } >> "$SAID"
"""
"""Writes down how it was called: words parted by \\037, calls by \\036."""


@dataclass(frozen=True)
class Steps:
    """How the steps of a job went. calls: what stand-ins were asked, word by word. outputs: of steps, `id.name`."""

    status: int
    text: str
    calls: list[list[str]]
    outputs: dict[str, str] = field(default_factory=dict)


def load(path: Path) -> dict[str, Any]:
    """Read a CI file."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def stand_in(folder: Path, name: str, script: str = RECORDER) -> None:
    """Put a program into the folder's `bin`; without a script it only writes down how it was called."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / name
    program.write_text(script.replace("NAME", name), encoding="utf-8")
    program.chmod(0o755)


def run_github_job(path: Path, job: str, folder: Path, known: Mapping[str, str], **environment: str) -> Steps:
    """Run a job of a workflow. known: what its expressions look up. environment: wins over the job's own."""
    read = load(path)["jobs"][job]
    stand_in(folder, "python", PYTHON)
    known = dict(known)
    outputs: dict[str, str] = {}
    status, text = 0, ""
    for step in read["steps"]:
        if "run" not in step or not _is_due(str(step.get("if", "")), failed=bool(status)):
            continue
        named = {**read.get("env", {}), **step.get("env", {})}
        told = {name: _filled(str(value), known) for name, value in named.items()} | environment
        file = folder / "output"
        file.write_text("", encoding="utf-8")
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _filled(step["run"], known)]
        done = _run(shell, folder, {**told, "GITHUB_OUTPUT": str(file)})
        text += done.stdout + done.stderr
        status = status or done.returncode
        for line in file.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            outputs[f"{step['id']}.{name}"] = known[f"steps.{step['id']}.outputs.{name}"] = value
    return Steps(status, text, _calls(folder), outputs)


def run_gitlab_job(path: Path, job: str, folder: Path, shell: str = "sh", **environment: str) -> Steps:
    """Run the script of a job of GitLab in one shell, as its runner does."""
    read = load(path)[job]
    stand_in(folder, "python", PYTHON)
    told = {**read.get("variables", {}), **environment}
    done = _run([shell, "-e", "-c", "\n".join(read["script"])], folder, told)
    file = folder / "statuses.env"
    outputs = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").split()) if file.exists() else {}
    return Steps(done.returncode, done.stdout + done.stderr, _calls(folder), outputs)


def _run(command: list[str], folder: Path, told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYFAST_", "GITHUB_"))}
    path = os.pathsep.join([str(folder / "bin"), str(BIN), kept["PATH"]])
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "SAID": str(folder / "said"), "HOME": str(folder), "NO_COLOR": "1", **told},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _calls(folder: Path) -> list[list[str]]:
    said = folder / "said"
    text = said.read_text(encoding="utf-8") if said.exists() else ""
    return [call.split("\037") for call in text.split("\036") if "\037" in call]


def _filled(text: str, known: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda found: known[found[1]], text)


def _is_due(condition: str, *, failed: bool) -> bool:
    words = EXPRESSION.sub(r"\1", condition)
    assert words in ("", "failure()", "!cancelled()"), f"teach this module {condition!r}"
    return {"": not failed, "failure()": failed, "!cancelled()": True}[words]
