"""What a mock that is ready tells another program, and the files in which it does: written at once, gone at the end.

No secret stands in a file: the credential is a fake one, and the control token is left out.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Ready", "UnusableFile", "read_ready", "told", "try_to_write"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A mock that answers.

    url: where programs of this machine reach it, without a slash at the end. pid: of the process to send SIGTERM to.
    api_key: a fake credential that works. control_token: what `/_mock` asks for, or ''. certificate: the file of the
    one that is served, or ''.
    """

    url: str
    pid: int
    api_key: str
    control_token: str = field(default="", repr=False)
    certificate: str = ""

    def as_text(self) -> str:
        """Write it for a ready file: JSON, without the control token."""
        known = {"url": self.url, "pid": self.pid, "api_key": self.api_key, "certificate": self.certificate}
        return json.dumps({name: value for name, value in known.items() if value}, indent=2) + "\n"


class UnusableFile(Exception):
    """A file that was named cannot be written; `str()` says why and what to do."""

    def __init__(self, what: str, path: Path, reason: str) -> None:
        super().__init__(what, path, reason)
        self.what = what
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"The {self.what} {self.path} cannot be written: {self.reason}. Name a file in a folder that is there."


def read_ready(path: Path) -> Ready | None:
    """Read a ready file; None when it is not there, is none, or was left by a run that was killed.

    Raises `OSError` when it is there and may not be read.
    """
    try:
        known = json.loads(path.read_bytes())
        ready = Ready(
            str(known["url"]), int(known["pid"]), str(known["api_key"]), "", str(known.get("certificate", ""))
        )
    except (FileNotFoundError, LookupError, OverflowError, TypeError, ValueError):
        return None
    return ready if ready.pid > 0 and _lives(ready.pid) else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # it is somebody else's
    except (ProcessLookupError, OverflowError):
        return False
    return True


def try_to_write(what: str, path: Path) -> None:
    """Find out before anything is started whether a file can be written. Raises `UnusableFile`."""
    temporary = _beside(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        temporary.touch()
        temporary.unlink()
    except OSError as error:
        raise UnusableFile(what, path, error.strerror or type(error).__name__) from None


@contextlib.contextmanager
def told(what: str, path: Path | None, mode: int) -> Iterator[_Told]:
    """Keep a file out of the way until something is told in it, and remove it at the end.

    What a killed run left there goes at once: nobody must read it. What another run has written since stays. `mode`:
    its permissions, before the umask. Without a path, nothing happens.
    """
    one = _Told(what, path, mode)
    one.remove()
    try:
        yield one
    finally:
        if one.is_ours():
            one.remove()


class _Told:
    def __init__(self, what: str, path: Path | None, mode: int) -> None:
        self._what = what
        self._path = path
        self._mode = mode
        self._text = ""

    def tell(self, text: str) -> None:
        """Write the file in one step, so that nobody reads half of it; a full disk is said and stops nothing."""
        if self._path is None:
            return
        temporary = _beside(self._path)
        self._text = text
        try:
            temporary.unlink(missing_ok=True)
            with os.fdopen(
                os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._mode), "w", encoding="utf-8"
            ) as file:
                file.write(text)
            temporary.replace(self._path)
        except OSError as error:
            why = error.strerror or type(error).__name__
            click.echo(f"mockserver: the {self._what} {self._path} cannot be written: {why}.", err=True)

    def is_ours(self) -> bool:
        """Whether the file holds what was told here."""
        try:
            return self._path is not None and bool(self._text) and self._path.read_text(encoding="utf-8") == self._text
        except (OSError, ValueError):
            return False

    def remove(self) -> None:
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
