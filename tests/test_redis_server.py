"""Tests that need a Redis server say what to install, and are left out only where nobody promised to run them."""

from __future__ import annotations

import pytest

from tests.redis_server import INSTALL, require_redis_server


def test_missing_server_leaves_tests_out_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"^{INSTALL}$"):
        require_redis_server()


def test_missing_server_fails_tests_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"^{INSTALL}$"):
        require_redis_server()
