"""The scanner finds what is planted: in each kind of place, in each form, and in parts."""

from __future__ import annotations

import gzip
import string
from typing import TYPE_CHECKING

import pytest

from tests.canaries.hostile import FORMS, canary
from tests.canaries.scanning import PART, Leak, files_below, leaks

if TYPE_CHECKING:
    from pathlib import Path

SECRET = canary("planted")
SECRETS = {"it": SECRET, "another": canary("another")}


def found(text: bytes | str) -> set[str]:
    return {leak.secret for leak in leaks({"x": text}, SECRETS)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", '{{"a": "{}"}}', "x{}y", "line\n{}\nline", "<p title='{}'>"])
def test_secret_is_found_in_every_form(form: str, around: str) -> None:
    assert found(around.format(FORMS[form](SECRET))) == {"it"}


@pytest.mark.parametrize("start", range(0, len(SECRET) - PART + 1, 5))
def test_part_of_a_secret_is_found_and_a_shorter_one_is_none(start: int) -> None:
    assert found(f"a{SECRET[start : start + PART]}b") == {"it"}
    assert found(f"+{SECRET[start : start + PART - 1]}+") == set()


def test_bytes_that_are_no_text_are_searched_too() -> None:
    assert found(b"\x00\xff" + SECRET.encode() + b"\x00") == {"it"}
    assert found(SECRET.encode("utf-16")) == {"it"}
    assert found(gzip.compress(gzip.compress(f"so {SECRET}".encode()))) == {"it"}


def test_leak_is_named_by_file_secret_and_form(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "log.gz").write_bytes(gzip.compress(FORMS["hexadecimal"](SECRET).encode()))
    (tmp_path / f"report-{SECRET}").touch()
    told = leaks(files_below(tmp_path), SECRETS)
    assert Leak("below/log.gz", "it", "gzip, as it is, hexadecimal") in told
    assert Leak("names of files", "it", "as it is") in told


def test_text_without_a_secret_raises_no_alarm() -> None:
    assert found(string.printable * 50 + "".join(map(str, range(20000)))) == set()


def test_date_at_the_start_of_a_token_is_none() -> None:
    secrets = {"token": "2026070222152680501D985EA34A3BE3D8"}
    assert leaks({"x": "20260702221526"}, secrets) == []
    assert [leak.secret for leak in leaks({"x": "501d985ea34a3be3"}, secrets)] == ["token"]
