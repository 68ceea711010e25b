"""A mock on a port of its own, served by a thread of the process that asks for it: for tests, not for load.

The address is known before the application is made, since H5Links begin with it.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

__all__ = ["LiveServer"]

_LOOK = 0.02
"""Seconds between two looks at whether the server should end."""


class LiveServer:
    """Serves a WSGI application on a free port of 127.0.0.1 until it is closed."""

    def __init__(self, make: Callable[[str], WSGIApplication]) -> None:
        """Bind and serve. make: gets the base URL, such as `http://127.0.0.1:43210`, and gives the application."""
        with socket.create_server(("127.0.0.1", 0), backlog=128) as bound:
            host, port = bound.getsockname()[:2]
            self.base_url = f"http://{host}:{port}"
            # It makes a socket of its own from the descriptor; the port is ours all the time.
            self._server = ThreadedWSGIServer(host, port, make(self.base_url), _Quiet, fd=bound.fileno())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK,), name="anyfast-mock", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and give the port back. Answers that still wait are not waited for."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request: the journal has them."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name that werkzeug gives it
        """Write nothing."""
