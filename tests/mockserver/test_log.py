"""The request log: one line each, nothing that a caller can write into a terminal, and no answer that waits for it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import PlainHeaders, Request, Response
from mockserver.log import RequestLog
from mockserver.writer import Decision

ROOT = Path(__file__).parents[2]


def lines(style: Literal["text", "json"], method: str = "POST", path: str = "/a", detail: str = "") -> list[str]:
    stream = io.StringIO()
    log = RequestLog(style, stream)
    log._started = True  # no thread: a test writes by hand
    log(
        Request(method, path, "q=secret", PlainHeaders({}), io.BytesIO().read),
        Response(400, [], b""),
        Decision("body.json", "rfc", detail),
    )
    log.flush()
    return stream.getvalue().splitlines()


def test_text_line_tells_time_method_path_status_rule_and_detail() -> None:
    (line,) = lines("text", detail="The body is not JSON.")
    assert re.fullmatch(r"[0-9]{2}:[0-9]{2}:[0-9]{2} POST /a 400 body\.json  The body is not JSON\.", line)


def test_slash_that_was_encoded_is_told_from_one_that_was_not() -> None:
    stream = io.StringIO()
    log = RequestLog("text", stream)
    log._started = True  # as above
    for raw, path in (("/a%2fb", "/a/b"), ("/a%2Fb%25", "/a/b%"), ("/a%252Fb", "/a%2Fb"), ("", "/a/b")):
        request = Request("GET", path, "", PlainHeaders({}), io.BytesIO().read, raw_path=raw)
        log(request, Response(200, [], b""), Decision("ok", "rfc"))
    log.flush()
    assert [line.split()[2] for line in stream.getvalue().splitlines()] == ["/a%2Fb", "/a%2Fb%25", "/a%2Fb", "/a/b"]


def test_json_line_holds_the_same_as_fields() -> None:
    (line,) = lines("json", detail="ä\n")
    fields = json.loads(line)
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z", fields.pop("time"))
    assert fields == {
        "method": "POST", "path": "/a", "status": 400, "rule": "body.json", "basis": "rfc", "detail": "ä\n",
    }  # fmt: skip


@given(st.text(), st.text(), st.sampled_from(["text", "json"]))
def test_nothing_that_a_caller_sends_makes_a_second_line_or_a_control_character(
    path: str, detail: str, style: Literal["text", "json"]
) -> None:
    (line,) = lines(style, "P\x1b", path, detail)
    assert line.isascii()
    assert line.isprintable()
    assert "secret" not in line or "secret" in path + detail


def test_log_that_nobody_reads_any_more_is_given_up_in_silence() -> None:
    class Closed(io.StringIO):
        def write(self, _: str, /) -> int:
            raise BrokenPipeError

    log = RequestLog("text", Closed())
    log._started = True
    log(Request("GET", "/", "", PlainHeaders({}), io.BytesIO().read), Response(200, [], b""), Decision("a", "b"))
    log.flush()


def test_waiting_lines_are_bounded_and_the_newest_are_kept() -> None:
    stream = io.StringIO()
    log = RequestLog("text", stream)
    log._started = True
    for number in range(100_010):
        log(
            Request("GET", f"/{number}", "", PlainHeaders({}), io.BytesIO().read),
            Response(200, [], b""),
            Decision("a", "b"),
        )
    log.flush()
    found = stream.getvalue().splitlines()
    assert len(found) == 100_000
    assert " /100009 " in found[-1]


@pytest.mark.parametrize("ending", ["time.sleep(0.3)", "pass"])
def test_lines_are_written_a_moment_later_and_at_the_end(ending: str) -> None:
    program = (
        "import io, os, time; from mockserver.log import RequestLog; from mockserver.exchange import *\n"
        "from mockserver.writer import Decision\n"
        "log = RequestLog('text')\n"
        "for n in range(5):\n"
        "    request = Request('GET', f'/{n}', '', PlainHeaders({}), io.BytesIO().read)\n"
        "    log(request, Response(200, [], b''), Decision('a', 'b'))\n"
        f"{ending}\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert [line.split()[2] for line in run.stderr.splitlines()] == ["/0", "/1", "/2", "/3", "/4"]
