"""Keep the secrets of a run out of what the libraries that send write into their logs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.run import Run

__all__ = ["mask_logs"]

LOGGING = ("requests", "urllib3", "charset_normalizer")
"""Libraries that log what is sent and received."""

UNPARSED = ", unparsed data: "
"""Begins what urllib3 quotes of headers that are none."""


class _Masked(logging.Filter):
    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def filter(self, record: logging.LogRecord) -> bool:
        self._run.learn()
        # What is no header, and an exception beside it, are quoted before anybody could learn from the answer.
        said = record.getMessage().partition(UNPARSED)[0]
        record.msg, record.args = self._run.redactor.text(said), None
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.msg} ({record.exc_info[0].__name__})"
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def mask_logs(run: Run) -> Callable[[], None]:
    """Keep the secrets of a run out of what the libraries that send log. Gives what undoes it.

    They write paths, and one case has the key there; of headers that are none they write all.
    """
    import requests  # noqa: F401 - so that all of its loggers are there

    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in LOGGING]
    loggers, masked = [logging.getLogger(name) for name in names], _Masked(run)
    for logger in loggers:
        logger.addFilter(masked)

    def undo() -> None:
        for logger in loggers:
            logger.removeFilter(masked)

    return undo
