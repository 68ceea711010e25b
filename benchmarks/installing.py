"""Install npm packages of others into `.cache/`, each set in a folder of its own, through the ordinary npm client.

Names no registry: npm's own configuration decides. It must not install anything into the project or the machine.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

__all__ = ["CACHE", "CannotInstall", "cache_folder", "npm_binaries", "run_installer"]

CACHE = Path(__file__).resolve().parent.parent / ".cache"
"""Where everything that is downloaded goes; git ignores it, and it can be deleted at any time."""

_STAMP = ".installed"


class CannotInstall(Exception):
    """Something is missing on this machine or could not be downloaded; `str()` has the command to run by hand."""


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
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise CannotInstall("Node.js with npm is missing; install it: apt-get install nodejs npm")
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
