"""How a command ends that cannot do what it was asked: one line on stderr, and a status that says of which kind it was.

A mistake on the command line is no ending of ours: raise `click.UsageError`, which shows the usage and ends with 2.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click

__all__ = ["BAD_CONTRACT", "NOT_READY", "NO_SESSION", "PORT_TAKEN", "USAGE", "stop"]

NO_SESSION, NOT_READY, USAGE, BAD_CONTRACT, PORT_TAKEN = 1, 1, 2, 3, 4


def stop(message: str, status: int) -> NoReturn:
    """Say what is wrong, and end with a status."""
    click.echo(f"mockserver: {message}", err=True)
    sys.exit(status)
