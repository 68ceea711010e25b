"""Bytes become JSON values: by the rules of YAML 1.2, with bounds, and with errors that name the spot."""

from __future__ import annotations

import time

import pytest

from openapi.errors import ContractError
from openapi.reading import MAX_ALIASED_NODES, MAX_DEPTH, Json, deeper_than, read_value


def read(text: str, lines: dict[str, int] | None = None) -> Json:
    return read_value(text.encode(), "file.yaml", lines)


def refusal(text: str | bytes) -> ContractError:
    with pytest.raises(ContractError) as caught:
        read_value(text.encode() if isinstance(text, str) else text, "file.yaml")
    assert caught.value.remedy
    assert caught.value.place is not None
    assert caught.value.place.file == "file.yaml"
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-12", -12),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-22", "2026-11-22"),
        ("1.5", 1.5),
        (".5e1", 5.0),
        ("1.0", 1.0),
        ("1.1.0", "1.1.0"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.0e999", "1.0e999"),
        ("20260702221526E0501698503413435812", "20260702221526E0501698503413435812"),
        ("'200'", "200"),
        ('"true"', "true"),
        ("! 12", "12"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("!!float 12", 12),
        ("!!map {a: 1}", {"a": 1}),
        ("<<", "<<"),
    ],
)
def test_yaml_scalar_is_read_by_the_rules_of_version_1_2(written: str, value: Json) -> None:
    got = read(f"key: {written}\n")

    assert got == {"key": value}
    assert type(got["key"]) is type(value)


@pytest.mark.parametrize("key", ["200", "true", "null", "2026-11-22", "1.0"])
def test_key_of_another_type_stays_the_text_that_was_written(key: str) -> None:
    assert read(f"{key}: here\n") == {key: "here"}


@pytest.mark.parametrize(
    "tagged", ["!!int true", "!!bool yes", "!!binary aGk=", "!include x", "!ref {a: 1}", "!!set {a}"]
)
def test_tag_that_json_does_not_know_is_refused(tagged: str) -> None:
    error = refusal(f"top:\n  key: {tagged}\n")

    assert "tag" in error.what
    assert str(error.place) == "file.yaml:2 at /top/key"


@pytest.mark.parametrize(
    "text",
    ["a: 1\nb: {x: 1,\n  x: 2}\n", "a: 1\nb:\n  - x: 1\n    y: 2\n    x: 3\n", '{"a": 1, "b": {"x": 1,\n "x": 2}}'],
)
def test_duplicate_key_is_refused_with_line_and_pointer(text: str) -> None:
    error = refusal(text)

    assert "'x' stands twice" in error.what
    assert error.place is not None
    assert error.place.line == text[: text.rindex("x")].count("\n") + 1
    assert error.place.pointer in ("/b/x", "/b/0/x")


@pytest.mark.parametrize(
    "text",
    [
        "base: &base {x: 1, y: 1}\nuser: {<<: *base, x: 2}\n",
        "base: &base {x: 1, y: 1}\nuser: {x: 2, <<: *base}\n",
        "one: &one {x: 1}\nbase: &base {x: 3, y: 1}\nuser: {x: 2, <<: [*one, *base]}\n",
    ],
)
def test_merge_key_takes_over_what_is_not_written_out(text: str) -> None:
    value = read(text)

    assert isinstance(value, dict)
    assert value["user"] == {"x": 2, "y": 1}


def test_merge_key_with_earlier_source_in_a_list_wins() -> None:
    assert read("user: {<<: [{x: 1}, {x: 2}]}\n") == {"user": {"x": 1}}


def test_merge_key_does_not_hide_a_key_written_twice() -> None:
    assert "'x' stands twice" in refusal("user: {<<: {x: 0}, x: 1, x: 2}\n").what


def test_merge_key_in_quotes_is_an_ordinary_key() -> None:
    assert read('user: {"<<": {x: 1}}\n') == {"user": {"<<": {"x": 1}}}


def test_merge_of_something_other_than_a_mapping_is_refused() -> None:
    assert "merge key" in refusal("user: {<<: 5}\n").what


def test_alias_gives_a_copy_and_not_the_same_object() -> None:
    value = read("a: &a {x: [1]}\nb: *a\n")

    assert isinstance(value, dict)
    assert value["a"] == value["b"]
    assert value["a"] is not value["b"]


