"""A right server for the vendor's page on raw sockets: it reads and writes HTTP by hand.

Start: `python raw_sockets.py KEY [VARIATION ...]`; it prints its port and, with the variation `counted`, a
line for each request. It imports nothing but the standard library.
"""

import json
import os
import socket
import sys
import threading
import time

KEY, VARIED = sys.argv[1], set(sys.argv[2:])
ROUTE = "/volc/asset/CreateVisualValidateSession"


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    print(port, flush=True)
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection, port), daemon=True).start()


def serve(connection: socket.socket, port: int) -> None:
    """Answer requests on one connection until the other side, or a variation, ends it."""
    with connection, connection.makefile("rb") as incoming:
        while line := incoming.readline():
            method, target, _ = line.decode("latin-1").split(" ", 2)
            fields: dict[str, str] = {}
            while (header := incoming.readline().strip()) != b"":
                name, _, text = header.decode("latin-1").partition(":")
                fields[name.strip().lower()] = text.strip()
            body = incoming.read(int(fields.get("content-length", "0")))
            status, headers, content = answer(method, target.split("?")[0], fields, body, port)
            if "counted" in VARIED:
                os.write(1, f"{method} {status}\n".encode())  # at once and whole, from whichever thread
            connection.sendall(written(status, headers, content, method))
            if VARIED & {"closing", "hanging-up"}:
                return


def answer(method: str, path: str, fields: dict[str, str], body: bytes, port: int) -> tuple[str, dict[str, str], bytes]:
    if path != ROUTE:
        return error("404 Not Found", "not found")
    if method != "POST":
        status, headers, content = error("405 Method Not Allowed", "use POST")
        return status, {**headers, "Allow": "POST"}, content
    words = fields.get("authorization", "").split()
    if len(words) != 2 or words[0].lower() != "bearer" or words[1] != KEY:
        status, headers, content = error("401 Unauthorized", "unauthorized")
        return status, {**headers, "WWW-Authenticate": "Bearer"}, content
    asked: object = {}
    if body:
        kind = fields.get("content-type", "").split(";")[0].strip().lower()
        try:
            asked = json.loads(body.decode("utf-8")) if kind == "application/json" else None
        except ValueError:
            asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("CallbackURL", ""), str):
        return error("400 Bad Request", "invalid request")
    if "callback-required" in VARIED and "CallbackURL" not in asked:
        return error("400 Bad Request", "The required parameter CallbackURL is missing.")
    return "200 OK", {"Content-Type": media_type()}, dump(session(asked, port))


def session(asked: dict[str, object], port: int) -> dict[str, object]:
    shift = 0 if "utc" in VARIED else 8 * 3600
    digits = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + shift))
    secret = os.urandom(48).hex()
    base = f"http://127.0.0.1:{port}/h5" if "own-link" in VARIED else "https://www.byteplus.com/en/liveness-face-manage"
    made: dict[str, object] = {"BytedToken": digits + secret[:20].upper()}
    if "CallbackURL" in asked and not ("blank-left-out" in VARIED and asked["CallbackURL"] == ""):
        made["CallbackURL"] = asked["CallbackURL"]
    made["H5Link"] = f"{base}/authorization?pl={secret[20:]}"
    if "more-parameters" in VARIED:
        made["H5Link"] = f"{made['H5Link']}&uid=6f1f6d3e-2b0c-4d53-9f0e-0d9a2c1b7e55&channel=liveness-face-h5&lng=en"
    return dict(reversed(made.items())) if "reversed" in VARIED else made


def error(status: str, words: str) -> tuple[str, dict[str, str], bytes]:
    if "vendor-errors" in VARIED:
        said: object = {"error": {"message": words, "type": "authentication_error", "code": "invalid_api_key"}}
    elif "wordy-errors" in VARIED:
        number = f"20260427111505260254000{os.urandom(4).hex()}"
        text = f"{words} at line 1 of /volc: {os.urandom(24).hex()}%20 {{field}} is undefined (request id: {number})"
        said = {"error": {"message": text, "type": "new_api_error", "param": "", "code": ""}, "path": ROUTE}
    elif "odd-errors" in VARIED:
        said = [words, {"status": status[:3]}, None]
    else:
        return status, {}, b""
    return status, {"Content-Type": media_type()}, dump(said)


def media_type() -> str:
    return "application/json; charset=utf-8" if "charset" in VARIED else "application/json"


def dump(value: object) -> bytes:
    return json.dumps(value, indent=2 if "pretty" in VARIED else None, ensure_ascii="escaped" in VARIED).encode()


def written(status: str, headers: dict[str, str], content: bytes, method: str) -> bytes:
    if "extra-headers" in VARIED:
        headers = {**headers, "X-Request-Id": os.urandom(8).hex(), "Set-Cookie": "a=b; Path=/", "Server": "raw"}
    if "closing" in VARIED:
        headers = {**headers, "Connection": "close"}
    if "chunked" in VARIED:
        headers = {**headers, "Transfer-Encoding": "chunked"}
        pieces = [content[at : at + 7] for at in range(0, len(content), 7)]
        content = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        headers = {**headers, "Content-Length": str(len(content))}
    lines = [f"{name.lower() if 'lower-names' in VARIED else name}: {text}" for name, text in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")
    return head if method == "HEAD" else head + content


if __name__ == "__main__":
    main()
