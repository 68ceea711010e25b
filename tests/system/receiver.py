"""An integrator's server: takes callbacks, and asks the mock for the result before it answers."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.system.running import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Integrator", "integrator"]


@dataclass(slots=True)
class Integrator:
    """What such a server saw. asks: the port of the mock to ask for the result; 0: none. results: by token."""

    url: str = ""
    asks: int = 0
    arrived: list[str] = field(default_factory=list)
    results: dict[str, tuple[int, str]] = field(default_factory=dict)


@contextmanager
def integrator(host: str = "127.0.0.1", asks: int = 0) -> Iterator[Integrator]:
    """Run one on a free port."""
    seen = Integrator(asks=asks)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.arrived.append(self.path)
            if seen.asks:
                token = parse_qs(urlsplit(self.path).query)["bytedToken"][0]
                with Client(seen.asks) as client:
                    seen.results[token] = client.result(token)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((host, 0), Handler) as server:
        seen.url = f"http://{host}:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield seen
        finally:
            server.shutdown()
            serving.join()
