"""A right server for the vendor's page as an ASGI application without a framework.

Start: any ASGI server; the key and the variations (with blanks between them) come from RIGHT_KEY and RIGHT_VARIED.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timedelta, timezone
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

KEY = os.environ.get("RIGHT_KEY", "")
VARIED = frozenset(os.environ.get("RIGHT_VARIED", "").split())
MORE = "&channel=liveness-face-h5&lng=en&t=%7E" if "more-parameters" in VARIED else ""


class Refused(Exception):
    def __init__(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(status, headers)
        self.status = status
        self.headers = headers


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        session = created(scope, read(scope, bytes(body)))
    except Refused as refused:
        await reply(send, refused.status, list(refused.headers), explained(refused.status))
    else:
        await reply(send, 200, [], session)


def read(scope: Message, body: bytes) -> dict[str, Any]:
    """Check route, caller and body; give the body. Raises `Refused`."""
    if scope["path"] != "/volc/asset/CreateVisualValidateSession":
        raise Refused(404)
    if scope["method"] != "POST":
        raise Refused(405, (b"allow", b"POST"))
    headers = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").strip().partition(b" ")
    if (scheme.lower(), token.strip()) != (b"bearer", KEY.encode()):
        raise Refused(401, (b"www-authenticate", b'Bearer realm="anyfast", error="invalid_token"'))
    if not body:
        value: Any = {}
    elif headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == b"application/json":
        try:
            value = JSONDecoder().decode(body.decode())
        except (JSONDecodeError, UnicodeDecodeError):
            raise Refused(400) from None
    else:
        raise Refused(400)
    match value:
        case {"CallbackURL": str()}:
            return dict(value)
        case {"CallbackURL": _}:
            raise Refused(400)
        case {} if "callback-required" not in VARIED:
            return dict(value)
    raise Refused(400)


def created(scope: Message, asked: dict[str, Any]) -> dict[str, Any]:
    zone = timezone.utc if "utc" in VARIED else timezone(timedelta(hours=8))
    moment, random = datetime.now(zone), uuid.uuid4().hex.upper()
    address, port = scope["server"]
    host = f"http://{address}:{port}" if "own-link" in VARIED else "https://www.byteplus.com"
    url = asked.get("CallbackURL")
    kept = url is not None and (url or "blank-left-out" not in VARIED)
    parts = [
        ("BytedToken", moment.strftime("%Y%m%d%H%M%S") + random[:20]),
        *([("CallbackURL", url)] if kept else []),
        ("H5Link", f"{host}/en/liveness-face-manage/authorization?pl={uuid.uuid4()}&uid={uuid.uuid4()}{MORE}"),
    ]
    return dict(parts[::-1] if "reversed" in VARIED else parts)


def explained(status: int) -> object:
    if "vendor-errors" in VARIED:
        return {"error": {"message": f"refused with {status}", "type": "invalid_request_error", "code": "x"}}
    if "wordy-errors" in VARIED:
        return {
            "error": {"message": f"{uuid.uuid4()} at line {status}", "trace_id": uuid.uuid4().hex * 2, "in": "/app"}
        }
    if "odd-errors" in VARIED:
        return {"detail": [{"loc": ["body"], "msg": "no"}], "ok": False}
    return None


async def reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], value: object) -> None:
    body = b"" if value is None else encoded(value)
    if body:
        kind = b"application/json;charset=UTF-8" if "charset" in VARIED else b"application/json"
        headers.append((b"content-type", kind))
    if "extra-headers" in VARIED:
        headers += [(b"x-request-id", uuid.uuid4().hex.encode()), (b"cache-control", b"no-store"), (b"vary", b"*")]
    pieces = [body[at : at + 11] for at in range(0, len(body), 11)] if "chunked" in VARIED else [body]
    if "chunked" not in VARIED:
        headers.append((b"content-length", str(len(body)).encode()))
    if "closing" in VARIED:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def encoded(value: object) -> bytes:
    indent = 4 if "pretty" in VARIED else None
    return JSONEncoder(indent=indent, ensure_ascii="escaped" in VARIED).encode(value).encode()
