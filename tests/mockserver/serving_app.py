"""A small WSGI application and a start script: what test_serving.py runs in a process of its own.

Options are one JSON object; each event that the tests wait for is one line on stdout.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.serving import Manner, PortTaken, reserve, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    StartResponse = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    route = environ["PATH_INFO"].strip("/").split("/")[0]
    return ROUTES.get(route, answer_environ)(environ, start_response)


def answer(start_response: StartResponse, body: bytes) -> list[bytes]:
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def answer_environ(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    shown = {key: value for key, value in environ.items() if isinstance(value, str)}
    if "HTTP_X_READ" in environ:
        try:
            shown["body"] = environ["wsgi.input"].read(int(environ["HTTP_X_READ"])).decode("latin-1")
        except OSError:  # it broke off, and the server tells
            shown["body"] = ""
    return answer(start_response, json.dumps(shown).encode())


def answer_pid(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    return answer(start_response, str(os.getpid()).encode())


def answer_later(environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    later: Callable[..., Iterable[bytes]] = environ["mockserver.later"]
    return later(float(environ["QUERY_STRING"]), "201 Created", [("Content-Length", "4")], b"late")


def answer_later_wrongly(environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    later: Callable[..., Iterable[bytes]] = environ["mockserver.later"]
    return later(0, "200 OK", [("X-Number", 5)], b"")


def answer_slowly(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    say("sleeping")
    time.sleep(float(environ["QUERY_STRING"]))
    return answer(start_response, b"slept")


def answer_closing(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "2"), ("Connection", "close")])
    return [b"ok"]


def raise_at_once(_environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    raise ValueError("sk-secret")


def raise_in_generator(environ: dict[str, Any], _start_response: StartResponse) -> Iterator[bytes]:
    if environ:
        raise ValueError("sk-secret")
    yield b""


def raise_in_the_middle(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Length", "10")])
    yield b"12345"
    raise ValueError("sk-secret")


def exit_process(_environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    raise SystemExit(3)


def forget_start_response(_environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    return [b"x"]


def answer_status_99(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("99 Odd", [])
    return [b"x"]


def answer_in_pieces(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Length", "6")])
    yield b"abc"
    yield b"def"


def answer_endlessly(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    try:
        while True:
            yield bytes(64 * 1024)
    finally:
        say("flood ended")


ROUTES: dict[str, Callable[[dict[str, Any], StartResponse], Iterable[bytes]]] = {
    "pid": answer_pid,
    "later": answer_later,
    "later-wrong": answer_later_wrongly,
    "sleep": answer_slowly,
    "closing": answer_closing,
    "raise": raise_at_once,
    "raise-generator": raise_in_generator,
    "raise-middle": raise_in_the_middle,
    "exit": exit_process,
    "no-start": forget_start_response,
    "status-99": answer_status_99,
    "pieces": answer_in_pieces,
    "flood": answer_endlessly,
}


def say(line: str) -> None:
    """Print a line in one piece: the workers share this stdout."""
    os.write(1, f"{line}\n".encode())


def main(options: dict[str, Any]) -> int:
    if "open_files" in options:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options["open_files"], options["open_files"]))
    if "start_method" in options:
        multiprocessing.set_start_method(options["start_method"])
    from mockserver import intake

    intake.BODY_TIME = options.get("body_time", intake.BODY_TIME)
    intake.CROWDED_TIME = options.get("crowded_time", intake.CROWDED_TIME)
    if options.get("watch_parent") or "header_time" in options:
        from mockserver import granian_worker, kinship

        granian_worker.HEADER_TIME = options.get("header_time", granian_worker.HEADER_TIME)
        if options.get("watch_parent"):
            kinship._ask_for_death_signal = lambda number: not number

    def load(worker: int) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
        say(f"worker {os.getpid()}")
        time.sleep(options.get("load_seconds", 0))
        if worker == options.get("slow_worker"):
            time.sleep(0.4)
            say("slow one loaded")
        if options.get("load_fails") or Path(options.get("load_fails_if", "/no/such/file")).exists():
            raise LookupError("no such contract")
        return application

    try:
        reservation = reserve("127.0.0.1", options.get("port", 0))
    except PortTaken:
        say("taken")
        return 4
    say(f"reserved {reservation.address.port} with {threading.active_count()} threads")
    manner = Manner(
        workers=options.get("workers", 1),
        raw_paths=options.get("raw_paths", False),
        body_limit=options.get("body_limit", sys.maxsize),
    )
    return serve(reservation, load, manner, on_ready=lambda address: say(f"ready {address.url}"))


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
