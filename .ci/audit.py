#!/usr/bin/env python3
"""Asks for known holes in what the locks name, and fails on what could not be asked for.

    python .ci/audit.py PIP_AUDIT

pip-audit itself skips a package that its database does not know, and ends with status 0. It must not change anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCKS = sorted((Path(__file__).resolve().parent.parent / "requirements").glob("*.txt"))


def holes(pip_audit: str, lock: Path) -> list[str]:
    """Give a line for each hole, each package that was skipped, and for a run that told nothing."""
    command = [pip_audit, "--require-hashes", "--disable-pip", "--requirement", str(lock), "--format", "json"]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        asked = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        return [f"{lock.name}: pip-audit told nothing that can be read; it said: {said}"]
    found = [] if asked else [f"{lock.name}: no package was looked at"]
    for package in asked:
        name = f"{lock.name}: {package['name']} {package.get('version', '')}".rstrip()
        if "skip_reason" in package:
            found.append(f"{name} was skipped: {package['skip_reason']}")
        found += [f"{name} has {hole['id']}; mended in {hole['fix_versions']}" for hole in package.get("vulns", [])]
    return found


def main(arguments: list[str]) -> int:
    """Audit every lock; give the exit status."""
    found = [line for lock in LOCKS for line in holes(arguments[0], lock)]
    for line in found:
        print(line)
    print(f"{len(LOCKS)} locks, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
