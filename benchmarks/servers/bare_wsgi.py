"""A WSGI callable that returns a constant, under our server and its settings: the ceiling for what the mock can do.

The answer has the size of the mock's. The body is read, as any server of POST requests has to.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from mockserver.serving import reserve, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONSTANT = {
    "BytedToken": "2026070222152680501D985EA34A3BE3D8",
    "CallbackURL": "https://example.com/callback",
    "H5Link": f"http://127.0.0.1:8080/en/liveness-face-manage/authorization?pl={'x' * 900}&uid={'0' * 36}",
}


def load(_worker: int) -> WSGIApplication:
    """Make the application, as the mock's is made: in the worker."""
    body = json.dumps(CONSTANT).encode("ascii")
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read(1_048_577)
        start_response("200 OK", headers)
        return [body]

    return application


if __name__ == "__main__":
    sys.exit(serve(reserve("127.0.0.1", int(sys.argv[1])), load))
