"""The Flask application: one URL rule for each operation over the engine, and the pages around it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import flask
from flask import signals
from werkzeug.datastructures import Headers
from werkzeug.exceptions import InternalServerError, MethodNotAllowed, NotFound

from mockserver.control import control
from mockserver.engine import Engine
from mockserver.exchange import reason, request_of
from mockserver.h5 import h5
from mockserver.lane import Lane, send
from mockserver.overview import overview
from mockserver.settings import Settings
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse

    from mockserver.exchange import Response
    from openapi.contract import Contract

__all__ = ["MockApp", "create_app"]

_SIGNALS = (
    signals.appcontext_popped,
    signals.appcontext_pushed,
    signals.appcontext_tearing_down,
    signals.got_request_exception,
    signals.request_finished,
    signals.request_started,
    signals.request_tearing_down,
)


class MockApp(flask.Flask):
    """A Flask application whose contract operations are answered by the engine before Flask dispatches them.

    That lane is open only while nobody has registered a hook, a signal or an error handler beside our own; with one,
    every request goes through its ordinary URL rule, with the same answer.
    """

    engine: Engine
    _lane: Lane
    _own: list[object]

    def open_lane(self, engine: Engine) -> None:
        """Give the application its engine, once its own handlers are in place."""
        self.engine = engine
        self._lane = Lane(engine, lambda _: self.dispatching)
        self._own = self._registered()

    def wsgi_app(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI."""
        if self._registered() == self._own and not any(signal.receivers for signal in _SIGNALS):
            return self._lane(environ, start_response)
        return self.dispatching(environ, start_response)

    def dispatching(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request by Flask's own dispatch, hooks and handlers included."""
        if "HTTP_UPGRADE" in environ:  # RFC 9110 7.8 lets a server ignore it; Flask would refuse, in HTML
            environ = {name: value for name, value in environ.items() if name != "HTTP_UPGRADE"}
        answer: Iterable[bytes] = super().wsgi_app(environ, start_response)
        return answer

    def _registered(self) -> list[object]:
        """List what others could have registered to take part in a request; one of our own may also be replaced."""
        handlers = self.error_handler_spec[None].values()
        return [
            len(self.before_request_funcs),
            len(self.after_request_funcs),
            len(self.teardown_request_funcs),
            len(self.teardown_appcontext_funcs),
            len(self.url_value_preprocessors),
            len(self.view_functions),
            [handler for by_class in handlers for handler in by_class.values()],
        ]


def create_app(
    contract: Contract | None = None, settings: Settings | None = None, engine: Engine | None = None
) -> MockApp:
    """Make the Flask application of a contract (the packaged one, profile `published`, by default).

    Works with `app.test_client()` and any WSGI server. Raises `ContractError` when the contract cannot be served.
    """
    engine = engine or Engine(contract or packaged_contract(), settings or Settings())
    app = MockApp(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False  # or Flask would redirect, in HTML, where the contract has no such path
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.register_blueprint(control(engine))
    app.register_blueprint(h5(engine))
    app.register_blueprint(overview(engine))

    def operate(**_: str) -> flask.Response:
        return _sent(engine.answer(request_of(flask.request.environ)))

    def refuse_path(_: NotFound) -> flask.Response:
        return operate()

    def refuse_method(error: MethodNotAllowed) -> flask.Response:
        incoming = request_of(flask.request.environ)
        if engine.contract.find(incoming.route) is not None:
            return operate()
        return _sent(engine.refuse_page_method(incoming, error.valid_methods or ()))

    def own_fault(error: InternalServerError) -> flask.Response:
        incoming = request_of(flask.request.environ)
        return _sent(engine.own_fault(incoming, type(error.original_exception or error).__name__))

    for operation in engine.contract.operations:
        for base in operation.base_paths:
            if "<" in base + operation.path:
                continue  # Flask cannot write such a rule; the handler of unknown paths leads to the engine too
            app.add_url_rule(
                base + _rule(operation.path),
                endpoint=f"{operation.method} {base}{operation.path}".replace(".", "_"),
                view_func=operate,
                methods=[operation.method],
                provide_automatic_options=False,
            )
    app.register_error_handler(NotFound, refuse_path)
    app.register_error_handler(MethodNotAllowed, refuse_method)
    app.register_error_handler(InternalServerError, own_fault)
    app.open_lane(engine)
    return app


def _rule(path: str) -> str:
    """Write a path template as a URL rule; the names do not matter, the engine reads the values."""
    parts = re.split(r"\{[^}]*\}", path)
    return "".join(part if index == 0 else f"<p{index}>{part}" for index, part in enumerate(parts))


def _sent(response: Response) -> flask.Response:
    if response.transport is None and response.delay:
        time.sleep(response.delay)
    # The headers are set afterwards: a body counts itself, which is wrong for HEAD, and brings a type of its own.
    answer = flask.Response([response.body], reason(response.status)) if response.transport is None else _Bad(response)
    answer.headers = Headers(response.headers)
    return answer


class _Bad(flask.Response):
    """An answer that goes wrong on its way: what hooks made of its headers is sent as badly as it was asked for."""

    def __init__(self, response: Response) -> None:
        super().__init__([response.body], reason(response.status))
        self._meant = response

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI."""
        self._meant.headers = list(self.headers.items())
        return send(self._meant, environ, start_response)
