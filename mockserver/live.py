"""A mock on a port of its own, served by threads of the process that asks for it: for tests, not for load.

The address is known before the application is made, since H5Links begin with it.
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
            self._server = _Server(host, port, make(self.base_url), bound.fileno())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK,), name="anyfast-mock", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and give the port back; answers that were to come later do not come. Closing twice is once."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server.hang_up()


class _Server(ThreadedWSGIServer):
    """Knows its connections, so that none outlives it, and says nothing of those that break, on purpose or not."""

    def __init__(self, host: str, port: int, application: WSGIApplication, descriptor: int) -> None:
        super().__init__(host, port, application, _Quiet, fd=descriptor)
        self._connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - werkzeug's own
        """Close a connection whose request has been answered."""
        self._connections.discard(request)
        with suppress(OSError):  # one that was reset is no socket any more
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Show what went wrong, unless it was only the connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the connections that are still open; whoever holds an answer back for one of them lets go."""
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request: the journal has them."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name that werkzeug gives it
        """Write nothing."""
