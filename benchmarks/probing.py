"""What a server does for a request, seen by asking it: a figure without that compares a check with no check."""

from __future__ import annotations

from benchmarks.asking import ask, body_with

__all__ = ["NEW_TOKEN", "PROBES", "REFUSALS", "probed"]

REFUSALS = ("no key", "CallbackURL of a wrong type", "broken JSON")
"""Invalid calls, of which the status is told."""

NEW_TOKEN = "a new token each call"  # noqa: S105 - a title
PROBES = (*REFUSALS, NEW_TOKEN, "the caller's CallbackURL")
"""All columns; the last ones say yes or no."""

OWN = "https://caller.example/back?run=7"
PATIENCE = 5.0


def probed(port: int) -> dict[str, str]:
    """Ask a running server what it makes of calls that it should refuse, and what it answers to one that it should not.

    A status of 0 says that no answer came.
    """
    first, second = (ask(port, PATIENCE, body=body_with(OWN)) for _ in range(2))
    told = (
        str(ask(port, PATIENCE, key="").status),
        str(ask(port, PATIENCE, body=body_with(5)).status),
        str(ask(port, PATIENCE, body="{").status),
        "yes" if first["BytedToken"] != second["BytedToken"] else "no",
        "yes" if first["CallbackURL"] == OWN else "no",
    )
    return dict(zip(PROBES, told, strict=True))
