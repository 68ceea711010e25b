"""The WSGI way into the engine: contract operations are answered before Flask is asked, or even imported.

Everything else (the phone page, `/_mock`, unknown paths) goes to the Flask application, made when it is first needed.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mockserver.exchange import LATER, SOCKET, reason, request_of
from mockserver.transmission import CLOSE, hold, send_badly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication

    from mockserver.engine import Engine
    from mockserver.exchange import Response
    from openapi.contract import Contract

__all__ = ["Lane", "send"]


class Lane:
    """A WSGI application in front of another one, which is made for an engine when it is first needed."""

    def __init__(self, engine: Engine, make_pages: Callable[[Engine], WSGIApplication]) -> None:
        self._make_pages = make_pages
        self._served = _Served(engine, make_pages)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a contract operation, or hand the request on."""
        served = self._served  # once: another contract may take its place while this request is answered
        request = request_of(environ)
        match = served.engine.contract.find(request.route)
        if match is None:
            return served.pages(environ, self._tidying(environ, start_response))
        response = served.engine.answer_at(match, request)
        if response.status != 200 and not self._is_read(environ, response.status):
            response.headers.insert(0, CLOSE)
        return send(response, environ, start_response)

    def exchange_contract(self, contract: Contract) -> None:
        """Serve another contract from the next request on; sessions and all other state stay as they are."""
        self._served = _Served(self._served.engine.with_contract(contract), self._make_pages)

    def _tidying(self, environ: dict[str, Any], start_response: StartResponse) -> StartResponse:
        def start(
            status: str, headers: list[tuple[str, str]], error: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            if not self._is_read(environ, int(status[:3])):
                headers = [CLOSE, *headers]
            return start_response(status, headers, error)

        return start

    def _is_read(self, environ: Mapping[str, Any], status: int) -> bool:
        """Read what a refusal left of the body, up to the limit; False when the connection cannot be used again.

        Our own server closes a connection whose body was not read, without a word of it in the answer: a client that
        keeps connections would lose its next request. Other servers have their own ways.
        """
        length = environ.get("CONTENT_LENGTH")
        if LATER not in environ or (length is None and "HTTP_TRANSFER_ENCODING" not in environ):
            return True
        limit = self._served.engine.settings.body_limit
        if status == 413 or "HTTP_EXPECT" in environ:
            return False
        try:
            return int(length or 0) <= limit and len(environ["wsgi.input"].read(limit + 1)) <= limit
        except (OSError, ValueError, RuntimeError):
            return False  # it broke off: the answer stands, the connection does not


class _Served:
    """An engine and the pages around it: what one contract needs."""

    def __init__(self, engine: Engine, make_pages: Callable[[Engine], WSGIApplication]) -> None:
        self.engine = engine
        self._make_pages = make_pages
        self._pages: WSGIApplication | None = None
        self._making = Lock()

    @property
    def pages(self) -> WSGIApplication:
        """The application for everything that is no contract operation."""
        with self._making:
            if self._pages is None:
                self._pages = self._make_pages(self.engine)
            return self._pages


def send(response: Response, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Send an answer through WSGI; a delay leaves the thread where the server can do that, and sleeps elsewhere."""
    if response.transport is not None:
        return send_badly(response, environ, start_response)
    status = reason(response.status)
    if response.delay:
        later = environ.get(LATER)
        if later is not None:
            answer: Iterable[bytes] = later(response.delay, status, response.headers, response.body)
            return answer
        hold(response.delay, environ.get(SOCKET))
    start_response(status, response.headers)
    return [response.body]
