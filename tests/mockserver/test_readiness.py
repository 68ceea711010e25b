"""What a mock that is ready writes down: whole or not at all, without secrets, and not of a run that is gone."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from mockserver.readiness import Ready, UnusableFile, read_ready, told, try_to_write

if TYPE_CHECKING:
    from pathlib import Path

READY = Ready("http://127.0.0.1:9", os.getpid(), "sk-mock-byteplus-direct", "open-sesame", "cert.pem")


def gone() -> int:
    """Give the id of a process that ended."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
        return process.pid


def test_what_is_told_is_read_again_without_the_control_token(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    with told("ready file", path, 0o600) as file:
        assert not path.exists()
        file.tell(READY.as_text())
        assert path.stat().st_mode & 0o777 == 0o600
        assert "open-sesame" not in path.read_text(encoding="utf-8") + repr(READY)
        assert read_ready(path) == Ready(READY.url, READY.pid, READY.api_key, "", "cert.pem")
        assert [one.name for one in tmp_path.iterdir()] == ["ready.json"]
    assert not path.exists()


def test_file_of_a_killed_run_is_gone_before_anything_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text(READY.as_text(), encoding="utf-8")
    with told("ready file", path, 0o600):
        assert not path.exists()


def test_file_that_another_run_has_written_since_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    with told("ready file", path, 0o600) as file:
        file.tell(READY.as_text())
        path.write_text("of another run", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "of another run"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"url": "http://a", "pid": "x", "api_key": "k"}',
        '{"url": "http://a", "pid": 1e99, "api_key": "k"}',
        '{"url": "http://a", "pid": Infinity, "api_key": "k"}',
        '{"url": "http://a", "pid": 0, "api_key": "k"}',
        "\x00\x01",
        '{"url": "http://a", "pid": GONE, "api_key": "k"}',
    ],
)
def test_file_that_tells_of_no_living_mock_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ready.json"
    path.write_text(text.replace("GONE", str(gone())), encoding="utf-8")
    assert read_ready(path) is None
    assert read_ready(tmp_path / "nowhere.json") is None


def test_process_of_somebody_else_counts_as_living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    path = tmp_path / "ready.json"
    path.write_text(READY.as_text(), encoding="utf-8")
    assert read_ready(path) is not None


def test_nobody_reads_half_of_it(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    long = Ready("http://127.0.0.1:9", os.getpid(), "k" * 200_000)
    seen: list[Ready | None] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            if path.exists():
                seen.append(read_ready(path))

    reader = threading.Thread(target=look)
    with told("ready file", path, 0o600) as file:
        file.tell(long.as_text())
        reader.start()
        for _ in range(40):
            file.tell(long.as_text())
        stop.set()
        reader.join()
    assert set(seen) == {long}


@pytest.mark.parametrize(("name", "reason"), [("no/ready.json", "No such file"), (".", "it is a folder")])
def test_file_that_cannot_be_written_is_refused_before_the_start(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason) as refused:
        try_to_write("ready file", tmp_path / name)
    assert str(refused.value).startswith("The ready file ")


def test_disk_that_is_full_later_is_said_and_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "taken-away"
    folder.mkdir()
    with told("ready file", folder / "ready.json", 0o600) as file:
        folder.rmdir()
        file.tell(READY.as_text())
    assert "cannot be written: No such file or directory." in capsys.readouterr().err
