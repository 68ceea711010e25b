"""The WSGI way into the engine: contract operations are answered before Flask is asked, or even imported.

Everything else (the phone page, `/_mock`, unknown paths) goes to the Flask application, made when it is first needed.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.exchange import reason, request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from _typeshed.wsgi import StartResponse, WSGIApplication

    from mockserver.engine import Engine
    from mockserver.exchange import Response

__all__ = ["Lane", "send"]

LATER = "mockserver.later"
"""Environ key of a callable that sends a delayed answer without holding a thread; only our own server has it."""


class Lane:
    """A WSGI application in front of another one."""

    def __init__(self, engine: Engine, make_pages: Callable[[], WSGIApplication]) -> None:
        self._engine = engine
        self._make_pages = make_pages
        self._pages: WSGIApplication | None = None
        self._making = Lock()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a contract operation, or hand the request on."""
        request = request_of(environ)
        match = self._engine.contract.find(request.path)
        if match is None:
            return self.pages(environ, start_response)
        return send(self._engine.answer_at(match, request), environ, start_response)

    @property
    def pages(self) -> WSGIApplication:
        """The application for everything that is no contract operation."""
        with self._making:
            if self._pages is None:
                self._pages = self._make_pages()
            return self._pages


def send(response: Response, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Send an answer through WSGI; a delay leaves the thread where the server can do that, and sleeps elsewhere."""
    status = reason(response.status)
    if response.delay:
        later = environ.get(LATER)
        if later is not None:
            answer: Iterable[bytes] = later(response.delay, status, response.headers, response.body)
            return answer
        time.sleep(response.delay)
    start_response(status, response.headers)
    return [response.body]
