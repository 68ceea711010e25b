"""Answers the requests of the `requests` library in process, through `responses`: no socket, no thread.

It stands on the same engine as the server. Time does not pass here: a deliberate delay is compared with the timeout of
the call, and not slept.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
import responses
from responses.registries import FirstMatchRegistry

from mockserver.exchange import PIECES, PlainHeaders, Request, Response
from openapi.escapes import protected

if TYPE_CHECKING:
    from mockserver.engine import Engine

__all__ = ["responses_for"]


def responses_for(engine: Engine, url: str) -> responses.RequestsMock:
    """Make a `RequestsMock` that answers everything at and below a base URL, such as `https://www.anyfast.ai`.

    What is registered with it goes first, there too; any other call is refused with the `ConnectionError` that
    `responses` has for it.
    """
    return _Responses(_answers(_Provider(engine), url))


class _Responses(responses.RequestsMock):
    """A `RequestsMock` that keeps our answers when it is reset."""

    def __init__(self, ours: responses.CallbackResponse) -> None:
        self._theirs_first = type("TheirsFirst", (_TheirsFirst,), {"ours": ours})
        super().__init__(assert_all_requests_are_fired=False, registry=self._theirs_first)

    def reset(self) -> None:
        """Forget what was registered and called."""
        super().reset()
        self._set_registry(self._theirs_first)


class _TheirsFirst(FirstMatchRegistry):
    """What the user registered, and behind it our answers, which are never used up."""

    ours: responses.CallbackResponse

    def find(self, request: requests.PreparedRequest) -> tuple[responses.BaseResponse | None, list[str]]:
        found, reasons = super().find(request)
        if found is None and isinstance(self.ours.url, re.Pattern) and self.ours.url.match(str(request.url)):
            return self.ours, []
        return found, reasons


def _answers(provider: _Provider, url: str) -> responses.CallbackResponse:
    below = re.compile(rf"{re.escape(url.rstrip('/'))}(?:[/?#]|\Z)", re.IGNORECASE)
    return responses.CallbackResponse("", below, provider, content_type=None)


class _Provider:
    """Gives the engine's answer to a request of `requests`; pages come from the Flask application."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        target, body = urlsplit(str(request.url)), _body(request)
        match = self._engine.contract.find(protected(target.path))
        if match is None:
            return self._page(request, body)
        headers = PlainHeaders({name: _text(value) for name, value in request.headers.items()})
        incoming = Request(str(request.method), unquote(target.path), target.query, headers, lambda limit: body[:limit])
        incoming.raw_path = target.path if "%" in target.path else ""
        response = self._engine.answer_at(match, incoming)
        return response.status, response.headers, _on_its_way(response, request)

    def _page(self, request: requests.PreparedRequest, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        answer = self._browser.open(
            str(request.url),
            method=str(request.method),
            headers=[(name, _text(value)) for name, value in request.headers.items()],
            data=body,
        )
        return answer.status_code, list(answer.headers), answer.get_data()

    @cached_property
    def _browser(self) -> Any:  # noqa: ANN401 - werkzeug's client, whose answers have its own type
        from werkzeug.test import Client

        from mockserver.app import create_app  # Flask is imported when the first page is asked for, not before

        return Client(create_app(engine=self._engine), use_cookies=False)


def _body(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body  # typeshed forgets the iterables
    if body is None or isinstance(body, bytes):
        return body or b""
    return body.encode() if isinstance(body, str) else b"".join(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _on_its_way(response: Response, request: requests.PreparedRequest) -> bytes:
    """Give what of the body arrives. Raises what `requests` raises when the answer comes too late, broken or never."""
    timeout = getattr(request, "req_kwargs", {}).get("timeout")
    read = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
    if not isinstance(read, int | float):  # none, or what urllib3 has for none
        read = None
    if read is not None and response.delay > read:
        raise requests.ReadTimeout(f"Read timed out. (read timeout={read:g})", request=request)
    transport = response.transport
    if transport is None:
        return response.body
    if read is not None and transport.kind == "slow-body" and transport.lasting / PIECES > read:
        raise requests.ConnectionError("Read timed out.", request=request)  # as for each piece of a body that is late
    if transport.kind == "reset":
        raise requests.ConnectionError("Connection reset by peer", request=request)
    if transport.kind == "truncated-body":
        half = len(response.body) // 2
        raise requests.exceptions.ChunkedEncodingError(
            f"Connection broken: IncompleteRead({half} bytes read, {len(response.body) - half} more expected)",
            request=request,
        )
    return response.body
