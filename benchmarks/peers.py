"""The servers that are compared, as data: where they come from, how they are started, and when an answer is right.

A further peer is a further `Peer` here. This module starts nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.asking import CALLBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.asking import Answer

__all__ = ["BARE", "OURS", "PRISM", "Peer"]

EXAMPLE_TOKEN = "2026070222152680501D985EA34A3BE3D8"  # noqa: S105 - the example in the vendor's document
TOKEN = re.compile(r"\d{14}[0-9A-F]{20}")


@dataclass(frozen=True, slots=True)
class Peer:
    """One server.

    package, version: in npm's registry, both empty for what needs no installing. command: its words; `{bin}` becomes
    the folder of its npm commands, `{python}` this interpreter, `{document}` the vendor's YAML, `{here}` this folder,
    `{port}` a free port. fault: what is wrong with two answers to the same valid call, '' for nothing. does: its work
    for each request, for the report.
    """

    name: str
    command: tuple[str, ...]
    fault: Callable[[Answer, Answer], str]
    does: str
    package: str = ""
    version: str = ""
    environment: tuple[tuple[str, str], ...] = ()


def _session_fault(first: Answer, second: Answer) -> str:
    """Ours: two sessions, each with a token of the vendor's shape and the caller's CallbackURL, and never the same."""
    tokens = []
    for answer in (first, second):
        body = _object(answer)
        token = str(body.get("BytedToken"))
        if answer.status != 200 or not TOKEN.fullmatch(token) or body.get("CallbackURL") != CALLBACK:
            return f"no session: status {answer.status}"
        tokens.append(token)
    return "two calls got the same token" if tokens[0] == tokens[1] else ""


def _example_fault(first: Answer, second: Answer) -> str:
    """Those who answer from the document: the vendor's example token."""
    for answer in (first, second):
        if answer.status != 200 or _object(answer).get("BytedToken") != EXAMPLE_TOKEN:
            return f"not the example of the document: status {answer.status}"
    return ""


def _object(answer: Answer) -> dict[str, object]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


OURS = Peer(
    name="anyfast-mockserver",
    command=("{python}", "-m", "mockserver", "--port", "{port}"),
    fault=_session_fault,
    does="checks credential and body, makes a new token and link, writes a log line",
)

PRISM = Peer(
    name="prism",
    package="@stoplight/prism-cli",
    version="5.14.2",  # the newest that Node.js 20 takes
    command=("{bin}/prism", "mock", "-m", "-v", "error", "-h", "127.0.0.1", "-p", "{port}", "{document}"),
    fault=_example_fault,
    does="checks credential and body, answers with the document's example, logs nothing",
    environment=(("NODE_ENV", "production"),),
)

BARE = Peer(
    name="bare-wsgi",
    command=("{python}", "{here}/bare_wsgi.py", "{port}"),
    fault=_example_fault,
    does="nothing: our server and settings around a constant of the same size",
)
