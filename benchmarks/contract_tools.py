"""Judges of a host by its document: ours and those of others, installed by name and version, and how each is called.

Each gets the configuration that its own documentation describes for this purpose. A judge that cannot be had says why.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.installing import CannotInstall, Wheel, npm_binaries, require
from benchmarks.peers import SPECMATIC
from benchmarks.running import DOCUMENT
from benchmarks.wrong_hosts import KEY
from tests.outside.judging import environment, python_tools

__all__ = ["Tool", "tools"]


OUTSIDE = Path(__file__).resolve().parent.parent / "tests" / "outside"
LONGEST = 300.0
"""Seconds until a judge that has no verdict is given up."""


@dataclass(slots=True)
class Tool:
    """A judge. command: `{url}` in its words is the host. why_not: why it cannot be run here; '' when it can.

    files: what has to lie in the folder that it runs in, by name.
    """

    name: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    why_not: str = ""

    def blames(self, url: str, folder: Path) -> bool:
        """Judge a host; tell whether the judge ends with a status other than 0. Runs in a folder of its own."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [word.replace("{url}", url) for word in self.command],
            cwd=folder,
            env={**environment(), **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=LONGEST,
        )
        return done.returncode != 0


def tools() -> list[Tool]:
    """Install the judges, once, and give them, ours first."""
    ours = (str(Path(sys.executable).parent / "contract-tests"), "--contract-target", "{url}", "-q")
    patient = ("--contract-max-response-time", "10")  # how busy this machine is says nothing about a host
    found = [Tool("contract-tests", (*ours, *patient), {"ANYFAST_API_KEY": KEY})]
    for make in (_schemathesis, _specmatic, _resiliency, _dredd):
        try:
            found.append(make())
        except CannotInstall as error:
            name = make.__name__.lstrip("_")
            found.append(Tool(name, (), why_not=str(error).splitlines()[0]))
    return found


def _schemathesis() -> Tool:
    """Every check, with the credential: what its documentation shows for an API with bearer tokens."""
    command = str(python_tools() / "schemathesis")
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    options = ("--checks", "all", "-H", f"Authorization: Bearer {KEY}", "--max-response-time", "10")
    return Tool(f"schemathesis {version}", (command, "run", str(DOCUMENT), "--url", "{url}", *options))


def _jar() -> str:
    require("java", "openjdk-17-jre-headless")
    return str(Wheel(f"specmatic=={SPECMATIC}").install("specmatic") / "specmatic" / "core" / "specmatic.jar")


def _specmatic() -> Tool:
    command = ("java", "-jar", _jar(), "test", str(DOCUMENT), "--testBaseURL={url}")
    return Tool(f"specmatic {SPECMATIC}", command, {"bearerAuth": KEY})


def _resiliency() -> Tool:
    """Specmatic with its generative tests, which try invalid bodies."""
    plain = _specmatic()
    variables = {**plain.variables, "SPECMATIC_GENERATIVE_TESTS": "true"}
    return Tool(f"specmatic {SPECMATIC}, generative", plain.command, variables)


def _dredd() -> Tool:
    """Dredd with hooks that make its cases 400 and 401 real, by the version of OpenAPI that it knows."""
    manifest = (OUTSIDE / "dredd" / "package.json").read_text(encoding="utf-8")
    hooks = (OUTSIDE / "dredd" / "hooks.js").read_text(encoding="utf-8")
    command = (str(npm_binaries("dredd", manifest) / "dredd"), "openapi.yaml", "{url}", "--hookfiles", "hooks.js")
    twin = DOCUMENT.read_text(encoding="utf-8").replace("openapi: 3.1.0", "openapi: 3.0.3", 1)
    files = {"openapi.yaml": twin, "hooks.js": hooks.replace("sk-mock-byteplus-direct", KEY)}
    version = manifest.partition('"dredd": "')[2].partition('"')[0]
    return Tool(f"dredd {version}, with hooks", command, files=files)
