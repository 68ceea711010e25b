"""How the suite sends: one request, one exchange, nothing repeated, nothing followed, nothing printed."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from contract_tests.redaction import KEY_VARIABLE
from contract_tests.targets import Exchange, RefusedTarget

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

    from contract_tests.targets import Ask, Target

__all__ = ["Sender"]

LARGEST = 16 * 1024 * 1024
"""Bytes of a body that are read; an answer that is longer counts as broken off."""

CONNECT = 5.0
"""Seconds to wait for a connection."""

PATIENCE, LEAST_PATIENCE = 5.0, 0.5
"""How many times the longest response time we wait for the next byte of an answer, and how many seconds at least."""

GIVE_UP_AFTER = 8
"""So many requests without any answer, the first ones, and nothing more is sent."""


class Sender:
    """Sends requests to one target, each over its own connection: one that the target ends is no reason to send twice.

    Reads neither ~/.netrc nor proxy variables, keeps no cookie.

    Raises `RefusedTarget` for a key that no header can hold.
    """

    def __init__(self, target: Target, proxy: str = "", ca_bundle: str = "") -> None:
        for name, secret in ((KEY_VARIABLE, target.key), *target.other_secrets):
            if not re.fullmatch(r"[\x21-\x7e]*", secret):
                raise RefusedTarget(f"{name} holds white space or characters beyond ASCII; write it alone.")
        self.target = target
        self._adapter = _silent_adapter()
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._verify = ca_bundle or True
        self._silent = 0  # requests without an answer since the start; -1 once there was one

    def send(self, ask: Ask) -> Exchange:
        """Send one request, unless the target was silent so far. Never raises for what network and target do."""
        if self._silent >= GIVE_UP_AFTER:
            return Exchange(ask, 0, error="not sent")
        exchange = self._send(ask)
        self._adapter.close()  # a kept connection may be closed by the other side at any time, also while we send
        if exchange.status:
            self._silent = -1
        elif self._silent >= 0:
            self._silent += 3 if exchange.error == "unreachable" else 1
        return exchange

    def _send(self, ask: Ask) -> Exchange:
        import requests
        from urllib3.exceptions import HTTPError

        headers = {name: self.target.filled(value) for name, value in ask.headers}
        url = self.target.url + self.target.filled(ask.path, quoted=True)
        # Straight to the adapter: a session would follow redirects as far as reading them, and keep cookies.
        prepared = requests.Request(ask.method, url, headers, data=ask.body).prepare()
        patience = max(LEAST_PATIENCE, PATIENCE * self.target.max_response_time)
        began, sent_at = time.perf_counter(), time.time()
        try:
            answer = self._adapter.send(
                prepared, stream=True, timeout=(CONNECT, patience), verify=self._verify, proxies=self._proxies
            )
            body = _read(answer, began + CONNECT + 2 * patience)
        except (requests.RequestException, HTTPError, OSError) as error:
            return Exchange(ask, 0, seconds=time.perf_counter() - began, sent_at=sent_at, error=_kind(error))
        seconds = time.perf_counter() - began
        return Exchange(ask, answer.status_code, tuple(answer.headers.items()), body, seconds, sent_at)

    def close(self) -> None:
        """Close the connection."""
        self._adapter.close()


def _silent_adapter() -> HTTPAdapter:
    """Make what sends. It prints nothing, whatever `http.client` was told to print: that would be all headers."""
    from requests.adapters import HTTPAdapter

    class Silent(HTTPAdapter):
        def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as it is there
            pool: Any = super().get_connection_with_tls_context(*arguments, **named)
            if "debuglevel" not in vars(pool.ConnectionCls):
                pool.ConnectionCls = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"debuglevel": 0})
            return pool

    return Silent()


def _read(answer: requests.Response, deadline: float) -> bytes:
    """Read a body as it comes, so that one that never ends, or drips, is noticed."""
    body = bytearray()
    read = getattr(answer.raw, "read1", answer.raw.read)  # older than urllib3 2.3: whole pieces only
    while piece := read(65536, decode_content=True):
        body += piece
        if len(body) > LARGEST or time.perf_counter() > deadline:
            answer.close()
            raise TimeoutError if len(body) <= LARGEST else ConnectionError
    answer.raw.release_conn()  # so that the adapter can close it
    return bytes(body)


def _kind(error: Exception) -> str:
    """Name the trouble that an exception is about; those of requests and urllib3 hold one another."""
    import requests

    said = repr(error)
    if isinstance(error, requests.exceptions.SSLError):
        return "untrusted"
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return "unreachable"
    if "NewConnectionError" in said or "NameResolutionError" in said:
        return "unreachable"
    late = isinstance(error, requests.Timeout | TimeoutError) or "ReadTimeoutError" in said
    return "timeout" if late else "broken"
