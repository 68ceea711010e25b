"""The runner of console blocks itself: on texts, and with a stand-in for the mock."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests import console_blocks
from tests.console_blocks import Command, differences, find_commands, matches, server_arguments

if TYPE_CHECKING:
    from pathlib import Path

STAND_IN = """
    import sys
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from pathlib import Path

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{self.path} of {self.headers['Host']}\\n".encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    print("options:", *sys.argv[1:-4])
    print(f"ready on http://127.0.0.1:{server.server_port}", flush=True)
    Path(sys.argv[-1]).write_text(str(server.server_port))
    server.serve_forever()
"""

TRUE_PAGE = """
```console
$ curl -s http://127.0.0.1:8080/early
/early of 127.0.0.1:8080
$ make mock ARGS="--seed 7"
options: --seed 7
ready on http://127.0.0.1:8080
$ curl -s http://127.0.0.1:8080/late
...
```
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "mockserver"
    program.write_text(f"#!{sys.executable}\n{textwrap.dedent(STAND_IN)}", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(console_blocks, "BIN", tmp_path)
    return tmp_path


def test_a_true_page_has_no_differences(stand_in: Path) -> None:
    assert list(differences(list(find_commands("p.md", TRUE_PAGE)), stand_in)) == []


@pytest.mark.parametrize(
    ("said", "line"),
    [
        pytest.param(("/early of", "/never of"), 3, id="answer"),
        pytest.param(("options: --seed 7", "options: --seed 8"), 5, id="start-up-lines"),
        pytest.param(("...\n", "...\nand more\n"), 8, id="a-line-too-many"),
    ],
)
def test_a_page_that_lies_is_caught(stand_in: Path, said: tuple[str, str], line: int) -> None:
    (found,) = differences(list(find_commands("p.md", TRUE_PAGE.replace(*said))), stand_in)
    assert found.startswith(f"p.md:{line}: ")


def test_a_mock_that_does_not_start_says_why(stand_in: Path) -> None:
    (stand_in / "mockserver").write_text(f"#!{sys.executable}\nraise SystemExit('no contract')\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="no contract"):
        list(differences([Command("p.md", 1, "mockserver", ())], stand_in))


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        pytest.param("one\ntwo", "one\ntwo\n\n", True, id="equal"),
        pytest.param("one", "one\ntwo", False, id="a-line-more"),
        pytest.param("one\ntwo", "one", False, id="a-line-less"),
        pytest.param("id: ... end", "id: 4711 end", True, id="dots-in-a-line"),
        pytest.param("id: ... end", "id: 4711\nend", False, id="dots-in-a-line-stay-in-it"),
        pytest.param("a\n...\nz", "a\nb\nc\nz", True, id="dots-for-lines"),
        pytest.param("a.c", "abc", False, id="a-dot-is-a-dot"),
        pytest.param("", "surprise", False, id="nothing-shown"),
    ],
)
def test_shown_output_matches_only_what_it_stands_for(shown: str, real: str, same: bool) -> None:
    assert matches(tuple(shown.splitlines()), real) is same


def test_commands_are_found_with_their_output_and_line() -> None:
    text = (
        "Text\n\n```console\n$ mockserver --port 9 &\nready\n$ curl \\\n    -i x\nHTTP\n\n```\n```python\n$ no\n```\n"
    )
    first, second = find_commands("p.md", text)
    assert (first.line, first.text, first.output, first.starts_server) == (4, "mockserver --port 9 &", ("ready",), True)
    assert (second.line, second.text, second.output) == (6, "curl -i x", ("HTTP", ""))
    assert server_arguments(first) == []
    assert server_arguments(Command("p.md", 1, 'make mock ARGS="--seed 7 --port 1"', ())) == ["--seed", "7"]
