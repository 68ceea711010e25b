"""A server on loopback that stands in for a host, right or wrong on request, and a way to run the suite as users do.

It shares no code with the mock and validates by hand. It counts every connection and request.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
SUITE = ROOT / "contract_tests"
PATH = "/volc/asset/CreateVisualValidateSession"
KEY = "sk-standing-in-4242MARKED4242"

Manner = Literal["right", "open", "echo", "silent"] | int
"""`open` takes any credential; `echo` repeats what it got; `silent` never answers; a status is always answered."""


@dataclass
class StandIn:
    """What was seen by a server that runs. tokens: what it gave out."""

    url: str
    manner: Manner
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    over: Event = field(default_factory=Event)


@contextmanager
def standing_in(manner: Manner = "right") -> Iterator[StandIn]:
    """Run a server on a free port of loopback."""
    seen = StandIn("", manner)

    class Handler(_Handler):
        here = seen

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield seen
        finally:
            seen.over.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    here: StandIn
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        with self.here.lock:
            self.here.connections += 1
        super().setup()
        self.request.settimeout(5)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden
        """Say nothing."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.here.lock:
            self.here.requests.append(f"{self.command} {self.path} {sorted(self.headers.items())} {body!r}")
        if self.here.manner == "silent":
            self.here.over.wait(10)
            self.close_connection = True
            return
        status, headers, answer = self.decide(body)
        payload = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(payload))}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # who asked may have lost patience
            self.end_headers()
            self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_CONNECT = answer  # noqa: N815

    def decide(self, body: bytes) -> tuple[int, dict[str, str], object]:
        manner, sent = self.here.manner, self.headers.get("Authorization") or ""
        if isinstance(manner, int):
            return manner, {}, {}
        if manner == "echo":
            secret = f"{self.path} {self.headers}".replace("\r", "").replace("\n", " ")
            link = f"https://h5.example/a?pl={self.token()}&key={sent}"
            echoed = {"BytedToken": self.token(), "H5Link": link, secret: secret, "CallbackURL": secret}
            return 200, {"X-Echo": secret, "Location": secret, "WWW-Authenticate": secret}, echoed
        path = self.path.partition("?")[0]
        if path != PATH:
            return 404, {}, {}
        if self.command != "POST":
            return 405, {"Allow": "POST"}, {}
        scheme, _, key = sent.partition(" ")
        if manner != "open" and (scheme.lower() != "bearer" or key != KEY):
            return 401, {"WWW-Authenticate": "Bearer"}, {}
        return self.session(body)

    def session(self, body: bytes) -> tuple[int, dict[str, str], object]:
        if body and (self.headers.get("Content-Type") or "").partition(";")[0] != "application/json":
            return 400, {}, {}
        try:
            asked = json.loads(body.decode()) if body else {}
        except ValueError:
            return 400, {}, {}
        if not isinstance(asked, dict) or not isinstance(asked.get("CallbackURL", ""), str):
            return 400, {}, {}
        echoed = {"CallbackURL": asked["CallbackURL"]} if "CallbackURL" in asked else {}
        token = self.token()
        return 200, {}, {"BytedToken": token, "H5Link": f"https://h5.example/a?pl={token}", **echoed}

    def token(self) -> str:
        token = datetime.now(timezone.utc).strftime("%Y%m%d%H%M%S") + token_hex(10).upper()
        with self.here.lock:
            self.here.tokens.append(token)
        return token


# --- running the suite ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the suite to its end."""

    status: int
    out: str

    def line(self, start: str) -> str:
        """Give the rest of the first line that starts so, without colours and blanks around it."""
        return next(
            text.strip()[len(start) :].strip() for text in self.out.splitlines() if text.strip().startswith(start)
        )


def environment(key: str = KEY, **more: str) -> dict[str, str]:
    """Give variables for a run: those of this process without what would steer pytest, the mock or the suite."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANYFAST_", "PYTEST_", "COV_"))}
    # the plugin of Hypothesis would import all of it at the end of each run: half of the time that a run takes
    return {**kept, "PYTEST_ADDOPTS": "-p no:hypothesispytest", **({"ANYFAST_API_KEY": key} if key else {}), **more}


def run_suite(folder: Path, *arguments: str, key: str = KEY, program: tuple[str, ...] = (), **variables: str) -> Ran:
    """Run pytest over the suite, in a folder of its own, with files for the run below it."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [*(program or (sys.executable, "-m", "pytest", "--pyargs", "contract_tests")), *arguments]
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment(key, TMPDIR=str(temporary), **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,  # without the terminal of whoever runs the tests: the suite may ask a person there
    )
    return Ran(ran.returncode, ran.stdout)


def left_behind(folder: Path) -> list[str]:
    """Name the files that a run left for temporary use, and the processes that it started there and that still run."""
    mark = f"TMPDIR={folder / 'tmp'}".encode()
    limit = time.monotonic() + 2
    while processes := [one for one in Path("/proc").glob("[0-9]*") if mark in _environ(one)]:
        if time.monotonic() > limit:
            break
        time.sleep(0.02)
    files = [path.name for path in (folder / "tmp").iterdir() if not path.name.startswith("pytest-of-")]
    return files + [path.name for path in processes]


def _environ(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it ended, or is another user's
        return b""
