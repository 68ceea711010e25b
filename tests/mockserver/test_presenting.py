"""What the commands print: any document comes back from an export as it was, and no table breaks a path."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import presenting
from mockserver.presenting import export_text, routes_table
from openapi.contract import packaged_contract
from openapi.document import Document
from openapi.reading import Json, read_value

TRICKY = [
    "0o14", "0x1F", "012", "1e5", "1.5e3", "+.5", "5.", "1_000", "12:30:45", "2026-01-01", "y", "on", "~", "null",
    "true", ".inf", ".nan", "=", "<<", "!x", "- a", "? a", "a: b", "#a", "a #b", "\x00", "\x85", "\u2028", "\ufeff",
    "a\nb", "\n", "  a", "a  ", "'", '"', "%a", "@a", "`a", "&a", "*a", "|", ">", "{", "[", "", 1e300, 1e-7, -0.0,
    10**30, True, None, "x" * 300, "a b " * 60, "\t", "---", "...", "\U0001f600",
]  # fmt: skip
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.text("0123456789+-.eExo_:\n ", max_size=8) | st.sampled_from(TRICKY)
)  # fmt: skip
trees = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner), max_leaves=9)


def exported(value: Json, style: str) -> str:
    return export_text(Document("made", "memory:made", b"", {"openapi": "3.1.0", "value": value}), None, style)


@pytest.mark.parametrize("style", ["yaml", "json"])
@given(trees)
def test_any_document_comes_back_from_its_export(style: str, value: Json) -> None:
    back = read_value(exported(value, style).encode(), "made")
    assert json.dumps(back) == json.dumps({"openapi": "3.1.0", "value": value})


@pytest.mark.parametrize("value", TRICKY)
def test_text_that_two_versions_of_yaml_read_differently_is_quoted(value: Json) -> None:
    back = read_value(exported({str(value): [value]}, "yaml").encode(), "made")
    assert json.dumps(back) == json.dumps({"openapi": "3.1.0", "value": {str(value): [value]}})


def test_value_that_stands_twice_is_written_twice() -> None:
    shared: Json = {"a": [1]}
    text = exported([shared, shared], "yaml")
    assert "&" not in text
    assert text.count("a:") == 2


def test_version_stays_readable() -> None:
    assert exported(1, "yaml") == "openapi: 3.1.0\nvalue: 1\n"


@pytest.mark.parametrize(("terminal", "columns", "lines"), [(False, 80, 3), (True, 200, 3), (True, 80, 12)])
def test_routes_have_a_line_each_where_there_is_room_and_several_where_a_path_would_break(
    terminal: bool,
    columns: int,
    lines: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    monkeypatch.setattr(presenting, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    routes_table(packaged_contract())
    said = capsys.readouterr().out
    assert len(said.splitlines()) == lines
    assert all(
        said.count(f"/volc/asset/{name}") == 1 for name in ("CreateVisualValidateSession", "GetVisualValidateResult")
    )
    assert "statuses" in said
    assert "  answered by  get_visual_validate_result\n" in said or lines == 3
