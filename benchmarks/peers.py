"""The servers that are compared, as data: where they come from, how they are started, and when an answer is right.

A further peer is a further `Peer` in `PEERS` and, where it needs one, a file in `servers/`. This starts nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from benchmarks.asking import CALLBACK
from benchmarks.installing import Npm, Venv, Wheel
from benchmarks.running import SERVERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.asking import Answer
    from benchmarks.figures import Role
    from benchmarks.installing import Source

__all__ = ["BARE", "OURS", "PEERS", "SPECMATIC", "Peer", "chosen"]

EXAMPLE_TOKEN = "2026070222152680501D985EA34A3BE3D8"  # noqa: S105 - the example in the vendor's document
TOKEN = re.compile(r"\d{14}[0-9A-F]{20}")


@dataclass(frozen=True, slots=True)
class Peer:
    """One server.

    command: its words; `{installed}` becomes the folder of its source, `{python}` this interpreter, `{document}` the
    vendor's YAML, `{servers}` the folder of our scripts, `{port}` a free port; so do they in the values of environment.
    fault: what is wrong with two answers to the same valid call, '' for nothing. does: its configuration and its work
    for each request, for the report. source: None for what needs no installing.
    """

    name: str
    version: str
    command: tuple[str, ...]
    fault: Callable[[Answer, Answer], str]
    does: str
    source: Source | None = None
    role: Role = "peer"
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".rstrip()


def chosen(names: str) -> list[Peer]:
    """Give the servers that are named, separated by commas, in the order of the table; '' means all.

    Raises `ValueError` naming those that there are.
    """
    known = {one.name: one for one in PEERS}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no server is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [one for one in PEERS if one.name in wanted]


def _session_fault(first: Answer, second: Answer) -> str:
    """Two sessions, each with a token of the vendor's shape and the caller's CallbackURL, and never the same."""
    for answer in (first, second):
        if (
            answer.status != 200
            or not TOKEN.fullmatch(str(answer["BytedToken"]))
            or answer["CallbackURL"] != CALLBACK
            or not answer["H5Link"]
        ):
            return f"no session: status {answer.status}"
    return "two calls got the same token" if first["BytedToken"] == second["BytedToken"] else ""


def _example_fault(first: Answer, second: Answer) -> str:
    """Those who answer from the document: the vendor's example token."""
    for answer in (first, second):
        if answer.status != 200 or answer["BytedToken"] != EXAMPLE_TOKEN:
            return f"not the example of the document: status {answer.status}"
    return ""


def _schema_fault(first: Answer, second: Answer) -> str:
    """Those who make values up: three texts, as the schema says."""
    for answer in (first, second):
        wrong = [name for name in ("BytedToken", "CallbackURL", "H5Link") if not isinstance(answer[name], str)]
        if answer.status != 200 or wrong:
            return f"not the three texts of the schema: status {answer.status}"
    return ""


_PRODUCTION = (("NODE_ENV", "production"),)
_WIREMOCK = "3.13.2"
SPECMATIC = "2.55.3"

OURS = Peer(
    name="anyfast-mockserver",
    version="",
    role="ours",
    command=("{python}", "-m", "mockserver", "--port", "{port}"),
    fault=_session_fault,
    does="default settings: one worker; checks credential and body, makes a new token and link, keeps the session, "
    "writes a journal and a log line",
)

BARE = Peer(
    name="bare-wsgi",
    version="",
    role="limit",
    command=("{python}", "{servers}/bare_wsgi.py", "{port}"),
    fault=_example_fault,
    does="no mock: a WSGI callable that returns a constant of the same size, under our server with its settings",
)

PEERS = (
    OURS,
    Peer(
        name="prism",
        version="5.14.2",  # the newest that Node.js 20 takes
        source=Npm(MappingProxyType({"@stoplight/prism-cli": "5.14.2"})),
        command=(
            "{installed}/node_modules/.bin/prism",
            *("mock", "-m", "-v", "error", "-h", "127.0.0.1", "-p", "{port}", "{document}"),
        ),
        environment=_PRODUCTION,
        fault=_example_fault,
        does="`mock -m -v error`: a process for each core; checks credential and body, answers with the example",
    ),
    Peer(
        name="scalar",
        version="0.3.25",
        source=Npm(
            MappingProxyType({"@scalar/mock-server": "0.3.25", "@hono/node-server": "2.1.9"}), SERVERS / "scalar.mjs"
        ),
        command=("node", "{installed}/scalar.mjs", "{document}", "{port}"),
        environment=_PRODUCTION,
        fault=_example_fault,
        does="the script of its README without logging; answers with the example",
    ),
    Peer(
        name="openapi-backend",
        version="5.21.2",
        source=Npm(MappingProxyType({"openapi-backend": "5.21.2"}), SERVERS / "openapi_backend.mjs"),
        command=("node", "{installed}/openapi_backend.mjs", "{document}", "{port}"),
        environment=_PRODUCTION,
        fault=_example_fault,
        does="the handlers of its README on node:http; checks credential and body, answers with the example",
    ),
    Peer(
        name="mockoon",
        version="9.9.0",
        source=Npm(MappingProxyType({"@mockoon/cli": "9.9.0"})),
        command=(
            "{installed}/node_modules/.bin/mockoon-cli",
            *("start", "-d", "{document}", "-X", "--disable-admin-api", "-l", "127.0.0.1", "-p", "{port}"),
        ),
        environment=_PRODUCTION,
        fault=_example_fault,
        does="`start -X --disable-admin-api`; answers with the example, writes a log line",
    ),
    Peer(
        name="wiremock",
        version=_WIREMOCK,
        source=Npm(MappingProxyType({"wiremock": _WIREMOCK})),
        command=(
            *("java", "-jar", f"{{installed}}/node_modules/wiremock/build/wiremock-standalone-{_WIREMOCK}.jar"),
            *("--root-dir", "{servers}/wiremock", "--bind-address", "127.0.0.1", "--port", "{port}"),
            *("--no-request-journal", "--disable-request-logging"),
        ),
        fault=_session_fault,
        does="`--no-request-journal --disable-request-logging`; reads no OpenAPI: a mapping by hand matches the "
        "credential and makes token and link from templates",
    ),
    Peer(
        name="specmatic",
        version=SPECMATIC,
        source=Wheel(f"specmatic=={SPECMATIC}"),
        command=(
            *("java", "-jar", "{installed}/specmatic/core/specmatic.jar", "mock", "--noConsoleLog"),
            *("--host=127.0.0.1", "--port={port}", "{document}"),
        ),
        fault=_schema_fault,
        does="`mock --noConsoleLog`; checks credential and body, makes random words for the schema",
    ),
    Peer(
        name="connexion",
        version="3.3.0",
        source=Venv(("connexion[flask,uvicorn]==3.3.0", "gunicorn==27.0.1")),
        command=(
            *("{installed}/bin/gunicorn", "--chdir", "{servers}", "--workers", str(os.cpu_count())),
            *("--worker-class", "uvicorn.workers.UvicornWorker", "--keep-alive", "60", "--bind", "127.0.0.1:{port}"),
            "connexion_app:app",
        ),
        environment=(("DOCUMENT", "{document}"), ("PYTHONDONTWRITEBYTECODE", "1")),
        fault=_example_fault,
        does="mock mode under gunicorn with a uvicorn worker for each core; a 3.0.3 twin of the document; checks "
        "credential and body, answers with the example",
    ),
    BARE,
)
"""All, in the order of the table: ours first, what is no mock last."""
