"""A run of the comparison from end to end, with small servers in the place of the peers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from benchmarks import peers
from benchmarks.against_peers import main
from benchmarks.installing import CannotInstall
from benchmarks.peers import BARE, OURS, PEERS, Peer

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.installing import Source

CONSTANT = """
import http.server, sys
class Constant(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"BytedToken": "2026070222152680501D985EA34A3BE3D8"}'
        self.send_response(200 if self.headers["Authorization"] else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Constant).serve_forever()
"""

FIRST_WRONG = f"""
import pathlib
once = pathlib.Path(__file__).with_suffix(".once")
if not once.exists():
    once.touch()
    raise SystemExit(4)
{CONSTANT}
"""


class Nowhere:
    """A source that has nothing."""

    def install(self, name: str) -> Path:
        raise CannotInstall(f"{name} is not to be had")


@dataclass(frozen=True)
class Program:
    """A source that writes a program."""

    text: str
    folder: Path

    def install(self, name: str) -> Path:
        (self.folder / f"{name}.py").write_text(self.text, encoding="ascii")
        return self.folder


def server(name: str, source: Source) -> Peer:
    return Peer(name, "1.0", ("{python}", f"{{installed}}/{name}.py", "{port}"), BARE.fault, "", source)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, servers: tuple[Peer, ...], *options: str) -> int:
    monkeypatch.setattr(peers, "PEERS", servers)
    return main(["--load-rounds", "0", "--output", str(folder), *options])


def test_what_could_not_be_measured_has_its_reason_and_ends_the_run_with_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = (
        server("constant", Program(CONSTANT, tmp_path)),
        server("dying", Program("raise SystemExit(3)", tmp_path)),
        server("slipping", Program(FIRST_WRONG, tmp_path)),
        server("absent", Nowhere()),
        server("wrong", Program(CONSTANT.replace("2026", "2025"), tmp_path)),
    )
    assert run(monkeypatch, tmp_path, servers, "--rounds", "2") == 1
    told = capsys.readouterr()
    assert re.search(r"^\| constant 1\.0 \| 0\.\d{3} \|$", told.out, re.MULTILINE)
    assert "| constant 1.0 | 401 | 200 | 200 | no | no |" in told.out
    assert "| dying 1.0 | not measured: dying ended with status 3 while starting. |" in told.out
    assert "| absent 1.0 | not measured: absent is not to be had |" in told.out
    assert "| wrong 1.0 | not measured: wrong: not the example of the document: status 200. |" in told.out
    assert re.search(r"^\| slipping 1\.0 \| 0\.\d{3} \|$", told.out, re.MULTILINE)
    assert "- a turn was repeated: slipping ended with status 4 while starting." in told.out
    assert sorted(re.findall(r"round 2 of 2: (\w+)", told.err)) == ["constant", "slipping"], (
        "who failed twice has no more turns"
    )


def test_saved_result_can_be_drawn_again_and_measures_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, (server("constant", Program(CONSTANT, tmp_path)),), "--rounds", "2") == 0
    (saved,) = tmp_path.glob("*.json")
    assert len(json.loads(saved.read_text("utf-8"))["servers"][0]["cold_starts"]) == 2
    first = capsys.readouterr().out.partition("Saved: ")[0]
    picture = tmp_path / "pictures" / "peers.svg"
    assert main(["--redraw", str(saved), "--picture", str(picture)]) == 0
    assert capsys.readouterr().out.strip() == first.strip()
    assert picture.read_text("utf-8") == saved.with_suffix(".svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--only", "nobody"], "no server is called nobody"), (["--redraw", __file__], "no result of this comparison")],
)
def test_wrong_option_is_told_without_measuring(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_ours_and_the_constant_under_our_server_are_compared_by_default() -> None:
    assert (PEERS[0], PEERS[-1]) == (OURS, BARE)
    assert {one.name for one in PEERS[1:-1]} == {
        *("prism", "scalar", "openapi-backend", "mockoon", "wiremock", "specmatic", "connexion"),
    }
