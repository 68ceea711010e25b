"""Which contract a command is about: the arguments and options that choose it, and its loading.

What cannot be used as a contract ends the command with status 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockserver.commands.ending import BAD_CONTRACT, stop
from mockserver.commands.options import FILE, option
from openapi.errors import ContractError
from openapi.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from openapi.contract import Contract

__all__ = ["DEFAULT_PROFILE", "contract_options", "documents", "load", "or_stop"]

Command = TypeVar("Command", bound="Callable[..., Any]")
Result = TypeVar("Result")

DEFAULT_PROFILE = "published"


def documents(command: Command) -> Command:
    """Add the argument that names documents and folders of them."""
    return click.argument("documents", nargs=-1, type=FILE, metavar="[DOCUMENT|FOLDER]...")(command)


def contract_options(command: Command) -> Command:
    """Add the options that say what the documents come to."""
    for add in (
        option(
            "--overlay", multiple=True, type=FILE, metavar="FILE", help="Apply an OpenAPI Overlay; may be repeated."
        ),
        option(
            "--profile", type=click.Choice(list(PROFILES)), default=DEFAULT_PROFILE, help="Of the packaged contract."
        ),
    ):
        command = add(command)
    return command


def load(given: Sequence[Path], profile: str, overlays: Sequence[Path]) -> Contract:
    """Load the contract of documents, or the packaged one where none is given; or end with status 3."""
    from openapi.contract import load_contract, packaged_contract

    return or_stop(lambda: load_contract(given, overlays) if given else packaged_contract(profile, overlays))


def or_stop(action: Callable[[], Result]) -> Result:
    """Give what an action gives; what is wrong with a contract ends the command with status 3."""
    try:
        return action()
    except ContractError as error:
        stop(str(error), BAD_CONTRACT)
