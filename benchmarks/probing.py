"""What a server does for a request, seen by asking it: a figure without that compares a check with no check."""

from __future__ import annotations

from benchmarks.asking import ask, body_with

__all__ = ["PROBES", "probed"]

PROBES = ("no key", "CallbackURL of a wrong type", "broken JSON", "a new token each call", "the caller's CallbackURL")
"""The columns: the status of three invalid calls, and yes or no."""

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
