"""The files that reports go to: proved writable before anything is sent, written whole at the end or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CannotWrite", "ReportFile"]


class CannotWrite(Exception):
    """A report cannot be written where it was asked for; `str()` says why and what to do."""


class ReportFile:
    """One file of a report. option: what asked for it, for messages.

    Its folder is made if need be. Until the end the text stands in a file beside it, so that whoever reads the report
    finds all of it, and one of an earlier run until then. Raises `CannotWrite`.
    """

    def __init__(self, path: Path, option: str) -> None:
        self.path = path
        self._option = option
        self._target = path.resolve()  # what a link leads to is replaced, not the link
        self._device = self._target.exists() and not self._target.is_file() and not self._target.is_dir()
        self._part = self._target.with_name(f".{self._target.name}.{os.getpid()}.part")
        try:
            if self._target.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._target.parent.mkdir(parents=True, exist_ok=True)
            if not self._device:
                if self._target.exists():
                    self._target.open("r+b").close()
                self._part.touch()
        except OSError as error:
            raise self._cannot(error) from None

    def write(self, text: str) -> None:
        """Write the report. Raises `CannotWrite`."""
        try:
            if self._device:  # such as a pipe or /dev/null
                self._target.write_text(text, encoding="utf-8")
                return
            self._part.write_text(text, encoding="utf-8")
            self._part.replace(self._target)
        except OSError as error:
            raise self._cannot(error) from None

    def discard(self) -> None:
        """Leave nothing beside the report; a second call does nothing."""
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _cannot(self, error: OSError) -> CannotWrite:
        why = error.strerror or type(error).__name__
        return CannotWrite(f"{self._option} {self.path}: {why}. Name a file that can be written.")
