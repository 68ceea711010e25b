"""A stand-in for a host beyond this machine: a proxy on loopback that leads https://host.example to itself.

The suite takes it for a remote host, with its own budget and verdicts; not a byte leaves the machine.
"""

from __future__ import annotations

import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding

from contract_tests.cases import cases_of
from contract_tests.targets import KEY as KEY_PLACE
from contract_tests.targets import SWAPPED_KEY
from openapi.contract import packaged_contract
from tests.contract_tests.standing_in import KEY, StandIn, _Handler
from tests.mockserver.certificates import issue, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from contract_tests.targets import Ask

    Answer: TypeAlias = tuple[int, dict[str, str], object]
    Behave: TypeAlias = Callable[[str, int, Answer], Answer | None]

__all__ = ["HOST", "Far", "far_host"]

HOST = "host.example"


@dataclass
class Far(StandIn):
    """What was seen by a host that runs. names: of the requests that came, in their order."""

    names: list[str] = field(default_factory=list)
    options: tuple[str, ...] = ()

    @property
    def paid(self) -> list[str]:
        """The documented requests that came."""
        return [name for name in self.names if "/body/" in name or "lower-case" in name]


@contextmanager
def far_host(folder: Path, behave: Behave | None = None) -> Iterator[Far]:
    """Run a host. behave: from a name, the times it came before and the right answer to another, None for silence."""
    seen = Far("", "right")
    authority = issue()
    authorities = folder / "authorities.pem"
    authorities.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    certificate, key = write(folder, issue(HOST, by=authority))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    known = {_marks(case.ask): case.id for case in cases_of(packaged_contract())}

    class Handler(_Handler):
        here = seen

        def do_CONNECT(self) -> None:  # noqa: N802 - the name that the library calls
            self.send_response(200)
            self.end_headers()
            self.connection = self.request = context.wrap_socket(self.connection, server_side=True)
            super().setup()
            self.close_connection = False  # clients ask in HTTP/1.0, which would end here

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def decide(self, body: bytes) -> Answer:
            sent = (self.command, self.path, body, self.headers.get("authorization"), self.headers.get("content-type"))
            name = known.get(sent, "journey" if "Result" in self.path else f"unknown {sent}")
            with seen.lock:
                times = seen.names.count(name)
                seen.names.append(name)
            right = super().decide(body)
            answer = behave(name, times, right) if behave else right
            if answer is None:
                seen.over.wait(20)
                raise ConnectionError
            return answer

    Handler.do_GET = Handler.do_POST = Handler.answer
    with _Quiet(("127.0.0.1", 0), Handler) as server:
        seen.url = f"http://127.0.0.1:{server.server_address[1]}"
        seen.options = (
            "--contract-target", f"https://{HOST}", "--contract-allow-host", HOST, "--contract-proxy", seen.url,
            "--contract-ca-bundle", str(authorities),
        )  # fmt: skip
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield seen
        finally:
            seen.over.set()
            server.shutdown()
            thread.join()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of those who went away."""


def _marks(ask: Ask) -> tuple[object, ...]:
    def filled(text: str | None) -> str | None:
        return None if text is None else text.replace(KEY_PLACE, KEY).replace(SWAPPED_KEY, KEY.swapcase())

    return (
        ask.method,
        filled(ask.path),
        ask.body or b"",
        filled(ask.header("authorization")),
        ask.header("content-type"),
    )


def planned(out: str) -> list[str]:
    """Read the names of a plan that is printed, in their order."""
    return re.findall(r"^ +[0-9]+ (?:free|paid) \w+ +(\S+)", out, re.MULTILINE)