def test_alias_of_a_key_is_its_text() -> None:
    assert read("&name Id: 1\nlike: *name\n") == {"Id": 1, "like": "Id"}


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: *nowhere\n"])
def test_alias_to_itself_or_to_nothing_is_refused(text: str) -> None:
    assert "alias" in refusal(text).what


def test_billion_laughs_stop_at_once() -> None:
    text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
    text += "".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12))
    started = time.monotonic()

    assert "too many" in refusal(text).what
    assert time.monotonic() - started < 10
    assert MAX_ALIASED_NODES < 10**11


def test_aliases_that_stack_depth_on_depth_are_refused() -> None:
    text = f"a0: &a0 {'[' * 150}{']' * 150}\n"
    text += "".join(f"a{level}: &a{level} {'[' * 150} *a{level - 1} {']' * 150}\n" for level in range(1, 20))

    error = refusal(text)

    assert f"deeper than {MAX_DEPTH}" in error.what
    assert error.place is not None
    assert error.place.line == 2


@pytest.mark.parametrize("pair", ["[]", "{}"])
@pytest.mark.parametrize("levels", [MAX_DEPTH + 2, 100_000])
def test_nesting_beyond_the_bound_is_refused_in_both_syntaxes(levels: int, pair: str) -> None:
    start = "[" if pair == "[]" else '{"a":'
    deep = start * levels + "1" + pair[1] * levels

    assert "deeper" in refusal(deep).what
    assert "deeper" in refusal(f"key: {deep}").what


def test_nesting_up_to_the_bound_is_read() -> None:
    levels = MAX_DEPTH - 1
    value = read("key: " + "[" * levels + "1" + "]" * levels)

    assert deeper_than(value, levels)
    assert not deeper_than(value, MAX_DEPTH)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1e400}', "1e400"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
    ],
)
def test_json_number_that_json_does_not_have_is_refused(text: str, told: str) -> None:
    assert told in refusal(text).what


def test_flow_style_yaml_is_read_although_it_begins_like_json() -> None:
    assert read("{openapi: 3.1.0, tags: [a, 'b'],}") == {"openapi": "3.1.0", "tags": ["a", "b"]}


def test_broken_json_is_reported_as_json_with_its_line() -> None:
    error = refusal('{"a": 1,\n "b" 2]')

    assert "Not JSON" in error.what
    assert error.place is not None
    assert error.place.line == 2


@pytest.mark.parametrize(
    ("raw", "told", "line"),
    [
        (b"a: 1\nb: [1,\n", "Not YAML", 3),
        (b"a:\n\tb: 1\n", "YAML takes no tab in front of a line.", 2),
        (b"a: {\n\t  b: @\n  }\n", "Not YAML", 2),
        (b"a: 1\n\xff: 2\n", "not UTF-8", 2),
        ("a: 1".encode("utf-16"), "not UTF-8", 1),
        (b"", "empty", None),
        (b" \n", "empty", None),
        (b"a: 1\n---\nb: 2\n", "several YAML documents", 2),
        (b"a: 1\nb: \x01\n", "U+0001 stands here", 2),
        (b"? [a]\n: 1\n", "used as a key", 1),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_its_line(raw: bytes, told: str, line: int | None) -> None:
    error = refusal(raw)

    assert told in error.what
    assert error.place is not None
    assert error.place.line == line


def test_byte_order_mark_is_skipped() -> None:
    assert read_value(b"\xef\xbb\xbfa: 1\n", "file") == {"a": 1}


def test_lines_are_kept_for_every_value_when_asked_for() -> None:
    lines: dict[str, int] = {}

    read("a:\n  b/c: 1\n  list:\n    - x\n    - y: 2\n", lines)

    assert lines == {"": 1, "/a": 2, "/a/b~1c": 2, "/a/list": 4, "/a/list/0": 4, "/a/list/1": 5, "/a/list/1/y": 5}


def test_lines_of_json_are_known_too() -> None:
    lines: dict[str, int] = {}

    assert read('{\n "a": [1,\n  2]\n}', lines) == {"a": [1, 2]}
    assert lines["/a/1"] == 3
