"""The ready file of a real mock, and a contract that changes and breaks under load."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from openapi.profiles import HOME
from tests.system.load import Load
from tests.system.running import PATIENCE, Mock, eventually


def test_ready_file_comes_when_every_worker_answers_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    path.write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": ended.pid, "api_key": "k"}), encoding="utf-8")
    waiting = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "wait", "--ready-file", str(path)], stdout=subprocess.PIPE, text=True
    )
    mock = Mock(tmp_path, "--workers", "4", "--ready-file", str(path))
    try:
        assert eventually(lambda: f'"pid": {mock.process.pid}' in (path.read_text() if path.exists() else ""))
        assert len([pid for pid in mock.workers if listens(pid)]) == 4
        told = json.loads(path.read_text(encoding="utf-8"))
        assert told == {"url": f"http://127.0.0.1:{mock.port}", "pid": mock.process.pid, "api_key": told["api_key"]}
        assert path.stat().st_mode & 0o777 == 0o600
        assert waiting.communicate(timeout=PATIENCE)[0] == f"{told['url']} is ready\n"
        assert mock.end() == 0
        assert not path.exists()
    finally:
        waiting.kill()
        mock.kill()


def listens(pid: int) -> bool:
    """Whether a process has a listening socket, as the kernel's tables have it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    return any(str(one.readlink()) in listening for one in Path(f"/proc/{pid}/fd").iterdir())


def test_contract_broken_and_mended_under_load_fails_no_request_and_keeps_every_session(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for path in (*HOME.glob("vendor/*.yaml"), *HOME.glob("reconstructed/*.yaml")):
        shutil.copy(path, folder)
    page = folder / "create-visual-validate-session.yaml"
    good = page.read_text(encoding="utf-8")
    with (
        Mock(tmp_path, "--workers", "2", "--watch", "documents") as mock,
        mock.a_connection_to_each_worker() as clients,
    ):

        def versions() -> set[str]:
            return {str(client.control("health").value["contract"]["sha256"]) for client in clients}

        (first,) = versions()
        with Load([mock.port]) as load:
            load.go_on()
            page.write_text(good.replace("responses:", "responses: ["), encoding="utf-8")
            assert eventually(lambda: "cannot be used" in mock.err)
            load.go_on()
            assert versions() == {first}
            page.write_text(f"{good}\nx-edited: true\n", encoding="utf-8")
            assert eventually(lambda: first not in versions() and len(versions()) == 1)
            load.go_on()
        assert load.breaks == []
        load.check(clients)
        (second,) = versions()
        assert mock.end() == 0
    assert f"served now: sha256 {first[:12]}, 2 operation(s)" in mock.err
    (refused,) = re.findall("the changed contract cannot be used, the one before stays: (.*)", mock.err)
    assert re.match(r"documents/create-visual-validate-session\.yaml:\d+: Not YAML: ", refused), refused
    assert mock.err.count("is served from now on") == mock.err.count(f"from now on: sha256 {second[:12]}") == 1
    assert "Traceback" not in mock.err
